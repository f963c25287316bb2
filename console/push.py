"""`wentichi push`: a file of reports into the pool, worked to the end."""

import time
from array import array
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Annotated, BinaryIO

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from console.opening import open_pool_session
from console.push_memory import PushMemory
from console.push_rows import STANDARD_INPUT, Row, identity, in_chunks, lines_of, opened, row_of
from console.terminal import Json, aside, plain_table, print_json, screen
from pool.scope import ALL
from schemas.words import Channel, Mode, Stage, intake_topic
from streams.session import PoolSession, place_name

CHUNK = 500
"""Records appended at once, in one transaction where there is one."""
AHEAD = 6 * CHUNK
"""Records that an owner lets wait, so that its intake process always has work, before it works itself."""

Tell = Callable[[int, int, int], None]
"""(bytes read, records appended, records waiting)"""


@dataclass(slots=True)
class Counts:
    """What a push did. known: appended, but the pool had it already. skipped: lines that an interrupted push had appended.
    reports, problems: in the pool now."""

    lines: int = 0
    skipped: int = 0
    empty: int = 0
    appended: int = 0
    new_reports: int = 0
    known: int = 0
    dead_letters: int = 0
    reports: int = 0
    problems: int = 0
    seconds: float = 0.0


def push(
    file: Annotated[str, typer.Argument(metavar="文件", help="每行一件来件的 JSON 文件,可以是 .xz;- 为标准输入")],
    channel: Annotated[Channel, typer.Option("--channel", help="渠道:热线、留言、网格、摄像头")],
    history: Annotated[bool, typer.Option("--history", help="历史数据:只入池供检索,不派单")] = False,
    source: Annotated[str, typer.Option("--source", help="来源名,默认 push/渠道;同一来源同一编号即同一来件")] = "",
    as_json: Json = False,
) -> None:
    """每行可以是完整的 CloudEvent,也可以是该渠道的一行字段(例如留言:id, user, title, time, text)。

    读不懂的行成为死信,不会悄悄丢掉;空行略过并计数。中断后重新运行同一命令,从断处继续;推完再推一遍,什么也不变。
    """
    mode = Mode.HISTORY if history else Mode.LIVE
    name = source or f"push/{channel.value}"
    remembered = identity(file, channel, name, mode)
    with open_pool_session() as session, _progress(file, quiet=as_json) as tell:
        counts = _Push(session, channel, name, mode, PushMemory(session.home.notebook, remembered)).run(file, tell)
    if as_json:
        print_json(asdict(counts))
    else:
        _say(counts, file, channel)


_KNOWN = "  已有的来件(重复或修订)"
_KNOWN_ALARMS = "  没有另立来件的告警(重复、只作观察或待确认)"


