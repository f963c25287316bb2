"""`wentichi knowledge`: write, approve and look up what callers are told."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from casework.knowing import clean
from city.pack import CITY_SLOT, CityPack
from classifiers.registry import models_folder
from classifiers.standing import StandingClassifier
from console.aggregates import After, By, Key, Limit, actor, as_json, base, history, minute, plain, submitted
from console.found import unit_of
from console.knowledge_rows import item_named, last_day, rows_of, written
from console.knowledge_told import KNOWLEDGE, sentence, warning
from console.opening import find_problem, known_category, known_unit, open_pool_home, open_pool_session
from console.terminal import Json, indented, one_line, paragraph, plain_table, print_json, screen
from intake.clean import Asked, Hints
from pool.answers import Answer, AnswerDesk
from pool.scope import ALL
from schemas.documents import Outcome
from schemas.errors import NotFound
from schemas.findings import Place
from schemas.knowledge import (
    ApproveKnowledge,
    Knowledge,
    KnowledgeCommand,
    ReportKnowledgeWrong,
    SettleKnowledge,
    WithdrawKnowledge,
)
from schemas.words import KnowledgeState
from streams.session import PoolHome, PoolSession

app = typer.Typer(add_completion=False, no_args_is_help=True, help="知识库:写入、审核、查找答案,纠错。")
Name = Annotated[str, typer.Argument(metavar="知识", help="知识编号,可用 wentichi knowledge list 查看")]
As = Annotated[str, typer.Option("--as", metavar="身份", help="clerk 坐席,supervisor 督办,reviewer 复核,或承办单位的编码、全名")]
Remark = Annotated[str, typer.Option("--note", metavar="说明", help="说明")]
AT_A_TIME = 500


@app.command("write", help="写一条知识,或改写一条;坐席写的经负责单位或督办审核后生效")
def write(
    *,
    question: Annotated[str, typer.Option("--question", metavar="问题", help="来电人会怎么问")] = "",
    answer: Annotated[str, typer.Option("--answer", metavar="答案", help="怎么答")] = "",
    source: Annotated[str, typer.Option("--source", metavar="来源", help="依据的文件或网页")] = "",
    unit: Annotated[str, typer.Option("--unit", metavar="单位", help="负责单位,编码或全名")] = "",
    category: Annotated[list[str] | None, typer.Option("--category", metavar="类别", help="编码或名称,可多次")] = None,
    until: Annotated[str, typer.Option("--until", metavar="日期", help="有效期至;长期有效写“长期”")] = "",
    item: Annotated[str, typer.Option("--item", metavar="知识", help="改写哪一条;没写的各项照旧")] = "",
    by: By = "operator",
    speaking: As = "clerk",
    key: Key = "",
    json: Json = False,
) -> None:
    with open_pool_session() as session:
        pack = session.home.pack
        held = _found(session.home, item) if item else None
        words = {
            "question": question or (held.question if held else ""),
            "answer": answer or (held.answer if held else ""),
            "source": source or (held.source if held else ""),
            "unit": known_unit(pack, unit) if unit else (held.unit if held else ""),
            "valid_until": last_day(until) if until else (held.valid_until if held else None),
            "categories": [known_category(pack, one) for one in category]
            if category
            else (held.categories if held else []),
        }
        name = held.id if held else item_named(pack, question)
        command = written(_base(session.home, name, by, speaking, key), words)
        _say(session, submitted(session, command), json=json)


@app.command("import", help="由 CSV 导入;同一编号或同一问题再次导入就是改写")
def import_table(
    file: Annotated[Path, typer.Argument(metavar="文件", help="列:问题、答案、来源、负责单位,可有 有效期至、类别、编号")],
    by: By = "operator",
    speaking: As = "clerk",
    json: Json = False,
) -> None:
    """Checked whole before the first row is sent; what casework refuses is listed, the rest stands."""
    with open_pool_session() as session:
        rows = list(rows_of(file, session.home.pack))
        commands = [written(_base(session.home, name, by, speaking, ""), words) for _, name, words in rows]
        outcomes: list[Outcome] = []
        for first in range(0, len(commands), AT_A_TIME):
            outcomes += session.submit(*commands[first : first + AT_A_TIME])
        refused = [(line, outcome) for (line, _, _), outcome in zip(rows, outcomes, strict=True) if outcome.status == "refused"]
        states = session.home.store.states(name for _, name, _ in rows)
        waiting = sum(isinstance(one, Knowledge) and _waits(one) for one in states.values())
        taken = len(rows) - len(refused)
        if json:
            listed = [{"line": line, "code": outcome.code, "message": outcome.message} for line, outcome in refused]
            print_json({"rows": len(rows), "taken": taken, "waiting": waiting, "refused": listed})
        else:
            screen().print(f"导入 {taken} 条" + (f",其中 {waiting} 条待审核" if waiting else ""))
            for line, outcome in refused:
                screen().print(f"第 {line} 行未导入:{outcome.message}", style="red")
        if refused:
            raise typer.Exit(2)


@app.command("list", help="列出知识")
def list_items(
    state: Annotated[KnowledgeState | None, typer.Option("--state", help="只看这一状态的;存疑为 doubted")] = None,
    after: After = "",
    limit: Limit = 50,
    json: Json = False,
) -> None:
    with open_pool_home() as home:
        kept = home.search.kept("k", state.value if state else None, ALL, after, limit)
        items = [item for item in kept if isinstance(item, Knowledge)]
        if json:
            print_json({"items": [as_json(item) for item in items]})
            return
        if not items:
            screen().print("没有" + (f"{KNOWLEDGE[state]}的" if state else "") + "知识", style="green")
            return
        table = plain_table("编号", "状态", "问题", "负责单位", "有效期至", "版", "用过", "纠错")
        for item in items:
            until = str(item.valid_until) if item.valid_until else "长期"
            figures = map(str, (item.edition, item.used, len(item.wrong)))
            table.add_row(item.id, _state(item), one_line(item.question, 40), unit_of(home.pack, item.unit), until, *figures)
        table.columns[0].no_wrap = True
        screen().print(table)
        if len(items) == limit:
            screen().print(f"可能还有,接着看:wentichi knowledge list --after {items[-1].id}", style="dim")


@app.command("show", help="看一条知识:现行的、待审核的、以前的版本,纠错和经过")
def show(name: Name, json: Json = False) -> None:
    with open_pool_home() as home:
        item = _found(home, name)
        told = [(event.at, sentence(home.pack, event)) for event in history(home, item.id)]
        if json:
            print_json(as_json(item) | {"events": [{"at": at.isoformat(), "said": said} for at, said in told]})
            return
        console = screen()
        console.print(Text.assemble((item.id, "bold"), f"  {_state(item)}  第 {item.edition} 版  用过 {item.used} 次"))
        _print_words(home.pack, item)
        if item.proposed is not None:
            console.print(f"待审核的第 {item.proposed.edition} 版({one_line(item.proposed.by, 40)}):", style="yellow")
            console.print(indented(f"问 {one_line(item.proposed.question)}"))
            console.print(indented(f"答 {paragraph(item.proposed.answer)}"))
        for report in item.wrong:
            console.print(f"第 {report.number} 条纠错({one_line(report.by, 40)}):{one_line(report.note, 200)}", style="yellow")
        for at, said in told[-40:]:
            console.print(indented(Text.assemble((minute(home.pack, at), "dim"), "  ", one_line(said, 140))))


@app.command("find", help="接电话时找答案:按来电人的话,最合适的在前")
def find(
    text: Annotated[str, typer.Argument(metavar="来电人的话")],
    category: Annotated[str, typer.Option("--category", metavar="类别", help="类别编码或名称;不写就由系统认定")] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, max=50, help="至多几条")] = 5,
    json: Json = False,
) -> None:
    with open_pool_home() as home:
        code = known_category(home.pack, category) if category else _proposed(home, text)
        answers = AnswerDesk(home.search, home.store.states).find(text, ALL, limit, code)
        if json:
            print_json({"category": code, "answers": [_answer_json(one) for one in answers]})
            return
        if not answers:
            screen().print("知识库里没有合适的答案", style="yellow")
        for number, one in enumerate(answers, 1):
            head = Text.assemble(f"{number}. ", (one_line(one.item.question), "bold"), f"  {one.item.id}")
            screen().print(head)
            if one.doubted:
                screen().print(indented(f"存疑:{warning(one.item)},请核实后再答"), style="red")
            _print_words(home.pack, one.item, question=False)
            screen().print(indented(f"相符的词 {'、'.join(one.words)}"), style="dim")


@app.command("approve", help="审核一条待审核的知识:通过,或加 --decline 不通过")
def approve(
    name: Name,
    decline: Annotated[bool, typer.Option("--decline", help="不通过")] = False,
    note: Remark = "",
    by: By = "operator",
    speaking: As = "supervisor",
    key: Key = "",
    json: Json = False,
) -> None:
    with open_pool_session() as session:
        item = _found(session.home, name)
        waits = item.proposed.edition if item.proposed else item.edition
        fields = _base(session.home, item.id, by, speaking, key)
        said = _note(note) if note.strip() else ""
        _ask(session, ApproveKnowledge(**fields, edition=waits, approved=not decline, note=said), json=json)


@app.command("withdraw", help="停用一条知识")
def withdraw(
    name: Name, note: Remark = "", by: By = "operator", speaking: As = "supervisor", key: Key = "", json: Json = False
) -> None:
    with open_pool_session() as session:
        fields = _base(session.home, _found(session.home, name).id, by, speaking, key)
        _ask(session, WithdrawKnowledge(**fields, note=_note(note)), json=json)


@app.command("wrong", help="纠错:这条答案不对,或已经过时")
def wrong(
    name: Name,
    note: Remark = "",
    problem: Annotated[str, typer.Option("--problem", metavar="问题", help="在哪个问题里用的,可不写")] = "",
    by: By = "operator",
    speaking: As = "clerk",
    key: Key = "",
    json: Json = False,
) -> None:
    with open_pool_session() as session:
        fields = _base(session.home, _found(session.home, name).id, by, speaking, key)
        used_in = find_problem(session.home, problem).id if problem else None
        _ask(session, ReportKnowledgeWrong(**fields, note=_note(note), problem=used_in), json=json)


@app.command("settle", help="处理一条纠错")
def settle(
    name: Name,
    number: Annotated[int, typer.Argument(metavar="第几条", help="第几条纠错,见 wentichi knowledge show")],
    corrected: Annotated[bool, typer.Option("--corrected/--right", help="确有错误,已更正;或核实无误")],
    note: Remark = "",
    by: By = "operator",
    speaking: As = "supervisor",
    key: Key = "",
    json: Json = False,
) -> None:
    with open_pool_session() as session:
        fields = _base(session.home, _found(session.home, name).id, by, speaking, key)
        _ask(session, SettleKnowledge(**fields, number=number, corrected=corrected, note=_note(note)), json=json)


def _base(home: PoolHome, item: str, by: str, speaking: str, key: str) -> dict[str, Any]:
    return base(home, item, home.pack.slots[CITY_SLOT].number, actor(home.pack, by, speaking), key)


def _note(note: str) -> str:
    return plain("--note", note, longest=1000)


def _ask(session: PoolSession, command: KnowledgeCommand, *, json: bool) -> None:
    _say(session, submitted(session, clean(command)), json=json)


def _say(session: PoolSession, outcome: Outcome, *, json: bool) -> None:
    item = _found(session.home, outcome.aggregate)
    if json:
        print_json(outcome.model_dump(mode="json") | {"state": item.state.value, "edition": item.edition})
        return
    waits = ",改动待负责单位或督办审核" if item.proposed is not None else ""
    screen().print(f"{item.id} 第 {item.edition} 版,{_state(item)}{waits}")


def _found(home: PoolHome, name: str) -> Knowledge:
    wanted = name.strip().partition("@")[0]
    state = home.store.states([wanted]).get(wanted) if wanted[:1] == "k" else None
    if not isinstance(state, Knowledge) or state.version == 0:
        raise NotFound(f"没有知识 “{one_line(name, 60)}”;可用 wentichi knowledge list 查看编号")
    return state


def _proposed(home: PoolHome, text: str) -> str | None:
    """What intake would take it for."""
    classifier = StandingClassifier(home.pack, models_folder(home.folder))
    (found,) = classifier.findings([Asked("", "", text, Place(), Hints())])
    return found.categories[0].code if found.categories else None


def _waits(item: Knowledge) -> bool:
    return item.state is KnowledgeState.DRAFT or item.proposed is not None


def _state(item: Knowledge) -> str:
    return KNOWLEDGE[item.state] + (f"({warning(item)})" if warning(item) else "")


def _print_words(pack: CityPack, item: Knowledge, *, question: bool = True) -> None:
    if question:
        screen().print(indented(f"问 {one_line(item.question)}"))
    screen().print(indented(f"答 {paragraph(item.answer)}"))
    until = f"有效期至 {item.valid_until}" if item.valid_until else "长期有效"
    screen().print(indented(f"来源 {one_line(item.source)}  负责单位 {unit_of(pack, item.unit)}  {until}"), style="dim")


def _answer_json(answer: Answer) -> dict[str, Any]:
    """knowledge: what an answer given with it names."""
    item = answer.item
    return {
        "knowledge": f"{item.id}@{item.edition}",
        "score": round(answer.score, 4),
        "words": answer.words,
        "doubted": answer.doubted,
        "warning": warning(item),
        "question": item.question,
        "answer": item.answer,
        "source": item.source,
        "unit": item.unit,
        "valid_until": item.valid_until,
    }
