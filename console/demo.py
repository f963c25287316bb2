"""`wentichi demo`: one day of the sample city, played in seconds, and what became of it."""

import os
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn
from rich.text import Text

from city.pack import load_pack
from city.sample import sample_city
from console.demo_day import Day, Line, day
from console.evidence import basis_sentence, evidence_lines
from console.found import TITLE, area_of, category_of, print_found, title_of, unit_of
from console.labels import BASIS_SHORT, CHANNEL, DEAD_LETTER, STATE, URGENCY
from console.letters import every_letter
from console.opening import open_local_home
from console.show import print_problem
from console.terminal import Json, indented, one_line, plain_table, print_json, screen
from pool.query import Query, Sort
from pool.scope import ALL
from schemas.documents import ReportDocument
from schemas.errors import PoolError
from schemas.problem import Problem
from schemas.words import Basis, ProblemState, Urgency
from streams.clock import PlayedClock
from streams.local.home import POOL_FILE, Home

DECISIONS = 6
EXAMPLES = 3
LETTERS = 8
SEARCHED = "停水"
WEEKDAYS = "一二三四五六日"


def demo(
    home: Annotated[Path | None, typer.Option("--home", metavar="文件夹", help="演示池放哪里,须是新的;默认为临时文件夹")] = None,
    as_json: Json = False,
) -> None:
    """来件、单位、地点均为虚构。演示用的池不碰 WENTICHI_HOME 里的池,演完可继续用各条命令查看。"""
    folder = home or Path(tempfile.mkdtemp(prefix="wentichi-demo-"))
    if (folder / POOL_FILE).exists():
        raise PoolError(f"{folder} 里已有一个池;演示要用新的文件夹,请换一个 --home 或先删去它")
    lines = day()
    clock = PlayedClock(lines[0].at)
    with open_local_home(folder, pack=load_pack(sample_city()), clock=clock) as opened:
        console = screen()
        if not as_json:
            date = f"{lines[0].at:%Y 年 %-m 月 %-d 日}(星期{WEEKDAYS[lines[0].at.weekday()]})"
            console.print(Text(f"{opened.pack.name}的一天:{date},{len(lines)} 条记录依次进池", style="bold"))
        with _display(lines, quiet=as_json) as seen:
            Day(opened, clock, seen).play(lines)
        if as_json:
            print_json({"home": str(folder), "lines": len(lines)} | opened.search.stats(ALL))
        else:
            _tell(console, opened, lines)
            _try_next(console, folder)


@contextmanager
def _display(lines: list[Line], *, quiet: bool) -> Iterator[Callable[[datetime, int], None]]:
    """The played clock and a bar on a terminal; without one a plain line every few hours."""
    console = screen()
    if quiet:
        yield lambda _at, _reports: None
    elif console.is_terminal:
        columns = (TextColumn("{task.fields[clock]}"), BarColumn(), TextColumn("{task.completed:.0f}/{task.total:.0f} 条"))
        with Progress(*columns, console=console, transient=True) as progress:
            bar = progress.add_task("", total=len(lines), clock="06:00")
            yield lambda at, reports: progress.update(bar, completed=reports, clock=f"{at:%H:%M}")
    else:
        told: set[int] = set()

        def tell(at: datetime, reports: int) -> None:
            if at.hour % 4 == 0 and at.hour not in told:
                told.add(at.hour)
                console.print(f"  {at:%H:%M}  已收 {reports} 条")

        yield tell


def _tell(console: Console, home: Home, lines: list[Line]) -> None:
    reports = _reports(home)
    _heading(console, "一、进来了什么")
    _arrived(console, home, lines, reports)
    _heading(console, "二、定了什么,凭什么")
    _decided(console, home, reports)
    _heading(console, "三、什么在等人,为什么")
    _waiting(console, home, reports)
    _heading(console, "四、一个问题的来龙去脉")
    story = _story(home, reports)
    if story:
        print_problem(console, home, home.store.problems([story])[story], home.search.reports_of(story, ALL))
    _heading(console, "五、没能处理的记录(死信):没有丢,改正后可重放")
    _letters(console, home)
    _heading(console, f"六、查找“{SEARCHED}”")
    print_found(console, home.pack, home.search.search(Query(SEARCHED, limit=8, highlight=True), ALL), {}, [], grouped=False)


def _reports(home: Home) -> list[ReportDocument]:
    page = home.search.search(Query(sort=Sort.OLDEST, limit=1000), ALL)
    return [hit.report for hit in page.hits]


def _arrived(console: Console, home: Home, lines: list[Line], reports: list[ReportDocument]) -> None:
    table = plain_table("渠道", "记录", "来件", "问题", "死信", "重复或更正")
    for column in table.columns[1:]:
        column.justify = "right"
    letters = Counter(letter.topic.removeprefix("intake.") for letter in every_letter(home))
    for channel, name in CHANNEL.items():
        sent = sum(line.channel is channel for line in lines)
        own = [report for report in reports if report.channel is channel]
        problems, dead = len({report.problem for report in own}), letters[channel.value]
        table.add_row(name, *(str(number) for number in (sent, len(own), problems, dead, sent - len(own) - dead)))
    console.print(indented(table))
    stats = home.search.stats(ALL)
    by_state: dict[str, int] = stats["by_state"]  # type: ignore[assignment]
    said = "  ".join(f"{STATE[ProblemState(state)]} {number}" for state, number in by_state.items())
    console.print(indented(f"{stats['reports']} 件来件归成 {stats['problems']} 个问题:{said}"))


