"""`wentichi subscribe` and `progress`: a unit's side."""

import secrets
import signal
import sys
import time
from contextlib import closing, suppress
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

import orjson
import typer
from rich.console import Console
from rich.text import Text

from city.pack import CityPack
from console.asking import LONGEST_NAME
from console.found import area_of, unit_of
from console.labels import ASSIGNMENT, CARD, CHANNEL, PART, PAUSE, REPLY_FAULT, STATE, URGENCY
from console.letters import letter_at
from console.opening import find_problem, known_unit, open_pool_home, open_pool_session
from console.terminal import Json, aside, indented, one_line, paragraph, print_json, screen
from schemas.commands import Actor, Reply, Sign
from schemas.documents import UnitView
from schemas.errors import CommandRefused, ContractError
from schemas.identity import command_id, slot_of_problem
from schemas.progress import ProgressAction
from schemas.replies import ReplyFault
from schemas.words import PROGRESS_PREFIX, Channel, PauseReason, Role, Stage, Urgency
from streams.effects import LogRecord
from streams.session import PoolHome, PoolSession, place_name

AT_ONCE = 200
POLL = 0.02
TEXT = 300


class Step(StrEnum):
    """The steps that carry words alone; what a unit does beside has a command of its own (console.handling)."""

    SIGN = "sign"
    REPLY = "reply"


UnitName = Annotated[str, typer.Option("--unit", metavar="单位", help="单位编码或全名")]


def subscribe(
    unit: UnitName,
    follow: Annotated[bool, typer.Option("--follow", help="一直等着,有新的就输出;按 Ctrl-C 停止")] = False,
    from_start: Annotated[bool, typer.Option("--from-start", help="从头收,不管上次收到哪里")] = False,
    reader: Annotated[str, typer.Option("--as", metavar="名字", help="接收者的名字;各记各的位置")] = "console",
    as_json: Json = False,
) -> None:
    """每条是本单位对一个问题的完整现况,新的取代旧的;不再承办的给出最后一条“已撤回”。

    记住收到哪里,下次接着收。--json 每行一条:offset、at、problem、view(view 为空表示该问题的内容已删除)。
    """
    if follow:
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    with open_pool_home() as home:
        code = known_unit(home.pack, unit)
        received = 0
        with suppress(KeyboardInterrupt), closing(home.views(code, reader, from_start=from_start)) as views:
            while True:
                batch = views.read(AT_ONCE)
                for record in batch:
                    _print_view(home.pack, record, as_json=as_json)
                if batch:
                    received += len(batch)
                    sys.stdout.flush()
                    views.done()
                elif not follow:
                    break
                else:
                    time.sleep(POLL)
        if not as_json:
            again = "" if received or from_start else ";要从头看加 --from-start"
            aside().print(f"{home.pack.units[code].name}:收到 {received} 条{again}", style="dim")


def progress(
    problem: Annotated[str, typer.Argument(metavar="问题", help="问题编号或工单号")],
    step: Annotated[Step, typer.Argument(metavar="sign|reply", help="签收,或答复")],
    *,
    unit: UnitName,
    text: Annotated[str, typer.Option("--text", metavar="文字", help="答复的内容")] = "",
    key: Annotated[str, typer.Option("--id", metavar="键", help="幂等键:重试时用同一个键,只办一次")] = "",
    by: Annotated[str, typer.Option("--by", metavar="姓名", help="经办人")] = "",
    as_json: Json = False,
) -> None:
    """写到 progress.单位 主题,并等到有结果。只能办派给本单位的问题。联系、退单、申请等另有命令,见 wentichi --help。"""
    if len(by) > LONGEST_NAME:
        raise ContractError("--by", f"太长,至多 {LONGEST_NAME} 字", "请写姓名或工号")
    action = ProgressAction(step.value)
    if action is ProgressAction.REPLY and not text.strip():
        raise ContractError("--text", "答复须有内容", "请加 --text 文字")
    with open_pool_session() as session:
        home = session.home
        code = known_unit(home.pack, unit)
        outcome = send_progress(session, code, _problem_id(home, problem), action, text=text, key=key, by=by)
        if outcome["status"] == "refused":
            raise CommandRefused(str(outcome["code"]), str(outcome["message"]))
        if as_json:
            print_json(outcome)
            return
        after = session.root(str(outcome["aggregate"]))
        if outcome["status"] == "parked":
            screen().print(f"池里还没有问题 {problem};已收下,它一出现就办理,过时限则成为死信", style="yellow")
        else:
            done = "已签收" if action is ProgressAction.SIGN else "已答复"
            number, state = (after.order_number, STATE[after.state]) if after else (problem, "")
            screen().print(f"工单 {number}:{home.pack.units[code].name}{done},现为{state}")


