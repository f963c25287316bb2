"""What must hold of a pool on servers: compared with what was sent, with its own log, and with the embedded replay."""

import time
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import orjson
from faults.load import Load
from faults.whole import documents_of, dump, letters_of, opened_letters, problems_of

from on_servers.replay import read_topic, replayed, views_of
from pool.ports import StoredEvent
from pool.reconcile import reconcile
from schemas.aggregate import UNCOMPARED
from schemas.documents import ReportDocument
from schemas.problem import Problem
from schemas.words import DISPATCH_PREFIX, ProblemState, Topic
from streams.kafka.pool import ElasticPool
from streams.local.home import Home

if TYPE_CHECKING:
    from on_servers.served import Served

COMPARED = ("problems", "watches", "reports", "claims")
Documents = dict[str, dict[str, Any]]
Views = dict[tuple[str, str], dict[str, Any]]
"""(unit, problem) -> the newest view."""


def assert_loads(served: "Served", loads: Sequence[Load], other_letters: int) -> None:
    """Every report exactly once with its newest words; dead letters exactly the bad lines and so many others."""
    expected = {report: text for load in loads for report, text in load.reports.items()}
    documents = assert_once(served, expected)
    others = []
    for document in documents.values():
        assert document.erased == (document.content is None) == (document.id in served.erased), document.id
        if document.content is not None and document.content.text != expected[document.id]:
            others.append(f"{document.content.text!r} for {expected[document.id]!r}: {_story(served, document.id)}")
    assert others == [], f"{len(others)} texts: " + "\n".join(others[:3])
    marks = [mark for load in loads for mark in load.bad]
    letters = opened_letters(served.pool)  # type: ignore[arg-type]
    assert sum(any(mark.encode() in raw for mark in marks) for raw in letters) == len(marks)
    kinds = Counter(f"{letter.stage} {letter.kind}: {letter.reason}" for letter in letters_of(served.pool))  # type: ignore[arg-type]
    assert kinds.total() == len(marks) + other_letters, kinds.most_common(10)


def assert_once(served: "Served", expected: Collection[str]) -> dict[str, ReportDocument]:
    """These reports and no other: one document, one claim, and one problem that holds it."""
    problems, documents = problems_of(served.pool), documents_of(served.pool)  # type: ignore[arg-type]
    wrong = sorted(set(documents) ^ set(expected))
    assert not wrong, "\n".join(_story(served, report) for report in wrong[:3])
    claims = {claim for claim in served.pool.store.claim_ids() if claim.startswith("r")} ^ set(expected)
    assert not claims, sorted(claims)[:10]
    standing = [p for p in problems.values() if p.state is not ProblemState.MERGED]
    held = Counter(m.report for p in standing for m in p.members)
    assert held == Counter(list(expected)), [f"{name} held {held[name]} times" for name in expected if held[name] != 1][:10]
    for document in documents.values():
        assert document.id in {member.report for member in problems[document.problem].members}
    return documents


def assert_sound(served: "Served") -> None:
    """The log without gaps, every unit's newest view, no drift."""
    problems = problems_of(served.pool)  # type: ignore[arg-type]
    _assert_log(served)
    expected = {(a.unit, p.id): p.version for p in problems.values() for a in p.assignments}
    found = {place: view["version"] for place, view in newest_views(served).items()}
    assert found == expected, sorted(set(found.items()) ^ set(expected.items()))[:10]
    drift = reconcile(served.pool.store, served.pool.vault.keys, served.pack, settle=lambda: None).faults
    assert drift == [], "\n".join(map(str, drift[:10]))


def _assert_log(served: "Served") -> None:
    """Every version of every aggregate is in `events`, and what stands there twice is the same to the byte."""
    lines: dict[tuple[str, int], bytes] = {}
    for record in read_topic(served.pool, Topic.EVENTS.value):
        assert record.key is not None
        assert record.value is not None
        place = record.key, int(orjson.loads(record.value)["version"])
        assert lines.setdefault(place, record.value) == record.value
    states = served.pool.store.states(served.pool.store.state_ids())
    gaps = set(lines) ^ {(name, n) for name, state in states.items() for n in range(1, state.version + 1)}
    assert not gaps, sorted(gaps)[:10]


def newest_views(served: "Served") -> Views:
    """What each unit holds of each problem, having read its topic to the end."""
    topics = [name for name in served.topics.existing() if name.startswith(DISPATCH_PREFIX)]
    newest: Views = {}
    for record in read_topic(served.pool, *topics):
        if record.value is not None:
            newest[record.topic.removeprefix(DISPATCH_PREFIX), record.key or ""] = orjson.loads(record.value)
    return newest


