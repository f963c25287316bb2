"""Every event of handling as a sentence with its sealed words opened, and whose turn it is in every state."""

from datetime import UTC, datetime
from typing import Any, get_args

import pytest

from city import load_pack, sample_city
from city.pack import CityPack
from console.show_handling import handling_document, sections
from console.timeline import Sentences
from console.turns import STATES, Task, turns, whose_turn
from intake.seal import new_key, seal
from schemas import events_handling as ev
from schemas.commands import Actor
from schemas.handling import Application, Hop, Objection, Recheck, Supervision, Whistle
from schemas.identity import problem_id
from schemas.problem import Assignment, Member, MergeRecord, Problem
from schemas.words import AssignmentState, Channel, Mode, Part, ProblemState, Role, SupervisionReason, Wish

pytestmark = pytest.mark.slow

NOW = datetime(2026, 5, 6, 2, 0, tzinfo=UTC)
ID = problem_id(3, "told")
KEY = new_key()
WORDS = "这是有人写下的话"
SEALED = seal(KEY, ID, WORDS.encode())
UNIT, STREET, POST = "p-gongshui", "t-linjiang", "w-990102001001001"
CLEAR = {"department": SEALED, "grassroots": "巡查上报", "support": SEALED}

FIELDS: dict[str, dict[str, Any]] = {
    "Dispatched": {"basis": "person", "lead": UNIT, "cooperators": [STREET], "notes": {STREET: SEALED}, "clarity": CLEAR}
    | {"sign_due": NOW, "handle_due": NOW, "cooperate_due": NOW, "final": True},
    "AssignmentSigned": {"unit": UNIT},
    "CallerContacted": {"unit": UNIT, "reached": True, "way": "phone", "note": SEALED},
    "AssignmentReplied": {"unit": UNIT, "text": SEALED, "faults": ["no_contact"]},
    "CooperatorsAdded": {"notes": {STREET: SEALED}, "clarity": CLEAR, "cooperate_due": NOW, "admission": "t1"},
    "ReturnAsked": {"unit": UNIT, "reason": "wrong_place", "suggested": STREET, "note": SEALED},
    "ReturnDecided": {"verdict": "refused", "note": SEALED},
    "ConferenceDecided": {"minutes": SEALED},
    "ProblemRecalled": {"basis": "recalled", "note": SEALED},
    "Recategorised": {"category": "010102", "before": "010101"},
    "UnitSucceeded": {"unit": UNIT, "successor": None},
    "AnsweredDirectly": {"text": SEALED, "knowledge": "k@1"},
    "ProblemDeclined": {"reason": "no_request", "text": SEALED},
    "ProblemHandedOver": {"to": "police", "number": "J-7", "note": SEALED},
    "Noted": {"text": SEALED},
    "Objected": {"number": 1, "unit": STREET, "note": SEALED},
    "ObjectionDecided": {"number": 1, "upheld": False, "note": SEALED},
    "Applied": {"wish": "extension", "unit": UNIT, "amount": 2, "note": SEALED},
    "ApplicationDecided": {"wish": "extension", "granted": True, "unit_of_time": "working_day", "note": SEALED},
    "HandlingPaused": {"why": "caller", "note": SEALED},
    "HandlingResumed": {},
    "WhistleBlown": {"number": 1, "by": STREET, "to": UNIT, "asked": SEALED},
    "WhistleAnswered": {"number": 1, "coming": False, "note": SEALED},
    "WhistleArrived": {"number": 1},
    "WhistleEnded": {"number": 1, "outcome": SEALED, "mark": 5},
    "WhistleRated": {"number": 1, "mark": 1},
    "HopStarted": {"post": POST, "level": "grid", "due": NOW},
    "HopEnded": {"end": "up", "note": SEALED},
    "ReportSupplemented": {"report": "r1", "text": SEALED},
    "ReportUrged": {"report": "r1"},
    "ReportWithdrawn": {"report": "r1"},
    "CalledBack": {"report": "r1", "way": "phone", "reached": True, "solved": False, "rating": 1, "text": SEALED},
    "ReplyChecked": {"passed": False, "note": SEALED},
    "RedoAsked": {"why": "sham", "counts": True},
    "ProblemClosed": {"reason": SEALED, "ending": "withdrawn"},
    "CardShown": {"colour": "red", "unit": UNIT, "due": NOW},
    "Escalated": {"level": 3, "to": "热线主管部门", "due": None},
    "SupervisionStarted": {"reason": "urged", "due": NOW, "note": SEALED},
    "SupervisionEnded": {"note": SEALED},
    "RecheckAsked": {"checker": "yunxi-gov"},
    "RecheckDone": {"outcome": "rebounded", "note": SEALED},
    "ProblemArchived": {},
    "UnitRated": {"by": UNIT, "of": STREET, "mark": 3},
}
OPENED = [name for name, fields in FIELDS.items() if SEALED in str(fields)]


@pytest.fixture(scope="module")
def pack() -> CityPack:
    return load_pack(sample_city())


def told(pack: CityPack, kind: str, key: bytes | None = KEY, **changed: Any) -> str:
    model = next(model for model in get_args(ev.HandlingEvent) if model.__name__ == kind)
    envelope = {"aggregate": ID, "slot": 3, "version": 1, "command": "c", "origin": (0, 1), "at": NOW}
    event = model(**envelope, actor=Actor(id="王", role=Role.CLERK), **FIELDS[kind] | changed)
    return Sentences(pack, ID, key, {"r1": "热线-1"}).of(event)


