"""Dead letters by id, and what becomes of one that is sent again."""

from typing import Any

import orjson

from schemas.cloudevent import received_before
from schemas.commands import COMMAND
from schemas.documents import DeadLetter
from schemas.errors import NotFound, WentichiError
from schemas.identity import command_id
from schemas.words import PROGRESS_PREFIX, Stage, Topic
from streams.dead_letters import content_of, key_name, told
from streams.effects import LogRecord
from streams.publish_again import publish_again
from streams.session import PoolHome, PoolSession, place_name, stage_of


def letter_at(home: PoolHome, place: str) -> DeadLetter | None:
    """The dead letter of the record at topic-partition-offset, or None."""
    return home.letters_at([place]).get(place)


def every_letter(home: PoolHome) -> list[DeadLetter]:
    """Oldest first."""
    found: list[DeadLetter] = []
    while page := home.store.dead_letters(found[-1].id if found else "", 500):
        found += page
    return sorted(found, key=lambda letter: (letter.at, letter.topic, letter.offset))


def replay(session: PoolSession, letter: DeadLetter) -> dict[str, Any]:
    """Append the record anew, let the letter go with it, work or wait, and say what became of it. An event stands in the log of
    record once and for all: its problem is published again instead.

    Raises NotFound when its content was destroyed.
    """
    home = session.home
    raw = content_of(letter, home.vault.keys([key_name(letter.id)]).get(key_name(letter.id)))
    if letter.topic == Topic.EVENTS:
        return _published(session, letter, raw)
    report = [letter.key] if letter.key and letter.topic.startswith("intake.") else []
    if report:
        raw = received_before(raw, letter.at, letter.offset)
    known = bool(home.store.claims(report))
    (appended,) = session.append(letter.topic, [(letter.key, raw)], along=lambda: home.drop_letters([letter.id]))
    home.vault.erase(key_name(letter.id))  # nothing reads the old copy any more
    stage = stage_of(letter.topic)
    if stage is None:
        raise NotFound(f"死信 {letter.id} 的主题 {letter.topic} 没有人处理,已放回该主题")
    place = place_name(letter.topic, appended)

    def became() -> bool:
        return letter_at(home, place) is not None or (not known and bool(home.store.claims(report)))

    session.work(session.worked(stage, letter.topic, became))
    again = letter_at(home, place)
    if again is not None:
        why = {"field": again.field, "reason": again.reason, "remedy": again.remedy}
        return {"id": letter.id, "became": "dead_letter", "now": place} | why
    if stage is Stage.INTAKE:
        problem = "".join(claim.problem for claim in home.store.claims(report).values())
        return {"id": letter.id, "became": "report", "report": letter.key or "", "problem": problem}
    command = _command(letter, raw, place)
    outcome = home.store.outcomes([command]).get(command)
    decided = outcome.model_dump(mode="json") if outcome else {}
    return {"id": letter.id, "became": "command"} | decided


def _published(session: PoolSession, letter: DeadLetter, raw: bytes) -> dict[str, Any]:
    """The letter goes when the views are sent, and stays as it is where that fails again. Its key stays in any case: were the
    event to come to publish once more, its letter would have the same number."""
    event = LogRecord(letter.topic, letter.partition, letter.offset, letter.key, raw, letter.at)
    try:
        units = publish_again(session, event)
    except WentichiError:
        raise
    except Exception as error:
        return {"id": letter.id, "became": "dead_letter", "now": letter.id, "field": "", "reason": told(error), "remedy": ""}
    session.home.drop_letters([letter.id])
    return {"id": letter.id, "became": "published", "problem": letter.key or "", "units": units}


def _command(letter: DeadLetter, raw: bytes, place: str) -> str:
    """The id of the command that the record was or has become."""
    if letter.topic.startswith(PROGRESS_PREFIX):
        own = orjson.loads(raw).get("id")
        return command_id("progress", letter.topic.removeprefix(PROGRESS_PREFIX), own or place)
    return COMMAND.validate_json(raw).id
