"""kill -9 at random moments under load: whatever was killed and whenever, every report is there once."""

import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from faults.conftest import COMMAND, environment
from faults.load import make_load
from faults.whole import assert_whole, opened, problems_of
from schemas.words import Channel, ProblemState
from streams.local.home import LOCK_FILE

pytestmark = pytest.mark.slow

SEED = 3
KILLS = 50
SHORTEST, LONGEST = 0.05, 1.5
"""Seconds to the kill of a push, from its start or, for every other one, from when it works."""
PUSHED_LINES = 4000
"""Lines of each file of the first test; a new file is pushed when one is done before the kills are."""
WORKING = 10
"""So many of the kills at least must hit a process that holds the stages."""

OWNER_KILLS = 20
OWNER_LINES = 4000
PROGRESS_MADE = 12
LIMIT = 400.0
"""Seconds for anything to come about."""


def start(folder: Path, *arguments: object) -> subprocess.Popen[bytes]:
    command = [COMMAND, *map(str, arguments)]
    return subprocess.Popen(
        command, env=environment(folder), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def owner_of(folder: Path) -> int | None:
    """The process that holds the stages, as the kernel lists its lock."""
    lock = folder / LOCK_FILE
    if not lock.exists():
        return None
    inode = f":{lock.stat().st_ino}"
    for line in Path("/proc/locks").read_text().splitlines():
        words = line.split()
        if words[1] == "FLOCK" and words[5].endswith(inode):
            return int(words[4])
    return None


def until_it_works(process: subprocess.Popen[bytes], folder: Path) -> None:
    """Until it holds the stages, or has ended."""
    began = time.monotonic()
    while process.poll() is None and owner_of(folder) != process.pid:
        assert time.monotonic() - began < LIMIT
        time.sleep(0.01)


def test_a_push_killed_at_fifty_moments_and_started_again_loses_and_doubles_nothing(folder, tmp_path):
    chance = random.Random(SEED)
    loads, hit, working = [], 0, 0
    file = None
    while hit < KILLS:
        if file is None:
            loads.append(make_load(Channel.HOTLINE, PUSHED_LINES, seed=100 + len(loads)))
            file = loads[-1].write(tmp_path / f"calls-{len(loads)}.jsonl")
        process = start(folder, "push", file, "--channel", "hotline", "--json")
        if hit % 2:  # counted from when it works: a busy machine takes its time to start a process
            until_it_works(process, folder)
        try:
            process.wait(chance.uniform(SHORTEST, LONGEST))
        except subprocess.TimeoutExpired:
            working += owner_of(folder) == process.pid
            process.kill()
            process.communicate()
            hit += process.returncode == -signal.SIGKILL
        else:
            _, err = process.communicate()
            assert process.returncode == 0, err.decode()
            file = None
    if file is not None:
        process = start(folder, "push", file, "--channel", "hotline", "--json")
        _, err = process.communicate(timeout=LIMIT)
        assert process.returncode == 0, err.decode()
    print(f"{hit} kills hit a running push, {working} of them the owner of the stages; {len(loads)} files")
    assert working >= WORKING
    assert_whole(folder, loads)


class Job:
    """A command that is started again whenever it was killed, until it ends by itself with status 0."""

    def __init__(self, folder: Path, name: str, *arguments: object) -> None:
        self.name = name
        self._folder = folder
        self._arguments = arguments
        self.process = start(folder, *arguments)

    def done(self) -> bool:
        if self.process.poll() is None:
            return False
        _, err = self.process.communicate()
        assert self.process.returncode == 0, f"{self.name}: {self.process.returncode} {err.decode()}"
        return True

    def kill(self) -> bool:
        """Kill and start again; False when it had ended by itself meanwhile."""
        self.process.kill()
        self.process.communicate()
        hit = self.process.returncode == -signal.SIGKILL
        if hit:
            self.process = start(self._folder, *self._arguments)
        return hit


@contextmanager
def running(jobs: list[Job]) -> Iterator[None]:
    """Nothing outlives the test."""
    try:
        yield
    finally:
        for job in jobs:
            job.process.kill()
            job.process.communicate()


def test_whoever_owns_the_stages_is_killed_twenty_times_while_two_push_and_one_replies(folder, tmp_path):
    """`run`, two pushes of the same file at once and the progress of units: the one that holds the stages is always the
    one that is killed, and started again. The push of a file twice makes its bad lines dead letters up to twice."""
    chance = random.Random(SEED)
    first = make_load(Channel.MESSAGE, 300, seed=10)
    load = make_load(Channel.GRID, OWNER_LINES, seed=9)
    file = load.write(tmp_path / "grid.jsonl")
    opening = start(folder, "push", first.write(tmp_path / "messages.jsonl"), "--channel", "message")
    assert opening.wait(LIMIT) == 0
    opening.communicate()
    with opened(folder) as home:
        dispatched = [p for p in problems_of(home).values() if p.state is ProblemState.DISPATCHED][:PROGRESS_MADE]
    assert len(dispatched) == PROGRESS_MADE
    steps = [(p.id, p.lead, action) for p in dispatched for action in ("sign", "reply")]
    jobs = [Job(folder, "run", "run")]
    with running(jobs):
        jobs += [Job(folder, "push", "push", file, "--channel", "grid", "--json") for _ in range(2)]
        kills: Counter[str] = Counter()
        began = time.monotonic()
        next_kill = began + 1
        while kills.total() < OWNER_KILLS or steps or len(jobs) > 1:
            assert time.monotonic() - began < LIMIT, f"{kills}, {len(steps)} steps left, {[job.name for job in jobs]} left"
            jobs[:] = [job for job in jobs if job.name == "run" or not job.done()]
            if steps and not any(job.name == "progress" for job in jobs):
                problem, unit, action = steps.pop(0)
                words = ("--text", "已到现场处理") if action == "reply" else ()
                key = f"{problem}-{action}"
                jobs.append(Job(folder, "progress", "progress", problem, action, "--unit", unit, "--id", key, *words))
            if kills.total() < OWNER_KILLS and time.monotonic() > next_kill:
                owner = owner_of(folder)
                hit = [job for job in jobs if job.process.pid == owner and job.kill()]
                kills.update(job.name for job in hit)
                next_kill = time.monotonic() + (chance.uniform(0.1, 1.0) if hit else 0.05)
            time.sleep(0.02)
        seconds = time.monotonic() - began
        jobs[0].process.send_signal(signal.SIGTERM)
        assert jobs[0].process.wait(LIMIT) == 0
    print(f"owners killed: {dict(kills)}, {2 * PROGRESS_MADE} steps of units, {seconds:.0f} s")
    assert kills.total() == OWNER_KILLS
    assert_whole(folder, [first, load], pushed=2)
    with opened(folder) as home:
        after = problems_of(home)
        assert {after[problem.id].state for problem in dispatched} == {ProblemState.REPLIED}
