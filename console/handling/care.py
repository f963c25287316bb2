"""`wentichi check`, `supervise`, `end-supervision`, `recheck`: the reply read, the key list, and whether it stayed solved."""

from typing import Annotated

import typer

from console.acting import OPERATOR, As, AsUnit, By, Hat, Json, Key, Name, Remark, chosen, desk_for
from console.asking import moment
from console.found import unit_of
from console.labels import RECHECK, SUPERVISION
from console.opening import known_unit
from schemas.commands_handling import AskRecheck, Check, EndSupervision, Recheck, Supervise
from schemas.errors import ContractError
from schemas.words import SupervisionReason

recheck_app = typer.Typer(add_completion=False, no_args_is_help=True, help="回头看:办结以后再去看,是真解决、反弹,还是没有办。")


def check(
    name: Name,
    passed: Annotated[
        bool | None, typer.Option("--pass/--back", help="--pass 通过,可告知来件人;--back 退回重写", show_default=False)
    ] = None,
    note: Remark = "",
    by: By = OPERATOR,
    role: As = Hat.CLERK,
    key: Key = "",
    as_json: Json = False,
) -> None:
    """审核承办单位的答复。通过则检查出的问题由审核人担责放行;退回的写明要改什么,办理时限接着走。"""
    if passed is None:
        raise ContractError("--pass/--back", "没有说明审核结果", "通过加 --pass,退回加 --back --note 要改什么")
    with desk_for(Check, name, by=by, key=key, role=role) as desk:
        sealed = desk.sealed("--note", note, "" if passed else "没有说明何时修好")
        said = "答复审核通过,可告知来件人" if passed else "答复已退回重写"
        desk.do(Check, said, as_json=as_json, passed=passed, note=sealed)


def supervise(
    name: Name,
    reason: Annotated[str, typer.Option("--reason", metavar="理由", help="督办的理由")] = SupervisionReason.PERSON.value,
    due: Annotated[str, typer.Option("--due", metavar="时间", help="单位何时前报结果;不写则按配置包的督办时限")] = "",
    note: Remark = "",
    by: By = OPERATOR,
    key: Key = "",
    as_json: Json = False,
) -> None:
    """列入督办,以督办人员的身份。"""
    with desk_for(Supervise, name, by=by, key=key, role=Hat.SUPERVISOR) as desk:
        until = moment(desk.pack, "--due", due, end=True)
        if until is not None and until <= desk.home.clock.now():
            raise ContractError("--due", "已经过去", "请写将来的日期或时间,或不写,按配置包的督办时限")
        why = chosen("--reason", SUPERVISION, reason)
        desk.do(Supervise, "已列入督办", as_json=as_json, reason=why, due=until, note=desk.sealed("--note", note))


def end_supervision(name: Name, note: Remark = "", by: By = OPERATOR, key: Key = "", as_json: Json = False) -> None:
    """督办结束,以督办人员的身份。"""
    with desk_for(EndSupervision, name, by=by, key=key, role=Hat.SUPERVISOR) as desk:
        desk.do(EndSupervision, "督办已结束", as_json=as_json, note=desk.sealed("--note", note))


@recheck_app.command("ask", help="请没有承办过的单位去看,不写单位即由热线中心去看")
def ask_recheck(
    name: Name,
    checker: Annotated[str, typer.Option("--checker", metavar="单位", help="由谁去看,不能是承办过的单位")] = "",
    by: By = OPERATOR,
    role: As = Hat.REVIEWER,
    key: Key = "",
    as_json: Json = False,
) -> None:
    with desk_for(AskRecheck, name, by=by, key=key, role=role) as desk:
        code = known_unit(desk.pack, checker) if checker else None
        who = unit_of(desk.pack, code) if code else "热线中心"
        desk.do(AskRecheck, f"已请{who}回头看", as_json=as_json, checker=code)


@recheck_app.command("done", help="报回头看的结果;反弹或没有办的重办并督办")
def recheck_done(
    name: Name,
    outcome: Annotated[str, typer.Option("--outcome", metavar="结果", help="真解决、反弹,或没有办")],
    note: Remark = "",
    as_unit: AsUnit = "",
    by: By = OPERATOR,
    role: As = Hat.REVIEWER,
    key: Key = "",
    as_json: Json = False,
) -> None:
    with desk_for(Recheck, name, by=by, key=key, role=role, as_unit=as_unit) as desk:
        found = chosen("--outcome", RECHECK, outcome)
        sealed = desk.sealed("--note", note)
        desk.do(Recheck, f"回头看:{RECHECK[found]}", as_json=as_json, outcome=found, note=sealed)
