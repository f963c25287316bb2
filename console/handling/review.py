"""`wentichi review`: what neutral people decide that others have asked for."""

from typing import Annotated, Any

import typer

from console.acting import (
    OPERATOR,
    As,
    Ask,
    By,
    ClearDepartment,
    ClearGrassroots,
    ClearSupport,
    Desk,
    DutyItem,
    Hat,
    Json,
    Key,
    Name,
    Remark,
    With,
    chosen,
    clarity_of,
    desk_for,
    known_item,
    told,
)
from console.found import unit_of
from console.labels import VERDICT, WISH
from console.opening import known_category, known_unit
from schemas.commands_handling import DecideApplication, DecideJointly, DecideObjection, DecideReturn
from schemas.errors import ContractError
from schemas.words import Verdict

app = typer.Typer(add_completion=False, no_args_is_help=True, help="复核:退单、会商、基层的异议、延期和挂账等申请。")

Category = Annotated[str, typer.Option("--category", metavar="类别", help="同时改定类别,编码或名称")]
Yes = Annotated[bool | None, typer.Option("--grant/--refuse", help="--grant 同意,--refuse 不同意", show_default=False)]


@app.command("return", help="审核退单:改派、不同意、会商,或兜底派单")
def decide_return(
    name: Name,
    *,
    verdict: Annotated[
        str, typer.Option("--verdict", metavar="结论", help="redispatched 改派,refused 不同意,conference 会商,fallback 兜底")
    ],
    lead: Annotated[str, typer.Option("--lead", metavar="单位", help="改派给谁;兜底时不写则按配置包的兜底规则")] = "",
    with_units: With = None,
    ask: Annotated[list[str] | None, typer.Option("--ask", metavar="单位=要求", help="对某单位的要求,可多次")] = None,
    note: Remark = "",
    category: Category = "",
    duty_item: DutyItem = "",
    clear_department: ClearDepartment = "",
    clear_grassroots: ClearGrassroots = "",
    clear_support: ClearSupport = "",
    by: By = OPERATOR,
    role: As = Hat.REVIEWER,
    key: Key = "",
    as_json: Json = False,
) -> None:
    with desk_for(DecideReturn, name, by=by, key=key, role=role) as desk:
        found = chosen("--verdict", VERDICT, verdict)
        if found is Verdict.REDISPATCHED and not lead:
            raise ContractError("--lead", "改派要说明派给谁", "请加 --lead 单位")
        if found in (Verdict.REFUSED, Verdict.CONFERENCE) and lead:
            raise ContractError("--lead", f"{VERDICT[found]}时不派单", "请去掉 --lead,或改用 --verdict redispatched")
        clarity = clarity_of(desk, clear_department, clear_grassroots, clear_support)
        fields = _dispatch(desk, lead, with_units, ask, category, duty_item) | {"clarity": clarity}
        sealed = desk.sealed("--note", note, "确属本单位职责" if found is Verdict.REFUSED else "")
        desk.do(DecideReturn, f"退单审核:{VERDICT[found]}", as_json=as_json, verdict=found, note=sealed, **fields)


@app.command("joint", help="记下会商的结果:谁主办、谁协办;此后不得再退")
def decide_jointly(
    name: Name,
    *,
    lead: Annotated[str, typer.Option("--lead", metavar="单位", help="会商定下的主办单位")],
    minutes: Annotated[str, typer.Option("--minutes", metavar="文字", help="会商纪要")],
    with_units: With = None,
    ask: Ask = None,
    category: Category = "",
    duty_item: DutyItem = "",
    clear_department: ClearDepartment = "",
    clear_grassroots: ClearGrassroots = "",
    clear_support: ClearSupport = "",
    by: By = OPERATOR,
    role: As = Hat.REVIEWER,
    key: Key = "",
    as_json: Json = False,
) -> None:
    with desk_for(DecideJointly, name, by=by, key=key, role=role) as desk:
        clarity = clarity_of(desk, clear_department, clear_grassroots, clear_support)
        fields = _dispatch(desk, lead, with_units, ask, category, duty_item) | {"clarity": clarity}
        sealed = desk.sealed("--minutes", minutes, "三家到场,由水务局牵头")
        said = f"会商结果已记下:主办 {unit_of(desk.pack, fields['lead'])}"
        desk.do(DecideJointly, said, as_json=as_json, minutes=sealed, **fields)


def _dispatch(
    desk: Desk, lead: str, with_units: list[str] | None, ask: list[str] | None, category: str, duty_item: str
) -> dict[str, Any]:
    pack = desk.pack
    units = [known_unit(pack, unit) for unit in with_units or []]
    leading = known_unit(pack, lead) if lead else None
    return {
        "lead": leading,
        "cooperators": units,
        "duty_item": known_item(pack, duty_item),
        "category": known_category(pack, category) if category else None,
        "notes": told(desk, ask or [], {*units, *([leading] if leading else [])}),
    }


@app.command("objection", help="审核基层的异议:成立的撤回对它的派单")
def decide_objection(
    name: Name,
    number: Annotated[int, typer.Argument(metavar="第几号", min=1, help="异议的编号,可用 wentichi show 查看")],
    upheld: Annotated[bool | None, typer.Option("--uphold/--reject", help="成立,或不成立", show_default=False)] = None,
    note: Remark = "",
    by: By = OPERATOR,
    role: As = Hat.REVIEWER,
    key: Key = "",
    as_json: Json = False,
) -> None:
    if upheld is None:
        raise ContractError("--uphold/--reject", "没有说明审核结果", "成立加 --uphold,不成立加 --reject --note 理由")
    with desk_for(DecideObjection, name, by=by, key=key, role=role) as desk:
        sealed = desk.sealed("--note", note, "" if upheld else "清单载明由社区配合")
        said = f"第 {number} 号异议{'成立,已撤回对它的派单' if upheld else '不成立'}"
        desk.do(DecideObjection, said, as_json=as_json, number=number, upheld=upheld, note=sealed)


@app.command("application", help="审批延期、挂账、剔除的申请;挂账和再次延期须督办人员,剔除须复核或督办人员")
def decide_application(
    name: Name,
    wish: Annotated[str, typer.Option("--wish", metavar="事项", help="extension 延期,suspension 挂账,exclusion 剔除")],
    granted: Yes = None,
    note: Remark = "",
    by: By = OPERATOR,
    role: As = Hat.REVIEWER,
    key: Key = "",
    as_json: Json = False,
) -> None:
    if granted is None:
        raise ContractError("--grant/--refuse", "没有说明是否同意", "同意加 --grant,不同意加 --refuse --note 理由")
    with desk_for(DecideApplication, name, by=by, key=key, role=role) as desk:
        asked = chosen("--wish", WISH, wish)
        sealed = desk.sealed("--note", note, "" if granted else "材料不足")
        said = f"{'同意' if granted else '不同意'}{WISH[asked]}"
        desk.do(DecideApplication, said, as_json=as_json, wish=asked, granted=granted, note=sealed)
