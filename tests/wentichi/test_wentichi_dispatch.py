"""A unit's view arrives with every field; what the unit says is what the pool's progress stage reads, and a retry is one step."""

import json
from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from schemas.documents import UnitView
from schemas.identity import problem_id
from schemas.progress import Progress, ProgressAction, parse_progress
from schemas.words import AssignmentState, Part, ProblemState, Urgency
from wentichi import BadReply, Dispatch, Receipt
from wentichi.dispatch import dispatch_of
from wentichi.words import MAX_TEXT

PROBLEM = problem_id(3, "founding")
VIEW = UnitView(
    problem=PROBLEM,
    version=4,
    order_number="260501-003-4820193-6",
    unit="c-chengguan",
    part=Part.LEAD,
    assignment=AssignmentState.DISPATCHED,
    state=ProblemState.DISPATCHED,
    category="010203",
    category_name="路灯不亮",
    duty_item="D-1",
    legal_basis="城市照明管理规定",
    urgency=Urgency.URGENT,
    area="990102",
    grid="990102001001",
    dispatched=datetime(2026, 5, 6, 1, tzinfo=UTC),
    sign_due=datetime(2026, 5, 6, 3, tzinfo=UTC),
    handle_due=datetime(2026, 5, 8, 1, tzinfo=UTC),
    lead="c-chengguan",
    cooperators=["j-yunxi"],
    asked="请今天修复",
    reports=[{"report": "r1", "channel": "hotline", "title": "路灯", "text": "不亮"}],
    clarity={"department": "修灯", "grassroots": "看护现场", "support": "两名队员"},
    contact_due=datetime(2026, 5, 7, 1, tzinfo=UTC),
    own_due=datetime(2026, 5, 7, 9, tzinfo=UTC),
    review_due=datetime(2026, 5, 8, 9, tzinfo=UTC),
    card="yellow",
    escalation=2,
    supervised=True,
    faults=["template", "no_contact"],
    redo=1,
    paused="caller",
    final=True,
    whistles=[{"number": 1, "by": "c-chengguan", "to": "j-yunxi", "asked": "请到现场", "due": "2026-05-06T05:00:00+00:00"}],
)


class Said:
    """What went to progress.<unit>."""

    def __init__(self) -> None:
        self.steps: list[Progress] = []

    def __call__(self, unit: str, problem: str, value: bytes) -> Receipt:
        assert (unit, problem) == (VIEW.unit, PROBLEM)
        self.steps.append(parse_progress(value))
        return Receipt(problem, f"progress.{unit}", 0, len(self.steps) - 1)

    def ids(self) -> set[str | None]:
        return {step.id for step in self.steps}


@pytest.fixture
def said() -> Said:
    return Said()


def dispatch(said: Said, **changes: Any) -> Dispatch:
    return dispatch_of(VIEW.unit, PROBLEM, VIEW.model_copy(update=changes).model_dump_json().encode(), said)


def test_every_field_of_a_view_arrives_as_it_was_written(said: Said) -> None:
    got = dispatch(said)
    for name, meant in VIEW.model_dump().items():
        found = getattr(got, name)
        assert (list(found) if isinstance(found, tuple) else found) == meant, name
        assert name == "withdrawn" or meant != UnitView.model_fields[name].default, f"{name} says nothing here"
    assert {field.name for field in fields(got)} - set(VIEW.model_dump()) == {"forgotten", "raw", "_write"}


def test_nobody_changes_a_view_by_mistake(said: Said) -> None:
    got = dispatch(said)
    for held in (got.clarity, got.reports[0], got.whistles[0], got.raw):
        with pytest.raises(TypeError):
            held["number"] = 2  # type: ignore[index]
    with pytest.raises(AttributeError):
        got.paused = None  # type: ignore[misc]


def test_a_view_of_an_earlier_pool_has_nothing_of_what_came_later(said: Said) -> None:
    later = UnitView.model_fields.keys() - {"problem", "version", "unit", "dispatched"}
    value = json.dumps({name: held for name, held in VIEW.model_dump(mode="json").items() if name not in later}).encode()
    got = dispatch_of(VIEW.unit, PROBLEM, value, said)
    assert (got.whistles, got.faults, dict(got.clarity), got.contact_due, got.paused, got.part) == ((), (), {}, None, None, "")


