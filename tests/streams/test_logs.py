"""Logs: a closed list of keys, no personal data, one JSON object a line; also of what libraries say."""

import io
import json
import logging
import sys
import threading
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from schemas.errors import ContractError
from streams.operations import logs

PHONE = "13800138000"
IDENTITY = "110101199003070417"
PLATE = "京A12345"
WRITTEN_OTHERWISE = ("1 3 8-0013-8000", "010-62345678", "微信号abc12345", "一三八零零一三八零零零", "zhang@example.com")
PERSONAL = (PHONE, IDENTITY, PLATE, *WRITTEN_OTHERWISE)


@pytest.fixture(autouse=True)
def _put_back() -> Iterator[None]:
    """Logging belongs to the process; a test leaves it as it was."""
    names = (*logs.FOREIGN, logs.OWN, *logging.root.manager.loggerDict)
    root = logging.getLogger()
    before = root.handlers[:], root.level, logging.raiseExceptions, sys.excepthook, threading.excepthook
    each = {name: (list(log.handlers), log.level, log.propagate) for name in names if (log := logging.getLogger(name))}
    configured = structlog.get_config()
    yield
    structlog.configure(**configured)
    logging.captureWarnings(False)
    root.handlers, logging.raiseExceptions = before[0], before[2]
    root.setLevel(before[1])
    sys.excepthook, threading.excepthook = before[3], before[4]
    for name, (handlers, level, propagate) in each.items():
        log = logging.getLogger(name)
        log.handlers, log.propagate = handlers, propagate
        log.setLevel(level)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def configured(level: str = "info") -> io.StringIO:
    stream = io.StringIO()
    logs.configure(stream, {logs.VARIABLE: level})
    return stream


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_is_one_json_object_with_a_utc_time() -> None:
    stream = configured()
    structlog.get_logger().info("batch", stage="intake", count=500, seconds=0.25)
    (line,) = lines(stream)
    assert line.pop("time").endswith("Z")
    assert line == {"event": "batch", "level": "info", "stage": "intake", "count": 500, "seconds": 0.25}


def test_a_terminal_gets_lines_for_people() -> None:
    stream = Terminal()
    logs.configure(stream, {})
    structlog.get_logger().info("batch", reason=f"来电 {PHONE}")
    assert "batch" in stream.getvalue()
    assert not stream.getvalue().startswith("{")
    assert PHONE not in stream.getvalue()


@pytest.mark.parametrize("text", PERSONAL)
@pytest.mark.parametrize("key", sorted(logs.WORDS | {"event"}))
def test_no_key_lets_personal_data_pass(key: str, text: str) -> None:
    stream = configured()
    given = {key: f"处理 {text} 时出错"}
    structlog.get_logger().info(given.pop("event", "failed"), **given)
    (line,) = lines(stream)
    assert text not in stream.getvalue()
    assert "[" in line[key], "the placeholder says what kind it was"


def test_keys_outside_the_list_are_left_out_and_counted() -> None:
    stream = configured()
    structlog.get_logger().info("failed", text="张三家里漏水", caller="张三", stage="intake")
    (line,) = lines(stream)
    assert "张三" not in stream.getvalue()
    assert line["dropped"] == 2
    assert line["stage"] == "intake"


def test_a_number_under_a_key_for_words_is_masked_and_a_structure_is_only_named() -> None:
    stream = configured()
    structlog.get_logger().info("failed", command=int(PHONE), reason={"phone": PHONE})
    (line,) = lines(stream)
    assert line["command"] == "[电话]"
    assert line["reason"] == "dict"


@pytest.mark.parametrize(
    "reason",
    [
        "failed to parse field [n] in document with id '1'. Preview of field's value: '张三说'水'漏了'",
        'number_format_exception For input string: "张三说\\"漏水\\""',
        "For input string: '张三",
        "来件 “张三家” 不对",
        f"record {'张三'.encode()!r} refused",
    ],
)
def test_what_is_quoted_is_taken_out(reason: str) -> None:
    stream = configured()
    structlog.get_logger().warning("held", reason=reason)
    assert "张三" not in stream.getvalue()
    assert r"\xe5" not in stream.getvalue()
    assert lines(stream)[0]["reason"].startswith(reason[:3])


def test_an_apostrophe_quotes_nothing() -> None:
    stream = configured()
    structlog.get_logger().warning("held", reason="can't reach the server")
    assert lines(stream)[0]["reason"] == "can't reach the server"


