"""`wentichi contact`, `return`, `object`, `apply`, `wait-caller`, `resume`, `cooperate`, `rate`: a unit and its part."""

from typing import Annotated

import typer

from casework.clocks import limit_of
from city.terms import Clock as LimitClock
from console.acting import (
    OPERATOR,
    As,
    AsUnit,
    By,
    ClearDepartment,
    ClearGrassroots,
    ClearSupport,
    Desk,
    Hat,
    Json,
    Key,
    Name,
    Remark,
    chosen,
    clarity_of,
    desk_for,
    told,
)
from console.found import unit_of
from console.labels import EXCLUSION_REASON, MARK, RETURN_REASON, WAY, WISH
from console.opening import known_unit
from schemas.commands_handling import AddCooperators, Apply, AskReturn, Contact, Object, RateUnit, Resume, WaitForCaller
from schemas.errors import ContractError
from schemas.words import Way, Wish

Unit = Annotated[str, typer.Option("--as-unit", metavar="单位", help="以这个单位的身份办,编码或全名")]
Stars = Annotated[int, typer.Option("--mark", min=1, max=5, metavar="1到5", help="1 非常不满意 到 5 非常满意")]


def contact(
    name: Name,
    *,
    as_unit: Unit,
    reached: Annotated[bool, typer.Option("--reached/--not-reached", help="是否联系上")] = True,
    way: Annotated[str, typer.Option("--way", metavar="方式", help="电话、短信、链接、上门")] = Way.PHONE.value,
    note: Remark = "",
    by: By = OPERATOR,
    key: Key = "",
    as_json: Json = False,
) -> None:
    """承办单位联系了来件人。没有联系上的也记下,联系时限照走。"""
    with desk_for(Contact, name, by=by, key=key, as_unit=as_unit) as desk:
        how, sealed = chosen("--way", WAY, way), desk.sealed("--note", note)
        said = "已记下联系" if reached else "已记下:没有联系上"
        desk.do(Contact, said, as_json=as_json, reached=reached, way=how, note=sealed)


def ask_return(
    name: Name,
    *,
    as_unit: Unit,
    reason: Annotated[str, typer.Option("--reason", metavar="理由", help="退单的理由,例如 职责不符")],
    suggested: Annotated[str, typer.Option("--suggest", metavar="单位", help="建议由谁办")] = "",
    note: Remark = "",
    by: By = OPERATOR,
    key: Key = "",
    as_json: Json = False,
) -> None:
    """主办单位申请退单。审定之前仍由本单位负责,办理时限照走。"""
    with desk_for(AskReturn, name, by=by, key=key, as_unit=as_unit) as desk:
        why = chosen("--reason", RETURN_REASON, reason)
        other = known_unit(desk.pack, suggested) if suggested else None
        sealed = desk.sealed("--note", note, "这条路未移交,由建设单位管护")
        said = f"已申请退单({RETURN_REASON[why]}),等复核审定"
        desk.do(AskReturn, said, as_json=as_json, reason=why, suggested=other, note=sealed)


def object_to(name: Name, *, as_unit: Unit, note: Remark = "", by: By = OPERATOR, key: Key = "", as_json: Json = False) -> None:
    """镇街、社区的一键投诉:这一件不该派给基层。审定之前照办。"""
    with desk_for(Object, name, by=by, key=key, as_unit=as_unit) as desk:
        desk.do(Object, "异议已提出,等复核审定", as_json=as_json, note=desk.sealed("--note", note))


