"""`wentichi evaluate`: what a model is worth on rows that it has not seen, as figures, JSON and a page to file."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import orjson
import typer
from rich.text import Text

from console.charts import spark
from console.models import require_place, require_promise
from console.terminal import Json, aside, one_line, plain_table, print_json, screen
from schemas.errors import ContractError

if TYPE_CHECKING:
    from classifiers.learning.evaluate import Evaluation
    from classifiers.learning.rows import Task

app = typer.Typer(add_completion=False, no_args_is_help=True, help="在没有见过的来件上检验模型,与基线比较。")

Rows = Annotated[Path, typer.Argument(metavar="文件", help="JSON Lines 文件,每行都有标签,可用 xz 压缩")]
Model = Annotated[
    Path | None, typer.Option("--model", metavar="文件夹", help="检验这个模型,只用它没见过的行;不给则留出一部分,用其余新训练")
]
Split = Annotated[
    str, typer.Option("--split", metavar="grouped|time", help="没有 --model 时怎样留出五分之一:随机,或按 time 列留最新的")
]
Seed = Annotated[int, typer.Option("--seed", min=0, help="随机种子;同样的数据和种子得到同样的结果")]
Out = Annotated[Path | None, typer.Option("--out", metavar="文件.json", help="全部数字写入这个 JSON 文件")]
Page = Annotated[Path | None, typer.Option("--html", metavar="文件.html", help="写一份可存档、可打印的报告")]
Sure = Annotated[float, typer.Option("--promise", metavar="准确率", help="按这个承诺准确率检验不经人工的部分")]
WORST = 8
"""Labels and pairs that a terminal shows."""


@app.command("category", help="检验类别模型")
def evaluate_category(
    rows: Rows,
    model: Model = None,
    split: Split = "grouped",
    seed: Seed = 0,
    out: Out = None,
    html: Page = None,
    promise: Sure = 0.98,
    as_json: Json = False,
) -> None:
    from classifiers.learning.rows import Task  # noqa: PLC0415 - help imports no room

    _evaluate(Task.CATEGORY, rows, model, split, seed, out, html, promise, as_json=as_json)


@app.command("department", help="检验承办单位模型")
def evaluate_department(
    rows: Rows,
    model: Model = None,
    split: Split = "grouped",
    seed: Seed = 0,
    out: Out = None,
    html: Page = None,
    promise: Sure = 0.98,
    as_json: Json = False,
) -> None:
    from classifiers.learning.rows import Task  # noqa: PLC0415 - help imports no room

    _evaluate(Task.DEPARTMENT, rows, model, split, seed, out, html, promise, as_json=as_json)


def _evaluate(
    task: "Task", rows: Path, model: Path | None, split: str, seed: int, out: Path | None, html: Path | None, promise: float,
    *, as_json: bool,
) -> None:  # fmt: skip
    from classifiers.learning.evaluate import evaluate_model, evaluate_split  # noqa: PLC0415 - help imports no room
    from classifiers.learning.report import html_report  # noqa: PLC0415 - see above
    from classifiers.learning.rows import read_rows  # noqa: PLC0415 - see above
    from classifiers.learning.split import Split as How  # noqa: PLC0415 - see above

    require_promise(promise)
    _require(rows, split, out, html)
    found = read_rows(rows, task, labelled=True)
    if model is None:
        evaluation = evaluate_split(found, task, How(split), seed, promise)
    else:
        evaluation = evaluate_model(found, task, model, seed, promise)
    document = evaluation.document()
    if out is not None:
        _write(out, orjson.dumps(document, option=orjson.OPT_INDENT_2))
    if html is not None:
        _write(html, html_report(evaluation, rows.name).encode("utf-8", "replace"))
    if as_json:
        print_json(document)
        return
    _tell(evaluation)
    for place in filter(None, (out, html)):
        screen().print(f"已写入 {place}", style="green", soft_wrap=True)


def _require(rows: Path, split: str, out: Path | None, html: Path | None) -> None:
    """Before minutes of work."""
    from classifiers.learning.split import Split as How  # noqa: PLC0415 - help imports no room

    if split not in (How.GROUPED.value, How.TIME.value):
        raise ContractError("--split", f"没有“{one_line(split, 20)}”这种留法", "请用 grouped(随机)或 time(最新的五分之一)")
    for name, place in (("--out", out), ("--html", html)):
        if place is not None:
            require_place(place, rows, name)
    if out is not None and html is not None and out.absolute() == html.absolute():
        raise ContractError("--html", "与 --out 是同一个文件", "请换一个文件名")


def _write(place: Path, data: bytes) -> None:
    """Whole or not at all."""
    beside = place.with_name(f".{place.name}.new")
    try:
        beside.write_bytes(data)
        beside.replace(place)
    finally:
        beside.unlink(missing_ok=True)


def _tell(evaluation: "Evaluation") -> None:
    from classifiers.learning.report import KEPT  # noqa: PLC0415 - help imports no room

    figures, tested, check, console = evaluation.figures, evaluation.trial, evaluation.promise, screen()
    left = f",另有 {tested.set_aside:,} 行与训练的行相同或近似,没有用" if tested.set_aside else ""
    console.print(f"检验 {tested.tested:,} 行{left}", style="bold")
    table = plain_table("", "准确率", "宏平均 F1", "前三个里有正确的")
    for column in table.columns[1:]:
        column.justify = "right"
    names = {"majority": "一律判为最多的一个", "keywords": "关键词表"}
    named = [("本模型", figures), *((names[kind.value], one) for kind, one in evaluation.baselines.items())]
    for name, one in named:
        table.add_row(name, f"{one.accuracy:.1%}", f"{one.macro_f1:.1%}", f"{one.top3:.1%}")
    console.print(table)
    bounds = evaluation.bounds["accuracy"]
    console.print(f"准确率以 95% 的把握不低于 {bounds.lower:.1%};校准误差 {100 * figures.ece:.1f} 个百分点")
    if evaluation.first_level is not None:
        console.print(f"一级类别准确率 {evaluation.first_level:.1%}")
    right = "" if check.accuracy is None else f",其中正确 {check.accuracy:.2%}"
    said = f"承诺 {check.promise:.4g}:可不经人工 {figures.accepted:.1%}{right};{KEPT[check.kept]}"
    console.print(said + (f",还要 {check.missing:,} 行" if check.missing and check.accepted else ""))
    steps = [figures.accuracy_at(share / 20) for share in range(1, 21)]
    console.print(Text.assemble("最有把握的 5% 到全部:", (spark([one - min(steps) + 0.01 for one in steps]), "cyan"),
                                f" {steps[0]:.0%} → {steps[-1]:.0%}"))  # fmt: skip
    if figures.confusions:
        console.print("最常混淆(应为 → 判为):", style="bold")
    for pair in figures.confusions[:WORST]:
        console.print(f"  {one_line(pair.truth, 40)} → {one_line(pair.answer, 40)}  {pair.count:,} 行", soft_wrap=True)
    if evaluation.unknown:
        labels, rows = len(evaluation.unknown), sum(evaluation.unknown.values())
        aside().print(f"有 {labels:,} 个标签模型没有学过,共 {rows:,} 行,都计为判错", style="yellow")
