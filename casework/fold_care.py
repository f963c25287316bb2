"""The fold of everything round the units' parts: time, whistles, the ladder, callers, supervision. See casework.fold."""

from collections.abc import Callable
from typing import Any, Final

from casework.fold_parts import derive_state, end_pause
from casework.timers import put
from schemas import events_handling as ev
from schemas.handling import Application, Card, Extension, Hop, Pause, Recheck, Supervision, UnitRating, Whistle
from schemas.problem import Member, Problem
from schemas.words import ProblemState, Wish


def answered_directly(problem: Problem, event: ev.AnsweredDirectly) -> None:
    problem.ended_by = event.knowledge
    put(problem, event.timers)


def declined(problem: Problem, event: ev.ProblemDeclined) -> None:
    problem.ended_by = event.reason.value
    put(problem, event.timers)


def handed_over(problem: Problem, event: ev.ProblemHandedOver) -> None:
    problem.ended_by = f"{event.to.value} {event.number}"
    put(problem, event.timers)


def timers_only(problem: Problem, event: ev.Noted | ev.ReportSupplemented) -> None:
    put(problem, event.timers)


def applied(problem: Problem, event: ev.Applied) -> None:
    fields = {"wish": event.wish, "unit": event.unit, "amount": event.amount, "reason": event.reason, "note": event.note}
    problem.applications.append(Application(at=event.at, **fields))
    put(problem, event.timers)


def application_decided(problem: Problem, event: ev.ApplicationDecided) -> None:
    asked = next(one for one in problem.applications if one.wish is event.wish and one.decided is None)
    asked.granted, asked.decided, asked.by = event.granted, event.at, event.actor.id
    if event.granted and event.wish is Wish.EXTENSION:
        longer = Extension(amount=asked.amount, unit=event.unit_of_time, at=event.at, by=event.actor.id)
        problem.extensions.append(longer)
    if event.granted and event.wish is Wish.EXCLUSION and asked.reason is not None:
        problem.excluded = asked.reason.value
    put(problem, event.timers)


def paused(problem: Problem, event: ev.HandlingPaused) -> None:
    problem.pauses.append(Pause(start=event.at, why=event.why))
    put(problem, event.timers)
    problem.state = derive_state(problem)


def resumed(problem: Problem, event: ev.HandlingResumed) -> None:
    end_pause(problem, event.at)
    put(problem, event.timers)
    problem.state = derive_state(problem)


def whistle_blown(problem: Problem, event: ev.WhistleBlown) -> None:
    problem.whistles.append(Whistle(number=event.number, by=event.by, to=event.to, at=event.at, asked=event.asked))
    put(problem, event.timers)


def whistle(problem: Problem, number: int) -> Whistle:
    return next(one for one in problem.whistles if one.number == number)


def whistle_answered(problem: Problem, event: ev.WhistleAnswered) -> None:
    found = whistle(problem, event.number)
    found.answered, found.coming = event.at, event.coming
    put(problem, event.timers)


def whistle_arrived(problem: Problem, event: ev.WhistleArrived) -> None:
    found = whistle(problem, event.number)
    found.arrived, found.coming = event.at, True
    found.answered = found.answered or event.at
    put(problem, event.timers)


def whistle_ended(problem: Problem, event: ev.WhistleEnded) -> None:
    found = whistle(problem, event.number)
    found.ended, found.outcome, found.mark_of_summoned = event.at, event.outcome, event.mark
    put(problem, event.timers)


def whistle_rated(problem: Problem, event: ev.WhistleRated) -> None:
    whistle(problem, event.number).mark_of_whistler = event.mark
    put(problem, event.timers)


def hop_started(problem: Problem, event: ev.HopStarted) -> None:
    problem.ladder.append(Hop(post=event.post, level=event.level, since=event.at, due=event.due))
    problem.proposal = event.proposal or problem.proposal
    put(problem, event.timers)
    problem.state = derive_state(problem)


