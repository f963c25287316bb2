"""Decide one command on a finding of passing the buck (邹城, seed rows 3.2 and 3.3): found by a scan, judged by a person, never
followed by anything automatic. What is looked for stands in casework.passing_signs."""

from collections.abc import Callable
from typing import Any, Final

from casework.by_table import MACHINE, NEUTRAL, Row, decide_by_table
from casework.change import Decision, Draft
from casework.passing_signs import Suspicion, detect
from city.pack import CityPack
from schemas import passing as pas
from schemas.commands import Command
from schemas.identity import aggregate_id, slot_of
from schemas.passing import BuckFinding, BuckKind, FindingState
from schemas.words import Refusal

__all__ = ["PASSING_TABLE", "Judging", "Suspicion", "decide", "detect", "finding_id"]

_S = FindingState
PASSING_TABLE: Final[dict[str, Row]] = {
    "RaiseFinding": Row(NEUTRAL | MACHINE, frozenset(FindingState), founds=True),
    "JudgeFinding": Row(NEUTRAL, frozenset({_S.SUSPECTED})),
}
"""Who may ask what of a finding, in which state."""


class Judging(Draft):
    """A change to a finding."""

    def __init__(self, finding: BuckFinding, command: Command, origin: tuple[int, int], pack: CityPack) -> None:
        super().__init__(finding, command, origin, pack)
        self.finding = finding


def finding_id(problem: str, kind: BuckKind) -> str:
    """One finding of a kind in a problem, in the problem's slot."""
    return aggregate_id("f", slot_of(problem), problem, kind.value)


def decide(change: Judging) -> Decision:
    """A refused command changes nothing."""
    return decide_by_table(change, change.finding.state, PASSING_TABLE, _DECIDERS)


def _raise(change: Judging, command: pas.RaiseFinding) -> None:
    """The same evidence again changes nothing. What was dismissed is a suspicion again only when something happened after what
    was looked at then."""
    finding = change.finding
    try:
        right = finding.id == finding_id(command.problem, command.kind)
    except ValueError:
        right = False
    if not right:
        raise change.refuse(Refusal.NOT_FOUND)
    if any(unit not in change.pack.units for unit in command.units):
        raise change.refuse(Refusal.UNKNOWN_UNIT)
    if finding.version and (command.units, command.evidence) == (finding.units, finding.evidence):
        return
    newest = max((line.version for line in finding.evidence), default=0)
    later = max(line.version for line in command.evidence) > newest
    change.emit(
        pas.FindingRaised,
        problem=command.problem,
        kind=command.kind,
        units=command.units,
        evidence=command.evidence,
        score=command.score,
        reopened=finding.state is FindingState.DISMISSED and later,
    )


def _judge(change: Judging, command: pas.JudgeFinding) -> None:
    if command.actor.unit in change.finding.units or command.actor.id in change.finding.units:
        raise change.refuse(Refusal.JUDGES_OWN)
    try:
        known = command.proposal is None or bool(command.proposal[:1] == "d" and slot_of(command.proposal))
    except ValueError:
        known = False
    if not known or (command.proposal and not command.confirmed):
        raise change.refuse(Refusal.NOT_FOUND)
    change.emit(pas.FindingJudged, confirmed=command.confirmed, note=command.note, proposal=command.proposal)


_DECIDERS: Final[dict[str, Callable[[Judging, Any], None]]] = {"RaiseFinding": _raise, "JudgeFinding": _judge}
