"""Keeping a pool whole: `wentichi pool create|rebuild|reconcile|compact`, `audit verify`, `backup`, `restore`."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.status import Status

from console.opening import open_local_home, open_pool_home, open_pool_session, session_at
from console.servers import named_servers
from console.terminal import Json, aside, print_json, screen
from pool import backup as copies
from pool.compact import compact as compact_pool
from pool.reconcile import Findings
from pool.reconcile import reconcile as compare
from pool.scope import ALL
from pool.sqlite.rebuild import rebuild as rebuild_pool
from schemas.errors import PoolBusy
from streams.erasing import erase_again
from streams.local.home import Home, home_folder, ownership
from streams.local.session import Session
from streams.session import PoolHome

app = typer.Typer(no_args_is_help=True, help="建立、重建、核对、压缩问题池")
audit_app = typer.Typer(no_args_is_help=True, help="核验事件记录")

SHOWN = 50
"""Faults listed for people; --json gives all."""


def _quiet(home: PoolHome) -> None:
    """Everything that waits is worked first. Raises PoolBusy while another process owns the stages of an embedded pool."""
    with session_at(home) as session:
        if isinstance(session, Session) and session.own() is None:
            raise PoolBusy(f"另一个进程正占着这个池({home.folder});请先停止 wentichi run 或等 push 结束,再运行本命令")
        session.work(lambda: False)


@contextmanager
def _alone(home: PoolHome) -> Iterator[None]:
    """Nothing waits, and while the body runs nobody works an embedded pool. On servers the versions keep writers apart."""
    _quiet(home)
    if not isinstance(home, Home):
        yield
        return
    with ownership(home.folder) as own:
        if not own:
            raise PoolBusy(f"另一个进程正占着这个池({home.folder});请先停止它再运行本命令")
        yield


@app.command("create", help="在 Elasticsearch 里建立问题池:索引、城市、时钟、主密钥;可重复运行")
def create(as_json: Json = False) -> None:
    from console.served import create_pool  # noqa: PLC0415 - an embedded pool is made by its first use

    made = create_pool()
    _say(made, f"问题池已就绪:索引 {made['prefix']}-*,城市 {made['city']};下一步:wentichi topics create", as_json)


@app.command("rebuild", help="由事件记录重建文档与索引")
def rebuild(as_json: Json = False) -> None:
    with _busy("重建中") as status:

        def tell(count: int) -> None:
            status.update(f"重建中:{count} 个问题")

        if named_servers() is not None:
            from console.served import rebuild_on_servers  # noqa: PLC0415 - see create

            facts, said = rebuild_on_servers(tell)
        else:
            with open_local_home() as home, _alone(home):
                count = rebuild_pool(home.connection, home.vault.keys, home.pack, tell)
            facts, said = {"aggregates": count}, f"已由事件记录重建 {count} 个问题的文档与索引。"
    _say(facts, said, as_json)


@app.command("reconcile", help="核对文档与事件记录")
def reconcile(
    repair: Annotated[bool, typer.Option("--repair", help="把不符的文档改成事件记录所说的样子,然后再核对一遍")] = False,
    metrics_file: Annotated[
        Path | None, typer.Option("--metrics-file", metavar="文件", help="把不符的数目写成 Prometheus 文本,供 node exporter 读取")
    ] = None,
    as_json: Json = False,
) -> None:
    """退出状态:0 相符,1 不符。"""
    with open_pool_home() as home, _busy("核对中"), _alone(home):
        found, repaired = _reconciled(home, repair=repair)
        if metrics_file is not None:
            from streams.operations.metrics import write_drift  # noqa: PLC0415 - only where somebody asks for it

            write_drift(metrics_file, drift=found.drift, compared=found.compared, at=home.clock.now())
    _tell(found, as_json, repaired=repaired)


@app.command("compact", help="压缩文件,抹去已删除内容的最后痕迹")
def compact(as_json: Json = False) -> None:
    if named_servers() is not None:
        from console.served import compact_on_servers  # noqa: PLC0415 - see create

        with _busy("压缩中,约一分钟"):
            compact_on_servers()
        _say({"compacted": True}, "已压缩:已删除的密钥、联系方式和文字不再留在索引里。", as_json)
        return
    with open_local_home() as home:
        with _busy("压缩中"), _alone(home):
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
    with open_pool_home() as home, _busy("核验中"):
        _quiet(home)
        if isinstance(home, Home):
            found = compare(home.store, home.vault.keys, home.pack)
        else:
            from console.served import verify_on_servers  # noqa: PLC0415 - see create

            found = verify_on_servers(home)
    _tell(found, as_json)


def backup(
    target: Annotated[Path, typer.Argument(metavar="文件夹", help="新建的备份文件夹")],
    with_key: Annotated[bool, typer.Option("--with-key", help="连同主密钥一起备份;请分开妥善保管")] = False,
    as_json: Json = False,
) -> None:
    """运行中也可备份。密钥库以主密钥加密;没有主密钥,备份里的内容无法读出。"""
    if named_servers() is not None:
        from console.served import backup_vault  # noqa: PLC0415 - see create

        _say(*backup_vault(target, with_key=with_key), as_json)
        return
    with open_local_home() as home, _busy("备份中"):
        manifest = copies.backup(home.folder, target, with_key=with_key, at=home.clock.now())
    text = f"已备份到 {target}" + ("(含主密钥,请与备份分开保管)。" if manifest["with_key"] else "(不含主密钥,请另行保管主密钥)。")
    _say({"folder": str(target), **manifest}, text, as_json)


def restore(
    source: Annotated[Path, typer.Argument(metavar="文件夹", help="wentichi backup 建立的文件夹")],
    replace: Annotated[bool, typer.Option("--replace", help="替换现有的问题池")] = False,
    as_json: Json = False,
) -> None:
    """备份之后删除过的来件,恢复后仍然是删除的。"""
    if named_servers() is not None:
        from console.served import restore_vault  # noqa: PLC0415 - see create

        _say(*restore_vault(source), as_json)
        return
    folder = home_folder()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with ownership(folder) as own:
        if not own:
            raise PoolBusy(f"另一个进程正占着这个池({folder});请先停止它再恢复")
        erased = copies.restore(source, folder, replace=replace)
    with open_pool_session() as session:
        again = erase_again(session, erased)
        stats = session.home.search.stats(ALL)
    rest = f";重新删除 {again} 件。" if again else "。"
    text = f"已从 {source} 恢复:{stats['reports']} 件来件,{stats['problems']} 个问题{rest}"
    _say({"erased_again": again, **stats}, text, as_json)


def _reconciled(home: PoolHome, *, repair: bool) -> tuple[Findings, int]:
    """What differs still, and how many documents were repaired."""
    if not isinstance(home, Home):
        from console.served import reconcile_on_servers  # noqa: PLC0415 - see create

        return reconcile_on_servers(home, repair=repair)
    found = compare(home.store, home.vault.keys, home.pack)
    if not repair or not found.faults:
        return found, 0
    repairs = found.repairs
    home.mend(repairs)
    return compare(home.store, home.vault.keys, home.pack), len(repairs.states) + len(repairs.reports) + len(repairs.claims)


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
