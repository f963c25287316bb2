"""What a unit has to do: its current view of one problem, and what it can say to that."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, Literal

from wentichi.errors import BadReply

MAX_TEXT: Final = 20_000
"""Characters of a reply."""

Write = Callable[[str, str, bytes], "Receipt"]
"""Puts (unit, problem, value) on `progress.<unit>` and waits until the broker has it."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """The broker has the record and every replica in sync keeps it. key: the report's id in the pool, or the problem."""

    key: str
    topic: str
    partition: int
    offset: int


@dataclass(frozen=True, slots=True)
class Dispatch:
    """The whole current view that one unit has of one problem; a later one (higher `version`) takes its place.

    forgotten: delete what you hold of this problem; all but problem and unit is empty, and where the problem goes on a fresh
    view follows. withdrawn: the unit no longer has the problem. assignment: dispatched, signed, replied, closed, withdrawn,
    merged. raw: the view as it came, with fields that this version of the client does not know.
    """

    problem: str
    unit: str
    forgotten: bool = False
    version: int = 0
    order_number: str = ""
    part: Literal["lead", "cooperator", ""] = ""
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
    raw: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    _write: Write | None = field(default=None, repr=False, compare=False)

    def sign(self, *, by: str = "", id: str = "") -> Receipt:  # noqa: A002
        """Sign for the problem (签收). by: who did it, in the unit's own words. See `reply` for id and errors."""
        return self._say("sign", "", by, id)

    def reply(self, text: str, *, by: str = "", id: str = "") -> Receipt:  # noqa: A002
        """Answer what was done (答复); returns when the broker has it, whether the pool agrees stands in a later dispatch.

        id: key for retries, at most 100 characters. Left out, it follows from problem, assignment, what is asked and text: a
        program that dies in between and says the same again is heard once. Raises BadReply for an empty or too long text
        and for a problem that the unit no longer has.
        """
        if not text.strip():
            raise BadReply("答复不能为空;请写明办理情况")
        if len(text) > MAX_TEXT:
            raise BadReply(f"答复共 {len(text)} 字,至多 {MAX_TEXT} 字;请删节")
        return self._say("reply", text, by, id)

    def _say(self, action: str, text: str, by: str, key: str) -> Receipt:
        if self.forgotten or self.withdrawn or self._write is None:
            raise BadReply(f"问题 {self.problem} 已{'删除' if self.forgotten else '收回'},不能签收或答复;请停止办理")
        if len(key) > 100 or len(by) > 100:
            raise BadReply("id 和 by 至多 100 字;请缩短")
        moment = self.dispatched.isoformat() if self.dispatched else ""
        said = {"problem": self.problem, "action": action, "text": text, "by": by}
        said["id"] = key or _derived(self.problem, action, moment, self.asked, text)
        try:
            value = json.dumps(said, ensure_ascii=False).encode()
        except UnicodeEncodeError as error:
            raise BadReply("答复里有不成字符的半个代理对;请检查文字的来源与编码") from error
        return self._write(self.unit, self.problem, value)


def dispatch_of(unit: str, problem: str, value: bytes | None, write: Write) -> Dispatch:
    """A record of `dispatch.<unit>`. Raises ValueError for what is no view."""
    if value is None:
        return Dispatch(problem=problem, unit=unit, forgotten=True)
    view = json.loads(value)
    if not isinstance(view, dict) or view.get("problem") != problem or not isinstance(view.get("version"), int):
        raise ValueError("no view of this problem")
    known = {one.name: view[one.name] for one in fields(Dispatch) if one.name in view and one.name not in _OWN}
    return Dispatch(
        **known,
        unit=unit,
        dispatched=_moment(view, "dispatched"),
        sign_due=_moment(view, "sign_due"),
        handle_due=_moment(view, "handle_due"),
        cooperators=tuple(view.get("cooperators", ())),
        reports=tuple(view.get("reports", ())),
        raw=MappingProxyType(view),
        _write=write,
    )


_OWN: Final = frozenset(("unit", "forgotten", "dispatched", "sign_due", "handle_due", "cooperators", "reports", "raw", "_write"))
"""Fields that do not stand in a view, or not in this form."""


def _moment(view: Mapping[str, Any], name: str) -> datetime | None:
    found = view.get(name)
    return datetime.fromisoformat(found) if found else None


def _derived(*parts: str) -> str:
    text = "\x00".join(parts).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(text, digest_size=16).hexdigest()
