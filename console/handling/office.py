"""`wentichi answer`, `decline`, `hand-over`, `recall`, `recategorise`, `note`: the office's own hands."""

from typing import Annotated

import typer

from console.acting import (
    OPERATOR,
    As,
    AsUnit,
    By,
    Desk,
    Hat,
    Json,
    Key,
    Name,
    Post,
    Remark,
    chosen,
    desk_for,
)
from console.found import category_of
from console.labels import DECLINE_REASON, HAND_OVER_TO
from console.opening import known_category
from console.terminal import one_line
from schemas.commands_handling import AnswerDirectly, Decline, HandOver, Note, Recall, Recategorise
from schemas.errors import ContractError, NotFound
from schemas.knowledge import Knowledge

LONGEST_NUMBER = 100


def answer(
    name: Name,
    text: Annotated[str, typer.Option("--text", metavar="文字", help="答复的内容;用了知识的可不写,即照知识的原话")] = "",
    knowledge: Annotated[str, typer.Option("--knowledge", metavar="知识", help="依据的知识编号")] = "",
    by: By = OPERATOR,
    key: Key = "",
    as_json: Json = False,
) -> None:
    """直办:还没有派单的问题当场答复,随即办结。用到的知识计一次使用。"""
    with desk_for(AnswerDirectly, name, by=by, key=key) as desk:
        item = _knowledge(desk, knowledge) if knowledge else None
        sealed = desk.sealed("--text", text or (item.answer if item else ""), "办事窗口周六上午也开")
        used = f"{item.id}@{item.edition}" if item else ""
        desk.do(AnswerDirectly, "已直接答复并办结", as_json=as_json, text=sealed, knowledge=used)


def _knowledge(desk: Desk, name: str) -> Knowledge:
    wanted = name.strip().partition("@")[0]
    state = desk.home.store.states([wanted]).get(wanted) if wanted[:1] == "k" else None
    if not isinstance(state, Knowledge) or state.version == 0:
        raise NotFound(f"没有知识 “{one_line(name, 60)}”;可用 wentichi knowledge list 查看编号")
    if not state.usable:
        raise ContractError("--knowledge", "这一条还没有生效或已撤下", "请换一条,可用 wentichi knowledge list --state valid 查看")
    return state


def decline(
    name: Name,
    reason: Annotated[str, typer.Option("--reason", metavar="理由", help="不受理的理由,例如 不属于本行政区域")],
    text: Annotated[str, typer.Option("--text", metavar="文字", help="告知来件人的途径;不写则用配置包里这一理由的途径")] = "",
    by: By = OPERATOR,
    key: Key = "",
    as_json: Json = False,
) -> None:
    """不予受理,随即办结:说明理由,并告知该找谁。"""
    with desk_for(Decline, name, by=by, key=key) as desk:
        why = chosen("--reason", DECLINE_REASON, reason)
        grounds = {term.value: ground.path for term, ground in desk.pack.handling.declines.items()}
        sealed = desk.sealed("--text", text or grounds.get(why.value, ""), "请拨打事发地区号加12345")
        desk.do(Decline, f"不予受理({DECLINE_REASON[why]}),已办结", as_json=as_json, reason=why, text=sealed)


def hand_over(
    name: Name,
    to: Annotated[str, typer.Option("--to", metavar="接收方", help="110、119、120、信访、督查")],
    number: Annotated[str, typer.Option("--number", metavar="编号", help="对方接收时给的编号")],
    note: Remark = "",
    by: By = OPERATOR,
    role: As = Hat.CLERK,
    key: Key = "",
    as_json: Json = False,
) -> None:
    """转给别的专线或部门,记下对方的编号,随即办结。"""
    with desk_for(HandOver, name, by=by, key=key, role=role) as desk:
        receiver = chosen("--to", HAND_OVER_TO, to)
        if not 1 <= len(number.strip()) <= LONGEST_NUMBER:
            raise ContractError("--number", f"须为 1 到 {LONGEST_NUMBER} 字", "请填对方接收时给的编号,没有编号不算转成")
        sealed = desk.sealed("--note", note)
        said = f"已转给{HAND_OVER_TO[receiver]},对方编号 {one_line(number, 40)}"
        desk.do(HandOver, said, as_json=as_json, to=receiver, number=number.strip(), note=sealed)


def recall(name: Name, note: Remark = "", by: By = OPERATOR, role: As = Hat.CLERK, key: Key = "", as_json: Json = False) -> None:
    """派单人把问题从所有单位收回,等人重新派单;办理时限仍从首次派单算起。"""
    with desk_for(Recall, name, by=by, key=key, role=role) as desk:
        desk.do(Recall, "已收回,等人重新派单", as_json=as_json, note=desk.sealed("--note", note, "派错了单位"))


def recategorise(
    name: Name,
    category: Annotated[str, typer.Option("--category", metavar="类别", help="正确的类别,编码或名称")],
    by: By = OPERATOR,
    role: As = Hat.CLERK,
    key: Key = "",
    as_json: Json = False,
) -> None:
    """改定类别:按权责清单重新认定单位,时限按新类别从首次派单算起;清单定不下来的等人派单。"""
    with desk_for(Recategorise, name, by=by, key=key, role=role) as desk:
        code = known_category(desk.pack, category)
        desk.do(Recategorise, f"类别改定为 {category_of(desk.pack, code)}", as_json=as_json, category=code)


def note(
    name: Name,
    text: Annotated[str, typer.Option("--text", metavar="文字", help="备注的内容")],
    as_unit: AsUnit = "",
    post: Post = "",
    by: By = OPERATOR,
    role: As = Hat.CLERK,
    key: Key = "",
    as_json: Json = False,
) -> None:
    """内部备注,来件人看不到,不动任何时限。"""
    with desk_for(Note, name, by=by, key=key, role=role, as_unit=as_unit, post=post) as desk:
        desk.do(Note, "已记下备注", as_json=as_json, text=desk.sealed("--text", text, "来件人下午在家"))
