"""`wentichi train`, `predict` and `bootstrap`: models from a city's decisions or its category tree, and what they answer."""

import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Protocol

import orjson
import typer

from console.terminal import Json, aside, print_json, screen
from schemas.errors import ContractError

if TYPE_CHECKING:
    from classifiers.learning.prediction import Prediction
    from classifiers.learning.rows import Row, Task

train_app = typer.Typer(add_completion=False, no_args_is_help=True, help="用已有标签的历史来件训练模型。")
predict_app = typer.Typer(add_completion=False, no_args_is_help=True, help="对一个文件里的来件逐行判断。")
bootstrap_app = typer.Typer(add_completion=False, no_args_is_help=True, help="没有标签时,由类别树和自己的历史来件起步。")

Rows = Annotated[Path, typer.Argument(metavar="文件", help="JSON Lines 文件,可用 xz 压缩")]
Model = Annotated[Path, typer.Option("--model", metavar="文件夹", help="模型存放的文件夹;已有的模型在成功后整个换掉")]
Tree = Annotated[Path, typer.Option("--tree", metavar="类别树.csv", help="类别树,列为 level1,level2,level3")]
Out = Annotated[Path, typer.Option("--out", metavar="文件", help="结果文件:每行一个 JSON 对象,与输入逐行对应")]
Sure = Annotated[float, typer.Option("--promise", metavar="准确率", help="accepted 为 true 的须至少有这么准,例如 0.98、0.995")]


_NONE = "没有一行够得上承诺,全部交人判断:没有标签的判断无从证明;训练出的模型可用更多有标签的来件训练,或降低 --promise"


class Answers(Protocol):
    """What every model here can do: one answer per row, in order."""

    def predict(
        self, rows: "Sequence[Row]", *, promise: float = ..., labels: Sequence[str] | None = ...
    ) -> "list[Prediction]": ...


@bootstrap_app.callback()
def _bootstrap() -> None:
    """Keeps `category` a sub-command of its own: a Typer of one command would be that command."""


@train_app.command("category", help="类别模型。每行字段 title、text(至少其一)和 category;类别可以是“一级/二级/三级”")
def train_category(rows: Rows, model: Model, as_json: Json = False) -> None:
    from classifiers.learning.category import CategoryModel  # noqa: PLC0415 - help imports no room
    from classifiers.learning.rows import Task, read_rows  # noqa: PLC0415 - see above
    from classifiers.learning.seen import remember  # noqa: PLC0415 - see above

    _require_folder(model)
    found = read_rows(rows, Task.CATEGORY, labelled=True)
    CategoryModel.fit(found).save(model)
    remember(model, found)
    _tell(model, Task.CATEGORY, as_json=as_json)


@train_app.command("department", help="承办单位模型。每行字段 text 和 department,可有 id、title、l1 至 l4、scheme")
def train_department(rows: Rows, model: Model, as_json: Json = False) -> None:
    from classifiers.learning.department import DepartmentModel  # noqa: PLC0415 - help imports no room
    from classifiers.learning.rows import Task, read_rows  # noqa: PLC0415 - see above
    from classifiers.learning.seen import remember  # noqa: PLC0415 - see above

    _require_folder(model)
    found = read_rows(rows, Task.DEPARTMENT, labelled=True)
    DepartmentModel.fit(found).save(model)
    remember(model, found)
    _tell(model, Task.DEPARTMENT, as_json=as_json)


@train_app.command("replies", help="答复质量检查的模型。每行字段 text、reply、explains(1 为说明了理由,0 为没有)")
def train_replies(
    rows: Rows,
    model: Model,
    marks: Annotated[Path | None, typer.Option("--marks", metavar="文件", help="另一个文件里的 id、explains")] = None,
    as_json: Json = False,
) -> None:
    from console.replies import train  # noqa: PLC0415 - it stands on this module

    _require_folder(model)
    train(rows, model, marks, as_json=as_json)


@bootstrap_app.command("category", help="类别模型,不用标签:由类别树的名称认出一部分来件,再从中学习")
def bootstrap_category(rows: Rows, tree: Tree, model: Model, as_json: Json = False) -> None:
    from classifiers.learning.bootstrap import bootstrap  # noqa: PLC0415 - help imports no room
    from classifiers.learning.cold import read_tree  # noqa: PLC0415 - see above
    from classifiers.learning.rows import Task, read_rows  # noqa: PLC0415 - see above
    from classifiers.learning.seen import remember  # noqa: PLC0415 - see above

    _require_folder(model)
    found = read_rows(rows, Task.CATEGORY, labelled=False)
    bootstrap(found, read_tree(tree)).save(model)
    remember(model, found)
    _tell(model, Task.CATEGORY, as_json=as_json)


@predict_app.command("category", help="判断类别。用 --model 给出模型;没有模型时用 --tree 给出类别树,凭名称判断")
def predict_category(
    rows: Rows,
    out: Out,
    model: Annotated[Path | None, typer.Option("--model", metavar="文件夹", help="训练好的模型")] = None,
    tree: Annotated[Path | None, typer.Option("--tree", metavar="类别树.csv", help="没有模型时的类别树")] = None,
    labels: Annotated[str, typer.Option("--labels", metavar="甲,乙", help="只在这些一级类别中选,以逗号分开")] = "",
    promise: Sure = 0.98,
) -> None:
    from classifiers.learning.rows import Task, read_rows  # noqa: PLC0415 - help imports no room

    require_promise(promise)
    require_place(out, rows)
    chosen = _named(labels)
    answers = _category_answers(model, tree)
    found = read_rows(rows, Task.CATEGORY, labelled=False)
    _write(out, answers.predict(found, promise=promise, labels=chosen), promise)


