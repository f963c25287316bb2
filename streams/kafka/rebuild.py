"""Makes claims, problems, reports and events anew from the log of record, while the workers work (DESIGN, protocol 7).

New indices are filled beside those in use: first every line of the log, then what follows from it; then, as often as it takes,
what has changed since. At the end writing to the old ones is blocked (workers hold, visibly), the rest is brought over, and the
aliases move in one step. Nobody else writes to the new indices before that. docs/rebuild.md says why nothing is lost.
"""

import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final, TypeVar

from city.pack import CityPack
from pool.elastic.admin import block_writes, create_indices, drop_beside, mark, new_index, recall, swap, swapped, unblock
from pool.elastic.mapping import CLAIMS, EVENTS, PROBLEMS, REBUILT
from pool.elastic.pages import PAGE, Ahead, EventPages, Keys, changed_since, checkpoint
from pool.elastic.store import ElasticStore
from pool.elastic.transport import Elastic, Impatience
from pool.elastic.versioned import Versioned
from pool.folded import Folded, LogView, complete, keep_books
from pool.vault import SqliteVault
from schemas.documents import Claim, ReportDocument
from schemas.errors import PoolBusy, PoolDamaged, PoolError
from schemas.events import version_of
from schemas.problem import Problem
from schemas.state import State
from streams.kafka.log_reader import LogLine, LogReader
from streams.kafka.pool import open_vault
from streams.kafka.settings import Servers

NEAR: Final = 500
"""Changed aggregates in one pass from which the end is near enough to hold the workers for the rest."""
PASSES: Final = 30
"""After so many the workers write faster than this reads; then they are held for longer."""
WINDOW: Final = 50_000
"""Records of a partition that one pass takes, so that what it changes fits in memory."""
_LINES: Final = 2000
_PATIENCE: Final = 60.0
_MARK: Final = "rebuild"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RebuildResult:
    """aggregates, events: in the new indices. held_seconds: how long workers could not write. refused: reports whose documents
    the store refuses, with the reason; the old indices did not have them either."""

    aggregates: int
    events: int
    seconds: float
    held_seconds: float
    refused: Mapping[str, str]


def rebuild(servers: Servers, pack: CityPack, folder: Path, seen: Callable[[int], None] = lambda _count: None) -> RebuildResult:
    """seen: told how many aggregates were folded so far.

    Raises PoolDamaged (the log is broken, or behind the documents), PoolBusy (another rebuild began), PoolAway, KeyMissing. Then
    the old indices are in use as before.
    """
    elastic = Elastic(servers.elasticsearch, prefix=servers.prefix, patience=Impatience(_PATIENCE), access=servers.access)
    try:
        create_indices(elastic)
        vault = open_vault(elastic, folder)
        reader = LogReader(servers)
        try:
            _require_same_pool(elastic, pack, reader)
            return _Rebuild(elastic, vault.keys, pack, reader, seen).run()
        finally:
            reader.close()
            if isinstance(vault, SqliteVault):
                vault.close()
    finally:
        elastic.close()


def _require_same_pool(elastic: Elastic, pack: CityPack, reader: LogReader) -> None:
    city, partitions = recall(elastic, "city"), recall(elastic, "partitions")
    if city is not None and city != pack.name:
        raise PoolError(f"这个池属于城市“{city}”,现在的配置包是“{pack.name}”;请用原来的配置包(WENTICHI_PACK)")
    if partitions is not None and partitions != len(reader.starts):
        raise PoolDamaged(f"事件记录有 {len(reader.starts)} 个分区,建池时是 {partitions} 个;请运行 wentichi topics check")


