"""`wentichi models`: which models decide, putting a better one in their place, and going back."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from console.asking import person
from console.models import require_promise
from console.models_drift import drift
from console.terminal import Json, aside, one_line, plain_table, print_json, screen
from schemas.errors import ContractError

if TYPE_CHECKING:
    from classifiers.learning.compare import Comparison
    from classifiers.learning.contest import Contest
    from classifiers.learning.rows import Task
    from classifiers.registry import Event, Registry

app = typer.Typer(add_completion=False, no_args_is_help=True, help="现行模型:列出、上线、退回、检查漂移。")

REFUSED = 1
"""Exit status of a promotion that was compared and refused."""
_NAMES = {"category": "类别", "department": "承办单位"}
_RIVALS = {"champion": "现行模型", "majority": "一律判为最多的一个", "keywords": "关键词表"}
_COLD = "冷启动"
_CHANGES = {"promoted": "上线", "refused": "未予上线", "rolled_back": "退回"}

TaskName = Annotated[str, typer.Argument(metavar="category|department", help="类别模型或承办单位模型")]
Folder = Annotated[
    Path | None, typer.Option("--models", metavar="文件夹", help="模型库;默认 WENTICHI_MODELS,再默认问题池文件夹下的 models")
]
By = Annotated[str, typer.Option("--by", metavar="姓名", help="经办人", callback=person)]


app.command("drift", help="近来的来件是否还像现行类别模型上线时的样子(退出码 3:有漂移)")(drift)


@app.command("list", help="各任务现行的是哪个版本,还存有哪些版本")
def list_models(models: Folder = None, as_json: Json = False) -> None:
    from classifiers.learning.rows import Task  # noqa: PLC0415 - help imports no room

    registry = _registry(models)
    standing = registry.standing()
    found = [_version(registry, task, version) for task in Task for version in registry.versions(task)]
    if as_json:
        print_json({"models": str(registry.folder), "standing": _standing_json(standing), "versions": found})
        return
    for task in Task:
        one = standing.get(task)
        if one is None:
            screen().print(f"{_NAMES[task]}:没有现行模型,由冷启动判断")
            continue
        said = f"{_NAMES[task]}:现行 {one.version},承诺 {one.promise:.4g},抽查 {one.checked_share:.2%}"
        screen().print(f"{said},{_time(one.promoted)} 由{one.by or '(未署名)'}上线", style="green", soft_wrap=True)
    if found:
        table = plain_table("任务", "版本", "训练时间", "种类", "行数", "")
        table.columns[4].justify = "right"
        for entry in found:
            now = "现行" if entry["standing"] else ""
            shown = _NAMES[entry["task"]], entry["version"], _time(entry["created"]), entry["kind"], f"{entry['rows']:,}", now
            table.add_row(*(one_line(cell, 40) for cell in shown))
        screen().print(table)


@app.command("promote", help="与现行模型在双方都没见过的行上比较,确实更好才上线(退出码 1:没有上线)")
def promote(
    task: TaskName,
    model: Annotated[Path, typer.Argument(metavar="模型文件夹", help="wentichi train 得到的模型")],
    held_out: Annotated[Path, typer.Option("--held-out", metavar="文件", help="用来比较的来件,每行都有标签;训练用过的行会去掉")],
    promise: Annotated[float, typer.Option("--promise", metavar="准确率", help="上线后不经人工的须至少有这么准")] = 0.98,
    check_share: Annotated[float, typer.Option("--check-share", metavar="份额", help="总由人决定、用来抽查的份额")] = 0.02,
    by: By = "operator",
    models: Folder = None,
    as_json: Json = False,
) -> None:
    from classifiers.learning.rows import read_rows  # noqa: PLC0415 - help imports no room
    from classifiers.registry import version_of  # noqa: PLC0415 - see above

    require_promise(promise)
    if not 0 <= check_share <= 1:
        raise ContractError("--check-share", "须在 0 与 1 之间", "例如 0.02,即每百件有两件总由人决定,用来看准确率")
    wanted, registry = _task(task), _registry(models)
    _require_labels(model, wanted)
    version, standing = version_of(model, wanted), registry.standing().get(wanted)
    if standing is not None and standing.version == version:
        _again(registry, wanted, version, promise, check_share, by, as_json=as_json)
        return
    rows = read_rows(held_out, wanted, labelled=True)
    from classifiers.learning.contest import contest  # noqa: PLC0415 - imports numpy and scipy; bad options are told before

    found = contest(rows, wanted, model, standing.folder if standing else None, promise)
    figures = found.document()
    if found.won:
        reference = _reference(found)
        kept = registry.add(model, wanted)
        registry.keep_reference(wanted, kept, reference)
        registry.promote(wanted, kept, promise, check_share, by, figures, champion=standing.version if standing else "")
    else:
        registry.refused(wanted, version, by, figures)
    if as_json:
        print_json({"promoted": found.won, "task": wanted, "version": version, **figures})
    else:
        _tell(found, version)
    if not found.won:
        raise typer.Exit(REFUSED)


def _require_labels(model: Path, task: "Task") -> None:
    """What was never shown a label can promise nothing: in a pool the pack's rules, which know its duty items, do better."""
    from classifiers.learning.artifact import read_card  # noqa: PLC0415 - help imports no room

    if not read_card(model, task).labels:
        rule = f"{model} 是没有标签得来的模型,不能承诺准确率"
        raise ContractError("--model", rule, "它只供 wentichi predict 使用;有了标签,请用 wentichi train 训练后再上线")


