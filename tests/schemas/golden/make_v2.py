"""Wrote events_v2.jsonl and commands_v2.jsonl. Run by hand while version 2 is not released yet, or for a type or a field that
is new:

    python tests/schemas/golden/make_v2.py

Every type in the order of the unions, every field filled: a field's value follows from its name (`NAMED`, `OF`), else from its
type. A text or a number whose name nobody knows here is an error that names it. Once lines are in somebody's log they are never
written again: a changed contract gets a new version and a new file, as events_v1.jsonl and commands_v1.jsonl show.
"""

from datetime import UTC, date, datetime
from enum import Enum
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from casework.watch_fold import WATCH_FOLDS
from schemas.command_base import CommandBase
from schemas.commands import COMMAND, Command
from schemas.event_base import EventBase
from schemas.events import EVENT, Event, seal_chain
from schemas.identity import aggregate_id, slot_of, watch_id
from schemas.words import Role

HERE = Path(__file__).parent
AT = datetime(2026, 5, 6, 2, 30, 0, 123456, tzinfo=UTC)
DUE = datetime(2026, 5, 6, 9, 30, tzinfo=UTC)
PROBLEM, TARGET, SPLIT_OFF = "p003-d03e17135fd3b7d1829497e8", "p004-39bde89bdddadc33572322a4", "p003-2034ce6a8d9a4dbc95d4911f"
REPORT = "r" + "1" * 32
CAMERA, SEEN = "99000000001320000001", "垃圾满溢"
CLEANERS, WATER, STREET, VILLAGE, DISTRICT = "yunxi-chengguan", "yunxi-shuiwu", "t-linjiang", "v-shangwu", "yunxi"
WATCH = watch_id(3, CAMERA, SEEN)
KNOWLEDGE = aggregate_id("k", 2, "item")
TASK = aggregate_id("t", 3, "task")
FINDING = aggregate_id("f", 3, "finding")
PROPOSAL = aggregate_id("d", 3, "proposal")

ENVELOPE = frozenset(EventBase.model_fields) | frozenset(CommandBase.model_fields) | {"type"}
"""What every line has; the rest is the type's own."""

NAMED: dict[str, Any] = {
    "via": SPLIT_OFF,
    "absorbed": TARGET, "admission": TASK, "against": WATER, "alarm_class": SEEN, "amount": 3, "answer": "可以免费停半小时。",
    "area": "990102001001", "area_path": "/990000/990102/990102001/990102001001/", "ask": "c-ask", "asked": "YXNrZWQ=",
    "based_on": "2026.1", "basis": "one_duty_item", "before": "020101", "by": CLEANERS, "caller": "k0011", "calls": 1,
    "categories": "020102", "category": "020102", "channel": "hotline", "checker": DISTRICT, "clock": "handle",
    "code": "target_busy", "content": "c0ffee", "cooperators": WATER, "count": 2, "department": CLEANERS, "device": CAMERA,
    "duty_item": "Q024", "edition": 2, "ending": "replied", "evidence": "已转有关部门", "fact": "passed_on", "first_rating": 2,
    "followed": "r-followed", "from_finding": FINDING, "gone": "r-split", "grassroots": "Z3Jhc3Nyb290cw==",
    "grassroots_does": "发现并上报", "grid": "g-1", "item": "Q024", "joined_from": SPLIT_OFF, "knowledge": f"{KNOWLEDGE}@2",
    "lead": CLEANERS, "legal_basis": "《城市市容和环境卫生管理条例》", "level": "village", "list_kind": "duty", "mark": 4,
    "minutes": "bWludXRlcw==", "mode": "live", "model": "pack-2026.1", "moves": 1, "name": "道路清扫保洁", "note": "bm90ZQ==",
    "notes": "bm90ZQ==", "number": 1, "numbers": 1, "of": "1", "order_number": "260506-003-4820193-6", "outcome": "b3V0Y29tZQ==",
    "parked": '{"type":"Sign"}', "part": "lead", "post": "g-1", "problem": PROBLEM, "proposal": PROPOSAL,
    "question": "临时停车怎么收费?", "rating": 4, "reason": "已办结", "redone": 1, "ref": "Q024", "reply": "cmVwbHk=",
    "report": REPORT, "reports": REPORT, "revision": 3, "root": TARGET, "sealed": "c2VhbGVk", "sequence": 7, "source": SPLIT_OFF,
    "source_mode": "live", "split_from": TARGET, "state": "replied", "successor": WATER, "suggested": WATER,
    "support": "c3VwcG9ydA==", "target": TARGET, "task": TASK, "text": "dGV4dA==", "title": "夜间巡查", "to": WATER,
    "township": STREET, "townships": STREET, "track": "t-7", "unit": CLEANERS, "unit_of_time": "work_day", "units": VILLAGE,
    "urged": 1, "watch": WATCH, "word": "没人扫", "words": "清扫", "version": 6,
}  # fmt: skip
"""Field -> its value, or that of each entry where it is a list or a mapping."""

