"""A report is erased under load: at once no port says anything of it any more, and after compaction and retention no topic."""

import time
from typing import Any

from faults.load import Load
from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType

from on_servers.erased import assert_erased
from on_servers.replay import read_topic
from on_servers.scenario import Figures, Scale, load_of, put_raw, reports_coming
from on_servers.served import Served, wait_until
from pool.query import Query
from pool.scope import ALL
from schemas.documents import UnitView
from schemas.identity import report_id
from schemas.words import DISPATCH_PREFIX, Channel, Topic
from streams.kafka.topics import INTAKE_PARTITIONS

MARK, SECOND, LETTER, NAME, PHONE = "垚焱森淼", "叕朤", "燚骉", "犇某", "13907654321"
OTHER, OTHER_LETTER = "鱻麤", "毳犇"
WORDS = (*MARK, *SECOND, *LETTER, *OTHER, *OTHER_LETTER, PHONE)
"""They occur nowhere else in the pool."""
NUMBER = "erase-me"
REPORT = report_id("push/hotline", NUMBER)
ROW: dict[str, Any] = {
    "id": NUMBER,
    "time": "2025-03-01T08:00:00+08:00",
    "title": f"{MARK}家停水",
    "category": "010101",
    "text": f"望江花园3栋停水两天,{MARK}请快来",
    "address": f"{MARK}里弄3号",
    "caller": {"name": NAME, "phone": PHONE},
}
REVISED = ROW | {"revision": 2, "text": f"望江花园3栋停水三天,{SECOND}说的"}
BROKEN = REVISED | {"revision": 3, "title": LETTER, "time": "2099-01-01T00:00:00+08:00"}
BY_COMMAND = report_id("push/hotline", "erase-me-too")
BY_COMMAND_ROW = ROW | {"id": "erase-me-too", "title": OTHER, "text": f"航运家属院2栋停水,{OTHER}说的", "address": "某处"}
BY_COMMAND_BROKEN = BY_COMMAND_ROW | {"revision": 3, "title": OTHER_LETTER, "time": "2099-01-01T00:00:00+08:00"}
AT_ONCE = {
    "segment.ms": "1000",
    "max.compaction.lag.ms": "1000",
    "min.cleanable.dirty.ratio": "0.01",
    "delete.retention.ms": "0",
}
"""What Kafka does in days with the usual settings it does in seconds."""


def under_load(served: Served, scale: Scale) -> Figures:
    """Store, search, vault, dead letters and unit's view at once; commands, events and outcomes hold sealed words whose key is
    gone; dispatch and dead-letter lose theirs by compaction. The raw topic is retention's: see `raw_record_goes`."""
    worker = served.work()
    load = _load()
    served.send(load)
    served.settle(scale.patience)
    problem = served.pool.store.report_documents([REPORT])[REPORT].problem
    unit = served.pool.store.problems([problem])[problem].lead
    assert unit is not None
    _assert_there(served, unit)
    served.erased = {REPORT: served.pool.vault.keys([REPORT])[REPORT]}
    served.erase(BY_COMMAND)
    with reports_coming(served) as coming:
        wait_until(lambda: len(coming) > scale.seconds / 4, 60, "the load flows")
        began = time.monotonic()
        said = served.command("erase", REPORT, "--yes")
        seconds = time.monotonic() - began
        assert said.returncode == 0, said.stderr
        _assert_gone(served)
        wait_until(lambda: not traces(_newest_view(served, unit, problem)), 30, "the unit's newest view is without words")
        assert _newest_view(served, unit, problem)
        _again(served)
    served.settle(scale.patience)
    _assert_gone(served)
    assert letters_of_report(served) == 0
    for topic in (Topic.COMMANDS, Topic.EVENTS, Topic.OUTCOMES):
        assert traces(_said(served, topic.value)) == [], topic
    assert any(record.value is None for record in read_topic(served.pool, DISPATCH_PREFIX + unit) if record.key == problem)
    compacted = _compact(served, [DISPATCH_PREFIX + unit, Topic.DEAD_LETTER.value])
    served.assert_whole([load, *coming], other_letters=0)
    assert worker.end() == 0
    return {"erase_seconds": seconds, "compacted_seconds": compacted, "reports": 2 + sum(len(one.reports) for one in coming)}


def raw_record_goes(served: Served, _scale: Scale) -> Figures:
    """intake.*: the words go with the segment that retention takes."""
    topic = f"intake.{Channel.HOTLINE.value}"
    assert traces(_said(served, topic))
    _configure(served, [topic], {"retention.ms": "1000", "segment.ms": "1000"})
    began = time.monotonic()
    wait_until(lambda: not traces(_said(served, topic)), 400, "retention takes the raw records")
    return {"retention_seconds": time.monotonic() - began}