class _Rebuild:
    """One run. `old`: the indices in use, read only; `new`: those beside them."""

    def __init__(self, elastic: Elastic, keys: Keys, pack: CityPack, reader: LogReader, seen: Callable[[int], None]) -> None:
        self._elastic = elastic
        self._reader = reader
        self._seen = seen
        self._pack = pack
        self._keys: Ahead[bytes | None] = Ahead(keys)
        self._token = secrets.token_hex(8)
        self._old = ElasticStore(elastic)
        self._old_claims = Versioned(elastic, CLAIMS)
        self._folded = 0
        self._at = reader.starts
        self._deferred: dict[str, str] = {}
        self._refused: dict[str, str] = {}

    def run(self) -> RebuildResult:
        began = time.monotonic()
        mark(self._elastic, _MARK, self._token)
        unblock(self._elastic, REBUILT)  # of a run that was killed
        self._marks = self._checkpoints()
        self._first_claim = self._marks[CLAIMS]
        try:
            self._make()
            self._fill()
            for _ in range(PASSES):
                if self._follow(final=False) < NEAR:
                    break
            self._beside.refresh(*REBUILT)
            held, aggregates, events = self._change_over()
        except BaseException:
            self._give_up()
            raise
        seconds = time.monotonic() - began
        return RebuildResult(aggregates, events, round(seconds, 2), round(held, 2), dict(self._refused))

    def _make(self) -> None:
        self._indices = {kind: new_index(self._elastic, kind) for kind in REBUILT}
        drop_beside(self._elastic, REBUILT, keep=self._indices.values())  # of a run that was killed
        self._beside = self._elastic.beside(self._indices)
        self._new = ElasticStore(self._beside, self._pack)
        self._events = EventPages(self._beside)
        self._view = LogView(self._events, self._keys, self._pack)

    def _give_up(self) -> None:
        """What this run began is taken away; where that does not succeed either, the next run does it."""
        with suppress(PoolError):
            if recall(self._elastic, _MARK) == self._token:
                unblock(self._elastic, REBUILT)
                drop_beside(self._elastic, REBUILT)

    def _require_alone(self) -> None:
        if recall(self._elastic, _MARK) != self._token:
            raise PoolBusy("另一个重建已经开始,本次作废,原来的索引未动;请只运行一个重建")

    def _checkpoints(self) -> dict[str, int]:
        return {kind: checkpoint(self._elastic, kind) for kind in (CLAIMS, PROBLEMS)}

    # the log

    def _fill(self) -> None:
        """Every line of the log, then every document that follows from it, then what the log does not hold."""
        ends = self._reader.ends()
        for lines in _some(self._reader.read(self._at, ends), _LINES):
            self._store_lines(lines)
        self._at = ends
        for page in self._events.pages():
            self._require_alone()
            self._fold(page, final=False)
        for ids in _some(self._old.state_ids(), PAGE):
            there = self._beside.mget(PROBLEMS, ids, "id")
            self._fold({name: 0 for name in ids if name not in there}, final=False)
        for ids in _some(self._old.claim_ids(), 2 * PAGE):
            there = self._beside.mget(CLAIMS, ids, "id")
            self._copy_claims(id_ for id_ in ids if id_ not in there)

    def _store_lines(self, lines: list[LogLine]) -> dict[str, int]:
        """Aggregate -> newest version of these lines. Readers of the log may meet a line twice; its first place counts."""
        events, newest = [], dict[str, int]()
        for line in lines:
            try:
                version = version_of(line.value)
            except (ValueError, KeyError, TypeError) as error:
                place = f"分区 {line.partition} 第 {line.offset} 条"
                raise PoolDamaged(f"事件记录{place}读不出来,未作重建;请用 audit verify 查看,从备份找回事件记录") from error
            events.append((line.key, version, line.value, line.sequence))
            newest[line.key] = max(version, newest.get(line.key, 0))
        self._new.write_events(events)
        return newest

    def _follow(self, *, final: bool) -> int:
        """What has changed since the last pass; how many aggregates. final: nobody writes any more."""
        self._require_alone()
        marks, ends = self._checkpoints(), self._reader.ends()
        if not final:
            ends = {partition: min(end, self._at.get(partition, 0) + WINDOW) for partition, end in ends.items()}
        changed = dict.fromkeys(self._deferred, 0)
        self._deferred = {}
        for lines in _some(self._reader.read(self._at, ends), _LINES):
            for name, version in self._store_lines(lines).items():
                changed[name] = max(version, changed.get(name, 0))
        self._at = ends
        for name in changed_since(self._elastic, PROBLEMS, self._marks[PROBLEMS]):
            changed.setdefault(name, 0)
        for names in _some(iter(changed), PAGE):
            self._fold({name: changed[name] for name in names}, final=final, relatives=True)
        for ids in _some(changed_since(self._elastic, CLAIMS, self._marks[CLAIMS]), 2 * PAGE):
            self._copy_claims(ids)
        self._marks = marks
        return len(changed)

    # documents

    def _fold(self, newest: Mapping[str, int], *, final: bool, relatives: bool = False) -> None:
        """Writes what follows from the events of these aggregates. relatives: also the claims of the problems that its
        reports came from, which these events may have changed."""
        held = self._old.states(newest)
        self._events.load({name: max(last, held[name].version if name in held else 0) for name, last in newest.items()})
        states, folds = [], []
        for name in newest:
            folded = self._view.fold(name)
            state = self._settled(folded, held.get(name), final=final)
            if state is not None:
                states.append(state)
                if state.version > 0:
                    folds.append(folded)
        problems = [folded.problem for folded in folds if isinstance(folded.state, Problem)]
        self._keys.fetch(member.report for problem in problems for member in problem.members)
        reports, claims = list[ReportDocument](), dict[str, Claim]()
        for folded in folds:
            try:
                reports += self._view.reports(folded)
                origins = self._view.relatives(folded) if relatives and isinstance(folded.state, Problem) else ()
                for origin in (*origins, folded):
                    claims |= {claim.id: claim for claim in self._view.claims(origin)}
            except PoolDamaged as error:  # a relative's events lie in a partition that was read before them
                self._defer(folded.state.id, str(error), final=final)
        self._new.replace(self._with_counters(claims), states)
        self._refused |= self._new.write_reports(reports)
        self._folded += len(folds)
        self._seen(self._folded)

    def _settled(self, folded: Folded, held: State | None, *, final: bool) -> State | None:
        """The state as it goes into the new index; None when it is not there, or must be looked at in the next pass."""
        state = folded.state
        if folded.faults:
            raise PoolDamaged(f"事件记录有损,未作重建:{folded.faults[0]};请用 audit verify 查看,从备份找回事件记录")
        if held is not None and held.version > state.version and not complete(folded, held):
            reason = f"问题 {held.id} 的文档是第 {held.version} 版,事件记录只到第 {state.version} 版,发件箱里也没有其余的"
            self._defer(held.id, f"问题池超前于事件记录:{reason};请找回事件记录,不要重建问题池", final=final)
            return None
        if state.version == 0:
            return held
        keep_books(state, held)
        return state

    def _defer(self, name: str, reason: str, *, final: bool) -> None:
        if final:
            raise PoolDamaged(reason)
        self._deferred[name] = reason

    def _with_counters(self, claims: Mapping[str, Claim]) -> list[Claim]:
        """A claim that a worker wrote while this runs is ahead of the log and is taken as it is; any other one keeps its
        counter, so that the next write of a worker counts."""
        found = dict(claims)
        for id_, seen in (self._old_claims.read(claims) if claims else {}).items():
            held = Claim.model_validate(seen.source["doc"])
            ahead = seen.seq_no > self._first_claim
            found[id_] = held if ahead else found[id_].model_copy(update={"write": held.write})
        return list(found.values())

    def _copy_claims(self, ids: Iterable[str]) -> None:
        """Claims that are written before their events, or were claimed by an attempt that lost."""
        self._new.replace(list(self._old.claims(ids).values()), [])

    # the end

    def _change_over(self) -> tuple[float, int, int]:
        """(seconds of hold, aggregates, events)."""
        self._require_alone()
        began = time.monotonic()
        block_writes(self._elastic, REBUILT)
        self._follow(final=True)
        self._beside.refresh(*REBUILT)
        aggregates = self._count(PROBLEMS, {"range": {"version": {"gte": 1}}})
        events = self._count(EVENTS, {"match_all": {}})
        self._require_alone()
        try:
            swap(self._elastic, self._indices)
        except PoolError:
            if not swapped(self._elastic, self._indices):  # else only the answer was lost
                raise
        return time.monotonic() - began, aggregates, events

    def _count(self, kind: str, query: Mapping[str, object]) -> int:
        _, answer = self._beside.request("POST", f"/{self._beside.name(kind)}/_count", {"query": query})
        return int(answer["count"])


def _some(items: Iterable[T], size: int) -> Iterator[list[T]]:
    rest = iter(items)
    while some := list(islice(rest, size)):
        yield some
