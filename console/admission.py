"""`wentichi tasks`: what departments want of the grassroots, through one gate (准入), and 一键投诉 against what went past it."""

import secrets
from typing import Annotated, Any, Final

import typer
from rich.text import Text

from casework.admission import CLEAR_FROM, is_clear, says_something
from city.pack import CityPack
from console.admission_told import KIND, STATE, sentence
from console.aggregates import (
    After,
    By,
    Key,
    Limit,
    OwnUnit,
    Speaking,
    Viewer,
    actor,
    as_json,
    base,
    found,
    history,
    minute,
    plain,
    submitted,
)
from console.asking import moment, scope_of
from console.found import unit_of
from console.opening import find_problem, known_unit, open_pool_home, open_pool_session
from console.terminal import Json, indented, one_line, paragraph, plain_table, print_json, screen
from schemas import admission as adm
from schemas.admission import AdmissionTask, BypassKind, TaskKind, TaskState, TaskVerdict
from schemas.commands import Actor
from schemas.errors import ContractError, NotFound
from schemas.handling import Clarity
from schemas.identity import aggregate_id, command_id
from schemas.words import OPEN_ASSIGNMENTS, Role
from streams.session import PoolHome, PoolSession

LISTING: Final = "wentichi tasks list"
VERDICTS: Final = {
    "granted": TaskVerdict.GRANTED,
    "refused": TaskVerdict.REFUSED,
    "deferred": TaskVerdict.DEFERRED,
    "准许": TaskVerdict.GRANTED,
    "不予": TaskVerdict.REFUSED,
    "暂缓": TaskVerdict.DEFERRED,
}
JUDGEMENTS: Final = {"upheld": True, "dismissed": False, "成立": True, "不成立": False}

app = typer.Typer(add_completion=False, no_args_is_help=True, help="基层事项准入:部门提交,审核,镇街派发,村社区接收;一键投诉。")
Name = Annotated[str, typer.Argument(metavar="事项", help=f"准入事项编号,可用 {LISTING} 查看")]
Note = Annotated[str, typer.Option("--note", metavar="说明", help="说明理由")]


@app.command("submit", help="部门提交要基层做的事或要基层报的数:清单内的直接准入,清单外的等审核,负面清单的不收")
def submit(
    *,
    department: Annotated[str, typer.Option("--department", metavar="单位", help="提交的部门")],
    to: Annotated[list[str], typer.Option("--to", metavar="单位", help="要哪些镇街、村社区做,可多次;须在一个区县")],
    title: Annotated[str, typer.Option("--title", metavar="题目", help="什么事")],
    does: Annotated[str, typer.Option("--does", metavar="文字", help="部门做什么")],
    grassroots: Annotated[str, typer.Option("--grassroots", metavar="文字", help="基层做什么")],
    support: Annotated[str, typer.Option("--support", metavar="文字", help="部门给什么支持")],
    duty_item: Annotated[str, typer.Option("--duty-item", metavar="事项", help="依据的权责事项编码")] = "",
    problem: Annotated[str, typer.Option("--problem", metavar="问题", help="属于哪个问题;准入后加为它的协办")] = "",
    data: Annotated[bool, typer.Option("--data", help="这是要基层报数、填表")] = False,
    consulted: Annotated[bool, typer.Option("--consulted", help="事先征求过基层意见")] = False,
    due: Annotated[str, typer.Option("--due", metavar="时间", help="希望何时完成")] = "",
    again: Annotated[str, typer.Option("--task", metavar="事项", help="退回或暂缓的事项,改后重新提交")] = "",
    by: By = "operator",
    key: Key = "",
    as_json: Json = False,
) -> None:
    with open_pool_session() as session:
        home = session.home
        units = [known_unit(home.pack, unit) for unit in to]
        clarity = _clarity(does, grassroots, support)
        who = Actor(id=by, role=Role.UNIT, unit=known_unit(home.pack, department))
        name, slot, key = _place(home, again, units[0], by, key)
        command = adm.SubmitTask(
            **base(home, name, slot, who, key),
            kind=TaskKind.DATA_REQUEST if data else TaskKind.TASK,
            title=plain("--title", title, 200),
            units=units,
            clarity=clarity,
            duty_item=duty_item or None,
            problem=find_problem(home, problem).id if problem else None,
            consulted=consulted,
            due=moment(home.pack, "--due", due, end=True),
        )
        _say(session, command, "已提交", as_json=as_json)


def _clarity(does: str, grassroots: str, support: str) -> Clarity:
    """三个明确. Raises ContractError naming the one that says nothing."""
    texts = {"--does": does, "--grassroots": grassroots, "--support": support}
    said = {field: plain(field, text) for field, text in texts.items()}
    for field, text in said.items():
        if not says_something(text):
            raise ContractError(field, f"须写明至少 {CLEAR_FROM} 个字,不能只重复一个词", "请写清楚具体做什么")
    clarity = Clarity(department=said["--does"], grassroots=said["--grassroots"], support=said["--support"])
    if not is_clear(clarity):
        raise ContractError("--grassroots", "部门做什么、基层做什么、给什么支持不能写成一样", "请分别写清楚")
    return clarity


