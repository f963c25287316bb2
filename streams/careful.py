"""Runs a pure stage so that one bad record costs no other: a batch that fails is taken apart.

A record that fails alone, twice, is a dead letter of kind `defect`; too many of them are no bad records but a bad stage.
"""

from collections import deque
from collections.abc import Callable, Sequence

import structlog

from pool.ports import Reader
from schemas.errors import WentichiError
from schemas.words import DeadLetterKind, Stage
from streams.dead_letters import bury
from streams.effects import Effects, LogRecord, StageHandler

DEFECTS_IN_A_ROW = 20
WATCHED = 2000
"""Records over which the share of failing ones is watched."""
DEFECT_SHARE = 0.01

log = structlog.get_logger()


class StageStopped(WentichiError):
    """A stage fails on too many records; nothing of the batch in hand was acked, the records wait."""


class Careful:
    """One stage of one process. Not for several threads."""

    def __init__(self, stage: Stage, handler: StageHandler, forget: Callable[[], None] = lambda: None) -> None:
        """forget: drops what the handler keeps in memory, which a batch that failed half-way may have touched."""
        self._stage = stage
        self._handler = handler
        self._forget = forget
        self._in_a_row = 0
        self._worked: deque[bool] = deque(maxlen=WATCHED)

    def handle(self, batch: Sequence[LogRecord], reader: Reader, *, again: bool = False) -> Effects:
        """The effects of the batch; records with defects are in them as dead letters. Raises StageStopped, and every
        WentichiError of the reader as it is: that is not the record's fault.

        again: these records were handled before, and what goes well with them now was counted then.
        """
        try:
            effects = self._handler.handle(batch, reader)
        except WentichiError:
            raise
        except Exception as error:
            return self._apart(batch, reader, error, again=again)
        if not again:
            self._went_well(len(batch), effects)
        return effects

    def _apart(self, batch: Sequence[LogRecord], reader: Reader, error: Exception, *, again: bool) -> Effects:
        self._forget()
        errors: dict[str, Exception] = {}
        for record in batch:
            tried = self._alone(record, reader)
            if isinstance(tried, Exception):
                errors[record.place] = tried
                self._failed(record, tried)
            elif not again:
                self._went_well(1, tried)
        good = [r for r in batch if r.place not in errors or not isinstance(self._alone(r, reader), Exception)]
        effects = self._handler.handle(good, reader) if good else Effects()
        kept = {record.place for record in good}
        for record in batch:
            if record.place not in kept:
                bury(effects, reader, record, self._stage, DeadLetterKind.DEFECT, errors.get(record.place, error))
        return effects

    def _went_well(self, count: int, effects: Effects) -> None:
        """Records that ask for nothing prove nothing: publish passes over every problem that has no unit yet."""
        if effects != Effects():
            self._in_a_row = 0
            self._worked.extend([True] * count)

    def _failed(self, record: LogRecord, failed: Exception) -> None:
        log.warning("record_failed", stage=self._stage.value, place=record.place, error=type(failed).__name__)
        self._in_a_row += 1
        self._worked.append(False)
        bad = self._worked.count(False)
        too_many = len(self._worked) == WATCHED and bad > WATCHED * DEFECT_SHARE
        if self._in_a_row < DEFECTS_IN_A_ROW and not too_many:
            return
        raise StageStopped(
            f"{self._stage.value} 连续 {self._in_a_row} 条、最近 {len(self._worked)} 条里 {bad} 条出错"
            f"(最近:{record.place},{type(failed).__name__}),已停;记录都还在,请升级或修复后重新运行"
        ) from failed

    def _alone(self, record: LogRecord, reader: Reader) -> Effects | Exception:
        try:
            return self._handler.handle([record], reader)
        except WentichiError:
            raise
        except Exception as error:
            return error
