"""Passing the buck: what the detectors see in logs, how often they are right, and that a finding is a person's to judge."""

from collections import Counter
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from desk import Desk
from handling_logs import Log, absent_lead, lawful, logs, new_log
from hypothesis import given, settings
from hypothesis import strategies as st
from world import START, sample_pack

from casework.passing import PASSING_TABLE, Suspicion, detect, finding_id
from schemas import events_handling as done
from schemas.commands import Actor
from schemas.identity import aggregate_id, problem_id
from schemas.passing import BuckKind, Fact, FindingState
from schemas.words import Refusal, Role

PROBLEM = problem_id(3, "a problem")
NAME = finding_id(PROBLEM, BuckKind.MERE_RELAY)
LEAD, OTHER, THIRD = "yunxi-chengguan", "yunxi-shuiwu", "yunxi-huanjing"
TOWN, VILLAGE = "t-linjiang", "v-990102001001"
SUPPORTED, NOBODYS, STREETS = "Q022", "Q005", "Q046"


def log(seed: int = 1) -> Log:
    made = new_log(sample_pack(), seed)
    made.problem.members[0].caller = "caller"
    return made


def item(code: str) -> Any:
    return sample_pack().duty_items[code]


def found(made: Log) -> dict[BuckKind, Suspicion]:
    return {suspicion.kind: suspicion for suspicion in detect(made.problem, made.events, made.pack)}


def later(made: Log, **time: float) -> Log:
    made.now += timedelta(**time)
    return made


def relayed(minutes: float, after: float = 3) -> Log:
    """A lead that passes on so many minutes after it signed, and replies so many after the answer."""
    made = log()
    made.dispatch(LEAD, [], item(SUPPORTED))
    later(made, minutes=30).sign(LEAD)
    later(made, minutes=minutes).bring_in(LEAD, [OTHER])
    later(made, hours=5).reply(OTHER)
    later(made, minutes=after).reply(LEAD)
    return made


def test_a_lead_that_passes_on_at_once_and_only_hands_up_the_answer_is_a_relay() -> None:
    suspicion = found(relayed(2))[BuckKind.MERE_RELAY]
    assert suspicion.units == (LEAD,)
    facts = [line.fact for line in suspicion.evidence]
    assert facts == [Fact.TOOK_OVER, Fact.PASSED_ON, Fact.ACTED, Fact.REPLIED_AFTER]
    assert [line.facts.get("minutes") for line in suspicion.evidence] == [None, 2, None, 3]


def test_one_that_thinks_before_it_asks_or_works_on_the_answer_is_none() -> None:
    assert BuckKind.MERE_RELAY not in found(relayed(45))
    assert BuckKind.MERE_RELAY not in found(relayed(2, after=300))


def test_one_that_speaks_with_the_caller_itself_is_none() -> None:
    made = relayed(2)
    reply = made.events.pop()
    made.contact(LEAD)
    made.events.append(reply.model_copy(update={"version": reply.version + 1}))
    assert found(made) == {}


def test_nothing_is_said_of_a_lead_that_is_still_at_work() -> None:
    made = relayed(2)
    made.events.pop()
    assert found(made) == {}


def test_the_figures_are_the_packs() -> None:
    made = relayed(12)
    figure = made.pack.handling.relay_minutes.__class__(15, "测试")
    handling = made.pack.handling.__class__(
        **{n: getattr(made.pack.handling, n) for n in made.pack.handling.__slots__} | {"relay_minutes": figure}
    )
    wider = made.pack.__class__(**{n: getattr(made.pack, n) for n in made.pack.__slots__} | {"handling": handling})
    assert BuckKind.MERE_RELAY not in {s.kind for s in detect(made.problem, made.events, made.pack)}
    assert BuckKind.MERE_RELAY in {s.kind for s in detect(made.problem, made.events, wider)}


@pytest.mark.parametrize(("code", "suspected"), [(NOBODYS, True), (None, True), (SUPPORTED, False), (STREETS, False)])
def test_bringing_the_grassroots_in_is_handing_down_where_the_list_gives_it_no_part(code: str | None, suspected: bool) -> None:
    made = log()
    made.dispatch(LEAD, [], item(code) if code else None)
    later(made, minutes=30).sign(LEAD)
    later(made, hours=2).contact(LEAD)
    made.bring_in(LEAD, [TOWN])
    assert (BuckKind.HANDED_DOWN in found(made)) is suspected


def test_what_was_admitted_or_asked_by_the_clerk_is_not_handed_down_by_the_lead() -> None:
    made = log()
    made.dispatch(LEAD, [], item(NOBODYS))
    notes = {"notes": {TOWN: "sealed"}, "cooperate_due": START}
    made.add(done.CooperatorsAdded, Actor(id="casework", role=Role.SYSTEM), admission="t", **notes)
    made.add(done.CooperatorsAdded, Actor(id="王", role=Role.CLERK), **notes)
    assert found(made) == {}


