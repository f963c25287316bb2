"""`wentichi bench lifecycle --kafka … --elasticsearch …`: the same lives on servers, worked by worker processes."""

import shutil
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from city.pack import CityPack
from console.bench.even_city import even_city
from console.bench.kafka_fill import fill as fill_fast
from console.bench.kafka_plan import KafkaPlan, layout_of
from console.bench.kafka_pool import BenchPool, wait_until, working
from console.bench.lifecycle import LifePlan, compared, live
from schemas.commands import COMMAND, Command
from schemas.documents import Claim
from schemas.problem import Problem
from schemas.words import PROGRESS_PREFIX, Topic
from streams.kafka.remote_broker import Record
from streams.kafka.settings import Servers
from streams.kafka.topics import PARTITIONS

LATEST: Final = 300.0
"""Seconds after which steps of units that have not become commands are a fault."""
WARM: Final = 200


class ServersDesk:
    """A pool on servers whose workers run."""

    def __init__(self, pool: BenchPool) -> None:
        self._pool = pool
        self.pack: CityPack = pool.pack

    def register(self, events: Sequence[tuple[str, bytes]]) -> None:
        self._pool.append([Record(key, value) for key, value in events])
        self._pool.drain()

    def command(self, commands: Sequence[Command]) -> None:
        lines = [Record(None, COMMAND.dump_json(one), one.slot % PARTITIONS) for one in commands]
        self._pool.broker.append(Topic.COMMANDS.value, lines)
        self._pool.drain()

    def progress(self, steps: Sequence[tuple[str, str, bytes]]) -> None:
        """Until every step has become a command, and those are worked."""
        before = self._commands()
        for unit in sorted({unit for unit, _, _ in steps}):
            records = [Record(problem, value) for to, problem, value in steps if to == unit]
            self._pool.broker.append(PROGRESS_PREFIX + unit, records)
        wait_until(lambda: self._commands() >= before + len(steps), LATEST, "单位的步骤没有都变成指令")
        self._pool.drain()

    def _commands(self) -> int:
        return sum(self._pool.broker.ends([Topic.COMMANDS.value]).values())

    def claims(self, reports: Sequence[str]) -> dict[str, Claim]:
        return self._pool.pool.store.claims(reports)

    def problems(self, ids: Sequence[str]) -> dict[str, Problem]:
        return self._pool.pool.store.problems(ids)


def bench_lifecycle_on_servers(servers: Servers, plan: LifePlan, folder: Path | None = None) -> dict[str, Any]:
    """In namespaces of its own on these servers, deleted at the end. Raises PoolAway, PoolBusy when a worker ends."""
    layout = layout_of(KafkaPlan.layout)
    base = Path(tempfile.mkdtemp(prefix="wentichi-bench-", dir=folder))
    result: dict[str, Any] = {"plan": asdict(plan), "layout": KafkaPlan.layout}
    empties, fulls = [], []
    try:
        pack = even_city(base / "pack")
        full = BenchPool(servers, pack, base) if plan.full else None
        try:
            if full is not None:
                with working(full, layout):
                    live(ServersDesk(full), WARM)
                began = time.perf_counter()
                fill_fast(full, plan.full)
                result["filling"] = {"problems": full.problems(), "seconds": round(time.perf_counter() - began, 1)}
            for _ in range(plan.runs):
                with BenchPool(servers, pack, base) as empty, working(empty, layout):
                    live(ServersDesk(empty), WARM)
                    empties.append(live(ServersDesk(empty), plan.lives))
                if full is not None:
                    with working(full, layout):
                        live(ServersDesk(full), WARM)
                        fulls.append(live(ServersDesk(full), plan.lives))
        finally:
            if full is not None:
                full.__exit__()
        return result | compared(empties, fulls)
    finally:
        shutil.rmtree(base, ignore_errors=True)