def send_progress(
    session: PoolSession, unit: str, problem: str, action: ProgressAction, *, text: str = "", key: str = "", by: str = ""
) -> dict[str, Any]:
    """Append one step of a unit and wait for what becomes of it. Raises ContractError when it became a dead letter."""
    home, topic = session.home, PROGRESS_PREFIX + unit
    step = {"problem": problem, "action": action.value, "id": key or secrets.token_hex(16)}
    step |= {name: value for name, value in (("text", text), ("by", by)) if value}
    (appended,) = session.append(topic, [(problem, orjson.dumps(step))])
    base = {
        "id": command_id("progress", unit, step["id"]),
        "slot": slot_of_problem(problem),
        "at": home.clock.now(),
        "actor": Actor(id=by or unit, role=Role.UNIT, unit=unit),
        "problem": problem,
    }
    command = Sign(**base) if action is ProgressAction.SIGN else Reply(**base, text="-")
    place = place_name(topic, appended)
    heard = lambda: letter_at(home, place) is not None or session.ended(command)  # noqa: E731
    session.work(session.worked(Stage.PROGRESS, topic, heard))
    letter = letter_at(home, place)
    if letter is not None:
        raise ContractError(letter.field or "(整条)", letter.reason, letter.remedy or "请改正后重发")
    (outcome,) = session.await_outcomes([command])
    return outcome.model_dump(mode="json")


def _problem_id(home: PoolHome, name: str) -> str:
    try:
        slot_of_problem(name)
    except ValueError:
        return find_problem(home, name).id
    return name  # also one that is not known yet: it waits


def _print_view(pack: CityPack, record: LogRecord, *, as_json: bool) -> None:
    view = UnitView.model_validate_json(record.value) if record.value is not None else None
    if as_json:
        print_json({"offset": record.offset, "at": record.at.isoformat(), "problem": record.key, "view": view})
        return
    console = screen()
    if view is None:
        console.print(f"{record.key}:有来件已删除,请把此前收到的内容也删去", style="yellow")
        return
    head = Text.assemble((f"工单 {view.order_number}", "bold"), f"  {PART[view.part]}  {ASSIGNMENT[view.assignment]}")
    if view.urgency is not Urgency.NORMAL:
        head.append(f"  {URGENCY[view.urgency]}", style="bold red")
    console.print(head)
    if view.withdrawn:
        console.print(indented(Text("不再由本单位承办", style="yellow")))
        return
    _print_part(console, pack, view)
    for report in view.reports:
        if report.get("erased"):
            console.print(indented(Text("(来件内容已删除)", style="dim")))
            continue
        said = " ".join(one_line(str(report.get(part, ""))) for part in ("title", "address", "text"))
        console.print(indented(f"{CHANNEL[Channel(report['channel'])]}:{one_line(said, TEXT)}"))


def _print_part(console: Console, pack: CityPack, view: UnitView) -> None:
    """Until when, what is asked, and who is whistled for."""
    law = f"({view.legal_basis})" if view.legal_basis else ""
    facts = [f"类别 {view.category_name or '不明'}", f"地点 {area_of(pack, view.area) or '不明'}"]
    facts += [f"依据 {view.duty_item}{law}"] if view.duty_item else []
    facts += [f"{name}时限 {_local(pack, due)}" for name, due in _limits(view) if due]
    console.print(indented(Text("  ".join(facts), style="dim")))
    if warned := _warnings(view):
        console.print(indented(Text("  ".join(warned), style="bold yellow")))
    if view.asked:
        console.print(indented(f"要求:{paragraph(view.asked)}"))
    for name, text in zip(("部门做", "基层做", "给的支持"), view.clarity.values(), strict=False):
        console.print(indented(f"{name}:{paragraph(text)}"))
    for one in view.whistles:
        way = f"本单位请 {unit_of(pack, one['to'])}" if one["by"] == view.unit else f"{unit_of(pack, one['by'])} 请本单位"
        console.print(indented(f"第 {one['number']} 号哨,{way}:{one_line(str(one['asked']), TEXT)}"))


def _limits(view: UnitView) -> tuple[tuple[str, datetime | None], ...]:
    return (
        ("签收", view.sign_due),
        ("联系", view.contact_due),
        ("办理", view.handle_due),
        ("协办", view.own_due),
        ("退单审核", view.review_due),
    )


def _warnings(view: UnitView) -> list[str]:
    """What makes it urgent, or holds it up."""
    said = [CARD[view.card]] if view.card else []
    said += [f"已升级到第 {view.escalation} 级"] if view.escalation else []
    said += ["督办"] if view.supervised else []
    said += [f"重办第 {view.redo} 次"] if view.redo else []
    said += [f"时限暂停:{PAUSE[PauseReason(view.paused)]}"] if view.paused else []
    said += [f"答复检查:{'、'.join(REPLY_FAULT[ReplyFault(fault)] for fault in view.faults)}"] if view.faults else []
    return said + (["不得再退"] if view.final else [])


def _local(pack: CityPack, at: datetime) -> str:
    return pack.calendar.local(at).strftime("%m-%d %H:%M")
