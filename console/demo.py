"""`wentichi demo`: one day of the sample city, played in seconds, and what became of it."""

import os
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from city.pack import load_pack
from city.sample import sample_city
from console.demo_day import Day, day
from console.demo_live import display
from console.demo_told import tell
from console.opening import open_local_home
from console.terminal import Json, indented, plain_table, print_json, screen
from pool.scope import ALL
from schemas.errors import PoolError
from streams.clock import PlayedClock
from streams.local.home import POOL_FILE

WEEKDAYS = "一二三四五六日"


def demo(
    home: Annotated[Path | None, typer.Option("--home", metavar="文件夹", help="演示池放哪里,须是新的;默认为临时文件夹")] = None,
    as_json: Json = False,
) -> None:
    """来件、单位、地点均为虚构。演示用的池不碰 WENTICHI_HOME 里的池,演完可继续用各条命令查看。"""
    folder = home or Path(tempfile.mkdtemp(prefix="wentichi-demo-"))
    if (folder / POOL_FILE).exists():
        raise PoolError(f"{folder} 里已有一个池;演示要用新的文件夹,请换一个 --home 或先删去它")
    pack = load_pack(sample_city())
    lines = day(pack)
    clock = PlayedClock(lines[0].at)
    with open_local_home(folder, pack=pack, clock=clock) as opened:
        console = screen()
        if not as_json:
            at = pack.calendar.local(lines[0].at)
            date = f"{at:%Y 年 %-m 月 %-d 日}(星期{WEEKDAYS[at.weekday()]})"
            console.print(Text(f"{pack.name}的一天:{date},{len(lines):,} 条记录依次进池", style="bold"))
        with display(console, opened, len(lines), quiet=as_json) as seen:
            Day(opened, clock, seen).play(lines)
        if as_json:
            print_json({"home": str(folder), "lines": len(lines)} | opened.search.stats(ALL))
        else:
            tell(console, opened, lines)
            _try_next(console, folder)


def _try_next(console: Console, folder: Path) -> None:
    console.print()
    console.print(Text("接下来可以试", style="bold cyan"))
    program = "wentichi" if os.environ.get("VIRTUAL_ENV") else ".venv/bin/wentichi"
    console.print(f"  export WENTICHI_HOME={folder}", soft_wrap=True)
    table = plain_table("", "")
    table.show_header = False
    for command, said in (
        ("search 积水 --facets category", "查找并按类别计数"),
        ("search --state waiting", "看等人处理的来件"),
        ("show FL-01", "看一个问题的全过程"),
        ("cameras list --state open", "看摄像头盯着什么"),
        ("subscribe --unit 云溪区城市管理局", "以承办单位的身份接收派单"),
        ("dead-letters list", "看没能处理的记录"),
        ("simulate --hours 24 --seed 5 --out 文件夹", "再模拟一天,附真相"),
        ("push 你的文件.jsonl --channel message", "把自己的数据推进来(另设 WENTICHI_HOME)"),
    ):
        table.add_row(f"{program} {command}", Text(said, style="dim"))
    console.print(indented(table))
