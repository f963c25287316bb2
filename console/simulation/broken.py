"""Messages that no source should send and every source sends some day."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

import orjson

from console.simulation.lines import SOURCE, Line, bad_line
from schemas.cloudevent import event_type
from schemas.words import Channel

SHARE: Final = 0.004
"""Of all lines."""


def broken(dice: random.Random, start: datetime, hours: float, count: int) -> Iterator[Line]:
    """count lines, each wrong in a way of its own."""
    for number in range(count):
        at = start + timedelta(hours=dice.uniform(0, hours))
        channel = dice.choice(list(Channel))
        name = f"BAD-{number:04d}"
        yield bad_line(at, channel, name, _WAYS[number % len(_WAYS)](name, channel, at))


def _event(name: str, channel: Channel, at: datetime, **data: object) -> dict[str, object]:
    base = {"specversion": "1.0", "id": name, "source": SOURCE, "type": event_type(channel), "time": at.isoformat()}
    return base | {"data": {"title": "路灯不亮", "text": "门口的路灯不亮"} | data}


def _cut(name: str, channel: Channel, at: datetime) -> bytes:
    return orjson.dumps(_event(name, channel, at))[:-40]


def _no_json(name: str, _channel: Channel, _at: datetime) -> bytes:
    return f"编号:{name};内容:接口升级测试".encode()


def _gbk(name: str, channel: Channel, at: datetime) -> bytes:
    return orjson.dumps(_event(name, channel, at)).decode().encode("gbk", "replace")


def _no_words(name: str, channel: Channel, at: datetime) -> bytes:
    return orjson.dumps(_event(name, channel, at, title="", text=" ", device="", alarm_class=""))


def _of_tomorrow(name: str, channel: Channel, at: datetime) -> bytes:
    later = at.replace(year=2099)
    return orjson.dumps(_event(name, channel, at, time=later.isoformat(), device="9" * 20, alarm_class="违停", score=0.9))


def _wrong_type(name: str, channel: Channel, at: datetime) -> bytes:
    return orjson.dumps(_event(name, channel, at) | {"type": "cn.example.test"})


def _text_is_a_list(name: str, channel: Channel, at: datetime) -> bytes:
    return orjson.dumps(_event(name, channel, at, text=["路灯", "不亮"], score="很高"))


_WAYS: Final = (_cut, _no_json, _gbk, _no_words, _of_tomorrow, _wrong_type, _text_is_a_list)
