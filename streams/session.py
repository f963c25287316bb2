"""What people's commands ask of a pool, wherever it lives: in a folder, or on Kafka and Elasticsearch."""

import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from casework.decide import forwarded
from city.pack import CityPack
from pool.ports import Search, Vault, Writes
from pool.reconcile import Pool
from schemas.commands import COMMAND, Command, OfProblem
from schemas.documents import DeadLetter, Outcome
from schemas.problem import Problem
from schemas.state import State
from schemas.words import PROGRESS_PREFIX, ProblemState, Stage, Topic
from streams.clock import Clock
from streams.effects import LogRecord

PATIENCE = 30.0
"""Seconds without any progress of those who work the stages after which waiting ends."""
HOPS = 32
"""Merges that a command is followed through."""
_SHIFT = 40

Pairs = Sequence[tuple[str | None, bytes | None]]
"""(key, value) of records."""


class PoolStore(Pool, Protocol):
    """Documents and log, as people's commands read and mend them."""

    def problems(self, ids: Iterable[str]) -> dict[str, Problem]: ...

    def states(self, ids: Iterable[str]) -> dict[str, State]: ...

    def outcomes(self, commands: Iterable[str]) -> dict[str, Outcome]: ...

    def dead_letters(self, after: str = "", limit: int = 100) -> list[DeadLetter]: ...

    def dead_letters_of(self, report: str) -> list[DeadLetter]: ...


class Views(Protocol):
    """One subscriber's reading of a dispatch topic."""

    def read(self, limit: int) -> list[LogRecord]:
        """The next records, at most `limit`; none when there are no more now."""
        ...

    def done(self) -> None:
        """Whatever was read is received: this subscriber's next reading goes on behind it."""
        ...

    def close(self) -> None: ...


class PoolHome(Protocol):
    """An open pool. One thread at a time; every process opens its own."""

    @property
    def folder(self) -> Path:
        """Of this machine: the pool itself, or only what this machine keeps (master key, how far a push came)."""
        ...

    @property
    def name(self) -> str:
        """Where the pool is, for people."""
        ...

    @property
    def pack(self) -> CityPack: ...

    @property
    def store(self) -> PoolStore: ...

    @property
    def search(self) -> Search: ...

    @property
    def vault(self) -> Vault: ...

    @property
    def clock(self) -> Clock: ...

    @property
    def notebook(self) -> sqlite3.Connection:
        """Where this machine notes how far a push came."""
        ...

    def letters_at(self, places: Iterable[str]) -> dict[str, DeadLetter]:
        """Dead letters by id; those that are not there are absent."""
        ...

    def drop_letters(self, ids: Sequence[str]) -> None:
        """They are listed no more. Inside `along` of an append: with it, or after it."""
        ...

    def mend(self, writes: Writes) -> None:
        """Write what a comparison with the log has found to be right."""
        ...

    def views(self, unit: str, reader: str, *, from_start: bool) -> Views:
        """What `reader` has not received yet of what the unit was sent; everything with from_start."""
        ...

    def note_erasure(self, report: str) -> tuple[Path, ...]:
        """Tell every backup in reach; those that could not be told."""
        ...

    def forget_unworked(self, report: str) -> int:
        """Dead letters and raw records of the report go, keys first; how many letters there were."""
        ...

    def close(self) -> None: ...


