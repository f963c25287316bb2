"""Every version stays readable: lines stand in somebody's log for ever. What is written now is written again
byte for byte; lines of version 1 keep every value, their chain, and what they make of a problem."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args

import pytest
from jsonschema import Draft202012Validator

from casework.fold import apply
from schemas.commands import COMMAND, Command
from schemas.events import SCHEMA_VERSION, Event, read_event, seal_chain, stored_hash
from schemas.generate import FOLDER
from schemas.problem import Problem
from schemas.state import State, unborn
from schemas.watch import Watch

GOLDEN = Path(__file__).parent / "golden"


def lines(name: str) -> list[bytes]:
    return (GOLDEN / name).read_bytes().splitlines()


EVENTS, COMMANDS = lines("events_v2.jsonl"), lines("commands_v2.jsonl")
FIRST_EVENTS, FIRST_COMMANDS = lines("events_v1.jsonl"), lines("commands_v1.jsonl")


def named(line: bytes) -> str:
    return str(json.loads(line)["type"])


def types_of(union: Any) -> list[str]:
    return [model.__name__ for model in get_args(get_args(union)[0])]


# version 2, which is written now


def test_every_type_of_event_stands_in_the_golden_file_once() -> None:
    assert [named(line) for line in EVENTS] == types_of(Event)


def test_every_type_of_command_stands_in_the_golden_file_once() -> None:
    assert [named(line) for line in COMMANDS] == types_of(Command)


@pytest.mark.parametrize("line", EVENTS, ids=named)
def test_an_event_of_version_2_is_read_and_written_again_in_the_same_bytes(line: bytes) -> None:
    event = read_event(line)
    assert type(event).__name__ == named(line)
    assert event.schema_version == 2 == SCHEMA_VERSION
    assert seal_chain(event) == line


@pytest.mark.parametrize("line", COMMANDS, ids=named)
def test_a_command_of_version_2_is_read_and_written_again_in_the_same_bytes(line: bytes) -> None:
    assert COMMAND.dump_json(COMMAND.validate_json(line)) == line


def empty(value: Any, path: str = "") -> list[str]:
    """Where in this JSON value nothing stands."""
    if value in (None, "", [], {}):
        return [path]
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place for name, held in inner for place in empty(held, f"{path}.{name}".strip("."))]


@pytest.mark.parametrize("line", [*EVENTS, *COMMANDS], ids=named)
def test_no_field_of_the_golden_events_is_left_at_nothing(line: bytes) -> None:
    """A field that stands empty here would not notice when its form changes. Only a unit's actor has a unit, and what is first
    has nothing before it."""
    value = json.loads(line)
    may = {"actor.unit"} - ({"actor.unit"} if value["actor"]["role"] == "unit" else set())
    assert set(empty(value)) - (may | ({"previous"} if value.get("version") == 1 else set())) == set()


def test_an_empty_field_is_found_however_deep_it_lies() -> None:
    assert empty({"a": 0, "b": False, "c": [{"d": None, "e": "x"}], "f": [], "g": {"h": ""}}) == ["c.0.d", "f", "g.h"]


@pytest.mark.parametrize(("kind", "file"), [("command", COMMANDS), ("event", EVENTS)])
def test_every_golden_line_of_version_2_passes_its_schema_and_without_its_slot_does_not(kind: str, file: list[bytes]) -> None:
    for line in file:
        value = json.loads(line)
        schema = json.loads((FOLDER / f"{kind}.{value['type']}.schema.json").read_bytes())
        Draft202012Validator(schema).validate(value)
        assert not Draft202012Validator(schema).is_valid({name: value[name] for name in value if name != "slot"})


# version 1, which stands in logs


def kept(stood: Any, now: Any) -> bool:
    """Does everything that stood there stand there now? What is new beside it does not count."""
    if isinstance(stood, dict) and isinstance(now, dict):
        return all(name in now and kept(value, now[name]) for name, value in stood.items())
    if isinstance(stood, list) and isinstance(now, list):
        return len(stood) == len(now) and all(kept(one, other) for one, other in zip(stood, now, strict=True))
    return type(stood) is type(now) and bool(stood == now)


@pytest.mark.parametrize("line", FIRST_EVENTS, ids=named)
def test_an_event_of_version_1_is_read_with_every_value_that_stood_in_it(line: bytes) -> None:
    event = read_event(line)
    assert type(event).__name__ == named(line)
    assert event.schema_version == 1
    assert kept(json.loads(line), json.loads(event.model_dump_json()))


@pytest.mark.parametrize("line", FIRST_COMMANDS, ids=named)
def test_a_command_of_version_1_is_read_with_every_value_that_stood_in_it(line: bytes) -> None:
    command = COMMAND.validate_json(line)
    assert type(command).__name__ == named(line)
    assert kept(json.loads(line), json.loads(command.model_dump_json()))


@pytest.mark.parametrize("now", [{}, {"a": [{"b": 1}]}, {"a": [{"b": 2}, {}]}, {"a": [{"c": 2}]}, {"a": [{"b": 2.0}]}, {"a": {}}])
def test_a_value_that_is_lost_or_otherwise_is_not_kept(now: dict[str, Any]) -> None:
    assert kept({"a": [{"b": 2}]}, {"a": [{"b": 2, "c": None}], "d": 1})
    assert not kept({"a": [{"b": 2}]}, now)


def folded(*types: str) -> State:
    """What these lines of version 1 made, one after another, of a problem or a watch."""
    first = {named(line): line for line in FIRST_EVENTS}
    state = unborn(json.loads(first[types[0]])["aggregate"] if "Watch" not in types[0] else "w003-" + "0" * 24)
    for version, name in enumerate(types, start=1):
        apply(state, read_event(first[name]).model_copy(update={"version": version}, deep=True))
    return state


def problem_of(*types: str) -> Problem:
    state = folded("ProblemRegistered", *types)
    assert isinstance(state, Problem)
    return state


def clocks(problem: Problem) -> list[str]:
    return [f"{timer.clock.value} {timer.due:%H:%M}{' expired' if timer.expired else ''}" for timer in problem.timers]


def parts(problem: Problem) -> list[str]:
    return [f"{part.part.value} {part.unit} {part.state.value}" for part in problem.assignments]


HANDLED = ("Dispatched", "AssignmentSigned", "ClockExpired", "AssignmentReplied", "ProblemClosed")
FACTS: list[tuple[str, str, list[str], list[str]]] = [
    ("waiting", "one_duty_item", [], []),
    ("dispatched", "person", ["lead yunxi-chengguan dispatched"], ["sign 02:30", "handle 09:30"]),
    ("in_progress", "person", ["lead yunxi-chengguan signed"], ["handle 09:30"]),
    ("in_progress", "person", ["lead yunxi-chengguan signed"], ["handle 09:30 expired"]),
    ("replied", "person", ["lead yunxi-chengguan replied"], ["handle 09:30 expired"]),
    ("closed", "person", ["lead yunxi-chengguan closed"], []),
]
"""state, basis, the lead's part, clocks: as version 1 folded its own lines, after each."""