def test_wanting_the_grassroots_to_lead_is_handing_down() -> None:
    made = log()
    made.dispatch(LEAD, [], item(SUPPORTED))
    made.give_back(LEAD, TOWN)
    (line,) = found(made)[BuckKind.HANDED_DOWN].evidence
    assert (line.fact, line.facts) == (
        Fact.SUGGESTED,
        {"unit": LEAD, "to": TOWN, "item": SUPPORTED, "role": "support"},
    )


def test_leaving_it_to_the_grassroots_alone_is_handing_down_and_said_once() -> None:
    made = log()
    made.dispatch(LEAD, [TOWN, VILLAGE], item(SUPPORTED))
    later(made, hours=3).contact(TOWN)
    later(made, hours=3).reply(VILLAGE)
    later(made, minutes=4).reply(LEAD)
    assert list(found(made)) == [BuckKind.HANDED_DOWN]


def test_a_lead_that_lets_the_others_do_it_all_is_absent() -> None:
    made = log()
    made.dispatch(LEAD, [OTHER, TOWN], item(SUPPORTED))
    later(made, hours=1).sign(LEAD)
    later(made, hours=3).contact(TOWN)
    later(made, hours=3).reply(OTHER)
    later(made, minutes=4).reply(LEAD)
    suspicion = found(made)[BuckKind.ABSENT_LEAD]
    assert (suspicion.units, suspicion.score) == ((LEAD,), 0.9)


def test_whoever_was_withdrawn_or_objected_with_right_is_not_waited_for() -> None:
    made = log()
    made.dispatch(LEAD, [THIRD, OTHER], item(SUPPORTED))
    made.dispatch(LEAD, [OTHER, TOWN], item(SUPPORTED))
    made.by(TOWN, done.Objected, number=1, unit=TOWN)
    made.add(done.ObjectionDecided, Actor(id="审", role=Role.REVIEWER), number=1, upheld=True)
    later(made, hours=3).reply(OTHER)
    later(made, minutes=4).reply(LEAD)
    assert list(found(made)) == [BuckKind.ABSENT_LEAD]


def test_a_quiet_lead_is_suspected_less_and_not_where_nobody_could_be_called() -> None:
    made = log()
    made.dispatch(LEAD, [OTHER], item(SUPPORTED))
    later(made, hours=3).reply(OTHER)
    later(made, hours=30).reply(LEAD)
    assert found(made)[BuckKind.ABSENT_LEAD].score == 0.5
    made.problem.members[0].caller = None
    assert found(made) == {}


@pytest.mark.parametrize(
    ("turns", "suspected"),
    [
        ([LEAD, OTHER], False),
        ([LEAD, OTHER, LEAD], True),
        ([LEAD, OTHER, THIRD], True),
    ],
)
def test_round_and_round_is_ping_pong(turns: list[str], suspected: bool) -> None:
    made = log()
    made.dispatch(turns[0], [], None)
    for here, there in pairwise(turns):
        later(made, hours=1).give_back(here)
        made.redispatch(there, None)
    assert (BuckKind.PING_PONG in found(made)) is suspected


def test_a_clerk_who_corrects_himself_is_no_ping_pong() -> None:
    made = log()
    for lead in (LEAD, OTHER, LEAD):
        later(made, hours=1).dispatch(lead, [], None)
    assert found(made) == {}


def test_every_line_of_evidence_names_an_event_of_the_log() -> None:
    for made in logs(sample_pack(), 40, 20, 20, seed=11):
        times = {event.version: event.at for event in made.events}
        for suspicion in detect(made.problem, made.events, made.pack):
            assert suspicion.units
            assert 0 < suspicion.score <= 1
            assert [line.version for line in suspicion.evidence] == sorted(line.version for line in suspicion.evidence)
            assert all(times[line.version] == line.at for line in suspicion.evidence)


def test_on_simulated_handlings_the_detectors_are_mostly_right() -> None:
    """Floors some way below what docs/passing-the-buck.md states, on other seeds than those it was measured on."""
    counts = {kind: Counter[tuple[bool, bool]]() for kind in BuckKind}
    for made in logs(sample_pack(), 400, 40, 40, seed=5):
        kinds = set(found(made))
        for kind in BuckKind:
            counts[kind][kind in kinds, kind in made.truth] += 1
    precision = {kind: one[True, True] / (one[True, True] + one[True, False]) for kind, one in counts.items()}
    recall = {kind: one[True, True] / (one[True, True] + one[False, True]) for kind, one in counts.items()}
    assert min(precision.values()) > 0.6, precision
    assert min(recall.values()) > 0.65, recall
    assert precision[BuckKind.HANDED_DOWN] > 0.95


def test_the_simulator_tells_lawful_from_unlawful() -> None:
    one, other = log(3), log(3)
    lawful(one)
    absent_lead(other)
    assert (one.truth, other.truth) == (set(), {BuckKind.ABSENT_LEAD})
    assert [event.version for event in one.events] == list(range(1, len(one.events) + 1))


# findings


def raised(minutes: float = 2) -> Desk:
    desk = Desk(NAME)
    assert raise_again(desk, minutes) == "applied"
    return desk


