"""`wentichi models drift`: do the last days' reports still look like those that the standing category model was judged on?"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from console.terminal import Json, aside, one_line, plain_table, print_json, screen
from pool.query import Filters, Query, Sort
from pool.scope import ALL
from schemas.documents import ReportDocument
from schemas.errors import ContractError
from schemas.words import Basis, Channel, EvidenceKind, Mode
from streams.session import PoolHome

if TYPE_CHECKING:
    from classifiers.learning.drift import DriftCheck, Measured
    from classifiers.learning.prediction import Prediction
    from classifiers.learning.rows import Row
    from classifiers.registry import Standing

DRIFTED: Final = 3
"""Exit status of an alert."""
PAGE: Final = 1000
SLICES: Final = 100
"""Equal parts of the days from which reports are drawn, where there are too many to read all."""
POINTS: Final = 1000
"""Checked reports that are enough."""
POINT_DAYS: Final = 28
"""How far back checked reports are looked for at least: people need days, and one in fifty is checked."""
WRITTEN: Final = frozenset(Channel) - {Channel.CAMERA}
"""A camera's class says what it saw; no model is asked."""

_NAMES: Final = {
    "confidence": "把握",
    "words": "用词",
    "new_matter": "新出现的事",
    "unknown_words": "没见过的词",
    "checked": "抽查",
}

Days = Annotated[int, typer.Option("--days", metavar="天", min=1, max=366, help="看最近几天的来件")]
Folder = Annotated[
    Path | None, typer.Option("--models", metavar="文件夹", help="模型库;默认 WENTICHI_MODELS,再默认问题池文件夹下的 models")
]


def drift(days: Days = 7, models: Folder = None, as_json: Json = False) -> None:
    """把最近的来件与现行类别模型上线时的来件相比:把握、用词、新出现的事,以及抽查的准确率。

    结果记入模型库的 checks.jsonl。退出状态:0 没有变,3 变了,须有人看。建议每周运行一次。
    """
    from classifiers.learning.drift import Reference, check  # noqa: PLC0415 - help imports no room
    from classifiers.learning.drift_log import note  # noqa: PLC0415 - see above
    from classifiers.learning.evaluate import load_model  # noqa: PLC0415 - see above
    from classifiers.learning.rows import Task  # noqa: PLC0415 - see above
    from classifiers.registry import REFERENCE, Registry, models_folder  # noqa: PLC0415 - see above
    from console.opening import open_pool_home  # noqa: PLC0415 - see above
    from streams.local.home import home_folder  # noqa: PLC0415 - see above

    registry = Registry(models or models_folder(home_folder()))
    standing = registry.standing().get(Task.CATEGORY)
    if standing is None:
        rule = "没有现行的类别模型,由冷启动判断"
        raise ContractError("models", rule, "没有可检查的;有了训练数据,可用 wentichi train 和 wentichi models promote 上线一个")
    reference = Reference.read(standing.folder / REFERENCE)
    model = load_model(standing.folder, Task.CATEGORY)
    with open_pool_home() as home, aside().status("检查中"):
        until = home.clock.now()
        rows = [_row(report) for report in reports_drawn(home, until - timedelta(days=days), until)]
        answers = model.predict(rows, promise=standing.promise)
        points = list(checked_points(home, standing, until - timedelta(days=max(days, POINT_DAYS)), until))
        said = model.predict([_row(report) for report, _ in points], promise=standing.promise)
    checked = [agreed for (_, agreed), answer in zip(points, said, strict=True) if answer.accepted]
    found = check(reference, rows, [answer.confidence for answer in answers], checked, standing.promise)
    figures = {"days": days, "reports": len(rows), **found.as_json()}
    note(registry.folder, until, Task.CATEGORY, standing.version, figures)
    if as_json:
        print_json({"version": standing.version, **figures})
    else:
        _tell(found, standing, days, answers)
    if found.alert:
        raise typer.Exit(DRIFTED)


def reports_drawn(home: PoolHome, since: datetime, until: datetime) -> Iterator[ReportDocument]:
    """Written live reports of the time, `drift.MOST` of them at most: all, or as many of each of `SLICES` equal parts as is its
    share. Erased ones and those without words say nothing."""
    from classifiers.learning.drift import MOST  # noqa: PLC0415 - help imports no room

    total = home.search.count(Query(filters=_window(since, until)), ALL)
    if total <= MOST:
        yield from _with_words(_paged(home, since, until, Sort.OLDEST))
        return
    width = (until - since) / SLICES
    for part in range(SLICES):
        filters = _window(since + part * width, until if part == SLICES - 1 else since + (part + 1) * width)
        many = ceil(MOST * home.search.count(Query(filters=filters), ALL) / total)
        if many:
            page = home.search.search(Query(filters=filters, sort=Sort.OLDEST, limit=min(many, PAGE)), ALL)
            yield from _with_words(hit.report for hit in page.hits)