@app.command("roll-back", help="退回到前一个版本;再没有更早的,就由冷启动判断")
def roll_back(task: TaskName, by: By = "operator", models: Folder = None, as_json: Json = False) -> None:
    wanted, registry = _task(task), _registry(models)
    now = registry.roll_back(wanted, by)
    if as_json:
        print_json({"task": wanted, "version": now.version if now else None})
        return
    said = f"现行的是 {now.version},承诺 {now.promise:.4g}" if now else "没有更早的版本,由冷启动判断"
    screen().print(f"已退回:{_NAMES[wanted]}{said}", style="green", soft_wrap=True)


@app.command("history", help="何时由谁上线、未予上线、退回,当时的数字")
def history(models: Folder = None, as_json: Json = False) -> None:
    events = _registry(models).history()
    if as_json:
        print_json({"events": events})
        return
    if not events:
        screen().print("还没有上线过模型", style="green")
        return
    table = plain_table("时间", "任务", "做了什么", "版本", "此前现行", "经办人", "准确率之差(95% 下限)")
    for event in events:
        shown = _time(event.at), _NAMES[event.task], _CHANGES[event.change], event.version or _COLD, event.before or _COLD
        table.add_row(*shown, one_line(event.by, 20), _difference(event))
    screen().print(table)


def _again(
    registry: "Registry", task: "Task", version: str, promise: float, check_share: float, by: str, *, as_json: bool
) -> None:
    """The standing model itself: nothing to compare, but its promise or its share of checks may change."""
    standing = registry.standing()[task]
    if (standing.promise, standing.checked_share) == (promise, check_share):
        rule = f"这就是现行的版本 {version},承诺与抽查份额也一样"
        raise ContractError("模型文件夹", rule, "什么都不用做;要上线新模型,请先训练")
    registry.promote(task, version, promise, check_share, by, standing.figures, champion=version)
    if as_json:
        print_json({"promoted": True, "task": task, "version": version, **standing.figures})
        return
    said = f"{_NAMES[task]}模型 {version} 仍是现行,承诺改为 {promise:.4g},抽查改为 {check_share:.2%}"
    screen().print(said, style="green", soft_wrap=True)


def _reference(found: "Contest") -> dict[str, Any]:
    from dataclasses import asdict  # noqa: PLC0415 - beside its only use

    from classifiers.learning.drift import reference_of  # noqa: PLC0415 - only a promotion needs it

    return asdict(reference_of(found.tested_rows, found.confidences))


