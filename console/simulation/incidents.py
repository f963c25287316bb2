"""Incidents of a simulated city over time, and who reports them through which channel.

Rates follow the hour of the day and the day of the week; what depends on the season is more frequent in its months. An incident
is seen by one or by many; some of them call again, some report it through another channel, some correct what they sent.
"""

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from city.pack import CityPack
from console.simulation.lines import Line, Truth, report_line
from console.simulation.matters import Matter, matters, voices
from console.simulation.places import Expression, Places, Said, Spot
from console.simulation.writing import Writer
from schemas.words import Channel

BY_HOUR: Final = (
    0.25, 0.15, 0.1, 0.1, 0.12, 0.3, 0.7, 1.2, 1.9, 2.1, 1.9, 1.5,
    1.1, 1.2, 1.6, 1.7, 1.6, 1.4, 1.3, 1.3, 1.2, 1.0, 0.7, 0.4,
)  # fmt: skip
"""How many times the mean rate each hour of the day has."""
BY_DAY: Final = (1.15, 1.1, 1.05, 1.05, 1.0, 0.85, 0.8)
"""Monday first."""
CHANNELS: Final = {Channel.HOTLINE: 0.55, Channel.MESSAGE: 0.27, Channel.GRID: 0.18}
AGAIN: Final = 0.12
"""Share of callers who ask again."""
CORRECTED: Final = 0.02
COPIED: Final = 0.35
"""Share of those who report what others have reported that use the others' words."""
SURNAMES: Final = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕张孔曹严华金魏陶姜"


@dataclass(frozen=True, slots=True)
class Incident:
    """One thing that went wrong."""

    name: str
    matter: Matter
    spot: Spot
    at: datetime
    days: int


@dataclass(frozen=True, slots=True)
class Caller:
    """An invented person: surname and title, and a number from a range that is nobody's."""

    name: str
    phone: str
    account: str


