"""Controls that must fail: whatever is changed in documents or log, the audit finds it and names the place."""

import hashlib
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import orjson
import pytest

from faults.whole import opened
from pool.reconcile import reconcile
from streams.local.home import POOL_FILE

EVENTS = "select sequence, line, version from events where aggregate = (select row from aggregates where id = ?) order by version"
_EVENT = "update events set line = ? where sequence = ?"


@pytest.fixture
def pool(copied: Path):
    """The pool file of a copy, opened behind the application's back."""
    with closing(sqlite3.connect(copied / POOL_FILE, isolation_level=None)) as connection:
        yield connection


@pytest.fixture
def faults(copied) -> Callable[[], list[str]]:
    """What the comparison behind `audit verify` and `pool reconcile` finds."""

    def look() -> list[str]:
        with opened(copied) as home:
            return reconcile(home.store, home.vault.keys, home.pack).faults

    return look


def test_an_untouched_pool_passes(copied, faults, here):
    assert faults() == []
    for command in (("audit", "verify"), ("pool", "reconcile")):
        said = here(*command)
        assert said.status == 0
        assert "不符 0 处" in said.out


def test_both_commands_fail_with_the_faults_that_were_found(pool, faults, here):
    problem, _ = a_problem(pool)
    pool.execute("update states set json = null where id = ?", (problem,))
    expected = faults()
    for command in (("audit", "verify"), ("pool", "reconcile")):
        for_programs = here(*command, "--json")
        assert for_programs.status == 1
        assert orjson.loads(for_programs.out)["faults"] == expected
        for_people = here(*command)
        assert for_people.status == 1
        assert problem in for_people.out


def a_problem(pool, least: int = 3) -> tuple[str, int]:
    """(id, version) of a problem with at least so many events."""
    return pool.execute("select id, version from aggregates where version >= ? order by id limit 1", (least,)).fetchone()


def change_json(pool, table: str, column: str, where: str, value: object, change: Callable[[dict[str, Any]], None]) -> None:
    (blob,) = pool.execute(f"select {column} from {table} where {where} = ?", (value,)).fetchone()
    document = orjson.loads(blob)
    before = orjson.dumps(document)
    change(document)
    assert orjson.dumps(document) != before
    pool.execute(f"update {table} set {column} = ? where {where} = ?", (orjson.dumps(document), value))


def setting(**fields: Any) -> Callable[[dict[str, Any]], None]:
    return lambda document: document.update(fields)


def first(name: str, **fields: Any) -> Callable[[dict[str, Any]], None]:
    return lambda document: document[name][0].update(fields)


PROBLEM_FIELDS = {
    "state": setting(state="closed"),
    "category": setting(category="020101"),
    "urgency": setting(urgency="critical"),
    "order_number": setting(order_number="250301-003-0000001-2"),
    "area": setting(area="990103"),
    "registered": setting(registered="2020-01-01T00:00:00Z"),
    "members": first("members", caller="k000000000000000000000000"),
    "assignments": first("assignments", unit="c-jiaoyu"),
    "timers": first("timers", due="2030-01-01T00:00:00Z"),
    "version": setting(version=1),
    "absorbed": setting(absorbed=["p003-000000000000000000000000"]),
    "gone": setting(gone={"r00000000000000000000000000000000": "p003-000000000000000000000000"}),
}
REPORT_FIELDS = {
    "content": lambda document: document["content"].update(text="换了文字"),
    "category": setting(category="020101"),
    "lead": setting(lead="c-jiaoyu"),
    "units": setting(units=["c-jiaoyu"]),
    "caller": setting(caller="k000000000000000000000000"),
    "time": setting(time="2020-01-01T00:00:00Z"),
    "secret": setting(secret=True),
    "problem": setting(problem="p003-000000000000000000000000"),
    "erased": setting(erased=True),
}
CLAIM_FIELDS = {
    "problem": setting(problem="p003-000000000000000000000000"),
    "revision": setting(revision=9),
    "contents": setting(contents=[]),
    "mode": setting(mode="history"),
    "erased": setting(erased=True),
}


