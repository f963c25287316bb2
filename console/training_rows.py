"""`wentichi labels`: what people have decided, as rows that `wentichi train` takes."""

import lzma
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, BinaryIO, Final

import orjson
import typer

from casework.labels import Label, confirmed, founding
from city.pack import CityPack
from console.asking import moment
from console.opening import open_pool_home
from console.terminal import Json, aside, print_json, screen
from pool.query import Filters, Query, Sort
from pool.scope import ALL
from schemas.documents import ReportDocument
from schemas.errors import ContractError
from schemas.words import Channel, Mode, ProblemState
from streams.session import PoolHome

labels_app = typer.Typer(add_completion=False, no_args_is_help=True, help="把人的决定导出为训练数据。")

PAGE: Final = 1000
WRITTEN: Final = tuple(channel for channel in Channel if channel is not Channel.CAMERA)
"""Channels whose reports are people's words. A camera's class says what it saw; no model is asked."""

Out = Annotated[Path, typer.Option("--out", metavar="文件", help="结果文件,每行一个 JSON 对象;名称以 .xz 结尾则压缩")]
Since = Annotated[str, typer.Option("--since", metavar="时间", help="只要这个时间以来的来件,例如 2026-05-01")]


class LeftOut(StrEnum):
    """Why a person's decision becomes no row."""

    SECRET = "secret"  # noqa: S105 - a caller's wish, no password
    ERASED = "erased"
    NO_WORDS = "no_words"
    NOT_IN_PACK = "not_in_pack"


LEFT_OUT: Final = {
    LeftOut.SECRET: "来件人要求保密",
    LeftOut.ERASED: "来件已删除",
    LeftOut.NO_WORDS: "来件没有文字",
    LeftOut.NOT_IN_PACK: "类别或单位已不在城市配置包里",
}

Row = dict[str, Any]


@labels_app.command("category", help="类别:每行 id、title、text、category(类别编码的路径,如 01/0102/010203)、time")
def category(out: Out, since: Since = "", as_json: Json = False) -> None:
    _export(out, since, _category_row, as_json=as_json)


@labels_app.command("department", help="承办单位:每行 id、title、text、l1 至 l3(类别名称)、department(单位编码)、time")
def department(out: Out, since: Since = "", as_json: Json = False) -> None:
    _export(out, since, _department_row, as_json=as_json)


def _export(out: Path, since: str, made: Callable[[CityPack, Label], Row | None], *, as_json: bool) -> None:
    """Only what a person decided and has closed; never a secret or an erased report. Whole or not at all."""
    if out.is_dir() or not out.absolute().parent.is_dir():
        raise ContractError("--out", f"{out} 是文件夹,或所在的文件夹不存在", "请写出一个已有文件夹里的文件名")
    rows, left_out = 0, Counter[LeftOut]()
    with open_pool_home() as home, _written(out) as file, aside().status("导出中") as status:
        for found in training_rows(home, moment(home.pack, "--since", since), made):
            if isinstance(found, LeftOut):
                left_out[found] += 1
                continue
            file.write(orjson.dumps(found) + b"\n")
            rows += 1
            if rows % PAGE == 0:
                status.update(f"导出中:{rows:,} 行")
    if as_json:
        print_json({"rows": rows, "left_out": {reason.value: left_out[reason] for reason in LeftOut}})
        return
    screen().print(f"{rows:,} 行已写入 {out}", soft_wrap=True)
    for reason, number in left_out.items():
        screen().print(f"  未导出 {number:,} 件:{LEFT_OUT[reason]}")
    if not rows:
        aside().print("还没有由人派单并已办结的问题:机器派的单不作训练数据", style="yellow")


def training_rows(
    home: PoolHome, since: datetime | None, made: Callable[[CityPack, Label], Row | None]
) -> Iterator[Row | LeftOut]:
    """One for each problem that a person has settled, the earliest report first; a page of reports in memory at a time.

    made: the label's own columns, None where the pack does not know its codes any more.
    """
    filters = Filters(
        states=frozenset({ProblemState.CLOSED, ProblemState.ARCHIVED}),
        modes=frozenset({Mode.LIVE}),
        channels=frozenset(WRITTEN),
        since=since,
    )
    cursor = ""
    while True:
        page = home.search.search(Query(filters=filters, sort=Sort.OLDEST, limit=PAGE, cursor=cursor), ALL)
        problems = home.store.problems({hit.report.problem for hit in page.hits})
        for report in (hit.report for hit in page.hits):
            problem = problems.get(report.problem)
            first = founding(problem) if problem is not None else None
            if problem is None or first is None or first.report != report.id:
                continue
            label = confirmed(problem)
            if label is not None:
                yield _row(report, label, home.pack, made)
        cursor = page.cursor
        if not cursor:
            return


def _row(report: ReportDocument, label: Label, pack: CityPack, made: Callable[[CityPack, Label], Row | None]) -> Row | LeftOut:
    content = report.content
    if report.erased or content is None:
        return LeftOut.ERASED
    if report.secret:
        return LeftOut.SECRET
    if not content.title.strip() and not content.text.strip():
        return LeftOut.NO_WORDS
    columns = made(pack, label)
    if columns is None:
        return LeftOut.NOT_IN_PACK
    row = {"id": report.order_number, "title": content.title, "text": content.text}
    return row | columns | {"time": report.time.astimezone(pack.calendar.zone).isoformat()}


def _category_row(pack: CityPack, label: Label) -> Row | None:
    """Codes and not names: a renamed category stays the same label."""
    known = pack.category(label.category)
    return {"category": known.path.strip("/")} if known is not None else None


def _department_row(pack: CityPack, label: Label) -> Row | None:
    """The unit by code, who took over where it was abolished; the category by names, which is how an order tells it."""
    unit, known = pack.acting_unit(label.unit), pack.category(label.category)
    if unit is None or known is None:
        return None
    names = [*(above.name for above in reversed(pack.ancestors(known.code))), known.name]
    return {f"l{level}": name for level, name in enumerate(names[:3], 1)} | {"department": unit.code}


@contextmanager
def _written(out: Path) -> Iterator[BinaryIO]:
    """Beside its place and moved there at the end; for its owner alone, for these are citizens' words."""
    beside = out.with_name(f".{out.name}.new")
    try:
        beside.touch(mode=0o600)
        with lzma.open(beside, "wb", preset=3) if out.suffix == ".xz" else beside.open("wb") as file:
            yield file  # type: ignore[misc]
        beside.replace(out)
    finally:
        beside.unlink(missing_ok=True)
