"""Load that flows by itself while a test makes faults."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Self

from faults.load import Load, make_load

from on_servers.served import Served
from schemas.commands import Actor, Assign
from schemas.words import Channel, Role

CLERK = Actor(id="clerk-1", role=Role.CLERK)


class Feeding:
    """A little of everything, again and again: reports, progress, erasures, and assignments whose clocks have long run out.

    Begins when it is made. `loads`: what was sent, for Served.assert_whole.
    """

    def __init__(self, served: Served, *, every: float = 1.0, count: int = 16) -> None:
        """every: seconds between two loads of `count` lines."""
        self.loads: list[Load] = []
        self._served = served
        self._every = every
        self._count = count
        self._stop = threading.Event()
        self._sending = threading.Lock()
        self._acting = True
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stop.set()
        self._thread.join()
        if error is None and self._error is not None:
            raise self._error

    def stop(self) -> None:
        """Raises what ended the feeding before its time."""
        self.__exit__(None, None, None)

    def flow(self, seconds: float) -> None:
        """Lets it flow for so long, and until at least one more load was sent."""
        until, sent = time.monotonic() + seconds, len(self.loads)
        while time.monotonic() < until or len(self.loads) == sent:
            self._thread.join(0.05)
            assert self._thread.is_alive(), repr(self._error)

    def send(self, load: Load) -> None:
        """This too, once."""
        self._served.send(load)
        self.loads.append(load)

    @contextmanager
    def reports_only(self) -> Iterator[None]:
        """Meanwhile nothing is sent for which the pool must be read."""
        with self._sending:
            self._acting = False
        yield
        self._acting = True

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Meanwhile nothing is sent."""
        with self._sending:
            yield

    def _run(self) -> None:
        try:
            number = 0
            while not self._stop.is_set():
                number += 1
                with self._sending:
                    self.send(make_load(list(Channel)[number % 4], self._count, seed=100 + number))
                    if self._acting:
                        self._acts(number)
                self._stop.wait(self._every)
        except BaseException as error:
            self._error = error

    def _acts(self, number: int) -> None:
        served = self._served
        served.pool.elastic.refresh("reports")
        documents = served.pool.store.report_documents(list(served.pool.store.report_ids())[:400])
        standing = [document for document in documents.values() if not document.erased]
        if not standing:
            return
        served.erase(standing[number % len(standing)].id)
        other = standing[(number * 7) % len(standing)]
        long_ago = datetime.now(UTC) - timedelta(days=60)
        named = {"id": f"assign-{number}", "slot": other.slot, "at": long_ago, "actor": CLERK}
        served.put(Assign(**named, problem=other.problem, lead="yunxi-shuiwu"))
        lead = other.lead or next(iter(served.pack.units))
        served.progress(lead, problem=other.problem, action="sign", id=f"sign-{number}")
