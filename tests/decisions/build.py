"""Composes the reports: `python -m tests.decisions.build [FOLDER]` writes dev and held_out, rows and truth, always the same.

The truth's lead is resolved from the duty list at the true area. It is null when a person has to decide: the place is not known
finely enough for a territorial duty, several duty items of the nearest level remain, two equal matters have not the same lead,
or there is no duty item. `also` is the category of a second, equal matter: with the same lead either is right.
"""

import json
import sys
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, Final
from zoneinfo import ZoneInfo

from city.pack import CityPack, load_pack
from tests.decisions import frames
from tests.decisions.places import Places, Wording
from tests.decisions.statements import Statement, read_statements

SAMPLE: Final = Path(__file__).parents[2] / "city" / "sample"
BUILT: Final = Path(__file__).parent
SHARES: Final = {
    "held_out": {"hotline": 900, "message": 600, "grid": 350, "camera": 150},
    "dev": {"hotline": 360, "message": 240, "grid": 140, "camera": 60},
}
SEED: Final = {"held_out": 20260501, "dev": 20260401}
COMMON: Final = frozenset(
    {
        "010101",
        "010201",
        "010401",
        "010501",
        "010503",
        "020101",
        "020201",
        "020301",
        "030101",
        "030102",
        "030201",
        "040101",
        "040103",
        "040106",
        "040107",
        "050101",
        "050103",
        "060101",
        "060103",
        "070101",
        "080101",
        "090101",
        "100101",
        "100102",
        "100105",
    }
)
"""Categories that fill a hotline; drawn three times as often."""
BEGIN: Final = datetime(2026, 4, 1, 0, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
SECONDS: Final = 61 * 24 * 3600 - 1
LOOSE_TYPES: Final = ("安全隐患", "矛盾纠纷", "治安事件", "困难帮扶")
"""Types a hurried grid worker ticks for anything."""
CAMERA: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "机动车违停": (("", "?"), ("车辆压占步道停放", "Q068"), ("行车道内车辆长时间停留", "Q067")),
    "漂浮物": (("", "Q048"), ("水面有异物聚集", "Q048")),
}
"""What a camera's note adds, and the duty item that a person then sees."""


@dataclass(frozen=True, slots=True)
class Case:
    """One report and what a person knows of it."""

    row: dict[str, Any]
    truth: dict[str, Any]


def build(part: str, pack: CityPack) -> list[Case]:
    random = Random(SEED[part])
    return _Composer(part, pack, random).cases()


def true_lead(pack: CityPack, category: str | None, duty: str, area: str | None) -> str | None:
    """The one unit that must have it, None when a person has to decide."""
    items = pack.duty_items_for(category) if category else ()
    nearest = tuple(item for item in items if category in item.categories) or items
    if duty == "?" or not nearest:
        return None
    if duty:
        nearest = tuple(item for item in nearest if item.code == duty)
        if not nearest:
            raise ValueError(f"{duty} is no duty item for {category}: correct the head in tests/decisions/statements")
    unit = pack.resolve(nearest[0].lead, area) if len(nearest) == 1 else None
    return unit.code if unit else None


