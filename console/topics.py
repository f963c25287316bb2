"""`wentichi topics`: the topics of a pool on Kafka."""

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from city.pack import CityPack, load_pack
from console.served import bare_elastic, needed_servers
from console.terminal import Json, print_json, screen
from schemas.errors import ContractError, PoolError
from streams.local.home import pack_folder

if TYPE_CHECKING:
    from pool.elastic.transport import Elastic
    from streams.kafka.topics import Topics

SEEN_WITHIN = 15.0
"""Seconds in which every broker of a cluster learns of a new topic."""

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Kafka 主题:按城市配置包建立,按约定检查")


@app.command("create", help="建立缺少的主题,记下分区数(以后不能改);可重复运行")
def create(
    partitions: Annotated[int, typer.Option("--partitions", min=1, max=999, help="commands 与 events 的分区数,建后不能改")] = 8,
    replication: Annotated[int, typer.Option("--replication", min=1, max=9, help="副本数")] = 1,
    new_epoch: Annotated[
        bool, typer.Option("--new-epoch", help="commands 主题处理完毕、删除重建之后用一次:偏移从头数起,旧记号不再作数")
    ] = False,
    as_json: Json = False,
) -> None:
    """退出状态:0 主题齐全,1 有主题与约定不符。"""
    from pool.elastic.admin import remember  # noqa: PLC0415 - an embedded pool needs no client
    from streams.kafka.epochs import begin_epoch  # noqa: PLC0415 - see above
    from streams.kafka.topics import plan  # noqa: PLC0415 - see above

    with _opened() as (pack, elastic, topics):
        kept = remember(elastic, "partitions", partitions)
        if kept != partitions:
            rule = f"这个池建立时是 {kept} 个分区,不能改为 {partitions}:归口分区与分区的对应会乱"
            raise ContractError("--partitions", rule, f"请用 --partitions {kept}")
        remember(elastic, "replication", replication)
        wanted = plan(pack, partitions)
        made = topics.create(wanted, replication)
        if new_epoch:
            begin_epoch(elastic)
        until = time.monotonic() + SEEN_WITHIN
        while (faults := topics.check(wanted)) and made and time.monotonic() < until:
            time.sleep(0.2)
    if as_json:
        print_json({"partitions": partitions, "created": made, "faults": faults})
    else:
        screen().print(f"新建 {len(made)} 个主题,共 {len(wanted)} 个;commands 与 events 各 {partitions} 个分区")
    _end(faults, as_json=as_json)


@app.command("check", help="检查主题:缺不缺,分区数、保留期等与约定符不符")
def check(as_json: Json = False) -> None:
    """退出状态:0 相符,1 不符。"""
    from pool.elastic.admin import recall  # noqa: PLC0415 - an embedded pool needs no client
    from streams.kafka.topics import plan  # noqa: PLC0415 - see above

    with _opened() as (pack, elastic, topics):
        partitions = recall(elastic, "partitions")
        if not isinstance(partitions, int):
            raise PoolError("这个池还没有记下分区数;请先运行 wentichi topics create")
        wanted = plan(pack, partitions)
        faults = topics.check(wanted)
    if as_json:
        print_json({"partitions": partitions, "topics": len(wanted), "faults": faults})
    elif not faults:
        screen().print(f"{len(wanted)} 个主题都与约定相符", style="green")
    _end(faults, as_json=as_json)


@contextmanager
def _opened() -> Iterator[tuple[CityPack, "Elastic", "Topics"]]:
    from streams.kafka.topics import Topics  # noqa: PLC0415 - an embedded pool needs no client

    servers = needed_servers()
    with bare_elastic(servers) as elastic, closing(Topics(servers)) as topics:
        yield load_pack(pack_folder()), elastic, topics


def _end(faults: list[str], *, as_json: bool) -> None:
    if not as_json:
        for fault in faults:
            screen().print(fault, style="red")
    if faults:
        raise typer.Exit(1)