@pytest.mark.parametrize("kind", [model.__name__ for model in get_args(ev.HandlingEvent)])
def test_an_event_of_handling_is_told_in_chinese_without_a_code(pack: CityPack, kind: str) -> None:
    sentence = told(pack, kind)
    assert any("一" <= letter <= "鿿" for letter in sentence)
    for code in (UNIT, STREET, POST, "None", "_", SEALED, "(内容打不开)"):
        assert code not in sentence


@pytest.mark.parametrize("kind", OPENED)
def test_what_somebody_wrote_is_opened_and_gone_with_its_key(pack: CityPack, kind: str) -> None:
    assert WORDS in told(pack, kind)
    assert "(内容已删除)" in told(pack, kind, key=None)


def test_a_call_in_vain_an_exclusion_and_a_successor_are_told_otherwise(pack: CityPack) -> None:
    assert "没有联系上" in told(pack, "CalledBack", reached=False, solved=None, rating=None)
    assert "申请剔除(恶意)" in told(pack, "Applied", wish="exclusion", amount=0, reason="malicious")
    assert "由 示例市民政局 接着办" in told(pack, "UnitSucceeded", successor="c-minzheng")
    assert "部门做:这是有人写下的话;基层做:巡查上报" in told(pack, "Dispatched")


def problem(state: ProblemState, **fields: Any) -> Problem:
    lead = Assignment(unit=UNIT, part=Part.LEAD, state=AssignmentState.SIGNED, dispatched=NOW)
    return Problem(id=ID, slot=3, state=state, assignments=[lead], **fields)


QUIET = {ProblemState.CLOSED, ProblemState.ARCHIVED}


@pytest.mark.parametrize("state", ProblemState)
def test_in_every_state_somebody_is_named_or_it_is_over(pack: CityPack, state: ProblemState) -> None:
    merge = MergeRecord(target="p003-root", ask="c", step="merged", before_assignments=[], before_timers=[])
    found = whose_turn(problem(state, merge=merge if state is ProblemState.MERGED else None), pack)
    if state in QUIET:
        assert found == "没有人:已经办完"
    else:
        assert ("p003-root" in found) is (state is ProblemState.MERGED)
        assert found != "没有人:已经办完"


def test_what_runs_beside_the_state_waits_for_somebody_too(pack: CityPack) -> None:
    helper = Assignment(unit=STREET, part=Part.COOPERATOR, state=AssignmentState.DISPATCHED, dispatched=NOW, due=NOW)
    busy = problem(
        ProblemState.IN_PROGRESS,
        objections=[Objection(number=1, unit=STREET, at=NOW)],
        applications=[Application(wish=Wish.SUSPENSION, unit=UNIT, at=NOW)],
        whistles=[Whistle(number=1, by=UNIT, to="yunxi-gongan", at=NOW, asked=SEALED)],
        supervision=Supervision(reason=SupervisionReason.PERSON, since=NOW, by="李"),
    )
    busy.assignments.append(helper)
    open_now = {turn.task: turn for turn in turns(busy, pack)}
    assert set(open_now) == {
        Task.HANDLE, Task.COOPERATE, Task.OBJECTION, Task.APPLICATION, Task.WHISTLE, Task.SUPERVISION,
    }  # fmt: skip
    assert open_now[Task.APPLICATION].role is Role.SUPERVISOR
    assert open_now[Task.COOPERATE].due == NOW
    busy.applications[0].wish = Wish.EXTENSION
    assert {turn.role for turn in turns(busy, pack) if turn.task is Task.APPLICATION} == {Role.CLERK}


def test_after_the_end_callers_are_called_and_somebody_looks_back(pack: CityPack) -> None:
    member = Member(report="r1", channel=Channel.HOTLINE, mode=Mode.LIVE, time=NOW, received=NOW, content="c", caller="x")
    after = problem(ProblemState.CLOSED, members=[member], rechecks=[Recheck(checker="yunxi-gov", asked=NOW)])
    assert {turn.task for turn in turns(after, pack)} == {Task.RECHECK}
    after.members[0].answered = NOW
    assert {turn.task for turn in turns(after, pack)} == {Task.CALLBACK, Task.RECHECK}
    after.members[0].rating, after.members[0].heard = 5, NOW
    assert {turn.task for turn in turns(after, pack)} == {Task.RECHECK}


def test_no_task_is_open_in_a_state_where_the_queue_would_not_look_for_it(pack: CityPack) -> None:
    hop = Hop(post=POST, level="grid", since=NOW, due=NOW)
    for state in ProblemState:
        busy = problem(state, ladder=[hop], objections=[Objection(number=1, unit=STREET, at=NOW)])
        assert all(state in STATES[turn.task] for turn in turns(busy, pack))


def test_the_document_opens_every_sealed_text(pack: CityPack) -> None:
    left = problem(
        ProblemState.IN_PROGRESS,
        applications=[Application(wish=Wish.EXTENSION, unit=UNIT, at=NOW, amount=1, note=SEALED)],
        whistles=[Whistle(number=1, by=UNIT, to=STREET, at=NOW, asked=SEALED, outcome=SEALED)],
        objections=[Objection(number=1, unit=STREET, at=NOW, note=SEALED)],
        ladder=[Hop(post=POST, level="grid", since=NOW, due=NOW, note=SEALED)],
        rechecks=[Recheck(checker=None, asked=NOW, note=SEALED)],
        supervision=Supervision(reason=SupervisionReason.URGED, since=NOW, by="李", note=SEALED),
    )
    document = handling_document(left, Sentences(pack, ID, KEY, {}))
    assert SEALED not in str(document)
    assert str(document).count(WORDS) == 7
    shown = dict(sections(left, Sentences(pack, ID, KEY, {})))
    assert all(shown[heading] for heading in ("网格处置", "吹哨报到", "基层的异议", "回头看", "时限的变动", "亮牌、升级、督办"))
    assert not shown["退单"]
