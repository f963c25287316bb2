"""Version 1 stays readable: lines that stand in somebody's log for ever are read, and written again byte for byte."""

import json
from pathlib import Path
from typing import Any, get_args

import pytest

from schemas.commands import COMMAND, Command
from schemas.events import SCHEMA_VERSION, Event, read_event, seal_chain, stored_hash

GOLDEN = Path(__file__).parent / "golden"
EVENTS = (GOLDEN / "events_v1.jsonl").read_bytes().splitlines()
COMMANDS = (GOLDEN / "commands_v1.jsonl").read_bytes().splitlines()


def named(line: bytes) -> str:
    return str(json.loads(line)["type"])


def types_of(union: Any) -> list[str]:
    return [model.__name__ for model in get_args(get_args(union)[0])]


def test_every_type_of_event_stands_in_the_golden_file_once() -> None:
    assert [named(line) for line in EVENTS] == types_of(Event)


def test_every_type_of_command_stands_in_the_golden_file_once() -> None:
    assert [named(line) for line in COMMANDS] == types_of(Command)


@pytest.mark.parametrize("line", EVENTS, ids=named)
def test_an_event_of_version_1_is_read_and_written_again_in_the_same_bytes(line: bytes) -> None:
    event = read_event(line)
    assert type(event).__name__ == named(line)
    assert event.schema_version == 1 == SCHEMA_VERSION
    assert seal_chain(event) == line


@pytest.mark.parametrize("line", COMMANDS, ids=named)
def test_a_command_of_version_1_is_read_and_written_again_in_the_same_bytes(line: bytes) -> None:
    assert COMMAND.dump_json(COMMAND.validate_json(line)) == line


@pytest.mark.parametrize("line", EVENTS, ids=named)
def test_no_field_of_the_golden_events_is_left_at_nothing(line: bytes) -> None:
    """A field that stands empty here would not notice when its form changes."""
    value = json.loads(line)
    assert [name for name, held in value.items() if held in (None, [], {}) and name != "previous"] == []


def test_the_chain_of_the_golden_events_holds() -> None:
    previous = ""
    for line in EVENTS:
        stored, computed = stored_hash(line, previous)
        assert stored == computed
        assert json.loads(line)["previous"] == previous
        previous = stored


@pytest.mark.parametrize("place", range(1, len(EVENTS)))
def test_a_changed_a_missing_and_a_swapped_event_break_the_chain(place: int) -> None:
    previous = json.loads(EVENTS[place])["previous"]
    changed = EVENTS[place].replace(b'"slot":3', b'"slot":4')
    assert len(set(stored_hash(changed, previous))) == 2
    assert len(set(stored_hash(EVENTS[place], json.loads(EVENTS[place - 1])["previous"]))) == 2


@pytest.mark.parametrize("line", [b"", b"{}", b'{"hash":"x"}', EVENTS[0][:-1], EVENTS[0] + b" ", b'\xff,"hash":"\xff"}'])
def test_a_line_without_its_hash_at_the_end_never_verifies(line: bytes) -> None:
    stored, computed = stored_hash(line, "")
    assert stored != computed


def test_fields_of_a_later_version_are_passed_over() -> None:
    later = json.loads(EVENTS[6]) | {"mood": "sunny"}
    assert read_event(json.dumps(later).encode()).unit == "yunxi-chengguan"
