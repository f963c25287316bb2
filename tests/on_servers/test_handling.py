"""Handling on Kafka and Elasticsearch: the stories of tests/scenarios, and everything overdue after a restart and an outage.

Time cannot be played here. What is to be overdue was dispatched long ago, by the time that its command carries.
"""

import secrets
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

pytest.register_assert_rewrite("on_servers.whole", "scenarios.stories", "scenarios.storyteller")

from scenarios.stories import STORIES  # noqa: E402 - see above
from scenarios.storyteller import City  # noqa: E402 - see above

from on_servers import whole  # noqa: E402 - see above
from on_servers.scenario import load_of, message  # noqa: E402 - after its assertions are rewritten
from on_servers.served import Served, wait_until  # noqa: E402 - see above
from pool.elastic.mapping import PROBLEMS  # noqa: E402 - see above
from pool.measures import Measure, Value  # noqa: E402 - see above
from pool.reconcile import reconcile  # noqa: E402 - see above
from schemas import commands_handling as cmd  # noqa: E402 - see above
from schemas.commands import Command  # noqa: E402 - see above
from schemas.identity import report_id  # noqa: E402 - see above
from schemas.problem import Problem  # noqa: E402 - see above
from schemas.words import Clock, ProblemState  # noqa: E402 - see above
from streams.kafka.remote import RemoteHome, RemoteSession, open_remote_home  # noqa: E402 - see above
from tests.servers import delete_indices, delete_topics  # noqa: E402 - see above

LONG_AGO = timedelta(days=60)
ASSIGNED, UNASSIGNED, DUE_SOON = 75, 30, 30
SOON = timedelta(seconds=20)
NO_WATER = "010101"
"""Due in 24 hours."""


class ServedCity(City):
    """A pool that real workers work."""

    home: RemoteHome

    def measured(self, measure: Measure, unit: str) -> Value:
        self.home.refresh()
        return super().measured(measure, unit)

    def overdue(self, words: str, lead: str) -> str:
        problem = self.problem_of(self.call(words))
        assert self.give(at(self.clerk.wish(cmd.Assign, problem, lead=lead), datetime.now(UTC) - LONG_AGO)) == ""
        wait_until(lambda: self.problem(problem).overdue is not None, 30, "its time is over")
        return problem


def at(command: Command, moment: datetime) -> Command:
    """The same wish at another time."""
    return command.model_copy(update={"at": moment})


@pytest.fixture(scope="module")
def pool(kafka: str, elasticsearch: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One pool and one worker for all of these tests."""
    name = "t" + secrets.token_hex(5)
    served = Served(kafka, elasticsearch, name, tmp_path_factory.mktemp("handling"))
    try:
        served.work().wait_until_working(90)
        yield served
    finally:
        served.close()
        delete_topics(kafka, f"{name}.")
        delete_indices(elasticsearch, name)


@pytest.fixture(scope="module")
def city(pool: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedCity]:
    home = open_remote_home(pool.servers, pool.folder, pool.pack)
    with RemoteSession(home) as session:
        yield ServedCity(session)
    home.close()


@pytest.mark.parametrize("story", STORIES, ids=lambda story: str(story.__name__))
def test_story(city: ServedCity, story: Callable[[City], None]) -> None:
    story(city)


def problems_of(pool: Served, count: int) -> list[str]:
    """So many problems that say nothing a machine could route."""
    rows = [
        message(number, f"第{number}处{'东南西北'[number % 4]}边说不清是什么的事,共{number * 37 % 101}户")
        for number in range(count)
    ]
    reports = [report_id("push/message", row["id"]) for row in rows]
    pool.send(load_of(rows))
    wait_until(lambda: len(pool.pool.store.report_documents(reports)) == count, 60, "all reports are there")
    documents = pool.pool.store.report_documents(reports)
    found = [documents[report].problem for report in reports]
    assert len(set(found)) == count
    return found


def write_block(pool: Served, *, on: bool) -> None:
    elastic = pool.pool.elastic
    elastic.request("PUT", f"/{elastic.name(PROBLEMS)}/_settings", {"index.blocks.write": True if on else None})


def test_all_that_is_overdue_escalates_exactly_once_after_a_restart_and_an_outage(pool: Served, city: ServedCity) -> None:
    names = problems_of(pool, ASSIGNED + UNASSIGNED + DUE_SOON)
    assigned, unassigned, soon = names[:ASSIGNED], names[ASSIGNED:-DUE_SOON], names[-DUE_SOON:]
    pool.workers[-1].kill()
    now, clerk = datetime.now(UTC), city.clerk
    for place, name in enumerate(assigned + unassigned):
        began = now - LONG_AGO + timedelta(minutes=place)
        pool.put(at(clerk.wish(cmd.Assign, name, lead="yunxi-zhujian"), began))
        if place >= ASSIGNED:
            pool.put(at(clerk.wish(cmd.Recall, name, note="再看"), began))
    for place, name in enumerate(reversed(soon)):
        began = now - timedelta(hours=24) + SOON + timedelta(milliseconds=50 * place)
        pool.put(at(clerk.wish(cmd.Assign, name, lead="p-gongshui", category=NO_WATER), began))

    write_block(pool, on=True)
    worker = pool.work()
    wait_until(lambda: worker.said('"holding"'), 60, "the worker holds")
    write_block(pool, on=False)
    states: Callable[[], dict[str, Problem]] = lambda: pool.pool.store.problems(names)  # noqa: E731
    wait_until(lambda: any(p.escalation for p in states().values()), 60, "the first has escalated")
    worker.kill()
    wait_until(lambda: datetime.now(UTC) > now + SOON + timedelta(seconds=3), 60, "the rest is due")
    pool.work()

    def over() -> bool:
        found = states()
        levels = all(found[name].escalation == 4 for name in assigned) and all(found[name].waited == 3 for name in unassigned)
        return levels and all(found[name].overdue is not None for name in soon)

    wait_until(over, 90, "all have escalated")
    pool.settle()
    found = states()
    said: list[tuple[tuple[int, int], datetime]] = []
    for name in names:
        events = city.log(name)
        expired = Counter((e.clock, e.due, e.of) for e in events if e.type == "ClockExpired")
        assert max(expired.values()) == 1, name
        levels = [(e.level, e.due) for e in events if e.type == "Escalated"]
        if name in assigned:
            assert levels == [(level, found[name].escalated_due) for level in (1, 2, 3, 4)]
            assert [e.reason for e in events if e.type == "SupervisionStarted"] == ["overdue"]
        elif name in unassigned:
            assert levels == [(3, None)]
            assert found[name].state is ProblemState.WAITING
        else:
            (ran_out,) = [e for e in events if e.type == "ClockExpired" and e.clock is Clock.HANDLE]
            said.append((ran_out.origin, ran_out.due))
    assert len(said) == DUE_SOON
    for partition in {origin[0] for origin, _ in said}:
        due = [moment for origin, moment in sorted(said) if origin[0] == partition]
        assert due == sorted(due), "oldest first"


def test_the_pool_is_whole_after_all_of_it(pool: Served) -> None:
    """No drift, and the embedded replay of the recorded commands makes the same documents and views."""
    pool.settle()
    assert reconcile(pool.pool.store, pool.pool.vault.keys, pool.pack, settle=lambda: None).faults == []
    print({"compared": whole.assert_equal_to_replay(pool)})
