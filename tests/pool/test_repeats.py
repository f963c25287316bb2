"""What comes back after closing, and how much of the form intake fills."""

from dataclasses import replace

import pytest
from contract.samples import document

from casework.facts import Facts
from pool.filled import FILLED, filling
from pool.repeats import find
from schemas.findings import CategoryProposal, Evidence, Findings, Place, RequestTypeFinding, UrgencyFinding
from schemas.words import EvidenceKind, RequestType, Urgency

DAY = 86_400_000_000
CLOSED = Facts("p1", category="020102", grid="g1", callers=("k1", "k2"), registered=0, closed=10 * DAY)
LATER = Facts("p2", category="020102", grid="g9", callers=("k2",), registered=15 * DAY)


def test_the_same_callers_later_report_of_the_same_matter_is_a_return():
    (one,) = find([CLOSED], [CLOSED, LATER], 90).returns
    assert (one.later, one.days, one.same_caller) == (LATER, 5, True)


def test_the_same_matter_in_the_same_grid_is_one_too_and_another_callers():
    neighbour = replace(LATER, callers=("k9",), grid="g1")
    (one,) = find([CLOSED], [neighbour], 90).returns
    assert (one.days, one.same_caller) == (5, False)


@pytest.mark.parametrize(
    "other",
    [
        replace(LATER, category="020199"),
        replace(LATER, callers=("k9",)),
        replace(LATER, callers=(), grid=""),
        replace(LATER, registered=10 * DAY - 1),
        replace(LATER, registered=100 * DAY),
        replace(LATER, problem="p1"),
    ],
)
def test_another_matter_another_caller_before_closing_or_too_late_is_none(other):
    assert find([CLOSED], [other], 90).returns == ()


def test_it_counts_from_the_very_moment_of_closing_to_the_end_of_the_last_day():
    at_once, last = replace(LATER, registered=10 * DAY), replace(LATER, registered=100 * DAY - 1)
    assert [find([CLOSED], [one], 90).returns[0].days for one in (at_once, last)] == [0, 89]


def test_a_closed_problem_comes_back_once_however_often_and_the_first_time_counts():
    many = [replace(LATER, problem=f"p{number}", registered=(12 + 30 * (number % 3)) * DAY) for number in range(3, 9)]
    found = find([CLOSED], many, 90)
    assert [(one.days, one.later.problem) for one in found.returns] == [(2, "p3")]
    assert (found.within(30), found.within(2), found.within(30, same_caller=False)) == (1, 0, 0)
    assert found.closed == 1


def test_filled_is_what_intake_proposed_and_nothing_that_stands_there_anyway():
    reason = Evidence(kind=EvidenceKind.RISK_WORD, word="漏气")
    known = Findings(
        categories=[CategoryProposal(code="c", confidence=0.5)],
        urgency=UrgencyFinding(level=Urgency.URGENT, evidence=[reason]),
        place=Place(area="a1"),
        request_type=RequestTypeFinding(type=RequestType.HELP, confidence=0.9),
    )
    found = filling([document(1, findings=known), document(2)])
    assert found.reports == 2
    assert found.by_field == {"地区": 1, "网格": 0, "类别": 1, "主办单位": 0, "诉求类型": 1, "紧急程度": 1}
    assert found.share == 4 / (2 * len(FILLED))
    assert filling([]).share is None
