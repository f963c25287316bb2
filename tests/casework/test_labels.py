"""Only the final decision of a person is a label."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from casework.labels import BY_PEOPLE, Label, confirmed, founding
from schemas.problem import Assignment, Member, Problem
from schemas.words import AssignmentState, Basis, Channel, Ending, Mode, Part, ProblemState

AT = datetime(2026, 5, 6, tzinfo=UTC)


def member(report: str, hours: int = 0) -> Member:
    at = AT + timedelta(hours=hours)
    return Member(report=report, channel=Channel.MESSAGE, mode=Mode.LIVE, time=at, received=at, content="c")


def part(unit: str, state: AssignmentState = AssignmentState.CLOSED) -> Assignment:
    return Assignment(unit=unit, part=Part.LEAD, state=state, dispatched=AT)


def settled(**changes: Any) -> Problem:
    found: dict[str, Any] = {
        "id": "p001-a",
        "slot": 1,
        "state": ProblemState.CLOSED,
        "basis": Basis.PERSON.value,
        "category": "010203",
        "members": [member("r1")],
        "assignments": [part("u1", AssignmentState.WITHDRAWN), part("u2")],
    }
    return Problem(**found | changes)


@pytest.mark.parametrize("basis", ["person", "joint_decision", "recategorised"])
@pytest.mark.parametrize("state", [ProblemState.CLOSED, ProblemState.ARCHIVED])
def test_a_closed_dispatch_by_a_person_is_a_label_with_the_unit_that_led_last(basis: str, state: ProblemState) -> None:
    assert confirmed(settled(basis=basis, state=state)) == Label("010203", "u2")


@pytest.mark.parametrize("ending", [ending for ending in Ending if ending is not Ending.REPLIED])
def test_what_ended_without_a_unit_s_reply_is_no_label(ending: Ending) -> None:
    assert confirmed(settled(ending=ending)) is None


@pytest.mark.parametrize("basis", [basis for basis in Basis if basis not in BY_PEOPLE])
def test_no_other_basis_makes_a_label(basis: Basis) -> None:
    assert confirmed(settled(basis=basis.value)) is None


@pytest.mark.parametrize("state", [state for state in ProblemState if state not in (ProblemState.CLOSED, ProblemState.ARCHIVED)])
def test_no_other_state_makes_a_label(state: ProblemState) -> None:
    assert confirmed(settled(state=state)) is None


@pytest.mark.parametrize("missing", [{"category": None}, {"assignments": []}, {"mode": Mode.HISTORY}], ids=str)
def test_nothing_may_be_missing(missing: dict[str, Any]) -> None:
    assert confirmed(settled(**missing)) is None


def test_the_earliest_report_founds_whatever_the_order_in_the_problem() -> None:
    held = [member("late", 2), member("b"), member("a")]
    found = founding(settled(members=held))
    assert found is not None
    assert found.report == "a"
    assert founding(settled(members=[])) is None
