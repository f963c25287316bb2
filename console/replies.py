"""`wentichi replies`: units' replies checked (答复质量检查), and what the check is worth on a file."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import orjson
import typer

from console.models import require_place
from console.terminal import Json, aside, plain_table, print_json, screen
from schemas.replies import BLOCKS_FROM, ReplyFault

if TYPE_CHECKING:
    from classifiers.replies.rows import ReplyRow
    from classifiers.replies.trial import Blocked, Figure, Trial
    from schemas.replies import ReplyFindings

app = typer.Typer(add_completion=False, no_args_is_help=True, help="检查单位的答复:答非所问、没有答复、没有理由、套话。")

Rows = Annotated[Path, typer.Argument(metavar="文件", help="JSON Lines 文件,每行有 text(可有 title)和 reply,可用 xz 压缩")]
Marks = Annotated[
    Path | None, typer.Option("--marks", metavar="文件", help="另一个文件里的标注,每行 id、explains(1 为说明了理由)")
]
Model = Annotated[Path | None, typer.Option("--model", metavar="文件夹", help="训练好的模型;不给则只用规则")]

NAMES = {
    ReplyFault.OFF_TOPIC: "答非所问",
    ReplyFault.NO_ANSWER: "没有答复",
    ReplyFault.NO_REASON: "没有理由",
    ReplyFault.TEMPLATE: "套话",
    ReplyFault.NO_CONTACT: "没有联系来件人",
}
RIVALS = {
    "majority": "一律判为有理由", "rule": "规则:没有答复即没有理由", "length": "只看长短", "signs": "答复的构成(采用)",
    "words": "词,逻辑回归", "characters": "字,逻辑回归", "words_svm": "词,线性 SVM", "characters_svm": "字,线性 SVM",
    "characters_nbsvm": "字,NB-SVM", "characters_signs": "字与构成,逻辑回归",
}  # fmt: skip


@app.command("check", help="逐行检查答复,结果写入文件:faults、confidence、evidence,与输入逐行对应")
def check(
    rows: Rows,
    out: Annotated[Path, typer.Option("--out", metavar="文件", help="结果文件:每行一个 JSON 对象")],
    model: Model = None,
) -> None:
    from classifiers.replies import RuleChecker, TrainedReplyChecker  # noqa: PLC0415 - help imports no room
    from classifiers.replies.reasons import ReasonModel  # noqa: PLC0415 - see above
    from classifiers.replies.rows import read_replies  # noqa: PLC0415 - see above

    require_place(out, rows)
    found = read_replies(rows)
    checker = RuleChecker() if model is None else TrainedReplyChecker(ReasonModel.load(model), aside().print)
    answers = checker.check([row.asked for row in found])
    _write(out, found, answers)
    screen().print(f"{len(answers):,} 行已写入 {out}", soft_wrap=True)
    for fault, name in NAMES.items():
        named = [one.confidence for answer in answers for one in answer.faults if one.fault is fault]
        if named:
            sure = sum(confidence >= BLOCKS_FROM for confidence in named)
            screen().print(f"  {name} {len(named):,} 件,其中把握达到 {BLOCKS_FROM} 的 {sure:,} 件")


@app.command("evaluate", help="检查准不准:与调换的答复比,与标注比;有标注时也比较各种模型")
def evaluate(
    rows: Rows,
    marks: Marks = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="随机种子")] = 0,
    as_json: Json = False,
) -> None:
    from classifiers.replies.rows import read_replies, with_marks  # noqa: PLC0415 - help imports no room
    from classifiers.replies.trial import trial  # noqa: PLC0415 - see above

    found = read_replies(rows)
    if marks is not None:
        found = with_marks(found, marks)
    with aside().status("检验中") as status:
        result = trial(found, seed, lambda step: status.update(f"检验中:{step}"))
    if as_json:
        print_json(result.document())
        return
    _tell(result)


def train(rows: Path, model: Path, marks: Path | None, *, as_json: bool) -> None:
    """What `wentichi train replies` does."""
    from classifiers.replies.reading import read_reply  # noqa: PLC0415 - help imports no room
    from classifiers.replies.reasons import ReasonModel  # noqa: PLC0415 - see above
    from classifiers.replies.rows import marked, read_replies, with_marks  # noqa: PLC0415 - see above
    from classifiers.replies.trial import held_out  # noqa: PLC0415 - see above

    found = read_replies(rows)
    if marks is not None:
        found = with_marks(found, marks)
    chosen, truth = marked(found)
    replies = [row.asked.reply for row in chosen]
    readings = [read_reply(reply) for reply in replies]
    metrics = held_out(readings, replies, truth)
    made = ReasonModel.fit(readings, truth, metrics)
    made.save(model)
    card = made.card
    if as_json:
        print_json(card)
        return
    said = f"模型已存入 {model}:{card.rows:,} 件答复,其中说明了理由的 {card.explaining:,} 件"
    screen().print(said, style="green", soft_wrap=True)
    for rival in ("signs", "length", "majority"):
        figures = metrics[rival]
        precision = figures["average_precision"]["value"]
        screen().print(f"  {RIVALS[rival]}:准确率 {figures['accuracy']['value']:.3f},没有理由的平均精度 {precision:.3f}")


def _write(out: Path, rows: "list[ReplyRow]", answers: "list[ReplyFindings]") -> None:
    """Whole or not at all."""
    beside = out.with_name(f".{out.name}.new")
    try:
        with beside.open("wb") as file:
            for number, (row, answer) in enumerate(zip(rows, answers, strict=True)):
                named: dict[str, Any] = {"row": number} | ({"id": row.id} if row.id else {})
                file.write(orjson.dumps(named | answer.model_dump(mode="json")) + b"\n")
        beside.replace(out)
    finally:
        beside.unlink(missing_ok=True)


def _tell(result: "Trial") -> None:
    console = screen()
    marked = f",有标注的 {result.explaining + result.unexplaining:,} 件" if result.explaining else ""
    console.print(f"{result.rows:,} 件答复{marked};每秒检查:{_speeds(result)}", style="bold")
    table = plain_table("调换答复", "AUC", "误报 1% 时查出", "误报 5% 时查出", "足以拦住", "误拦")
    for how, name in (("random", "别人的答复"), ("alike", "最相近来件的答复")):
        one = result.swapped[how]
        if one is not None:
            shares = (one.recall_at_1, one.recall_at_5, one.caught, one.false_alarms)
            table.add_row(name, f"{one.auc:.3f}", *(f"{share:.1%}" for share in shares))
    console.print(table)
    faults = plain_table("查出", "规则", "足以拦住", "有理由", "没有理由", "没有标注")
    for fault in result.faults:
        counts = (fault.explaining, fault.unexplaining, fault.unmarked)
        name = NAMES[ReplyFault(fault.fault)]
        faults.add_row(name, fault.rule, "是" if fault.blocking else "否", *(f"{count:,}" for count in counts))
    console.print(faults)
    for name, blocked in (("规则", result.blocked), ("规则与模型", result.blocked_trained)):
        if blocked is not None:
            console.print(_blocked(name, blocked))
    _tell_reasons(result)


def _tell_reasons(result: "Trial") -> None:
    if not result.reasons:
        return
    table = plain_table("是否说明理由", "准确率", "宏平均 F1", "AUC", "平均精度", "校准误差", "短答复 AUC")
    for one in result.reasons:
        figures = (one.accuracy, one.macro_f1, one.roc_auc, one.average_precision)
        short = "" if one.short_auc is None else f"{one.short_auc:.3f}"
        table.add_row(RIVALS[one.rival.value], *map(_figure, figures), f"{one.ece:.3f}", short)
    screen().print(table)


def _figure(figure: "Figure") -> str:
    return f"{figure.value:.3f} ± {figure.sd:.3f}"


def _blocked(name: str, blocked: "Blocked") -> str:
    return f"{name}会拦住:说明了理由的答复 {blocked.explaining:.1%},没有说明的 {blocked.unexplaining:.1%}"


def _speeds(result: "Trial") -> str:
    names = {"rules": "规则", "trained": "规则与模型"}
    return ",".join(f"{names[name]} {speed:,.0f}" for name, speed in result.speed.items())
