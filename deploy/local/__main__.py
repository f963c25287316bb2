"""`python -m deploy.local up|down|status`. What a person reads goes to stderr; stdout of `up` can be given to `eval`."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from deploy.local.account import data_folder
from deploy.local.elasticsearch import Elasticsearch
from deploy.local.kafka import Kafka
from deploy.local.services import down, status, up
from schemas.errors import WentichiError


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status: 0, or 2 after one sentence on what is wrong."""
    given = _parser().parse_args(arguments)
    base: Path = given.folder.absolute()
    try:
        match given.action:
            case "up":
                addresses = up(
                    {
                        "kafka": Kafka(base / "kafka", given.kafka_port, _settings(given.kafka_setting), given.kafka_heap),
                        "elasticsearch": Elasticsearch(
                            base / "elasticsearch", given.elasticsearch_port, heap=given.elasticsearch_heap
                        ),
                    },
                    _tell,
                )
                _print(f"export WENTICHI_KAFKA={addresses['kafka']} WENTICHI_ELASTICSEARCH={addresses['elasticsearch']}")
            case "down":
                down(base, _tell, delete=given.delete)
            case _:
                _print(json.dumps(status(base), ensure_ascii=False))
    except WentichiError as error:
        _tell(f"错误:{error}")
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m deploy.local", description="本机的 Kafka 与 Elasticsearch,不用容器")
    actions = parser.add_subparsers(dest="action", required=True)
    start = actions.add_parser("up", help="启动并等到就绪;缺的程序自动下载")
    stop = actions.add_parser("down", help="停止;默认保留数据")
    show = actions.add_parser("status", help="状态(JSON)")
    for action in (start, stop, show):
        action.add_argument("--folder", type=Path, default=data_folder(), help="数据文件夹(默认 %(default)s)")
    start.add_argument("--kafka-port", type=int, default=9092, help="0 为任选空闲端口(默认 %(default)s)")
    start.add_argument("--elasticsearch-port", type=int, default=9200, help="0 为任选空闲端口(默认 %(default)s)")
    start.add_argument("--kafka-heap", type=int, default=512, help="堆内存,MB(默认 %(default)s)")
    start.add_argument("--elasticsearch-heap", type=int, default=1024, help="堆内存,MB(默认 %(default)s)")
    start.add_argument(
        "--kafka-setting", action="append", default=[], metavar="名=值", help="Kafka 自己的设置,可多次,如 log.retention.hours=24"
    )
    stop.add_argument("--delete", action="store_true", help="连同数据一起删除")
    return parser


def _settings(given: Sequence[str]) -> dict[str, str]:
    pairs = [line.partition("=") for line in given]
    return {name: value for name, _, value in pairs}


def _tell(line: str) -> None:
    sys.stderr.write(line + "\n")


def _print(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    sys.exit(main())
