"""The log of record read back: aggregates folded from their events, and the documents that follow from them.

Rebuild writes what stands here, reconcile and audit compare with it. Nothing here knows a back end.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from casework.derive import from_record
from casework.fold import apply, next_holder
from city.pack import CityPack
from intake.seal import unseal
from pool.ports import Events, StoredEvent
from schemas.aggregate import RECENT_LIMIT, RecentCommand
from schemas.documents import Claim, ReportContent, ReportDocument
from schemas.errors import PoolDamaged
from schemas.events import read_event, stored_hash, version_of
from schemas.problem import Problem
from schemas.report_record import ReportRecord
from schemas.state import State, unborn
from schemas.words import ProblemState

CONTENTS_KEPT = 16
Keys = Callable[[Iterable[str]], dict[str, bytes | None]]


@dataclass(slots=True)
class Folded:
    """An aggregate as its events make it. records: the newest words (sealed) of every report that its events speak of."""

    state: State
    records: dict[str, tuple[int, ReportRecord]] = field(default_factory=dict)
    founded: list[str] = field(default_factory=list)
    contents: dict[str, list[str]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    @property
    def problem(self) -> Problem:
        """For who knows that it is one. Raises TypeError."""
        if not isinstance(self.state, Problem):
            raise TypeError(f"{self.state.id} is no problem")
        return self.state


def fold_log(aggregate: str, events: Iterable[StoredEvent]) -> Folded:
    """Fold one aggregate's events; every break of the chain is a fault that names its place, and ends the fold there."""
    folded = Folded(unborn(aggregate))
    for stored in events:
        if not _take(folded, stored.version, stored.line):
            return folded
    del folded.state.recent[:-RECENT_LIMIT]
    folded.state.write = folded.state.version
    return folded


def complete(folded: Folded, held: State) -> bool:
    """Fold on with what the held document decided and its outbox has not seen acked (DESIGN, protocol 2).

    False when the outbox does not reach from the log to the document; then nothing or a fault was added.
    """
    lines = [pending.line.encode() for pending in held.outbox if pending.topic == "events"]
    pending = {version_of(line): line for line in lines}
    wanted = range(folded.state.version + 1, held.version + 1)
    if not pending.keys() >= set(wanted):
        return False
    taken = all(_take(folded, version, pending[version]) for version in wanted)
    return taken and folded.state.head == held.head


def keep_books(state: State, held: State | None) -> None:
    """What the log does not hold, from the document in use: of the same state as it is.

    Of another state only the write counter counts: what a worker decided on that one must lose.
    """
    if held is None:
        return
    if (held.version, held.head) == (state.version, state.head):
        state.write, state.applied_to = held.write, held.applied_to
        state.recent, state.outbox = held.recent, held.outbox
    else:
        state.write = max(held.write + 1, state.version)


def _take(folded: Folded, version: int, line: bytes) -> bool:
    """False, with the fault named, when this line does not follow."""
    state = folded.state
    aggregate = state.id
    place = f"{aggregate} 第 {version} 版"
    if version != state.version + 1:
        folded.faults.append(f"{aggregate} 缺第 {state.version + 1} 版事件(下一条是第 {version} 版)")
        return False
    line_hash, computed = stored_hash(line, state.head)
    if line_hash != computed:
        folded.faults.append(f"{place}事件与其哈希不符,内容或次序被改动过")
        return False
    try:
        event = read_event(line)
        if event.aggregate != aggregate or event.version != version or event.previous != state.head:
            folded.faults.append(f"{place}事件不属于这个位置,次序或归属被改动过")
            return False
        apply(state, event)
    except (ValueError, KeyError, StopIteration) as error:
        folded.faults.append(f"{place}事件不能读出或不能相接:{type(error).__name__}")
        return False
    _remember(folded, event)
    return True


