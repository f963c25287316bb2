"""Bad steps of units and bad commands: a dead letter or a refusal, and nothing changed, whoever wrote them."""

import base64
import os
from typing import Any

import orjson
import pytest

from faults.clear import chinese, quiet
from faults.load import append_progress
from faults.rows import HOSTILE, TIME
from faults.whole import letters_of, opened, problems_of
from pool.reconcile import reconcile
from schemas.commands import Actor, AddReport, ReviseReport
from schemas.events import read_event
from schemas.report_record import ReportRecord
from schemas.words import Channel, Mode, Role, Topic
from streams.local.home import Home, transaction
from streams.local.session import Session

# progress


BAD_STEPS: dict[str, bytes] = {
    "not json": b"hello",
    "empty": b"",
    "a list": b"[]",
    "broken utf-8": b'{"problem":"\xff","action":"sign"}',
    "no problem": b'{"action":"sign"}',
    "not a problem": b'{"problem":"x","action":"sign"}',
    "huge slot": b'{"problem":"p9999999-000000000000000000000000","action":"sign"}',
    "no action": b'{"problem":"p003-000000000000000000000000"}',
    "unknown action": b'{"problem":"p003-000000000000000000000000","action":"dance"}',
    "reply without words": b'{"problem":"p003-000000000000000000000000","action":"reply"}',
    "ten megabytes": b'{"problem":"p003-000000000000000000000000","action":"reply","text":"' + b"x" * 10_000_000 + b'"}',
    "text of wrong type": b'{"problem":"p003-000000000000000000000000","action":"reply","text":{}}',
    "id of wrong type": b'{"problem":"p003-000000000000000000000000","action":"sign","id":[]}',
    "by too long": b'{"problem":"p003-000000000000000000000000","action":"sign","by":"' + b"x" * 200 + b'"}',
    "by empty words": b'{"problem":"p003-000000000000000000000000","action":"reply","text":"  "}',
    "deep": b'{"problem":"p003-000000000000000000000000","action":"sign","x":' + b"[" * 20_000 + b"]" * 20_000 + b"}",
    "lone surrogate": b'{"problem":"p003-000000000000000000000000","action":"reply","text":"\\ud800"}',
}


def work(home: Home) -> None:
    with Session(home) as session:
        session.work(lambda: False, drain=True)


def append(home: Home, topic: str, *values: bytes | None) -> None:
    with transaction(home.connection):
        home.log.append(topic, [(None, value) for value in values], home.clock.now())


def test_every_bad_step_of_a_unit_is_a_dead_letter(folder):
    with opened(folder) as home:
        append(home, "progress.c-shuiwu", *BAD_STEPS.values(), None)
        append(home, "progress.nobody", b'{"problem":"p003-000000000000000000000000","action":"sign"}')
        append(home, "progress.<b>x</b>", b"{}")
        work(home)
        letters = letters_of(home)
        places = [f"progress.c-shuiwu-0-{number}" for number in range(len(BAD_STEPS) + 1)]
        expected = {*places, "progress.nobody-0-0", "progress.<b>x</b>-0-0"}
        assert {letter.id for letter in letters} == expected, expected ^ {letter.id for letter in letters}
        for letter in letters:
            assert (letter.kind, bool(letter.field and letter.remedy)) == ("invalid", True), letter
            assert chinese(letter.reason), letter
            assert quiet(letter.shown)


def test_a_unit_that_acts_on_what_is_not_its_own_is_refused_and_told(copied):
    with opened(copied) as home:
        problem = next(p for p in problems_of(home).values() if p.assignments and p.lead != "c-jiaoyu")
        before = problem.version
        append_progress(home, "c-jiaoyu", {"problem": problem.id, "action": "sign", "id": "mine"})
        work(home)
        assert problems_of(home)[problem.id].version == before
        refused = [r for r in problems_of(home)[problem.id].recent if r.status == "refused"]
        assert refused[-1].code == "not_your_assignment"


def test_all_steps_for_a_problem_that_never_comes_are_dead_letters_in_the_end(folder):
    """Two steps are given up together; each is a letter of its own."""
    with opened(folder) as home:
        for key in ("a", "b", "c"):
            append_progress(home, "c-shuiwu", {"problem": "p003-" + "1" * 24, "action": "sign", "id": key})
        work(home)
        assert letters_of(home) == []
        waiting = problems_of(home)["p003-" + "1" * 24]
        assert len(waiting.parked) == 3
        (timer,) = waiting.timers
        home.clock = Later(timer.due)
        work(home)
        letters = letters_of(home)
        assert len(letters) == 3
        assert {letter.kind for letter in letters} == {"unknown_problem"}
        assert all(letter.reason for letter in letters)


