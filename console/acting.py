"""What every command of people has in common: which problem, who acts, what is sealed, what became of it."""

import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, TypeVar

import typer

from casework.transitions import TABLE
from city.pack import CityPack
from console.asking import person
from console.labels import ROLE
from console.opening import find_problem, find_report, find_reports, known_unit, open_pool_session
from console.terminal import Json, one_line, print_json, screen
from console.turns import whose_turn
from console.written import sealed_for
from schemas.commands import Actor, OfProblem
from schemas.documents import Outcome
from schemas.errors import CommandRefused, ContractError, NotFound
from schemas.handling import Clarity
from schemas.identity import command_id
from schemas.problem import Problem
from schemas.words import Role
from streams.session import PoolHome, PoolSession


class Hat(StrEnum):
    """As whom somebody of the hotline acts; the values are those of `Role`."""

    CLERK = "clerk"
    REVIEWER = "reviewer"
    SUPERVISOR = "supervisor"


OPERATOR = "operator"
"""Who acts when nobody is named."""

Name = Annotated[str, typer.Argument(metavar="问题", help="问题编号、工单号、来件编号或来源方的编号")]
By = Annotated[str, typer.Option("--by", metavar="姓名", help="经办人", callback=person)]
Key = Annotated[str, typer.Option("--id", metavar="键", help="幂等键:重试时用同一个键,只办一次")]
As = Annotated[Hat, typer.Option("--role", help="以什么身份办:clerk 坐席,supervisor 督办,reviewer 复核")]
AsUnit = Annotated[str, typer.Option("--as-unit", metavar="单位", help="以这个单位的身份办,编码或全名")]
Post = Annotated[str, typer.Option("--post", metavar="岗位", help="网格岗位的编码")]
Remark = Annotated[str, typer.Option("--note", metavar="说明", help="说明")]
Ask = Annotated[
    list[str] | None, typer.Option("--ask", "--note", metavar="单位=要求", help="对某单位的要求,可多次;清单上没有的协办必填")
]
With = Annotated[list[str] | None, typer.Option("--with", metavar="单位", help="协办单位,可多次")]
DutyItem = Annotated[str, typer.Option("--duty-item", metavar="事项", help="依据的权责事项编码")]
ClearDepartment = Annotated[str, typer.Option("--clear-department", metavar="文字", help="三个明确之一:部门做什么")]
ClearGrassroots = Annotated[str, typer.Option("--clear-grassroots", metavar="文字", help="三个明确之二:基层做什么")]
ClearSupport = Annotated[str, typer.Option("--clear-support", metavar="文字", help="三个明确之三:部门给什么支持")]
Report = Annotated[str, typer.Argument(metavar="来件", help="来件编号或来源方的编号;只有一件来件的问题也可写问题编号、工单号")]

