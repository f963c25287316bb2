"""State documents by the kind of their aggregate, which the first letter of its id tells."""

from collections.abc import Callable
from typing import Any

from schemas.admission import AdmissionTask
from schemas.identity import slot_of
from schemas.knowledge import Knowledge
from schemas.passing import BuckFinding
from schemas.problem import Problem
from schemas.proposals import DutyProposal
from schemas.watch import Watch

State = Problem | Watch | Knowledge | AdmissionTask | BuckFinding | DutyProposal

_KINDS: dict[str, type[State]] = {
    "p": Problem,
    "w": Watch,
    "k": Knowledge,
    "t": AdmissionTask,
    "f": BuckFinding,
    "d": DutyProposal,
}
_JSON: dict[str, Callable[[bytes], Any]] = {kind: model.__pydantic_validator__.validate_json for kind, model in _KINDS.items()}
_PYTHON: dict[str, Callable[[Any], Any]] = {kind: model.__pydantic_validator__.validate_python for kind, model in _KINDS.items()}
_WRITE: dict[str, Callable[[Any], bytes]] = {kind: model.__pydantic_serializer__.to_json for kind, model in _KINDS.items()}


def unborn(aggregate: str) -> State:
    """Version 0: nothing happened to it yet. Raises ValueError when this is no aggregate's id."""
    slot = slot_of(aggregate)
    return _KINDS[aggregate[0]](id=aggregate, slot=slot)


def state_of_json(aggregate: str, line: bytes) -> State:
    """The stored form to the state."""
    return _JSON[aggregate[0]](line)  # type: ignore[no-any-return]


def state_of_values(aggregate: str, values: Any) -> State:
    """Parsed JSON to the state."""
    return _PYTHON[aggregate[0]](values)  # type: ignore[no-any-return]


def json_of_state(state: State) -> bytes:
    """The stored form."""
    return _WRITE[state.id[0]](state)
