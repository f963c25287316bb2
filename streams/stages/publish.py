"""publish: after every change each unit gets its whole current view of the problem on `dispatch.<unit>`."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Protocol

from casework.derive import texts_for_units, unit_views
from city.pack import CityPack
from intake.seal import is_sealed, unseal
from schemas.documents import ReportDocument
from schemas.errors import PoolDamaged
from schemas.problem import Member, Problem
from schemas.words import DISPATCH_PREFIX
from streams.effects import Effects, LogRecord, Message


class ViewReader(Protocol):
    """Of the port Reader, what views are made of."""

    def problems(self, ids: Iterable[str]) -> dict[str, Problem]: ...

    def report_documents(self, ids: Iterable[str]) -> dict[str, ReportDocument]: ...

    def keys(self, ids: Iterable[str]) -> dict[str, bytes | None]: ...


class PublishStage:
    """Views are taken from the documents as they are, so a view is never older than its event; a later one takes its place."""

    def __init__(self, pack: CityPack) -> None:
        self._pack = pack

    def handle(self, batch: Sequence[LogRecord], reader: ViewReader) -> Effects:
        effects = Effects()
        changed = dict.fromkeys(event.key for event in batch if event.key is not None)
        erased = {event.key for event in batch if _erases(event)}
        problems = {name: found for name, found in reader.problems(changed).items() if found.assignments}
        if not problems:
            return effects
        reports = reader.report_documents({m.report for problem in problems.values() for m in problem.members})
        asked = [name for name, problem in problems.items() if any(map(is_sealed, texts_for_units(problem)))]
        keys = reader.keys(asked) if asked else {}
        for name in changed:
            problem = problems.get(name)
            if problem is None:
                continue
            effects.versions[name] = problem.version
            documents = [reports[m.report] for m in problem.members if m.report in reports]
            if any(is_behind(member, reports.get(member.report)) for member in problem.members):
                effects.behind.add(name)
            opened = opened_texts(problem, keys.get(name))
            for view in unit_views(problem, documents, opened, self._pack):
                topic = DISPATCH_PREFIX + view.unit
                if name in erased:
                    effects.messages.append(Message(topic, name, None))
                effects.messages.append(Message(topic, name, view.model_dump_json().encode()))
        return effects


def newest(batch: Sequence[LogRecord]) -> list[LogRecord]:
    """Of each problem its last event, whose views show all before it, so that a problem whose views cannot be made costs one
    dead letter a batch; and every erasure, for its tombstone. What is no event of a problem is left out."""
    last = {event.key: event for event in batch if event.key and event.value is not None}
    return [event for event in batch if event.key in last and (last[event.key] is event or _erases(event))]


def is_behind(member: Member, document: ReportDocument | None) -> bool:
    """The report's document does not show yet what its problem says of it: documents are derived after the events went out."""
    if document is None:
        return True
    moves = document.version >> 40
    return moves < member.moves or document.revision < member.revision or (member.erased and not document.erased)


def _erases(event: LogRecord) -> bool:
    return b'"type":"ReportErased"' in (event.value or b"")


def opened_texts(problem: Problem, key: bytes | None) -> dict[str, str]:
    """What is asked of the units. A text that this key does not open is left out: it must not keep the rest from its unit."""
    texts = texts_for_units(problem)
    opened = {text: text for text in texts if not is_sealed(text)}  # of the duty list, and of officials' tasks
    if key is None:
        return opened
    for text in texts - opened.keys():
        with suppress(PoolDamaged, UnicodeDecodeError):
            opened[text] = unseal(key, problem.id, text).decode()
    return opened
