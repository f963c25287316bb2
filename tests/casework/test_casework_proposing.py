"""Proposals to change the duty list: another person approves, the pack stays as it is, and the next list is lawful."""

from typing import Any

import pytest
from desk import Desk
from hypothesis import given, settings
from hypothesis import strategies as st
from world import START, sample_pack

from casework.proposing import PROPOSING_TABLE, line_of, mine, next_list
from schemas.commands import Actor
from schemas.handling import Objection, Return
from schemas.identity import aggregate_id, problem_id
from schemas.problem import MergeRecord, Problem
from schemas.proposals import DutyLine, DutyProposal, ProposalState
from schemas.words import Refusal, ReturnReason, Role, Verdict

NAME = aggregate_id("d", 2, "one")
ITEM, NEGATIVE, NEW = "Q022", "Q005", "Q9001"
PROPOSER = Actor(id="提", role=Role.CLERK)
FINDING = aggregate_id("f", 3, "a finding")


def now(code: str = ITEM) -> DutyLine:
    return line_of(sample_pack().duty_items[code])


def wish(code: str = ITEM, **changed: Any) -> dict[str, Any]:
    return {"item": code, "after": now(code).model_dump() | changed, "reason": "反复退单,边界不清"}


def proposed(code: str = ITEM, name: str = "one", **changed: Any) -> Desk:
    desk = Desk(aggregate_id("d", 2, name))
    changed = changed or {"support": "水务局提供沙袋"}
    assert desk.hear("ProposeDuty", PROPOSER, **wish(code, **changed)).status == "applied"
    return desk


def approved(code: str = ITEM, name: str = "one", **changed: Any) -> DutyProposal:
    desk = proposed(code, name, **changed)
    assert desk.hear("JudgeProposal", Role.REVIEWER, approved=True, note="同意").status == "applied"
    return desk.state  # type: ignore[no-any-return]


def test_a_proposal_says_what_it_changes_and_of_which_list() -> None:
    desk = proposed(lead="yunxi-chengguan", cooperators=["line:水务@district", "line:属地@street"])
    assert desk.state.before == now()
    assert desk.state.based_on == sample_pack().version
    assert [(change.field, change.before, change.after) for change in desk.state.diff] == [
        ("lead", now().lead, "yunxi-chengguan"),
        ("cooperators", now().cooperators, ["line:水务@district", "line:属地@street"]),
    ]
    desk.check()


def test_who_proposes_does_not_approve_in_whatever_role() -> None:
    for role in (Role.REVIEWER, Role.SUPERVISOR):
        own = Actor(id=PROPOSER.id, role=role)
        assert proposed().hear("JudgeProposal", own, approved=True).code is Refusal.JUDGES_OWN


def test_nobody_judges_for_a_unit_that_the_item_names() -> None:
    desk = proposed(lead="yunxi-chengguan")
    named = Actor(id="x", role=Role.REVIEWER, unit="yunxi-chengguan")
    assert desk.hear("JudgeProposal", named, approved=True).code is Refusal.JUDGES_OWN


def test_the_pack_itself_never_changes() -> None:
    before = now()
    approved()
    assert now() == before


def test_what_says_nothing_new_is_no_proposal() -> None:
    desk = Desk(NAME)
    assert desk.hear("ProposeDuty", PROPOSER, **wish()).code is Refusal.NOTHING_CHANGED
    gone = {"item": NEW, "after": None, "reason": "废止"}
    assert desk.hear("ProposeDuty", PROPOSER, **gone).code is Refusal.UNKNOWN_DUTY_ITEM


