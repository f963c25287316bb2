"""`--kafka` and `--elasticsearch`, before or behind every command: which pool is meant."""

import inspect
import os
from collections.abc import Callable
from contextvars import ContextVar
from functools import wraps
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from streams.kafka.settings import Servers

_PANEL = "服务器"
Kafka = Annotated[
    str, typer.Option("--kafka", metavar="主机:端口", help="Kafka,或设 WENTICHI_KAFKA;不给则用本机文件池", rich_help_panel=_PANEL)
]
Elasticsearch = Annotated[
    str,
    typer.Option("--elasticsearch", metavar="URL", help="与 --kafka 同给,或设 WENTICHI_ELASTICSEARCH", rich_help_panel=_PANEL),
]
_OPTIONS = {"kafka": Kafka, "elasticsearch": Elasticsearch}
_named: ContextVar[dict[str, str]] = ContextVar("servers")


def name_servers(kafka: str, elasticsearch: str) -> None:
    """What stands before the command. Whatever an earlier run of this process named is forgotten."""
    _named.set({"kafka": kafka, "elasticsearch": elasticsearch})


def with_servers(command: Callable[..., Any]) -> Callable[..., Any]:
    """The command with the two options behind it too; there they count more. Done once."""
    signature = inspect.signature(command, eval_str=True)
    if not _OPTIONS.keys().isdisjoint(signature.parameters):
        return command
    more = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default="", annotation=kind) for name, kind in _OPTIONS.items()
    ]

    @wraps(command)
    def called(*arguments: Any, **values: Any) -> Any:
        given = {name: values.pop(name) for name in _OPTIONS}
        _named.set(_named.get({}) | {name: value for name, value in given.items() if value})
        return command(*arguments, **values)

    called.__signature__ = signature.replace(parameters=[*signature.parameters.values(), *more])  # type: ignore[attr-defined]
    called.__annotations__ = {**command.__annotations__, **_OPTIONS}
    return called


def named_servers() -> "Servers | None":
    """None = the embedded pool. Raises ContractError when only one of the two is named, or what is named is no address."""
    from streams.kafka.settings import servers  # noqa: PLC0415 - help imports no room

    return servers(**_typed())


def named_elasticsearch() -> str:
    """For what needs no Kafka; "" = the embedded pool. Raises ContractError when only Kafka is named."""
    url = _typed().get("elasticsearch", "") or os.environ.get("WENTICHI_ELASTICSEARCH", "")
    if not url:
        named_servers()
    return url


def _typed() -> dict[str, str]:
    """Raises ContractError when an account is among it."""
    from pool.elastic.access import has_account  # noqa: PLC0415 - help imports no room
    from schemas.errors import ContractError  # noqa: PLC0415 - see above

    named = _named.get({})
    if has_account(named.get("elasticsearch", "")):
        rule = "命令行里的账号和口令,这台机器上的人都看得见"
        remedy = "请从地址里去掉,改设 WENTICHI_ELASTICSEARCH_USERNAME 和 WENTICHI_ELASTICSEARCH_PASSWORD_FILE(或环境变量)"
        raise ContractError("--elasticsearch", rule, remedy)
    return named


def named_on_the_line() -> bool:
    """Did somebody type a server, and not only have it in the environment?"""
    return any(_named.get({}).values())
