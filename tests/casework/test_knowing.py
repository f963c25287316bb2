"""Knowledge: only its owner puts words in force, doubts are shown, and nothing of it is silently gone or counted twice."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from world import ABOLISHED, ACTORS, CLEANERS, CLEANING, ENVIRONMENT, START, sample_pack, unit_actor

from casework.change import Decision
from casework.fold import apply
from casework.knowing import KNOWLEDGE_TABLE, Knowing, decide
from city import CityPack
from schemas.commands import COMMAND, Actor
from schemas.events import read_event, stored_hash
from schemas.identity import aggregate_id
from schemas.knowledge import EDITIONS_KEPT, MOST_WRONG, PROBLEMS_KEPT, Knowledge
from schemas.words import Clock, KnowledgeState, Refusal, Role

SLOT = sample_pack().slots["city"].number
NAME = aggregate_id("k", SLOT, "test")
S = KnowledgeState
OTHER = ENVIRONMENT
WORDS: dict[str, Any] = {
    "question": "道路清扫一天几次?",
    "answer": "主干道每天普扫两次,其余时间巡回保洁。",
    "source": "城区道路清扫保洁作业规范",
    "unit": CLEANERS,
    "categories": [CLEANING],
}
PEOPLE = {
    Role.GRID: Actor(id="网格员", role=Role.GRID),
    Role.REVIEWER: Actor(id="审", role=Role.REVIEWER),
    Role.CALLER: Actor(id="caller-1", role=Role.CALLER),
}


class Item:
    """One knowledge item and its clock."""

    def __init__(self, pack: CityPack | None = None) -> None:
        self.pack = pack or sample_pack()
        self.state = Knowledge(id=NAME, slot=SLOT)
        self.now = START
        self.lines: list[bytes] = []
        self.count = 0

    def hear(self, kind: str, by: Role | str = Role.SUPERVISOR, **data: Any) -> Decision:
        """by: a role (a unit is the owner), or a unit's code."""
        self.count += 1
        if isinstance(by, Role):
            actor = unit_actor(CLEANERS) if by is Role.UNIT else PEOPLE.get(by) or ACTORS[by]
        else:
            actor = unit_actor(by)
        base = {"type": kind, "id": f"c{self.count}", "slot": SLOT, "at": self.now, "actor": actor, "aggregate": NAME}
        decision = decide(Knowing(self.state, COMMAND.validate_python(base | data), (0, self.count), self.pack))
        self.lines += [line for _, _, line in decision.lines]
        return decision

    def write(self, by: Role | str = Role.SUPERVISOR, **changed: Any) -> Decision:
        return self.hear("WriteKnowledge", by, **WORDS | changed)

    def approve(self, by: Role | str = Role.SUPERVISOR, **data: Any) -> Decision:
        return self.hear("ApproveKnowledge", by, **{"edition": self.state.editions_made} | data)

    def doubt(self, by: Role | str = Role.CLERK, note: str = "次数不对", **data: Any) -> Decision:
        return self.hear("ReportKnowledgeWrong", by, note=note, **data)

    def use(self, problem: str) -> Decision:
        return self.hear("UseKnowledge", Role.SYSTEM, problem=problem)

    def fire(self) -> Decision:
        (timer,) = self.state.timers
        self.now = max(self.now, timer.due)
        return self.hear("FireTimer", Role.SYSTEM, clock=timer.clock, due=timer.due)

    @property
    def events(self) -> list[Any]:
        return [read_event(line) for line in self.lines]


def item_in(state: KnowledgeState) -> Item:
    item = Item()
    item.write(Role.CLERK if state is S.DRAFT else Role.SUPERVISOR)
    if state is S.DOUBTED:
        item.doubt()
    if state is S.WITHDRAWN:
        item.hear("WithdrawKnowledge", note="停用")
    assert item.state.state is state
    return item


SAID: dict[str, dict[str, Any]] = {
    "WriteKnowledge": WORDS | {"answer": "每天三次。"},
    "ApproveKnowledge": {"edition": 1},
    "WithdrawKnowledge": {"note": "不再适用"},
    "UseKnowledge": {"problem": "p003-1"},
    "ReportKnowledgeWrong": {"note": "不对"},
    "SettleKnowledge": {"number": 1, "corrected": False, "note": "核实无误"},
    "FireTimer": {"clock": Clock.CHECK, "due": START},
}