class Later:
    name = "wall"

    def __init__(self, moment):
        self._moment = moment

    def now(self):
        return self._moment


# commands typed by hand


def typed(home: Home, **changed: Any) -> bytes:
    """A command as a hand might type it: a Sign for a problem that exists, with this changed."""
    problem = next(p for p in problems_of(home).values() if p.assignments)
    sign = {"type": "Sign", "id": "typed", "slot": problem.slot, "at": home.clock.now(), "problem": problem.id}
    sign["actor"] = {"id": "x", "role": "unit", "unit": problem.lead}
    return orjson.dumps({name: value for name, value in (sign | changed).items() if value != "-"})


def test_every_command_that_cannot_be_read_is_a_dead_letter(copied):
    with opened(copied) as home:
        first = home.log.next_offset(Topic.COMMANDS)
        before = len(letters_of(home))
        values = [
            b"hello", b"", b"[]", b"{}", b"\xff\xfe", b"[" * 50_000,
            typed(home, type="Dance"), typed(home, type="-"), typed(home, id=""), typed(home, id="x" * 101), typed(home, id=5),
            typed(home, slot=-1), typed(home, slot=4), typed(home, slot="x"), typed(home, slot=10**15),
            typed(home, at="yesterday"), typed(home, at="2025-03-01T00:00:00"), typed(home, actor={}),
            typed(home, actor={"id": "x", "role": "king"}), typed(home, problem="x"), typed(home, problem=7),
            typed(home, extra=1), typed(home, pad="x" * 10_000_000), typed(home, type="Split", reports=[]),
            typed(home, type="Reply", text=""), None,
        ]  # fmt: skip
        append(home, Topic.COMMANDS, *values)
        work(home)
        letters = [letter for letter in letters_of(home) if letter.topic == Topic.COMMANDS]
        expected = [f"commands-0-{first + number}" for number in range(len(values))]
        assert sorted(letter.id for letter in letters) == sorted(expected)
        assert len(letters_of(home)) == before + len(values)
        for letter in letters:
            assert (letter.kind, bool(letter.field and letter.reason and letter.remedy)) == ("unreadable", True), letter
        assert reconcile(home.store, home.vault.keys, home.pack).faults == []


def test_commands_that_make_no_sense_are_refused_and_change_nothing(copied):
    with opened(copied) as home:
        clerk, system = {"id": "x", "role": "clerk"}, {"id": "x", "role": "system"}
        one, two = [p for p in problems_of(home).values() if p.assignments and p.slot == 3][:2]
        nowhere = "p003-" + "2" * 24
        forged = [
            typed(home, id="t1", type="Assign", actor=clerk, lead="nobody"),
            typed(home, id="t2", type="Assign", actor=clerk, lead=HOSTILE),
            typed(home, id="t3", type="Assign", actor=clerk, lead="c-shuiwu", cooperators=["nobody"]),
            typed(home, id="t4", type="Assign", actor=clerk, lead="c-shuiwu", category="999999"),
            typed(home, id="t5", type="Assign", lead="c-shuiwu"),
            typed(home, id="t6", type="Merge", actor=clerk, target=one.id, problem=one.id),
            typed(home, id="t7", type="Merge", actor=clerk, target="x"),
            typed(home, id="t8", type="Merge", actor=clerk, target=nowhere),
            typed(home, id="t9", type="Unmerge", actor=clerk),
            typed(home, id="t10", type="Split", actor=clerk, reports=["x"]),
            typed(home, id="t11", type="Unsplit", actor=clerk),
            typed(home, id="t12", type="EraseReport", actor=clerk, report="x"),
            typed(home, id="t13", type="Sign", actor={"id": "x", "role": "unit", "unit": "nobody"}),
            typed(home, id="t14", type="Sign", actor={"id": "x", "role": "unit"}),
            typed(home, id="t15", type="FireTimer", actor=system, aggregate=one.id, problem="-", clock="sign", due=TIME),
            typed(home, id="t16", type="Close", actor=clerk, problem=nowhere),
            typed(home, id="t17", type="Assign", actor=clerk, lead="c-shuiwu", duty_item="none"),
            typed(home, id="t18", type="Found", actor=clerk, source="x", mode="live", members=[]),
            typed(home, id="t19", type="Absorb", actor=clerk, source="x", source_mode="live", members=[], assignments=[]),
            typed(home, id="t20", type="MembersReturned", actor=clerk, root="x", members=[]),
            typed(home, id="t21", type="AbsorbAnswer", actor=clerk, root="x", accepted=True),
            typed(home, id="t22", type="Merge", actor=clerk, problem=two.id, target="p999-" + "2" * 24),
        ]
        before, letters = {p.id: p.state for p in problems_of(home).values()}, len(letters_of(home))
        append(home, Topic.COMMANDS, *forged)
        work(home)
        after = {p.id: p.state for p in problems_of(home).values()}
        assert {name: state for name, state in after.items() if name in before} == before
        buried = len(letters_of(home)) - letters
        outcomes = home.store.outcomes(f"t{number}" for number in range(1, 23))
        assert buried + len(outcomes) == len(forged)
        settled = {name: found.status for name, found in outcomes.items() if found.status != "refused"}
        assert settled.keys() <= {"t7", "t8", "t22"}, settled  # merges that were asked for, and released again
        assert reconcile(home.store, home.vault.keys, home.pack).faults == []


