"""`wentichi notice`: the supervision notice (督查通报) of a period, for paper (诸暨: 督查通报与整改)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Final

import typer

from casework.facts import Facts
from city.pack import CityPack
from console import paper
from console.case_rows import HEADS, day, days_over, mended, numbered, place_row, reason, state
from console.figure_words import EMPTY, Span, behind, figure, group_tables, scope_named, span_of
from console.figures import OfArea, OfUnit, extra_rows, filled_fields, summary_words
from console.opening import open_pool_home
from console.terminal import screen
from pool.conditions import And, AtLeast, Condition, Is, Not, Within
from pool.figures import Figures, Order
from pool.formulas import formulas
from pool.measures import Group, Measure, Value
from pool.ports import Search
from pool.repeats import Repeats, repeats
from pool.scope import Scope
from schemas.errors import ContractError

MOST: Final = 15
"""Cases named in one list; how many there are in all stands above it."""
LISTED: Final = 1000
_BOXES: Final = (
    Measure.RECEIVED, Measure.CLOSING, Measure.ON_TIME, Measure.RESPONSE, Measure.SOLVED,
    Measure.SATISFIED, Measure.OPEN_OVERDUE, Measure.RETURNED, Measure.SUPERVISED, Measure.RED,
)  # fmt: skip
_MORE: Final = (
    Measure.SIGNED_IN_TIME, Measure.FIRST_RIGHT, Measure.RECHECK_SOLVED, Measure.UNASKED, Measure.GRASSROOTS,
    Measure.OBJECTIONS,
)  # fmt: skip
_BOTH_SIDES: Final = (Measure.MARKS_UP, Measure.MARKS_DOWN, Measure.MARKS_SUMMONED, Measure.MARKS_WHISTLER)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def notice(
    *,
    since: Annotated[str, typer.Option("--since", metavar="日期", help="通报期的第一天")],
    until: Annotated[str, typer.Option("--until", metavar="日期", help="通报期的最后一天")],
    html: Annotated[Path, typer.Option("--html", metavar="文件", help="写到这个文件,A4 打印")],
    number: Annotated[str, typer.Option("--number", metavar="期号", help="例如 2026年第5期")] = "",
    unit: OfUnit = "",
    area: OfArea = "",
) -> None:
    """总体情况、各单位情况(分类,不排名)、逾期、退单、反复、红牌、重点督办与整改、双方互评。

    只写工单号、单位、地区、事项,不出现来件人和来件内容。
    """
    with open_pool_home() as home:
        pack, span = home.pack, span_of(home.pack, since, until)
        if span.since is None or span.until is None:
            raise ContractError("--since", "通报须有起止日期", "请写 --since 和 --until,例如 2026-05-01")
        scope, whose = scope_named(pack, unit, area)
        made = _Notice(pack, home.search, scope, span, home.clock.now(), (span.since, span.until))
        under = " · ".join(filter(None, (number, pack.name, whose, made.days())))
        paper.write(html, paper.page("督查通报", under, made.parts()))
    screen().print(f"已写入 {html}")


@dataclass(frozen=True, slots=True)
class _Notice:
    pack: CityPack
    search: Search
    scope: Scope
    span: Span
    now: datetime
    period: tuple[datetime, datetime]

    def days(self) -> str:
        """First and last day of the period."""
        first, end = (self.pack.calendar.local(at) for at in self.period)
        return f"{first:%Y年%m月%d日} 至 {end - timedelta(microseconds=1):%Y年%m月%d日}"

    def parts(self) -> Iterator[str]:
        defined = formulas(self.pack.handling)
        asked = list(defined.values())
        whole = self.search.measures(asked, self.scope, None, *self.period)[""]
        units = self.search.measures(asked, self.scope, Group.UNIT, *self.period)
        again = repeats(self.search, self.scope, *self.period)
        yield from self._totals(whole, again)
        yield from self._units(units)
        yield from self._overdue()
        yield from self._returned()
        yield from self._recurring(again)
        yield from self._red()
        yield from self._supervised()
        yield from self._both_sides(whole)
        left_out = whole[Measure.EXCLUDED].count
        issued = self.pack.calendar.local(self.now).strftime("%Y年%m月%d日 %H:%M")
        yield paper.note(
            f"经审核不计入考核的问题本期 {left_out:,} 件,已从各项评分指标中剔除。各单位按类别列出,只分等次不排名"
            f"(国办函〔2025〕66号)。牌只对工单,不对人。各清单的现状截至 {issued}。公式见 wentichi figures。"
        )

    def _totals(self, whole: dict[Measure, Value], again: Repeats) -> Iterator[str]:
        defined = formulas(self.pack.handling)
        yield paper.heading("一、总体情况")
        yield paper.totals((defined[m].name, figure(defined[m], whole[m]), behind(defined[m], whole[m])) for m in _BOXES)
        yield paper.paragraph(summary_words(self.pack, whole))
        rows = [[defined[m].name, figure(defined[m], whole[m]), behind(defined[m], whole[m]), defined[m].words] for m in _MORE]
        filled = filled_fields(self.search, self.scope, self.span)
        rows += [[name, shown, of, words] for name, shown, of, _, words in extra_rows(again, filled)]
        yield paper.table(("指标", "数值", "分子 ÷ 分母", "公式"), rows, (1, 2))

    def _units(self, units: Figures) -> Iterator[str]:
        yield paper.heading("二、各单位情况")
        yield from group_tables(self.pack, formulas(self.pack.handling), Group.UNIT, units)

    def _overdue(self) -> Iterator[str]:
        condition = And((Is("open"), Is("overdue"), Not(Is("excluded"))))
        found = self._cases(condition, Order("overdue_at", falling=False))
        yield self._heading("三、逾期未结", found)
        rows = [
            [*place_row(self.pack, one), day(self.pack, one.overdue_at), days_over(one, self.now), state(one)]
            for one in found[:MOST]
        ]
        yield paper.table(("序", *HEADS, "逾期日期", "已逾期天数", "现状"), numbered(rows), (0, 6), "没有逾期未结的问题。")

    def _returned(self) -> Iterator[str]:
        found = self._cases(And((self._in_period("registered"), AtLeast("returns", 2))), Order("returns"))
        yield self._heading("四、多次退单", found)
        rows = [[*place_row(self.pack, one), str(one.returns), str(one.dispatches), state(one)] for one in found]
        yield paper.table(("序", *HEADS, "退单", "派单", "现状"), numbered(rows[:MOST]), (0, 5, 6))

    def _recurring(self, again: Repeats) -> Iterator[str]:
        found = sorted(again.returns, key=lambda one: (one.days, one.closed.problem))
        yield paper.heading(f"五、办结后又发生(90日内 {len(found):,} 件)")
        rows = [
            [*place_row(self.pack, one.closed), day(self.pack, one.closed.closed), one.later.order_number, str(one.days),
             "同一来件人" if one.same_caller else "同一网格"]
            for one in found[:MOST]
        ]  # fmt: skip
        yield paper.table(("序", *HEADS, "办结日期", "又来的工单", "相隔天数", "依据"), numbered(rows), (0, 7))
        yield paper.note("只比对类别相同、来件人或网格相同的问题;换了类别或地点的同一件事,由热点分析认定。")

    def _red(self) -> Iterator[str]:
        found = self._cases(And((self._in_period("overdue_at"), AtLeast("red", 1), Not(Is("excluded")))), Order("red"))
        yield self._heading("六、红牌", found)
        rows = [[*place_row(self.pack, one), str(one.red), day(self.pack, one.closed) or EMPTY, state(one)] for one in found]
        yield paper.table(("序", *HEADS, "红牌", "办结日期", "现状"), numbered(rows[:MOST]), (0, 5))

    def _supervised(self) -> Iterator[str]:
        now = self._cases(Is("supervision"), Order("supervised_since", falling=False))
        yield self._heading("七、重点督办清单", now)
        rows = [
            [
                *place_row(self.pack, one),
                reason(one),
                day(self.pack, one.supervised_since),
                day(self.pack, one.supervision_due) or EMPTY,
            ]
            for one in now
        ]
        yield paper.table(("序", *HEADS, "督办原因", "列入日期", "反馈期限"), numbered(rows), (0,), "目前没有在督办的问题。")
        earlier = self._cases(And((AtLeast("supervised", 1), Not(Is("supervision")))), Order("settled"))
        yield self._heading("八、此前督办的整改情况", earlier)
        rows = [[*place_row(self.pack, one), mended(one), day(self.pack, one.closed) or EMPTY] for one in earlier[: 2 * MOST]]
        yield paper.table(("序", *HEADS, "整改情况", "办结日期"), numbered(rows), (0,), "没有此前督办、已解除的问题。")

    def _both_sides(self, whole: dict[Measure, Value]) -> Iterator[str]:
        defined = formulas(self.pack.handling)
        yield paper.heading("九、双方互评")
        rows = [[defined[m].name, figure(defined[m], whole[m]), f"{whole[m].of or 0:,}"] for m in _BOTH_SIDES]
        yield paper.table(("评价", "平均分(1 至 5)", "评价数"), rows, (1, 2))
        late = (Measure.WHISTLES, Measure.WHISTLES_LATE, Measure.OBJECTIONS, Measure.UPHELD)
        yield paper.paragraph(";".join(f"{defined[m].name} {figure(defined[m], whole[m])}" for m in late) + "。")

    def _cases(self, condition: Condition, order: Order) -> list[Facts]:
        return self.search.cases(condition, self.scope, order, limit=LISTED)

    def _heading(self, words: str, found: list[Facts]) -> str:
        count = f"{len(found):,}" if len(found) < LISTED else f"{LISTED:,} 以上"
        return paper.heading(f"{words}({count} 件)")

    def _in_period(self, field: str) -> Condition:
        since, until = ((at - _EPOCH) // timedelta(microseconds=1) for at in self.period)
        return Within(field, since, until)
