"""`wentichi passing`: 推诿线索, found in the logs of handling and judged by people."""

from collections import Counter
from collections.abc import Iterator
from typing import Annotated, Any, Final

import orjson
import typer
from rich.text import Text

from casework.passing import Suspicion, detect, finding_id
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
from console.asking import scope_of
from console.found import unit_of
from console.opening import find_problem, open_pool_home, open_pool_session
from console.passing_told import KIND, STATE, told
from console.terminal import Json, indented, one_line, plain_table, print_json, screen
from schemas.commands import Actor
from schemas.errors import CommandRefused, ContractError
from schemas.identity import command_id, slot_of
from schemas.passing import BuckFinding, BuckKind, FindingState, JudgeFinding, RaiseFinding
from schemas.problem import Problem
from schemas.proposals import DutyProposal
from schemas.words import Role
from streams.session import PoolHome, PoolSession

LISTING: Final = "wentichi passing list"
AT_ONCE: Final = 200
"""Problems read, and findings raised, at a time."""
VERDICTS: Final = {"confirmed": True, "dismissed": False, "属实": True, "不属实": False}
_SCANNER: Final = Actor(id="passing", role=Role.SYSTEM)

app = typer.Typer(add_completion=False, no_args_is_help=True, help="推诿线索:由办理记录找出,由人判定;不自动处分任何单位。")
Name = Annotated[str, typer.Argument(metavar="线索", help=f"线索编号,可用 {LISTING} 查看")]


@app.command("scan", help="逐件检查派过单的问题,找出四种推诿的迹象;再查一遍不会重复立")
def scan(
    problem: Annotated[str, typer.Option("--problem", metavar="问题", help="只查这一件")] = "",
    as_json: Json = False,
) -> None:
    counts: Counter[str] = Counter()
    with open_pool_session() as session:
        home = session.home
        ids = [find_problem(home, problem).id] if problem else [name for name in home.store.state_ids() if name[:1] == "p"]
        for first in range(0, len(ids), AT_ONCE):
            _scan(session, ids[first : first + AT_ONCE], counts)
    kinds = {kind.value: counts[kind.value] for kind in BuckKind}
    if as_json:
        print_json({name: counts[name] for name in ("problems", "new", "updated", "unchanged")} | {"kinds": kinds})
        return
    said = f"新线索 {counts['new']},有变化 {counts['updated']},没有变化 {counts['unchanged']}"
    screen().print(f"查了 {counts['problems']} 件派过单的问题:{said}")
    screen().print(indented("、".join(f"{KIND[kind]} {counts[kind.value]}" for kind in BuckKind)))


def _scan(session: PoolSession, names: list[str], counts: Counter[str]) -> None:
    home = session.home
    suspected = dict(_suspected(home, names, counts))
    known = {name: state for name, state in home.store.states(suspected).items() if isinstance(state, BuckFinding)}
    asked = []
    for name, (problem, suspicion) in suspected.items():
        counts[suspicion.kind.value] += 1
        before = known.get(name)
        said = (list(suspicion.units), list(suspicion.evidence))
        if before is not None and said == (before.units, before.evidence):
            counts["unchanged"] += 1
            continue
        counts["updated" if before is not None else "new"] += 1
        asked.append(_raise(home, name, problem, suspicion))
    for outcome in session.submit(*asked) if asked else []:
        if outcome.status == "refused":
            raise CommandRefused(outcome.code, outcome.message)


def _suspected(home: PoolHome, names: list[str], counts: Counter[str]) -> Iterator[tuple[str, tuple[str, Suspicion]]]:
    for name, state in home.store.states(names).items():
        if isinstance(state, Problem) and state.assignments:
            counts["problems"] += 1
            for suspicion in detect(state, history(home, name), home.pack):
                yield finding_id(name, suspicion.kind), (name, suspicion)


def _raise(home: PoolHome, name: str, problem: str, suspicion: Suspicion) -> RaiseFinding:
    """Under an id that follows from what was found, so that two scans at once ask the same."""
    evidence = [line.model_dump(mode="json") for line in suspicion.evidence]
    fields = base(home, name, slot_of(name), _SCANNER, "scan")
    fields["id"] = command_id("passing", name, orjson.dumps(evidence).decode())
    return RaiseFinding(
        **fields,
        problem=problem,
        kind=suspicion.kind,
        units=list(suspicion.units),
        evidence=list(suspicion.evidence),
        score=suspicion.score,
    )