def _place(home: PoolHome, again: str, unit: str, by: str, key: str) -> tuple[str, int, str]:
    """(id, slot, key) of the task that is meant, or of a new one in the unit's district."""
    if again:
        task = _task(home, again)
        return task.id, task.slot, key
    key = key or secrets.token_hex(16)
    slot = home.pack.slot_of(home.pack.units[unit].area).number
    return aggregate_id("t", slot, command_id("console", by, key)), slot, key


@app.command("review", help="审核:准许 granted,不予 refused,暂缓 deferred;投诉:成立 upheld,不成立 dismissed")
def review(
    name: Name,
    verdict: Annotated[str, typer.Argument(metavar="结论", help="准许、不予、暂缓;投诉写成立、不成立")],
    *,
    note: Note,
    speaking: Speaking = "reviewer",
    unit: OwnUnit = "",
    by: By = "reviewer",
    key: Key = "",
    as_json: Json = False,
) -> None:
    with open_pool_session() as session:
        home, task = session.home, _task(session.home, name)
        allowed = JUDGEMENTS if task.kind is TaskKind.BYPASS else VERDICTS
        if verdict not in allowed:
            raise ContractError("结论", f"须为 {'、'.join(allowed)} 之一", "请照写其中一个")
        fields = base(home, task.id, task.slot, actor(home.pack, by, speaking, unit), key) | {"note": plain("--note", note)}
        if task.kind is TaskKind.BYPASS:
            _say(session, adm.JudgeBypass(**fields, upheld=JUDGEMENTS[verdict]), "投诉已审定", as_json=as_json)
        else:
            _say(session, adm.ReviewTask(**fields, verdict=VERDICTS[verdict]), "已审核", as_json=as_json)


@app.command("dispatch", help="镇街把准入的事项派发给所辖的村社区;写镇街自己,就是自己办")
def dispatch(
    name: Name,
    *,
    to: Annotated[list[str], typer.Option("--to", metavar="单位", help="派给哪些村社区,可多次")],
    speaking: Speaking,
    by: By = "operator",
    key: Key = "",
    as_json: Json = False,
) -> None:
    with open_pool_session() as session:
        units = [known_unit(session.home.pack, unit) for unit in to]
        fields = _fields(session.home, name, by, speaking, key)
        _say(session, adm.DispatchTask(**fields, units=units), "已派发", as_json=as_json)


@app.command("receive", help="村社区接收派发的事项")
def receive(name: Name, speaking: Speaking, by: By = "operator", key: Key = "", as_json: Json = False) -> None:
    with open_pool_session() as session:
        command = adm.ReceiveTask(**_fields(session.home, name, by, speaking, key))
        _say(session, command, "已接收", as_json=as_json)


@app.command("return", help="退回要求不清晰的事项:镇街在派发之前,审核人在审核之时")
def give_back(
    name: Name, *, note: Note, speaking: Speaking, unit: OwnUnit = "", by: By = "operator", key: Key = "", as_json: Json = False
) -> None:
    with open_pool_session() as session:
        fields = _fields(session.home, name, by, speaking, key, unit)
        _say(session, adm.ReturnTask(**fields, note=plain("--note", note)), "已退回", as_json=as_json)


@app.command("withdraw", help="部门撤回还没有派发的事项")
def withdraw(name: Name, speaking: Speaking, note: Note = "", by: By = "operator", key: Key = "", as_json: Json = False) -> None:
    with open_pool_session() as session:
        fields = _fields(session.home, name, by, speaking, key)
        said = plain("--note", note) if note else ""
        _say(session, adm.WithdrawTask(**fields, note=said), "已撤回", as_json=as_json)


@app.command("object", help="一键投诉:越过平台派下来的任务,或超出清单的任务")
def object_to(
    *,
    against: Annotated[str, typer.Option("--against", metavar="单位", help="谁派下来的")],
    note: Note,
    speaking: Speaking,
    exceeds: Annotated[bool, typer.Option("--exceeds-list", help="超出清单;不写就是越过平台")] = False,
    task: Annotated[str, typer.Option("--task", metavar="事项", help="针对平台上的哪一件")] = "",
    by: By = "operator",
    key: Key = "",
    as_json: Json = False,
) -> None:
    with open_pool_session() as session:
        home = session.home
        who = actor(home.pack, by, speaking)
        blamed = known_unit(home.pack, against)
        if who.unit is None or who.unit == blamed:
            raise ContractError("--as", "须为投诉的镇街或村社区,不能与 --against 相同", "请写本单位的编码或全名")
        name, slot, key = _place(home, "", who.unit, by, key)
        command = adm.ReportBypass(
            **base(home, name, slot, who, key),
            by=who.unit,
            against=blamed,
            kind=BypassKind.EXCEEDS_LIST if exceeds else BypassKind.PAST_PLATFORM,
            note=plain("--note", note),
            task=_task(home, task).id if task else "",
        )
        _say(session, command, "投诉已收到,由审核人审定", as_json=as_json)


