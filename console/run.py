"""`wentichi run`: the owner's loop; the stages follow what arrives."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from console.opening import open_local_home
from console.servers import named_servers
from console.terminal import Json, aside, print_json
from schemas.errors import ContractError
from streams.local.home import Home
from streams.local.session import POLL, Session

AT_LEAST_EVERY = 0.5
"""Seconds between two looks at the timers when nobody writes."""


def run(once: Annotated[bool, typer.Option("--once", help="把现有的处理完就退出")] = False, as_json: Json = False) -> None:
    """同一个池只有一个进程处理;已有别的进程时等着,它一停就接手。按 Ctrl-C 或 SIGTERM 停止,正在处理的一批先做完。"""
    if named_servers() is not None:
        raise ContractError("run", "池在 Kafka 与 Elasticsearch 上,由各环节的进程处理", "请用 wentichi work(不写环节为全部)")
    with open_local_home() as home, Session(home) as session, _stopping() as stopping:
        if once:
            session.work(lambda: not session.waiting(), drain=True)
            _say("已全部处理完", as_json=as_json)
            return
        if not _take(session, stopping, as_json=as_json):
            return
        owner = session.own()
        if owner is not None:
            owner.prepare()
        _say(f"开始处理 {home.folder}(按 Ctrl-C 停止)", as_json=as_json)
        _follow(session, home, stopping)
        _say("已停止", as_json=as_json)


def _take(session: Session, stopping: Callable[[], bool], *, as_json: bool) -> bool:
    """Wait to own the stages; False when stopped before."""
    told = False
    while session.own() is None:
        if not told:
            _say("另一个进程正在处理这个池;它一停就接手", as_json=as_json)
            told = True
        if stopping():
            return False
        time.sleep(POLL)
    return True


def _follow(session: Session, home: Home, stopping: Callable[[], bool]) -> None:
    """A change of the file by another process shows in data_version, which costs next to nothing to ask."""
    seen, looked = -1, 0.0
    while not stopping():
        (version,) = home.connection.execute("pragma data_version").fetchone()
        if version == seen and time.monotonic() - looked < AT_LEAST_EVERY:
            time.sleep(POLL)
            continue
        seen = version
        while not stopping() and session.turn():
            pass
        looked = time.monotonic()


@contextmanager
def _stopping() -> Iterator[Callable[[], bool]]:
    """A question: was this process asked to stop? The batch in hand is finished first; a second Ctrl-C does not wait."""
    asked: list[int] = []

    def ask(number: int, _frame: object) -> None:
        if asked and number == signal.SIGINT:
            raise KeyboardInterrupt
        asked.append(number)

    before = {number: signal.signal(number, ask) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield lambda: bool(asked)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _say(text: str, *, as_json: bool) -> None:
    if as_json:
        print_json({"said": text})
    else:
        aside().print(text)