Word = TypeVar("Word", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Desk:
    """One person, unit or post about to do one thing with one problem."""

    session: PoolSession
    problem: Problem
    actor: Actor
    key: str

    @property
    def home(self) -> PoolHome:
        return self.session.home

    @property
    def pack(self) -> CityPack:
        return self.session.home.pack

    def sealed(self, option: str, text: str, example: str = "") -> str:
        """The words masked and under the problem's key; "" for none. example: what might be written there; with it the words are
        required, and ContractError says so where they are missing."""
        if not text.strip():
            if example:
                raise ContractError(option, "不能为空", f"例如 {option} {example}")
            return ""
        return sealed_for(self.home, self.problem.id, text)

    def base(self) -> dict[str, Any]:
        """The fields that every command has. The key is the actor's own, so two people's keys never meet."""
        actor = self.actor
        scope = (actor.unit, actor.id) if actor.unit else (actor.id,)
        return {
            "id": command_id("console", *scope, self.key or secrets.token_hex(16)),
            "slot": self.problem.slot,
            "at": self.home.clock.now(),
            "actor": actor,
            "pack": self.home.pack.version,
            "problem": self.problem.id,
        }

    def submit(self, kind: type[OfProblem], **fields: Any) -> Outcome:
        """Raises CommandRefused with the sentence for the refusal."""
        (outcome,) = self.session.submit(kind(**self.base(), **fields))  # type: ignore[arg-type]
        if outcome.status == "refused":
            raise CommandRefused(outcome.code, outcome.message)
        return outcome

    def say(self, outcome: Outcome, said: str, *, as_json: bool, **more: object) -> None:
        """What was done, how it stands now, and whose turn it is."""
        after = self.session.problem(outcome.aggregate)
        turn = whose_turn(after, self.pack) if after else ""
        if outcome.status == "parked":
            said, turn = "问题正在并单或拆单,指令已收下,结束后自动办理", ""
        if as_json:
            state = after.state.value if after else ""
            print_json(outcome.model_dump(mode="json") | {"state": state, "said": said, "turn": turn} | more)
            return
        number = after.order_number if after else ""
        screen().print(f"工单 {number}({outcome.aggregate}):{said}")
        if turn:
            screen().print(f"现在轮到:{turn}", style="dim")

    def do(self, kind: type[OfProblem], said: str, *, as_json: bool, **fields: Any) -> None:
        """Give the command and say what became of it."""
        self.say(self.submit(kind, **fields), said, as_json=as_json)


@contextmanager
def desk_for(
    kind: type[OfProblem],
    name: str,
    *,
    by: str = OPERATOR,
    key: str = "",
    role: Hat = Hat.CLERK,
    as_unit: str = "",
    post: str = "",
) -> Iterator[Desk]:
    """The pool opened for one command. What belongs to a part or a caller goes to the root of a merged problem.

    Raises NotFound for an unknown problem, unit or post, ContractError for a role that may never do this.
    """
    with open_pool_session() as session:
        actor = _actor(session.home.pack, kind, by, role, as_unit, post)
        yield Desk(session, _problem(session, kind, find_problem(session.home, name)), actor, key)


@contextmanager
def desk_of_report(kind: type[OfProblem], name: str, *, by: str, key: str, role: Hat) -> Iterator[tuple[Desk, str]]:
    """The same for what a caller does: with the report that is meant."""
    with open_pool_session() as session:
        home = session.home
        actor = _actor(home.pack, kind, by, role, "", "")
        report = find_report(home, name)
        problem = find_problem(home, report.problem if report else name)
        if report is None and len(problem.members) != 1:
            raise NotFound(f"问题 {problem.id} 有 {len(problem.members)} 件来件;请写来件编号,可用 wentichi show 查看")
        which = report.id if report else problem.members[0].report
        yield Desk(session, _problem(session, kind, problem), actor, key), which


def _problem(session: PoolSession, kind: type[OfProblem], found: Problem) -> Problem:
    return (session.root(found.id) or found) if TABLE[kind.__name__].follows else found


def _actor(pack: CityPack, kind: type[OfProblem], by: str, hat: Hat, as_unit: str, post: str) -> Actor:
    """A unit or post acts under its own name where no person is named."""
    allowed = TABLE[kind.__name__].roles
    if post:
        if post not in pack.workers:
            raise NotFound(f"城市配置包里没有网格岗位 “{one_line(post, 40)}”;请用岗位编码,可用 wentichi show 查看在哪一岗")
        return Actor(id=post if by == OPERATOR else by, role=Role.GRID, unit=post)
    if as_unit:
        code = known_unit(pack, as_unit)
        return Actor(id=code if by == OPERATOR else by, role=Role.UNIT, unit=code)
    role = Role(hat.value)
    if role not in allowed:
        ways = [f"{ROLE[Role(one)]} --role {one}" for one in Hat if Role(one) in allowed]
        ways += ["承办单位 --as-unit 单位"] if Role.UNIT in allowed else []
        raise ContractError("--role", f"{ROLE[role]}不能做这一步", f"请由有权限的人办理:{'、'.join(ways)}")
    return Actor(id=by, role=role)


def chosen(option: str, words: Mapping[Word, str], text: str) -> Word:
    """The word that was typed, in English or as on the screen. Raises ContractError with the list."""
    wanted = text.strip()
    for word, label in words.items():
        if wanted in (word.value, label):
            return word
    listed = "、".join(f"{label}({word.value})" for word, label in words.items())
    raise ContractError(option, f"没有 “{one_line(wanted, 40)}” 这一项" if wanted else "没有写", f"请从中选一个:{listed}")


def told(desk: Desk, texts: Iterable[str], allowed: set[str] | None = None) -> dict[str, str]:
    """unit -> what is asked of it, sealed, from 单位=要求. allowed: units that are asked at all; None = any."""
    return {unit: sealed_for(desk.home, desk.problem.id, text) for unit, text in (_ask(desk, one, allowed) for one in texts)}


def _ask(desk: Desk, text: str, allowed: set[str] | None) -> tuple[str, str]:
    unit, sign, asked = text.partition("=")
    if not sign or not asked.strip():
        raise ContractError("--ask", "应为 单位=要求", "例如 --ask yunxi-chengguan=今日内到场")
    code = known_unit(desk.pack, unit.strip())
    if allowed is not None and code not in allowed:
        raise ContractError("--ask", f"{code} 既不是主办也不是协办", "请先用 --lead 或 --with 列出该单位")
    return code, asked


def clarity_of(desk: Desk, department: str, grassroots: str, support: str) -> Clarity | None:
    """三个明确, sealed: all three or none."""
    given = {"--clear-department": department, "--clear-grassroots": grassroots, "--clear-support": support}
    if not any(text.strip() for text in given.values()):
        return None
    for option, text in given.items():
        if not text.strip():
            raise ContractError(option, "三个明确须同时写全", "请补上部门做什么、基层做什么、给什么支持中缺的这一项")
    sealed = [sealed_for(desk.home, desk.problem.id, text) for text in given.values()]
    return Clarity(department=sealed[0], grassroots=sealed[1], support=sealed[2])


def known_item(pack: CityPack, code: str) -> str | None:
    """A duty item by code; None for none. Raises NotFound."""
    if code and code not in pack.duty_items:
        raise NotFound(f"权责清单里没有事项 {code[:40]};可用 wentichi pack show --duty 查看")
    return code or None


def member_of(session: PoolSession, name: str, members: set[str]) -> str:
    """The report of these that is meant. Raises NotFound."""
    if name in members:
        return name
    found = [report.id for report in find_reports(session.home, name) if report.id in members]
    if len(found) != 1:
        raise NotFound(f"来件 {name[:60]} 不在这个问题里;请用 wentichi show 查看它的来件")
    return found[0]


__all__ = [
    "OPERATOR",
    "As",
    "AsUnit",
    "Ask",
    "By",
    "ClearDepartment",
    "ClearGrassroots",
    "ClearSupport",
    "Desk",
    "DutyItem",
    "Hat",
    "Json",
    "Key",
    "Name",
    "Post",
    "Remark",
    "Report",
    "With",
    "chosen",
    "clarity_of",
    "desk_for",
    "desk_of_report",
    "known_item",
    "member_of",
    "told",
]
