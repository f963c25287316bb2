"""Which records a stage is stopped for."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from structlog.testing import capture_logs

from schemas.words import DeadLetterKind, Stage
from streams.careful import DEFECT_SHARE, DEFECTS_IN_A_ROW, WATCHED, Careful, StageStopped
from streams.effects import Effects, LogRecord, Message

READER: Any = SimpleNamespace(keys=lambda _ids: {})


class Doing:
    """A stage that does what each record says: good = asks for something, idle = asks for nothing, bad = fails."""

    def handle(self, batch: Sequence[LogRecord], reader: Any) -> Effects:
        if any(record.value == b"bad" for record in batch):
            raise ZeroDivisionError("a bug")
        return Effects(messages=[Message("dispatch.u", record.place, b"") for record in batch if record.value == b"good"])


def records(*what: str) -> list[LogRecord]:
    return [LogRecord("events", 0, n, f"p{n}", said.encode(), datetime.now(UTC)) for n, said in enumerate(what)]


@pytest.fixture(autouse=True)
def logged() -> Iterator[list[Any]]:
    """Lines of the log, which another test may have sent to a stream that is closed by now."""
    with capture_logs() as lines:
        yield lines


@pytest.fixture
def careful() -> Careful:
    return Careful(Stage.PUBLISH, Doing())


def test_a_record_that_fails_alone_is_a_dead_letter_and_costs_no_other(careful: Careful, logged: list[Any]) -> None:
    effects = careful.handle(records("good", "bad", "good"), READER)
    assert [message.key for message in effects.messages] == ["events-0-0", "events-0-2"]
    (letter,) = effects.writes.dead_letters
    assert (letter.id, letter.kind, letter.stage) == ("events-0-1", DeadLetterKind.DEFECT, "publish")
    assert [(line["event"], line["place"]) for line in logged] == [("record_failed", "events-0-1")]


@pytest.mark.parametrize("between", ["good", "idle"])
def test_a_row_of_failures_ends_with_a_record_that_goes_well_but_not_with_one_that_asks_for_nothing(
    careful: Careful, between: str
) -> None:
    batch = records(*["bad", between] * DEFECTS_IN_A_ROW)
    if between == "idle":
        with pytest.raises(StageStopped, match="连续 20 条"):
            careful.handle(batch, READER)
    else:
        assert len(careful.handle(batch, READER).writes.dead_letters) == DEFECTS_IN_A_ROW


@pytest.mark.parametrize("again", [False, True])
def test_a_second_look_at_what_went_well_does_not_thin_out_the_failures(careful: Careful, again: bool) -> None:
    careful.handle(records(*["good"] * (WATCHED - 1)), READER)
    share = round(WATCHED * DEFECT_SHARE)
    careful.handle(records(*["bad", "good"] * share), READER)
    for _ in range(2):
        careful.handle(records(*["good"] * WATCHED), READER, again=again)
    if again:
        with pytest.raises(StageStopped, match="最近 2000 条里 21 条"):
            careful.handle(records("good", "bad"), READER)
    else:
        assert len(careful.handle(records("good", "bad"), READER).writes.dead_letters) == 1