def apply(
    name: Name,
    *,
    as_unit: Unit,
    wish: Annotated[str, typer.Option("--wish", metavar="事项", help="extension 延期,suspension 挂账,exclusion 剔除")],
    amount: Annotated[
        int, typer.Option("--amount", min=0, max=1000, metavar="数", help="延期或挂账多久,以配置包中这一时限的单位计")
    ] = 0,
    reason: Annotated[str, typer.Option("--reason", metavar="理由", help="剔除的理由,例如 客观不可解")] = "",
    note: Remark = "",
    by: By = OPERATOR,
    key: Key = "",
    as_json: Json = False,
) -> None:
    """主办单位申请延期、挂账,或不计入考核;由别人审批。"""
    with desk_for(Apply, name, by=by, key=key, as_unit=as_unit) as desk:
        asked = chosen("--wish", WISH, wish)
        if asked is Wish.EXCLUSION and amount:
            raise ContractError("--amount", "剔除没有时间长短", "请去掉 --amount")
        if asked is not Wish.EXCLUSION and not amount:
            raise ContractError("--amount", f"{WISH[asked]}要说明多久", "请加 --amount 数")
        if asked is not Wish.EXCLUSION and reason:
            raise ContractError("--reason", "只有剔除才选理由", "请去掉 --reason,情况写在 --note 里")
        why = chosen("--reason", EXCLUSION_REASON, reason) if asked is Wish.EXCLUSION else None
        sealed = desk.sealed("--note", note, "配件须从外地调运,五日后到")
        said = f"已申请{WISH[asked]}{_length(desk, asked, amount)},等审批"
        desk.do(Apply, said, as_json=as_json, wish=asked, amount=amount, reason=why, note=sealed)


def _length(desk: Desk, wish: Wish, amount: int) -> str:
    """The time asked for, in the unit of the pack's limit for it."""
    if wish is Wish.EXCLUSION:
        return ""
    problem, clock = desk.problem, LimitClock.EXTEND if wish is Wish.EXTENSION else LimitClock.PARK
    limit = limit_of(desk.pack, clock, problem.urgency, problem.category, problem.kind)
    return f" {amount} {limit.unit.label}"


def wait_caller(name: Name, *, as_unit: Unit, note: Remark = "", by: By = OPERATOR, key: Key = "", as_json: Json = False) -> None:
    """等来件人补充,办理时限暂停;写明缺什么。到期或有了补充就接着走。"""
    with desk_for(WaitForCaller, name, by=by, key=key, as_unit=as_unit) as desk:
        desk.do(WaitForCaller, "等来件人补充,办理时限暂停", as_json=as_json, note=desk.sealed("--note", note, "缺门牌号"))


def resume(
    name: Name, as_unit: AsUnit = "", by: By = OPERATOR, role: As = Hat.CLERK, key: Key = "", as_json: Json = False
) -> None:
    """结束等待或挂账,办理时限接着走。主办单位加 --as-unit;热线中心不加。"""
    with desk_for(Resume, name, by=by, key=key, role=role, as_unit=as_unit) as desk:
        desk.do(Resume, "已恢复办理", as_json=as_json)


def cooperate(
    name: Name,
    *,
    ask: Annotated[list[str], typer.Option("--ask", "--note", metavar="单位=要求", help="请谁协办、做什么,可多次")],
    clear_department: ClearDepartment = "",
    clear_grassroots: ClearGrassroots = "",
    clear_support: ClearSupport = "",
    as_unit: AsUnit = "",
    by: By = OPERATOR,
    role: As = Hat.CLERK,
    key: Key = "",
    as_json: Json = False,
) -> None:
    """主办单位(--as-unit)或坐席增加协办单位,写明各做什么;镇街、社区要三个明确。"""
    with desk_for(AddCooperators, name, by=by, key=key, role=role, as_unit=as_unit) as desk:
        notes = told(desk, ask)
        clarity = clarity_of(desk, clear_department, clear_grassroots, clear_support)
        said = f"已增加协办 {'、'.join(unit_of(desk.pack, unit) for unit in notes)}"
        desk.do(AddCooperators, said, as_json=as_json, notes=notes, clarity=clarity)


def rate(
    name: Name,
    *,
    as_unit: Unit,
    of: Annotated[str, typer.Option("--of", metavar="单位", help="评价哪个单位")],
    mark: Stars,
    by: By = OPERATOR,
    key: Key = "",
    as_json: Json = False,
) -> None:
    """一起办过这个问题的单位互相评价,各评一次。"""
    with desk_for(RateUnit, name, by=by, key=key, as_unit=as_unit) as desk:
        code = known_unit(desk.pack, of)
        desk.do(RateUnit, f"已评价 {unit_of(desk.pack, code)}:{MARK[mark]}", as_json=as_json, of=code, mark=mark)
