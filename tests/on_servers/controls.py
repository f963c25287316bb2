"""Controls that must fail: whatever is changed in documents or in the indexed log, a comparison finds it and names the place."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import orjson
from faults.whole import dump

from on_servers.replay import replayed, views_of
from on_servers.scenario import Figures, Scale, put_raw
from on_servers.served import Served
from on_servers.whole import differences, named, newest_views
from pool.elastic.mapping import CLAIMS, EVENTS, PROBLEMS, REPORTS
from schemas.words import DISPATCH_PREFIX
from streams.kafka.verify import verify
from streams.local.home import Home

Change = dict[str, dict[str, Any] | None]
"""Id -> the document to put in its place; None takes it away."""


def changes_are_found(served: Served, _scale: Scale) -> Figures:
    """On a pool that is whole, its workers gone. Every change is taken back before the next."""
    home = replayed(served.pool, served.folder / "controls", served.keys)
    try:
        theirs = dump(home)
        problem = max(served.pool.store.problems(served.pool.store.state_ids()).values(), key=lambda p: p.version)
        assert problem.version > 2
        report = problem.members[0].report
        urgent = _field(served, PROBLEMS, problem.id, "urgency", "critical")
        changes: dict[str, tuple[str, Change, str]] = {
            "a field of a problem": (PROBLEMS, urgent, f"{problem.id}.urgency"),
            "a problem is missing": (PROBLEMS, {problem.id: None}, f"{problem.id} only"),
            "a field of a report": (REPORTS, _field(served, REPORTS, report, "lead", "c-jiaoyu"), f"{report}.lead"),
            "a report is missing": (REPORTS, {report: None}, f"{report} only"),
            "a field of a claim": (CLAIMS, _field(served, CLAIMS, report, "revision", 9), f"{report}.revision"),
            "a claim is missing": (CLAIMS, {report: None}, f"{report} only"),
        }
        for name, (kind, change, place) in changes.items():
            assert differences(dump(served.pool)[kind], theirs[kind]) == [], name
            with _changed(served, kind, change):
                found = differences(dump(served.pool)[kind], theirs[kind])
                assert len(found) == 1, (name, found)
                assert found[0].startswith(place), (name, found)
        _assert_changed_view_is_found(served, home)
        lines = _lines_changed(served, problem.id, problem.version)
        for name, (change, version) in lines.items():
            assert _audit(served) == [], name
            with _changed(served, EVENTS, change):
                found = _audit(served)
                assert found, name
                assert f"{problem.id} 第 {version} 版" in found[0], (name, found)
        assert _audit(served) == []
    finally:
        home.close()
    return {"controls": len(changes) + 1 + len(lines)}


def _assert_changed_view_is_found(served: Served, home: Home) -> None:
    """Sent to the unit's topic, and the right one behind it again."""
    expected, views = named(views_of(home, served.keys)), newest_views(served)
    (unit, problem), view = min(views.items())
    assert differences(named(views), expected) == []
    for sent, places in ((view | {"order_number": "0"}, [f"{unit} {problem}.order_number"]), (view, [])):
        put_raw(served, DISPATCH_PREFIX + unit, [(0, problem.encode(), orjson.dumps(sent))])
        found = differences(named(newest_views(served)), expected)
        assert [place.partition(":")[0] for place in found] == places


def _audit(served: Served) -> list[str]:
    return verify(served.pool, pause=0.1).faults


def _field(served: Served, kind: str, id_: str, field: str, value: object) -> Change:
    source = served.pool.elastic.mget(kind, [id_])[id_]
    assert source["doc"][field] != value
    return {id_: source | {"doc": source["doc"] | {field: value}}}


def _lines_changed(served: Served, problem: str, last: int) -> dict[str, tuple[Change, int]]:
    """And the version that must be named first."""
    sources = served.pool.elastic.mget(EVENTS, [f"{problem}-{version}" for version in range(1, last + 1)])
    first, second, end = (f"{problem}-{version}" for version in (1, 2, last))
    changed = sources[second]["line"].replace('"actor":{"id":"', '"actor":{"id":"x', 1)
    assert changed != sources[second]["line"]
    assert orjson.loads(changed)
    swapped = {
        first: sources[first] | {"line": sources[second]["line"]},
        second: sources[second] | {"line": sources[first]["line"]},
    }
    return {
        "a line is changed": ({second: sources[second] | {"line": changed}}, 2),
        "a line is removed": ({second: None}, 2),
        "two lines are swapped": (swapped, 1),
        "the last line is cut off": ({end: None}, last),
    }


@contextmanager
def _changed(served: Served, kind: str, change: Change) -> Iterator[None]:
    """Behind the application's back, and back again."""
    before = served.pool.elastic.mget(kind, change)
    numbers = _numbers(served, kind, change)
    _put(served, kind, change, numbers)
    try:
        yield
    finally:
        _put(served, kind, {id_: before[id_] for id_ in change}, numbers)


def _numbers(served: Served, kind: str, ids: Change) -> dict[str, int]:
    """The versions that the documents stand under."""
    found = {}
    for id_ in ids:
        _, answer = served.pool.elastic.request("GET", f"/{served.pool.elastic.name(kind)}/_doc/{id_}")
        found[id_] = answer["_version"]
    return found


def _put(served: Served, kind: str, change: Change, numbers: dict[str, int]) -> None:
    index = served.pool.elastic.name(kind)
    external = kind != EVENTS
    for id_, source in change.items():
        rule = {"version": numbers[id_], "version_type": "external_gte"} if external else {}
        method, body = ("DELETE", None) if source is None else ("PUT", source)
        served.pool.elastic.request(method, f"/{index}/_doc/{id_}", body, params=rule)
    served.pool.elastic.refresh(kind)
