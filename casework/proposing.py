"""Decide one command on a proposal to change the duty list (seed rows 2.9, 3.3, 3.4), and mine problems for what should be
proposed.

Who approves is never who proposed. What is approved goes into the next version of the pack (`next_list`); no pack is changed in
place.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from casework.by_table import NEUTRAL, Row, decide_by_table
from casework.change import Decision, Draft
from city.pack import CityPack
from city.records import DutyItem, TerritorialPattern, Unit
from city.terms import AreaLevel
from schemas import proposals as pro
from schemas.commands import Command
from schemas.identity import slot_of
from schemas.problem import Problem
from schemas.proposals import DutyLine, DutyProposal, ProposalState
from schemas.words import Refusal, Role, Verdict

_S = ProposalState
_MAY_PROPOSE: Final = NEUTRAL | {Role.CLERK, Role.UNIT}
PROPOSING_TABLE: Final[dict[str, Row]] = {
    "ProposeDuty": Row(_MAY_PROPOSE, frozenset(), founds=True),
    "JudgeProposal": Row(NEUTRAL, frozenset({_S.PROPOSED})),
    "WithdrawProposal": Row(_MAY_PROPOSE, frozenset({_S.PROPOSED})),
}
"""Who may ask what of a proposal, in which state."""


class Proposing(Draft):
    """A change to a proposal."""

    def __init__(self, proposal: DutyProposal, command: Command, origin: tuple[int, int], pack: CityPack) -> None:
        super().__init__(proposal, command, origin, pack)
        self.proposal = proposal


def decide(change: Proposing) -> Decision:
    """A refused command changes nothing."""
    return decide_by_table(change, change.proposal.state, PROPOSING_TABLE, _DECIDERS)


def line_of(item: DutyItem) -> DutyLine:
    """What the pack's list says of it now."""
    return DutyLine(
        name=item.name,
        categories=list(item.categories),
        lead=item.lead,
        cooperators=list(item.cooperators),
        township_role=item.township_role.value,
        list_kind=item.list_kind.value,
        legal_basis=item.legal_basis,
        words=list(item.words),
        grassroots_does=item.grassroots_does,
        support=item.support,
    )


def listed(pack: CityPack, code: str) -> DutyLine | None:
    """The item's line in this version of the list."""
    item = pack.duty_items.get(code)
    return line_of(item) if item else None


def _propose(change: Proposing, command: pro.ProposeDuty) -> None:
    pack, before, after = change.pack, listed(change.pack, command.item), command.after
    if before is None and after is None:
        raise change.refuse(Refusal.UNKNOWN_DUTY_ITEM)
    if before == after:
        raise change.refuse(Refusal.NOTHING_CHANGED)
    refusal = _unlawful(pack, after) if after is not None else None
    if refusal is not None:
        raise change.refuse(refusal)
    try:
        known = command.from_finding is None or bool(command.from_finding[:1] == "f" and slot_of(command.from_finding))
    except ValueError:
        known = False
    if not known:
        raise change.refuse(Refusal.NOT_FOUND)
    change.emit(
        pro.DutyProposed,
        item=command.item,
        before=before,
        after=after,
        reason=command.reason,
        from_finding=command.from_finding,
        based_on=pack.version,
    )


def _unlawful(pack: CityPack, line: DutyLine) -> Refusal | None:
    """The laws of the list (city.check_duty): codes that the pack has, one lead that is no cooperator too, and no department's
    matter for the grassroots (国办函〔2025〕66号 (五))."""
    if any(code not in pack.categories for code in line.categories):
        return Refusal.UNKNOWN_CATEGORY
    if line.lead in line.cooperators or not all(_meant(pack, name) for name in (line.lead, *line.cooperators)):
        return Refusal.UNKNOWN_UNIT
    leading = _is_grassroots(pack, line.lead)
    asked = any(_is_grassroots(pack, name) for name in line.cooperators)
    if line.list_kind == "negative" and (leading or asked or line.township_role != "none" or line.grassroots_does):
        return Refusal.NEGATIVE_LIST
    if leading is not (line.township_role == "lead"):
        return Refusal.GRASSROOTS_LEAD
    return Refusal.OFF_LIST if line.township_role == "none" and (asked or line.grassroots_does) else None