class City:
    """Draws incidents and their reports from one seed. The same seed, pack and span give the same lines."""

    def __init__(self, pack: CityPack, seed: int) -> None:
        self._pack = pack
        self._dice = random.Random(seed)
        self._seed = seed
        self._matters = matters(pack)
        self._places = Places(pack, voices().homophones)
        self._writer = Writer(voices())
        self._incidents = 0
        self._reports = 0
        self._passed_round: dict[tuple[str, str], tuple[str, str, Expression]] = {}

    def lines(self, start: datetime, hours: float, rate: float) -> Iterator[Line]:
        """Not in order of time. rate: reports an hour, on average over a week."""
        dice, seen = self._dice, 0.0
        for hour in range(math.ceil(hours)):
            begin = start + timedelta(hours=hour)
            share = min(1.0, hours - hour)
            wanted = rate * share * BY_HOUR[begin.hour] * BY_DAY[begin.weekday()] / _MEAN
            seen -= _poisson(dice, wanted)
            while seen < 0:
                at = begin + timedelta(seconds=dice.uniform(0, 3600 * share))
                reports = list(self.reports_of(self.incident(at)))
                seen += len(reports)
                yield from reports

    def incident(self, at: datetime, matter: Matter | None = None, spot: Spot | None = None) -> Incident:
        """A new one."""
        dice = self._dice
        self._incidents += 1
        if matter is None:
            weights = [m.weight * m.months.get(at.month, 1.0) * self._by_night(m, at) for m in self._matters]
            matter = dice.choices(self._matters, weights)[0]
        days = dice.choice((0, 0, 0, 1, 2, 3, 5, 7, 10, 15, 30)) if matter.urgency == "normal" else 0
        place = spot or self._places.spot(dice, matter.where)
        return Incident(f"i{self._seed}-{self._incidents}", matter, place, at, days)

    def matter(self, code: str) -> Matter:
        """By its category. Raises KeyError."""
        return {matter.code: matter for matter in self._matters}[code]

    def reports_of(self, incident: Incident, most: int | None = None) -> Iterator[Line]:
        """The first report, those of others who see it, and those who ask again."""
        dice, spread = self._dice, most or incident.matter.spread
        people = 1 if spread == 1 else min(spread, 1 + int(dice.expovariate(2.2 / spread)))
        at, seen = incident.at, False
        for number in range(people):
            channel = dice.choices(list(CHANNELS), list(CHANNELS.values()))[0]
            if channel is Channel.GRID and seen:
                channel = Channel.HOTLINE  # a grid worker reports it once
            seen = seen or channel is Channel.GRID
            at = incident.at if number == 0 else incident.at + timedelta(minutes=dice.expovariate(1 / (20.0 + 4 * spread)))
            yield from self._person(incident, channel, at)

    def _person(self, incident: Incident, channel: Channel, at: datetime) -> Iterator[Line]:
        dice, caller = self._dice, self._caller()
        place = self._places.express(dice, incident.spot, Said.GRID if channel is Channel.GRID else None)
        if channel is Channel.GRID:
            place = self._by_grid(incident, place)
        first = self._report(incident, channel, at, caller, place)
        yield first
        if channel is Channel.GRID:
            return
        if dice.random() < CORRECTED:
            later = at + timedelta(minutes=dice.uniform(2, 40))
            yield self._report(incident, channel, later, caller, place, name=first.id, kind="revision")
        while dice.random() < AGAIN:
            at += timedelta(hours=dice.uniform(0.5, 9))
            yield self._report(incident, channel, at, caller, place, kind="urging")

    def _report(
        self,
        incident: Incident,
        channel: Channel,
        at: datetime,
        caller: Caller,
        place: Expression,
        name: str = "",
        kind: str = "report",
    ) -> Line:
        dice, matter = self._dice, incident.matter
        title, text, place = self._words(incident, channel, place)
        if kind == "urging":
            text = self._writer.urging(dice, matter, place)
            title = text[:16]
        self._reports += 1
        data: dict[str, Any] = {"title": title, "text": text}
        if channel is Channel.HOTLINE:
            data["caller"] = {"name": caller.name, "phone": caller.phone}
            if place.text and dice.random() < 0.4:
                data["address"] = place.text
        elif channel is Channel.MESSAGE:
            data |= {"user": caller.account, "platform": dice.choice(("app", "wechat", "web"))}
        else:
            data |= self._grid_fields(incident, place)
        if kind == "revision":
            data["revision"] = 2
        prefix = {Channel.HOTLINE: "HL", Channel.MESSAGE: "MSG", Channel.GRID: "GR"}[channel]
        truth = Truth(
            incident=incident.name,
            category=matter.code,
            urgency=matter.urgency,
            place=place.said.value,
            area=place.area,
            grid=place.grid,
            findable=place.findable,
            caller=caller.account,
            kind=kind,
        )
        return report_line(at, channel, name or f"{prefix}-{self._seed}-{self._reports:06d}", data, truth)

    def _words(self, incident: Incident, channel: Channel, place: Expression) -> tuple[str, str, Expression]:
        """Neighbours pass a text round, and each sends it as it is or with a word of their own: then its place is that text's."""
        dice, key = self._dice, (incident.name, channel.value)
        if key in self._passed_round and dice.random() < COPIED:
            title, text, place = self._passed_round[key]
            added = "" if dice.random() < 0.6 else dice.choice(("请重视。", "我家也是。", "拜托了。", "急!"))
            return title, text + added, place
        written = *self._writer.text(dice, channel, incident.matter, place, incident.days), place
        self._passed_round[key] = written
        return written

    def _by_grid(self, incident: Incident, place: Expression) -> Expression:
        """A grid worker's report names the grid by its code: that one of the place, else one of its community."""
        spot = incident.spot.place
        grid = spot.grid or next((g.code for g in self._pack.grids.values() if g.community == spot.area), None)
        if grid is None:
            return place
        community = self._pack.grids[grid].community
        return Expression(Said.GRID, place.text or spot.name, community, grid, findable=True)

    def _grid_fields(self, incident: Incident, place: Expression) -> dict[str, Any]:
        if place.grid is None:
            return {}
        grid = self._pack.grids[place.grid]
        events = [event for event, code in self._pack.grid_events.items() if code == incident.matter.code]
        fields: dict[str, Any] = {"grid": grid.code, "worker": f"w-{grid.code}", "level": 3, "source": "GRID_MEMBER"}
        if events:
            fields["event_type"] = events[0]
        if self._dice.random() < 0.6:
            fields["location"] = {"lon": round(grid.lon, 6), "lat": round(grid.lat, 6)}
        return fields

    def _caller(self) -> Caller:
        dice = self._dice
        number = dice.randrange(40_000)
        surname = SURNAMES[number % len(SURNAMES)]
        title = "先生" if number % 2 else "女士"
        return Caller(f"{surname}{title}", f"1380000{number % 10_000:04d}", f"u{self._seed}-{number}")

    def _by_night(self, matter: Matter, at: datetime) -> float:
        if not matter.night:
            return 1.0
        return 3.0 if at.hour >= 20 or at.hour < 6 else 0.4


def _poisson(dice: random.Random, mean: float) -> int:
    """Knuth's way for small means, the normal curve for large ones."""
    if mean > 60:
        return max(0, round(dice.gauss(mean, math.sqrt(mean))))
    product, count = dice.random(), 0
    while product > math.exp(-mean):
        product *= dice.random()
        count += 1
    return count


_MEAN: Final = sum(BY_HOUR) / 24 * sum(BY_DAY) / 7