def _decided(console: Console, home: Home, reports: list[ReportDocument]) -> None:
    """Half by urgency, half by how many reports became one problem; one for each lead unit."""
    held = Counter(report.problem for report in reports)
    dispatched = [report for report in reports if report.lead and report.basis == Basis.ONE_DUTY_ITEM]
    level = list(Urgency)
    urgent = sorted(dispatched, key=lambda report: (-level.index(report.urgency), report.time))
    merged = sorted(dispatched, key=lambda report: (-held[report.problem], report.time))
    chosen: dict[str | None, ReportDocument] = {}
    for ordered, enough in ((urgent, DECISIONS // 2), (merged, DECISIONS)):
        for report in ordered:
            if len(chosen) < enough:
                chosen.setdefault(report.lead, report)
    for report in chosen.values():
        head = Text(f"{CHANNEL[report.channel]}:{title_of(report, TITLE)}", style="bold")
        if report.urgency is not Urgency.NORMAL:
            head.append(f"  {URGENCY[report.urgency]}", style="bold red")
        if held[report.problem] > 1:
            head.append(f"  {held[report.problem]} 件来件并为一个问题", style="magenta")
        console.print(indented(head))
        problem = home.store.problems([report.problem])[report.problem]
        said = f"{category_of(home.pack, report.category)} → {unit_of(home.pack, report.lead)}({area_of(home.pack, report.area)})"
        console.print(indented(Text(said, style="green"), 4))
        for name, why in evidence_lines(home.pack, problem, [report]):
            if name in ("类别", "单位", "地点", "紧急"):
                console.print(indented(Text(f"{name}  {why}", style="dim"), 4))
    automatic = len({report.problem for report in dispatched})
    console.print(indented(f"共自动派出 {automatic} 个问题;模型未校准之前,只在权责清单上唯一相符时才自动派"))


def _waiting(console: Console, home: Home, reports: list[ReportDocument]) -> None:
    waiting = {report.problem: report for report in reversed(reports) if report.state is ProblemState.WAITING}
    by_basis = Counter(report.basis for report in waiting.values())
    for basis, number in by_basis.most_common():
        name = BASIS_SHORT[Basis(basis)] if basis in set(Basis) else basis
        console.print(indented(Text.assemble((f"{name} {number} 个  ", "bold yellow"), basis_sentence(basis))))
        examples = [report for report in reversed(waiting.values()) if report.basis == basis][:EXAMPLES]
        console.print(indented(Text("例:" + ";".join(title_of(report, TITLE) for report in examples), style="dim"), 4))
    late = sum(any(timer.expired for timer in problem.timers) for problem in _problems(home, reports))
    console.print(indented(f"另有 {late} 个已派出的问题超过了签收或办理时限"))


def _problems(home: Home, reports: list[ReportDocument]) -> list[Problem]:
    return list(home.store.problems({report.problem for report in reports}).values())


def _story(home: Home, reports: list[ReportDocument]) -> str:
    """The problem with most to tell: several reports, replied, closed."""
    best, most = "", 0
    for problem in _problems(home, reports):
        events = len(home.store.events_of(problem.id))
        told = events + 3 * len(problem.members) + 4 * (problem.state is ProblemState.CLOSED)
        if told > most:
            best, most = problem.id, told
    return best


def _letters(console: Console, home: Home) -> None:
    table = plain_table("渠道", "种类", "原因", "怎么办", "摘录(已打码)")
    names = {f"intake.{channel.value}": name for channel, name in CHANNEL.items()}
    for letter in every_letter(home)[:LETTERS]:
        reason = one_line(f"{letter.field} {letter.reason}", 60)
        row = (DEAD_LETTER[letter.kind], reason, one_line(letter.remedy, 40), one_line(letter.shown, 36))
        table.add_row(names.get(letter.topic, letter.topic), *row)
    console.print(indented(table))


def _heading(console: Console, text: str) -> None:
    console.print()
    console.print(Text(text, style="bold cyan"))


def _try_next(console: Console, folder: Path) -> None:
    _heading(console, "接下来可以试")
    program = "wentichi" if os.environ.get("VIRTUAL_ENV") else ".venv/bin/wentichi"
    console.print(f"  export WENTICHI_HOME={folder}", soft_wrap=True)
    table = plain_table("", "")
    table.show_header = False
    for command, said in (
        ("search 路灯 --facets category", "查找并按类别计数"),
        ("search --state waiting", "看等人处理的来件"),
        ("show HL-0506-0001", "看一个问题的全过程"),
        ("subscribe --unit 云溪区城市管理局", "以承办单位的身份接收派单"),
        ("dead-letters list", "看没能处理的记录"),
        ("push 你的文件.jsonl --channel message", "把自己的数据推进来(另设 WENTICHI_HOME)"),
    ):
        table.add_row(f"{program} {command}", Text(said, style="dim"))
    console.print(indented(table))