def _meant(pack: CityPack, name: str) -> list[Unit]:
    """The units that a lead or cooperator of the list can mean somewhere in the city."""
    pattern = TerritorialPattern.parse(name)
    if pattern is None:
        unit = pack.acting_unit(name)
        return [unit] if unit else []
    found = (u for u in pack.units.values() if u.line == pattern.line and u.abolished is None)
    return [unit for unit in found if unit.area in pack.areas and pack.areas[unit.area].level is pattern.level]


def _is_grassroots(pack: CityPack, name: str) -> bool:
    pattern = TerritorialPattern.parse(name)
    if pattern is not None and pattern.level in (AreaLevel.CITY, AreaLevel.DISTRICT):
        return False
    return any(unit.grassroots for unit in _meant(pack, name))


def _judge(change: Proposing, command: pro.JudgeProposal) -> None:
    """Approved is only what still speaks of the list as it is."""
    proposal = change.proposal
    units = {name for line in (proposal.before, proposal.after) if line is not None for name in (line.lead, *line.cooperators)}
    own = command.actor.unit is not None and command.actor.unit in units | {proposal.proposer_unit}
    if command.actor.id == proposal.proposer or own:
        raise change.refuse(Refusal.JUDGES_OWN)
    if command.approved and listed(change.pack, proposal.item) != proposal.before:
        raise change.refuse(Refusal.LIST_CHANGED)
    change.emit(pro.ProposalJudged, approved=command.approved, note=command.note)


def _withdraw(change: Proposing, command: pro.WithdrawProposal) -> None:
    if command.actor.id != change.proposal.proposer:
        raise change.refuse(Refusal.NOT_YOUR_PROPOSAL)
    change.emit(pro.ProposalWithdrawn, note=command.note)


_DECIDERS: Final[dict[str, Callable[[Proposing, Any], None]]] = {
    "ProposeDuty": _propose,
    "JudgeProposal": _judge,
    "WithdrawProposal": _withdraw,
}


@dataclass(slots=True)
class NextList:
    """A list as approved proposals leave it. changed: codes of new and changed items; removed; outdated: proposals that were
    approved on an item which says something else by now; done: those that the list has taken up already."""

    lines: dict[str, DutyLine]
    changed: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    outdated: list[DutyProposal] = field(default_factory=list)
    done: list[DutyProposal] = field(default_factory=list)


def next_list(pack: CityPack, proposals: Iterable[DutyProposal]) -> NextList:
    """The pack's list with what was approved, in the order of approval."""
    found = NextList({code: line_of(item) for code, item in pack.duty_items.items()})
    approved = [(p.decided, p.id, p) for p in proposals if p.state is ProposalState.APPROVED and p.decided is not None]
    for _, _, proposal in sorted(approved):
        now = found.lines.get(proposal.item)
        if now == proposal.after:
            found.done.append(proposal)
        elif now != proposal.before:
            found.outdated.append(proposal)
        elif proposal.after is None:
            del found.lines[proposal.item]
            found.removed.append(proposal.item)
        else:
            found.lines[proposal.item] = proposal.after
            found.changed.append(proposal.item)
    return found


@dataclass(slots=True)
class Mined:
    """What problems of one duty item (of one category, where no item was found) say about the list. suggested: units that returns
    named instead."""

    item: str | None
    category: str | None
    problems: int = 0
    returned: int = 0
    disputed: int = 0
    suggested: Counter[str] = field(default_factory=Counter)


def mine(problems: Iterable[Problem]) -> list[Mined]:
    """Items most returned or disputed (row 2.9), for a person to look at: the most first. A dispute is a return that went to a
    conference or fallback, or an objection; only items with any of it are ranked. A problem that merged counts where it went."""
    found: dict[tuple[str | None, str | None], Mined] = {}
    for problem in problems:
        if problem.version == 0 or problem.merge is not None:
            continue
        key = (problem.duty_item, None if problem.duty_item else problem.category)
        mined = found.setdefault(key, Mined(*key))
        mined.problems += 1
        mined.returned += len(problem.returns)
        argued = (Verdict.CONFERENCE, Verdict.FALLBACK)
        mined.disputed += sum(given.verdict in argued for given in problem.returns) + len(problem.objections)
        mined.suggested.update(given.suggested for given in problem.returns if given.suggested)
    ranked = [mined for mined in found.values() if mined.returned or mined.disputed]
    return sorted(ranked, key=lambda m: (-m.returned - m.disputed, -m.disputed, m.item or "", m.category or ""))