def assert_equal_to_replay(served: "Served", *, but: Collection[str] = ()) -> int:
    """How many documents and views were compared; see compared_with_replay."""
    compared, found = compared_with_replay(served, but=but)
    assert found == [], "\n".join(found[:20])
    return compared


def compared_with_replay(served: "Served", *, but: Collection[str] = ()) -> tuple[int, list[str]]:
    """(how many documents and units' views, where they differ from the embedded replay of the recorded commands).

    but: reports that only this pool had trouble with. They, their claims and the problems that hold them are left out.
    """
    home = replayed(served.pool, served.folder / f"replay-{time.monotonic_ns()}", served.keys)
    try:
        ours, theirs = (_compared(pool, but) for pool in (served.pool, home))
        for side, views in ((ours, newest_views(served)), (theirs, views_of(home, served.keys))):
            side["views"] = named({place: view for place, view in views.items() if place[1] in side["problems"]})
        found = [f"{kind} {place}" for kind in ours for place in differences(ours[kind], theirs[kind])]
        if found:
            found.append(_told_apart(served, home, ours["problems"], theirs["problems"]))
    finally:
        home.close()
    return sum(map(len, ours.values())), found


def _compared(pool: ElasticPool | Home, but: Collection[str]) -> dict[str, Documents]:
    side = dump(pool) | {"watches": _watches(pool)}  # type: ignore[arg-type]
    left_out = {name for name, problem in side["problems"].items() if any(m["report"] in but for m in problem["members"])}
    left_out |= {*but}
    return {
        kind: {name: found for name, found in side[kind].items() if not {name, found.get("problem")} & left_out}
        for kind in COMPARED
    }


def _watches(pool: ElasticPool | Home) -> Documents:
    """Every aggregate that is no problem."""
    states = pool.store.states(pool.store.state_ids())
    return {
        name: state.model_dump(mode="json", exclude=set(UNCOMPARED))
        for name, state in states.items()
        if not isinstance(state, Problem)
    }


def named(views: Views) -> Documents:
    """By `<unit> <problem>`."""
    return {" ".join(place): view for place, view in views.items()}


def differences(ours: Documents, theirs: Documents) -> list[str]:
    """Every place where two sets of documents differ."""
    found = [f"{name} only on one side" for name in sorted(set(ours) ^ set(theirs))]
    for name in sorted(set(ours) & set(theirs)):
        fields = [key for key in ours[name] if ours[name][key] != theirs[name].get(key)]
        found += [f"{name}.{key}: {ours[name][key]!r} / {theirs[name].get(key)!r}"[:400] for key in fields]
    return found


# for a failing test


def _told_apart(served: "Served", home: Home, ours: dict[str, Any], theirs: dict[str, Any]) -> str:
    """Reports that are held by another problem here than in the replay, with their stories."""
    here, there = ({m["report"]: name for name, p in side.items() for m in p["members"]} for side in (ours, theirs))
    moved = sorted((r for r in here if here[r] != there.get(r)), key=lambda r: ours[here[r]]["members"][0]["received"])[:2]
    told = []
    for report in moved:
        told.append(f"here {here[report]}, replayed {there.get(report)}: {_story(served, report)}")
        told += [_log_of(served.pool.store.events_of(here[report])), _log_of(home.store.events_of(there.get(report, "")))]
    return "\n".join(told)


def _story(served: "Served", report: str) -> str:
    """What is known of a report."""
    store = served.pool.store
    claim = store.claims([report]).get(report)
    lines = [f"{report}: {claim!r}"]
    if claim is not None:
        lines += [f"{p.id} v{p.version} {p.state} {p.applied_to}" for p in store.problems([claim.problem]).values()]
    for record in read_topic(served.pool, Topic.COMMANDS.value):
        if report.encode() in (record.value or b""):
            fields = orjson.loads(record.value or b"{}")
            outcome = store.outcomes([fields["id"]])
            lines.append(f"{record.place} {fields['type']} {fields['id']} slot {fields['slot']} {outcome}")
    return "\n".join(lines)


def _log_of(events: Iterable[StoredEvent]) -> str:
    lines = []
    for stored in events:
        event = orjson.loads(stored.line)
        record = event.get("record") or {}
        what = record.get("report", event.get("report", "")), event.get("reason"), event.get("score"), event["origin"]
        lines.append(f"  {stored.aggregate} {stored.version} {event['type']} {what}")
    return "\n".join(lines)
