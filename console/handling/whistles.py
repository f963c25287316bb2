"""`wentichi whistle`: 吹哨报到, in both directions."""

from typing import Annotated

import typer

from console.acting import OPERATOR, By, Json, Key, Name, Remark, desk_for
from console.found import unit_of
from console.handling.part import Stars, Unit
from console.labels import MARK
from console.opening import known_unit
from schemas.commands_handling import AnswerWhistle, Arrive, BlowWhistle, EndWhistle, RateWhistle
from schemas.errors import ContractError

app = typer.Typer(add_completion=False, no_args_is_help=True, help="吹哨报到:请别的单位到场,到场后双方互评。")

Number = Annotated[int, typer.Argument(metavar="第几号", min=1, help="吹哨的编号,可用 wentichi show 查看")]


@app.command("blow", help="吹哨:请一个单位到场,写明要它做什么")
def blow(
    name: Name,
    *,
    as_unit: Unit,
    to: Annotated[str, typer.Option("--to", metavar="单位", help="请哪个单位")],
    text: Annotated[str, typer.Option("--text", metavar="文字", help="请它做什么")],
    by: By = OPERATOR,
    key: Key = "",
    as_json: Json = False,
) -> None:
    with desk_for(BlowWhistle, name, by=by, key=key, as_unit=as_unit) as desk:
        code = known_unit(desk.pack, to)
        asked = desk.sealed("--text", text, "今天下午到现场看管线")
        outcome = desk.submit(BlowWhistle, to=code, asked=asked)
        after = desk.session.problem(outcome.aggregate)
        number = after.whistles[-1].number if after and after.whistles and outcome.status == "applied" else 0
        said = f"已吹哨(第 {number} 号),请 {unit_of(desk.pack, code)} 到场"
        desk.say(outcome, said, as_json=as_json, number=number)


@app.command("answer", help="应哨:来,还是不来")
def answer(
    name: Name,
    number: Number,
    *,
    as_unit: Unit,
    coming: Annotated[bool | None, typer.Option("--coming/--not-coming", help="来,或不来", show_default=False)] = None,
    note: Remark = "",
    by: By = OPERATOR,
    key: Key = "",
    as_json: Json = False,
) -> None:
    if coming is None:
        raise ContractError("--coming/--not-coming", "没有说明来不来", "来加 --coming,不来加 --not-coming --note 理由")
    with desk_for(AnswerWhistle, name, by=by, key=key, as_unit=as_unit) as desk:
        sealed = desk.sealed("--note", note, "" if coming else "当事路段不归本单位")
        said = f"第 {number} 号哨:{'到场' if coming else '不到场'}"
        desk.do(AnswerWhistle, said, as_json=as_json, number=number, coming=coming, note=sealed)


@app.command("arrive", help="到场了")
def arrive(name: Name, number: Number, *, as_unit: Unit, by: By = OPERATOR, key: Key = "", as_json: Json = False) -> None:
    with desk_for(Arrive, name, by=by, key=key, as_unit=as_unit) as desk:
        desk.do(Arrive, f"第 {number} 号哨已到场", as_json=as_json, number=number)


@app.command("end", help="吹哨的单位说结果,并评价来的单位")
def end(
    name: Name,
    number: Number,
    *,
    as_unit: Unit,
    text: Annotated[str, typer.Option("--text", metavar="文字", help="结果如何")],
    mark: Stars,
    by: By = OPERATOR,
    key: Key = "",
    as_json: Json = False,
) -> None:
    with desk_for(EndWhistle, name, by=by, key=key, as_unit=as_unit) as desk:
        sealed = desk.sealed("--text", text, "漏点已找到并封堵")
        said = f"第 {number} 号哨结束,评价:{MARK[mark]}"
        desk.do(EndWhistle, said, as_json=as_json, number=number, outcome=sealed, mark=mark)


@app.command("rate", help="被请来的单位评价吹哨的单位")
def rate(
    name: Name, number: Number, *, as_unit: Unit, mark: Stars, by: By = OPERATOR, key: Key = "", as_json: Json = False
) -> None:
    with desk_for(RateWhistle, name, by=by, key=key, as_unit=as_unit) as desk:
        desk.do(RateWhistle, f"已评价第 {number} 号哨:{MARK[mark]}", as_json=as_json, number=number, mark=mark)