def test_fields_of_a_later_version_stand_in_raw(said: Said) -> None:
    value = json.dumps(VIEW.model_dump(mode="json") | {"photos": 2}).encode()
    assert dispatch_of(VIEW.unit, PROBLEM, value, said).raw["photos"] == 2


def test_a_tombstone_says_forget_it(said: Said) -> None:
    got = dispatch_of(VIEW.unit, PROBLEM, None, said)
    assert (got.forgotten, got.problem, got.reports, got.version) == (True, PROBLEM, (), 0)


@pytest.mark.parametrize(
    "value", [b"", b"x", b"[]", b"{}", b"\xff", b'{"problem":"other","version":1}', json.dumps({"problem": PROBLEM}).encode()]
)
def test_what_is_no_view_is_an_error(said: Said, value: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        dispatch_of(VIEW.unit, PROBLEM, value, said)


def test_signing_and_replying_are_steps_that_the_pool_reads(said: Said) -> None:
    dispatch(said).sign(by="值班员")
    receipt = dispatch(said).reply("已修复", by="值班员")
    assert [(step.problem, step.action, step.text, step.by) for step in said.steps] == [
        (PROBLEM, ProgressAction.SIGN, "", "值班员"),
        (PROBLEM, ProgressAction.REPLY, "已修复", "值班员"),
    ]
    assert (receipt.key, receipt.topic) == (PROBLEM, "progress.c-chengguan")


def test_the_same_said_again_of_a_later_view_keeps_its_id_so_that_a_retry_is_one_step(said: Said) -> None:
    for version, state in ((4, AssignmentState.DISPATCHED), (4, AssignmentState.DISPATCHED), (6, AssignmentState.REPLIED)):
        dispatch(said, version=version, assignment=state).reply("已修复")
    assert len(said.ids()) == 1


def test_something_else_said_has_another_id(said: Said) -> None:
    dispatch(said).sign()
    dispatch(said).reply("已修复")
    dispatch(said).reply("已再次修复")
    dispatch(said, asked="请再查").reply("已修复")
    dispatch(said, dispatched=datetime(2026, 5, 7, tzinfo=UTC)).reply("已修复")
    dispatch(said, dispatched=datetime(2026, 5, 7, tzinfo=UTC)).sign()
    assert len(said.ids()) == 6


def test_an_id_of_ones_own_is_kept(said: Said) -> None:
    dispatch(said).reply("已修复", id="WO-7")
    dispatch(said).sign(id="WO-6")
    assert said.ids() == {"WO-7", "WO-6"}


@pytest.mark.parametrize("text", ["", " \n", "长" * (MAX_TEXT + 1), "\ud83d"])
def test_a_reply_that_the_pool_would_refuse_is_not_sent(said: Said, text: str) -> None:
    with pytest.raises(BadReply):
        dispatch(said).reply(text)
    assert said.steps == []


def test_the_longest_reply_is_taken(said: Said) -> None:
    dispatch(said).reply("长" * MAX_TEXT, by="甲" * 100, id="i" * 100)
    assert len(said.steps) == 1


@pytest.mark.parametrize("longer", [{"id": "i" * 101}, {"by": "甲" * 101}])
def test_an_id_or_name_that_is_too_long_is_not_sent(said: Said, longer: dict[str, str]) -> None:
    with pytest.raises(BadReply, match="100"):
        dispatch(said).sign(**longer)
    assert said.steps == []


def test_what_the_unit_no_longer_has_cannot_be_signed_or_answered(said: Said) -> None:
    with pytest.raises(BadReply, match="收回"):
        dispatch(said, withdrawn=True).sign()
    with pytest.raises(BadReply, match="删除"):
        dispatch_of(VIEW.unit, PROBLEM, None, said).reply("已修复")
    with pytest.raises(BadReply):
        replace(dispatch(said), withdrawn=True).reply("已修复")
    assert said.steps == []
