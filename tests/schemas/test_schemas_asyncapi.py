"""The AsyncAPI document: fresh, complete, true to the topics that are made, and valid by AsyncAPI's own schema."""

import json
import os
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from city.pack import load_pack
from city.sample import sample_city
from schemas import asyncapi, generate
from schemas.documents import UnitView
from schemas.progress import Progress
from schemas.words import DISPATCH_PREFIX, PROGRESS_PREFIX, Channel, Topic
from streams.kafka import topics

DOCUMENT: dict[str, Any] = json.loads(asyncapi.FILE.read_text(encoding="utf-8"))
MESSAGES: dict[str, dict[str, Any]] = DOCUMENT["components"]["messages"]
GOLDEN = Path(__file__).parent / "golden"
SPECS = "@asyncapi/specs@6.11.1"
"""Where AsyncAPI publishes its own JSON Schemas."""


def valid(schema: dict[str, Any], value: object) -> bool:
    """By a schema of the document, whose references start at the document's root."""
    return Draft7Validator({"allOf": [schema], "components": DOCUMENT["components"]}).is_valid(value)


def references(part: object) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for inner in part.values():
            yield from references(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from references(inner)


# fresh


def test_the_committed_document_is_what_the_contracts_say() -> None:
    assert not generate.topics_stale(), "run: python -m schemas.generate"


def test_a_changed_and_a_missing_document_are_stale(tmp_path: Path) -> None:
    file = tmp_path / "asyncapi.json"
    assert generate.topics_stale(file)
    file.write_text(generate.topics(), encoding="utf-8")
    assert not generate.topics_stale(file)
    file.write_text(generate.topics().replace('"retention.ms": 604800000', '"retention.ms": 604800001', 1), encoding="utf-8")
    assert generate.topics_stale(file)


# complete


def test_every_topic_has_its_channel_and_every_channel_its_topic() -> None:
    addresses = {channel["address"] for channel in DOCUMENT["channels"].values()}
    named = {topic.value for topic in Topic if not topic.value.startswith("intake.")}
    assert addresses == named | {"intake.{channel}", f"{DISPATCH_PREFIX}{{unit}}", f"{PROGRESS_PREFIX}{{unit}}"}
    assert DOCUMENT["channels"]["intake"]["parameters"]["channel"]["enum"] == [channel.value for channel in Channel]


def test_every_reference_leads_somewhere_and_every_message_is_on_a_channel() -> None:
    for reference in references(DOCUMENT):
        at: Any = DOCUMENT
        for step in reference.removeprefix("#/").split("/"):
            at = at[step]
    used = {name for channel in DOCUMENT["channels"].values() for name in channel["messages"]}
    assert used == set(MESSAGES)


def test_every_message_names_its_key() -> None:
    for name, message in MESSAGES.items():
        assert message["bindings"]["kafka"]["key"]["description"], name
    assert MESSAGES["AddReport"]["bindings"]["kafka"]["key"] != MESSAGES["Outcome"]["bindings"]["kafka"]["key"]


def test_every_command_and_event_is_a_message_of_its_channel() -> None:
    for channel, kind in (("commands", "command"), ("events", "event")):
        files = {path.name.split(".")[1] for path in generate.FOLDER.glob(f"{kind}.*")}
        assert set(DOCUMENT["channels"][channel]["messages"]) == files


def test_a_third_party_is_shown_three_operations_and_the_rest_are_marked_internal() -> None:
    public = {
        name: (part["action"], part["channel"]["$ref"])
        for name, part in DOCUMENT["operations"].items()
        if part["tags"] == [{"name": "public"}]
    }
    assert public == {
        "sendReport": ("send", "#/channels/intake"),
        "receiveDispatch": ("receive", "#/channels/dispatch"),
        "sendProgress": ("send", "#/channels/progress"),
    }
    others = [part for name, part in DOCUMENT["operations"].items() if name not in public]
    assert all(part["tags"] == [{"name": "internal"}] for part in others)
    for name, channel in DOCUMENT["channels"].items():
        assert channel["tags"] == [{"name": "public" if name in ("intake", "dispatch", "progress") else "internal"}]


def test_every_channel_is_written_and_read_by_somebody() -> None:
    sent = {part["channel"]["$ref"] for part in DOCUMENT["operations"].values() if part["action"] == "send"}
    received = {part["channel"]["$ref"] for part in DOCUMENT["operations"].values() if part["action"] == "receive"}
    assert sent == {f"#/channels/{name}" for name in DOCUMENT["channels"]}
    assert sent - received == {"#/channels/outcomes", "#/channels/dead-letter"}, "what waits for an answer, and people"


# true


def test_the_topics_that_are_made_are_those_of_the_document() -> None:
    unit = next(iter(load_pack(sample_city()).units))
    for plan in topics.plan(load_pack(sample_city())):
        if plan.name.startswith((DISPATCH_PREFIX, PROGRESS_PREFIX)) and not plan.name.endswith(f".{unit}"):
            continue
        channel = DOCUMENT["channels"][plan.name.partition(".")[0]]
        kafka = channel["bindings"]["kafka"]
        assert plan.partitions == kafka["partitions"], plan.name
        config = kafka["topicConfiguration"]
        assert plan.config["cleanup.policy"].split(",") == config["cleanup.policy"], plan.name
        assert plan.config.get("retention.ms") == (str(config["retention.ms"]) if "retention.ms" in config else None), plan.name


@pytest.mark.parametrize("name", [f"{channel.value}Report{mode}" for channel in Channel for mode in ("", "Binary")])
def test_the_examples_of_a_report_pass_and_without_what_they_must_have_they_do_not(name: str) -> None:
    message = MESSAGES[name]
    (example,) = message["examples"]
    assert valid(message["payload"], example["payload"])
    assert valid(message["headers"], example["headers"])
    if name.endswith("Binary"):
        assert not valid(message["headers"], {key: value for key, value in example["headers"].items() if key != "ce_id"})
        assert not valid(message["headers"], example["headers"] | {"ce_type": "other"})
    else:
        assert not valid(message["payload"], {key: value for key, value in example["payload"].items() if key != "id"})
    assert not valid(message["payload"], [])


@pytest.mark.parametrize("kind", ["command", "event"])
def test_every_golden_line_passes_as_its_message(kind: str) -> None:
    for line in (GOLDEN / f"{kind}s_v1.jsonl").read_bytes().splitlines():
        value = json.loads(line)
        assert valid(MESSAGES[value["type"]]["payload"], value)
        assert not valid(
            MESSAGES[value["type"]]["payload"], {name: value[name] for name in value if name != "type"} | {"type": "x"}
        )


def test_a_tuple_is_checked_by_draft_07_too() -> None:
    origin = MESSAGES["ProblemRegistered"]["payload"]["$ref"].rpartition("/")[2]
    schema = DOCUMENT["components"]["schemas"][origin]["properties"]["origin"]
    assert valid(schema, [1, 2])
    assert not valid(schema, ["a", 2])
    assert "prefixItems" not in asyncapi.FILE.read_text(encoding="utf-8")


def test_a_view_and_a_step_pass_as_their_messages() -> None:
    step = Progress(problem="p003-" + "0" * 24, action="reply", text="已修复")  # type: ignore[arg-type]
    assert valid(MESSAGES["Progress"]["payload"], step.model_dump(mode="json"))
    assert not valid(MESSAGES["Progress"]["payload"], {"problem": "p"})
    assert not valid(MESSAGES["UnitView"]["payload"], step.model_dump(mode="json"))
    assert set(UnitView.model_fields) == set(DOCUMENT["components"]["schemas"]["UnitView"]["properties"])
    assert valid(MESSAGES["Tombstone"]["payload"], None)


# by AsyncAPI's own schema


@pytest.fixture(scope="module")
def specification(tmp_path_factory: pytest.TempPathFactory) -> Draft7Validator:
    """AsyncAPI's own JSON Schema for 3.0.0, as its project publishes it."""
    if shutil.which("npm") is None:
        assert not os.environ.get("REQUIRE_SERVERS"), "npm is missing: it fetches AsyncAPI's schema"
        pytest.skip("npm is missing: it fetches AsyncAPI's schema")
    folder = tmp_path_factory.mktemp("asyncapi")
    subprocess.run(["npm", "pack", "--silent", SPECS], cwd=folder, check=True, capture_output=True, timeout=180)
    (packed,) = folder.glob("*.tgz")
    with tarfile.open(packed) as archive:
        member = archive.extractfile("package/schemas/3.0.0.json")
        assert member is not None
        return Draft7Validator(json.load(member))


@pytest.mark.slow
def test_the_document_is_valid_asyncapi(specification: Draft7Validator) -> None:
    assert [f"{list(error.absolute_path)}: {error.message[:200]}" for error in specification.iter_errors(DOCUMENT)] == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("asyncapi",), "2.6.0"),
        (("operations", "sendReport", "action"), "publish"),
        (("channels", "intake", "bindings", "kafka", "partitions"), "four"),
        (("channels", "intake", "bindings", "kafka", "topicConfiguration", "cleanup.policy"), "delete"),
        (("channels", "dispatch", "parameters", "unit", "schema"), {"type": "string"}),
        (("components", "messages", "Progress", "payload"), {"type": "text"}),
    ],
    ids=lambda value: ".".join(value) if isinstance(value, tuple) else "",
)
def test_that_schema_refuses_a_document_with_a_fault(
    specification: Draft7Validator, path: tuple[str, ...], value: object
) -> None:
    broken = deepcopy(DOCUMENT)
    at = broken
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = value
    assert not specification.is_valid(broken)