OF: dict[tuple[str, str], Any] = {
    ("CategoryProposal", "code"): "020102",
    ("AddCooperators", "notes"): {"yunxi-huanjing": "bm90ZQ=="},
    ("Clarity", "department"): "ZGVwYXJ0bWVudA==",
    ("ConfirmAlarm", "track"): 1,
    ("DismissAlarm", "track"): 1,
    ("CooperatorsAdded", "notes"): {"yunxi-huanjing": "bm90ZQ=="},
    ("DutyLine", "support"): "区里出经费",
    ("DutyProposed", "reason"): "清单上的主责与实际不符",
    ("Escalated", "level"): 2,
    ("Evidence", "facts"): {"unit": CLEANERS, "count": 2},
    ("ProblemHandedOver", "number"): "110-7",
    ("FoundAnswer", "target"): SPLIT_OFF,
    ("HandOver", "number"): "110-7",
    ("ProposeDuty", "reason"): "清单上的主责与实际不符",
    ("RateUnit", "of"): WATER,
    ("ReportAdded", "reason"): "same_caller_same_text",
    ("ReportRecord", "attachments"): [{"sha256": "0" * 64, "media_type": "image/jpeg", "size": 7}],
    ("SplitAsked", "target"): SPLIT_OFF,
    ("SplitFinished", "target"): SPLIT_OFF,
    ("UnitRated", "of"): WATER,
    ("Extension", "unit"): "work_day",
    ("WriteKnowledge", "source"): "停车管理办法",
    ("KnowledgeWritten", "source"): "停车管理办法",
    ("KnowledgeDrafted", "source"): "停车管理办法",
}
"""(type, field) -> the whole value, where the name says something else than elsewhere."""

SAID_BY: dict[Role, str] = {
    Role.INTAKE: "AddReport ReviseReport MakeLive SeeAlarm ProblemRegistered ReportAdded ReportRevised ReportMadeLive "
    "WatchPlaced AlarmObserved AlarmHeld AlarmOpened AlarmCorrected",
    Role.UNIT: "Sign Contact Reply AskReturn Object Apply BlowWhistle AnswerWhistle RateUnit WriteKnowledge SubmitTask "
    "AssignmentSigned CallerContacted AssignmentReplied ReturnAsked Objected Applied WhistleBlown UnitRated TaskSubmitted",
    Role.GRID: "SolvedHere StepUp HopEnded",
    Role.REVIEWER: "DecideReturn DecideObjection ReviewTask JudgeFinding ReturnDecided ObjectionDecided TaskReviewed",
    Role.SUPERVISOR: "Supervise EndSupervision ApproveKnowledge SupervisionStarted SupervisionEnded KnowledgeApproved",
    Role.CALLER: "Supplement Urge Withdraw Callback ReportSupplemented ReportUrged ReportWithdrawn CalledBack",
    Role.SYSTEM: "FireTimer Absorb AbsorbAnswer ReturnMembers MembersReturned Found FoundAnswer RaiseFinding UseKnowledge "
    "ClockExpired ClockPutOff AskedAgain MergeReleased Merged MembersAbsorbed CardShown Escalated ProblemArchived FindingRaised",
}
"""Everything else is said by a clerk."""

