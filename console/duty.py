"""`wentichi duty`: proposals to change the duty list, approved by another person, and the next list that comes of them."""

import secrets
from typing import Annotated, Any, Final

import typer
from rich.text import Text

from casework.proposing import listed
from city.pack import CITY_SLOT, CityPack
from city.terms import ListKind, TownshipRole
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
    minute,
    plain,
    submitted,
)
from console.asking import scope_of
from console.duty_next import export, mined
from console.found import unit_of
from console.opening import known_category, known_unit, open_pool_home, open_pool_session
from console.terminal import Json, indented, one_line, plain_table, print_json, screen
from schemas.errors import ContractError
from schemas.identity import aggregate_id, command_id
from schemas.passing import BuckFinding
from schemas.proposals import DutyLine, DutyProposal, JudgeProposal, ProposalState, ProposeDuty, WithdrawProposal
from streams.session import PoolHome

LISTING: Final = "wentichi duty list"
STATE: Final = {
    ProposalState.PROPOSED: "待批准",
    ProposalState.APPROVED: "已批准",
    ProposalState.REFUSED: "未批准",
    ProposalState.WITHDRAWN: "已撤回",
}
FIELD: Final = {
    "name": "名称",
    "categories": "分类",
    "lead": "主办",
    "cooperators": "协办",
    "township_role": "乡镇角色",
    "list_kind": "清单",
    "legal_basis": "依据",
    "words": "用词",
    "grassroots_does": "基层做什么",
    "support": "给什么支持",
}

app = typer.Typer(
    add_completion=False, no_args_is_help=True, help="权责清单的修改建议:提出、由他人批准、写成下一版清单;现行清单不就地改。"
)
Name = Annotated[str, typer.Argument(metavar="建议", help=f"建议编号,可用 {LISTING} 查看")]
Note = Annotated[str, typer.Option("--note", metavar="说明", help="说明")]


@app.command("propose", help="建议改一个事项、加一个事项,或去掉一个事项;没写的各栏照现行清单")
def propose(
    item: Annotated[str, typer.Argument(metavar="事项", help="事项编码;清单上没有的就是新增")],
    *,
    reason: Annotated[str, typer.Option("--reason", metavar="理由", help="为什么要改")],
    remove: Annotated[bool, typer.Option("--remove", help="去掉这个事项")] = False,
    name: Annotated[str | None, typer.Option("--name", metavar="文字", help="名称")] = None,
    category: Annotated[list[str] | None, typer.Option("--category", metavar="类别", help="分类,可多次")] = None,
    lead: Annotated[str | None, typer.Option("--lead", metavar="单位", help="主办,单位编码、全名,或 line:条线@层级")] = None,
    cooperator: Annotated[list[str] | None, typer.Option("--with", metavar="单位", help="协办,可多次;“无”为没有")] = None,
    role: Annotated[str | None, typer.Option("--role", metavar="角色", help="乡镇角色:主责、配合、无")] = None,
    kind: Annotated[str | None, typer.Option("--list", metavar="清单", help="履职、赋能、负面")] = None,
    basis: Annotated[str | None, typer.Option("--basis", metavar="文字", help="法律依据")] = None,
    word: Annotated[list[str] | None, typer.Option("--word", metavar="词", help="用词,可多次")] = None,
    does: Annotated[str | None, typer.Option("--grassroots", metavar="文字", help="基层做什么;空为不写")] = None,
    support: Annotated[str | None, typer.Option("--support", metavar="文字", help="给什么支持;空为不写")] = None,
    from_finding: Annotated[str, typer.Option("--from", metavar="线索", help="由哪条推诿线索而来")] = "",
    speaking: Speaking = "clerk",
    by: By = "operator",
    key: Key = "",
    as_json: Json = False,
) -> None:
    with open_pool_session() as session:
        home, pack = session.home, session.home.pack
        given: dict[str, Any] = {
            "name": name,
            "categories": [known_category(pack, one) for one in category] if category else None,
            "lead": _named(pack, lead) if lead else None,
            "cooperators": [_named(pack, one) for one in cooperator if one != "无"] if cooperator else None,
            "township_role": _term("--role", TownshipRole, role),
            "list_kind": _term("--list", ListKind, kind),
            "legal_basis": basis,
            "words": word,
            "grassroots_does": does,
            "support": support,
        }
        after = None if remove else _line(pack, item, {field: value for field, value in given.items() if value is not None})
        key = key or secrets.token_hex(16)
        slot = pack.slots[CITY_SLOT].number
        name_of = aggregate_id("d", slot, command_id("console", by, key))
        command = ProposeDuty(
            **base(home, name_of, slot, actor(pack, by, speaking), key),
            item=item.strip(),
            after=after,
            reason=plain("--reason", reason),
            from_finding=found(home, BuckFinding, "f", from_finding, "wentichi passing list").id if from_finding else None,
        )
        outcome = submitted(session, command)
        proposal = _proposal(home, name_of)
        if as_json:
            print_json(outcome.model_dump(mode="json") | {"proposal": _json(proposal)})
            return
        screen().print(f"{proposal.id}:已提出,等他人批准")


