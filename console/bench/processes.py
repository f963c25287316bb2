"""What the kernel says of processes: CPU seconds, peak memory, who listens on a port. Linux only; others give nothing."""

import os
from collections.abc import Iterator
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_LISTENING = "0A"


def peak_mb(pid: int | None) -> int:
    """Peak resident memory of a process (None: this one); 0 where it is gone."""
    try:
        status = Path(f"/proc/{pid or 'self'}/status").read_text("ascii", "replace")
    except OSError:
        return 0
    return next((int(line.split()[1]) // 1024 for line in status.splitlines() if line.startswith("VmHWM")), 0)


def cpu_seconds(pid: int) -> float:
    """User and system time of a process and of its children that have ended; 0 where it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(int(field) for field in fields[11:15]) / _TICKS


def load_average() -> float:
    """Of the last minute: how many others wanted the processors."""
    return round(os.getloadavg()[0], 2)


def listener(port: int) -> int | None:
    """The process of this machine that listens on the port; None when it is elsewhere or another user's."""
    sockets = {f"socket:[{inode}]" for inode in _inodes(port)}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and sockets & _open_files(entry):
            return int(entry.name)
    return None


def _inodes(port: int) -> Iterator[str]:
    for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")):
        try:
            lines = table.read_text("ascii").splitlines()[1:]
        except OSError:
            continue
        for fields in map(str.split, lines):
            if fields[3] == _LISTENING and int(fields[1].rpartition(":")[2], 16) == port:
                yield fields[9]


def _open_files(process: Path) -> set[str]:
    found = set()
    try:
        for file in (process / "fd").iterdir():
            found.add(str(file.readlink()))
    except OSError:  # gone meanwhile, or another user's
        return found
    return found