@app.command("list", help="列出准入事项和投诉")
def list_tasks(
    state: Annotated[TaskState | None, typer.Option("--state", help="只看处于这一状态的;待审核为 submitted")] = None,
    viewer: Viewer = "",
    after: After = "",
    limit: Limit = 50,
    as_json: Json = False,
) -> None:
    with open_pool_home() as home:
        tasks = home.search.kept("t", state.value if state else None, scope_of(home.pack, viewer), after, limit)
        if as_json:
            print_json({"tasks": [_json(task) for task in tasks]})
            return
        if not tasks:
            screen().print("没有" + (f"{STATE[state]}的" if state else "") + "准入事项", style="green")
            return
        table = plain_table("编号", "状态", "种类", "部门", "基层单位", "事项", "退回")
        for task in tasks:
            if isinstance(task, AdmissionTask):
                table.add_row(task.id, STATE[task.state], KIND[task.kind], *_row(home.pack, task), str(task.returned))
        table.columns[0].no_wrap = True
        screen().print(table)
        if len(tasks) == limit:
            screen().print(f"可能还有,接着看:{LISTING} --after {tasks[-1].id}", style="dim")


def _row(pack: CityPack, task: AdmissionTask) -> tuple[str, str, str]:
    if task.bypass is not None:
        return unit_of(pack, task.bypass.against), unit_of(pack, task.bypass.by), one_line(task.bypass.note, 30)
    return unit_of(pack, task.department), _units(pack, task.units), one_line(task.title, 30)


@app.command("show", help="看一件准入事项:三个明确,走到哪一步,经过如何")
def show(name: Name, as_json: Json = False) -> None:
    with open_pool_home() as home:
        task, pack = _task(home, name), home.pack
        told = [(event.at, sentence(pack, event)) for event in history(home, task.id)]
        if as_json:
            print_json(_json(task) | {"events": [{"at": at.isoformat(), "said": said} for at, said in told]})
            return
        console = screen()
        console.print(Text.assemble((task.id, "bold"), f"  {KIND[task.kind]}  {STATE[task.state]}"))
        department, units, said = _row(pack, task)
        console.print(indented(f"{department} → {units}:{said}"))
        if task.clarity is not None:
            item = pack.duty_items.get(task.duty_item or "")
            listed = f"{item.code} {item.name}" if item else "清单之外"
            console.print(indented(f"依据 {listed}{'(清单内,免审核)' if task.on_list else ''}"))
            console.print(indented(f"部门做什么:{paragraph(task.clarity.department)}"))
            console.print(indented(f"基层做什么:{paragraph(task.clarity.grassroots)}"))
            console.print(indented(f"给什么支持:{paragraph(task.clarity.support)}"))
        if task.problem:
            console.print(indented(f"属于问题 {task.problem}"))
        for timer in task.timers:
            console.print(indented(f"审核限期 {minute(pack, timer.due)}{',已超期' if timer.expired else ''}"))
        for at, words in told[-40:]:
            console.print(indented(Text.assemble((minute(pack, at), "dim"), "  ", one_line(words, 140))))


def _units(pack: CityPack, units: list[str]) -> str:
    return "、".join(unit_of(pack, unit) for unit in units[:3]) + (f"等 {len(units)} 个" if len(units) > 3 else "")


def _task(home: PoolHome, name: str) -> AdmissionTask:
    return found(home, AdmissionTask, "t", name, LISTING)


def _fields(home: PoolHome, name: str, by: str, speaking: str, key: str, unit: str = "") -> dict[str, Any]:
    task = _task(home, name)
    return base(home, task.id, task.slot, actor(home.pack, by, speaking, unit), key)


def _say(session: PoolSession, command: adm.AdmissionCommand, said: str, *, as_json: bool) -> None:
    outcome = submitted(session, command)
    task = _task(session.home, command.aggregate)
    told = f"{said},现为{STATE[task.state]}"
    if task.problem is not None and task.state is TaskState.GRANTED:
        told += _joined(session, task.problem, task.units)
    if as_json:
        print_json(outcome.model_dump(mode="json") | {"said": told, "task": _json(task)})
        return
    screen().print(f"{task.id}:{told}")


def _joined(session: PoolSession, problem: str, units: list[str]) -> str:
    """Whether the problem took the units in, which it decides itself."""

    def there() -> bool:
        state = session.problem(problem)
        return state is not None and {a.unit for a in state.assignments if a.state in OPEN_ASSIGNMENTS} >= set(units)

    if session.work(there):
        return ";已加为问题的协办"
    return f";问题 {problem} 没有加上协办,请用 wentichi show 查看它的状态"


def _json(task: Any) -> dict[str, Any]:
    if not isinstance(task, AdmissionTask):
        raise NotFound(f"{task.id} 不是准入事项")
    return as_json(task)