def hop_ended(problem: Problem, event: ev.HopEnded) -> None:
    hop = problem.ladder[-1]
    hop.ended, hop.end, hop.note = event.at, event.end, event.note
    put(problem, event.timers)
    problem.state = derive_state(problem)


def _member(problem: Problem, report: str) -> Member:
    return next(member for member in problem.members if member.report == report)


def urged(problem: Problem, event: ev.ReportUrged) -> None:
    _member(problem, event.report).urged += 1
    put(problem, event.timers)


def withdrawn(problem: Problem, event: ev.ReportWithdrawn) -> None:
    _member(problem, event.report).withdrawn = event.at
    put(problem, event.timers)


def called_back(problem: Problem, event: ev.CalledBack) -> None:
    """An attempt in vain only counts; the first rating stays beside the last (domain.md E)."""
    member = _member(problem, event.report)
    member.calls += 1
    if event.reached:
        member.contacted = event.contacted if event.contacted is not None else member.contacted
        member.solved = event.solved if event.solved is not None else member.solved
        if event.rating is not None or event.solved is not None:
            member.heard = event.at
        if event.rating is not None:
            member.rating = event.rating
            member.first_rating = member.first_rating or event.rating
    put(problem, event.timers)


def card_shown(problem: Problem, event: ev.CardShown) -> None:
    problem.cards.append(Card(colour=event.colour, unit=event.unit, at=event.at, due=event.due))
    put(problem, event.timers)


def escalated(problem: Problem, event: ev.Escalated) -> None:
    problem.escalation = event.level
    if event.due is None:
        problem.waited = event.level
    else:
        problem.escalated_due, problem.escalated_to = event.due, event.level
    put(problem, event.timers)


def supervision_started(problem: Problem, event: ev.SupervisionStarted) -> None:
    problem.supervision = Supervision(reason=event.reason, since=event.at, by=event.actor.id, due=event.due, note=event.note)
    problem.supervised += 1
    put(problem, event.timers)


def supervision_ended(problem: Problem, event: ev.SupervisionEnded) -> None:
    problem.supervision = None
    put(problem, event.timers)


def recheck_asked(problem: Problem, event: ev.RecheckAsked) -> None:
    problem.rechecks.append(Recheck(checker=event.checker, asked=event.at))
    put(problem, event.timers)


def recheck_done(problem: Problem, event: ev.RecheckDone) -> None:
    found = problem.rechecks[-1]
    found.done, found.outcome, found.by, found.note = event.at, event.outcome, event.actor.id, event.note
    put(problem, event.timers)


def archived(problem: Problem, event: ev.ProblemArchived) -> None:
    problem.state = ProblemState.ARCHIVED
    put(problem, event.timers)


def unit_rated(problem: Problem, event: ev.UnitRated) -> None:
    problem.unit_ratings.append(UnitRating(by=event.by, of=event.of, mark=event.mark, at=event.at))
    put(problem, event.timers)


FOLDS: Final[dict[str, Callable[[Problem, Any], None]]] = {
    "AnsweredDirectly": answered_directly,
    "ProblemDeclined": declined,
    "ProblemHandedOver": handed_over,
    "Noted": timers_only,
    "ReportSupplemented": timers_only,
    "Applied": applied,
    "ApplicationDecided": application_decided,
    "HandlingPaused": paused,
    "HandlingResumed": resumed,
    "WhistleBlown": whistle_blown,
    "WhistleAnswered": whistle_answered,
    "WhistleArrived": whistle_arrived,
    "WhistleEnded": whistle_ended,
    "WhistleRated": whistle_rated,
    "HopStarted": hop_started,
    "HopEnded": hop_ended,
    "ReportUrged": urged,
    "ReportWithdrawn": withdrawn,
    "CalledBack": called_back,
    "CardShown": card_shown,
    "Escalated": escalated,
    "SupervisionStarted": supervision_started,
    "SupervisionEnded": supervision_ended,
    "RecheckAsked": recheck_asked,
    "RecheckDone": recheck_done,
    "ProblemArchived": archived,
    "UnitRated": unit_rated,
}
