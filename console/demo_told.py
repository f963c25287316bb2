"""What became of the played day, with small charts."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, Final

from rich.console import Console
from rich.text import Text

from console.charts import bars, spark
from console.evidence import basis_sentence, evidence_lines
from console.found import TITLE, area_of, category_of, print_found, title_of, unit_of
from console.labels import BASIS_SHORT, CHANNEL, DEAD_LETTER, STATE, URGENCY
from console.letters import every_letter
from console.show import print_problem
from console.simulation.lines import Line
from console.simulation.story import INCIDENT
from console.terminal import indented, one_line, plain_table
from pool.query import Query, Sort
from pool.scope import ALL
from schemas.documents import ReportDocument
from schemas.problem import Problem
from schemas.words import AssignmentState, Basis, Channel, Clock, Part, ProblemState, Urgency
from streams.local.home import Home

DECISIONS: Final = 4
LETTERS: Final = 5
HOTTEST: Final = 6
SEARCHED: Final = "路灯"


def tell(console: Console, home: Home, lines: Sequence[Line]) -> None:
    """All sections, in order."""
    reports = _reports(home)
    problems = home.store.problems({report.problem for report in reports})
    sections: tuple[tuple[str, Callable[[], None]], ...] = (
        ("进来了什么", lambda: _arrived(console, home, lines, reports)),
        ("定了什么,凭什么", lambda: _decided(console, home, reports)),
        ("什么在等人,为什么", lambda: _waiting(console, reports)),
        ("按时还是超时", lambda: _clocks(console, problems.values())),
        ("最热的事情和地方", lambda: _hottest(console, home, reports)),
        ("三十二栋楼的水:从三级网格员到部门", lambda: _flooding(console, home, lines)),
        ("一个问题的来龙去脉", lambda: _story(console, home, problems.values())),
        ("没能处理的记录(死信):没有丢,改正后可重放", lambda: _letters(console, home)),
        (f"查找“{SEARCHED}”", lambda: _searched(console, home)),
    )
    for number, (title, section) in zip(_NUMBERS, sections, strict=False):
        console.print()
        console.print(Text(f"{number}、{title}", style="bold cyan"))
        section()


_NUMBERS: Final = "一二三四五六七八九十"


def _reports(home: Home) -> list[ReportDocument]:
    found: list[ReportDocument] = []
    cursor = ""
    while True:
        page = home.search.search(Query(sort=Sort.OLDEST, limit=1000, cursor=cursor), ALL)
        found += [hit.report for hit in page.hits]
        cursor = page.cursor or ""
        if not cursor or not page.hits:
            return found


def _arrived(console: Console, home: Home, lines: Sequence[Line], reports: Sequence[ReportDocument]) -> None:
    table = plain_table("渠道", "记录", "来件", "问题", "死信", "只作观察、重复或更正", "一天里")
    for column in table.columns[1:6]:
        column.justify = "right"
    letters = Counter(letter.topic.removeprefix("intake.") for letter in every_letter(home))
    for channel, name in CHANNEL.items():
        sent = [line for line in lines if line.channel is channel]
        own = [report for report in reports if report.channel is channel]
        problems, dead = len({report.problem for report in own}), letters[channel.value]
        by_hour = Counter(home.pack.calendar.local(line.at).hour for line in sent)
        numbers = (len(sent), len(own), problems, dead, len(sent) - len(own) - dead)
        table.add_row(name, *(f"{n:,}" for n in numbers), Text(spark([by_hour[h] for h in range(24)]), style="cyan"))
    console.print(indented(table))
    stats: Any = home.search.stats(ALL)
    said = "  ".join(f"{STATE[ProblemState(state)]} {number}" for state, number in stats["by_state"].items())
    console.print(indented(f"{stats['reports']} 件来件归成 {stats['problems']} 个问题:{said}"))
    alarms = stats["alarms"]
    if alarms["seen"]:
        share = alarms["observed"] / alarms["seen"]
        console.print(indented(f"摄像头告警 {alarms['seen']:,} 次,{share:.0%} 只作观察,不另立来件"))


def _decided(console: Console, home: Home, reports: Sequence[ReportDocument]) -> None:
    """What was dispatched by itself, by category; and some decisions with their grounds, the urgent ones first."""
    dispatched = [report for report in reports if report.lead and report.basis == Basis.ONE_DUTY_ITEM]
    automatic = {report.problem: report for report in dispatched}
    by_category = Counter(category_of(home.pack, report.category) for report in automatic.values())
    console.print(indented(f"自动派出 {len(automatic)} 个问题;模型未校准之前,只在权责清单上唯一相符时才自动派。最多的几类:"))
    console.print(indented(bars(dict(by_category.most_common(8)), style="green")))
    held = Counter(report.problem for report in reports)
    level = list(Urgency)
    shown: dict[str | None, ReportDocument] = {}
    for report in sorted(dispatched, key=lambda r: (-level.index(r.urgency), -held[r.problem], r.time)):
        if len(shown) < DECISIONS:
            shown.setdefault(report.lead, report)
    for report in shown.values():
        _decision(console, home, report, held[report.problem])


def _decision(console: Console, home: Home, report: ReportDocument, members: int) -> None:
    head = Text(f"{CHANNEL[report.channel]}:{title_of(report, TITLE)}", style="bold")
    if report.urgency is not Urgency.NORMAL:
        head.append(f"  {URGENCY[report.urgency]}", style="bold red")
    if members > 1:
        head.append(f"  {members} 件来件并为一个问题", style="magenta")
    console.print(indented(head))
    problem = home.store.problems([report.problem])[report.problem]
    said = f"{category_of(home.pack, report.category)} → {unit_of(home.pack, report.lead)}({area_of(home.pack, report.area)})"
    console.print(indented(Text(said, style="green"), 4))
    for name, why in evidence_lines(home.pack, problem, [report]):
        if name in ("类别", "单位", "地点", "紧急"):
            console.print(indented(Text(f"{name}  {why}", style="dim"), 4))


def _waiting(console: Console, reports: Sequence[ReportDocument]) -> None:
    waiting = {report.problem: report for report in reversed(reports) if report.state is ProblemState.WAITING}
    by_basis = Counter(report.basis for report in waiting.values())
    console.print(indented(bars({_short(basis): number for basis, number in by_basis.most_common()}, style="yellow")))
    for basis, _ in by_basis.most_common(2):
        examples = [report for report in reversed(waiting.values()) if report.basis == basis][:3]
        console.print(indented(Text.assemble((_short(basis), "bold"), ":", basis_sentence(basis))))
        console.print(indented(Text("例:" + ";".join(title_of(report, TITLE) for report in examples), style="dim"), 4))


def _short(basis: str) -> str:
    return BASIS_SHORT[Basis(basis)] if basis in set(Basis) else basis


def _clocks(console: Console, problems: Any) -> None:
    expired = Counter(timer.clock for problem in problems for timer in problem.timers if timer.expired)
    leads = [a for problem in problems for a in problem.assignments if a.part is Part.LEAD]
    signed = [a.signed - a.dispatched for a in leads if a.signed]
    counts = {
        "已签收": float(len(signed)),
        "签收超时": float(expired[Clock.SIGN]),
        "已答复": float(sum(a.replied is not None for a in leads)),
        "办理超时": float(expired[Clock.HANDLE]),
        "已办结": float(sum(a.state is AssignmentState.CLOSED for a in leads)),
    }
    console.print(indented(bars(counts, style="blue")))
    if signed:
        middle = sorted(signed)[len(signed) // 2]
        console.print(indented(f"从派单到签收,一半在 {_minutes(middle)} 分钟内"))


def _minutes(span: timedelta) -> int:
    return round(span.total_seconds() / 60)


def _hottest(console: Console, home: Home, reports: Sequence[ReportDocument]) -> None:
    """What was reported most at one place, by different callers."""
    by_spot: dict[tuple[str, str], list[ReportDocument]] = {}
    for report in reports:
        names = report.content.places if report.content else []
        if report.category and names and report.channel is not Channel.CAMERA:
            by_spot.setdefault((category_of(home.pack, report.category), names[0]), []).append(report)
    hottest = sorted(by_spot.items(), key=lambda one: -len(one[1]))[:HOTTEST]
    table = plain_table("事情", "地方", "来件", "不同的人", "")
    table.columns[2].justify = table.columns[3].justify = "right"
    most = len(hottest[0][1]) if hottest else 1
    for (category, place), held in hottest:
        callers = len({report.caller for report in held if report.caller})
        heat = Text("█" * max(1, round(18 * len(held) / most)), style="red")
        table.add_row(category, one_line(place, 16), str(len(held)), str(callers), heat)
    console.print(indented(table))


def _flooding(console: Console, home: Home, lines: Sequence[Line]) -> None:
    """The ladder of the flooding case as it went through the pool."""
    own = [line for line in lines if line.truth.incident == INCIDENT and line.key]
    documents = home.store.report_documents(line.key for line in own if line.key)
    if not documents:
        return
    local = home.pack.calendar.local
    grid = [line for line in own if line.channel is Channel.GRID]
    third, (second, first, last) = grid[:-3], grid[-3:]
    calls = [line for line in own if line.channel is Channel.HOTLINE]
    problems = home.store.problems({document.problem for document in documents.values()}).values()
    dispatched = [a for p in problems for a in p.assignments if a.part is Part.LEAD]
    steps = [
        (third[0], f"三级网格员报第一处楼道积水;到 {local(third[-1].at):%H:%M} 报了 {len(third)} 栋,居民来电 {len(calls)} 个"),
        (second, "二级网格员到场:" + _words(documents, second)),
        (first, "一级网格长:" + _words(documents, first)),
        (last, "办结:" + _words(documents, last)),
    ]
    table = plain_table("", "")
    table.show_header = False
    for line, said in steps:
        table.add_row(Text(f"{local(line.at):%H:%M}", style="bold"), said)
    console.print(indented(table))
    units = Counter(unit_of(home.pack, a.unit) for a in dispatched)
    led = "、".join(f"{unit}({number})" for unit, number in units.most_common(4)) or "还在等人定"
    took = _minutes(last.at - third[0].at)
    console.print(indented(f"{len(documents)} 件来件归成 {len(problems)} 个问题,主办:{led};从第一报到办结 {took} 分钟"))


def _words(documents: dict[str, ReportDocument], line: Line) -> str:
    document = documents.get(line.key or "")
    return one_line(document.content.text, 90) if document is not None and document.content else "(没有收到)"


def _story(console: Console, home: Home, problems: Any) -> None:
    """The problem with most to tell: several reports, replied, closed."""

    def worth(problem: Problem) -> int:
        return problem.version + 3 * min(len(problem.members), 4) + 4 * (problem.state is ProblemState.CLOSED)

    best = max((p for p in problems if len(p.members) <= 5), key=worth, default=None)
    if best is not None:
        print_problem(console, home, best, home.search.reports_of(best.id, ALL), ALL)


def _letters(console: Console, home: Home) -> None:
    table = plain_table("渠道", "种类", "原因", "怎么办", "摘录(已打码)")
    names = {f"intake.{channel.value}": name for channel, name in CHANNEL.items()}
    letters = every_letter(home)
    for letter in letters[:LETTERS]:
        reason = one_line(f"{letter.field} {letter.reason}", 60)
        row = (DEAD_LETTER[letter.kind], reason, one_line(letter.remedy, 40), one_line(letter.shown, 36))
        table.add_row(names.get(letter.topic, letter.topic), *row)
    console.print(indented(table))
    if len(letters) > LETTERS:
        console.print(indented(f"共 {len(letters)} 条,其余见 wentichi dead-letters list"))


def _searched(console: Console, home: Home) -> None:
    print_found(console, home.pack, home.search.search(Query(SEARCHED, limit=6, highlight=True), ALL), {}, [], grouped=False)
