"""Keeping a pool whole: `wentichi pool rebuild|reconcile|compact`, `audit verify`, `backup`, `restore`."""

from pathlib import Path
from typing import Annotated

import typer
from rich.status import Status

from console.opening import open_pool_home
from console.terminal import Json, aside, print_json, screen
from pool import backup as copies
from pool.compact import compact as compact_pool
from pool.reconcile import Findings
from pool.reconcile import reconcile as compare
from pool.scope import ALL
from pool.sqlite.rebuild import rebuild as rebuild_pool
from schemas.errors import PoolBusy
from streams.local.erasing import erase_again
from streams.local.home import Home, home_folder, ownership, transaction
from streams.local.session import Session

app = typer.Typer(no_args_is_help=True, help="重建、核对、压缩问题池")
audit_app = typer.Typer(no_args_is_help=True, help="核验事件记录")

SHOWN = 50
"""Faults listed for people; --json gives all."""


def _alone(home: Home) -> None:
    """Everything that waits is worked first. Raises PoolBusy while another process owns the stages."""
    with Session(home) as session:
        if session.own() is None:
            raise PoolBusy(f"另一个进程正占着这个池({home.folder});请先停止 wentichi run 或等 push 结束,再运行本命令")
        session.work(lambda: False)


@app.command("rebuild", help="由事件记录重建文档与索引")
def rebuild(as_json: Json = False) -> None:
    with open_pool_home() as home:
        _alone(home)
        with ownership(home.folder) as own, _busy("重建中") as status:
            _need(own, home)
            count = rebuild_pool(home.connection, home.vault.keys, home.pack, lambda n: status.update(f"重建中:{n} 个问题"))
    _say({"aggregates": count}, f"已由事件记录重建 {count} 个问题的文档与索引。", as_json)


@app.command("reconcile", help="核对文档与事件记录")
def reconcile(
    repair: Annotated[bool, typer.Option("--repair", help="把不符的文档改成事件记录所说的样子,然后再核对一遍")] = False,
    as_json: Json = False,
) -> None:
    """退出状态:0 相符,1 不符。"""
    with open_pool_home() as home:
        _alone(home)
        with ownership(home.folder) as own, _busy("核对中"):
            _need(own, home)
            found = compare(home.store, home.vault.keys, home.pack)
            repaired = 0
            if repair and found.faults:
                repairs = found.repairs
                repaired = len(repairs.states) + len(repairs.reports) + len(repairs.claims)
                with transaction(home.connection):
                    home.store.write(repairs)
                found = compare(home.store, home.vault.keys, home.pack)
    _tell(found, as_json, repaired=repaired)


@app.command("compact", help="压缩文件,抹去已删除内容的最后痕迹")
def compact(as_json: Json = False) -> None:
    with open_pool_home() as home:
        _alone(home)
        with ownership(home.folder) as own, _busy("压缩中"):
            _need(own, home)
            before = _size(home.folder)
            compact_pool(home.connection)
            home.vault.compact()
        after = _size(home.folder)
    _say({"before_bytes": before, "after_bytes": after}, f"已压缩:{before / 1e6:.1f} MB → {after / 1e6:.1f} MB。", as_json)


@audit_app.callback()
def _audit() -> None:
    """Keeps the application a group of commands."""


@audit_app.command("verify", help="核验哈希链,并与文档逐一比对")
def verify(as_json: Json = False) -> None:
    """任何一条事件被改、删、换位、截尾,任何一份文档被改、缺失,都会指出位置。退出状态:0 完好,1 有问题。"""
    with open_pool_home() as home:
        _alone(home)
        with _busy("核验中"):
            found = compare(home.store, home.vault.keys, home.pack)
    _tell(found, as_json)


def backup(
    target: Annotated[Path, typer.Argument(metavar="文件夹", help="新建的备份文件夹")],
    with_key: Annotated[bool, typer.Option("--with-key", help="连同主密钥一起备份;请分开妥善保管")] = False,
    as_json: Json = False,
) -> None:
    """运行中也可备份。密钥库以主密钥加密;没有主密钥,备份里的内容无法读出。"""
    with open_pool_home() as home, _busy("备份中"):
        manifest = copies.backup(home.folder, target, with_key=with_key, at=home.clock.now())
    text = f"已备份到 {target}" + ("(含主密钥,请与备份分开保管)。" if manifest["with_key"] else "(不含主密钥,请另行保管主密钥)。")
    _say({"folder": str(target), **manifest}, text, as_json)


def restore(
    source: Annotated[Path, typer.Argument(metavar="文件夹", help="wentichi backup 建立的文件夹")],
    replace: Annotated[bool, typer.Option("--replace", help="替换现有的问题池")] = False,
    as_json: Json = False,
) -> None:
    """备份之后删除过的来件,恢复后仍然是删除的。"""
    folder = home_folder()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with ownership(folder) as own:
        if not own:
            raise PoolBusy(f"另一个进程正占着这个池({folder});请先停止它再恢复")
        erased = copies.restore(source, folder, replace=replace)
    with open_pool_home() as home:
        again = erase_again(home, erased)
        stats = home.search.stats(ALL)
    rest = f";重新删除 {again} 件。" if again else "。"
    text = f"已从 {source} 恢复:{stats['reports']} 件来件,{stats['problems']} 个问题{rest}"
    _say({"erased_again": again, **stats}, text, as_json)


def _need(own: bool, home: Home) -> None:
    if not own:
        raise PoolBusy(f"另一个进程正占着这个池({home.folder});请先停止它再运行本命令")


def _busy(text: str) -> Status:
    return aside().status(text)


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.glob("*.db*"))


def _say(value: dict[str, object], text: str, as_json: bool) -> None:
    if as_json:
        print_json(value)
    else:
        screen().print(text)


def _tell(found: Findings, as_json: bool, repaired: int = 0) -> None:
    value = {
        "aggregates": found.aggregates,
        "events": found.events,
        "compared": found.compared,
        "drift": found.drift,
        "repaired": repaired,
        "faults": found.faults,
    }
    if as_json:
        print_json(value)
    else:
        out = screen()
        fixed = f",已修复 {repaired} 份" if repaired else ""
        looked = f"核对 {found.aggregates} 个问题、{found.events} 条事件、{found.compared} 份文档"
        out.print(f"{looked},不符 {found.drift} 处{fixed}。")
        for fault in found.faults[:SHOWN]:
            out.print(f"  {fault}")
        if found.drift > SHOWN:
            out.print(f"  …… 还有 {found.drift - SHOWN} 处,用 --json 看全部")
    if found.faults:
        raise typer.Exit(1)