@pytest.mark.parametrize(("done", "facts"), list(enumerate(FACTS)), ids=["ProblemRegistered", *HANDLED])
def test_a_problem_handled_in_version_1_stands_after_each_event_where_it_stood(done: int, facts: tuple[Any, ...]) -> None:
    problem = problem_of(*HANDLED[:done])
    assert (problem.state.value, problem.basis, parts(problem)[:1], clocks(problem)) == facts
    joins = "closed" if done == len(HANDLED) else "dispatched"
    assert parts(problem)[1:] == ([f"cooperator yunxi-shuiwu {joins}"] if done else [])


def test_what_a_problem_closed_in_version_1_says_of_itself() -> None:
    problem = problem_of(*HANDLED)
    assert (problem.order_number, problem.category, problem.duty_item, problem.lead) == (
        "260506-003-4820193-6",
        "020102",
        "Q024",
        "yunxi-chengguan",
    )
    assert problem.first_dispatch == problem.closed == problem.registered
    assert (problem.assignments[0].reply, problem.assignments[0].asked) == ("cmVwbHk=", "bm90ZQ==")
    assert (problem.version, problem.policy, problem.final, problem.redo) == (6, "2026.1", False, 0)


def test_the_log_of_a_problem_of_version_1_folds_as_it_stands_up_to_the_merge_that_was_refused() -> None:
    """Then it goes on with the events of other lives: nobody is merged without asking."""
    problem = unborn(json.loads(FIRST_EVENTS[0])["aggregate"])
    assert isinstance(problem, Problem)
    for line in FIRST_EVENTS[:14]:
        apply(problem, read_event(line))
    assert named(FIRST_EVENTS[13]) == "MergeReleased"
    assert (problem.state.value, problem.merge, problem.parked, clocks(problem)) == ("closed", None, [], [])
    assert [(one.revision, one.erased, one.caller) for one in problem.members] == [(3, True, None)] * 3
    assert problem.head == json.loads(FIRST_EVENTS[13])["hash"]
    with pytest.raises(ValueError, match="without asking"):
        apply(problem, read_event(FIRST_EVENTS[14]))