HOMES = {
    "schemas.knowledge": KNOWLEDGE,
    "schemas.knowledge_events": KNOWLEDGE,
    "schemas.admission": TASK,
    "schemas.passing": FINDING,
    "schemas.proposals": PROPOSAL,
}


def aggregate_of(model: type[BaseModel]) -> str:
    """Whose event or command this is."""
    return WATCH if model.__name__ in WATCH_FOLDS else HOMES.get(model.__module__, PROBLEM)


def actor_of(name: str) -> dict[str, Any]:
    role = next((role for role, names in SAID_BY.items() if name in names.split()), Role.CLERK)
    return {"id": f"{role.value}-7", "role": role} | ({"unit": CLEANERS} if role is Role.UNIT else {})


def filled(model: type[BaseModel], without: frozenset[str] = frozenset()) -> dict[str, Any]:
    """A value for every field of the model."""
    fields = ((name, field.annotation) for name, field in model.model_fields.items() if name not in without)
    return {name: OF.get((model.__name__, name)) or value_of(kind, name) for name, kind in fields}


def value_of(kind: Any, name: str) -> Any:
    """A value of this type for a field of this name; KeyError where the name is not known."""
    origin, parts = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return value_of(parts[0], name)
    if origin in (Union, UnionType):
        return value_of(parts[0], name)
    if origin is list:
        return [value_of(parts[0], name)]
    if origin is tuple:
        return [0.1, 0.2, 0.3, 0.4]
    if origin is dict:
        return {CLEANERS: value_of(parts[1], name)}
    if origin is Literal:
        return NAMED[name] if NAMED.get(name) in parts else parts[-1]
    return of_type(kind, name)


def of_type(kind: Any, name: str) -> Any:
    if issubclass(kind, BaseModel):
        return filled(kind)
    if issubclass(kind, Enum):
        words = [word.value for word in kind]
        return NAMED[name] if NAMED.get(name) in words else words[-1]
    if issubclass(kind, datetime):
        return DUE if "due" in name or name in ("until", "clears") else AT
    plain: dict[type, Any] = {date: date(2026, 12, 31), bool: True, float: 0.75}
    return plain[kind] if kind in plain else NAMED[name]


def event_lines() -> list[bytes]:
    """One event of every type; those of one aggregate are its stored chain."""
    lines: list[bytes] = []
    chains: dict[str, tuple[int, str]] = {}
    for place, model in enumerate(get_args(get_args(Event)[0]), start=1):
        aggregate = aggregate_of(model)
        version, previous = chains.get(aggregate, (0, ""))
        envelope = {
            "type": model.__name__,
            "aggregate": aggregate,
            "slot": slot_of(aggregate),
            "version": version + 1,
            "command": f"c-{place}",
            "origin": (3, 100 + place),
            "actor": actor_of(model.__name__),
            "at": AT,
            "pack": "2026.1",
            "model": "pack-2026.1",
            "policy": "2026.1",
            "previous": previous,
        }
        event = EVENT.validate_python(envelope | filled(model, ENVELOPE))
        lines.append(seal_chain(event))
        chains[aggregate] = (event.version, event.hash)
    return lines


def command_lines() -> list[bytes]:
    """One command of every type, as it travels."""
    lines: list[bytes] = []
    for place, model in enumerate(get_args(get_args(Command)[0]), start=1):
        name, home = model.__name__, aggregate_of(model)
        envelope = {"type": name, "id": f"c-{place}", "slot": slot_of(home), "at": AT, "actor": actor_of(name)}
        envelope |= {"pack": "2026.1", "model": "pack-2026.1"}
        if "aggregate" in model.model_fields:
            envelope["aggregate"] = home
        lines.append(COMMAND.dump_json(COMMAND.validate_python(envelope | filled(model, ENVELOPE))))
    return lines


if __name__ == "__main__":
    (HERE / "events_v2.jsonl").write_bytes(b"\n".join(event_lines()) + b"\n")
    (HERE / "commands_v2.jsonl").write_bytes(b"\n".join(command_lines()) + b"\n")