def _named(pack: CityPack, name: str) -> str:
    return name if name.startswith("line:") else known_unit(pack, name)


def _term(field: str, terms: type[TownshipRole] | type[ListKind], label: str | None) -> str | None:
    if label is None:
        return None
    term = terms.from_label(label)
    if term is None:
        raise ContractError(field, f"须为 {terms.labels()} 之一", "请照写其中一个")
    return str(term.value)


def _line(pack: CityPack, item: str, given: dict[str, Any]) -> DutyLine:
    """The line as it should be. Raises ContractError where a new item leaves something out."""
    now = listed(pack, item.strip())
    values = (now.model_dump() if now else {}) | given
    needed = {
        "name": "--name",
        "categories": "--category",
        "lead": "--lead",
        "township_role": "--role",
        "list_kind": "--list",
        "legal_basis": "--basis",
    }
    for field, option in needed.items():
        if not values.get(field):
            raise ContractError(option, f"新事项 {one_line(item, 40)} 须写明{FIELD[field]}", f"请加上 {option}")
    for field, value in values.items():
        if isinstance(value, str) and len(value) > (200 if field == "name" else 2000):
            raise ContractError(field, f"{FIELD[field]}太长", "名称至多 200 字,其余至多 2000 字")
    return DutyLine.model_validate(values)


@app.command("approve", help="批准;提出人自己不能批准,清单已经变了的也不能")
def approve(
    name: Name, note: Note = "", speaking: Speaking = "reviewer", unit: OwnUnit = "", by: By = "reviewer", key: Key = "",
    as_json: Json = False,
) -> None:  # fmt: skip
    _judge(name, note, speaking, unit, by, key, approved=True, as_json=as_json)


@app.command("refuse", help="不批准")
def refuse(
    name: Name, note: Note = "", speaking: Speaking = "reviewer", unit: OwnUnit = "", by: By = "reviewer", key: Key = "",
    as_json: Json = False,
) -> None:  # fmt: skip
    _judge(name, note, speaking, unit, by, key, approved=False, as_json=as_json)


def _judge(name: str, note: str, speaking: str, unit: str, by: str, key: str, *, approved: bool, as_json: bool) -> None:
    with open_pool_session() as session:
        home, proposal = session.home, _proposal(session.home, name)
        fields = base(home, proposal.id, proposal.slot, actor(home.pack, by, speaking, unit), key)
        outcome = submitted(session, JudgeProposal(**fields, approved=approved, note=plain("--note", note) if note else ""))
        _said(home, outcome.model_dump(mode="json"), proposal.id, as_json=as_json)


@app.command("withdraw", help="提出人撤回还没有批准的建议")
def withdraw(
    name: Name, note: Note = "", speaking: Speaking = "clerk", by: By = "operator", key: Key = "", as_json: Json = False
) -> None:
    with open_pool_session() as session:
        home, proposal = session.home, _proposal(session.home, name)
        fields = base(home, proposal.id, proposal.slot, actor(home.pack, by, speaking), key)
        outcome = submitted(session, WithdrawProposal(**fields, note=plain("--note", note) if note else ""))
        _said(home, outcome.model_dump(mode="json"), proposal.id, as_json=as_json)


