"""Both servers on one folder, for people: brought up, shown, taken down by different processes."""

import fcntl
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from deploy.local.faults import ServerFailed
from deploy.local.server import STOP_SECONDS, Record, Server

NAMES: Final = ("kafka", "elasticsearch")
Tell = Callable[[str], None]


def up(servers: dict[str, Server], tell: Tell) -> dict[str, str]:
    """Starts what does not run yet and waits for all; the addresses by name. They stay when this process ends.

    servers: by name, each on the folder of that name. What was started here is stopped again when one of them fails.
    Raises ServerFailed, ServersMissing.
    """
    base = next(iter(servers.values())).folder.parent
    with _alone(base):
        running = {name: record for name in servers if (record := _running(base / name))}
        started: dict[str, float] = {}
        try:
            for name in (name for name in servers if name not in running):
                started[name] = time.monotonic()
                servers[name].launch(guarded=False)
            for name, since in started.items():
                server = servers[name].wait_until_ready()
                tell(f"{server.name} 已就绪:{server.address}(进程 {server.pid},{time.monotonic() - since:.1f} 秒)")
        except BaseException:
            for name in started:
                servers[name].stop()
            raise
    for name, record in running.items():
        tell(f"{servers[name].name} 已在运行:{record.address}(进程 {record.group.pid})")
    return {name: running[name].address if name in running else server.address for name, server in servers.items()}


def down(base: Path, tell: Tell, *, delete: bool = False) -> None:
    """Stops what was brought up on this folder; kills what has not ended after STOP_SECONDS. delete: the data too."""
    if not base.is_dir():
        tell(f"{base} 下没有启动过服务")
        return
    with _alone(base):
        for name in reversed(NAMES):
            record = Record.of(base / name)
            if record is None:
                continue
            if not record.group.members():
                tell(f"{name} 没有在运行")
            elif record.group.stop(STOP_SECONDS):
                tell(f"{name} 已停止")
            else:
                tell(f"{name} 在 {STOP_SECONDS:.0f} 秒内没有停下,已强制结束")
            if delete:
                shutil.rmtree(base / name)
                tell(f"{name} 的数据已删除:{base / name}")


def status(base: Path) -> dict[str, Any]:
    """What is known of each server; `running` only when the recorded process is still that process."""
    return {"folder": str(base)} | {name: _status_of(base / name) for name in NAMES}


def _status_of(folder: Path) -> dict[str, Any]:
    record = Record.of(folder)
    if record is None:
        return {"running": False}
    if not record.group.members():
        return {"running": False, "address": record.address}
    group = record.group
    return {"running": True, "address": record.address, "pid": group.pid, "memory_mb": group.memory_mb()}


def _running(folder: Path) -> Record | None:
    record = Record.of(folder)
    return record if record and record.group.members() else None


@contextmanager
def _alone(base: Path) -> Iterator[None]:
    """One start or stop at a time on a folder."""
    try:
        base.mkdir(parents=True, exist_ok=True)
        lock = (base / ".lock").open("w")
    except OSError as error:
        raise ServerFailed(f"无法使用文件夹 {base}({error.strerror});请用 --folder 换一个") from error
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
