"""Cameras of a simulated city: true incidents that alarm over and over, passers-by, and alarms of nothing."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from city.pack import CityPack
from console.simulation.lines import Line, Truth, report_line
from schemas.words import Channel

FALSE: Final = 2.5
"""Of each true incident, how many times an algorithm sees something that is not there or only passes by."""
EVERY: Final = (15.0, 90.0)
"""Seconds between two alarms of one thing."""
LASTS: Final = (12.0, 150.0)
"""Minutes that a true incident stands in the picture."""


class Cameras:
    """Cameras by their ids; where the pack lists none, one at each of some hundred grids."""

    def __init__(self, pack: CityPack, seed: int) -> None:
        self._pack = pack
        self._dice = random.Random(f"{seed} cameras")
        self._seed = seed
        self._classes = sorted(pack.camera_classes)
        self._cameras = _cameras(pack)
        self._count = 0
        self._incidents = 0

    def lines(self, start: datetime, hours: float, incidents: float) -> Iterator[Line]:
        """Not in order of time. incidents: true ones an hour."""
        dice = self._dice
        for _ in range(round(hours * incidents)):
            at = start + timedelta(hours=dice.uniform(0, hours))
            yield from self._true(at)
        for _ in range(round(hours * incidents * FALSE)):
            yield from self._false(start + timedelta(hours=dice.uniform(0, hours)))

    def _true(self, at: datetime) -> Iterator[Line]:
        dice = self._dice
        self._incidents += 1
        device, grid = dice.choice(self._cameras)
        label = dice.choice(self._classes)
        box, track = self._box(), f"t{self._incidents}" if dice.random() < 0.4 else None
        end, began = at + timedelta(minutes=dice.uniform(*LASTS)), at
        sure = dice.uniform(0.72, 0.95)
        while at < end:
            score = min(0.99, max(0.3, dice.gauss(sure, 0.06)))
            shown = _shaken(dice, box)
            dwell = (at - began).total_seconds() if dice.random() < 0.5 else None
            name = f"c{self._seed}-{self._incidents}"
            yield self._alarm(at, device, grid, label, score, shown, name, "alarm", track=track, dwell_seconds=dwell)
            at += timedelta(seconds=dice.uniform(*EVERY))

    def _false(self, at: datetime) -> Iterator[Line]:
        """A shadow, a car that stops at a light: a few unsure or short alarms."""
        dice = self._dice
        device, grid = dice.choice(self._cameras)
        label = dice.choice(self._classes)
        for _ in range(dice.choice((1, 1, 1, 2, 3))):
            yield self._alarm(at, device, grid, label, dice.uniform(0.2, 0.62), self._box(), "", "false_alarm", dwell_seconds=0.0)
            at += timedelta(seconds=dice.uniform(2, 20))

    def _alarm(
        self,
        at: datetime,
        device: str,
        grid: str,
        label: str,
        score: float,
        box: tuple[float, ...],
        incident: str,
        kind: str,
        **more: Any,
    ) -> Line:
        self._count += 1
        place = self._pack.grids[grid]
        data: dict[str, Any] = {"device": device, "alarm_class": label, "score": round(score, 3), "algorithm": "street-v3"}
        data |= {"location": {"lon": round(place.lon, 6), "lat": round(place.lat, 6)}}
        data |= {"box": dict(zip(("x1", "y1", "x2", "y2"), (round(side, 4) for side in box), strict=True))} | more
        truth = Truth(
            incident=incident,
            category=self._pack.camera_classes[label] if incident else None,
            place="point",
            area=place.community,
            grid=grid,
            findable=True,
            kind=kind,
        )
        return report_line(at, Channel.CAMERA, f"CAM-{self._seed}-{self._count:07d}", data, truth)

    def _box(self) -> tuple[float, float, float, float]:
        dice = self._dice
        width, height = dice.uniform(0.08, 0.35), dice.uniform(0.08, 0.35)
        x, y = dice.uniform(0, 1 - width), dice.uniform(0, 1 - height)
        return x, y, x + width, y + height


def _shaken(dice: random.Random, box: tuple[float, float, float, float]) -> tuple[float, ...]:
    """The same thing is never boxed twice alike."""
    x1, y1, x2, y2 = box
    across, down = (x2 - x1) * 0.06, (y2 - y1) * 0.06
    moved = (x1 + dice.gauss(0, across), y1 + dice.gauss(0, down), x2 + dice.gauss(0, across), y2 + dice.gauss(0, down))
    return tuple(min(1.0, max(0.0, side)) for side in moved)


def _cameras(pack: CityPack) -> list[tuple[str, str]]:
    """(device, grid)."""
    listed = [(camera.device, camera.grid) for camera in getattr(pack, "cameras", {}).values()]
    if listed:
        return listed
    grids = sorted(pack.grids)[:300]
    return [(f"99000000001320{number:06d}", grid) for number, grid in enumerate(grids)]
