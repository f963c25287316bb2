"""`wentichi dead-letters`: what could not be worked, why, and once more."""

from typing import Annotated, Any

import typer
from rich.text import Text

from console.found import unit_of
from console.labels import DEAD_LETTER, STAGE
from console.letters import every_letter, letter_at, replay
from console.opening import open_pool_home, open_pool_session
from console.terminal import Json, indented, one_line, paragraph, plain_table, print_json, screen
from schemas.documents import DeadLetter
from schemas.errors import ContractError, NotFound
from schemas.words import PROGRESS_PREFIX, Stage, Topic
from streams.session import PoolHome, PoolSession

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="没能处理的记录:列出、查看、重放。内容密封,只显示打码的摘录。",
)
Letter = Annotated[str, typer.Argument(metavar="编号", help="死信编号:主题-分区-位置")]


@app.command("list", help="列出死信:从哪里来、为什么、怎么改")
def list_letters(limit: Annotated[int, typer.Option("--limit", min=1, help="至多几条")] = 100, as_json: Json = False) -> None:
    with open_pool_home() as home:
        letters = every_letter(home)
    if as_json:
        print_json({"total": len(letters), "dead_letters": [_json(letter) for letter in letters[:limit]]})
        return
    console = screen()
    if not letters:
        console.print("没有死信", style="green")
        return
    table = plain_table("编号", "种类", "原因", "怎么办", "摘录")
    table.columns[0].no_wrap = True
    for letter in letters[:limit]:
        where = f"{one_line(letter.field, 40)} " if letter.field else ""
        reason = where + one_line(letter.reason, 80)
        table.add_row(letter.id, DEAD_LETTER[letter.kind], reason, one_line(letter.remedy, 60), one_line(letter.shown, 40))
    console.print(table)
    more = f",显示前 {limit} 条" if len(letters) > limit else ""
    console.print(f"共 {len(letters)} 条{more};改正源数据后重推,或 wentichi dead-letters replay 编号", style="dim")


@app.command("show", help="看一条死信:原因、补救、打码的摘录")
def show_letter(letter_id: Letter, as_json: Json = False) -> None:
    with open_pool_home() as home:
        letter = _found(home, letter_id)
        if as_json:
            print_json(_json(letter))
            return
        console = screen()
        console.print(Text.assemble((letter.id, "bold"), "  ", (DEAD_LETTER[letter.kind], "bold red")))
        rows = [
            ("时间", home.pack.calendar.local(letter.at).strftime("%Y-%m-%d %H:%M:%S")),
            ("环节", STAGE[Stage(letter.stage)]),
            ("主题", letter.topic + _unit(home, letter)),
            ("字段", one_line(letter.field)),
            ("原因", one_line(letter.reason)),
            ("怎么办", one_line(letter.remedy)),
            ("来件", letter.report or ""),
            ("问题", (letter.key or "") if letter.topic == Topic.EVENTS else ""),
        ]
        table = plain_table("", "")
        table.show_header = False
        for name, value in rows:
            if value:
                table.add_row(Text(name, style="dim"), value)
        console.print(indented(table))
        console.print(indented(Text("摘录(已打码)", style="dim")))
        console.print(indented(paragraph(letter.shown) or "(空)", 4))


@app.command("replay", help="重放:按原样再处理一遍(例如换了配置包或升级之后),并说结果如何")
def replay_letters(
    letter_ids: Annotated[list[str] | None, typer.Argument(metavar="编号…", help="死信编号")] = None,
    every: Annotated[bool, typer.Option("--all", help="全部死信")] = False,
    as_json: Json = False,
) -> None:
    if bool(letter_ids) == every:
        raise ContractError("编号", "给出死信编号,或用 --all,二者择一", "用 wentichi dead-letters list 查看编号")
    with open_pool_session() as session:
        home = session.home
        letters = every_letter(home) if every else [_found(home, letter_id) for letter_id in letter_ids or []]
        became = [_replayed(session, letter) for letter in letters]
    if as_json:
        print_json({"replayed": became})
        return
    console = screen()
    for result in became:
        match result["became"]:
            case "dead_letter":
                reason = one_line(f"{result['field']} {result['reason']}", 100)
                said = Text(f"仍是死信 {result['now']}:{reason}", style="yellow")
            case "report":
                said = Text(f"已成为来件 {result['report'] or ''},问题 {result['problem'] or '(见 search)'}", style="green")
            case "published":
                units = "、".join(unit_of(home.pack, code) for code in result["units"])
                said = Text(f"问题 {result['problem']} 的现况已重新发给:{units or '(没有派给单位)'}", style="green")
            case "failed":
                said = Text(one_line(str(result["reason"])), style="red")
            case _:
                said = Text(f"指令 {result.get('status', '等待中')} {one_line(str(result.get('message', '')))}", style="green")
        console.print(Text.assemble((str(result["id"]), "bold"), "  ", said))
    console.print(f"重放 {len(became)} 条", style="dim")


def _replayed(session: PoolSession, letter: DeadLetter) -> dict[str, Any]:
    try:
        return replay(session, letter)
    except NotFound as error:  # its content was erased: the others go on
        return {"id": letter.id, "became": "failed", "reason": str(error)}


def _found(home: PoolHome, letter_id: str) -> DeadLetter:
    letter = letter_at(home, letter_id.strip())
    if letter is None:
        raise NotFound(f"没有死信 {one_line(letter_id, 80)};用 wentichi dead-letters list 查看编号")
    return letter


def _unit(home: PoolHome, letter: DeadLetter) -> str:
    if not letter.topic.startswith(PROGRESS_PREFIX):
        return ""
    return f"({unit_of(home.pack, letter.topic.removeprefix(PROGRESS_PREFIX))})"


def _json(letter: DeadLetter) -> dict[str, object]:
    return letter.model_dump(mode="json", exclude={"sealed"})