@pytest.mark.parametrize("name", PROBLEM_FIELDS)
def test_a_field_changed_in_a_problem_is_found(name, pool, faults):
    (problem,) = pool.execute(
        "select id from states where json_array_length(json, '$.timers') > 0 and json_array_length(json, '$.assignments') > 0"
    ).fetchone()
    change_json(pool, "states", "json", "id", problem, PROBLEM_FIELDS[name])
    (found,) = faults()
    assert problem in found
    assert name in found


@pytest.mark.parametrize("name", REPORT_FIELDS)
def test_a_field_changed_in_a_report_is_found(name, pool, faults):
    rid, report = pool.execute("select rid, id from ids where rid is not null limit 1").fetchone()
    change_json(pool, "documents", "json", "rid", rid, REPORT_FIELDS[name])
    (found,) = faults()
    assert report in found
    assert name in found


@pytest.mark.parametrize("name", CLAIM_FIELDS)
def test_a_field_changed_in_a_claim_is_found(name, pool, faults):
    (report,) = pool.execute("select id from ids where rid is not null limit 1").fetchone()
    change_json(pool, "ids", "claim", "id", report, CLAIM_FIELDS[name])
    (found,) = faults()
    assert report in found
    assert name in found


def test_a_missing_problem_is_found(pool, faults):
    problem, _ = a_problem(pool)
    pool.execute("update states set json = null where id = ?", (problem,))
    assert faults() == [f"问题 {problem} 缺文档"]


def test_a_missing_report_is_found(pool, faults):
    rid, report = pool.execute("select rid, id from ids where rid is not null limit 1").fetchone()
    pool.execute("delete from documents where rid = ?", (rid,))
    assert faults() == [f"来件 {report} 缺文档"]


def test_a_missing_claim_is_found(pool, faults):
    (report,) = pool.execute("select id from ids where rid is not null limit 1").fetchone()
    pool.execute("update ids set claim = null where id = ?", (report,))
    assert faults() == [f"登记 {report} 缺文档"]


@pytest.mark.parametrize("version", [1, 2, 3])
def test_a_byte_changed_in_an_event_is_found(version, pool, faults):
    problem, _ = a_problem(pool)
    sequence, line, _ = pool.execute(EVENTS, (problem,)).fetchall()[version - 1]
    changed = re.sub(rb'"actor":\{"id":"(.)', rb'"actor":{"id":"X', line, count=1)
    assert changed != line
    pool.execute(_EVENT, (changed, sequence))
    assert f"{problem} 第 {version} 版事件与其哈希不符,内容或次序被改动过" in faults()


