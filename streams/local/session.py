"""One process at an embedded pool: it appends, and works the stages itself while nobody else does.

One process owns the stages; the others append and wait for what becomes of it. When the owner dies, whoever waits takes over.
"""

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import Self

from casework.decide import forwarded
from schemas.commands import COMMAND, Command, OfProblem
from schemas.documents import Outcome
from schemas.errors import PoolBusy
from schemas.problem import Problem
from schemas.words import PROGRESS_PREFIX, ProblemState, Stage, Topic
from streams.failpoints import FailPoint, reach
from streams.local.home import Home, ownership, transaction
from streams.local.owner import Owner

POLL = 0.01
"""Seconds between two looks at a pool that somebody else works: an answer is seen within 20 ms."""
PATIENCE = 30.0
"""Seconds without any progress of the owner after which waiting ends."""
HOPS = 32
"""Merges that a command is followed through."""


class Session:
    """Use as a context manager. `workers`: intake processes, when this one comes to own the stages."""

    def __init__(self, home: Home, *, workers: int = 1, patience: float = PATIENCE) -> None:
        self.home = home
        self._workers = workers
        self._patience = patience
        self._owner: Owner | None = None
        self._held = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.release()

    def release(self) -> None:
        """Let another process own the stages."""
        if self._owner is not None:
            self._owner.close()
            self._owner = None
        self._held.close()

    def own(self) -> Owner | None:
        """The owner, if this process is it or can become it now."""
        if self._owner is None:
            with ExitStack() as attempt:
                if attempt.enter_context(ownership(self.home.folder)):
                    self._owner = Owner(self.home, workers=self._workers)
                    self._held = attempt.pop_all()
        return self._owner

    def append(
        self, topic: str, records: Sequence[tuple[str | None, bytes | None]], along: Callable[[], None] = lambda: None
    ) -> int:
        """Durably append (key, value) pairs; the next free offset of the topic. `along` writes in the same transaction."""
        with transaction(self.home.connection):
            following = self.home.log.append(topic, records, self.home.clock.now())
            along()
            reach(FailPoint.APPEND_WRITTEN)
        reach(FailPoint.APPEND_COMMITTED)
        return following

    def turn(self) -> bool:
        """One round of the stages when this process owns them; False when it does not, or there was nothing to do."""
        owner = self.own()
        return owner is not None and owner.step()

    def work(self, done: Callable[[], bool], *, seen: Callable[[], None] = lambda: None, drain: bool = False) -> bool:
        """Until `done`, or until nothing is left to do (False: it will not be done by waiting).

        drain: an owner goes on until nothing at all is left. `seen` is called after every round.
        Raises PoolBusy when another process owns the stages and nothing moves for the time of patience.
        """
        moved, since = self._positions(), time.monotonic()
        while True:
            if self.own() is not None:
                left = self.turn()
                seen()
                if not left:
                    return done()
                if not drain and done():
                    return True
                continue
            seen()
            if done():
                return True
            positions = self._positions()
            if positions != moved:
                moved, since = positions, time.monotonic()
            elif time.monotonic() - since > self._patience:
                raise PoolBusy(
                    f"另一个进程正占着这个池({self.home.folder}),{self._patience:.0f} 秒没有进展;"
                    "已写入的都在,请检查那个进程(wentichi run 或 push)是否停住,结束它后重新运行本命令"
                )
            time.sleep(POLL)

    def submit(self, *commands: Command) -> list[Outcome]:
        """Append commands, work or wait, and say what became of each: followed through merges to where it ended.

        An outcome `parked` is the end only where nothing more is to come by itself.
        """
        self.append(Topic.COMMANDS.value, [(None, COMMAND.dump_json(command)) for command in commands])
        return self.await_outcomes(commands)

    def await_outcomes(self, commands: Sequence[Command]) -> list[Outcome]:
        """The same for commands that were appended already."""
        published = self._published()
        self.work(lambda: all(self._ended(command) for command in commands) and published())
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

    def problem(self, problem: str) -> Problem | None:
        """The state document as it is now."""
        return self.home.store.problems([problem]).get(problem)

    def settle(self, problem: str) -> Problem | None:
        """Work or wait until no merge, undo or split of this problem is under way; its state then."""
        published = self._published()
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

    def worked(self, stage: Stage, topic: str, following: int) -> Callable[[], bool]:
        """A question: is everything below `following` worked, with all that it asked for, down to what units see?

        What a batch asks of casework may ask once more (a revision, a merge), so the commands are awaited in three waves.
        """
        log, commands = self.home.log, Topic.COMMANDS.value
        goals: list[tuple[str, str, int]] = [(stage.value, topic, following)]
        waves = 0
        published: Callable[[], bool] | None = None

        def answer() -> bool:
            nonlocal waves, published
            while goals and log.position(*goals[0][:2]) >= goals[0][2]:
                goals.pop()
                if waves < 3:
                    waves += 1
                    goals.append((Stage.CASEWORK.value, commands, log.next_offset(commands)))
            if goals:
                return False
            published = published or self._published()
            return published()

        return answer

    def waiting(self) -> int:
        """Records that wait in topics of the stages; what a record asks for when it is worked is not counted yet."""
        log = self.home.log
        stages = ((stage_of(topic), topic, following) for topic, following in log.topics())
        return sum(following - log.position(stage.value, topic) for stage, topic, following in stages if stage is not None)

    def _ended(self, command: Command) -> bool:
        found = self.outcome(command)
        if found is not None and found.status == "parked":
            waits_in = self.problem(found.aggregate)
            return waits_in is not None and waits_in.version == 0  # until the problem appears, perhaps for days
        return found is not None and found.status in ("applied", "refused")

    def _published(self) -> Callable[[], bool]:
        """A question: do units see what the log held when this was first asked after its making?"""
        target: int | None = None

        def answer() -> bool:
            nonlocal target
            if target is None:
                target = self._last_event()
            return self.home.log.position(Stage.PUBLISH.value, Topic.EVENTS.value) >= target

        return answer

    def _last_event(self) -> int:
        row = self.home.connection.execute("select coalesce(max(sequence), 0) from events").fetchone()
        return int(row[0])

    def _positions(self) -> tuple[tuple[int, ...], int]:
        log = self.home.log
        rows = self.home.connection.execute("select coalesce(sum(next), 0) from offsets").fetchone()
        return tuple(rows), log.next_offset(Topic.COMMANDS.value)


def stage_of(topic: str) -> Stage | None:
    """Which stage works a topic; None for those that people read."""
    if topic.startswith("intake."):
        return Stage.INTAKE
    if topic.startswith(PROGRESS_PREFIX):
        return Stage.PROGRESS
    return Stage.CASEWORK if topic == Topic.COMMANDS else None


def _under_way(problem: Problem | None) -> bool:
    return problem is not None and (problem.frozen or bool(problem.leaving))