def traces(text: str) -> list[str]:
    return [word for word in WORDS if word in text]


def _load() -> Load:
    neighbour = ROW | {"id": "neighbour", "title": "没水", "text": "航运家属院5栋停水了,一整天没有水", "address": "某处"}
    del neighbour["caller"]
    load = load_of([ROW, REVISED, BROKEN, BY_COMMAND_ROW, BY_COMMAND_BROKEN, neighbour], Channel.HOTLINE)
    load.reports = {REPORT: REVISED["text"], BY_COMMAND: BY_COMMAND_ROW["text"]}
    load.reports[report_id("push/hotline", "neighbour")] = neighbour["text"]
    return load


def _assert_there(served: Served, unit: str) -> None:
    """Else their absence afterwards would prove nothing."""
    assert _hits(served, MARK) == _hits(served, SECOND) == {REPORT}
    assert served.pool.vault.keys([REPORT])[REPORT]
    assert served.pool.vault.callers([served.pool.vault.keyed_hash("phone", PHONE)])
    assert letters_of_report(served) == 1
    assert set(SECOND) <= set(_said(served, DISPATCH_PREFIX + unit))
    assert set(LETTER) <= set(_said(served, Topic.DEAD_LETTER.value))


def _assert_gone(served: Served) -> None:
    words = (*MARK, *SECOND, *LETTER, NAME, PHONE)
    assert_erased(served, REPORT, words, text=REVISED["text"], number=NUMBER)
    assert served.pool.vault.callers([served.pool.vault.keyed_hash("phone", PHONE)]) == {}
    assert letters_of_report(served) == 0


def _again(served: Served) -> None:
    """A later delivery stores nothing, nor does a broken one."""
    served.send(load_of([REVISED | {"revision": 4}, BROKEN], Channel.HOTLINE))


def _hits(served: Served, words: str) -> set[str]:
    return {hit.report.id for hit in served.pool.search.search(Query(text=words), ALL).hits}


def letters_of_report(served: Served) -> int:
    return len(served.pool.store.dead_letters_of(REPORT))


def _said(served: Served, topic: str) -> str:
    """Every key and value of the topic, with JSON's escapes read."""
    parts = []
    for record in read_topic(served.pool, topic):
        text = (record.value or b"").decode("utf-8", "replace")
        parts += [record.key or "", text, text.encode("ascii", "ignore").decode("unicode_escape", "replace")]
    return " ".join(parts)


def _newest_view(served: Served, unit: str, problem: str) -> str:
    """What a unit that reads the topic holds of the problem in the end."""
    views = [record.value for record in read_topic(served.pool, DISPATCH_PREFIX + unit) if record.key == problem]
    if views[-1] is None:
        return ""
    assert UnitView.model_validate_json(views[-1]).problem == problem
    return views[-1].decode()


def _configure(served: Served, topics: list[str], values: dict[str, str]) -> None:
    admin = KafkaAdminClient(bootstrap_servers=served.servers.kafka)
    try:
        admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, served.servers.topic(topic), values) for topic in topics])
    finally:
        admin.close()


def _compact(served: Served, topics: list[str]) -> float:
    """Seconds until no record of these topics has a trace. A segment is closed by a record that comes after its time: here a
    tombstone of nothing."""
    _configure(served, topics, AT_ONCE)
    _let_the_cleaner_look_often(served)
    began = pushed = time.monotonic()
    while any(traces(_said(served, topic)) for topic in topics):
        assert time.monotonic() - began < 200, f"not compacted: {[traces(_said(served, topic)) for topic in topics]}"
        if time.monotonic() - pushed > 3:
            pushed = time.monotonic()
            for topic in topics:
                put_raw(served, topic, [(partition, b"nothing", None) for partition in range(_partitions(topic))])
        time.sleep(1)
    return time.monotonic() - began


def _let_the_cleaner_look_often(served: Served) -> None:
    """Once a second instead of every 15 s; of the whole test broker, until that ends."""
    admin = KafkaAdminClient(bootstrap_servers=served.servers.kafka)
    try:
        admin.alter_configs([ConfigResource(ConfigResourceType.BROKER, _broker(admin), {"log.cleaner.backoff.ms": "1000"})])
    finally:
        admin.close()


def _broker(admin: KafkaAdminClient) -> str:
    (broker,) = admin.describe_cluster()["brokers"]
    return str(broker["broker_id"])


def _partitions(topic: str) -> int:
    return INTAKE_PARTITIONS if topic == Topic.DEAD_LETTER else 1