@pytest.mark.parametrize(
    ("code", "changed", "refusal"),
    [
        (ITEM, {"categories": ["没有"]}, Refusal.UNKNOWN_CATEGORY),
        (ITEM, {"lead": "nobody"}, Refusal.UNKNOWN_UNIT),
        (ITEM, {"lead": "line:没有这一线@district"}, Refusal.UNKNOWN_UNIT),
        (ITEM, {"cooperators": ["line:水务@district"], "lead": "line:水务@district"}, Refusal.UNKNOWN_UNIT),
        (ITEM, {"lead": "line:属地@street", "cooperators": []}, Refusal.GRASSROOTS_LEAD),
        (ITEM, {"lead": "t-linjiang"}, Refusal.GRASSROOTS_LEAD),
        (ITEM, {"township_role": "lead"}, Refusal.GRASSROOTS_LEAD),
        (ITEM, {"township_role": "none"}, Refusal.OFF_LIST),
        (ITEM, {"list_kind": "negative"}, Refusal.NEGATIVE_LIST),
        (NEGATIVE, {"cooperators": ["line:属地@community"]}, Refusal.NEGATIVE_LIST),
        (NEGATIVE, {"grassroots_does": "上门抄表"}, Refusal.NEGATIVE_LIST),
    ],
)
def test_the_laws_of_the_list_hold_for_proposals(code: str, changed: dict[str, Any], refusal: Refusal) -> None:
    assert Desk(NAME).hear("ProposeDuty", PROPOSER, **wish(code, **changed)).code is refusal


def test_a_finding_may_be_the_reason_and_nothing_else_passes_for_one() -> None:
    assert Desk(NAME).hear("ProposeDuty", PROPOSER, from_finding=FINDING, **wish(support="x")).status == "applied"
    for other in (NAME, "f", problem_id(3, "x")):
        refused = Desk(NAME).hear("ProposeDuty", PROPOSER, from_finding=other, **wish(support="x"))
        assert refused.code is Refusal.NOT_FOUND


def test_what_the_list_says_otherwise_by_now_is_not_approved() -> None:
    desk = proposed()
    other = {ITEM: sample_pack().duty_items[NEGATIVE]}
    items = {**sample_pack().duty_items, **other}
    pack = sample_pack()
    desk.pack = pack.__class__(**{name: getattr(pack, name) for name in pack.__slots__} | {"duty_items": items})
    assert desk.hear("JudgeProposal", Role.REVIEWER, approved=True).code is Refusal.LIST_CHANGED
    assert desk.hear("JudgeProposal", Role.REVIEWER, approved=False).status == "applied"


def test_only_who_proposed_takes_it_back() -> None:
    desk = proposed()
    assert desk.hear("WithdrawProposal", Role.SUPERVISOR).code is Refusal.NOT_YOUR_PROPOSAL
    assert desk.hear("WithdrawProposal", PROPOSER).status == "applied"
    assert desk.state.state is ProposalState.WITHDRAWN
    desk.check()


def test_the_next_list_is_this_list_with_what_was_approved() -> None:
    pack = sample_pack()
    new = now().model_copy(update={"name": "新增事项"})
    gone = Desk(aggregate_id("d", 2, "gone"))
    gone.hear("ProposeDuty", PROPOSER, item=NEGATIVE, after=None, reason="并入他项")
    gone.hear("JudgeProposal", Role.SUPERVISOR, approved=True)
    added = Desk(aggregate_id("d", 2, "new"))
    added.hear("ProposeDuty", PROPOSER, item=NEW, after=new.model_dump(), reason="清单没有")
    added.hear("JudgeProposal", Role.SUPERVISOR, approved=True)
    waiting = proposed(name="waiting", support="别的").state
    found = next_list(pack, [approved(), gone.state, added.state, waiting])
    assert sorted(found.changed) == sorted([ITEM, NEW])
    assert found.removed == [NEGATIVE]
    assert (found.lines[ITEM].support, found.lines[NEW]) == ("水务局提供沙袋", new)
    assert len(found.lines) == len(pack.duty_items)
    assert next(iter(found.lines)) == next(iter(pack.duty_items))


def test_of_two_approved_on_the_same_words_the_second_is_outdated_and_one_twice_is_done() -> None:
    first, second = approved(name="a"), approved(name="b", support="别的办法")
    second.decided = first.decided
    found = next_list(sample_pack(), [second, first, first.model_copy(update={"id": first.id[:-1] + "0"})])
    assert len(found.changed) == 1
    assert len(found.outdated) + len(found.done) == 2
    assert len(found.outdated) >= 1


