"""`wentichi ladder`: the posts of a grid, from the lowest up."""

from typing import Annotated

import typer

from console.acting import OPERATOR, By, Json, Key, Name, Remark, desk_for
from schemas.commands_handling import ClimbFrom, SolvedHere, StepUp

app = typer.Typer(add_completion=False, no_args_is_help=True, help="网格处置:三级网格员、二级网格员、一级网格长,再到部门。")

Post = Annotated[str, typer.Option("--post", metavar="岗位", help="网格岗位的编码,可用 wentichi queue --json 查看")]


@app.command("start", help="坐席把待人工的问题交给它所在网格的岗位,从最低一级起")
def start(name: Name, by: By = OPERATOR, key: Key = "", as_json: Json = False) -> None:
    with desk_for(ClimbFrom, name, by=by, key=key) as desk:
        desk.do(ClimbFrom, "已交网格处置", as_json=as_json)


@app.command("solved", help="岗位就地解决了,写明怎么解决的;随即办结")
def solved(
    name: Name,
    *,
    post: Post,
    text: Annotated[str, typer.Option("--text", metavar="文字", help="怎么解决的,会告知来件人")],
    by: By = OPERATOR,
    key: Key = "",
    as_json: Json = False,
) -> None:
    with desk_for(SolvedHere, name, by=by, key=key, post=post) as desk:
        desk.do(SolvedHere, "就地解决,已办结", as_json=as_json, text=desk.sealed("--text", text, "已劝离并清理干净"))


@app.command("up", help="岗位解决不了,交上一级;最高一级之上是部门")
def up(name: Name, *, post: Post, note: Remark = "", by: By = OPERATOR, key: Key = "", as_json: Json = False) -> None:
    with desk_for(StepUp, name, by=by, key=key, post=post) as desk:
        desk.do(StepUp, "已上报", as_json=as_json, note=desk.sealed("--note", note))