def _tell(found: "Contest", version: str) -> None:
    console = screen()
    console.print(f"比较用 {found.rows:,} 行双方都没见过的来件(另有 {found.set_aside:,} 行见过,没有用)", style="bold")
    table = plain_table("", "准确率", "宏平均 F1", "校准误差", "可不经人工", "其中正确")
    for column in table.columns[1:]:
        column.justify = "right"
    for name, one in found.figures.items():
        own = "—" if one.accepted_accuracy is None else f"{one.accepted_accuracy:.2%}"
        cells = f"{one.accuracy:.2%}", f"{one.macro_f1:.2%}", f"{one.ece:.3f}", f"{one.accepted:.1%}", own
        table.add_row(_RIVALS.get(name, f"新模型 {version}"), *cells)
    console.print(table)
    for name, unknown in found.unknown.items():
        if unknown:
            whose = _RIVALS.get(name, "新模型")
            aside().print(f"{whose}没有学过 {len(unknown):,} 个标签,共 {sum(unknown.values()):,} 行,都计为判错", style="yellow")
    for name, pair in found.comparisons.items():
        accuracy, macro_f1 = pair.accuracy, pair.macro_f1
        said = f"比{_RIVALS[name]}:准确率 {_points(accuracy.value)}(95% 下限 {_points(accuracy.lower)}),"
        said += f"宏平均 F1 {_points(macro_f1.value)}(95% 上限 {_points(macro_f1.upper)});"
        said += f"只有新模型判对的 {pair.only_challenger:,} 行,只有对方判对的 {pair.only_champion:,} 行"
        console.print(Text(said, style="green" if pair.better else "red"), soft_wrap=True)
    if found.won:
        console.print(f"已上线:{_NAMES[found.task]}模型 {version}", style="green", soft_wrap=True)
        return
    reasons = [reason for name, pair in found.comparisons.items() for reason in _reasons(name, pair)]
    if found.promise.kept == "broken":
        told = f"没有守住承诺 {found.promise.promise:.4g}:不经人工的准确率至多 {found.promise.upper:.2%}"
        reasons.append(f"{told};可用更严的 --promise 再试")
    aside().print(f"没有上线:{';'.join(reasons)}。已记入历史", style="red", soft_wrap=True)


def _reasons(name: str, one: "Comparison") -> list[str]:
    from classifiers.learning.compare import RISK  # noqa: PLC0415 - help imports no room

    found = []
    if one.accuracy.lower > 0 and one.chance > RISK:
        found.append(f"比{_RIVALS[name]}多判对的太少,两个一样好的模型也有 {one.chance:.1%} 的机会如此(须不超过 {RISK:.0%})")
    if one.accuracy.lower <= 0:
        found.append(f"准确率不能断定高于{_RIVALS[name]}(差的 95% 下限 {_points(one.accuracy.lower)},须大于 0)")
    if one.macro_f1.upper < 0:
        found.append(f"宏平均 F1 低于{_RIVALS[name]}(差的 95% 上限 {_points(one.macro_f1.upper)},少见的标签判得更差)")
    return found


def _points(value: float) -> str:
    return f"{100 * value:+.2f} 个百分点"


def _difference(event: "Event") -> str:
    """Of the history's figures, whatever an older program may have written there."""
    comparisons = event.figures.get("comparisons")
    if not isinstance(comparisons, dict):
        return ""
    told = []
    for name, one in comparisons.items():
        accuracy = one.get("accuracy", {}) if isinstance(one, dict) else {}
        if isinstance(accuracy, dict) and {"value", "lower"} <= accuracy.keys():
            told.append(f"{_RIVALS.get(name, name)} {100 * accuracy['value']:+.2f}({100 * accuracy['lower']:+.2f})")
    return one_line(";".join(told), 120)


def _registry(models: Path | None) -> "Registry":
    from classifiers.registry import Registry, models_folder  # noqa: PLC0415 - help imports no room
    from streams.local.home import home_folder  # noqa: PLC0415 - see above

    if models is not None and models.exists() and not models.is_dir():
        raise ContractError("--models", f"{models} 是文件,不是文件夹", "请换一个路径")
    return Registry(models if models is not None else models_folder(home_folder()))


def _task(name: str) -> "Task":
    from classifiers.learning.rows import Task  # noqa: PLC0415 - help imports no room

    try:
        return Task(name)
    except ValueError as error:
        rule = f"没有“{one_line(name, 20)}”模型"
        raise ContractError("任务", rule, "请写 category(类别)或 department(承办单位)") from error


def _version(registry: "Registry", task: "Task", version: str) -> dict[str, Any]:
    """A damaged one is listed too, so that it can be found and removed."""
    from classifiers.learning.artifact import read_card  # noqa: PLC0415 - help imports no room

    now = registry.standing().get(task)
    found: dict[str, Any] = {"task": task.value, "version": version, "standing": now is not None and now.version == version}
    try:
        card = read_card(registry.folder_of(task, version), task)
    except ContractError:
        return found | {"created": "", "kind": "(已损坏)", "rows": 0, "labels": 0}
    return found | {"created": card.created, "kind": card.kind, "rows": card.rows, "labels": len(card.labels)}


def _standing_json(standing: Any) -> dict[str, Any]:
    names = ("version", "promise", "checked_share", "promoted", "by", "figures")
    return {task.value: {name: getattr(one, name) for name in names} for task, one in standing.items()}


def _time(when: str) -> str:
    return when[:16].replace("T", " ")
