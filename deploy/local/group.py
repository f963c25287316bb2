"""A group of processes that is known for certain: a signal goes out only after /proc has shown that it is still that process."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

_MARK: Final = "-Dwentichi.server="
_PAUSE: Final = 0.05


class Seen(NamedTuple):
    """What /proc says of a process. started: in clock ticks since the machine started."""

    state: str
    group: int
    started: int


def look(pid: int) -> Seen | None:
    """None when there is no such process."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return Seen(fields[0], int(fields[2]), int(fields[19]))


@dataclass(frozen=True, slots=True)
class Group:
    """pid: the first process, whose id is the group's. started: its start in ticks. mark: a word that only this start has
    and that stands in the command line of every Java of it."""

    pid: int
    started: int
    mark: str

    @property
    def option(self) -> str:
        """The Java option that carries the mark."""
        return _MARK + self.mark

    def members(self) -> list[int]:
        """The living processes, the first one first; a process that took over the number is none."""
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                pid = int(entry.name)
                seen = look(pid)
                if seen and seen.group == self.pid and seen.state not in "ZX" and self._is_ours(pid, seen):
                    found.append(pid)
        return sorted(found, key=lambda pid: (pid != self.pid, pid))

    def memory_mb(self) -> int:
        """Resident memory of all members."""
        return sum(kilobytes for pid in self.members() for kilobytes in _resident(pid)) // 1024

    def signal(self, number: signal.Signals) -> None:
        """To all members, at once."""
        if self.members():
            os.killpg(self.pid, number)

    def stop(self, seconds: float) -> bool:
        """Asks the first process to end, paused or not, and kills what is left after `seconds`. True: it ended by itself."""
        living = self.members()
        if not living:
            return True
        os.kill(living[0], signal.SIGTERM)
        self.signal(signal.SIGCONT)
        if self.wait_gone(seconds):
            return True
        self.kill()
        return False

    def kill(self) -> None:
        """kill -9, and waits until nothing is left."""
        self.signal(signal.SIGKILL)
        if not self.wait_gone(20):
            raise TimeoutError(f"进程 {self.pid} 在 kill -9 之后 20 秒仍未结束;请检查磁盘与系统日志")

    def wait_gone(self, seconds: float) -> bool:
        """Whether all members have ended in time."""
        return _within(seconds, lambda: not self.members())

    def pause(self) -> None:
        """SIGSTOP, and waits until every member stands still."""
        self.signal(signal.SIGSTOP)
        if not _within(10, lambda: all((seen := look(pid)) is None or seen.state in "Tt" for pid in self.members())):
            raise TimeoutError(f"进程 {self.pid} 没有停住")

    def resume(self) -> None:
        """SIGCONT."""
        self.signal(signal.SIGCONT)

    def _is_ours(self, pid: int, seen: Seen) -> bool:
        if pid == self.pid:
            return seen.started == self.started
        try:
            return self.option.encode() in Path(f"/proc/{pid}/cmdline").read_bytes()
        except (FileNotFoundError, ProcessLookupError):
            return False


def _within(seconds: float, reached: Callable[[], bool]) -> bool:
    end = time.monotonic() + seconds
    while not reached():
        if time.monotonic() > end:
            return False
        time.sleep(_PAUSE)
    return True


def _resident(pid: int) -> Iterator[int]:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return
    yield from (int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))
