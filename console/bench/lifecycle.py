"""`wentichi bench lifecycle`: register, dispatch, sign, reply, close; whole lives a second, on an empty and on a full pool.

Every step goes the way that people's steps go: reports through intake, signing and replying through `progress.<unit>` with the
check of the reply, dispatch and closing as commands; and every one is worked to its end, down to the view that the unit sees,
before the next.
"""

import shutil
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from itertools import count, islice
from pathlib import Path
from typing import Any, Final, Protocol

import orjson

from city.pack import CityPack
from console.bench.processes import load_average
from console.bench.texts import rows
from schemas.cloudevent import event_type
from schemas.commands import COMMAND, Actor, Assign, Close, Command
from schemas.documents import Claim
from schemas.identity import command_id, report_id, slot_of_problem
from schemas.problem import Problem
from schemas.words import PROGRESS_PREFIX, Channel, ProblemState, Role, Topic, intake_topic
from streams.local.home import open_home
from streams.local.owner import Owner

STEPS: Final = ("register", "dispatch", "sign", "reply", "close")
REPLY: Final = "经核查,该处问题属实,已于当日派员到现场处理完毕,并安排专人每日巡查;如有反复请再来电。"
CLERK: Final = Actor(id="bench", role=Role.CLERK)
CHUNK: Final = 500
TOPIC: Final = intake_topic(Channel.MESSAGE).value
_SEEDS = count(1)


@dataclass(frozen=True)
class LifePlan:
    """lives: of one run; runs: on the empty and the full pool in turn; full: problems in the full pool, 0 = none."""

    lives: int = 2_000
    runs: int = 3
    full: int = 200_000


class Desk(Protocol):
    """Where the steps are taken. Each method works what it appends to the end."""

    pack: CityPack

    def register(self, events: Sequence[tuple[str, bytes]]) -> None: ...

    def command(self, commands: Sequence[Command]) -> None: ...

    def progress(self, steps: Sequence[tuple[str, str, bytes]]) -> None:
        """(unit, problem, value)"""
        ...

    def claims(self, reports: Sequence[str]) -> dict[str, Claim]: ...

    def problems(self, ids: Sequence[str]) -> dict[str, Problem]: ...


class EmbeddedDesk:
    """A pool in a folder; this process owns the stages."""

    def __init__(self, folder: Path) -> None:
        self.home = open_home(folder)
        self.pack = self.home.pack
        self._owner = Owner(self.home)
        self._owner.prepare()

    def register(self, events: Sequence[tuple[str, bytes]]) -> None:
        self._append(TOPIC, events)
        self._owner.drain()

    def command(self, commands: Sequence[Command]) -> None:
        self._append(Topic.COMMANDS.value, [("", COMMAND.dump_json(command)) for command in commands])
        self._owner.drain()

    def progress(self, steps: Sequence[tuple[str, str, bytes]]) -> None:
        for unit in sorted({unit for unit, _, _ in steps}):
            self._append(PROGRESS_PREFIX + unit, [(problem, value) for to, problem, value in steps if to == unit])
        self._owner.drain()

    def _append(self, topic: str, records: Sequence[tuple[str, bytes]]) -> None:
        for first in range(0, len(records), CHUNK):
            self.home.append(topic, records[first : first + CHUNK])

    def claims(self, reports: Sequence[str]) -> dict[str, Claim]:
        return self.home.store.claims(reports)

    def problems(self, ids: Sequence[str]) -> dict[str, Problem]:
        return self.home.store.problems(ids)

    def close(self) -> None:
        self._owner.close()
        self.home.close()


def bench_lifecycle(plan: LifePlan, folder: Path | None = None) -> dict[str, Any]:
    """On embedded pools in temporary folders (or below `folder`), removed at the end. Figures are medians of `runs`."""
    base = Path(tempfile.mkdtemp(prefix="wentichi-bench-", dir=folder))
    try:
        full = EmbeddedDesk(base / "full") if plan.full else None
        result: dict[str, Any] = {"plan": asdict(plan)}
        if full is not None:
            result["filling"] = fill(full, plan.full)
        empties, fulls = [], []
        for run in range(plan.runs):
            empty = EmbeddedDesk(base / f"empty{run}")
            empties.append(live(empty, plan.lives))
            empty.close()
            if full is not None:
                fulls.append(live(full, plan.lives))
        if full is not None:
            full.close()
        return result | compared(empties, fulls)
    finally:
        shutil.rmtree(base, ignore_errors=True)


