"""`wentichi callback-messages`, `callback-answers`: asking callers by message or link, and taking in what they answer.

Each caller gets a token of an own report. It is a keyed hash, so nobody can guess another one's, and it counts the redos, so an
old message does not rate a new answer. The gateway that sends messages, or the page behind the link, brings the answers back as
lines.
"""

import hmac
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Final

import orjson
import typer
from pydantic import Field, StringConstraints, ValidationError, model_validator

from console.acting import OPERATOR, By, Json
from console.handling.callers import Call, contact_of, to_be_called
from console.opening import open_pool_home, open_pool_session
from console.terminal import aside, print_json, screen
from console.written import sealed_for
from schemas.base import Inbound
from schemas.cloudevent import contract_error
from schemas.commands import Actor
from schemas.commands_handling import Callback
from schemas.errors import ContractError
from schemas.identity import command_id
from schemas.problem import Problem
from schemas.words import Role, Way
from streams.session import PoolHome, PoolSession

TOKEN: Final = 16
"""Hexadecimal digits of the keyed hash behind the report's id."""


class Answer(Inbound):
    """One line of answers: the token of the message, and at least a rating (1 to 5) or whether it is solved."""

    token: Annotated[str, StringConstraints(min_length=20, max_length=80)]
    rating: int | None = Field(default=None, ge=1, le=5)
    solved: bool | None = None
    contacted: bool | None = None
    text: Annotated[str, StringConstraints(max_length=2000)] = ""
    way: Way = Way.LINK

    @model_validator(mode="after")
    def _says_something(self) -> "Answer":
        if self.rating is None and self.solved is None:
            raise ValueError("rating 和 solved 至少要有一个")
        return self


def messages(
    *,
    out: Annotated[Path, typer.Option("--out", metavar="文件", help="写到哪里,每行一条短信")],
    reason: Annotated[str, typer.Option("--reason", metavar="理由", help="取用联系方式的理由;逐件记录在案")],
    link: Annotated[str, typer.Option("--link", metavar="网址", help="评价页的网址;令牌接在后面")] = "",
    by: By = OPERATOR,
    as_json: Json = False,
) -> None:
    """给已得到答复的来件人各写一条短信:工单号、五级评价的说明、令牌。由短信网关去发;文件只有本人可读,用后请删。"""
    if not reason.strip():
        raise ContractError("--reason", "取用联系方式必须说明理由", "请加 --reason 理由")
    with open_pool_home() as home:
        lines = [_message(home, call, by, reason, link) for call in to_be_called(home)]
        sent = [line for line in lines if line is not None]
        with os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.writelines(orjson.dumps(line) + b"\n" for line in sent)
    said = {"written": len(sent), "without_contact": len(lines) - len(sent), "file": str(out)}
    if as_json:
        print_json(said)
    else:
        screen().print(f"写了 {len(sent)} 条短信;{len(lines) - len(sent)} 人没有留下联系方式")


def _message(home: PoolHome, call: Call, by: str, reason: str, link: str) -> dict[str, Any] | None:
    """None where the caller left nothing. Who asks for secrecy is asked too: the message goes to nobody else."""
    contact = contact_of(home, call, by, reason, secret=True)
    if not contact:
        return None
    token = token_of(home, call.problem, call.member.report)
    where = f",或打开 {link}{token} 评价" if link else ""
    scale = "5 非常满意、4 满意、3 基本满意、2 不满意、1 非常不满意"
    text = f"12345热线:您反映的工单 {call.problem.order_number} 已有答复。请回复 {scale}{where}。"
    return {"token": token, "contact": contact, "text": text, "order_number": call.problem.order_number}


def token_of(home: PoolHome, problem: Problem, report: str) -> str:
    """For this report and the answer that stands."""
    return f"{report}-{home.vault.keyed_hash('callback', f'{report} {problem.redo}')[:TOKEN]}"


def answers(
    file: Annotated[Path, typer.Argument(metavar="文件", help="每行一条:token, rating 或 solved, contacted, text, way")],
    as_json: Json = False,
) -> None:
    """收下来件人的评价,效力同回访。哪一行不成,逐行说明,其余照收;同一文件再收一次不会重复计。"""
    if not file.is_file():
        raise ContractError("文件", f"没有 {file}", "请检查路径")
    with open_pool_session() as session:
        results = [_taken(session, number, line) for number, line in _lines(file)]
    wrong = [one for one in results if one["status"] != "applied"]
    if as_json:
        print_json({"taken": len(results) - len(wrong), "refused": wrong})
        return
    for one in wrong:
        aside().print(f"第 {one['line']} 行:{one['message']}", style="red")
    screen().print(f"收下 {len(results) - len(wrong)} 条评价,{len(wrong)} 条没有收")


def _lines(file: Path) -> Iterator[tuple[int, bytes]]:
    with file.open("rb") as lines:
        yield from ((number, line) for number, line in enumerate(lines, 1) if line.strip())


def _taken(session: PoolSession, number: int, line: bytes) -> dict[str, Any]:
    try:
        answer = Answer.model_validate_json(line)
        command = _command(session, answer)
    except ValidationError as error:
        return {"line": number, "status": "refused", "message": str(contract_error(error))}
    except ContractError as error:
        return {"line": number, "status": "refused", "message": str(error)}
    (outcome,) = session.submit(command)
    return {"line": number, "status": outcome.status, "message": outcome.message}


def _command(session: PoolSession, answer: Answer) -> Callback:
    home, report = session.home, answer.token.rpartition("-")[0]
    claim = home.store.claims([report]).get(report)
    document = home.store.report_documents([report]).get(report)
    problem = session.root(document.problem) if claim and document else None
    member = next((one for one in problem.members if one.report == report), None) if problem else None
    if problem is None or member is None or not hmac.compare_digest(answer.token, token_of(home, problem, report)):
        raise ContractError("token", "令牌不对,或已经重办过,这条答复不再有效", "请用最近一条短信里的令牌")
    return Callback(
        id=command_id("callback", answer.token),
        slot=problem.slot,
        at=home.clock.now(),
        actor=Actor(id=member.caller or "caller", role=Role.CALLER),
        pack=home.pack.version,
        problem=problem.id,
        report=report,
        way=answer.way,
        solved=answer.solved,
        contacted=answer.contacted,
        rating=answer.rating,
        text=sealed_for(home, problem.id, answer.text) if answer.text else "",
    )
