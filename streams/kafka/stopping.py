"""How a worker waits: for ever while a server is away, but not a moment longer than the worker shall run."""

import threading
import time
from collections.abc import Callable
from typing import Final, TypeVar

import structlog

from schemas.errors import PoolAway, PoolBusy, WentichiError

T = TypeVar("T")

_LONGEST: Final = 5.0
log = structlog.get_logger()


class Stopping(WentichiError):
    """The worker shall end; what is in hand was not acked and will come again."""


class KafkaAway(PoolAway):
    """The broker cannot be reached or does not take anything now."""


class WorkerPaused(PoolBusy):
    """This process stood still, or fetched nothing, for longer than its group waits; its partitions belong to another by now."""


class Holding:
    """Patience of a worker. `on_hold` is told the reason at every try, in the thread that waits; `on_over` the last one of a
    wait that is over. Where another still waits for the same server, that one says so again within 5 s."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self.on_hold: Callable[[PoolAway], None] = lambda _error: None
        self.on_over: Callable[[PoolAway], None] = lambda _error: None

    def stop(self) -> None:
        """Every wait ends with Stopping from now on."""
        self._stop.set()

    @property
    def stopping(self) -> bool:
        return self._stop.is_set()

    def wait(self, attempt: int, error: PoolAway) -> None:
        self.on_hold(error)
        if attempt in (0, 3) or attempt % 12 == 0:
            log.warning("holding", reason=str(error), count=attempt + 1)
        if self._stop.wait(min(_LONGEST, 0.1 * 2 ** min(attempt, 10))):
            raise Stopping("正在停止;手上的记录没有确认,重新启动后会再来") from error

    def over(self, error: PoolAway) -> None:
        """What waited because of `error` went through, or is not tried any more."""
        self.on_over(error)

    def through(self, action: Callable[[], T]) -> T:
        """What the action gives once it no longer raises KafkaAway. Blocks."""
        attempt = 0
        last: KafkaAway | None = None
        while True:
            try:
                found = action()
            except KafkaAway as away:
                last = away
                self.wait(attempt, away)
                attempt += 1
            else:
                if last is not None:
                    self.over(last)
                return found


class Pulse:
    """Beaten by the event loop. A process that was stopped (SIGSTOP, a frozen machine) notices before it writes.

    Its partitions were given to another process after `limit` seconds. Versions keep the pool right in any case
    (DESIGN, protocol 3); this keeps a worker with an old index in memory from deciding at all.
    """

    def __init__(self, limit: float) -> None:
        self._limit = limit
        self._beaten = time.monotonic()
        self._broken = False

    def beat(self) -> None:
        if not self._broken:
            self._broken = time.monotonic() - self._beaten > self._limit
        self._beaten = time.monotonic()

    def check(self) -> None:
        """Raises WorkerPaused."""
        if self._broken or time.monotonic() - self._beaten > self._limit:
            raise WorkerPaused(f"本进程停顿超过 {self._limit:.0f} 秒,分区已交给别的进程;已退出,请由进程管理器重新启动")
