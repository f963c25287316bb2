"""A worker under a process manager: ended with another status than 0 it is started again, as systemd does."""

import os
import subprocess
import sys
import threading
import urllib.error
import urllib.request

from deploy.local.server import free_port
from on_servers.served import ALL_STAGES, Served, Worker, wait_until
from schemas.words import Stage
from streams.operations.holds import Hold

RESTART_AFTER = 0.5
"""Seconds, as RestartSec of systemd."""


class Supervised(Worker):
    """`statuses`: those it ended with before it was started again. `port`: of /metrics, /live and /ready."""

    def __init__(self, served: Served, *stages: Stage, **environment: str) -> None:
        self.stages = stages or ALL_STAGES
        self.port = free_port()
        self.log = served.folder / f"worker-{len(served.workers)}.log"
        self.log.touch()
        self.statuses: list[int] = []
        self._environment = os.environ | served.environment | environment
        self._stop = threading.Event()
        self._starting = threading.Lock()
        self.process = self._start()
        self._watching = threading.Thread(target=self._watch, daemon=True)
        self._watching.start()
        served.workers.append(self)

    def _start(self) -> "subprocess.Popen[bytes]":
        names = [stage.value for stage in self.stages]
        command = [sys.executable, "-m", "console.main", "work", *names, "--metrics-port", str(self.port)]
        with self.log.open("ab") as log:
            return subprocess.Popen(command, stdout=log, stderr=log, env=self._environment)

    def _watch(self) -> None:
        while True:
            status = self.process.wait()
            if self._stop.wait(RESTART_AFTER) or status == 0:
                return
            with self._starting:
                if self._stop.is_set():
                    return
                self.statuses.append(status)
                self.process = self._start()

    def kill(self) -> None:
        """Not started again."""
        with self._starting:
            self._stop.set()
        super().kill()
        self._watching.join()

    def end(self, timeout: float = 8) -> int:
        """Asked to stop, and not started again; its exit status."""
        with self._starting:
            self._stop.set()
        return super().end(timeout)

    def asked(self, path: str) -> tuple[int, str]:
        """Status and text of what it answers at its port; (0, "") when nobody listens."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def is_live(self) -> bool:
        return self.asked("/live")[0] == 200

    def is_ready(self) -> bool:
        return self.asked("/ready")[0] == 200

    def wait_until_ready(self, timeout: float = 90) -> None:
        wait_until(self.is_ready, timeout, f"ready; {self.asked('/ready')[1]}")

    def retries(self, reason: Hold) -> float:
        """How often it tried again for this reason, of both servers."""
        lines = self.asked("/metrics")[1].splitlines()
        wanted = [line for line in lines if line.startswith("wentichi_retries_total{") and f'reason="{reason}"' in line]
        return sum(float(line.rpartition(" ")[2]) for line in wanted)