class PoolSession(ABC):
    """One process that appends and waits for what becomes of it. Use as a context manager."""

    home: PoolHome

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.release()

    @abstractmethod
    def release(self) -> None:
        """What this process holds for itself is free again. The home stays open."""

    @abstractmethod
    def append(self, topic: str, records: Pairs, along: Callable[[], None] = lambda: None) -> list[int]:
        """Durable on return; the place of each record, partition << 40 | offset. `along` writes in the same transaction, or
        right after where there is none: then it may be missing after a crash, and the records come again."""

    @abstractmethod
    def work(self, done: Callable[[], bool], *, seen: Callable[[], None] = lambda: None, drain: bool = False) -> bool:
        """Until `done`, or until nothing is left to do (False: it will not be done by waiting). `seen` is called now and then.

        drain: whoever works the stages himself goes on until nothing at all is left.
        Raises PoolBusy when nothing moves for the time of patience.
        """

    @abstractmethod
    def worked(self, stage: Stage, topic: str, sign: Callable[[], bool] = lambda: False) -> Callable[[], bool]:
        """A question: is everything that stands in the topic now worked, with all that it asked for, down to what units see?

        sign: says sooner of the record in question that it was worked, where others work the stages.
        """

    @abstractmethod
    def pace(self, topic: str, ahead: int) -> bool:
        """One round of the stages where this process works them and more than `ahead` records wait in the topic; else False."""

    @abstractmethod
    def waiting(self) -> int:
        """Records that wait for the stages; what a record asks for when it is worked is not counted yet."""

    @abstractmethod
    def published(self) -> Callable[[], bool]:
        """A question: do units see what the log held when this was first asked after its making?"""

    def submit(self, *commands: Command) -> list[Outcome]:
        """Append commands, work or wait, and say what became of each: followed through merges to where it ended.

        An outcome `parked` is the end only where nothing more is to come by itself.
        """
        self.append(Topic.COMMANDS.value, [(None, COMMAND.dump_json(command)) for command in commands])
        return self.await_outcomes(commands)

    def await_outcomes(self, commands: Sequence[Command]) -> list[Outcome]:
        """The same for commands that were appended already."""
        published = self.published()
        self.work(lambda: all(self.ended(command) for command in commands) and published())
        return [self.outcome(command) or Outcome(command=command.id, status="parked") for command in commands]

    def outcome(self, command: Command) -> Outcome | None:
        """What has become of a command so far; None when it was not decided yet."""
        for _ in range(HOPS):
            found = self.home.store.outcomes([command.id]).get(command.id)
            if found is None or found.status != "forwarded" or not isinstance(command, OfProblem):
                return found
            source = self.problem(found.aggregate)
            if source is None or source.merge is None:
                return found
            command = forwarded(command, source.merge.target)
        return found

    def ended(self, command: Command) -> bool:
        """Nothing more will become of the command by itself."""
        found = self.outcome(command)
        if found is not None and found.status == "parked":
            waits_in = self.problem(found.aggregate)
            return waits_in is not None and waits_in.version == 0  # until the problem appears, perhaps for days
        return found is not None and found.status in ("applied", "refused")

    def problem(self, problem: str) -> Problem | None:
        """The state document as it is now."""
        return self.home.store.problems([problem]).get(problem)

    def settle(self, problem: str) -> Problem | None:
        """Work or wait until no merge, undo or split of this problem is under way; its state then."""
        published = self.published()
        self.work(lambda: not _under_way(self.problem(problem)) and published())
        return self.problem(problem)

    def root(self, problem: str) -> Problem | None:
        """Who holds the members of this problem now."""
        found = self.problem(problem)
        for _ in range(HOPS):
            if found is None or found.state is not ProblemState.MERGED or found.merge is None:
                return found
            found = self.problem(found.merge.target)
        return found


def place_name(topic: str, place: int) -> str:
    """topic-partition-offset, the id of the dead letter that the record would become."""
    return f"{topic}-{place >> _SHIFT}-{place & (1 << _SHIFT) - 1}"


def packed_place(partition: int, offset: int) -> int:
    """The place of a record as one number."""
    return partition << _SHIFT | offset


def stage_of(topic: str) -> Stage | None:
    """Which stage works a topic; None for those that people read."""
    if topic.startswith("intake."):
        return Stage.INTAKE
    if topic.startswith(PROGRESS_PREFIX):
        return Stage.PROGRESS
    return Stage.CASEWORK if topic == Topic.COMMANDS else None


def _under_way(problem: Problem | None) -> bool:
    return problem is not None and (problem.frozen or bool(problem.leaving))
