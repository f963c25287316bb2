"""Opens the pool for a command, and finds what a person means by a number."""

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import structlog

from city.pack import CityPack, load_pack
from console.servers import named_on_the_line, named_servers
from pool.scope import ALL, Scope
from schemas.documents import ReportDocument
from schemas.errors import ContractError, NotFound
from schemas.events import read_event
from schemas.problem import Problem
from streams.clock import Clock, PlayedClock, WallClock
from streams.local.home import POOL_FILE, Home, home_folder, open_home, pack_folder
from streams.local.session import Session
from streams.session import PoolHome, PoolSession


@contextmanager
def open_pool_home() -> Iterator[PoolHome]:
    """The pool that is meant: on the servers that are named, else in WENTICHI_HOME."""
    servers = named_servers()
    if servers is None:
        with open_local_home() as home:
            yield home
        return
    from streams.kafka.remote import open_remote_home  # noqa: PLC0415 - an embedded pool needs neither client

    _log_to_stderr()
    with closing(open_remote_home(servers, home_folder(), load_pack(pack_folder()))) as remote:
        remote.refresh()
        yield remote


@contextmanager
def open_pool_session() -> Iterator[PoolSession]:
    """The same, to work with or to wait for those who work."""
    with open_pool_home() as home, session_at(home) as session:
        yield session


def session_at(home: PoolHome) -> PoolSession:
    """What fits the pool."""
    if isinstance(home, Home):
        return Session(home)
    from streams.kafka.remote import RemoteHome, RemoteSession  # noqa: PLC0415 - see open_pool_home

    assert isinstance(home, RemoteHome)  # noqa: S101 - there are two
    return RemoteSession(home)


@contextmanager
def open_local_home(folder: Path | None = None, *, pack: CityPack | None = None, clock: Clock | None = None) -> Iterator[Home]:
    """A pool in a folder, WENTICHI_HOME by default. A played pool (the demo's) goes on at the moment where its play stopped.

    Raises ContractError when somebody typed servers for a command that works in a folder only.
    """
    if named_on_the_line():
        raise ContractError("--kafka", "这条命令只用本机文件池", "请去掉 --kafka 和 --elasticsearch")
    _log_to_stderr()
    chosen = folder or home_folder()
    home = open_home(chosen, pack=pack, clock=clock or _clock(chosen / POOL_FILE))
    try:
        yield home
    finally:
        home.close()


def _log_to_stderr() -> None:
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))


def _clock(file: Path) -> Clock:
    if not file.is_file():
        return WallClock()
    with closing(sqlite3.connect(file)) as connection:
        try:
            row = connection.execute("select value from meta where key = 'clock'").fetchone()
            if row is None or row[0] != PlayedClock.name:
                return WallClock()
            last = connection.execute("select line from events order by sequence desc limit 1").fetchone()
        except sqlite3.Error:  # whoever opens it next says what is wrong with it
            return WallClock()
    return PlayedClock(read_event(last[0]).at if last else datetime.now(UTC))


def find_problem(home: PoolHome, name: str, scope: Scope = ALL) -> Problem:
    """By problem id, order number, report id or the sender's own number. Raises NotFound.

    A number that stands for reports of several problems names them in the error.
    """
    wanted = name.strip()
    problem = home.search.problem(wanted, scope) or home.search.by_order_number(wanted, scope)
    if problem is not None:
        return problem
    holders = {report.problem for report in find_reports(home, wanted, scope)}
    if len(holders) > 1:
        raise NotFound(f"“{_shown(wanted)}” 对应 {len(holders)} 个问题:{'、'.join(sorted(holders))};请用其中一个编号")
    for holder in holders:
        problem = home.search.problem(holder, scope)
        if problem is not None:
            return problem
    raise NotFound(f"没有找到 “{_shown(wanted)}”;请用问题编号、工单号、来件编号或来源方的编号,可先用 wentichi search 查找")


def find_reports(home: PoolHome, name: str, scope: Scope = ALL) -> list[ReportDocument]:
    """By report id or the sender's own number; several senders may use the same one."""
    wanted = name.strip()
    found = home.search.report(wanted, scope)
    return [found] if found is not None else home.search.by_source_id(wanted, scope)


def find_report(home: PoolHome, name: str) -> ReportDocument | None:
    """The one report that is meant, or None. Raises NotFound when the number stands for several."""
    found = find_reports(home, name)
    if len(found) > 1:
        listed = "、".join(f"{report.id}({report.content.source if report.content else '已删除'})" for report in found[:8])
        raise NotFound(f"“{_shown(name)}” 对应 {len(found)} 件来件:{listed};请用来件编号")
    return found[0] if found else None


def known_unit(pack: CityPack, name: str) -> str:
    """The code of a unit given by code, name or alias. Raises NotFound."""
    if name in pack.units:
        return name
    found = pack.unit_names.get(name, ())
    if len(found) == 1:
        return found[0].code
    if found:
        raise NotFound(f"“{_shown(name)}” 指几个单位:{'、'.join(unit.code for unit in found)};请用单位编码")
    raise NotFound(f"城市配置包里没有单位 “{_shown(name)}”;请用单位编码或全名,可用 wentichi pack show --units 查看")


def known_category(pack: CityPack, name: str) -> str:
    """The code of a category given by code, name or alias. Raises NotFound."""
    if name in pack.categories:
        return name
    found = pack.category_names.get(name, ())
    if len(found) == 1:
        return found[0].code
    if found:
        raise NotFound(f"“{_shown(name)}” 指几个类别:{'、'.join(category.code for category in found)};请用类别编码")
    raise NotFound(f"城市配置包里没有类别 “{_shown(name)}”;请用类别编码或名称,可用 wentichi pack show --categories 查看")


def known_area(pack: CityPack, name: str) -> str:
    """The code of an area given by code, name or alias. Raises NotFound."""
    if name in pack.areas:
        return name
    found = pack.area_names.get(name, ())
    if len(found) == 1:
        return found[0].code
    if found:
        listed = "、".join(area.code for area in found)
        raise NotFound(f"“{_shown(name)}” 指几个地区:{listed};请用地区编码")
    raise NotFound(f"城市配置包里没有地区 “{_shown(name)}”;请用地区编码或名称,可用 wentichi pack show --areas 查看")


def _shown(name: str) -> str:
    return "".join(character for character in name[:60] if character.isprintable())