def raise_again(desk: Desk, minutes: float = 2, more: int = 0) -> str:
    evidence = [line.model_dump() for line in found(relayed(minutes))[BuckKind.MERE_RELAY].evidence]
    evidence[-1]["version"] += more
    said = {"problem": PROBLEM, "kind": "mere_relay", "units": [LEAD], "evidence": evidence, "score": 0.9}
    return desk.hear("RaiseFinding", Role.SYSTEM, **said).status


def test_a_scan_that_finds_the_same_again_changes_nothing_and_doubles_nothing() -> None:
    desk = raised()
    assert raise_again(desk) == "applied"
    assert desk.state.version == 1
    assert raise_again(desk, minutes=4) == "applied"
    assert (desk.state.version, desk.state.seen) == (2, 2)
    desk.check()


def test_a_person_decides_and_nothing_else_follows() -> None:
    desk = raised()
    proposal = aggregate_id("d", 2, "a proposal")
    assert desk.hear("JudgeFinding", Role.REVIEWER, confirmed=True, note="属实", proposal=proposal).status == "applied"
    assert (desk.state.state, desk.state.proposal, desk.asks) == (FindingState.CONFIRMED, proposal, [])
    desk.check()


def test_what_was_dismissed_comes_back_only_when_something_new_happened() -> None:
    desk = raised()
    desk.hear("JudgeFinding", Role.SUPERVISOR, confirmed=False, note="有电话记录")
    raise_again(desk, minutes=4)
    assert desk.state.state is FindingState.DISMISSED
    raise_again(desk, more=3)
    assert (desk.state.state, desk.state.judge) == (FindingState.SUSPECTED, "")
    desk.check()


def test_nobody_judges_a_finding_about_the_own_unit() -> None:
    own = Actor(id="x", role=Role.REVIEWER, unit=LEAD)
    assert raised().hear("JudgeFinding", own, confirmed=False, note="没有").code is Refusal.JUDGES_OWN


@pytest.mark.parametrize("proposal", ["x", NAME, PROBLEM])
def test_a_finding_carries_a_proposal_only(proposal: str) -> None:
    assert raised().hear("JudgeFinding", Role.REVIEWER, confirmed=True, note="属实", proposal=proposal).code is Refusal.NOT_FOUND


def test_a_finding_stands_under_the_name_of_its_problem_and_kind() -> None:
    said = {"problem": PROBLEM, "kind": "ping_pong", "units": [LEAD], "score": 0.9}
    line = {"version": 1, "at": START, "fact": "came_to", "facts": {}}
    assert Desk(NAME).hear("RaiseFinding", Role.SYSTEM, evidence=[line], **said).code is Refusal.NOT_FOUND
    said |= {"kind": "mere_relay", "units": ["nobody"]}
    assert Desk(NAME).hear("RaiseFinding", Role.SYSTEM, evidence=[line], **said).code is Refusal.UNKNOWN_UNIT


def test_a_suspicion_is_not_for_those_it_names() -> None:
    desk = raised()
    assert desk.state.concerns == frozenset()
    desk.hear("JudgeFinding", Role.REVIEWER, confirmed=True, note="属实")
    assert desk.state.concerns == {LEAD}


@pytest.mark.parametrize("state", [None, *FindingState])
@pytest.mark.parametrize("kind", sorted(PASSING_TABLE))
def test_only_who_may_does_and_only_where_it_may_be_done(kind: str, state: FindingState | None) -> None:
    line = {"version": 9, "at": START, "fact": "acted", "facts": {}}
    data: dict[str, dict[str, Any]] = {
        "RaiseFinding": {"problem": PROBLEM, "kind": "mere_relay", "units": [LEAD], "evidence": [line], "score": 0.5},
        "JudgeFinding": {"confirmed": True, "note": "属实"},
    }
    row = PASSING_TABLE[kind]
    for role in Role:
        desk = Desk(NAME) if state is None else raised()
        if state in (FindingState.CONFIRMED, FindingState.DISMISSED):
            desk.hear("JudgeFinding", Role.REVIEWER, confirmed=state is FindingState.CONFIRMED, note="看过")
        decision = desk.hear(kind, OTHER if role is Role.UNIT else role, **data[kind])
        if role not in row.roles:
            assert decision.code is Refusal.FORBIDDEN_ROLE
        elif state is None and not row.founds:
            assert decision.code is Refusal.NOT_FOUND
        elif state is not None and state not in row.states:
            assert decision.code is Refusal.FORBIDDEN_STATE
        else:
            assert decision.status == "applied"
            desk.check()


STEPS = st.tuples(
    st.sampled_from(["raise", "judge"]), st.booleans(), st.sampled_from([1, 2, 4]), st.integers(0, 2), st.sampled_from(list(Role))
)


@settings(max_examples=50, deadline=None)
@given(st.lists(STEPS, max_size=10))
def test_whatever_is_asked_the_events_give_the_document(steps: list[Any]) -> None:
    desk = Desk(NAME)
    for step, confirmed, minutes, more, role in steps:
        if step == "raise":
            raise_again(desk, minutes, more)
        else:
            desk.hear("JudgeFinding", OTHER if role is Role.UNIT else role, confirmed=confirmed, note="看过")
    desk.check()
