"""The flooding case: stairwells and lift pits of an estate stand in water, and behind them is one broken fire pipe.

After the case of 鞍山 (32 buildings under water, found through the grid, closed in under three hours): grid workers of the third
level report building after building, residents call, the second level looks and sends up, the first-level grid head brings
the departments together; the first guess is a blocked drain, the cause is the pipe.
"""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from city.pack import CityPack
from city.terms import PlaceKind
from console.simulation.lines import Line, Truth, report_line
from schemas.words import Channel

INCIDENT: Final = "flooding"
BUILDINGS: Final = 32
LASTS: Final = timedelta(hours=2, minutes=40)

_THIRD = (
    "{place}{n}号楼一层楼道有积水,没过鞋面,电梯停在三楼没有动,电梯井里能听见水声。",
    "巡查{place}{n}栋,单元门口往里都是水,电梯底坑进水,已提醒居民走楼梯。",
    "{place}{n}号楼楼梯间积水约五公分,水是从地下室方向漫上来的。",
    "{place}{n}号楼楼道积水,电梯已断电,一楼两户门口垫了沙袋。",
)
_CALLS = (
    "我们{place}{n}号楼楼道里全是水,电梯也停了,楼上老人下不来,赶紧派人看看!",
    "{place}{n}栋一楼往里灌水,是不是下水道堵了,物业电话打不通。",
    "{place}{n}号楼电梯井进水了,有没有人管,会不会漏电啊。",
    "早上起来{place}{n}栋门厅就泡了,水还在涨,不知道哪来的。",
)
_SECOND = (
    "{place}现场:{k}栋楼道和电梯底坑进水,初步看像是排水管堵塞,已疏通雨水口但水位不降,"
    "物业说不是生活用水。请一级网格长协调。"
)
_FIRST = (
    "{place}{k}栋积水的原因找到:地下车库上方的消防主管破裂,消防水池的水一直往外流。"
    "已请消防、供水、物业和房产到场关阀抢修,排水车已调来。"
)
_LAST = (
    "{place}消防主管已更换,{k}栋楼道和电梯底坑的水已抽干,电梯逐台检验后恢复运行,楼道已消毒,"
    "全程不到三小时。"
)


def flooding(pack: CityPack, start: datetime, seed: int) -> Iterator[Line]:
    """In order of time. start: when the first stairwell is wet."""
    dice = random.Random(f"{seed} flooding")
    alone = [found[0] for found in pack.place_names.values() if len(found) == 1]
    estate = dice.choice([place for place in alone if place.kind is PlaceKind.ESTATE and place.grid])
    names = {code for code, leaf in pack.categories.items() if leaf.name in ("排水堵塞", "下水道堵塞", "小区积水", "道路积水")}
    category = min(names, default=None)
    at = start
    for number in range(1, BUILDINGS + 1):
        at += timedelta(seconds=dice.uniform(40, 200))
        told = dice.choice(_THIRD).format(place=estate.name, n=number)
        yield _grid(at, f"FL-{number:02d}", told, estate.grid, pack, 3, category)
        if dice.random() < 0.55:
            called = at + timedelta(minutes=dice.uniform(1, 12))
            text = dice.choice(_CALLS).format(place=estate.name, n=number)
            caller = {"name": "居民", "phone": f"1380001{number:04d}"}
            data = {"title": text[:18], "text": text, "caller": caller}
            yield report_line(called, Channel.HOTLINE, f"FLC-{number:02d}", data, _truth(estate.area, None, category))
    seen = at + timedelta(minutes=6)
    yield _grid(seen, "FL-second", _SECOND.format(place=estate.name, k=BUILDINGS), estate.grid, pack, 2, category)
    found = seen + timedelta(minutes=14)
    yield _grid(found, "FL-first", _FIRST.format(place=estate.name, k=BUILDINGS), estate.grid, pack, 1, category)
    yield _grid(start + LASTS, "FL-last", _LAST.format(place=estate.name, k=BUILDINGS), estate.grid, pack, 1, category)


def _grid(at: datetime, name: str, text: str, grid: str | None, pack: CityPack, level: int, category: str | None) -> Line:
    data: dict[str, Any] = {"title": text[:18], "text": text, "grid": grid, "worker": f"w-{grid}", "level": level}
    area = pack.grids[grid].community if grid else None
    return report_line(at, Channel.GRID, name, data, _truth(area, grid, category))


def _truth(area: str | None, grid: str | None, category: str | None) -> Truth:
    return Truth(INCIDENT, category, "urgent", "building", area, grid, findable=True)
