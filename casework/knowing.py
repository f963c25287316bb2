"""Decide one command on a knowledge item: what callers are told is written by its owner or approved by it, and doubted aloud.

In force at once is what the supervisor writes, and what the owning unit writes of its own. Anybody else's words wait for the
owner's approval: as a draft, or beside the words in force, which callers are told meanwhile. An answer that was reported wrong,
or whose last day has passed, stays to be seen with a warning until the owner has settled it.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final, TypeVar

from casework.by_table import MACHINE, Row, decide_by_table
from casework.change import Decision, Draft
from casework.timers import holds
from city.pack import CITY_SLOT, CityPack
from language.mask import PersonalData, mask
from schemas import knowledge as kn
from schemas import knowledge_events as ev
from schemas.commands import Command, FireTimer
from schemas.handling import TimerChange
from schemas.knowledge import Edition, Knowledge
from schemas.words import Clock, KnowledgeState, Refusal, Role

_S = KnowledgeState
_OWNERS: Final = frozenset({Role.UNIT, Role.SUPERVISOR})
_READERS: Final = frozenset({Role.CLERK, Role.UNIT, Role.SUPERVISOR, Role.REVIEWER, Role.CALLER})

KNOWLEDGE_TABLE: Final[dict[str, Row]] = {
    "WriteKnowledge": Row(_OWNERS | {Role.CLERK}, frozenset(KnowledgeState), founds=True),
    "ApproveKnowledge": Row(_OWNERS, frozenset({_S.DRAFT, _S.VALID, _S.DOUBTED})),
    "WithdrawKnowledge": Row(_OWNERS, frozenset({_S.DRAFT, _S.VALID, _S.DOUBTED})),
    # withdrawn too: the caller was answered before the count arrives
    "UseKnowledge": Row(MACHINE, frozenset({_S.VALID, _S.DOUBTED, _S.WITHDRAWN})),
    "ReportKnowledgeWrong": Row(_READERS, frozenset({_S.VALID, _S.DOUBTED})),
    "SettleKnowledge": Row(_OWNERS, frozenset({_S.DOUBTED})),
    "FireTimer": Row(MACHINE, frozenset(KnowledgeState)),
}
"""Who may ask what of a knowledge item in which state; a unit only of its own, but for reports of being wrong."""

C = TypeVar("C", bound=kn.OfKnowledge)


class Knowing(Draft):
    """A change to a knowledge item."""

    def __init__(self, item: Knowledge, command: Command, origin: tuple[int, int], pack: CityPack) -> None:
        super().__init__(item, clean(command) if isinstance(command, kn.OfKnowledge) else command, origin, pack)
        self.item = item

    def owns(self, unit: str) -> bool:
        """Does the actor speak for this unit, or for the unit that took over from it?"""
        actor = self.command.actor
        if actor.role is Role.SUPERVISOR:
            return True
        acting = self.pack.acting_unit(unit)
        return actor.role is Role.UNIT and actor.unit in (unit, acting.code if acting else unit)


OFFICES = frozenset((PersonalData.LANDLINE,))
"""What stays in a published answer: it names the office's number to call."""


def clean(command: C) -> C:
    """The same with all that looks like personal data masked, for who makes the command; the decision does so again."""
    texts = {
        name: mask(getattr(command, name), OFFICES).text
        for name in ("question", "answer", "source", "note")
        if hasattr(command, name)
    }
    return command.model_copy(update=texts)


def decide(change: Knowing) -> Decision:
    """A refused command changes nothing."""
    return decide_by_table(change, change.item.state, KNOWLEDGE_TABLE, _DECIDERS)


def _write(change: Knowing, command: kn.WriteKnowledge) -> None:
    item = change.item
    if item.slot != change.pack.slots[CITY_SLOT].number:
        raise change.refuse(Refusal.NOT_FOUND)
    _check_words(change, command)
    owned = item.version == 0 or change.owns(item.unit)
    if command.actor.role is Role.UNIT and not (owned and (item.version or change.owns(command.unit))):
        raise change.refuse(Refusal.NOT_YOUR_KNOWLEDGE)
    at_once = owned and change.owns(command.unit)
    words = {name: getattr(command, name) for name in ("question", "answer", "source", "valid_until", "unit")}
    words["categories"] = list(dict.fromkeys(command.categories))
    if _said_already(item, words, at_once=at_once):
        return
    timers = [TimerChange(clock=Clock.CHECK, due=ends(change.pack, command.valid_until))] if at_once else []
    kind = ev.KnowledgeWritten if at_once else ev.KnowledgeDrafted
    change.emit(kind, timers=timers, edition=item.editions_made + 1, **words)