@pytest.mark.parametrize("state", KnowledgeState)
@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("kind", sorted(KNOWLEDGE_TABLE))
def test_every_command_is_decided_for_its_roles_and_states_and_refused_for_all_others(
    kind: str, role: Role, state: KnowledgeState
) -> None:
    item = item_in(state)
    before = item.state.model_dump()
    decision = item.hear(kind, role, **SAID[kind])
    row = KNOWLEDGE_TABLE[kind]
    if role not in row.roles:
        assert decision.code is Refusal.FORBIDDEN_ROLE
    elif state not in row.states:
        assert decision.code is Refusal.FORBIDDEN_STATE
    elif kind == "FireTimer":
        assert decision.code is Refusal.TIMER_VOID
    elif kind == "ApproveKnowledge" and state is not S.DRAFT:
        assert decision.code is Refusal.NOTHING_PROPOSED
    else:
        assert decision.status == "applied"
        assert item.state.version == before["version"] + 1
    if decision.status == "refused":
        assert item.state.model_dump() == before


@pytest.mark.parametrize("kind", ["WriteKnowledge", "ApproveKnowledge", "WithdrawKnowledge", "SettleKnowledge"])
def test_a_unit_changes_only_what_it_owns(kind: str) -> None:
    item = item_in(S.DOUBTED)
    item.write(Role.CLERK, answer="每天四次。")
    assert item.state.proposed is not None
    assert item.hear(kind, OTHER, **SAID[kind] | ({"edition": 2} if kind == "ApproveKnowledge" else {})).code is (
        Refusal.NOT_YOUR_KNOWLEDGE
    )


def test_a_unit_founds_no_item_of_another() -> None:
    assert Item().write(OTHER).code is Refusal.NOT_YOUR_KNOWLEDGE


@pytest.mark.parametrize("kind", sorted(set(KNOWLEDGE_TABLE) - {"WriteKnowledge"}))
def test_only_writing_founds_an_item(kind: str) -> None:
    item, role = Item(), Role.SYSTEM if kind in ("UseKnowledge", "FireTimer") else Role.SUPERVISOR
    assert item.hear(kind, role, **SAID[kind]).code is Refusal.NOT_FOUND
    assert item.state.version == 0


@pytest.mark.parametrize(("by", "state"), [(Role.SUPERVISOR, S.VALID), (Role.UNIT, S.VALID), (Role.CLERK, S.DRAFT)])
def test_the_owners_words_are_in_force_at_once_and_a_clerks_wait(by: Role, state: KnowledgeState) -> None:
    item = Item()
    assert item.write(by).status == "applied"
    assert (item.state.state, item.state.edition, item.state.answer) == (state, 1, WORDS["answer"])


@pytest.mark.parametrize("by", [Role.SUPERVISOR, Role.UNIT])
def test_a_draft_is_in_force_once_the_owner_has_approved_what_it_read(by: Role) -> None:
    item = item_in(S.DRAFT)
    item.write(Role.CLERK, answer="每天两次。")
    assert item.approve(by, edition=1).code is Refusal.SUPERSEDED
    assert item.approve(by, edition=2).status == "applied"
    assert (item.state.state, item.state.answer) == (S.VALID, "每天两次。")


def test_a_clerks_change_leaves_callers_the_words_in_force_until_it_is_approved() -> None:
    item = item_in(S.VALID)
    item.write(Role.CLERK, answer="每天三次。")
    assert (item.state.state, item.state.answer, item.state.edition) == (S.VALID, WORDS["answer"], 1)
    item.approve(Role.UNIT)
    assert (item.state.state, item.state.answer, item.state.edition) == (S.VALID, "每天三次。", 2)
    assert item.state.proposed is None


def test_what_is_declined_is_dropped_and_a_declined_draft_is_withdrawn() -> None:
    item = item_in(S.VALID)
    item.write(Role.CLERK, answer="每天三次。")
    item.approve(approved=False, note="不实")
    assert (item.state.state, item.state.answer, item.state.proposed) == (S.VALID, WORDS["answer"], None)
    draft = item_in(S.DRAFT)
    draft.approve(approved=False)
    assert draft.state.state is S.WITHDRAWN


def test_an_item_goes_to_another_unit_only_when_both_agree() -> None:
    item = item_in(S.VALID)
    item.write(Role.UNIT, unit=OTHER)
    assert (item.state.unit, item.state.state) == (CLEANERS, S.VALID)
    assert item.approve(OTHER).code is Refusal.NOT_YOUR_KNOWLEDGE
    assert item.approve(Role.UNIT).code is Refusal.NOT_YOUR_KNOWLEDGE
    assert item.approve(Role.SUPERVISOR).status == "applied"
    assert item.state.unit == OTHER


