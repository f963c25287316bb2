"""After an erasure nothing of the report's words or caller comes out of any command, port or topic, nor stays in any file."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from city.pack import CityPack
from faults.conftest import Said
from faults.whole import documents_of, dump, letters_of, opened, problems_of, sample_pack
from intake.seal import unseal
from pool.backup import PLACES_FILE
from pool.query import Facet, Query
from pool.reconcile import reconcile
from pool.scope import ALL
from pool.sqlite.rebuild import rebuild
from schemas.errors import PoolDamaged
from schemas.identity import report_id
from schemas.words import Channel
from streams.local.home import Home

MARK = "垚焱森淼"
"""These characters, and the others below, occur nowhere else in the pool."""
SECOND = "叕朤"
LETTER = "燚骉"
NAME = "犇某"
PHONE = "13907654321"
OTHER_PHONE = "13907651234"
EXTRA = "猋"
WORDS = (*MARK, *SECOND, *LETTER, *NAME[:1], *EXTRA)
NUMBER = "热线-erase-me"
REPORT = report_id("push/hotline", NUMBER)
ROW: dict[str, Any] = {
    "id": NUMBER,
    "time": "2025-03-01T08:00:00+08:00",
    "title": f"{MARK}家停水",
    "category": "010101",
    "text": f"望江花园3栋停水两天,我是{MARK},请快来,电话一三九零七六五四三二一",
    "address": f"{MARK}里弄3号",
    "caller": {"name": NAME, "phone": PHONE, "company": f"{EXTRA}公司"},
    "备注": {"再": [f"{EXTRA}的房东"]},
}
REVISED = ROW | {"revision": 2, "text": f"望江花园3栋停水三天,{SECOND}说的", "caller": {"name": NAME, "phone": OTHER_PHONE}}
BROKEN = REVISED | {"revision": 3, "title": LETTER, "time": "2099-01-01T00:00:00+08:00"}
NEIGHBOUR = {"id": "邻居", "time": "2025-03-01T09:00:00+08:00", "title": "没水", "text": "航运家属院5栋也停水了,一整天没有水"}


def pushed(here, tmp_path: Path, home: Path, *rows: dict[str, Any], channel: str = "hotline") -> dict[str, Any]:
    file = tmp_path / "rows.jsonl"
    file.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))
    said: Said = here("push", file, "--channel", channel, "--json", home=home)
    assert said.status == 0, said.err
    return orjson.loads(said.out)


@pytest.fixture(scope="module")
def story(tmp_path_factory) -> dict[str, Path]:
    """Filled by `told`: the pool before the erasure and its backup, made once."""
    return {"folder": tmp_path_factory.mktemp("erase")}


@pytest.fixture
def told(story, here, tmp_path) -> Path:
    """A report that was revised, dispatched, merged into another problem, split off again and dispatched anew, with a dead
    letter of its own; and a backup of that moment."""
    made = story["folder"] / "pool"
    if not made.exists():
        ok(here("push", write(tmp_path / "quiet.jsonl", quiet_rows()), "--channel", "message", home=made))
        counts = pushed(here, tmp_path, made, ROW, REVISED, BROKEN, NEIGHBOUR)
        assert (counts["new_reports"], counts["dead_letters"]) == (2, 1)
        first, other = (problem_of(here, made, name)["id"] for name in (NUMBER, "邻居"))
        assert first != other
        assert problem_of(here, made, NUMBER)["assignments"], "the story needs a report that is dispatched at once"
        ok(here("merge", first, "--into", other, home=made))
        split = orjson.loads(ok(here("split", other, "--report", REPORT, "--json", home=made)).out)
        told = ("--with", "c-zhujian", "--note", "c-zhujian=查看房屋")
        ok(here("assign", split["target"], "--lead", "c-shuiwu", *told, "--json", home=made))
        ok(here("backup", story["folder"] / "before", "--with-key", home=made))
        (made / PLACES_FILE).unlink()
    return made


@pytest.fixture
def erased(told, folder, here) -> Path:
    """A copy of that pool from which the report was erased."""
    shutil.copytree(told, folder)
    said = ok(here("erase", NUMBER, "--yes", "--json"))
    assert orjson.loads(said.out)["erased"]
    return folder


def ok(said: Said) -> Said:
    assert said.status == 0, said
    return said


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))
    return path


def quiet_rows() -> list[dict[str, Any]]:
    texts = ("滨江华庭路灯坏了,晚上看不清路", "码头新村垃圾桶满了没人清运", "望江公园有人占道经营卖烧烤")
    return [{"id": f"静{n}", "time": "2025-03-02T08:00:00+08:00", "text": text} for n, text in enumerate(texts * 5)]


def problem_of(here, home: Path, name: str) -> dict[str, Any]:
    return orjson.loads(ok(here("show", name, "--json", home=home)).out)


def traces(text: str) -> list[str]:
    return [word for word in (*WORDS, PHONE, OTHER_PHONE, "热线-erase") if word in text]


def unescaped(text: str) -> str:
    """As it stands, and with JSON's \\u escapes read."""
    try:
        return text + text.encode("ascii", "ignore").decode("unicode_escape", "replace")
    except UnicodeDecodeError:
        return text