def test_units_that_the_item_names_may_see_the_proposal() -> None:
    desk = proposed(lead="yunxi-chengguan")
    assert desk.state.concerns == {"yunxi-chengguan"}
    by_unit = Desk(NAME)
    by_unit.hear("ProposeDuty", "t-linjiang", **wish(support="x"))
    assert by_unit.state.concerns == {"t-linjiang"}


def problem(number: int, item: str | None, **fields: Any) -> Problem:
    return Problem(id=problem_id(3, f"m{number}"), slot=3, version=1, duty_item=item, category="020102", **fields)


def back(verdict: Verdict | None = None, suggested: str | None = None) -> Return:
    return Return(unit="u", reason=ReturnReason.NOT_OUR_DUTY, at=START, verdict=verdict, suggested=suggested)


def test_items_most_returned_or_disputed_come_first() -> None:
    problems = [
        problem(1, "A", returns=[back(Verdict.CONFERENCE, "x"), back(suggested="x")]),
        problem(2, "A", objections=[Objection(number=1, unit="t", at=START)]),
        problem(3, "B", returns=[back()]),
        problem(4, None, returns=[back(), back()]),
        problem(5, "C"),
        problem(6, "B", returns=[back()], merge=MergeRecord(
            target="p", ask="a", step="merged", before_assignments=[], before_timers=[])),
    ]  # fmt: skip
    ranked = mine(problems)
    assert [(m.item, m.category, m.problems, m.returned, m.disputed) for m in ranked] == [
        ("A", None, 2, 2, 2),
        (None, "020102", 1, 2, 0),
        ("B", None, 1, 1, 0),
    ]
    assert ranked[0].suggested == {"x": 2}


DATA: dict[str, dict[str, Any]] = {
    "ProposeDuty": wish(support="水务局提供沙袋"),
    "JudgeProposal": {"approved": True, "note": "同意"},
    "WithdrawProposal": {},
}


@pytest.mark.parametrize("state", [None, *ProposalState])
@pytest.mark.parametrize("kind", sorted(DATA))
def test_only_who_may_does_and_only_where_it_may_be_done(kind: str, state: ProposalState | None) -> None:
    row = PROPOSING_TABLE[kind]
    for role in Role:
        actor = Actor(id="提" if kind == "WithdrawProposal" else "别人", role=role)
        desk = Desk(NAME) if state is None else proposed()
        if state is ProposalState.WITHDRAWN:
            desk.hear("WithdrawProposal", PROPOSER)
        elif state in (ProposalState.APPROVED, ProposalState.REFUSED):
            desk.hear("JudgeProposal", Role.REVIEWER, approved=state is ProposalState.APPROVED)
        decision = desk.hear(kind, actor, **DATA[kind])
        if role not in row.roles:
            assert decision.code is Refusal.FORBIDDEN_ROLE
        elif state is None and not row.founds:
            assert decision.code is Refusal.NOT_FOUND
        elif state is not None and state not in row.states:
            assert decision.code is Refusal.FORBIDDEN_STATE
        else:
            assert decision.status == "applied"
            desk.check()


STEPS = st.tuples(st.sampled_from(sorted(DATA)), st.sampled_from(list(Role)), st.sampled_from(["提", "批"]), st.booleans())


@settings(max_examples=50, deadline=None)
@given(st.lists(STEPS, max_size=8))
def test_whatever_is_asked_the_events_give_the_document(steps: list[Any]) -> None:
    desk = Desk(NAME)
    for kind, role, name, yes in steps:
        data = DATA[kind] | ({"approved": yes} if kind == "JudgeProposal" else {})
        desk.hear(kind, Actor(id=name, role=role), **data)
        assert desk.state.version == 0 or desk.state.approver != desk.state.proposer
    desk.check()