@app.command("list", help="列出推诿线索")
def list_findings(
    state: Annotated[FindingState | None, typer.Option("--state", help="只看处于这一状态的;待判定为 suspected")] = None,
    kind: Annotated[BuckKind | None, typer.Option("--kind", help="只看这一种")] = None,
    viewer: Viewer = "",
    after: After = "",
    limit: Limit = 50,
    as_json: Json = False,
) -> None:
    with open_pool_home() as home:
        read = home.search.kept("f", state.value if state else None, scope_of(home.pack, viewer), after, limit)
        shown = [one for one in read if isinstance(one, BuckFinding) and kind in (None, one.kind)]
        if as_json:
            print_json({"findings": [_json(home, finding) for finding in shown]})
            return
        if not shown:
            screen().print("没有" + (f"{STATE[state]}的" if state else "") + "推诿线索", style="green")
        else:
            table = plain_table("编号", "状态", "种类", "单位", "问题", "迹象")
            for one in shown:
                units = "、".join(unit_of(home.pack, unit) for unit in one.units)
                table.add_row(one.id, STATE[one.state], KIND[one.kind], units, one.problem, f"{one.score:.0%}")
            table.columns[0].no_wrap = True
            screen().print(table)
        if len(read) == limit:
            screen().print(f"可能还有,接着看:{LISTING} --after {read[-1].id}", style="dim")


@app.command("show", help="看一条线索:每条证据是哪一步、什么时候、说明什么")
def show(name: Name, as_json: Json = False) -> None:
    with open_pool_home() as home:
        finding, pack = found(home, BuckFinding, "f", name, LISTING), home.pack
        if as_json:
            print_json(_json(home, finding))
            return
        console = screen()
        console.print(Text.assemble((finding.id, "bold"), f"  {KIND[finding.kind]}  {STATE[finding.state]}"))
        units = "、".join(unit_of(pack, unit) for unit in finding.units)
        console.print(indented(f"问题 {finding.problem}  涉及 {units}  迹象强弱 {finding.score:.0%}(不是概率)"))
        for line in finding.evidence:
            at = (minute(pack, line.at), "dim")
            console.print(indented(Text.assemble(at, f"  第 {line.version} 步  ", told(pack, line))))
        if finding.judged is not None:
            said = f"{minute(pack, finding.judged)} {one_line(finding.judge)}判定{STATE[finding.state]}:{one_line(finding.note)}"
            console.print(indented(said))
        if finding.proposal:
            console.print(indented(f"由此提出的清单修改建议 {finding.proposal}"))


@app.command("judge", help="判定一条线索:属实 confirmed,不属实 dismissed;当事单位的人不能判定")
def judge(
    name: Name,
    verdict: Annotated[str, typer.Argument(metavar="结论", help="属实 或 不属实")],
    *,
    note: Annotated[str, typer.Option("--note", metavar="说明", help="判定的理由")],
    proposal: Annotated[str, typer.Option("--proposal", metavar="建议", help="由此提出的清单修改建议的编号")] = "",
    speaking: Speaking = "reviewer",
    unit: OwnUnit = "",
    by: By = "reviewer",
    key: Key = "",
    as_json: Json = False,
) -> None:
    if verdict not in VERDICTS:
        raise ContractError("结论", f"须为 {'、'.join(VERDICTS)} 之一", "请照写其中一个")
    with open_pool_session() as session:
        home = session.home
        finding = found(home, BuckFinding, "f", name, LISTING)
        wanted = found(home, DutyProposal, "d", proposal, "wentichi duty list").id if proposal else None
        command = JudgeFinding(
            **base(home, finding.id, finding.slot, actor(home.pack, by, speaking, unit), key),
            confirmed=VERDICTS[verdict],
            note=plain("--note", note),
            proposal=wanted,
        )
        outcome = submitted(session, command)
        after = found(home, BuckFinding, "f", name, LISTING)
        if as_json:
            print_json(outcome.model_dump(mode="json") | {"finding": _json(home, after)})
            return
        screen().print(f"{finding.id}:已判定{STATE[after.state]}")


def _json(home: PoolHome, finding: BuckFinding) -> dict[str, Any]:
    shown = as_json(finding)
    for line, evidence in zip(shown["evidence"], finding.evidence, strict=True):
        line["said"] = told(home.pack, evidence)
    return shown