def test_a_place_stays_whole_though_it_looks_like_a_telephone_number_and_only_as_a_place() -> None:
    stream = configured()
    place = "commands-13-812345678"
    structlog.get_logger().info("failed", place=place, reason=place)
    structlog.get_logger().info("failed", place=f"来电-13-{PHONE}")
    first, second = lines(stream)
    assert first["place"] == place
    assert first["reason"] != place
    assert PHONE not in second["place"]


def test_of_an_error_only_class_and_place_are_kept() -> None:
    stream = configured()
    try:
        raise ValueError(f"张三 {PHONE}")
    except ValueError as error:
        structlog.get_logger().exception("failed")
        structlog.get_logger().error("failed", error=error)
    first, second = lines(stream)
    assert "张三" not in stream.getvalue()
    assert first["error"] == second["error"] == "ValueError"
    assert first["where"].startswith("test_logs.py:")


@pytest.mark.parametrize("name", ["faust.agents", "mode", "aiokafka.conn", "kafka", "elastic_transport.node", "unheard.of"])
def test_libraries_speak_through_the_same_at_warning(name: str) -> None:
    stream = configured("debug")
    foreign = logging.getLogger(name)
    foreign.info("joined group")
    foreign.warning("Crashed reason=%r for %s", ValueError(f"张三 {PHONE}"), "王五家漏水")
    (line,) = lines(stream)
    assert line["logger"] == name
    assert line["level"] == "warning"
    assert line["event"].startswith("Crashed reason=ValueError(")
    for personal in (PHONE, "张三", "王五"):
        assert personal not in stream.getvalue()


def test_a_library_that_logs_an_error_gives_no_traceback() -> None:
    stream = configured()
    try:
        raise RuntimeError(f"来电 {PHONE}")
    except RuntimeError:
        logging.getLogger("faust").exception("Unexpected")
    (line,) = lines(stream)
    assert (line["event"], line["error"]) == ("Unexpected", "RuntimeError")
    assert PHONE not in stream.getvalue()


def test_a_library_with_a_handler_and_a_level_of_its_own_loses_both() -> None:
    beside = io.StringIO()
    faust = logging.getLogger("faust")
    faust.addHandler(logging.StreamHandler(beside))
    faust.setLevel(logging.DEBUG)
    below = logging.getLogger("faust.transport")
    below.propagate = False
    below.setLevel(logging.DEBUG)
    stream = configured()
    for logger in (faust, below):
        logger.info("chatter")
        logger.warning("trouble")
    assert beside.getvalue() == ""
    assert [line["logger"] for line in lines(stream)] == ["faust", "faust.transport"]


def test_a_message_that_does_not_fit_its_arguments_is_not_printed(capsys: pytest.CaptureFixture[str]) -> None:
    stream = configured()
    logging.getLogger("kafka").warning("sent %s %s", PHONE)  # noqa: PLE1206 - the fault in question
    assert PHONE not in stream.getvalue() + capsys.readouterr().err


def test_python_warnings_and_uncaught_errors_come_the_same_way() -> None:
    stream = configured()
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn(f"call {PHONE}", UserWarning, stacklevel=1)
    error = ValueError(f"来电 {PHONE}")
    sys.excepthook(ValueError, error, None)

    def fail() -> None:
        raise error

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    said = lines(stream)
    assert PHONE not in stream.getvalue()
    assert [line["event"] for line in said[-2:]] == ["uncaught", "uncaught"]
    assert said[0]["logger"] == "py.warnings"
    assert said[-1]["where"].endswith("fail")


def test_the_level_comes_from_the_environment() -> None:
    stream = configured("warning")
    structlog.get_logger().info("chatter")
    structlog.get_logger().warning("trouble")
    assert [line["event"] for line in lines(stream)] == ["trouble"]
    with pytest.raises(ContractError, match="loud"):
        logs.configure(io.StringIO(), {logs.VARIABLE: "loud"})


def test_a_long_text_is_cut_after_it_was_masked() -> None:
    stream = configured()
    structlog.get_logger().info("failed", reason="漏" * (logs.LENGTH - 6) + PHONE)
    (line,) = lines(stream)
    assert len(line["reason"]) <= logs.LENGTH
    assert PHONE[:6] not in line["reason"]
