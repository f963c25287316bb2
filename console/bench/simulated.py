"""What a pool makes of a simulated city, against the truth: places by kind of expression, alarms and incidents, nothing lost."""

import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from city.pack import CityPack, load_pack
from console.opening import open_local_home
from console.push_rows import in_chunks
from console.simulation.lines import Line
from console.simulation.places import Said
from console.simulation.simulate import push_lines, simulated
from schemas.documents import ReportDocument
from schemas.watch import Watch
from schemas.words import Channel
from streams.local.home import Home, pack_folder
from streams.local.session import Session

SURE = 0.85
"""Confidence from which a place counts as sure."""
START = (2026, 5, 6)


def measure(hours: float, rate: float, seed: int, alarms: float | None) -> dict[str, Any]:
    """Everything in a temporary embedded pool."""
    pack = load_pack(pack_folder())
    lines = simulated(pack, datetime(*START, tzinfo=pack.calendar.zone), hours, rate, seed, alarms=alarms)
    with tempfile.TemporaryDirectory(prefix="wentichi-simulated-") as folder, open_local_home(Path(folder), pack=pack) as home:
        with Session(home) as session:
            push_lines(session, lines)
        return {
            "lines": len(lines),
            "places": _places(home, pack, lines),
            "cameras": _cameras(home, lines),
            "kept": _kept(home, lines),
            "decisions": _decisions(home, lines),
        }


def _documents(home: Home, keys: Iterable[str]) -> dict[str, ReportDocument]:
    found: dict[str, ReportDocument] = {}
    for some in in_chunks(keys, 500):
        found |= home.store.report_documents(some)
    return found


def _newest(lines: Sequence[Line]) -> dict[str, Line]:
    """The last line of each report: a correction takes the place of what it corrects."""
    return {line.key: line for line in lines if line.key is not None}


def _places(home: Home, pack: CityPack, lines: Sequence[Line]) -> dict[str, Any]:
    """By kind: right (the very area, or finer inside it), coarser (round it), wrong, none; wrong grids at high confidence."""
    newest = _newest(lines).items()
    own = {key: line for key, line in newest if line.channel is not Channel.CAMERA and line.truth.kind != "urging"}
    documents = _documents(home, own)
    by_kind: defaultdict[str, Counter[str]] = defaultdict(Counter)
    grids: Counter[str] = Counter()
    for key, line in own.items():
        if key in documents:
            by_kind[line.truth.place][_judged(pack, line, documents[key])] += 1
            place = documents[key].findings.place
            if place.grid is not None and line.truth.grid is not None and place.confidence >= SURE:
                grids["right" if place.grid == line.truth.grid else "wrong"] += 1
    findable: Counter[str] = sum((found for kind, found in by_kind.items() if kind not in _UNFINDABLE), Counter())
    total = findable.total() or 1
    return {
        "by_kind": {kind: dict(found) | {"reports": found.total()} for kind, found in sorted(by_kind.items())},
        "findable": {"reports": findable.total()} | {name: round(findable[name] / total, 4) for name in _JUDGED},
        "sure_grids": dict(grids) | {"wrong_share": round(grids["wrong"] / (grids.total() or 1), 5)},
    }


_JUDGED = ("right", "coarser", "wrong", "none")
_UNFINDABLE = frozenset({Said.NOWHERE.value, Said.AMBIGUOUS.value, ""})


def _judged(pack: CityPack, line: Line, document: ReportDocument) -> str:
    found, true = document.findings.place.area, line.truth.area
    if found is None or true is None:
        return "none" if found is None else "wrong"
    found_path, true_path = pack.areas[found].path, pack.areas[true].path
    if found_path.startswith(true_path):
        return "right"
    return "coarser" if true_path.startswith(found_path) else "wrong"


def _cameras(home: Home, lines: Sequence[Line]) -> dict[str, Any]:
    """Incidents kept: those of which an alarm became a report, or waits for a person."""
    own = {line.key: line for line in lines if line.channel is Channel.CAMERA and line.key}
    reported = set(_documents(home, own))
    watches = [state for state in _states(home) if isinstance(state, Watch)]
    held = {track.held.report for watch in watches for track in watch.tracks if track.held is not None}
    true = {line.truth.incident for line in own.values() if line.truth.incident}
    kept = {own[key].truth.incident for key in reported | held if key in own} - {""}
    false = sum(1 for key in reported if own[key].truth.kind == "false_alarm")
    return {
        "alarms": len(own),
        "counted": sum(watch.alarms for watch in watches),
        "reports": len(reported),
        "false_reports": false,
        "asked_of_a_person": sum(watch.held for watch in watches),
        "fewer": round(1 - (len(reported) + sum(watch.held for watch in watches)) / (len(own) or 1), 4),
        "incidents": len(true),
        "incidents_kept": round(len(kept) / (len(true) or 1), 4),
    }


def _states(home: Home) -> Iterable[Any]:
    for some in in_chunks(home.store.state_ids(), 500):
        yield from home.store.states(some).values()


def _kept(home: Home, lines: Sequence[Line]) -> dict[str, int]:
    """Every report of a person once, every bad message a dead letter."""
    people = {line.key for line in lines if line.key and line.channel is not Channel.CAMERA}
    letters = len(home.store.dead_letters(limit=100_000))
    bad = sum(1 for line in lines if line.truth.kind == "bad")
    return {"reports": len(people), "missing": len(people - _documents(home, people).keys()), "bad": bad, "dead_letters": letters}


def _decisions(home: Home, lines: Sequence[Line]) -> dict[str, Any]:
    """Category of the first proposal against the truth, of people's first reports."""
    own = {k: line for k, line in _newest(lines).items() if line.channel is not Channel.CAMERA and line.truth.kind == "report"}
    documents = _documents(home, own)
    first = {key: found.findings.categories[0].code for key, found in documents.items() if found.findings.categories}
    right = sum(1 for key, code in first.items() if code == own[key].truth.category)
    return {"reports": len(own), "category_right": round(right / (len(own) or 1), 4), "no_category": len(own) - len(first)}