def test_the_marks_are_there_before_the_erasure(told, here):
    """Else their absence afterwards would prove nothing."""
    assert traces(here("search", SECOND, "--json", home=told).out)
    with opened(told) as home:
        assert home.vault.keys([REPORT])[REPORT]
        assert home.vault.callers([home.vault.keyed_hash("phone", PHONE)])
        assert len(home.store.dead_letters_of(REPORT)) == 1
        said = said_by_topics(home)
        assert set(SECOND) <= set(said)
        assert sum(1 for _ in opened_texts(home)) > 15
        assert any(word in text for word in LETTER for text in opened_texts(home))


@pytest.mark.slow
def test_no_command_says_anything_of_it(erased, here, tmp_path):
    with opened(erased) as home:
        problems = list(problems_of(home))
        units = [topic.removeprefix("dispatch.") for topic, _ in home.log.topics() if topic.startswith("dispatch.")]
    assert len(units) > 3
    wanted = [MARK, SECOND, LETTER, NAME, EXTRA, PHONE, *WORDS, "停水"]
    commands: list[tuple[object, ...]] = [("search", word) for word in wanted]
    commands += [("show", name) for name in (REPORT, *problems)]
    commands += [("show", REPORT, "--contact", "--secret", "--reason", "核对")]
    commands += [("subscribe", "--unit", unit, "--from-start") for unit in units]
    commands += [("stats",), ("search", "", "--limit", "100", "--facets", "category"), ("dead-letters", "list")]
    commands += [("audit", "verify"), ("erase", REPORT)]
    for command in commands:
        for form in ((), ("--json",)):
            said = here(*command, *form)
            assert said.status == 0, (command, said)
            if command[:2] in [("search", word) for word in wanted if word != "停水"]:
                assert not orjson.loads(said.out)["total"] if form else "没有" in said.out, command
            else:
                assert traces(unescaped(said.out + said.err)) == [], command
    for command in (("show", NUMBER), ("dead-letters", "show", "intake.hotline-0-2")):
        said = here(*command)
        assert said.status == 2
        assert traces(said.err.replace(NUMBER, "")) == []


def said_by_topics(home: Home) -> str:
    records = [record for topic, _ in home.log.topics() for record in home.log.read(topic, 0, 100_000)]
    return unescaped(" ".join(f"{record.key} {(record.value or b'').decode()}" for record in records))


_SEALED = re.compile(r"A[Q-Za-f][\w=-]{38,}")
"""Base64 of version 1, a nonce and a tag at least."""


def sealed_in(value: Any) -> Iterator[str]:
    """Every string that could be a sealed text, in parked commands too."""
    match value:
        case dict():
            for part in value.values():
                yield from sealed_in(part)
        case list():
            for part in value:
                yield from sealed_in(part)
        case str() if _SEALED.fullmatch(value):
            yield value
        case str() if value.startswith(('{"type":', '{"id":')):
            yield from sealed_in(orjson.loads(value))


