"""Measures the decisions in process: `python -m tests.decisions.measure [--part held_out|dev] [--json]`.

A report counts as decided when its basis is `one_duty_item`, and as rightly decided when category and lead are the truth's. A
decision where a person should decide (no true lead) is wrong.
"""

import argparse
import hmac
import json
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from city.pack import CityPack, load_pack
from classifiers.pack_rules import PackClassifier
from intake.clean import CleanReport, Intake
from schemas.errors import ContractError
from schemas.words import Basis, Channel
from tests.decisions.build import SAMPLE, write

RECEIVED: Final = datetime(2026, 6, 1, tzinfo=UTC)
MOST_KINDS: Final = 30


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one report. `decided` holds for basis one_duty_item only; codes are the first proposals."""

    row: dict[str, Any]
    truth: dict[str, Any]
    basis: str
    category: str | None
    lead: str | None
    district: str | None
    slot: int | None

    @property
    def decided(self) -> bool:
        return self.basis == Basis.ONE_DUTY_ITEM

    @property
    def decidable(self) -> bool:
        return bool(self.truth["category"] and self.truth["lead"])

    @property
    def right_category(self) -> bool:
        return self.category is not None and self.category in (self.truth["category"], self.truth["also"])

    @property
    def right(self) -> bool:
        return self.decided and self.decidable and self.right_category and self.lead == self.truth["lead"]


def outcomes(part: str, pack: CityPack | None = None) -> list[Outcome]:
    """Every report of the part, built afresh, through intake and classification."""
    pack = pack or load_pack(SAMPLE)
    intake = Intake(pack, _keyed_hash, PackClassifier(pack))
    with TemporaryDirectory() as folder:
        write(Path(folder), pack)
        rows, truths = (_lines(Path(folder) / name) for name in (f"{part}.jsonl", f"{part}.truth.jsonl"))
    return [_outcome(row, truth, intake, pack) for row, truth in zip(rows, truths, strict=True)]


def summary(found: list[Outcome]) -> dict[str, Any]:
    """Counts and shares; a share is null when nothing could have earned it."""
    decidable = [o for o in found if o.decidable]
    decided = [o for o in found if o.decided]
    wrong = [o for o in decided if not o.right]
    in_district = [o for o in found if o.truth["district"]]
    return {
        "reports": len(found),
        "with_true_lead": len(decidable),
        "decided": len(decided),
        "decided_share": _share(len(decided), len(found)),
        "right": len(decided) - len(wrong),
        "right_share": _share(len(decided) - len(wrong), len(decidable)),
        "wrong": len(wrong),
        "wrong_share": _share(len(wrong), len(decided)),
        "wrong_category": sum(not o.right_category for o in wrong),
        "wrong_lead_only": sum(o.right_category and bool(o.truth["lead"]) for o in wrong),
        "wrong_for_a_person": sum(o.right_category and not o.truth["lead"] for o in wrong),
        "first_category_right_share": _share(
            sum(o.right_category for o in found if o.truth["category"]),
            sum(bool(o.truth["category"]) for o in found),
        ),
        "district_right_share": _share(sum(o.district == o.truth["district"] for o in in_district), len(in_district)),
        "district_invented": sum(bool(o.district) for o in found if not o.truth["district"]),
        "slots": dict(sorted(Counter(o.slot for o in found if o.slot is not None).items())),
        "refused": sum(o.basis == "refused" for o in found),
        "abstained": dict(Counter(o.basis for o in found if not o.decided).most_common()),
        "abstained_with_true_lead": dict(Counter(o.basis for o in decidable if not o.decided).most_common()),
    }


def report(part: str, found: list[Outcome]) -> dict[str, Any]:
    channels = {channel.value: summary([o for o in found if o.row["channel"] == channel.value]) for channel in Channel}
    return {"part": part, "all": summary(found), **channels, "wrong_kinds": wrong_kinds(found), "weakest": weakest(found)}


def wrong_kinds(found: list[Outcome]) -> list[dict[str, Any]]:
    """The most frequent kinds of wrong decision with up to three ids."""
    kinds: defaultdict[tuple[str, str], list[Outcome]] = defaultdict(list)
    for o in found:
        if o.decided and not o.right:
            truth = f"{o.truth['category'] or o.truth['difficulty']}{'' if o.truth['lead'] else ' (person)'}"
            kinds[truth, str(o.category)].append(o)
    ranked = sorted(kinds.items(), key=lambda item: (-len(item[1]), item[0]))[:MOST_KINDS]
    return [{"truth": t, "decided": d, "count": len(os), "ids": [o.row["id"] for o in os[:3]]} for (t, d), os in ranked]


def weakest(found: list[Outcome]) -> list[dict[str, Any]]:
    """Categories with most reports that have a true lead and were not decided rightly."""
    total = Counter(o.truth["category"] for o in found if o.decidable)
    missed = Counter(o.truth["category"] for o in found if o.decidable and not o.right)
    return [{"category": code, "missed": count, "of": total[code]} for code, count in missed.most_common(MOST_KINDS)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", choices=["held_out", "dev"], default="held_out")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    figures = report(given.part, outcomes(given.part))
    if given.json:
        print(json.dumps(figures, ensure_ascii=False, indent=1))
    else:
        _print(figures)


def _print(figures: dict[str, Any]) -> None:
    names = ["all", *(channel.value for channel in Channel)]
    print(f"{figures['part']:28}" + "".join(f"{name:>10}" for name in names))
    for key, value in figures["all"].items():
        if not isinstance(value, dict):
            print(f"{key:28}" + "".join(f"{_cell(figures[name][key]):>10}" for name in names))
    for name in names:
        for key in ("slots", "abstained", "abstained_with_true_lead"):
            print(f"{name} {key}: {figures[name][key]}")
    for kind in figures["wrong_kinds"]:
        print(f"{kind['count']:4} {kind['truth']} -> {kind['decided']}  {', '.join(kind['ids'])}")
    weak = ", ".join(f"{w['category']} {w['missed']}/{w['of']}" for w in figures["weakest"])
    print(f"not rightly decided, by category: {weak}")


def _cell(value: float | None) -> str:
    return "-" if value is None else f"{value:.1%}" if isinstance(value, float) else str(value)


def _outcome(row: dict[str, Any], truth: dict[str, Any], intake: Intake, pack: CityPack) -> Outcome:
    channel = Channel(row["channel"])
    event = {
        "specversion": "1.0",
        "id": row["id"],
        "source": f"push/{channel.value}",
        "type": f"wentichi.report.{channel.value}.v1",
        "time": row["time"],
        "data": {key: value for key, value in row.items() if key not in ("id", "channel")},
    }
    try:
        clean = intake.clean(json.dumps(event, ensure_ascii=False).encode(), channel, RECEIVED)
    except ContractError:
        return Outcome(row, truth, "refused", None, None, None, None)
    return _of_clean(row, truth, clean, pack)


def _of_clean(row: dict[str, Any], truth: dict[str, Any], clean: CleanReport, pack: CityPack) -> Outcome:
    findings = clean.findings
    district = pack.district_of(findings.place.area)
    return Outcome(
        row=row,
        truth=truth,
        basis=str(findings.basis),
        category=findings.categories[0].code if findings.categories else None,
        lead=findings.units[0].unit if findings.units else None,
        district=district.code if district else None,
        slot=clean.slot,
    )


def _keyed_hash(kind: str, value: str) -> str:
    return hmac.new(b"measure", f"{kind}\n{value}".encode(), "sha256").hexdigest()


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


if __name__ == "__main__":
    main()
