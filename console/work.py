"""`wentichi work`: a process of the stages on Kafka."""

from typing import Annotated

import typer

from city.pack import load_pack
from console.servers import named_servers
from schemas.errors import ContractError
from schemas.words import Stage
from streams.local.home import home_folder, pack_folder


def work(
    stages: Annotated[
        list[Stage] | None, typer.Argument(metavar="环节…", help="intake、progress、casework、publish;不写为全部")
    ] = None,
    metrics_port: Annotated[
        int | None, typer.Option("--metrics-port", min=0, max=65535, metavar="端口", help="指标与健康检查;0 为任一空闲端口")
    ] = None,
) -> None:
    """同一环节可开多个进程,分区自动分配。SIGTERM 停止;被杀也不丢不重,重启后从确认处继续。

    日志每行一个 JSON,写到标准错误,级别由 WENTICHI_LOG 指定。退出状态:0 按要求停止,1 因故障结束(重启即可)。
    """
    servers = named_servers()
    if servers is None:
        raise ContractError("--kafka", "没有说明服务器在哪里", "请加 --kafka 和 --elasticsearch;本机文件池用 wentichi run")
    from streams.kafka.worker import Worker  # noqa: PLC0415 - an embedded pool needs no client
    from streams.operations.logs import configure  # noqa: PLC0415 - see above

    configure()
    status = Worker(servers, stages or list(Stage), load_pack(pack_folder()), home_folder(), metrics_port).run()
    raise typer.Exit(status)
