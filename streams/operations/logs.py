"""Logs: one JSON object a line on stderr, of a closed list of keys, with every text masked.

Only what is listed passes, so a report's text cannot come in by a new key. Texts that pass are masked, and what stands in quotes
is taken out: servers quote the value they refuse. Of an error only class and place are kept, for its message may quote data.
"""

import logging
import os
import re
import sys
import threading
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from traceback import extract_tb
from types import TracebackType
from typing import Any, Final, TextIO

import structlog
from structlog.typing import EventDict, Processor

from language.mask import mask
from language.normalise import strip_controls
from schemas.errors import ContractError
from streams.operations.listed import family_of

VARIABLE: Final = "WENTICHI_LOG"
OWN: Final = "wentichi"
"""The standard logger behind structlog's; every other one is foreign."""
FOREIGN: Final = ("faust", "mode", "aiokafka", "kafka", "elastic_transport", "elasticsearch", "asyncio", "aiohttp", "urllib3")
"""Libraries that bring levels or handlers of their own, which are taken away, also from the loggers below them."""
LENGTH: Final = 300
"""Characters of one text."""


class Level(StrEnum):
    """What WENTICHI_LOG may say."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


NUMBERS: Final = frozenset({"partition", "offset", "partitions", "count", "seconds", "version", "attempt", "lag", "port", "pid"})
WORDS: Final = frozenset({"stage", "step", "topic", "place", "aggregate", "command", "server", "namespace"}) | frozenset(
    {"status", "kind", "reason", "error", "where", "fault", "deciding"}
)
ALWAYS: Final = frozenset({"event", "level", "time", "logger"})
KEYS: Final = NUMBERS | WORDS | ALWAYS
"""Everything that can stand in a line, but for `dropped`: how many other keys were left out."""

_QUOTED: Final = re.compile(r"(?<!\w)b?(?:'.*'|\".*\"|“.*”|‘.*’|「.*」|`.*`|['\"“‘「`].*)", re.DOTALL)
"""From an opening quote (an apostrophe stands behind a letter) to the last closing one, or to the end: what is quoted may hold
quotes itself."""
_CHINESE: Final = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+")
_PLACE: Final = re.compile(r"([a-z][a-z0-9._-]*)-[0-9]{1,5}-[0-9]{1,15}(?:\.[0-9]{1,3})?")


def configure(stream: TextIO | None = None, environment: Mapping[str, str] = os.environ) -> None:
    """Take over structlog, the standard library's logging and what is printed of uncaught errors. May be called again.

    stream: stderr by default; a terminal gets lines for people. Raises ContractError when WENTICHI_LOG names no level.
    """
    target = stream or sys.stderr
    level = _level(environment)
    shared: list[Processor] = [_fault, structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"), only_listed]
    people = target.isatty()
    renderer: Processor = (
        structlog.dev.ConsoleRenderer(timestamp_key="time") if people else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    handler = logging.StreamHandler(target)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_log_level, structlog.stdlib.add_logger_name, _foreign, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
            keep_exc_info=False,
            keep_stack_info=False,
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    for name in (*FOREIGN, *logging.root.manager.loggerDict):
        if name.partition(".")[0] in FOREIGN:
            foreign = logging.getLogger(name)
            foreign.handlers, foreign.propagate = [], True
            foreign.setLevel(logging.WARNING if name in FOREIGN else logging.NOTSET)
    logging.getLogger(OWN).setLevel(level.upper())
    logging.captureWarnings(True)
    logging.raiseExceptions = False  # else a message that does not fit its arguments is printed with both
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.add_log_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=lambda *_: logging.getLogger(OWN),
        cache_logger_on_first_use=False,
    )
    sys.excepthook = _uncaught
    threading.excepthook = lambda arguments: _uncaught(
        arguments.exc_type, arguments.exc_value or arguments.exc_type(), arguments.exc_traceback
    )


def only_listed(_: Any, __: str, line: EventDict) -> EventDict:
    """The closed list: other keys are counted in `dropped`, texts masked, numbers only where numbers belong."""
    kept: EventDict = {}
    dropped = 0
    for key, value in line.items():
        if key in KEYS:
            kept[key] = value if key in ("level", "time") else _clean(key, value)
        elif not key.startswith("_"):  # structlog's own, taken away before rendering
            dropped += 1
        else:
            kept[key] = value
    if dropped:
        kept["dropped"] = dropped
    return kept


def _clean(key: str, value: Any) -> Any:
    if isinstance(value, BaseException):
        return type(value).__name__
    if isinstance(value, bool | float) or value is None:
        return value
    if isinstance(value, int):
        return value if key in NUMBERS else _text(str(value))
    if not isinstance(value, str):
        return type(value).__name__
    if key == "place" and (found := _PLACE.fullmatch(value)) and family_of(found.group(1)):
        return value  # a partition and an offset side by side can look like a telephone number
    return _text(value)


def _text(value: str) -> str:
    """Without control characters and what is quoted, masked, then cut: cut first, half a number could pass."""
    plain = _QUOTED.sub("…", strip_controls(value))
    return mask(plain).text[:LENGTH]


def _foreign(_: Any, __: str, line: EventDict) -> EventDict:
    """A library writes English, so Chinese in its message is somebody's data, or our sentence that stands elsewhere."""
    line["event"] = _CHINESE.sub("…", str(line.get("event", "")))
    return line


def _fault(_: Any, __: str, line: EventDict) -> EventDict:
    """Instead of a traceback: the error's class, and where it was raised."""
    given = line.pop("exc_info", None)
    line.pop("stack_info", None)
    error = sys.exc_info()[1] if given is True else given[1] if isinstance(given, tuple) else given
    if isinstance(error, BaseException):
        line.setdefault("error", type(error).__name__)
        line.setdefault("where", _where(error.__traceback__))
    return line


def _where(traceback: TracebackType | None) -> str:
    """The three innermost frames: file, line, function."""
    frames = extract_tb(traceback)[-3:]
    return " > ".join(f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames)


def _uncaught(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
    """Python prints the message of an error that nobody caught; this prints its class and place."""
    if issubclass(kind, KeyboardInterrupt):
        return
    structlog.get_logger().error("uncaught", exc_info=(kind, error, traceback))


def _level(environment: Mapping[str, str]) -> Level:
    given = environment.get(VARIABLE, "").strip().lower() or Level.INFO
    if given not in set(Level):
        raise ContractError(VARIABLE, f"没有 {given[:20]} 这个级别", f"只能是 {'、'.join(Level)}")
    return Level(given)