def _check_words(change: Knowing, command: kn.WriteKnowledge) -> None:
    unit = change.pack.unit(command.unit)
    if unit is None or unit.abolished is not None:
        raise change.refuse(Refusal.UNKNOWN_UNIT)
    if any(change.pack.category(code) is None for code in command.categories):
        raise change.refuse(Refusal.UNKNOWN_CATEGORY)
    _check_day(change, command.valid_until)


def _check_day(change: Knowing, last: date | None) -> None:
    ending = ends(change.pack, last)
    if ending is not None and ending <= change.command.at:
        raise change.refuse(Refusal.VALID_UNTIL_PAST)


def ends(pack: CityPack, last: date | None) -> datetime | None:
    """The midnight of the city that ends this day, in UTC."""
    if last is None or last == date.max:
        return None
    return datetime.combine(last + timedelta(days=1), time(), pack.calendar.zone).astimezone(UTC)


def _said_already(item: Knowledge, words: dict[str, Any], *, at_once: bool) -> bool:
    """Nothing would be new: the words are in force, or wait already."""
    if at_once:
        return item.usable and item.proposed is None and _same(item, words)
    stands = item.version > 0 and item.state is not _S.WITHDRAWN and _same(item, words)
    return stands or (item.proposed is not None and _same(item.proposed, words))


def _same(one: Knowledge | Edition, words: dict[str, Any]) -> bool:
    return all(getattr(one, name) == value for name, value in words.items())


def _approve(change: Knowing, command: kn.ApproveKnowledge) -> None:
    item, waits = change.item, _waiting(change)
    if not (change.owns(item.unit) and change.owns(waits.unit)):
        raise change.refuse(Refusal.NOT_YOUR_KNOWLEDGE)
    if command.edition != waits.edition:
        raise change.refuse(Refusal.SUPERSEDED)
    if not command.approved:
        change.emit(ev.KnowledgeDeclined, edition=waits.edition, note=command.note)
        return
    _check_day(change, waits.valid_until)
    timers = [TimerChange(clock=Clock.CHECK, due=ends(change.pack, waits.valid_until))]
    change.emit(ev.KnowledgeApproved, timers=timers, edition=waits.edition, note=command.note)


def _waiting(change: Knowing) -> Knowledge | Edition:
    item = change.item
    if item.state is _S.DRAFT:
        return item
    if item.proposed is None:
        raise change.refuse(Refusal.NOTHING_PROPOSED)
    return item.proposed


def _withdraw(change: Knowing, command: kn.WithdrawKnowledge) -> None:
    _own(change)
    change.emit(ev.KnowledgeWithdrawn, timers=[TimerChange(clock=Clock.CHECK, due=None)], note=command.note)


def _own(change: Knowing) -> None:
    if not change.owns(change.item.unit):
        raise change.refuse(Refusal.NOT_YOUR_KNOWLEDGE)


def _use(change: Knowing, command: kn.UseKnowledge) -> None:
    if command.problem not in change.item.used_in:
        change.emit(ev.KnowledgeUsed, problem=command.problem)


def _report_wrong(change: Knowing, command: kn.ReportKnowledgeWrong) -> None:
    item = change.item
    if len(item.wrong) >= kn.MOST_WRONG:
        raise change.refuse(Refusal.DOUBTED_ENOUGH)
    change.emit(ev.KnowledgeReportedWrong, number=item.wrong_made + 1, note=command.note, problem=command.problem)


def _settle(change: Knowing, command: kn.SettleKnowledge) -> None:
    _own(change)
    if all(report.number != command.number for report in change.item.wrong):
        raise change.refuse(Refusal.NOT_REPORTED_WRONG)
    change.emit(ev.KnowledgeSettled, number=command.number, corrected=command.corrected, note=command.note)


def _fire(change: Knowing, command: FireTimer) -> None:
    if command.clock is not Clock.CHECK or not holds(change.item, command.clock, command.due, command.of):
        raise change.refuse(Refusal.TIMER_VOID)
    change.emit(ev.KnowledgeExpired, timers=[TimerChange(clock=Clock.CHECK, due=None)])


_DECIDERS: Final[dict[str, Callable[[Knowing, Any], None]]] = {
    "WriteKnowledge": _write,
    "ApproveKnowledge": _approve,
    "WithdrawKnowledge": _withdraw,
    "UseKnowledge": _use,
    "ReportKnowledgeWrong": _report_wrong,
    "SettleKnowledge": _settle,
    "FireTimer": _fire,
}
