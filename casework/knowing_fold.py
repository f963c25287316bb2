"""The fold of a knowledge item: what its events made of it."""

from collections.abc import Callable
from typing import Any, Final

from casework.timers import put
from schemas import knowledge_events as ev
from schemas.knowledge import EDITIONS_KEPT, PROBLEMS_KEPT, Edition, Knowledge, WrongReport
from schemas.words import KnowledgeState


def _stand(item: Knowledge) -> None:
    """The state of an item in force."""
    item.state = KnowledgeState.DOUBTED if item.wrong or item.expired else KnowledgeState.VALID


def _edition(event: ev.WordedEvent) -> Edition:
    return Edition(
        edition=event.edition,
        at=event.at,
        by=event.actor.id,
        question=event.question,
        answer=event.answer,
        source=event.source,
        valid_until=event.valid_until,
        unit=event.unit,
        categories=list(event.categories),
    )


def _turn_to(item: Knowledge, words: Edition) -> None:
    """These are the words now; those before are an earlier edition."""
    if item.edition and item.at is not None:
        before = Edition(
            edition=item.edition,
            at=item.at,
            by=item.by,
            question=item.question,
            answer=item.answer,
            source=item.source,
            valid_until=item.valid_until,
            unit=item.unit,
            categories=item.categories,
        )
        item.editions = [*item.editions, before][-EDITIONS_KEPT:]
    item.edition, item.at, item.by = words.edition, words.at, words.by
    item.question, item.answer, item.source = words.question, words.answer, words.source
    item.valid_until, item.unit, item.categories = words.valid_until, words.unit, words.categories
    item.proposed, item.expired = None, False


def _written(item: Knowledge, event: ev.KnowledgeWritten) -> None:
    item.editions_made = event.edition
    _turn_to(item, _edition(event))
    put(item, event.timers)
    _stand(item)


def _drafted(item: Knowledge, event: ev.KnowledgeDrafted) -> None:
    item.editions_made = event.edition
    if item.usable:
        item.proposed = _edition(event)
    else:
        _turn_to(item, _edition(event))
        item.state = KnowledgeState.DRAFT


def _approved(item: Knowledge, event: ev.KnowledgeApproved) -> None:
    if item.proposed is not None:
        _turn_to(item, item.proposed)
    put(item, event.timers)
    _stand(item)


def _declined(item: Knowledge, _event: ev.KnowledgeDeclined) -> None:
    if item.proposed is not None:
        item.proposed = None
    else:
        item.state = KnowledgeState.WITHDRAWN


def _withdrawn(item: Knowledge, event: ev.KnowledgeWithdrawn) -> None:
    item.state, item.proposed, item.wrong = KnowledgeState.WITHDRAWN, None, []
    put(item, event.timers)


def _used(item: Knowledge, event: ev.KnowledgeUsed) -> None:
    item.used += 1
    item.used_in = [*item.used_in, event.problem][-PROBLEMS_KEPT:]


def _reported_wrong(item: Knowledge, event: ev.KnowledgeReportedWrong) -> None:
    item.wrong_made = event.number
    said = WrongReport(number=event.number, by=event.actor.id, at=event.at, note=event.note, problem=event.problem)
    item.wrong = [*item.wrong, said]
    _stand(item)


def _settled(item: Knowledge, event: ev.KnowledgeSettled) -> None:
    item.wrong = [report for report in item.wrong if report.number != event.number]
    _stand(item)


def _expired(item: Knowledge, event: ev.KnowledgeExpired) -> None:
    item.expired = True
    put(item, event.timers)
    _stand(item)


KNOWLEDGE_FOLDS: Final[dict[str, Callable[[Any, Any], None]]] = {
    "KnowledgeWritten": _written,
    "KnowledgeDrafted": _drafted,
    "KnowledgeApproved": _approved,
    "KnowledgeDeclined": _declined,
    "KnowledgeWithdrawn": _withdrawn,
    "KnowledgeUsed": _used,
    "KnowledgeReportedWrong": _reported_wrong,
    "KnowledgeSettled": _settled,
    "KnowledgeExpired": _expired,
}
