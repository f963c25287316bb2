"""The generated JSON Schema: committed, fresh, itself valid, and true to what the application takes."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from schemas import generate
from schemas.cloudevent import parse
from schemas.commands import COMMAND
from schemas.words import Channel

EXAMPLES = Path(generate.__file__).parent / "examples"
GOLDEN = Path(__file__).parent / "golden"


def schema(name: str) -> dict[str, Any]:
    return json.loads((generate.FOLDER / name).read_text(encoding="utf-8"))


def example(channel: Channel) -> dict[str, Any]:
    return json.loads((EXAMPLES / f"{channel.value}.json").read_text(encoding="utf-8"))


def test_the_committed_schemas_are_what_the_contracts_say() -> None:
    assert generate.stale() == [], "run: python -m schemas.generate"


def test_a_changed_a_missing_and_a_leftover_file_are_stale_and_writing_mends_them(tmp_path: Path) -> None:
    generate.write(tmp_path)
    (tmp_path / "document.Claim.schema.json").write_text("{}")
    (tmp_path / "document.Outcome.schema.json").unlink()
    (tmp_path / "document.Forgotten.schema.json").write_text("{}")
    names = [f"document.{name}.schema.json" for name in ("Claim", "Forgotten", "Outcome")]
    assert generate.stale(tmp_path) == names
    assert generate.write(tmp_path) == 3
    assert generate.stale(tmp_path) == []


@pytest.mark.parametrize("name", sorted(generate.contracts()))
def test_every_schema_is_valid_draft_2020_12(name: str) -> None:
    assert schema(name)["$schema"] == generate.DIALECT
    Draft202012Validator.check_schema(schema(name))


@pytest.mark.parametrize("channel", Channel)
def test_the_example_of_each_channel_passes_its_schema_and_is_taken(channel: Channel) -> None:
    Draft202012Validator(schema(f"report.{channel.value}.schema.json")).validate(example(channel))
    envelope, data = parse(json.dumps(example(channel)).encode(), channel)
    assert (envelope.id, envelope.source) == (example(channel)["id"], example(channel)["source"])
    assert data.model_dump(exclude_unset=True).keys() == example(channel)["data"].keys()


@pytest.mark.parametrize("channel", Channel)
@pytest.mark.parametrize("path", [("id",), ("source",), ("data",), ("type",), ("specversion",)])
def test_what_the_envelope_must_have_its_schema_asks_for(channel: Channel, path: tuple[str, ...]) -> None:
    broken = example(channel)
    del broken[path[0]]
    assert not Draft202012Validator(schema(f"report.{channel.value}.schema.json")).is_valid(broken)


@pytest.mark.parametrize("channel", [Channel.HOTLINE, Channel.MESSAGE, Channel.GRID])
def test_a_report_without_words_fails_the_schema_too(channel: Channel) -> None:
    broken = example(channel)
    broken["data"] |= {"title": "", "text": "  "}
    assert not Draft202012Validator(schema(f"report.{channel.value}.schema.json")).is_valid(broken)


@pytest.mark.parametrize("kind", ["command", "event"])
def test_every_golden_line_passes_its_schema(kind: str) -> None:
    for line in (GOLDEN / f"{kind}s_v1.jsonl").read_bytes().splitlines():
        value = json.loads(line)
        Draft202012Validator(schema(f"{kind}.{value['type']}.schema.json")).validate(value)


def test_a_command_with_a_field_that_nobody_knows_is_refused_by_schema_and_model() -> None:
    value = json.loads((GOLDEN / "commands_v1.jsonl").read_bytes().splitlines()[4]) | {"typo": 1}
    assert not Draft202012Validator(schema(f"command.{value['type']}.schema.json")).is_valid(value)
    with pytest.raises(ValidationError):
        COMMAND.validate_python(value)
