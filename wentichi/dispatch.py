"""What a unit has to do: its current view of one problem. What it can say to that: wentichi.steps."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, Literal

from wentichi.errors import BadReply
from wentichi.steps import Receipt, Steps
from wentichi.words import Action, Card, Part, Paused

Write = Callable[[str, str, bytes], Receipt]
"""Puts (unit, problem, value) on `progress.<unit>` and waits until the broker has it."""

_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Dispatch(Steps):
    """The whole current view that one unit has of one problem; a later one (higher `version`) takes its place.

    forgotten: delete what you hold of this problem; all but problem and unit is empty, and where the problem goes on a fresh
    view follows. withdrawn: the unit no longer has the problem. assignment: dispatched, signed, contacted, return_asked, replied,
    closed, returned, withdrawn, merged. raw: the view as it came, with fields that this version of the client does not know.

    clarity: of a grassroots unit, what the department does, what it does itself, what support it gets. own_due: of a cooperator;
    review_due: until when a return is to be decided. card: a warning before (yellow) or after (red) `handle_due`. escalation: how
    far up it was told. supervised: on the key list (督办). faults: what the check of the reply that stands found. redo: how often
    callers or a look back asked for it again. paused: why the clock of handling stands. final: cannot be given back.
    whistles: those that the unit blew or was summoned by, each with number, by, to, asked, due, answered, coming, arrived, ended,
    outcome, late, mark_of_summoned, mark_of_whistler; times in it, as in reports, are ISO 8601 text.
    """

    problem: str
    unit: str
    forgotten: bool = False
    version: int = 0
    order_number: str = ""
    part: Part | Literal[""] = ""
    assignment: str = ""
    withdrawn: bool = False
    state: str = ""
    category: str | None = None
    category_name: str = ""
    duty_item: str | None = None
    legal_basis: str = ""
    urgency: str = ""
    area: str | None = None
    grid: str | None = None
    dispatched: datetime | None = None
    sign_due: datetime | None = None
    handle_due: datetime | None = None
    lead: str | None = None
    cooperators: tuple[str, ...] = ()
    asked: str = ""
    reports: tuple[Mapping[str, Any], ...] = ()
    clarity: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    contact_due: datetime | None = None
    own_due: datetime | None = None
    review_due: datetime | None = None
    card: Card | None = None
    escalation: int = 0
    supervised: bool = False
    faults: tuple[str, ...] = ()
    redo: int = 0
    paused: Paused | None = None
    final: bool = False
    whistles: tuple[Mapping[str, Any], ...] = ()
    raw: Mapping[str, Any] = field(default_factory=lambda: _NOTHING, repr=False)
    _write: Write | None = field(default=None, repr=False, compare=False)

    def _say(self, action: Action, by: str, key: str, text: str = "", *, without_part: bool = False, **more: Any) -> Receipt:
        """Refuses what the view in hand already forbids: a problem that is gone, and oneself as the other unit."""
        if self.forgotten or self._write is None or (self.withdrawn and not without_part):
            raise BadReply(f"问题 {self.problem} 已{'删除' if self.forgotten else '收回'},不能再办这一步;请停止办理")
        if len(key) > 100 or len(by) > 100:
            raise BadReply("id 和 by 至多 100 字;请缩短")
        said = {name: value for name, value in more.items() if value is not None}
        if self.unit in (said.get("to"), *said.get("notes", ())):
            raise BadReply("不能对本单位吹哨、评价或请本单位协办;请写另一个单位的编码")
        step = {"problem": self.problem, "action": action, "text": text, "by": by, **said}
        step["id"] = key or self._derived(action, text, said)
        try:
            value = json.dumps(step, ensure_ascii=False).encode()
        except UnicodeEncodeError as error:
            raise BadReply("文字里有不成字符的半个代理对;请检查文字的来源与编码") from error
        return self._write(self.unit, self.problem, value)

    def _derived(self, action: Action, text: str, said: Mapping[str, Any]) -> str:
        """A retry's id: the same words of the same assignment are the same step, whichever view they answer.

        Two kinds of steps may be meant anew in the same words: waiting and applying belong to the due time that holds, and
        resuming, which has no words, to the view; said twice of these, the pool takes the first and refuses the second.
        """
        parts = [self.problem, action, self.dispatched.isoformat() if self.dispatched else "", self.asked, text]
        parts += [f"{name}={json.dumps(said[name], ensure_ascii=False, sort_keys=True)}" for name in sorted(said)]
        if action in ("apply", "wait"):
            parts.append(self.handle_due.isoformat() if self.handle_due else "")
        if action == "resume":
            parts.append(str(self.version))
        return hashlib.blake2b("\x00".join(parts).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def dispatch_of(unit: str, problem: str, value: bytes | None, write: Write) -> Dispatch:
    """A record of `dispatch.<unit>`. Raises ValueError for what is no view."""
    if value is None:
        return Dispatch(problem=problem, unit=unit, forgotten=True)
    view = json.loads(value)
    if not isinstance(view, dict) or view.get("problem") != problem or not isinstance(view.get("version"), int):
        raise ValueError("no view of this problem")
    known: dict[str, Any] = {one.name: view[one.name] for one in fields(Dispatch) if one.name in view and one.name not in _OWN}
    known |= {name: _moment(view, name) for name in _MOMENTS}
    known |= {name: tuple(view.get(name) or ()) for name in ("cooperators", "faults")}
    known |= {name: tuple(_frozen(one) for one in view.get(name) or ()) for name in ("reports", "whistles")}
    return Dispatch(**known, unit=unit, clarity=_frozen(view.get("clarity") or {}), raw=_frozen(view), _write=write)


_MOMENTS: Final = ("dispatched", "sign_due", "handle_due", "contact_due", "own_due", "review_due")
_OWN: Final = frozenset(
    (*_MOMENTS, "unit", "forgotten", "cooperators", "faults", "reports", "whistles", "clarity", "raw", "_write")
)
"""Fields that do not stand in a view, or not in this form."""


def _frozen(value: dict[str, Any]) -> Mapping[str, Any]:
    """Raises TypeError for what is no JSON object."""
    return MappingProxyType(value)


def _moment(view: Mapping[str, Any], name: str) -> datetime | None:
    found = view.get(name)
    return datetime.fromisoformat(found) if found else None
