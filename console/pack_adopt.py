"""`wentichi pack adopt`: the pool's next version of the pack, from its day on."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from casework.transitions import OPEN
from city.diff import PackDiff, diff_packs
from city.pack import CityPack, load_pack
from console.opening import open_local_home, session_at
from console.pack_diff import SHOWN, tell_diff
from console.servers import named_servers
from console.succession import hand_on
from console.terminal import Json, plain_table, print_json, screen
from pool.query import Filters, Query
from pool.scope import ALL
from schemas.errors import ContractError
from streams.local.home import Home, pack_folder


def adopt(
    folder: Annotated[Path | None, typer.Argument(metavar="文件夹", help="新版本的配置包;不写则列出已登记的版本")] = None,
    as_json: Json = False,
) -> None:
    """登记时就抄进池的文件,此后再改文件夹不影响池。生效日已到的,自登记的此刻起用。正在运行的 wentichi run 会自己换上。"""
    if named_servers() is not None:
        remedy = "请先用 pack diff 核对,到生效日把各进程的 WENTICHI_PACK 换成新的文件夹后逐个重启,见 docs/packs.md"
        raise ContractError("--kafka", "服务器上的池由各进程的 WENTICHI_PACK 决定版本,不在这里登记", remedy)
    with open_local_home() as home:
        if folder is None:
            _tell_versions(home, as_json=as_json)
            return
        found = diff_packs(_newest(home), load_pack(folder))
        adopted = home.packs.adopt(folder, pack_folder(), home.clock.now())
        waiting = _open_of_closed(home, found)
        since = found.new.calendar.local(adopted.since or home.clock.now())
        moved = _hand_on(home) if waiting and since <= home.clock.now() else {}
        if as_json:
            said = {"version": adopted.version, "since": since.isoformat(), "open_reports_of_abolished_units": waiting}
            print_json(said | {"handed_on": moved})
            return
        console = screen()
        tell_diff(console, found, most=SHOWN)
        console.print()
        _tell_waiting(console, found, waiting, moved)
        console.print(f"已登记 {found.new.name} {adopted.version},自 {since:%Y-%m-%d %H:%M} 起使用", style="green")


def _newest(home: Home) -> CityPack:
    """The version that the new one follows: the last registered, else the one in use."""
    last = home.packs.versions[-1] if home.packs.versions else None
    return home.packs.at(last.since) if last and last.since else home.pack


def _tell_versions(home: Home, *, as_json: bool) -> None:
    now = home.clock.now()
    using = home.packs.at(now)
    zone = using.calendar
    rows = [
        (
            one.version,
            zone.local(one.since).isoformat(timespec="minutes") if one.since else "",
            one.fingerprint == using.fingerprint,
        )
        for one in home.packs.versions
    ] or [(using.version, "", True)]
    if as_json:
        print_json({"versions": [{"version": version, "since": since or None, "in_use": used} for version, since, used in rows]})
        return
    table = plain_table("版本", "自", "")
    for version, since, used in rows:
        table.add_row(version, since.replace("T", " ") or "建池起", "在用" if used else "")
    screen().print(table)


def _open_of_closed(home: Home, found: PackDiff) -> dict[str, int]:
    """How many open reports each closed unit still has a part in."""
    counts = {
        unit.code: home.search.count(Query(filters=Filters(states=OPEN, unit=unit.code)), ALL) for unit, _ in found.abolished
    }
    return {unit: count for unit, count in counts.items() if count}


def _hand_on(home: Home) -> dict[str, int]:
    """The new version holds already: open parts of abolished units go to their successors at once."""
    with session_at(home) as session:
        return hand_on(session)


def _tell_waiting(console: Console, found: PackDiff, waiting: dict[str, int], moved: dict[str, int]) -> None:
    for unit, after in found.abolished:
        if unit.code not in waiting:
            continue
        to = after.name if after else "承接单位"
        if unit.code in moved:
            console.print(f"{unit.name}在办的 {moved[unit.code]} 个问题已转给{to},时限照旧", style="green")
        else:
            how = "生效后请运行 wentichi pack succeed"
            console.print(f"{unit.name}还有 {waiting[unit.code]} 件来件在办,将转给{to};{how}", style="yellow")
