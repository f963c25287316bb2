"""Fills a pool on servers with N problems, fast: copies of problems that the pipeline itself has made.

Of each problem everything is copied that the pool holds of it - keys, claims, state, events on the topic and in the index, report
documents - under new ids, with other fingerprints and times, so that the matchers have to take them all in. Only the chain of
hashes over the events does not hold; nothing that is measured reads it.
"""

import random
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Final

from kafka import KafkaConsumer, OffsetAndMetadata

from console.bench.kafka_pool import BenchPool
from pool.elastic.mapping import EVENTS, PROBLEMS
from schemas.documents import Claim, ReportDocument
from schemas.identity import check_digit
from schemas.problem import Problem
from schemas.words import Stage, Topic
from streams.kafka.clients import open_client
from streams.kafka.remote_broker import Record
from streams.kafka.topics import PARTITIONS

BATCH: Final = 500
TEMPLATES: Final = 400
DAYS: Final = 50
"""Over which the copies are spread: within what a matcher takes in when it is filled."""


@dataclass(slots=True)
class _Template:
    """Everything of one problem, as JSON; what must be other in a copy."""

    state: bytes
    claims: list[bytes]
    reports: list[bytes]
    lines: list[bytes]
    problem: str
    report_ids: list[str]
    order_number: str
    slot: int


@dataclass(slots=True)
class _Batch:
    """What is written at once."""

    keys: dict[str, bytes] = field(default_factory=dict)
    claims: list[Claim] = field(default_factory=list)
    states: list[Problem] = field(default_factory=list)
    events: list[tuple[str, int, bytes]] = field(default_factory=list)
    reports: list[ReportDocument] = field(default_factory=list)


def fill(pool: BenchPool, problems: int, seed: int = 1) -> None:
    """Workers must not run. The pool must hold some problems made by them."""
    templates = _templates(pool)
    copies = _copies(templates, problems, random.Random(seed))
    with ThreadPoolExecutor(1) as writer:
        writing = writer.submit(lambda: None)
        while some := list(islice(copies, BATCH)):
            batch = _together(some)
            writing.result()
            writing = writer.submit(_write, pool, batch)
        writing.result()
    pool.pool.elastic.refresh(PROBLEMS, EVENTS)
    _skip_events(pool)


def _templates(pool: BenchPool) -> list[_Template]:
    store = pool.pool.store
    states = store.problems(islice(store.state_ids(), TEMPLATES))
    return [_template(pool, state) for state in states.values() if state.version and not state.merge]


def _template(pool: BenchPool, state: Problem) -> _Template:
    store, reports = pool.pool.store, [member.report for member in state.members]
    claims = store.claims([*reports, state.order_number])
    return _Template(
        state=state.model_dump_json().encode(),
        claims=[claim.model_dump_json().encode() for claim in claims.values()],
        reports=[document.model_dump_json().encode() for document in store.report_documents(reports).values()],
        lines=[event.line for event in store.events_of(state.id)],
        problem=state.id,
        report_ids=reports,
        order_number=state.order_number,
        slot=state.slot,
    )


def _copies(templates: Sequence[_Template], count: int, dice: random.Random) -> Iterator[_Batch]:
    newest = datetime.now(UTC) - timedelta(hours=1)
    for number in range(count):
        template = templates[number % len(templates)]
        time = newest - timedelta(days=DAYS * dice.random())
        yield _copy(template, number, time, dice)


def _copy(template: _Template, number: int, time: datetime, dice: random.Random) -> _Batch:
    digits = f"{time:%y%m%d}{template.slot:03d}{number % 10_000_000:07d}"
    order = f"{digits[:6]}-{digits[6:9]}-{digits[9:]}-{check_digit(digits)}"
    problem = f"{template.problem[:5]}{dice.getrandbits(96):024x}"
    new = {template.problem: problem, template.order_number: order}
    new |= {report: f"r{dice.getrandbits(128):032x}" for report in template.report_ids}
    found = re.compile(b"|".join(re.escape(old.encode()) for old in new))
    encoded = {old.encode(): name.encode() for old, name in new.items()}

    def other(line: bytes) -> bytes:
        return found.sub(lambda match: encoded[match.group()], line)

    batch = _Batch()
    batch.keys = {new[report]: dice.randbytes(32) for report in template.report_ids}
    batch.claims = [Claim.model_validate_json(other(line)) for line in template.claims]
    batch.states = [Problem.model_validate_json(other(template.state))]
    batch.events = [(problem, version, other(line)) for version, line in enumerate(template.lines, 1)]
    for line in template.reports:
        document = ReportDocument.model_validate_json(other(line))
        words = document.content and document.content.model_copy(update={"simhash": dice.getrandbits(64) - (1 << 63)})
        batch.reports.append(document.model_copy(update={"time": time, "content": words}))
    return batch


def _together(some: Sequence[_Batch]) -> _Batch:
    whole = _Batch()
    for batch in some:
        whole.keys |= batch.keys
        whole.claims += batch.claims
        whole.states += batch.states
        whole.events += batch.events
        whole.reports += batch.reports
    return whole


def _write(pool: BenchPool, batch: _Batch) -> None:
    """In the order of the protocol."""
    store = pool.pool.store
    pool.pool.vault.write(batch.keys, [])
    store.write_claims(batch.claims)
    store.write_states(batch.states)
    lines = [Record(name, line, int(name[1:4]) % PARTITIONS) for name, _, line in batch.events]
    places = pool.broker.append(Topic.EVENTS.value, lines)
    store.write_events([(*event, place) for event, place in zip(batch.events, places, strict=True)])
    store.write_reports(batch.reports)


def _skip_events(pool: BenchPool) -> None:
    """The copies are not for publishing: the group is put behind them."""
    servers = pool.servers
    consumer = open_client(KafkaConsumer, servers, group_id=servers.group(Stage.PUBLISH), enable_auto_commit=False)
    ends = pool.broker.ends([Topic.EVENTS.value])
    consumer.assign(list(ends))
    consumer.commit({place: OffsetAndMetadata(end, "", -1) for place, end in ends.items()})
    consumer.close()