def checked_points(
    home: PoolHome, standing: "Standing", since: datetime, until: datetime
) -> Iterator[tuple[ReportDocument, bool]]:
    """(report, did the person keep the model's category?), the newest first, `POINTS` at most.

    A point is a report that was drawn to be decided by a person, that this version proposed a category for, that founded its
    problem, and whose problem a person has dispatched. It need not be closed: that would make the answer weeks older.
    """
    from casework.labels import founding  # noqa: PLC0415 - help imports no room

    model = f"category/{standing.version}"
    drawn = (report for report in _with_words(_paged(home, since, until, Sort.NEWEST)) if _proposed_by(report, model))
    count = 0
    for report in drawn:
        problem = home.store.problems([report.problem]).get(report.problem)
        if problem is None or problem.basis != Basis.PERSON or problem.category is None or problem.lead is None:
            continue
        first = founding(problem)
        if first is not None and first.report == report.id:
            yield report, report.matter == problem.category
            count += 1
            if count == POINTS:
                return


def _proposed_by(report: ReportDocument, model: str) -> bool:
    found = report.findings
    best = found.categories[0] if found.categories else None
    return (
        found.basis == Basis.DRAWN_TO_CHECK
        and best is not None
        and any(one.kind is EvidenceKind.MODEL and one.ref == model for one in best.evidence)
    )


def _window(since: datetime, until: datetime) -> Filters:
    return Filters(modes=frozenset({Mode.LIVE}), channels=WRITTEN, since=since, until=until)


def _paged(home: PoolHome, since: datetime, until: datetime, sort: Sort) -> Iterator[ReportDocument]:
    cursor = ""
    while True:
        page = home.search.search(Query(filters=_window(since, until), sort=sort, limit=PAGE, cursor=cursor), ALL)
        yield from (hit.report for hit in page.hits)
        cursor = page.cursor
        if not cursor:
            return


def _with_words(reports: Iterator[ReportDocument]) -> Iterator[ReportDocument]:
    return (report for report in reports if report.content is not None and (report.content.title or report.content.text))


def _row(report: ReportDocument) -> "Row":
    from classifiers.learning.rows import Row  # noqa: PLC0415 - help imports no room

    content = report.content
    return Row(content.title, content.text, None, {}) if content is not None else Row("", "", None, {})


def _tell(found: "DriftCheck", standing: "Standing", days: int, answers: "list[Prediction]") -> None:
    console = screen()
    accepted = sum(answer.accepted for answer in answers)
    share = f",其中 {accepted / len(answers):.1%} 可不经人工" if answers else ""
    console.print(f"类别模型 {standing.version}:最近 {days} 天看了 {len(answers):,} 件来件{share}", soft_wrap=True)
    table = plain_table("", "依据", "上线时", "现在", "差别", "可能是碰巧", "")
    for one in found.tests:
        before, now, effect = _figures(one)
        verdict = "变了" if one.alert else "没有变" if one.enough else "太少,看不出"
        table.add_row(_NAMES[one.test], f"{one.rows:,} 件", before, now, effect, f"{one.p:.1g}" if one.enough else "", verdict)
    console.print(table)
    if found.risen:
        named = "、".join(f"{one_line(one.word, 20)}({one.before:.1%} → {one.now:.1%})" for one in found.risen)
        console.print(f"多起来的词:{named}", soft_wrap=True)
    if found.alert:
        aside().print("来件或准确率与上线时不同,请按 docs/runbook/model-drift.md 处理", style="red", soft_wrap=True)


def _figures(one: "Measured") -> tuple[str, str, str]:
    """before, now, effect as people read them."""
    if not one.rows:
        return "", "", ""
    if one.test == "words":
        return f"{one.before:.4f}", f"{one.now:.4f}", f"{one.effect:+.4f} 比特"
    if one.test == "checked":
        return f"承诺 {one.before:.4g}", f"{one.now:.2%}", f"错判多 {one.effect:.0%}" if one.effect else ""
    return f"{one.before:.1%}", f"{one.now:.1%}", f"{one.effect:+.1%}"

