"""The client on a real broker: what has a receipt is there, what was not worked comes again, what is wrong is named."""

import logging
import re
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from pool_side import UNIT, Pool

from schemas.cloudevent import MAX_BYTES, parse, structured
from schemas.documents import UnitView
from schemas.identity import problem_id, report_id
from schemas.progress import parse_progress
from schemas.words import AssignmentState, Channel, Part, ProblemState
from wentichi import BadReport, Client, NoSuchTopic, Report, TooLarge

pytestmark = pytest.mark.slow

DISPATCH = f"dispatch.{UNIT}"
PROGRESS = f"progress.{UNIT}"
CHINESE = re.compile(r"[一-鿿]")


def number(index: int) -> str:
    return problem_id(3, str(index))


def view(index: int, version: int = 1, **changes: Any) -> bytes:
    base = UnitView(
        problem=number(index),
        version=version,
        order_number=f"260501-003-{index:07d}-6",
        unit=UNIT,
        part=Part.LEAD,
        assignment=AssignmentState.DISPATCHED,
        state=ProblemState.DISPATCHED,
        dispatched=datetime(2026, 5, 6, tzinfo=UTC),
    )
    return base.model_copy(update=changes).model_dump_json().encode()


def put(pool: Pool, *views: tuple[int, int]) -> None:
    for index, version in views:
        pool.put(DISPATCH, number(index), view(index, version))


def client(pool: Pool, **options: Any) -> Client:
    return Client(pool.address, namespace=pool.namespace, **options)


def got(pool: Pool, group: str = "", idle: float = 1.0) -> list[tuple[str, int]]:
    with client(pool) as one:
        return [(dispatch.problem, dispatch.version) for dispatch in one.dispatches(UNIT, group=group, idle=idle)]


# sending


def test_a_receipt_names_the_record_that_intake_will_read(pool: Pool) -> None:
    with client(pool) as one:
        receipt = one.send(channel="message", source="city-app", id="A-1", data={"text": "路灯不亮"}, time=datetime.now(UTC))
    (record,) = pool.read("intake.message")
    assert (receipt.topic, receipt.partition, receipt.offset) == (record.topic, record.partition, record.offset)
    assert receipt.key == record.key.decode() == report_id("city-app", "A-1")
    envelope, _ = parse(structured(record.value, record.headers), Channel.MESSAGE)
    assert (envelope.source, envelope.id) == ("city-app", "A-1")
    assert dict(record.headers) == {"content-type": b"application/cloudevents+json"}


def test_many_reports_all_arrive_and_the_receipts_are_in_their_order(pool: Pool) -> None:
    reports = [Report("grid", "grid", str(index), {"text": f"第 {index} 处"}) for index in range(3000)]
    with client(pool) as one:
        begun = time.monotonic()
        receipts = one.send_many(iter(reports))
        print(f"{len(reports) / (time.monotonic() - begun):.0f} reports/s")
    assert [receipt.key for receipt in receipts] == [report.number for report in reports]
    assert {record.key.decode() for record in pool.read("intake.grid")} == {report.number for report in reports}
    assert len({(receipt.partition, receipt.offset) for receipt in receipts}) == 3000


def test_the_same_report_goes_to_the_same_partition_so_that_its_revisions_keep_their_order(pool: Pool) -> None:
    with client(pool) as one:
        receipts = one.send_many([Report("grid", "grid", "7", {"text": f"第 {index} 版"}) for index in range(20)])
    assert len({receipt.partition for receipt in receipts}) == 1
    assert [receipt.offset for receipt in receipts] == sorted(receipt.offset for receipt in receipts)


def test_a_bad_report_among_many_stops_there_and_those_before_it_have_arrived(pool: Pool) -> None:
    reports = [Report("grid", "grid", name, {"text": "x"}) for name in ("1", "2", "", "4")]
    with client(pool) as one, pytest.raises(BadReport):
        one.send_many(reports)
    assert len(pool.read("intake.grid")) == 2


def test_a_topic_that_is_not_there_is_named_and_not_made(pool: Pool) -> None:
    before = pool.topics()
    with client(pool) as one:
        with pytest.raises(NoSuchTopic, match=r"intake\.hotline"):
            one.send(channel="hotline", source="s", id="1", data={"text": "x"})
        with pytest.raises(NoSuchTopic, match=r"dispatch\.nobody"):
            next(one.dispatches("nobody"))
        with pytest.raises(NoSuchTopic):
            next(one.dispatches("没有 这个"))
    assert pool.topics() == before


def test_a_report_that_only_the_record_around_it_makes_too_large_is_refused_as_such(pool: Pool) -> None:
    room = MAX_BYTES - len(Report("message", "s", "1", {"text": ""}).encode())
    with client(pool) as one:
        with pytest.raises(TooLarge):
            one.send(channel="message", source="s", id="1", data={"text": "x" * room})
        one.send(channel="message", source="s", id="1", data={"text": "x" * (room - 200)})
    assert len(pool.read("intake.message")) == 1


# following


def test_without_a_group_everything_comes_from_the_beginning_each_time(pool: Pool) -> None:
    put(pool, (1, 1), (2, 1), (1, 2))
    assert got(pool) == got(pool) == [(number(1), 1), (number(2), 1), (number(1), 2)]


