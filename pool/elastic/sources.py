"""Documents as the sources of their indices: the narrow fields of the mapping, and the whole document as `doc`.

Written by hand around the models' own JSON, so that no document is turned into Python values on its way.
"""

from collections.abc import Mapping
from typing import Any

import orjson

from city.pack import CityPack
from pool.elastic.facts_source import source_of_facts
from pool.ports import StoredEvent
from pool.sqlite.rows import encoder, micros
from schemas.documents import Claim, DeadLetter, Outcome
from schemas.problem import Problem
from schemas.state import State, json_of_state
from schemas.watch import Watch

_claim_json, _outcome_json, _letter_json = encoder(Claim), encoder(Outcome), encoder(DeadLetter)

PlacedEvent = tuple[str, int, bytes, int]
"""(aggregate, version, line, sequence)"""


def with_doc(fields: Mapping[str, Any], doc: bytes) -> bytes:
    """fields: not empty; doc: JSON."""
    return orjson.dumps(fields)[:-1] + b',"doc":' + doc + b"}"


def of_claim(claim: Claim) -> bytes:
    return with_doc({"id": claim.id, "problem": claim.problem}, _claim_json(claim))


def of_state(state: State, written: int, pack: CityPack | None) -> bytes:
    """written: ms since 1970 by the writer's clock. pack: see `casework.facts`."""
    due = min((timer.due for timer in state.timers if not timer.expired), default=None)
    partition, offset = state.applied_to or (None, None)
    fields = {
        "id": state.id,
        "slot": state.slot,
        "version": state.version,
        "kind": state.id[0],
        "state": state.state,
        "next_due": None if due is None else micros(due),
        "partition": partition,
        "offset": offset,
        "written": written,
    }
    if isinstance(state, Watch):
        fields |= {"area_path": state.area_path, "alarms": state.alarms, "observed": state.observed}
    elif isinstance(state, Problem):
        fields |= {"lead": state.lead, "order_number": state.order_number}
        if state.version:
            fields["facts"] = source_of_facts(state, pack)
    return with_doc(fields, json_of_state(state))


def of_outcome(outcome: Outcome) -> bytes:
    return b'{"doc":' + _outcome_json(outcome) + b"}"


def of_letter(letter: DeadLetter) -> bytes:
    return with_doc({"id": letter.id, "report": letter.report, "kind": letter.kind}, _letter_json(letter))


def event_id(event: PlacedEvent) -> str:
    """Under which an event is stored: `<aggregate>-<version>`."""
    return f"{event[0]}-{event[1]}"


def of_event(event: PlacedEvent) -> bytes:
    aggregate, version, line, sequence = event
    return orjson.dumps({"aggregate": aggregate, "version": version, "sequence": sequence, "line": line.decode()})


def read_event(source: Mapping[str, Any]) -> StoredEvent:
    """The other way of `of_event`."""
    return StoredEvent(source["sequence"], source["aggregate"], source["version"], source["line"].encode())