class _Composer:
    def __init__(self, part: str, pack: CityPack, random: Random) -> None:
        self._part, self._pack, self._random = part, pack, random
        self._places = Places(pack, random)
        self._spoken, self._grid = read_statements(part)
        self._count = 0

    def cases(self) -> list[Case]:
        counts = SHARES[self._part]
        drawn = self._draw(counts["hotline"] + counts["message"])
        worded = [self._worded("hotline", s) for s in drawn[: counts["hotline"]]]
        worded += [self._worded("message", s) for s in drawn[counts["hotline"] :]]
        grid = [self._grid_report() for _ in range(counts["grid"])]
        return worded + grid + [self._camera() for _ in range(counts["camera"])]

    def _draw(self, count: int) -> list[Statement]:
        """Every statement in turn, those of common categories and without category and long ones more often."""
        pool = [s for s in self._spoken for _ in range(self._turns(s))]
        drawn: list[Statement] = []
        while len(drawn) < count:
            self._random.shuffle(pool)
            drawn += pool
        return drawn[:count]

    @staticmethod
    def _turns(statement: Statement) -> int:
        return 3 if statement.category in COMMON or statement.difficulty in ("vague", "off_list", "long") else 1

    def _worded(self, channel: str, statement: Statement) -> Case:
        place = self._places.draw(statement.kinds)
        in_address = bool(place.words) and self._random.random() < 0.25
        said = Wording() if in_address else place
        frame = frames.hotline if channel == "hotline" else frames.message
        title, text = frame(statement.text, said, self._part, self._random)
        row = self._row(channel, place, title, frames.noisy(text, self._random))
        if in_address:
            row["address"] = place.words
        if channel == "hotline" and self._random.random() < 0.3:
            row["caller"] = {"name": "测试甲", "phone": f"1380000{self._random.randrange(10000):04d}"}
        return self._case(row, statement, place, statement.difficulty)

    def _grid_report(self) -> Case:
        own = self._random.random() < 0.65
        if own:
            statement = self._random.choice(self._grid)
        else:
            statement = self._random.choice([s for s in self._spoken if s.kinds != "n" and s.difficulty == "plain"])
        place = self._grid_place(statement)
        row = self._row("grid", place, "", frames.grid(statement.text, place, self._part, self._random))
        kind, difficulty = self._event_type(statement, own)
        if kind:
            row["event_type"] = kind
        return self._case(row, statement, place, difficulty)

    def _grid_place(self, statement: Statement) -> Wording:
        roll = self._random.random()
        if roll < 0.7:
            return self._places.by_grid()
        return self._places.by_point() if roll < 0.85 else self._places.draw(statement.kinds or "e")

    def _event_type(self, statement: Statement, own: bool) -> tuple[str | None, str]:
        fitting = [kind for kind, category in self._pack.grid_events.items() if category == statement.category]
        roll = self._random.random()
        if own and fitting and roll < 0.8:
            return self._random.choice(fitting), "plain"
        loose = [kind for kind in LOOSE_TYPES if kind not in fitting]
        return (self._random.choice(loose), "loose_type") if roll < 0.88 else (None, "no_type")

    def _camera(self) -> Case:
        label = self._random.choice(list(self._pack.camera_classes))
        note, duty = self._random.choice(CAMERA.get(label, (("", ""), ("算法自动识别,待核实", ""))))
        roll = self._random.random()
        if roll < 0.7:
            place = self._places.by_point()
        elif roll < 0.8:
            place = self._places.by_grid()
        else:
            place = self._places.draw("r,m,p") if roll < 0.92 else Wording()
        title = f"{label}告警" if self._random.random() < 0.5 else ""
        row = self._row("camera", place, title, note)
        left, top = round(self._random.uniform(0.05, 0.5), 3), round(self._random.uniform(0.05, 0.5), 3)
        row |= {
            "device": f"99010200001320{self._random.randrange(10**6):06d}",
            "alarm_class": label,
            "score": round(self._random.uniform(0.55, 0.99), 2),
            "box": {"x1": left, "y1": top, "x2": round(left + 0.3, 3), "y2": round(top + 0.25, 3)},
            "dwell_seconds": float(self._random.randrange(30, 1800)),
        }
        if place.words:
            row["address"] = place.words
        return self._case(row, Statement(note, self._pack.camera_classes[label], None, duty, "", "camera"), place, "camera")

    def _row(self, channel: str, place: Wording, title: str, text: str) -> dict[str, Any]:
        self._count += 1
        moment = BEGIN + timedelta(seconds=self._random.randint(0, SECONDS))
        row: dict[str, Any] = {"id": f"{self._part}-{channel}-{self._count:05d}", "channel": channel, "time": moment.isoformat()}
        row |= {"title": title.translate(frames.CHINESE), "text": text}
        if place.grid:
            row["grid"] = place.grid
        if place.location:
            row["location"] = place.location
        return row

    def _case(self, row: dict[str, Any], statement: Statement, place: Wording, difficulty: str) -> Case:
        lead = true_lead(self._pack, statement.category, statement.duty, place.area)
        if statement.also and true_lead(self._pack, statement.also, statement.duty, place.area) != lead:
            lead = None
        district = self._pack.district_of(place.area)
        truth = {
            "id": row["id"],
            "channel": row["channel"],
            "category": statement.category,
            "also": statement.also,
            "lead": lead,
            "district": district.code if district else None,
            "place_kind": place.kind,
            "difficulty": difficulty,
        }
        return Case(row, truth)


def write(folder: Path, pack: CityPack) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for part in SHARES:
        cases = build(part, pack)
        for name, lines in ((f"{part}.jsonl", [c.row for c in cases]), (f"{part}.truth.jsonl", [c.truth for c in cases])):
            text = "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines)
            (folder / name).write_text(text, "utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else BUILT, load_pack(SAMPLE))
