"""One server on one folder: start, wait until it answers, stop, kill, pause; the same port and data after each start."""

import json
import os
import random
import secrets
import socket
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Final, Self

from deploy.local.account import Account, account
from deploy.local.faults import ServerFailed
from deploy.local.group import Group, look

RECORD: Final = "server.json"
LOG: Final = "out.log"
STOP_SECONDS: Final = 20.0
PORTS: Final = "20000-31999"
_ROOT: Final = Path(__file__).parents[2]
_SYSTEM: Final = ("PATH", "LANG", "LC_ALL", "TZ")  # what a server sees of the environment: no key, no setting of the pool


@dataclass(frozen=True, slots=True)
class Launch:
    """A command with its own environment; in `{option}` goes the mark of the start."""

    command: tuple[str, ...]
    environment: Mapping[str, str]

    def marked(self, option: str) -> "Launch":
        return Launch(
            tuple(word.replace("{option}", option) for word in self.command),
            {name: value.replace("{option}", option) for name, value in self.environment.items()},
        )


@dataclass(frozen=True, slots=True)
class Record:
    """What stands in the folder about the last start."""

    group: Group
    address: str

    @staticmethod
    def of(folder: Path) -> "Record | None":
        """None when the folder is not one of a server that was started once."""
        try:
            found = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        return Record(Group(found["pid"], found["started"], found["mark"]), found["address"])

    def write(self, folder: Path) -> None:
        """Whole or not at all."""
        draft = folder / f"{RECORD}.new"
        values = {"pid": self.group.pid, "started": self.group.started, "mark": self.group.mark, "address": self.address}
        draft.write_text(json.dumps(values), encoding="utf-8")
        draft.replace(folder / RECORD)


class Server(ABC):
    """`guarded`: the server ends with the process that started it, even when that one is killed. Not for several threads."""

    name: ClassVar[str]

    def __init__(self, folder: Path, port: int) -> None:
        """folder: made when missing; belongs to this server alone. port: 0 for a free one."""
        self.folder = folder.resolve()
        self.port = port or free_port()
        self.account: Account = account()
        self._child: subprocess.Popen[bytes] | None = None
        self._guard: subprocess.Popen[bytes] | None = None
        self._group: Group | None = None

    @property
    @abstractmethod
    def address(self) -> str:
        """What a client is given."""

    @abstractmethod
    def prepare(self) -> Launch:
        """Writes the settings; called before each start. Raises ServersMissing."""

    @abstractmethod
    def answers(self) -> bool:
        """Whether a real request is answered; takes seconds at most, raises nothing."""

    @property
    def group(self) -> Group:
        """The processes of the last start."""
        if self._group is None:
            raise ServerFailed(f"{self.name} 还没有启动")
        return self._group

    @property
    def pid(self) -> int:
        """The first process of the group."""
        return self.group.pid

    @property
    def running(self) -> bool:
        return self._group is not None and bool(self._group.members())

    def start(self, *, guarded: bool = True, seconds: float = 120) -> Self:
        """Start, and wait until it answers. Raises ServerFailed, ServersMissing."""
        self.launch(guarded=guarded)
        return self.wait_until_ready(seconds)

    def launch(self, *, guarded: bool = True) -> None:
        """Start without waiting."""
        if self.running:
            raise ServerFailed(f"{self.name} 已在运行(进程 {self.pid})")
        self._reap()
        if not _is_free(self.port):
            raise ServerFailed(f"端口 {self.port} 已被占用,{self.name} 无法启动;请停掉占用者,或换一个端口(0 为任选)")
        self.folder.mkdir(parents=True, exist_ok=True)
        mark = secrets.token_hex(8)
        launch = self.prepare().marked(Group(0, 0, mark).option)
        for part in self.folder.iterdir():
            if part.is_dir():
                self.account.take(part)
        environment = {name: os.environ[name] for name in _SYSTEM if name in os.environ}
        with (self.folder / LOG).open("wb") as log:
            self._child = subprocess.Popen(
                launch.command,
                env=environment | {"HOME": str(self.folder)} | dict(launch.environment),
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                **self.account.popen,
            )
        seen = look(self._child.pid)  # it cannot be gone: a child that ended stays until it is waited for
        self._group = Group(self._child.pid, seen.started if seen else 0, mark)
        Record(self._group, self.address).write(self.folder)
        if guarded:
            self._guard = self._guarding(self._group)

    def wait_until_ready(self, seconds: float = 120) -> Self:
        """Raises ServerFailed, after which nothing of the server is left."""
        end = time.monotonic() + seconds
        while not self.answers():
            ended = self._child is not None and self._child.poll() is not None
            if ended or time.monotonic() > end:
                last = "\n".join((self.folder / LOG).read_text(encoding="utf-8", errors="replace").splitlines()[-15:])
                self.kill()
                what = "启动后就退出了" if ended else f"在 {seconds:.0f} 秒内没有就绪"
                raise ServerFailed(f"{self.name} {what};请查看 {self.folder / LOG}。最后几行:\n{last}")
            time.sleep(0.1)
        return self

    def stop(self, seconds: float = STOP_SECONDS) -> bool:
        """True: it ended by itself in time; else it was killed."""
        clean = self._group is None or self._group.stop(seconds)
        self._reap()
        return clean

    def kill(self) -> None:
        """kill -9 of all its processes; returns when they are gone."""
        if self._group is not None:
            self._group.kill()
        self._reap()

    def pause(self) -> None:
        """Stands still with open connections, as a machine that hangs; `resume` goes on."""
        self.group.pause()

    def resume(self) -> None:
        self.group.resume()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def _guarding(self, group: Group) -> subprocess.Popen[bytes]:
        words = [str(group.pid), str(group.started), group.mark, str(os.getpid())]
        return subprocess.Popen(
            [sys.executable, "-m", "deploy.local.guard", *words],
            cwd=_ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def _reap(self) -> None:
        for child in (self._child, self._guard):
            if child is not None:
                child.wait(30)
        self._child = self._guard = None


_given: set[int] = set()


def free_port() -> int:
    """A port nobody listens on and that was not given before, below those that the system gives to outgoing connections.

    WENTICHI_PORTS (first-last): another range, so that programs side by side never take a port that a stopped server of the
    other one will want back.
    """
    first, _, last = (os.environ.get("WENTICHI_PORTS") or PORTS).partition("-")
    dice = random.SystemRandom()  # a seeded one gives the same ports to programs side by side
    while True:
        port = dice.randrange(int(first), int(last) + 1)
        if port not in _given and _is_free(port):
            _given.add(port)
            return port


def _is_free(port: int) -> bool:
    with socket.socket() as probe, suppress(OSError):
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", port))
        return True
    return False
