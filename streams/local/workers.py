"""Intake in processes of its own, where it is pure and costs most. They end with the owner, whatever ends it."""

import contextlib
import multiprocessing
import os
from collections import deque
from collections.abc import Sequence
from multiprocessing.connection import Connection, wait
from pathlib import Path
from queue import SimpleQueue
from threading import Thread

from streams.effects import Effects, LogRecord

IN_HAND = 3
"""Batches given to each worker and not yet taken back: enough that it never waits, few enough to hold in memory."""


class IntakeWorkers:
    """Batches go round the workers and come back in order of giving, per topic. Started with the first batch."""

    def __init__(self, folder: Path, count: int) -> None:
        self._folder = folder
        self._count = count
        self._pipes: list[Connection] = []
        self._given: deque[tuple[str, Sequence[LogRecord], int]] = deque()
        self._turn = 0

    def wants(self, topic: str) -> bool:
        """May another batch of this topic be given? Only one topic is in work at a time."""
        return self._count > 0 and len(self._given) < IN_HAND * self._count and (not self._given or self._given[0][0] == topic)

    def busy(self, topic: str) -> bool:
        """Are batches of this topic still out?"""
        return any(name == topic for name, _, _ in self._given)

    def next_offset(self, topic: str, position: int) -> int:
        """The offset behind what was given, or `position` when nothing is out."""
        return self._given[-1][1][-1].offset + 1 if self._given and self._given[-1][0] == topic else position

    def give(self, topic: str, batch: Sequence[LogRecord]) -> None:
        """Hand a batch to the worker whose turn it is."""
        if not self._pipes:
            self._start()
        worker = self._turn % len(self._pipes)
        self._turn += 1
        self._pipes[worker].send(batch)
        self._given.append((topic, batch, worker))

    def take(self, topic: str, *, wait: bool) -> tuple[Sequence[LogRecord], Effects | None] | None:
        """The oldest batch that was given, with its effects; None when it is not done (and `wait` is False) or not of this topic.
        Effects None: the worker failed on it or ended."""
        if not self._given or self._given[0][0] != topic:
            return None
        _, batch, worker = self._given[0]
        pipe = self._pipes[worker]
        try:
            if not wait and not pipe.poll():
                return None
            effects: Effects | None = pipe.recv()
        except (EOFError, OSError):
            self.close()
            return batch, None
        self._given.popleft()
        return batch, effects

    def close(self) -> None:
        """Forget what is out and end the processes; a later batch starts them again."""
        for pipe in self._pipes:
            pipe.close()
        self._pipes, self._turn = [], 0
        self._given.clear()

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        for _ in range(self._count):
            here, there = context.Pipe()
            process = context.Process(target=_work, args=(there, self._folder, os.getpid()), daemon=True)
            process.start()
            there.close()
            self._pipes.append(here)


def _work(pipe: Connection, folder: Path, owner: int) -> None:
    """Until the pipe closes, which it does when the owner ends, even by kill -9."""
    from streams.local.home import open_home  # noqa: PLC0415 - imported in the worker, and home imports this file
    from streams.stages.intake import intake_stage  # noqa: PLC0415

    home = open_home(folder)
    stage = intake_stage(home.pack, home.vault.keyed_hash)
    batches: SimpleQueue[Sequence[LogRecord] | None] = SimpleQueue()
    Thread(target=_receive, args=(pipe, batches, owner), daemon=True).start()
    with contextlib.suppress(OSError, KeyboardInterrupt):
        while (batch := batches.get()) is not None:
            try:
                effects: Effects | None = stage.handle(batch, home.reader)
            except Exception:  # the owner bisects and names it
                effects = None
            pipe.send(effects)


def _receive(pipe: Connection, batches: "SimpleQueue[Sequence[LogRecord] | None]", owner: int) -> None:
    """Takes batches off the pipe while the worker works: an owner that gives and a worker that answers, both with more than a
    pipe holds, would wait for each other for ever."""
    with contextlib.suppress(EOFError, OSError):
        while os.getppid() == owner:
            if wait([pipe], timeout=5):
                batches.put(pipe.recv())
    batches.put(None)