@pytest.mark.parametrize("kind", ["AddReport", "ReviseReport"])
def test_a_report_whose_words_cannot_be_opened_is_a_dead_letter_and_stops_nobody(kind, copied):
    """More of them than the number of defects that stops a stage."""
    with opened(copied) as home:
        holder = next(p for p in problems_of(home).values() if len(p.members) == 1 and p.slot == 3)
        member = holder.members[0]
        forged = []
        for number in range(25):
            record = ReportRecord(
                report=member.report, channel=member.channel, mode=Mode.LIVE, time=member.time, received=member.received,
                content=f"{number:032x}", sealed=base64.urlsafe_b64encode(b"\x01" + os.urandom(60)).decode(),
            )  # fmt: skip
            base = {"id": f"forged-{number}", "slot": 3, "at": home.clock.now(), "actor": Actor(id="intake", role=Role.INTAKE)}
            made: AddReport | ReviseReport = AddReport(**base, record=record)
            if kind == "ReviseReport":
                made = ReviseReport(**base, record=record, problem=holder.id)
            forged.append(made.model_dump_json().encode())
        before = len(letters_of(home))
        append(home, Topic.COMMANDS, *forged)
        work(home)
        assert len(letters_of(home)) - before == 25
        assert problems_of(home)[holder.id].members == [member]
        assert reconcile(home.store, home.vault.keys, home.pack).faults == []


def test_words_of_people_that_cannot_be_opened_stop_nobody(copied, here):
    with opened(copied) as home:
        problem = next(p for p in problems_of(home).values() if p.assignments and p.slot == 3 and p.state == "dispatched")
        clerk = {"id": "x", "role": "clerk"}
        unit = {"id": "x", "role": "unit", "unit": "c-shuiwu"}
        of_it = {"problem": problem.id, "slot": 3}
        append(
            home,
            Topic.COMMANDS,
            typed(home, **of_it, id="u1", type="Assign", actor=clerk, lead="c-shuiwu", notes={"c-shuiwu": "garbage"}),
            typed(home, **of_it, id="u2", type="Reply", actor=unit, text="garbage"),
            typed(home, **of_it, id="u3", type="Close", actor=clerk, reason="garbage"),
        )
        work(home)
        assert {found.status for found in home.store.outcomes(["u1", "u2", "u3"]).values()} == {"applied"}
    for form in ((), ("--json",)):
        said = here("show", problem.id, *form)
        assert said.status == 0, said
        assert here("subscribe", "--unit", "c-shuiwu", "--from-start", *form).status == 0
    assert here("audit", "verify").status == 0


def test_an_add_report_by_who_may_not_leaves_no_claim_behind(copied):
    with opened(copied) as home:
        clerk = Actor(id="x", role=Role.CLERK)
        record = ReportRecord(
            report="r" + "4" * 32, channel=Channel.GRID, mode=Mode.LIVE, time=home.clock.now(), received=home.clock.now(),
            content="0" * 32, sealed="x",
        )  # fmt: skip
        before = set(home.store.claim_ids())
        command = AddReport(id="nobody", slot=3, at=home.clock.now(), actor=clerk, record=record)
        append(home, Topic.COMMANDS, command.model_dump_json().encode())
        work(home)
        assert home.store.outcomes(["nobody"])["nobody"].code == "forbidden_role"
        assert set(home.store.claim_ids()) == before
        assert reconcile(home.store, home.vault.keys, home.pack).faults == []


def test_an_add_report_without_a_key_is_a_report_without_words(copied):
    with opened(copied) as home:
        record = ReportRecord(
            report="r" + "3" * 32, channel=Channel.GRID, mode=Mode.LIVE, time=home.clock.now(), received=home.clock.now(),
            content="0" * 32, sealed="x",
        )  # fmt: skip
        command = AddReport(id="nokey", slot=3, at=home.clock.now(), actor=Actor(id="intake", role=Role.INTAKE), record=record)
        append(home, Topic.COMMANDS, command.model_dump_json().encode())
        work(home)
        assert reconcile(home.store, home.vault.keys, home.pack).faults == []
        for name in home.store.aggregates():
            assert all(read_event(stored.line) for stored in home.store.events_of(name))