def test_any_single_byte_of_an_event_counts(pool, faults):
    problem, _ = a_problem(pool)
    sequence, line, _ = pool.execute(EVENTS, (problem,)).fetchall()[1]
    for place in range(0, len(line), max(1, len(line) // 12)):
        changed = bytearray(line)
        changed[place] ^= 1
        pool.execute(_EVENT, (bytes(changed), sequence))
        assert any(problem in fault and "第 2 版" in fault for fault in faults()), place


def test_an_event_removed_from_the_middle_is_found(pool, faults):
    problem, _ = a_problem(pool)
    sequence, _, _ = pool.execute(EVENTS, (problem,)).fetchall()[1]
    pool.execute("delete from events where sequence = ?", (sequence,))
    assert f"{problem} 缺第 2 版事件(下一条是第 3 版)" in faults()


def test_two_events_swapped_are_found(pool, faults):
    problem, _ = a_problem(pool)
    (one, one_line, _), (two, two_line, _) = pool.execute(EVENTS, (problem,)).fetchall()[1:3]
    pool.execute(_EVENT, (two_line, one))
    pool.execute(_EVENT, (one_line, two))
    assert any(problem in fault and "第 2 版" in fault for fault in faults())


def test_two_events_of_different_problems_swapped_are_found(pool, faults):
    (one, one_line, first_one), (two, two_line, second_one) = pool.execute(
        "select sequence, line, id from events e join aggregates a on a.row = e.aggregate where e.version = 1 limit 2"
    ).fetchall()
    pool.execute(_EVENT, (two_line, one))
    pool.execute(_EVENT, (one_line, two))
    found = faults()
    for problem in (first_one, second_one):
        assert any(problem in fault and "第 1 版" in fault for fault in found)


def test_the_last_event_cut_off_is_found(pool, faults):
    problem, version = a_problem(pool)
    sequence, _, _ = pool.execute(EVENTS, (problem,)).fetchall()[-1]
    pool.execute("delete from events where sequence = ?", (sequence,))
    expected = f"问题 {problem} 的文档是第 {version} 版,事件记录只到第 {version - 1} 版:末尾的事件被截去"
    assert expected in faults()


def test_the_only_event_of_a_problem_removed_is_found(pool, faults):
    (problem,) = pool.execute("select id from aggregates where version = 1 limit 1").fetchone()
    pool.execute("delete from events where aggregate = (select row from aggregates where id = ?)", (problem,))
    assert f"问题 {problem} 有文档而没有事件记录:事件被删去,或文档是伪造的" in faults()


def test_an_event_forged_with_its_chain_made_anew_is_found_and_never_taken_for_true(pool, faults, here):
    problem, version = a_problem(pool)
    previous = ""
    for number, (sequence, line, _) in enumerate(pool.execute(EVENTS, (problem,)).fetchall(), 1):
        event = orjson.loads(line)
        del event["hash"]
        event["previous"] = previous
        if number == version:
            event["actor"]["id"] = "somebody"
        bare = orjson.dumps(event)
        previous = hashlib.sha256(event["previous"].encode() + bare).hexdigest()
        pool.execute(_EVENT, (bare[:-1] + b',"hash":"' + previous.encode() + b'"}', sequence))
    (found,) = faults()
    assert problem in found
    assert f"第 {version} 版" in found
    assert here("pool", "reconcile", "--repair").status == 1
    assert faults() == [found]


def test_a_problem_that_was_made_up_is_found(pool, faults):
    (problem,) = pool.execute("select id from states where json is not null limit 1").fetchone()
    forged = "p003-" + "0" * 24
    pool.execute("insert into states select (select max(row) + 1 from states), ?, replace(json, ?, ?) from states where id = ?",
                 (forged, problem, forged, problem))  # fmt: skip
    pool.execute("insert into aggregates select ?, (select max(row) from states), 3, 1, 'waiting', null", (forged,))
    assert any(forged in fault for fault in faults())


def test_repair_mends_documents_and_says_so(pool, faults, here):
    problem, _ = a_problem(pool)
    (rid,) = pool.execute("select rid from ids where rid is not null order by id limit 1").fetchone()
    (claim,) = pool.execute("select id from ids where rid is not null order by id desc limit 1").fetchone()
    pool.execute("update states set json = null where id = ?", (problem,))
    pool.execute("delete from documents where rid = ?", (rid,))
    change_json(pool, "ids", "claim", "id", claim, setting(revision=9))
    assert len(faults()) == 3
    mended = here("pool", "reconcile", "--repair")
    assert mended.status == 0, mended.out
    assert "已修复 3 份" in mended.out
    assert faults() == []


def test_repair_never_touches_the_log(pool, faults, here):
    problem, _ = a_problem(pool)
    sequence, line, _ = pool.execute(EVENTS, (problem,)).fetchall()[1]
    pool.execute(_EVENT, (line.replace(b'"at":"2', b'"at":"3', 1), sequence))
    before = pool.execute("select * from events order by sequence").fetchall()
    mended = here("pool", "reconcile", "--repair", "--json")
    assert mended.status == 1
    assert any(problem in fault for fault in orjson.loads(mended.out)["faults"])
    assert pool.execute("select * from events order by sequence").fetchall() == before


def test_rebuild_refuses_a_broken_log_and_changes_nothing(pool, here):
    problem, _ = a_problem(pool)
    sequence, line, _ = pool.execute(EVENTS, (problem,)).fetchall()[1]
    pool.execute(_EVENT, (line.replace(b'"at":"2', b'"at":"3', 1), sequence))
    before = pool.execute("select * from states order by row").fetchall()
    said = here("pool", "rebuild")
    assert said.status == 2
    assert problem in said.err
    assert "audit verify" in said.err
    assert pool.execute("select * from states order by row").fetchall() == before
