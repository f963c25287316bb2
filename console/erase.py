"""`wentichi erase`: the personal data of one report go; its place in the count stays (law 6)."""

from typing import Annotated, Any

import typer

from console.found import local_time
from console.labels import CHANNEL
from console.opening import find_report, open_pool_home
from console.terminal import Json, one_line, print_json, screen
from pool.scope import ALL
from schemas.commands import Actor, EraseReport
from schemas.documents import DeadLetter
from schemas.errors import CommandRefused, NotFound
from schemas.identity import command_id, report_id, slot_of_problem
from schemas.words import Channel, Refusal, Role
from streams.dead_letters import key_name
from streams.local.home import Home, transaction
from streams.local.session import Session

TRIES = 5
"""How often the report may move to another problem while it is being asked for."""


def erase(
    report: Annotated[str, typer.Argument(metavar="来件", help="来件编号,或来源方的编号")],
    yes: Annotated[bool, typer.Option("--yes", help="真的删除;不加只说会删什么")] = False,
    source: Annotated[str, typer.Option("--source", help="来源名;只以死信存在的来件,按来源和编号找")] = "",
    by: Annotated[str, typer.Option("--by", metavar="姓名", help="经办人")] = "operator",
    as_json: Json = False,
) -> None:
    """销毁密钥和联系方式,内容从检索中消失;编号、类别、网格、时间和归属留下。以后再推同一来件也不再收存。不能撤销。

    删除后文件里的残迹由 wentichi pool compact 清除。
    """
    with open_pool_home() as home, Session(home) as session:
        name = _report_of(home, report, source)
        found = home.search.report(name, ALL)
        letters = home.store.dead_letters_of(name)
        claim = home.store.claims([name]).get(name)
        if found is None and claim is None and not letters:
            raise NotFound(f"没有找到来件 “{one_line(report, 60)}”;请用来件编号或来源方的编号,死信可加 --source 来源")
        gone = found is not None and found.erased
        told: dict[str, Any] = {
            "report": name,
            "problem": found.problem if found else None,
            "dead_letters": [letter.id for letter in letters],
            "already_erased": gone,
            "erased": False,
        }
        said = "内容、联系方式和密钥" if found or claim else "死信里的内容和密钥"
        if not yes:
            if as_json:
                print_json(told)
                return
            if found is not None:
                content = one_line(found.content.title or found.content.text, 40) if found.content else "(内容已删除)"
                head = f"来件 {name}  {CHANNEL[found.channel]}  {local_time(home.pack, found)}"
                screen().print(f"{head}  {content}  问题 {found.problem}")
            for letter in letters:
                screen().print(f"死信 {letter.id}  {one_line(letter.reason, 60)}")
            screen().print("已经删除过" if gone else f"将删除{said},不能撤销;确认请加 --yes", style="yellow")
            return
        if claim is not None:
            told["problem"] = _ask(session, name, by)
        else:
            _erase_letters(home, name, letters)
        told["erased"] = True
        if as_json:
            print_json(told)
        else:
            screen().print(f"来件 {name} 的{said}已删除;文件里的残迹用 wentichi pool compact 清除")


def _ask(session: Session, report: str, by: str) -> str:
    """Ask the problem that holds the report now. It may move meanwhile; then the next holder is asked."""
    home = session.home
    for attempt in range(TRIES):
        holder = _holder(session, report)
        command = EraseReport(
            id=command_id("erase", report, holder, str(attempt), home.clock.now().isoformat()),
            slot=slot_of_problem(holder),
            at=home.clock.now(),
            actor=Actor(id=by, role=Role.CLERK),
            pack=home.pack.version,
            problem=holder,
            report=report,
        )
        (outcome,) = session.submit(command)
        if outcome.status == "applied":
            return outcome.aggregate
        if outcome.status == "parked":
            session.settle(holder)
        elif outcome.code != Refusal.NOT_A_MEMBER:
            raise CommandRefused(outcome.code, outcome.message)
    raise CommandRefused(Refusal.NOT_A_MEMBER.value, f"来件 {report} 一直在问题之间移动,没有删除;请稍后再试")


def _holder(session: Session, report: str) -> str:
    """Through the claim, merges and splits, as casework follows them."""
    claim = session.home.store.claims([report])[report]
    holder = claim.problem
    for _ in range(32):
        problem = session.root(holder)
        if problem is None:
            return holder
        holder = problem.id
        if report not in problem.gone or any(member.report == report for member in problem.members):
            return holder
        holder = problem.gone[report]
    return holder


def _erase_letters(home: Home, report: str, letters: list[DeadLetter]) -> None:
    """A report that never became one: its letters go, and the marker keeps a later delivery out."""
    home.vault.erase(report)
    for letter in letters:
        home.vault.erase(key_name(letter.id))
    with transaction(home.connection):
        home.store.delete_dead_letters([letter.id for letter in letters])
        home.log.forget_key(report, "intake.")


def _report_of(home: Home, name: str, source: str) -> str:
    """The report id that is meant. A dead letter holds no readable number, so its id is computed from source and number."""
    found = find_report(home, name) if not source else None
    if found is not None:
        return found.id
    sources = [source] if source else [f"push/{channel.value}" for channel in Channel]
    for guess in [name, *(report_id(one, name) for one in sources)]:
        if home.store.claims([guess]) or home.store.dead_letters_of(guess):
            return guess
    return name
