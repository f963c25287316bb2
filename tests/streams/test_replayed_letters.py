"""A dead letter that is sent again came in when it came in first: its words never take the place of later ones."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from faults.whole import documents_of, letters_of, opened

from console.letters import replay
from console.push_rows import row_of
from pool.sqlite.store import SqliteReader
from schemas.cloudevent import received_before
from schemas.words import Channel, DeadLetterKind, Mode, Stage, intake_topic
from streams.dead_letters import bury
from streams.effects import Effects, LogRecord
from streams.local.home import Home, transaction
from streams.local.session import Session

TOPIC = intake_topic(Channel.MESSAGE).value
FIRST = {"id": "1", "time": "2025-03-01T08:00:00+08:00", "title": "停水", "text": "望江花园3栋停水", "user": "用户甲"}
CORRECTED = "更正:望江花园5栋停水"
AN_HOUR_AGO = datetime.now(UTC) - timedelta(hours=1)


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    with opened(tmp_path) as home:
        session = Session(home)
        yield session
        session.release()


def row(**fields: Any) -> tuple[str | None, bytes]:
    return row_of(orjson.dumps(FIRST | fields), Channel.MESSAGE, "push/message", Mode.LIVE)


def put_aside(home: Home) -> None:
    """The first record, as a stage with a bug leaves it."""
    key, value = row()
    effects, record = Effects(), LogRecord(TOPIC, 0, 7, key, value, AN_HOUR_AGO)
    bury(effects, SqliteReader(home.store, home.vault), record, Stage.INTAKE, DeadLetterKind.DEFECT, ValueError("a bug"))
    home.vault.write(effects.keys, [])
    with transaction(home.connection):
        home.store.write(effects.writes)


def work(session: Session, *records: tuple[str | None, bytes]) -> str:
    """The words that hold afterwards."""
    session.append(TOPIC, list(records))
    session.work(session.worked(Stage.INTAKE, TOPIC), drain=True)
    (document,) = documents_of(session.home).values()
    assert document.content is not None
    return document.content.text


@pytest.mark.parametrize("number", [{}, {"revision": 3}])
def test_later_words_hold_numbered_or_not(session: Session, number: dict[str, int]) -> None:
    put_aside(session.home)
    assert work(session, row(text=CORRECTED, **number)) == CORRECTED
    (letter,) = letters_of(session.home)
    assert replay(session, letter)["became"] == "report"
    assert work(session) == CORRECTED


def test_alone_it_becomes_a_report_that_came_in_then(session: Session) -> None:
    put_aside(session.home)
    (letter,) = letters_of(session.home)
    assert replay(session, letter)["became"] == "report"
    assert work(session) == FIRST["text"]
    (document,) = documents_of(session.home).values()
    assert abs(document.received - AN_HOUR_AGO) < timedelta(seconds=1)
    assert work(session, row(text=CORRECTED)) == CORRECTED


def test_the_moment_is_added_once_and_only_to_what_is_an_event() -> None:
    _, value = row()
    once = received_before(value, AN_HOUR_AGO, 7)
    assert orjson.loads(once) == orjson.loads(value) | {"poolreceived": AN_HOUR_AGO.isoformat(), "poolsequence": 7}
    assert received_before(once, datetime.now(UTC), 8) == once
    for other in (b"", b"{}", b"[1]", b'{"id": '):
        assert received_before(other, AN_HOUR_AGO, 7) == other
