"""One process at an embedded pool: it appends, and works the stages itself while nobody else does.

One process owns the stages; the others append and wait for what becomes of it. When the owner dies, whoever waits takes over.
"""

import time
from collections.abc import Callable
from contextlib import ExitStack

from schemas.errors import PoolBusy
from schemas.words import Stage, Topic
from streams.failpoints import FailPoint, reach
from streams.local.home import Home, ownership, transaction
from streams.local.owner import Owner
from streams.session import PATIENCE, Pairs, PoolSession, stage_of

POLL = 0.01
"""Seconds between two looks at a pool that somebody else works: an answer is seen within 20 ms."""


class Session(PoolSession):
    """Use as a context manager. `workers`: intake processes, when this one comes to own the stages."""

    home: Home

    def __init__(self, home: Home, *, workers: int = 1, patience: float = PATIENCE) -> None:
        self.home = home
        self._workers = workers
        self._patience = patience
        self._owner: Owner | None = None
        self._held = ExitStack()

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

    def append(self, topic: str, records: Pairs, along: Callable[[], None] = lambda: None) -> list[int]:
        with transaction(self.home.connection):
            following = self.home.log.append(topic, records, self.home.clock.now())
            along()
            reach(FailPoint.APPEND_WRITTEN)
        reach(FailPoint.APPEND_COMMITTED)
        return list(range(following - len(records), following))

    def turn(self) -> bool:
        """One round of the stages when this process owns them; False when it does not, or there was nothing to do."""
        owner = self.own()
        return owner is not None and owner.step()

    def pace(self, topic: str, ahead: int) -> bool:
        stage = stage_of(topic)
        log = self.home.log
        return stage is not None and log.next_offset(topic) - log.position(stage.value, topic) > ahead and self.turn()

    def work(self, done: Callable[[], bool], *, seen: Callable[[], None] = lambda: None, drain: bool = False) -> bool:
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

    def worked(self, stage: Stage, topic: str, sign: Callable[[], bool] = lambda: False) -> Callable[[], bool]:  # noqa: ARG002
        """What a batch asks of casework may ask once more (a revision, a merge), so the commands are awaited in three waves."""
        log, commands = self.home.log, Topic.COMMANDS.value
        goals: list[tuple[str, str, int]] = [(stage.value, topic, log.next_offset(topic))]
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
            published = published or self.published()
            return published()

        return answer

    def waiting(self) -> int:
        log = self.home.log
        stages = ((stage_of(topic), topic, following) for topic, following in log.topics())
        return sum(following - log.position(stage.value, topic) for stage, topic, following in stages if stage is not None)

    def published(self) -> Callable[[], bool]:
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