def test_a_group_goes_on_where_it_was(pool: Pool) -> None:
    put(pool, (1, 1), (2, 1))
    assert len(got(pool, "g")) == 2
    put(pool, (3, 1))
    assert got(pool, "g") == [(number(3), 1)]
    assert len(got(pool, "other")) == 3


@pytest.mark.parametrize("error", [True, False], ids=["raises", "breaks out"])
def test_a_body_that_did_not_finish_gets_its_dispatch_again(pool: Pool, error: bool) -> None:
    put(pool, (1, 1), (2, 1), (3, 1))

    def work(one: Client) -> None:
        for dispatch in one.dispatches(UNIT, group="g", idle=5):
            if dispatch.problem == number(2):
                if error:
                    raise RuntimeError("the body's own")
                break

    with client(pool) as one:
        if error:
            with pytest.raises(RuntimeError, match="the body's own"):
                work(one)
        else:
            work(one)
    assert got(pool, "g") == [(number(2), 1), (number(3), 1)]


def test_a_view_older_than_one_already_given_is_passed_over(pool: Pool) -> None:
    put(pool, (1, 3), (1, 2), (2, 1), (1, 3), (1, 4), (1, 1))
    assert got(pool, "g") == [(number(1), 3), (number(2), 1), (number(1), 3), (number(1), 4)]
    assert got(pool, "g") == []


def test_a_tombstone_is_given_and_the_view_after_it_too_but_nothing_older(pool: Pool) -> None:
    put(pool, (1, 3))
    pool.put(DISPATCH, number(1), None)
    put(pool, (1, 2), (1, 3))
    with client(pool) as one:
        found = [(dispatch.version, dispatch.forgotten) for dispatch in one.dispatches(UNIT, idle=1.0)]
    assert found == [(3, False), (0, True), (3, False)]


def test_a_record_that_is_no_view_is_logged_and_does_not_stop_the_rest(pool: Pool, caplog: pytest.LogCaptureFixture) -> None:
    put(pool, (1, 1))
    pool.put(DISPATCH, number(2), b"{not json")
    put(pool, (3, 1))
    with caplog.at_level(logging.ERROR, "wentichi"):
        assert got(pool, "g") == [(number(1), 1), (number(3), 1)]
    assert f"{pool.topic(DISPATCH)}-0-1" in caplog.text
    assert got(pool, "g") == []


def test_what_comes_while_following_is_given_and_stop_ends_the_loop(pool: Pool) -> None:
    stop, found = threading.Event(), []

    def follow() -> None:
        with client(pool) as one:
            found.extend(dispatch.problem for dispatch in one.dispatches(UNIT, group="g", stop=stop))

    thread = threading.Thread(target=follow)
    thread.start()
    try:
        put(pool, (1, 1), (2, 1))
        wait(lambda: len(found) == 2 or not thread.is_alive(), 20)
    finally:
        stop.set()
        thread.join(20)
    assert not thread.is_alive()
    assert found == [number(1), number(2)]


def test_of_two_programs_with_one_group_one_works_and_the_other_takes_over(pool: Pool) -> None:
    put(pool, *((index, 1) for index in range(20)))
    worked: list[list[str]] = [[], []]
    stops = [threading.Event(), threading.Event()]

    def follow(which: int) -> None:
        with client(pool) as one:
            worked[which].extend(dispatch.problem for dispatch in one.dispatches(UNIT, group="g", stop=stops[which]))

    threads = [threading.Thread(target=follow, args=(which,)) for which in (0, 1)]
    try:
        threads[0].start()
        wait(lambda: len(worked[0]) == 20, 20)
        threads[1].start()
        for index in range(100, 140):  # until the group has given the unit to the other one, or for a while
            put(pool, (index, 1))
            wait(lambda: sum(map(len, worked)) == index - 79, 30)  # noqa: B023
            if worked[1]:
                break
        working = 1 if worked[1] else 0
        stops[working].set()
        threads[working].join(30)
        put(pool, (200, 1))
        wait(lambda: number(200) in worked[1 - working], 30)
    finally:
        for stop in stops:
            stop.set()
        for thread in threads:
            thread.join(30)
    assert len(set(worked[0] + worked[1])) == len(worked[0] + worked[1])


def test_idle_means_that_the_broker_had_nothing_more_not_that_the_body_was_slow(pool: Pool) -> None:
    put(pool, (1, 1), (2, 1), (3, 1))
    found = []
    with client(pool) as one:
        for dispatch in one.dispatches(UNIT, group="g", idle=0.3):
            time.sleep(0.6)
            found.append(dispatch.problem)
    assert found == [number(1), number(2), number(3)]


# answering


def test_answers_arrive_in_order_and_a_program_that_died_in_between_says_them_once(pool: Pool) -> None:
    put(pool, (1, 1))
    for _ in range(2):
        with client(pool) as one:
            for dispatch in one.dispatches(UNIT, group="g", idle=1.0):
                dispatch.sign(by="值班员")
                receipt = dispatch.reply("已修复")
                break
    records = pool.read(PROGRESS)
    steps = [parse_progress(record.value) for record in records]
    assert [step.action.value for step in steps] == ["sign", "reply", "sign", "reply"]
    assert [step.id for step in steps[:2]] == [step.id for step in steps[2:]]
    assert {record.key.decode() for record in records} == {number(1)} == {receipt.key}
    assert receipt.offset == records[-1].offset


def wait(done: Callable[[], bool], seconds: float) -> None:
    limit = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < limit, "not in time"
        time.sleep(0.05)