def _said(home: PoolHome, outcome: dict[str, Any], name: str, *, as_json: bool) -> None:
    proposal = _proposal(home, name)
    if as_json:
        print_json(outcome | {"proposal": _json(proposal)})
    else:
        screen().print(f"{proposal.id}:{STATE[proposal.state]}")


@app.command("list", help="列出修改建议")
def list_proposals(
    state: Annotated[ProposalState | None, typer.Option("--state", help="只看处于这一状态的;待批准为 proposed")] = None,
    viewer: Viewer = "",
    after: After = "",
    limit: Limit = 50,
    as_json: Json = False,
) -> None:
    with open_pool_home() as home:
        read = home.search.kept("d", state.value if state else None, scope_of(home.pack, viewer), after, limit)
        shown = [one for one in read if isinstance(one, DutyProposal)]
        if as_json:
            print_json({"proposals": [_json(proposal) for proposal in shown]})
            return
        if not shown:
            screen().print("没有" + (f"{STATE[state]}的" if state else "") + "修改建议", style="green")
            return
        table = plain_table("编号", "状态", "事项", "改什么", "提出", "理由")
        for one in shown:
            table.add_row(one.id, STATE[one.state], one.item, _what(one), one_line(one.proposer, 12), one_line(one.reason, 30))
        table.columns[0].no_wrap = True
        screen().print(table)
        if len(read) == limit:
            screen().print(f"可能还有,接着看:{LISTING} --after {read[-1].id}", style="dim")


@app.command("show", help="看一条建议:每一栏现在怎么写,要改成怎样")
def show(name: Name, as_json: Json = False) -> None:
    with open_pool_home() as home:
        proposal, pack = _proposal(home, name), home.pack
        if as_json:
            print_json(_json(proposal))
            return
        console = screen()
        console.print(Text.assemble((proposal.id, "bold"), f"  事项 {proposal.item}  {_what(proposal)}  {STATE[proposal.state]}"))
        said = f"{minute(pack, proposal.proposed)} {one_line(proposal.proposer)}提出,依清单 {proposal.based_on}"
        console.print(indented(f"{said}:{one_line(proposal.reason)}"))
        for change in proposal.diff:
            line = f"{FIELD[change.field]}:{_value(pack, change.before)} → {_value(pack, change.after)}"
            console.print(indented(line))
        if proposal.from_finding:
            console.print(indented(f"由推诿线索 {proposal.from_finding} 而来"))
        if proposal.decided is not None:
            who = one_line(proposal.approver) or one_line(proposal.proposer)
            console.print(indented(f"{minute(pack, proposal.decided)} {who}:{STATE[proposal.state]} {one_line(proposal.note)}"))


def _what(proposal: DutyProposal) -> str:
    if proposal.before is None:
        return "新增"
    return "去掉" if proposal.after is None else "、".join(FIELD[change.field] for change in proposal.diff)


def _value(pack: CityPack, value: str | list[str] | None) -> str:
    if isinstance(value, list):
        return "、".join(_value(pack, one) for one in value) or "无"
    labels = {term.value: term.label for terms in (TownshipRole, ListKind) for term in terms}
    return labels.get(value or "", unit_of(pack, value)) or "空"


app.command("export", help="把已批准的建议写成下一版的 duty.csv,交 pack 命令检查、登记;已写进清单的不再写")(export)
app.command("mined", help="退单、争议最多的事项,供人考虑要不要改清单")(mined)


def _proposal(home: PoolHome, name: str) -> DutyProposal:
    return found(home, DutyProposal, "d", name, LISTING)


def _json(proposal: DutyProposal) -> dict[str, Any]:
    return as_json(proposal) | {"diff": [change.model_dump(mode="json") for change in proposal.diff]}
