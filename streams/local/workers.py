"""Intake in processes of its own, where it is pure and costs most. They end with the owner, whatever ends it.

The owner only names a range of a topic; the worker reads it from the log and sends back effects with the commands in their
stored form, so that next to nothing is copied twice.
"""

import contextlib
import multiprocessing
import os
import signal
import sys
from collections import deque
from multiprocessing.connection import Connection, wait
from pathlib import Path

import structlog

from streams.effects import Effects
from streams.local.collector import calm

IN_HAND = 3
"""Ranges given to each worker and not yet taken back: enough that it never waits, few enough to hold in memory."""


class IntakeWorkers:
    """Ranges go round the workers and come back in order of giving. Started with the first range. One topic at a time."""

    def __init__(self, folder: Path, count: int) -> None:
        self._folder = folder
        self._count = count
        self._pipes: list[Connection] = []
        self._given: deque[tuple[str, int, int, int]] = deque()
        self._turn = 0

    def wants(self, topic: str) -> bool:
        """May another range of this topic be given?"""
        return len(self._given) < IN_HAND * self._count and (not self._given or self._given[0][0] == topic)

    def busy(self, topic: str) -> bool:
        """Are ranges of this topic still out?"""
        return bool(self._given) and self._given[0][0] == topic

    def next_offset(self, position: int) -> int:
        """The offset behind what was given, or `position` when nothing is out."""
        return self._given[-1][2] if self._given else position

    def give(self, topic: str, start: int, stop: int) -> None:
        """Hand the records [start, stop) to the worker whose turn it is."""
        if not self._pipes:
            self._start()
        worker = self._turn % len(self._pipes)
        self._turn += 1
        with contextlib.suppress(OSError):  # a worker that has ended is found out by take
            self._pipes[worker].send((topic, start, stop))
        self._given.append((topic, start, stop, worker))

    def take(self, *, wait: bool) -> tuple[int, int, Effects | None] | None:
        """(start, stop, effects) of the oldest range; None when it is not done and `wait` is False, or nothing is out.

        Effects None: the worker failed on it, or ended (then everything that was out is forgotten and must be given again).
        """
        if not self._given:
            return None
        _, start, stop, worker = self._given[0]
        pipe = self._pipes[worker]
        try:
            if not wait and not pipe.poll():
                return None
            effects: Effects | None = pipe.recv()
        except (EOFError, OSError):
            self.close()
            return start, stop, None
        self._given.popleft()
        return start, stop, effects

    def close(self) -> None:
        """Forget what is out and end the processes; a later range starts them again."""
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
    from classifiers.registry import models_folder  # noqa: PLC0415 - imported in the worker, which no other process needs
    from pool.sqlite.connection import open_pool  # noqa: PLC0415
    from pool.sqlite.store import SqliteReader, SqliteStore  # noqa: PLC0415
    from streams.local.home import POOL_FILE, open_packs, open_vault  # noqa: PLC0415
    from streams.local.log import LocalLog  # noqa: PLC0415
    from streams.local.packs import ByPack, arrived, of_one_pack  # noqa: PLC0415
    from streams.stages.intake import intake_stage  # noqa: PLC0415

    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))  # standard output is the command's own
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the owner decides when to end
    connection, vault = open_pool(folder / POOL_FILE), open_vault(folder)
    log, reader = LocalLog(connection), SqliteReader(SqliteStore(connection), vault)
    packs = open_packs(folder, connection)
    stages = ByPack(packs, lambda pack: intake_stage(pack, vault.keyed_hash, models_folder(folder)))
    calm()
    with contextlib.suppress(EOFError, OSError):
        while os.getppid() == owner:
            if not wait([pipe], timeout=5):
                continue
            topic, start, stop = pipe.recv()
            effects: Effects | None = None
            with contextlib.suppress(Exception):  # the owner bisects and names it
                packs.refresh()
                batch = log.read(topic, start, stop - start)
                if not batch:
                    effects = Effects()
                elif len(of_one_pack(packs, batch, arrived)) == len(batch):  # else the owner works it, version by version
                    effects = stages.at(batch[0].at).handle(batch, reader)
            if effects is not None:
                effects.pack_commands()
            pipe.send(effects)
