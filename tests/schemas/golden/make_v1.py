"""Wrote events_v1.jsonl and commands_v1.jsonl. Run by hand while version 1 is not released yet, or for a type that is new:

    python tests/schemas/golden/make_v1.py

Once lines are in somebody's log they are never written again: a changed contract gets a new version and a new file.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from schemas.commands import COMMAND
from schemas.events import EVENT, seal_chain
from schemas.identity import watch_id
from schemas.words import Role

HERE = Path(__file__).parent
AT = datetime(2026, 5, 6, 2, 30, 0, 123456, tzinfo=UTC)
DUE = datetime(2026, 5, 6, 9, 30, tzinfo=UTC)
PROBLEM, TARGET, SPLIT_OFF = "p003-d03e17135fd3b7d1829497e8", "p004-39bde89bdddadc33572322a4", "p003-2034ce6a8d9a4dbc95d4911f"
CLERK = {"id": "clerk-7", "role": Role.CLERK}
SYSTEM = {"id": "casework", "role": Role.SYSTEM}
UNIT = {"id": "yunxi-chengguan", "role": Role.UNIT, "unit": "yunxi-chengguan"}
INTAKE = {"id": "intake", "role": Role.INTAKE}

EVIDENCE = [{"kind": "category_word", "ref": "020102", "word": "没人扫", "weight": 1.5}]
FINDINGS = {
    "categories": [{"code": "020102", "confidence": 0.82, "evidence": EVIDENCE}],
    "units": [
        {
            "unit": "yunxi-chengguan",
            "cooperators": ["yunxi-shuiwu"],
            "duty_item": "Q024",
            "legal_basis": "《城市市容和环境卫生管理条例》",
            "confidence": 0.82,
            "evidence": [{"kind": "duty_item", "ref": "Q024"}],
        }
    ],
    "urgency": {"level": "urgent", "evidence": [{"kind": "risk_word", "word": "塌陷"}]},
    "place": {"area": "990102001001", "grid": "g-1", "confidence": 0.9, "evidence": [{"kind": "grid_code", "ref": "g-1"}]},
    "basis": "one_duty_item",
    "model": "pack-2026.1",
}
RECORD = {
    "report": "r" + "1" * 32,
    "channel": "hotline",
    "mode": "live",
    "time": AT,
    "received": AT,
    "revision": 2,
    "caller": "k0011",
    "secret": True,
    "content": "c0ffee",
    "request_type": "complaint",
    "attachments": [{"sha256": "0" * 64, "media_type": "image/jpeg", "size": 7}],
    "findings": FINDINGS,
    "sealed": "c2VhbGVk",
}
MEMBER = {
    "report": RECORD["report"],
    "channel": "hotline",
    "mode": "live",
    "time": AT,
    "received": AT,
    "caller": "k0011",
    "secret": True,
    "content": "c0ffee",
    "revision": 2,
    "moves": 1,
    "erased": False,
}
ASSIGNMENT = {
    "unit": "yunxi-chengguan",
    "part": "lead",
    "state": "replied",
    "dispatched": AT,
    "signed": AT,
    "replied": AT,
    "asked": "YXNrZWQ=",
    "reply": "cmVwbHk=",
    "joined_from": SPLIT_OFF,
}

WATCH = watch_id(3, "99000000001320000001", "垃圾满溢")
ALARM = {
    "device": "99000000001320000001",
    "alarm_class": "垃圾满溢",
    "score": 0.91,
    "box": [0.1, 0.2, 0.3, 0.4],
    "track": "t-7",
    "dwell_seconds": 40.0,
}
SEEN = {
    "number": 2,
    "report": RECORD["report"],
    "time": AT,
    "score": 0.91,
    "box": [0.1, 0.2, 0.3, 0.4],
    "track": "t-7",
    "clears": DUE,
}

EVENTS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    (
        INTAKE,
        {
            "type": "ProblemRegistered",
            "order_number": "260506-003-4820193-6",
            "mode": "live",
            "basis": "one_duty_item",
            "category": "020102",
            "category_confidence": 0.82,
            "urgency": "urgent",
            "area": "990102001001",
            "grid": "g-1",
            "record": RECORD,
            "members": [MEMBER],
            "split_from": TARGET,
        },
    ),
    (INTAKE, {"type": "ReportAdded", "record": RECORD, "reason": "same_caller_same_text", "score": 1.0}),
    (INTAKE, {"type": "ReportRevised", "record": RECORD, "revision": 3}),
    (INTAKE, {"type": "ReportMadeLive", "report": RECORD["report"], "basis": "person"}),
    (CLERK, {"type": "ReportErased", "report": RECORD["report"]}),
    (
        CLERK,
        {
            "type": "Dispatched",
            "basis": "person",
            "lead": "yunxi-chengguan",
            "cooperators": ["yunxi-shuiwu"],
            "notes": {"yunxi-chengguan": "bm90ZQ=="},
            "category": "020102",
            "duty_item": "Q024",
            "sign_due": AT,
            "handle_due": DUE,
        },
    ),
    (UNIT, {"type": "AssignmentSigned", "unit": "yunxi-chengguan"}),
    (UNIT, {"type": "AssignmentReplied", "unit": "yunxi-chengguan", "text": "cmVwbHk="}),
    (CLERK, {"type": "ProblemClosed", "reason": "已办结"}),
    (SYSTEM, {"type": "ClockExpired", "clock": "handle", "due": DUE}),
    (SYSTEM, {"type": "AskedAgain", "due": DUE}),
    (UNIT, {"type": "CommandParked", "parked": '{"type":"Sign"}'}),
    (CLERK, {"type": "MergeAsked", "target": TARGET, "ask": "c-ask", "due": DUE, "unsplit": True}),
    (SYSTEM, {"type": "MergeReleased", "code": "target_busy"}),
    (SYSTEM, {"type": "Merged", "root": TARGET, "followed": ["r-followed"]}),
    (
        SYSTEM,
        {
            "type": "MembersAbsorbed",
            "source": SPLIT_OFF,
            "members": [MEMBER],
            "assignments": [ASSIGNMENT],
            "first_dispatch": AT,
            "sign_due": DUE,
            "handle_due": DUE,
            "basis": "person",
            "category": "020102",
            "duty_item": "Q024",
            "absorbed": [TARGET],
        },
    ),
    (CLERK, {"type": "UndoAsked", "ask": "c-undo", "due": DUE}),
    (SYSTEM, {"type": "MembersGivenBack", "source": SPLIT_OFF, "members": [MEMBER], "absorbed": [TARGET]}),
    (SYSTEM, {"type": "MergeUndone", "members": [MEMBER], "gone": ["r-split"]}),
    (CLERK, {"type": "SplitAsked", "target": SPLIT_OFF, "ask": "c-found", "reports": [RECORD["report"]], "due": DUE}),
    (SYSTEM, {"type": "SplitFinished", "target": SPLIT_OFF}),
    (
        INTAKE,
        {
            "type": "WatchPlaced",
            "device": "99000000001320000001",
            "alarm_class": "垃圾满溢",
            "category": "020101",
            "area": "990102001001",
            "area_path": "/990000/990102/990102001/990102001001/",
            "grid": "g-1",
        },
    ),
    (INTAKE, {"type": "AlarmObserved", **SEEN}),
    (INTAKE, {"type": "AlarmHeld", **SEEN, "record": RECORD}),
    (INTAKE, {"type": "AlarmOpened", **SEEN}),
    (INTAKE, {"type": "AlarmCorrected", "number": 2, "record": RECORD}),
    (CLERK, {"type": "AlarmConfirmed", "number": 2, "report": RECORD["report"]}),
    (CLERK, {"type": "AlarmDismissed", "number": 2}),
    (SYSTEM, {"type": "TracksCleared", "numbers": [2]}),
]

COMMANDS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    (INTAKE, {"type": "AddReport", "record": RECORD}),
    (INTAKE, {"type": "ReviseReport", "problem": PROBLEM, "record": RECORD}),
    (INTAKE, {"type": "MakeLive", "problem": PROBLEM, "report": RECORD["report"], "findings": FINDINGS}),
    (
        CLERK,
        {
            "type": "Assign",
            "problem": PROBLEM,
            "lead": "yunxi-chengguan",
            "cooperators": ["yunxi-shuiwu"],
            "category": "020102",
            "duty_item": "Q024",
            "notes": {"yunxi-chengguan": "bm90ZQ=="},
        },
    ),
    (UNIT, {"type": "Sign", "problem": PROBLEM}),
    (UNIT, {"type": "Reply", "problem": PROBLEM, "text": "cmVwbHk="}),
    (CLERK, {"type": "Close", "problem": PROBLEM, "reason": "已办结"}),
    (CLERK, {"type": "EraseReport", "problem": PROBLEM, "report": RECORD["report"]}),
    (SYSTEM, {"type": "FireTimer", "aggregate": PROBLEM, "clock": "sign", "due": DUE}),
    (CLERK, {"type": "Merge", "problem": PROBLEM, "target": TARGET}),
    (CLERK, {"type": "Unmerge", "problem": PROBLEM}),
    (CLERK, {"type": "Split", "problem": PROBLEM, "reports": [RECORD["report"]]}),
    (CLERK, {"type": "Unsplit", "problem": PROBLEM}),
    (
        SYSTEM,
        {
            "type": "Absorb",
            "problem": PROBLEM,
            "source": SPLIT_OFF,
            "source_mode": "live",
            "members": [MEMBER],
            "assignments": [ASSIGNMENT],
            "first_dispatch": AT,
            "basis": "person",
            "category": "020102",
            "duty_item": "Q024",
            "absorbed": [TARGET],
            "unsplit": True,
        },
    ),
    (SYSTEM, {"type": "AbsorbAnswer", "problem": PROBLEM, "root": TARGET, "accepted": False, "code": "target_busy"}),
    (
        SYSTEM,
        {
            "type": "ReturnMembers",
            "problem": PROBLEM,
            "source": SPLIT_OFF,
            "reports": [RECORD["report"]],
            "absorbed": [TARGET],
            "gone": ["r-split"],
        },
    ),
    (SYSTEM, {"type": "MembersReturned", "problem": PROBLEM, "root": TARGET, "members": [MEMBER], "gone": ["r-split"]}),
    (
        SYSTEM,
        {
            "type": "Found",
            "problem": PROBLEM,
            "source": TARGET,
            "mode": "live",
            "members": [MEMBER],
            "category": "020102",
            "area": "990102001001",
            "grid": "g-1",
        },
    ),
    (SYSTEM, {"type": "FoundAnswer", "problem": PROBLEM, "target": SPLIT_OFF}),
    (INTAKE, {"type": "SeeAlarm", "watch": WATCH, "alarm": ALARM, "record": RECORD}),
    (CLERK, {"type": "ConfirmAlarm", "watch": WATCH, "track": 2}),
    (CLERK, {"type": "DismissAlarm", "watch": WATCH, "track": 2}),
]


def event_lines() -> list[bytes]:
    """One event of every type, as one aggregate's stored chain."""
    lines: list[bytes] = []
    previous = ""
    for version, (actor, data) in enumerate(EVENTS, start=1):
        envelope = {
            "aggregate": PROBLEM,
            "slot": 3,
            "version": version,
            "command": f"c-{version}",
            "origin": (3, 100 + version),
            "actor": actor,
            "at": AT,
            "pack": "2026.1",
            "model": "pack-2026.1",
            "policy": "2026.1",
            "previous": previous,
        }
        event = EVENT.validate_python(envelope | data)
        lines.append(seal_chain(event))
        previous = event.hash
    return lines


def command_lines() -> list[bytes]:
    """One command of every type, as it travels."""
    base = {"slot": 3, "at": AT, "pack": "2026.1", "model": "pack-2026.1"}
    return [
        COMMAND.dump_json(COMMAND.validate_python(base | {"id": f"c-{number}", "actor": actor} | data))
        for number, (actor, data) in enumerate(COMMANDS, start=1)
    ]


if __name__ == "__main__":
    (HERE / "events_v1.jsonl").write_bytes(b"\n".join(event_lines()) + b"\n")
    (HERE / "commands_v1.jsonl").write_bytes(b"\n".join(command_lines()) + b"\n")
