"""What goes wrong in the simulated city, in sentences of its own (`matters.yaml`, `voices.yaml`)."""

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from city.pack import CityPack
from schemas.errors import PoolError

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Matter:
    """where: kinds of places where it happens. spread: how many people see one incident, at most.

    months: how many times as often. night: it is noticed at night. statements: clauses that can follow a place; details: what a
    longer text adds.
    """

    code: str
    weight: float
    where: tuple[str, ...]
    statements: tuple[str, ...]
    details: tuple[str, ...] = ()
    spread: int = 1
    night: bool = False
    urgency: str = "normal"
    months: dict[int, float] = field(default_factory=dict)
    camera: str = ""


@dataclass(frozen=True, slots=True)
class Voices:
    """How people talk. openings and closings by channel; the rest is put in between or changed."""

    openings: dict[str, tuple[str, ...]]
    closings: dict[str, tuple[str, ...]]
    feelings: tuple[str, ...]
    histories: tuple[str, ...]
    urgings: tuple[str, ...]
    fillers: tuple[str, ...]
    dialect: dict[str, str]
    mistyped: dict[str, str]
    homophones: dict[str, str]


def matters(pack: CityPack) -> tuple[Matter, ...]:
    """Those that the pack has a leaf for. Raises PoolError when it has none of them."""
    leaves = {category.code for category in pack.leaves()}
    known = tuple(matter for matter in _all() if matter.code in leaves)
    if not known:
        raise PoolError("模拟用的事情都不在这个城市配置包的类别里;请用示例市的配置包,或按其类别编码编写")
    return known


@cache
def _all() -> tuple[Matter, ...]:
    return tuple(_matter(row) for row in yaml.safe_load((FOLDER / "matters.yaml").read_text(encoding="utf-8")))


def _matter(row: dict[str, Any]) -> Matter:
    return Matter(
        code=str(row["code"]),
        weight=float(row.get("weight", 1)),
        where=tuple(row["where"]),
        statements=tuple(row["statements"]),
        details=tuple(row.get("details", ())),
        spread=int(row.get("spread", 1)),
        night=bool(row.get("night", False)),
        urgency=str(row.get("urgency", "normal")),
        months={int(month): float(times) for month, times in row.get("months", {}).items()},
        camera=str(row.get("camera", "")),
    )


@cache
def voices() -> Voices:
    """The ways of talking."""
    read = yaml.safe_load((FOLDER / "voices.yaml").read_text(encoding="utf-8"))
    return Voices(
        openings={channel: tuple(said) for channel, said in read["openings"].items()},
        closings={channel: tuple(said) for channel, said in read["closings"].items()},
        feelings=tuple(read["feelings"]),
        histories=tuple(read["histories"]),
        urgings=tuple(read["urgings"]),
        fillers=tuple(read["fillers"]),
        dialect=dict(read["dialect"]),
        mistyped=dict(read["mistyped"]),
        homophones=dict(read["homophones"]),
    )