def test_a_successor_owns_what_its_abolished_unit_owned() -> None:
    item = item_in(S.VALID)
    item.state.unit = ABOLISHED
    successor = item.pack.acting_unit(ABOLISHED)
    assert successor is not None
    assert successor.code not in (ABOLISHED, CLEANERS)
    assert item.hear("WithdrawKnowledge", Role.UNIT, note="x").code is Refusal.NOT_YOUR_KNOWLEDGE
    assert item.hear("WithdrawKnowledge", successor.code, note="x").status == "applied"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"unit": "nobody"}, Refusal.UNKNOWN_UNIT),
        ({"unit": ABOLISHED}, Refusal.UNKNOWN_UNIT),
        ({"categories": [CLEANING, "no such"]}, Refusal.UNKNOWN_CATEGORY),
        ({"valid_until": date(2026, 5, 5)}, Refusal.VALID_UNTIL_PAST),
    ],
)
def test_what_the_pack_does_not_know_and_what_is_over_is_not_written(wrong: dict[str, Any], code: Refusal) -> None:
    item = Item()
    assert item.write(**wrong).code is code
    assert item.state.version == 0


def test_an_item_lives_in_the_slot_of_the_city() -> None:
    item, slot = Item(), next(slot.number for slot in sample_pack().slots.values() if slot.number != SLOT)
    elsewhere = aggregate_id("k", slot, "test")
    item.state = Knowledge(id=elsewhere, slot=slot)
    assert item.write(slot=slot, aggregate=elsewhere).code is Refusal.NOT_FOUND


