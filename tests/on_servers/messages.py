"""A file of reports through Kafka and real workers: all documents are those of the embedded replay of the recorded commands,
the same file pushed once more changes nothing, and controls show that both comparisons can fail.

PYTHONPATH=tests:. python -m on_servers.messages FILE [--channel message] [--kafka host:port --elasticsearch URL]. FILE: as
`wentichi push` takes it, also packed. Starts a broker and a node of its own when none are named. Prints one JSON; status 1 when
something did not hold, 2 when there are no servers.
"""

import argparse
import json
import secrets
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
from faults.whole import letters_of, problems_of

from console.push_rows import lines_of, opened, row_of
from deploy.local.elasticsearch import start_elasticsearch
from deploy.local.faults import ServerFailed, ServersMissing
from deploy.local.kafka import start_kafka
from on_servers import controls, whole
from on_servers.replay import read_topic
from on_servers.scenario import SHORT
from on_servers.served import Served
from on_servers.snapshot import copies
from schemas.words import DISPATCH_PREFIX, Channel, Mode, Topic
from streams.effects import LogRecord
from streams.kafka.remote_broker import Broker
from tests.servers import server_folder

PATIENCE = 1200.0
"""Seconds in which a push must be worked to its end."""
BEGINS_WITHIN = 90.0
WORKERS = 2
"""Processes with every stage: one for each core that the goals name."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="on_servers.messages", description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--channel", type=Channel, default=Channel.MESSAGE)
    parser.add_argument("--kafka", default="", metavar="host:port")
    parser.add_argument("--elasticsearch", default="", metavar="URL")
    given = parser.parse_args()
    if bool(given.kafka) != bool(given.elasticsearch):
        parser.error("--kafka and --elasticsearch go together")
    figures: dict[str, Any] = {"passed": False}
    try:
        with _servers(given.kafka, given.elasticsearch) as (kafka, elasticsearch), _pool(kafka, elasticsearch) as served:
            measure(served, given.file, given.channel, figures)
        figures["passed"] = True
    except AssertionError as error:
        figures["error"] = str(error)[:4000]
    except (ServersMissing, ServerFailed) as error:
        print(error, file=sys.stderr)
        return 2
    print(json.dumps(figures, ensure_ascii=False, indent=2))
    return 0 if figures["passed"] else 1


@contextmanager
def _servers(kafka: str, elasticsearch: str) -> Iterator[tuple[str, str]]:
    if kafka:
        yield kafka, elasticsearch
        return
    with (
        server_folder() as folder,
        start_kafka(folder / "kafka") as broker,
        start_elasticsearch(folder / "elasticsearch") as node,
    ):
        yield broker.address, node.address


@contextmanager
def _pool(kafka: str, elasticsearch: str) -> Iterator[Served]:
    with tempfile.TemporaryDirectory(prefix="wentichi-messages-") as folder:
        served = Served(kafka, elasticsearch, "m" + secrets.token_hex(5), Path(folder))
        try:
            yield served
        finally:
            served.close()


def measure(served: Served, file: Path, channel: Channel, figures: dict[str, Any]) -> None:
    """Fills the figures as far as it comes. Raises AssertionError for the first thing that does not hold."""
    workers = [served.work() for _ in range(WORKERS)]
    for worker in workers:
        worker.wait_until_working(BEGINS_WITHIN)
    figures["first"] = _pushed(served, file, channel)
    figures["once"] = _exactly_once(served, file, channel)
    before, told = _state(served), _commands(served)
    figures["replay"] = _compared(served)
    figures["second"] = _pushed(served, file, channel)
    changed = _changed(served, before)
    figures["second"] |= {"changed": len(changed), "commands": _became(served, _commands(served)[len(told) :])}
    assert changed == [], changed[:10]
    figures["replay_after_second"] = _compared(served)
    _pushed(served, _one_revised(served, file), channel)
    figures["changed_by_one_revision"] = len(_changed(served, before))
    assert figures["changed_by_one_revision"] > 0, "the comparison does not see a change"
    assert [worker.end() for worker in workers] == [0] * WORKERS
    figures |= controls.changes_are_found(served, SHORT)


def _pushed(served: Served, file: Path, channel: Channel) -> dict[str, Any]:
    """What `wentichi push` said, and the seconds from its start until nothing waits for any stage."""
    began = time.monotonic()
    said = served.command("push", str(file), "--channel", channel.value, "--json", timeout=PATIENCE)
    assert said.returncode == 0, said.stderr
    served.settle(PATIENCE)
    return orjson.loads(said.stdout) | {"settled_seconds": round(time.monotonic() - began, 1)}


def _exactly_once(served: Served, file: Path, channel: Channel) -> dict[str, int]:
    """Every line is one report that one problem holds, or a dead letter; log, views and documents agree."""
    with opened(str(file)) as (source, _):
        rows = [row_of(line, channel, f"push/{channel.value}", Mode.LIVE) for line in lines_of(str(file), source) if line.strip()]
    letters = letters_of(served.pool)  # type: ignore[arg-type]
    expected = {key for key, _ in rows if key is not None} - {letter.report for letter in letters}
    whole.assert_once(served, expected)
    whole.assert_sound(served)
    problems = problems_of(served.pool)  # type: ignore[arg-type]
    held = Counter(len(problem.members) for problem in problems.values())
    return {
        "lines": len(rows),
        "reports": len(expected),
        "dead_letters": len(letters),
        "problems": len(problems),
        "problems_with_several_reports": sum(count for size, count in held.items() if size > 1),
        "slots": len({problem.slot for problem in problems.values()}),
        "views": len(whole.newest_views(served)),
        "events": sum(problem.version for problem in problems.values()),
    }


def _compared(served: Served) -> dict[str, Any]:
    began = time.monotonic()
    compared, found = whole.compared_with_replay(served)
    figures = {"documents_compared": compared, "differences": len(found), "seconds": round(time.monotonic() - began, 1)}
    assert found == [], found[:10]
    return figures


State = dict[str, dict[str, dict[str, Any]]]


def _state(served: Served) -> State:
    """Everything that a redelivery could change: documents with the versions that they stand under, where the logs end, what
    units hold, dead letters."""
    found: State = {
        kind: {id_: {"version": version, "source": source} for id_, version, source in documents}
        for kind, documents in copies(served).items()
    }
    broker = Broker(served.servers)
    try:
        topics = [Topic.EVENTS.value, Topic.DEAD_LETTER.value]
        topics += [name for name in served.topics.existing() if name.startswith(DISPATCH_PREFIX)]
        ends = broker.ends(topics)
    finally:
        broker.close()
    found["ends"] = {f"{place.topic}-{place.partition}": {"end": end} for place, end in ends.items()}
    found["views"] = whole.named(whole.newest_views(served))
    found["letters"] = {letter.id: letter.model_dump(mode="json") for letter in letters_of(served.pool)}  # type: ignore[arg-type]
    return found


def _changed(served: Served, before: State) -> list[str]:
    after = _state(served)
    return [f"{what}: {place}" for what in before for place in whole.differences(after[what], before[what])]


def _one_revised(served: Served, file: Path) -> Path:
    """A file with the first report again, in other words."""
    with opened(str(file)) as (source, _):
        row = orjson.loads(next(line for line in lines_of(str(file), source) if line.strip()))
    revised = served.folder / "revised.jsonl"
    revised.write_bytes(orjson.dumps(row | {"text": row["text"] + "(补充)"}))
    return revised


def _commands(served: Served) -> list[LogRecord]:
    """By partition and offset."""
    records = read_topic(served.pool, Topic.COMMANDS.value)
    return sorted(records, key=lambda record: (record.offset, record.partition))


def _became(served: Served, records: list[LogRecord]) -> dict[str, int]:
    """`<type> <status> <code>` of the outcome -> how many."""
    asked = [orjson.loads(record.value or b"") for record in records]
    outcomes = served.pool.store.outcomes([fields["id"] for fields in asked])
    told = (f"{fields['type']} {outcomes[fields['id']].status} {outcomes[fields['id']].code}".strip() for fields in asked)
    return dict(Counter(told))


if __name__ == "__main__":
    sys.exit(main())
