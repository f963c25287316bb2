"""Invented reports of all channels, as files that `wentichi push` takes, with what must become of every line."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from console.push_rows import row_of
from schemas.identity import report_id
from schemas.words import Channel, Mode, intake_topic
from streams.local.home import Home, transaction

PLACES = ("望江花园", "滨江华庭", "江畔人家", "码头新村", "航运家属院", "轮渡码头", "望江公园")
MATTERS = (
    ("家里水龙头不出水,整栋楼没水", "010101"),
    ("垃圾桶满了没人清运,气味很大", "020101"),
    ("楼道里有人飞线充电", "060103"),
    ("烧烤摊占道经营,油烟呛人", "020201"),
    ("路灯坏了,晚上看不清路", None),
    ("楼上半夜装修,吵得睡不着", None),
    ("下水道返水,污水流到路上", None),
    ("有人在路边乱堆杂物", None),
)
"""With the city's category code where the sender gives one, so that the dispatch does not hang on a classifier."""
CLASSES = ("暴露垃圾", "店外经营", "乱堆物料", "沿街晾晒")
REPEATED, REVISED, REDELIVERED, BAD, BLANK = 0.10, 0.06, 0.03, 0.02, 0.01


@dataclass
class Load:
    """One file. reports: id -> the text that must stand in the end. bad: one mark for every line that must be a dead letter."""

    channel: Channel
    lines: list[bytes] = field(default_factory=list)
    reports: dict[str, str] = field(default_factory=dict)
    bad: list[str] = field(default_factory=list)
    blank: int = 0

    def write(self, path: Path) -> Path:
        path.write_bytes(b"\n".join(self.lines) + b"\n")
        return path


def make_load(channel: Channel, count: int, seed: int = 1) -> Load:
    """`count` lines: new reports, repeats of the same caller, revisions (also out of order), redeliveries, bad and empty ones."""
    return _Maker(channel, seed).make(count)


class _Maker:
    def __init__(self, channel: Channel, seed: int) -> None:
        self._load = Load(channel)
        self._random = random.Random(f"{seed}-{channel.value}")
        self._prefix = f"{channel.value[0]}{seed}"
        self._rows: list[dict[str, Any]] = []

    def make(self, count: int) -> Load:
        kinds: list[tuple[float, Callable[[int], None]]] = [
            (REPEATED, self._repeated),
            (REVISED, self._revised),
            (REDELIVERED, self._redelivered),
            (BAD, self._bad),
            (BLANK, self._blank),
        ]
        for number in range(count):
            drawn = self._random.random()
            for share, add in kinds:
                if drawn < share and (self._rows or add in (self._bad, self._blank)):
                    add(number)
                    break
                drawn -= share
            else:
                self._new(number)
        return self._load

    def _new(self, number: int) -> None:
        minute = f"2025-03-{1 + number // 1440 % 28:02d}T{number // 60 % 24:02d}:{number % 60:02d}:00+08:00"
        row: dict[str, Any] = {"id": f"{self._prefix}-{number}", "time": minute}
        place, (matter, category) = self._random.choice(PLACES), self._random.choice(MATTERS)
        text = f"{place}{1 + number % 19}栋:{matter},这是第{number}次说,请派人来看看"
        if category:
            row["category"] = category
        match self._load.channel:
            case Channel.CAMERA:
                alarm = self._random.choice(CLASSES)
                row |= {"device": _camera(self._prefix, number), "alarm_class": alarm, "score": 0.9, "text": text}
            case Channel.GRID:
                row |= {"text": text, "worker": f"网格员-{number % 40:03d}", "level": 3}
            case Channel.MESSAGE:
                row |= {"title": text[:12], "text": text, "user": f"用户{self._prefix}{number}"}
            case Channel.HOTLINE:
                row |= {"title": matter[:8], "text": text, "address": place}
                row["caller"] = {"name": "来电人", "phone": f"138{abs(hash_of(self._prefix, number)) % 10**8:08d}"}
        self._rows.append(row)
        self._add(row)

    def _repeated(self, number: int) -> None:
        row = {**self._random.choice(self._rows[-200:]), "id": f"{self._prefix}-{number}r"}
        if "device" in row:  # the same camera's would be one more sight of what it reported
            row["device"] = _camera(f"{self._prefix}r", number)
        self._add(row)

    def _revised(self, number: int) -> None:
        """Revision 3 first and revision 2 behind it ends at 3."""
        index = self._random.randrange(max(0, len(self._rows) - 200), len(self._rows))
        row = self._rows[index]
        revision = int(row.get("revision", 1))
        newer = row | {"revision": revision + 2, "text": f"更正(第{number}行):" + row["text"][-30:]}
        self._rows[index] = newer
        self._add(newer)
        if number % 2:
            self._append(row | {"revision": revision + 1, "text": f"旧的更正(第{number}行)"})

    def _redelivered(self, number: int) -> None:
        self._append(self._random.choice(self._rows[-200:]))

    def _bad(self, number: int) -> None:
        mark = f"bad-{self._prefix}-{number}-end"
        row = {"id": mark, "time": "2025-03-01T08:00:00+08:00", "title": "坏行", "text": "坏行"}
        row |= {"device": "1", "alarm_class": "暴露垃圾"}
        lines = (
            f'{{"id": "{mark}", "title": '.encode(),
            orjson.dumps(row | {"score": 0.5, "time": "2099-01-01T00:00:00+08:00"}),
            orjson.dumps(row | {"score": 0.5, "text": {"mark": mark}}),
            b'{"id": "\xff\xfe' + mark.encode() + b'"}',
            orjson.dumps([row]),
            mark.encode(),
        )
        self._load.lines.append(lines[number % len(lines)])
        self._load.bad.append(mark)

    def _blank(self, number: int) -> None:
        self._load.lines.append(b"" if number % 2 else b"   ")
        self._load.blank += 1

    def _add(self, row: dict[str, Any]) -> None:
        self._load.reports[report_id(f"push/{self._load.channel.value}", row["id"])] = row["text"]
        self._append(row)

    def _append(self, row: dict[str, Any]) -> None:
        self._load.lines.append(orjson.dumps(row))


def _camera(prefix: str, number: int) -> str:
    """A camera of its own for every alarm: of one camera's alarms most would be observations."""
    return f"9901020000132{abs(hash_of(prefix, number)) % 10**7:07d}"


def hash_of(*parts: object) -> int:
    """A number that is the same in every process."""
    return int(report_id("load", "|".join(map(str, parts)))[1:13], 16)


def append_raw(home: Home, load: Load, at: datetime | None = None) -> None:
    """Put the load on its intake topic, as push does. at: when it arrived, if not now."""
    source = f"push/{load.channel.value}"
    rows = [row_of(line, load.channel, source, Mode.LIVE) for line in load.lines if line.strip()]
    with transaction(home.connection):
        home.log.append(intake_topic(load.channel).value, rows, at or home.clock.now())


def append_progress(home: Home, unit: str, step: dict[str, str]) -> None:
    """Put one step on the unit's topic."""
    with transaction(home.connection):
        home.log.append(f"progress.{unit}", [(step.get("problem"), orjson.dumps(step))], home.clock.now())