def fill(desk: Desk, problems: int) -> dict[str, Any]:
    """Registered ones, and of every hundredth the whole life."""
    began = time.perf_counter()
    waiting = events(desk.pack, next(_SEEDS))
    for first in range(0, problems, 10 * CHUNK):
        desk.register(list(islice(waiting, min(10 * CHUNK, problems - first))))
    return {"reports": problems, "seconds": round(time.perf_counter() - began, 1)}


def events(pack: CityPack, seed: int) -> Iterator[tuple[str, bytes]]:
    """(key, CloudEvent) of made-up messages."""
    start = datetime.now(UTC) - timedelta(days=1)
    for channel, row in rows(pack, seed, start):
        source_id = row.pop("id")
        event = {"specversion": "1.0", "id": source_id, "source": "bench", "type": event_type(channel), "data": row}
        yield report_id("bench", source_id), orjson.dumps(event)


def live(desk: Desk, lives: int) -> dict[str, Any]:
    """One run: every step for all lives, then the next step."""
    reports = list(islice(events(desk.pack, next(_SEEDS)), lives))
    seconds: dict[str, float] = {}
    _timed(seconds, "register", lambda: desk.register(reports))
    claims = desk.claims([key for key, _ in reports])
    before = desk.problems(list({claim.problem for claim in claims.values()}))
    leads = {name: problem.lead or _department(desk.pack) for name, problem in before.items()}
    dispatching = [_assign(desk.pack, name, lead) for name, lead in leads.items()]
    _timed(seconds, "dispatch", lambda: desk.command(dispatching))
    signing = [(lead, name, _step(name, "sign")) for name, lead in leads.items()]
    _timed(seconds, "sign", lambda: desk.progress(signing))
    replying = [(lead, name, _step(name, "reply", REPLY)) for name, lead in leads.items()]
    _timed(seconds, "reply", lambda: desk.progress(replying))
    closing = [Close(**_base(desk.pack, name, "close")) for name in leads]
    _timed(seconds, "close", lambda: desk.command(closing))
    ended = Counter(problem.state for problem in desk.problems(list(leads)).values())
    total, done = sum(seconds.values()), ended[ProblemState.CLOSED]
    return {
        "lives": done,
        "not_closed": {state.value: number for state, number in ended.items() if state is not ProblemState.CLOSED},
        "seconds": round(total, 2),
        "lives_per_second": round(done / total, 1),
        "steps_per_second": {step: round(len(leads) / seconds[step], 1) for step in STEPS},
        "load": load_average(),
    }


def _timed(seconds: dict[str, float], step: str, work: Callable[[], None]) -> None:
    began = time.perf_counter()
    work()
    seconds[step] = time.perf_counter() - began


def _department(pack: CityPack) -> str:
    """Some unit that may lead what nobody was dispatched to."""
    return next(unit.code for unit in pack.units.values() if not unit.grassroots and unit.abolished is None)


def _base(pack: CityPack, problem: str, step: str) -> dict[str, Any]:
    return {
        "id": command_id("bench", problem, step),
        "slot": slot_of_problem(problem),
        "at": datetime.now(UTC),
        "actor": CLERK,
        "pack": pack.version,
        "problem": problem,
    }


def _assign(pack: CityPack, problem: str, lead: str) -> Command:
    return Assign(**_base(pack, problem, "dispatch"), lead=lead)


def _step(problem: str, action: str, text: str = "") -> bytes:
    return orjson.dumps({"problem": problem, "action": action, "text": text, "id": f"{action}-{problem}"})


def compared(empties: list[dict[str, Any]], fulls: list[dict[str, Any]]) -> dict[str, Any]:
    """The middle run of each, and the ratio of every pair."""
    result: dict[str, Any] = {"empty": _middle(empties)}
    if fulls:
        ratios = [b["lives_per_second"] / a["lives_per_second"] for a, b in zip(empties, fulls, strict=True)]
        result |= {"full": _middle(fulls), "ratio_full_to_empty": round(statistics.median(ratios), 3)}
    return result


def _middle(runs: list[dict[str, Any]]) -> dict[str, Any]:
    middle = sorted(runs, key=lambda run: run["lives_per_second"])[len(runs) // 2]
    return middle | {"runs": [run["lives_per_second"] for run in runs]}