def test_a_merge_of_version_1_and_its_undo_leave_the_source_as_it_was() -> None:
    asked = problem_of("Dispatched", "MergeAsked", "AskedAgain", "CommandParked")
    assert (asked.frozen, len(asked.parked), clocks(asked)) == (True, 1, ["sign 02:30", "handle 09:30", "resend 09:30"])
    merged = problem_of("Dispatched", "MergeAsked", "Merged")
    assert (merged.state.value, clocks(merged)) == ("merged", [])
    assert parts(merged) == ["lead yunxi-chengguan merged", "cooperator yunxi-shuiwu merged"]
    undone = problem_of("Dispatched", "MergeAsked", "Merged", "UndoAsked", "MergeUndone")
    assert (undone.state.value, undone.merge, clocks(undone)) == ("dispatched", None, ["sign 02:30", "handle 09:30"])
    assert undone.gone == {"r-split": "p004-39bde89bdddadc33572322a4"}


def test_the_root_of_a_merge_of_version_1_takes_the_lead_and_lets_it_go_again() -> None:
    root = problem_of("MembersAbsorbed")
    assert (root.state.value, parts(root), clocks(root)) == (
        "replied",
        ["lead yunxi-chengguan replied"],
        ["sign 09:30", "handle 09:30"],
    )
    alone = problem_of("MembersAbsorbed", "MembersGivenBack")
    assert (alone.state.value, alone.basis, parts(alone), clocks(alone), alone.members) == (
        "waiting",
        "person",
        ["lead yunxi-chengguan withdrawn"],
        [],
        [],
    )


def test_a_split_of_version_1_sends_its_members_away() -> None:
    asked = problem_of("SplitAsked", "AskedAgain")
    assert (len(asked.leaving), asked.members, clocks(asked)) == (1, [], ["resend 09:30"])
    done = problem_of("SplitAsked", "SplitFinished")
    assert (done.leaving, clocks(done)) == ([], [])
    assert done.gone == {"r" + "1" * 32: "p003-2034ce6a8d9a4dbc95d4911f"}


@pytest.mark.parametrize(
    ("types", "state", "tracks"),
    [
        (("AlarmObserved",), "dwelling", ["dwelling"]),
        (("AlarmObserved", "AlarmHeld", "AlarmCorrected"), "unconfirmed", ["unconfirmed"]),
        (("AlarmHeld", "AlarmConfirmed"), "open", ["open"]),
        (("AlarmHeld", "AlarmDismissed"), "idle", ["dismissed"]),
        (("AlarmOpened",), "open", ["open"]),
        (("AlarmOpened", "TracksCleared"), "idle", []),
    ],
)
def test_a_watch_of_version_1_has_in_its_picture_what_it_had(types: tuple[str, ...], state: str, tracks: list[str]) -> None:
    watch = folded("WatchPlaced", *types)
    assert isinstance(watch, Watch)
    assert (watch.state.value, [track.state.value for track in watch.tracks]) == (state, tracks)


# the chain


@pytest.mark.parametrize("file", [FIRST_EVENTS, EVENTS], ids=["version 1", "version 2"])
def test_the_chains_of_the_golden_events_hold(file: list[bytes]) -> None:
    heads: dict[str, tuple[int, str]] = {}
    for line in file:
        value = json.loads(line)
        version, previous = heads.get(value["aggregate"], (0, ""))
        stored, computed = stored_hash(line, previous)
        assert stored == computed
        assert (value["version"], value["previous"]) == (version + 1, previous)
        heads[value["aggregate"]] = (version + 1, stored)


@pytest.mark.parametrize("file", [FIRST_EVENTS, EVENTS], ids=["version 1", "version 2"])
def test_a_changed_a_missing_and_a_swapped_event_break_the_chain(file: list[bytes]) -> None:
    for before, line in pairwise(file):
        value = json.loads(line)
        changed = line.replace(b'"slot":', b'"slot":1')
        assert len(set(stored_hash(changed, value["previous"]))) == 2
        if value["previous"]:
            assert len(set(stored_hash(line, json.loads(before)["previous"]))) == 2


@pytest.mark.parametrize("line", [b"", b"{}", b'{"hash":"x"}', EVENTS[0][:-1], EVENTS[0] + b" ", b'\xff,"hash":"\xff"}'])
def test_a_line_without_its_hash_at_the_end_never_verifies(line: bytes) -> None:
    stored, computed = stored_hash(line, "")
    assert stored != computed


def test_fields_of_a_later_version_are_passed_over() -> None:
    later = json.loads(EVENTS[6]) | {"mood": "sunny"}
    assert read_event(json.dumps(later).encode()).unit == "yunxi-chengguan"