@predict_app.command("department", help="判断承办单位。l1 至 l4、scheme 可以没有")
def predict_department(
    rows: Rows,
    model: Annotated[Path, typer.Option("--model", metavar="文件夹", help="训练好的模型")],
    out: Out,
    promise: Sure = 0.98,
) -> None:
    from classifiers.learning.department import DepartmentModel  # noqa: PLC0415 - help imports no room
    from classifiers.learning.rows import Task, read_rows  # noqa: PLC0415 - see above

    require_promise(promise)
    require_place(out, rows)
    answers: Answers = DepartmentModel.load(model)
    _write(out, answers.predict(read_rows(rows, Task.DEPARTMENT, labelled=False), promise=promise), promise)


def _category_answers(model: Path | None, tree: Path | None) -> Answers:
    if model is None:
        from classifiers.learning.cold import ColdStart, tree_or_error  # noqa: PLC0415 - help imports no room

        return ColdStart(tree_or_error(tree))
    from classifiers.learning.evaluate import load_model  # noqa: PLC0415 - see above
    from classifiers.learning.rows import Task  # noqa: PLC0415 - see above

    if tree is not None:
        aside().print("给了 --model,类别以模型为准,--tree 不再读取", style="yellow")
    return load_model(model, Task.CATEGORY)


def _named(labels: str) -> list[str] | None:
    """None where any label may be the answer."""
    names = [name.strip() for name in labels.replace(",", ",").split(",") if name.strip()]
    if labels and not names:
        raise ContractError("--labels", "没有写出类别", "请写一级类别的名称,以逗号分开,例如 --labels 城乡建设,交通运输")
    return list(dict.fromkeys(names)) or None


def require_promise(promise: float) -> None:
    if not 0 < promise < 1:
        raise ContractError("--promise", "须大于 0、小于 1", "例如 0.98;没有模型能承诺百分之百")


def require_place(out: Path, rows: Path, option: str = "--out") -> None:
    """Before the work is done, not after."""
    if out.is_dir():
        raise ContractError(option, f"{out} 是文件夹", "请写出文件名")
    if not out.absolute().parent.is_dir():
        raise ContractError(option, f"没有文件夹 {out.absolute().parent}", "请先建立,或换一个路径")
    if out.exists() and rows.exists() and out.samefile(rows):
        raise ContractError(option, "就是输入文件", "请换一个文件名,以免盖掉输入")


def _require_folder(model: Path) -> None:
    """Before minutes of training: the folder can be made and written to."""
    if model.exists() and not model.is_dir():
        raise ContractError("--model", f"{model} 是文件,不是文件夹", "请换一个路径")
    made = not model.exists()
    model.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=model):
        pass
    if made:
        with suppress(OSError):
            model.rmdir()


def _write(out: Path, answers: "Sequence[Prediction]", promise: float) -> None:
    """Whole or not at all: written beside and moved into place."""
    beside = out.with_name(f".{out.name}.new")
    try:
        with beside.open("wb") as file:
            for row, answer in enumerate(answers):
                file.write(orjson.dumps(_line(row, answer)) + b"\n")
        beside.replace(out)
    finally:
        beside.unlink(missing_ok=True)
    accepted = sum(answer.accepted for answer in answers)
    share = f",占 {accepted / len(answers):.1%}" if answers else ""
    said = f"{len(answers):,} 行已写入 {out};按承诺准确率 {promise:.4g},可不经人工的 {accepted:,} 行{share}"
    screen().print(said, soft_wrap=True)
    if answers and not accepted:
        aside().print(_NONE, style="yellow")


def _line(row: int, answer: "Prediction") -> dict[str, Any]:
    """row: from 0, as the input's rows stand."""
    return {
        "row": row,
        "label": answer.label,
        "confidence": float(answer.confidence),
        "top": [[label, float(share)] for label, share in answer.top],
        "accepted": bool(answer.accepted),
    }


def _tell(folder: Path, task: "Task", *, as_json: bool) -> None:
    """What the finished model's card says."""
    from dataclasses import asdict  # noqa: PLC0415 - beside its only use

    from classifiers.learning.artifact import read_card  # noqa: PLC0415 - help imports no room

    card = read_card(folder, task)
    if as_json:
        print_json(asdict(card))
        return
    kinds = f"{len(card.labels):,} 个标签" if card.labels else "没有标签"
    screen().print(f"模型已存入 {folder}:{card.rows:,} 行,{kinds}", style="green", soft_wrap=True)
    names = {"accuracy": "准确率", "macro_f1": "宏平均 F1", "ece": "校准误差"}
    figures = [f"{names[name]} {value:.3f}" for name, value in card.metrics.items() if name in names and isinstance(value, float)]
    if figures:
        screen().print(f"留出检验:{','.join(figures)}")