@pytest.mark.parametrize("wrong", [{"aggregate": aggregate_id("t", SLOT, "x")}, {"question": "  "}, {"source": ""}])
def test_what_is_no_item_is_not_a_command(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Item().write(**wrong)


def test_every_change_of_the_words_is_an_edition_and_earlier_ones_are_kept() -> None:
    item = Item()
    for number in range(1, EDITIONS_KEPT + 6):
        item.now += timedelta(days=1)
        item.write(Role.UNIT, answer=f"每天{number}次。")
    assert item.state.edition == EDITIONS_KEPT + 5
    assert [kept.edition for kept in item.state.editions] == list(range(5, EDITIONS_KEPT + 5))
    assert item.state.editions[-1].answer == f"每天{EDITIONS_KEPT + 4}次。"
    assert item.state.editions[-1].at == item.now - timedelta(days=1)


@pytest.mark.parametrize("by", [Role.SUPERVISOR, Role.CLERK])
def test_the_same_words_again_change_nothing(by: Role) -> None:
    item = item_in(S.VALID)
    item.write(Role.CLERK, answer="每天三次。")
    version = item.state.version
    assert item.write(Role.CLERK, answer="每天三次。").status == "applied"
    assert item.state.version == version
    fresh = item_in(S.VALID)
    assert fresh.write(by).status == "applied"
    assert fresh.state.version == 1


def test_the_owner_who_writes_a_drafts_words_puts_them_in_force() -> None:
    item = item_in(S.DRAFT)
    item.write(Role.UNIT)
    assert item.state.state is S.VALID


def test_what_was_withdrawn_can_be_written_again() -> None:
    item = item_in(S.WITHDRAWN)
    item.write(Role.CLERK)
    assert item.state.state is S.DRAFT
    item.write(Role.UNIT)
    assert item.state.state is S.VALID


def test_a_use_is_counted_once_per_problem() -> None:
    item = item_in(S.VALID)
    for problem in ("p1", "p2", "p1", "p1"):
        assert item.use(problem).status == "applied"
    assert (item.state.used, item.state.used_in) == (2, ["p1", "p2"])
    for number in range(PROBLEMS_KEPT):
        item.use(f"q{number}")
    assert (item.state.used, len(item.state.used_in)) == (2 + PROBLEMS_KEPT, PROBLEMS_KEPT)


def test_what_is_reported_wrong_is_doubted_until_every_report_is_settled() -> None:
    item = item_in(S.VALID)
    item.doubt(Role.CALLER, problem="p1")
    item.doubt(Role.REVIEWER)
    assert (item.state.state, [report.number for report in item.state.wrong]) == (S.DOUBTED, [1, 2])
    assert (item.state.wrong[0].by, item.state.wrong[0].problem) == ("caller-1", "p1")
    assert item.hear("SettleKnowledge", Role.UNIT, number=1, corrected=False, note="无误").status == "applied"
    assert item.state.state is S.DOUBTED
    assert item.hear("SettleKnowledge", number=1, corrected=False, note="x").code is Refusal.NOT_REPORTED_WRONG
    item.write(Role.UNIT, answer="每天三次。")
    assert item.state.state is S.DOUBTED  # new words settle no report by themselves
    item.hear("SettleKnowledge", number=2, corrected=True, note="已改")
    assert (item.state.state, item.state.wrong) == (S.VALID, [])
    item.doubt()
    assert item.state.wrong[0].number == 3


def test_open_reports_of_being_wrong_are_bounded() -> None:
    item = item_in(S.VALID)
    for _ in range(MOST_WRONG):
        assert item.doubt(Role.CALLER).status == "applied"
    assert item.doubt(Role.CALLER).code is Refusal.DOUBTED_ENOUGH


def test_an_item_is_doubted_when_its_last_day_is_over_in_the_city() -> None:
    item = Item()
    item.write(valid_until=date(2026, 5, 6))
    (timer,) = item.state.timers
    assert (timer.clock, timer.due) == (Clock.CHECK, datetime(2026, 5, 6, 16, tzinfo=UTC))
    assert item.hear("FireTimer", Role.SYSTEM, clock=Clock.CHECK, due=timer.due + timedelta(1)).code is Refusal.TIMER_VOID
    assert item.fire().status == "applied"
    assert (item.state.state, item.state.expired, item.state.timers) == (S.DOUBTED, True, [])
    item.doubt()
    item.hear("SettleKnowledge", number=1, corrected=False, note="x")
    assert item.state.state is S.DOUBTED  # still past its day
    item.write(valid_until=date(2026, 12, 31))
    assert (item.state.state, item.state.expired, len(item.state.timers)) == (S.VALID, False, 1)


def test_a_draft_does_not_expire_and_is_not_approved_after_its_day() -> None:
    item = Item()
    item.write(Role.CLERK, valid_until=date(2026, 5, 6))
    assert item.state.timers == []
    item.now += timedelta(days=1)
    assert item.approve().code is Refusal.VALID_UNTIL_PAST
    assert item.approve(approved=False).status == "applied"


def test_a_proposed_day_counts_from_its_approval_and_a_withdrawn_item_does_not_expire() -> None:
    item = Item()
    item.write(valid_until=date(2026, 6, 1))
    item.write(Role.CLERK, valid_until=date(2026, 7, 1))
    assert item.state.timers[0].due == datetime(2026, 6, 1, 16, tzinfo=UTC)
    item.approve()
    assert item.state.timers[0].due == datetime(2026, 7, 1, 16, tzinfo=UTC)
    item.hear("WithdrawKnowledge", note="x")
    assert item.state.timers == []


def test_what_looks_like_personal_data_is_masked_in_events_and_state() -> None:
    item = item_in(S.VALID)
    item.write(answer="找王工 13800138000。")
    item.doubt(note="我的电话 13900139000")
    assert "[电话]" in item.state.answer
    assert "[电话]" in item.state.wrong[0].note
    assert not any(b"13800138000" in line or b"13900139000" in line for line in item.lines)


STEPS = st.lists(
    st.tuples(
        st.sampled_from([*sorted(KNOWLEDGE_TABLE), "fire"]),
        st.sampled_from([*Role, OTHER]),
        st.integers(0, 3),
    ),
    max_size=40,
)


@given(STEPS)
@settings(max_examples=200, deadline=None)
def test_the_fold_of_the_events_is_the_state_whatever_happens(steps: list[tuple[str, Role | str, int]]) -> None:
    item = Item()
    for kind, by, number in steps:
        item.now += timedelta(days=1)
        if kind == "fire" and item.state.timers:
            assert item.fire().status == "applied"
        elif kind == "fire":
            continue
        elif kind == "WriteKnowledge":
            last = None if number == 0 else item.now.date() + timedelta(days=number * 3)
            item.write(by, answer=f"每天{number}次。", valid_until=last)
        else:
            said = {"number": number, "edition": item.state.editions_made, "problem": f"p{number}"}
            item.hear(kind, by, **{name: said.get(name, value) for name, value in SAID[kind].items()})
        state = item.state
        assert (state.state is S.DOUBTED) == (state.usable and (bool(state.wrong) or state.expired))
        assert state.proposed is None or state.usable
        assert state.used == len(set(state.used_in))
        assert all(timer.due > item.now or kind == "fire" or not timer.expired for timer in state.timers)
    again = Knowledge(id=NAME, slot=SLOT)
    for line in item.lines:
        stored, computed = stored_hash(line, again.head)
        assert stored == computed
        apply(again, read_event(line))
    assert again.model_dump() == item.state.model_dump()
    assert [event.version for event in item.events] == list(range(1, item.state.version + 1))