class _Push:
    """One file on its way."""

    def __init__(self, session: PoolSession, channel: Channel, source: str, mode: Mode, memory: PushMemory) -> None:
        self._session = session
        self._channel = channel
        self._source = source
        self._mode = mode
        self._memory = memory
        self._topic = intake_topic(channel).value
        self._counts = Counts(skipped=memory.lines())
        self._unknown: set[str] = set()
        self._places = array("q")

    def run(self, file: str, tell: Tell) -> Counts:
        began, counts, session = time.monotonic(), self._counts, self._session
        with opened(file) as (source, raw):
            read = _position_of(raw)
            for lines in in_chunks(self._lines(file, source), CHUNK):
                self._append(lines)
                tell(read(), counts.appended, session.waiting())
                while session.pace(self._topic, AHEAD):
                    tell(read(), counts.appended, session.waiting())
            size = read()
        session.work(
            session.worked(Stage.INTAKE, self._topic),
            seen=lambda: tell(size, counts.appended, session.waiting()),
            drain=True,
        )
        self._memory.done()
        self._count_what_became()
        counts.seconds = round(time.monotonic() - began, 2)
        return counts

    def _lines(self, file: str, source: BinaryIO) -> Iterator[bytes]:
        """The lines that are still to be appended."""
        counts = self._counts
        lines = lines_of(file, source)
        counts.lines = counts.skipped = sum(1 for _ in islice(lines, counts.skipped))
        for line in lines:
            counts.lines += 1
            if line.strip():
                yield line
            else:
                counts.empty += 1

    def _append(self, lines: Iterable[bytes]) -> None:
        rows: list[Row] = [row_of(line, self._channel, self._source, self._mode) for line in lines]
        keys = {key for key, _ in rows if key is not None}
        self._unknown |= keys - self._session.home.store.claims(keys).keys()
        self._places.extend(self._session.append(self._topic, rows, along=lambda: self._memory.note(self._counts.lines)))
        self._counts.appended += len(rows)

    def _count_what_became(self) -> None:
        home, counts = self._session.home, self._counts
        counts.new_reports = sum(len(home.store.claims(some)) for some in in_chunks(self._unknown, CHUNK))
        names = (place_name(self._topic, place) for place in self._places)
        counts.dead_letters = sum(len(home.letters_at(some)) for some in in_chunks(names, CHUNK))
        counts.known = max(0, counts.appended - counts.new_reports - counts.dead_letters)
        pool = home.search.stats(ALL)
        counts.reports, counts.problems = int(str(pool["reports"])), int(str(pool["problems"]))


def _position_of(raw: BinaryIO) -> Callable[[], int]:
    return raw.tell if raw.seekable() else lambda: 0


@contextmanager
def _progress(file: str, *, quiet: bool) -> Iterator[Tell]:
    """A bar over the file's bytes with the rate of reports, on a terminal only."""
    console = aside()
    if quiet or not console.is_terminal:
        yield lambda _read, _appended, _waiting: None
        return
    total = Path(file).stat().st_size if file != STANDARD_INPUT else None
    columns = (
        TextColumn("推入"),
        BarColumn(),
        TextColumn("{task.fields[worked]:,} 件"),
        TextColumn("{task.fields[rate]:,} 件/秒"),
        TextColumn("待处理 {task.fields[waiting]:,}"),
        TimeElapsedColumn(),
    )
    began = time.monotonic()
    with Progress(*columns, console=console, transient=True) as progress:
        bar = progress.add_task("", total=total, worked=0, rate=0, waiting=0)

        def tell(read: int, appended: int, waiting: int) -> None:
            worked = max(0, appended - waiting)
            rate = round(worked / max(0.001, time.monotonic() - began))
            done = total if total and read >= total and not waiting else min(read, (total or read) - 1)
            progress.update(bar, completed=done or 0, worked=worked, rate=rate, waiting=waiting)

        yield tell


def _say(counts: Counts, file: str, channel: Channel) -> None:
    table = plain_table("推入结果", "")
    table.columns[1].justify = "right"
    rows = [("读入行数", counts.lines)]
    rows += [("  其中上次中断前已推入", counts.skipped)] if counts.skipped else []
    rows += [("  其中空行(略过)", counts.empty)] if counts.empty else []
    rows += [
        ("本次推入", counts.appended),
        ("  新来件", counts.new_reports),
        (_KNOWN_ALARMS if channel is Channel.CAMERA else _KNOWN, counts.known),
        ("  死信", counts.dead_letters),
        ("池中来件", counts.reports),
        ("池中问题", counts.problems),
    ]
    for name, number in rows:
        table.add_row(name, f"{number:,}")
    rate = f",每秒 {counts.appended / counts.seconds:,.0f} 件" if counts.seconds > 1 else ""
    console = screen()
    console.print(table)
    console.print(f"用时 {counts.seconds} 秒{rate}")
    if counts.dead_letters:
        console.print("死信的原因和内容:wentichi dead-letters list", style="yellow")
    if file == STANDARD_INPUT and not counts.lines:
        console.print("标准输入是空的,没有推入任何来件", style="yellow")
