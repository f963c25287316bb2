"""Alive and ready, told apart: alive = restarting would not help; ready = this worker does its part now.

A worker that waits for a server is alive and not ready. A restart mends neither that nor an obstacle that a person must remove.
"""

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

from schemas.words import Stage
from streams.operations.holds import HOLD_SENTENCES, OBSTACLE_SENTENCES, Hold, Obstacle, Server
from streams.operations.metrics import Metrics

TICK_LIMIT: Final = 30.0
"""Seconds without a tick of the runner's loop after which it counts as stuck."""
STALL_LIMIT: Final = 300.0
"""Seconds with lag and healthy servers in which a batch must finish (protocol 8)."""
HOLD_KEPT: Final = 45.0
"""Seconds after the last try in which a server counts as waited for, unless it is freed: longer than a request that gets no
answer (30) and the pause before the next try (5)."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One of the conditions of being ready. why: Chinese; says what is missing, and never holds text of a server's answer."""

    holds: bool
    why: str = ""


@dataclass(slots=True)
class _StageState:
    partitions: int | None = None
    """None: not given out yet, or being given out anew."""
    lag: int = 0
    moved: float = 0.0
    """When it last finished a batch, or last had a reason for not finishing one."""


class Health:
    """What the runner says of itself. Every setter may be called from any thread; gauges follow.

    stages: those that this process works. clock: seconds that never go back.
    """

    def __init__(self, metrics: Metrics, stages: Iterable[Stage], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._metrics = metrics
        self._clock = clock
        self._lock = threading.Lock()
        self._ticked = clock()
        self._stages = {stage: _StageState(moved=self._ticked) for stage in stages}
        self._up: dict[Server, bool] = {}
        self._holds: dict[Server, tuple[Hold, float]] = {}
        self._held = self._ticked
        self._obstacle: Obstacle | None = None
        self._stopping = False
        for server in Server:
            metrics.holding(server).set_function(partial(self._held_now, server))

    # what the runner says

    def tick(self) -> None:
        """The runner's loop turns; at least every few seconds."""
        with self._lock:
            self._ticked = self._clock()

    def finished(self, stage: Stage, records: int) -> None:
        """A batch is acked: all its effects are durable."""
        self._metrics.batches(stage).inc()
        self._metrics.records(stage).inc(records)
        with self._lock:
            self._stages[stage].moved = self._clock()

    def waiting(self, stage: Stage, records: int, oldest_seconds: float = 0.0) -> None:
        """Records that wait in the partitions held, and the age of the oldest."""
        self._metrics.lag(stage).set(records)
        self._metrics.oldest_waiting(stage).set(oldest_seconds)
        with self._lock:
            state = self._stages[stage]
            if state.lag == 0:
                state.moved = self._clock()
            state.lag = records

    def reachable(self, server: Server, up: bool) -> None:
        """Did the server answer when it was last asked? Until it is first asked the worker is not ready."""
        self._metrics.server_up(server).set(up)
        with self._lock:
            if up and not self._up.get(server, False):
                self._excuse()
            self._up[server] = up

    def holding(self, server: Server, reason: Hold) -> None:
        """Something is held for this server and will be tried again; said at every try."""
        self._metrics.retries(server, reason).inc()
        with self._lock:
            self._held = self._clock()
            self._holds[server] = reason, self._held

    def free(self, server: Server) -> None:
        """What was held for this server went through."""
        with self._lock:
            self._holds.pop(server, None)

    def assigned(self, stage: Stage, partitions: int) -> None:
        """A rebalance is over. 0 = stands by, which is ready: there are more workers than partitions."""
        self._metrics.rebalances(stage).inc()
        self._metrics.partitions(stage).set(partitions)
        with self._lock:
            state = self._stages[stage]
            state.partitions, state.moved = partitions, self._clock()

    def revoked(self, stage: Stage) -> None:
        """A rebalance begins."""
        self._metrics.partitions(stage).set(0)
        self._metrics.lag(stage).set(0)
        self._metrics.oldest_waiting(stage).set(0)
        with self._lock:
            self._stages[stage].partitions, self._stages[stage].lag = None, 0

    def refusing(self, obstacle: Obstacle | None) -> None:
        """The worker does not work until a person has mended this; None = mended."""
        for known in Obstacle:
            self._metrics.obstacle(known).set(known is obstacle)
        with self._lock:
            if obstacle is None:
                self._excuse()
            self._obstacle = obstacle

    def stopping(self) -> None:
        """Asked to stop: no longer ready, so nobody waits for it."""
        with self._lock:
            self._stopping = True

    def _excuse(self) -> None:
        for state in self._stages.values():
            state.moved = self._clock()

    def _is_held(self, server: Server) -> bool:
        return server in self._holds and self._clock() - self._holds[server][1] <= HOLD_KEPT

    def _held_now(self, server: Server) -> float:
        with self._lock:
            return float(self._is_held(server))

    # what others ask

    def dead(self) -> str:
        """Why this process must be restarted; empty while it is alive."""
        with self._lock:
            now = self._clock()
            if now - self._ticked > TICK_LIMIT:
                return f"主循环已 {now - self._ticked:.0f} 秒没有动静"
            if self._obstacle is not None or not all(self._up.values()):
                return ""
            for stage, state in self._stages.items():
                still = now - max(state.moved, self._held)
                if state.lag and still > STALL_LIMIT:
                    return f"{stage.value} 有 {state.lag} 条等待,服务器正常,却已 {still:.0f} 秒没有做完一批"
            return ""

    def conditions(self) -> Mapping[str, Condition]:
        """Every condition of being ready, by name."""
        with self._lock:
            missing = [stage.value for stage, state in self._stages.items() if state.partitions is None]
            holds = {server: self._holds[server][0] for server in Server if self._is_held(server)}
            up, obstacle, stopping = dict(self._up), self._obstacle, self._stopping
        held = "、".join(f"在等 {server.value}({HOLD_SENTENCES[reason]})" for server, reason in holds.items())
        found = {
            "assigned": Condition(not missing, f"还没有分到分区:{'、'.join(missing)}" if missing else ""),
            "free": Condition(not holds, held),
            "unobstructed": Condition(obstacle is None, OBSTACLE_SENTENCES[obstacle] if obstacle else ""),
            "staying": Condition(not stopping, "正在停止" if stopping else ""),
        }
        for server in Server:
            answered = up.get(server)
            why = "" if answered else ("还没有问过" if answered is None else "上次没有答复")
            found[server.value] = Condition(bool(answered), why)
        return found


def watch(health: Health, end: Callable[[str], None], *, every: float = 5.0) -> threading.Thread:
    """A thread that calls `end` once with the reason when the process is dead: a loop that is stuck cannot end itself."""

    def look() -> None:
        while not (reason := health.dead()):
            time.sleep(every)
        end(reason)

    thread = threading.Thread(target=look, name="watch", daemon=True)
    thread.start()
    return thread
