"""`wentichi erase`: the personal data of one report go; its place in the count stays (law 6)."""

from typing import Annotated, Any

import typer

from console.asking import person
from console.found import local_time, title_of
from console.labels import CHANNEL
from console.opening import find_report, open_pool_session
from console.terminal import Json, one_line, print_json, screen
from pool.scope import ALL
from schemas.commands import Actor
from schemas.errors import NotFound
from schemas.identity import report_id
from schemas.words import Channel, Role
from streams.erasing import erase as erase_at_once
from streams.session import PoolHome


def erase(
    report: Annotated[str, typer.Argument(metavar="来件", help="来件编号,或来源方的编号")],
    yes: Annotated[bool, typer.Option("--yes", help="真的删除;不加只说会删什么")] = False,
    source: Annotated[str, typer.Option("--source", help="来源名;只以死信存在的来件,按来源和编号找")] = "",
    by: Annotated[str, typer.Option("--by", metavar="姓名", help="经办人", callback=person)] = "operator",
    as_json: Json = False,
) -> None:
    """销毁密钥和联系方式,内容从检索中消失;编号、类别、网格、时间和归属留下。以后再推同一来件也不再收存。不能撤销。

    删除后文件里的残迹由 wentichi pool compact 清除。
    """
    with open_pool_session() as session:
        home = session.home
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
                head = f"来件 {name}  {CHANNEL[found.channel]}  {local_time(home.pack, found)}"
                screen().print(f"{head}  {title_of(found, 40)}  问题 {found.problem}")
            for letter in letters:
                screen().print(f"死信 {letter.id}  {one_line(letter.reason, 60)}")
            screen().print("已经删除过" if gone else f"将删除{said},不能撤销;确认请加 --yes", style="yellow")
            return
        erased = erase_at_once(session, name, Actor(id=by, role=Role.CLERK))
        told |= {"problem": erased.problem, "erased": True, "backups_not_reached": [str(one) for one in erased.unreached]}
        if as_json:
            print_json(told)
        else:
            screen().print(f"来件 {name} 的{said}已删除;文件里的残迹用 wentichi pool compact 清除")
            for one in erased.unreached:
                screen().print(
                    f"备份 {one} 找不到,没能记下这次删除;若仍保存在别处,请在其 erased.txt 里添上 {name}", style="yellow"
                )


def _report_of(home: PoolHome, name: str, source: str) -> str:
    """The report id that is meant. A dead letter holds no readable number, so its id is computed from source and number."""
    found = find_report(home, name) if not source else None
    if found is not None:
        return found.id
    sources = [source] if source else [f"push/{channel.value}" for channel in Channel]
    for guess in [name, *(report_id(one, name) for one in sources)]:
        if home.store.claims([guess]) or home.store.dead_letters_of(guess):
            return guess
    return name