def _remember(folded: Folded, event: object) -> None:
    state = folded.state
    command, origin = event.command, event.origin  # type: ignore[attr-defined]
    state.recent.append(RecentCommand(id=command, status="applied", version=state.version))
    state.applied_to = origin
    record: ReportRecord | None = getattr(event, "record", None)
    if record is None or not isinstance(state, Problem):
        return
    revision = getattr(event, "revision", None) or record.revision or 1
    if record.report not in folded.records:
        folded.founded.append(record.report)
    folded.records[record.report] = (revision, record)
    folded.contents.setdefault(record.report, []).append(record.content)


class LogView:
    """Documents that follow from the log. One aggregate in memory at a time, but for those whose members it took over."""

    def __init__(self, events: Events, keys: Keys, pack: CityPack) -> None:
        self._events = events
        self._keys = keys
        self._pack = pack

    def all(self) -> Iterator[Folded]:
        """Every aggregate of the log, folded."""
        for aggregate in self._events.aggregates():
            yield self.fold(aggregate)

    def fold(self, aggregate: str) -> Folded:
        return fold_log(aggregate, self._events.events_of(aggregate))

    def reports(self, folded: Folded) -> list[ReportDocument]:
        """The searchable documents of the reports that a problem holds; none for a merged one, and for other aggregates."""
        problem = folded.state
        if not isinstance(problem, Problem) or problem.state is ProblemState.MERGED or problem.version == 0:
            return []
        records = dict(folded.records)
        missing = {member.report for member in problem.members} - set(records)
        if missing or problem.absorbed or problem.split_from:
            for relative in self.relatives(folded):
                for report, (revision, record) in relative.records.items():
                    if report not in records or records[report][0] < revision:
                        records[report] = (revision, record)
        keys = self._keys(member.report for member in problem.members)
        documents = []
        for member in problem.members:
            if member.report not in records:
                raise PoolDamaged(f"问题 {problem.id} 的来件 {member.report} 在事件记录里没有内容;请从备份恢复")
            record = records[member.report][1]
            key = keys.get(member.report)
            content = None
            if key is not None and not member.erased:
                content = ReportContent.model_validate_json(unseal(key, record.report, record.sealed))
            documents.append(from_record(problem, record, content, self._pack))
        return documents

    def claims(self, folded: Folded) -> list[Claim]:
        """The order number, and each report that was founded or added here first (not what came by a merge or split)."""
        problem = folded.state
        if not isinstance(problem, Problem):
            return []
        claims = [Claim(id=problem.order_number, problem=problem.id)] if problem.order_number else []
        for report in folded.founded:
            holder, contents = self._follow(report, folded)
            member = next((m for m in holder.problem.members if m.report == report), None)
            erased = member is not None and member.erased
            claims.append(
                Claim(
                    id=report,
                    problem=problem.id,
                    revision=member.revision if member else folded.records[report][0],
                    contents=[] if erased else list(dict.fromkeys(contents))[-CONTENTS_KEPT:],
                    mode=member.mode if member else folded.records[report][1].mode,
                    erased=erased,
                )
            )
        return claims

    def _follow(self, report: str, folded: Folded) -> tuple[Folded, list[str]]:
        """Merges and splits are followed to who holds the report now; the contents seen on the way."""
        contents: list[str] = []
        for _ in range(32):
            problem = folded.problem
            contents += folded.contents.get(report, [])
            following = next_holder(problem, report)
            if following is None:
                break
            folded = self.fold(following)
        return folded, contents

    def relatives(self, folded: Folded) -> Iterator[Folded]:
        """Problems that members came from: absorbed ones and the one it was split from, and theirs."""
        seen = {folded.problem.id}
        waiting = [*folded.problem.absorbed, folded.problem.split_from]
        while waiting:
            name = waiting.pop()
            if name is None or name in seen:
                continue
            seen.add(name)
            relative = self.fold(name)
            yield relative
            waiting += [*relative.problem.absorbed, relative.problem.split_from, *relative.problem.gone.values()]