def stored_json(home: Home) -> Iterator[Any]:
    for name in home.store.aggregates():
        yield from (orjson.loads(stored.line) for stored in home.store.events_of(name))
    for topic, _ in home.log.topics():
        yield from (orjson.loads(record.value) for record in home.log.read(topic, 0, 100_000) if record.value)
    for letter in letters_of(home):
        yield letter.model_dump(mode="json")
    yield from (problem.model_dump(mode="json") for problem in problems_of(home).values())


def opened_texts(home: Home) -> Iterator[str]:
    """Every sealed text of log, topics and dead letters that any key of the vault opens."""
    ids = [name for (name,) in home.vault._db.execute("select id from keys")]
    keys = {name: key for name, key in home.vault.keys(ids).items() if key}
    for sealed in {text for value in stored_json(home) for text in sealed_in(value)}:
        for name, key in keys.items():
            try:
                text = unseal(key, name, sealed)
            except PoolDamaged:
                continue
            yield unescaped(text.decode("utf-8", "replace"))


def test_no_topic_event_or_dead_letter_can_be_opened_for_it(erased):
    with opened(erased) as home:
        assert traces(said_by_topics(home)) == []
        texts = list(opened_texts(home))
        assert len(texts) > 10
        assert [trace for text in texts for trace in traces(text)] == []


def test_no_port_gives_anything_of_it(erased):
    with opened(erased) as home:
        document = home.search.report(REPORT, ALL)
        assert document is not None
        assert document.erased
        assert (document.content, document.caller, document.attachments) == (None, None, [])
        assert home.search.by_source_id(NUMBER, ALL) == []
        assert home.search.similar(REPORT, ALL) == []
        assert all(other.id != REPORT for one in documents_of(home) for other, _ in home.search.similar(one, ALL))
        for word in (*WORDS, MARK, PHONE):
            assert home.search.count(Query(word), ALL) == 0
        for entry in home.store.match_entries(document.slot, document.time):
            if entry.report == REPORT:
                assert (entry.caller, entry.place_key, entry.simhash) == (None, "", 0)
        assert home.store.dead_letters_of(REPORT) == []
        assert home.store.claims([REPORT])[REPORT].contents == []
        assert home.vault.keys([REPORT]) == {REPORT: None}
        assert home.vault.contact(REPORT, "检查", "核对", home.clock.now()) is None
        hashes = [home.vault.keyed_hash("phone", phone) for phone in (PHONE, OTHER_PHONE)]
        assert home.vault.callers(hashes) == {}
        said = orjson.dumps(dump(home)).decode() + str(home.search.facets(Query(""), list(Facet), ALL))
        assert traces(said) == []
        assert reconcile(home.store, home.vault.keys, home.pack).faults == []


def test_no_file_holds_a_byte_of_it_after_compact(erased, here):
    ok(here("pool", "compact"))
    needles = [text.encode() for text in (MARK, SECOND, LETTER, NAME, *WORDS, PHONE, OTHER_PHONE, "热线-erase")]
    needles += [orjson.dumps(text)[1:-1] for text in (MARK,)]
    needles += ["".join(f"\\u{ord(character):04x}" for character in text).encode() for text in (MARK, SECOND, LETTER, NAME)]
    needles += [text.encode(form) for text in (MARK, SECOND, LETTER) for form in ("utf-16-le", "gb18030")]
    for file in [file for file in erased.rglob("*") if file.is_file()]:
        held = file.read_bytes()
        assert [needle for needle in needles if needle in held] == [], file
    with opened(erased) as home:  # the index shares beginnings of words between its entries, so bytes alone do not prove it
        home.connection.execute("create virtual table temp.terms using fts5vocab(main, fts, row)")
        terms = {term for (term,) in home.connection.execute("select term from terms")}
        assert terms.isdisjoint(WORDS)
        assert len(terms) > 20


def test_the_same_report_pushed_again_stores_nothing(erased, here, tmp_path):
    with opened(erased) as home:
        before, secrets = dump(home), vault_rows(home)
    counts = pushed(here, tmp_path, erased, ROW, REVISED, BROKEN, ROW | {"text": f"{MARK}又来了"}, ROW | {"text": 5})
    assert counts["new_reports"] == counts["dead_letters"] == 0
    with opened(erased) as home:
        assert dump(home) == before
        assert vault_rows(home) == secrets
        assert traces(said_by_topics(home)) == []


