"""A record that cannot be worked becomes a dead letter: reason, place, remedy; its content sealed under a key of its own."""

import re

from intake.seal import new_key, seal, unseal
from language.mask import mask
from language.normalise import strip_controls
from pool.ports import Reader
from schemas.documents import DeadLetter
from schemas.errors import ContractError, NotFound
from schemas.words import DeadLetterKind, Stage, Topic
from streams.effects import Effects, LogRecord

EXCERPT = 300
"""Characters of a dead letter that are shown, masked."""
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|`[^`]*`")
KEPT = 1 << 20
"""Bytes of a record that are kept for a replay; a longer one is cut and says so."""


def key_name(letter: str) -> str:
    """The vault's name for a dead letter's key."""
    return f"dead:{letter}"


def bury(
    effects: Effects,
    reader: Reader,
    record: LogRecord,
    stage: Stage,
    kind: DeadLetterKind,
    error: Exception,
    part: int = 0,
) -> None:
    """Add the dead letter and its key to the effects. The excerpt is masked; the content can be read only with the key.

    A key that an interrupted run of the same batch has left is used again: keys are create-only. part: 1, 2, … for the
    further letters of one record. An event's letter is of no report: it holds the line as it stands in the log of record,
    whose words an erasure makes unreadable in both.
    """
    raw = record.value or b""
    letter = f"{record.place}.{part}" if part else record.place
    stored = reader.keys([key_name(letter)])
    key = stored.get(key_name(letter)) or new_key()
    if key_name(letter) not in stored:
        effects.keys[key_name(letter)] = key
    shown = mask(strip_controls(raw[: EXCERPT * 8].decode("utf-8", "replace"))).text[:EXCERPT]
    reason = error.rule if isinstance(error, ContractError) else told(error)
    effects.writes.dead_letters.append(
        DeadLetter(
            id=letter,
            kind=kind,
            stage=stage.value,
            topic=record.topic,
            partition=record.partition,
            offset=record.offset,
            reason=reason,
            field=error.field if isinstance(error, ContractError) else "",
            remedy=error.remedy if isinstance(error, ContractError) else "",
            at=record.at,
            report=None if record.topic == Topic.EVENTS else record.key,
            shown=shown,
            sealed=seal(key, key_name(letter), raw[:KEPT]),
            key=record.key,
        )
    )


def told(error: Exception) -> str:
    """A store quotes the value that it refuses, and a defect what it stumbled over: quotations go, the rest is masked."""
    said = _QUOTED.sub("…", strip_controls(str(error)))
    return mask(said).text[:500] or type(error).__name__


def content_of(letter: DeadLetter, key: bytes | None) -> bytes:
    """The record as it came. Raises NotFound when its key was destroyed."""
    if key is None:
        raise NotFound(f"死信 {letter.id} 的内容已删除,不能重放")
    return unseal(key, key_name(letter.id), letter.sealed)