def vault_rows(home: Home) -> list[tuple[object, ...]]:
    return [row for table in ("keys", "caller_hashes") for row in home.vault._db.execute(f"select * from {table} order by 1")]


def test_it_stays_erased_after_a_rebuild(erased, here):
    with opened(erased) as home:
        before = dump(home)
        rebuild(home.connection, home.vault.keys, home.pack)
        assert dump(home) == before
    test_no_port_gives_anything_of_it(erased)


@pytest.mark.slow
@pytest.mark.parametrize("place", ["the same folder", "an empty folder"])
def test_it_stays_erased_when_an_old_backup_is_restored(place, told, here, tmp_path):
    """The backup is from before the erasure; the erasure was noted in it."""
    pool, copy, empty = tmp_path / "one", tmp_path / "copy", tmp_path / "two"
    shutil.copytree(told, pool)
    ok(here("backup", copy, "--with-key", home=pool))
    ok(here("erase", NUMBER, "--yes", home=pool))
    target, more = (pool, ("--replace",)) if place == "the same folder" else (empty, ())
    said = ok(here("restore", copy, *more, "--json", home=target))
    assert orjson.loads(said.out)["erased_again"] == 1
    test_no_port_gives_anything_of_it(target)
    test_no_topic_event_or_dead_letter_can_be_opened_for_it(target)
    ok(here("audit", "verify", home=target))
    test_no_file_holds_a_byte_of_it_after_compact(target, lambda *command: here(*command, home=target))


def test_a_backup_restored_into_an_empty_folder_gives_the_same_pool(told, here, tmp_path, story):
    pool = tmp_path / "restored"
    ok(here("restore", story["folder"] / "before", home=pool))
    with opened(told) as old, opened(pool) as new:
        assert everything(new) == everything(old)
    ok(here("audit", "verify", home=pool))
    assert orjson.loads(here("show", NUMBER, "--json", home=pool).out) == problem_of(here, told, NUMBER)


def everything(home: Home) -> dict[str, Any]:
    """Documents, events, topics, positions, secrets and answers to searches."""
    topics = {topic: home.log.read(topic, 0, 100_000) for topic, _ in home.log.topics()}
    events = home.store.events_after(0, 100_000)
    asked = [Query(text, limit=100) for text in ("", "停水", "水", MARK, "路灯 晚上", "望江花园")]
    found = [[hit.report.id for hit in home.search.search(query, ALL).hits] for query in asked]
    secrets = {name: home.vault.keys([name])[name] for name in documents_of(home)}
    offsets = home.connection.execute("select * from offsets order by 1, 2").fetchall()
    letters = [letter.model_dump() for letter in letters_of(home)]
    return dump(home) | {
        "topics": topics,
        "events": events,
        "found": found,
        "facets": home.search.facets(Query(""), list(Facet), ALL),
        "secrets": secrets,
        "offsets": offsets,
        "letters": letters,
        "contact": home.vault.contact(REPORT, "检查", "核对", home.clock.now()),
    }


def test_a_dead_letter_without_a_report_is_erased_by_its_number(folder, here, tmp_path):
    """It never became a report; the sender's number is known from its source."""
    counts = pushed(here, tmp_path, folder, BROKEN)
    assert counts["dead_letters"] == 1
    ok(here("erase", NUMBER, "--yes"))
    with opened(folder) as home:
        assert letters_of(home) == []
        assert list(opened_texts(home)) == []
    assert pushed(here, tmp_path, folder, BROKEN, ROW)["dead_letters"] == 0
    with opened(folder) as home:
        assert (letters_of(home), documents_of(home)) == ([], {})
    ok(here("pool", "compact"))
    for file in [file for file in folder.rglob("*") if file.is_file()]:
        held = file.read_bytes()
        assert [word for word in (*WORDS, PHONE, OTHER_PHONE) if word.encode() in held] == [], file


def test_the_sample_city_has_what_the_story_needs():
    pack: CityPack = sample_pack()
    assert {"c-shuiwu", "c-zhujian"} <= set(pack.units)
    assert Channel.HOTLINE in Channel
