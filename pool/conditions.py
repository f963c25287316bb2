"""The language in which a measure is written: conditions on facts, and what is counted or added up where they hold.

Closed and tiny, so that each store compiles it once and all give the same answer. A condition is never "unknown": a fact that is
not there is "", 0, false or no moment.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from casework.facts import FIELDS, Count, Facts, Flag, Keyword, Keywords, Moment

COUNTS: Final = frozenset(name for name, kind in FIELDS.items() if kind is Count)
FLAGS: Final = frozenset(name for name, kind in FIELDS.items() if kind is Flag)
KEYWORDS: Final = frozenset(name for name, kind in FIELDS.items() if kind is Keyword)
LISTS: Final = frozenset(name for name, kind in FIELDS.items() if kind is Keywords)
MOMENTS: Final = frozenset(name for name, kind in FIELDS.items() if kind == Moment)


@dataclass(frozen=True, slots=True)
class Is:
    """The flag is set, the moment is known, the keyword is not empty."""

    field: str

    def __post_init__(self) -> None:
        _require(self.field, FLAGS | MOMENTS | KEYWORDS)


@dataclass(frozen=True, slots=True)
class Equals:
    """The keyword is this one, or the list holds it."""

    field: str
    value: str

    def __post_init__(self) -> None:
        _require(self.field, KEYWORDS | LISTS)


@dataclass(frozen=True, slots=True)
class Below:
    """The path lies in this subtree: it begins with `path`."""

    field: str
    path: str

    def __post_init__(self) -> None:
        _require(self.field, frozenset({"area_path", "category_path"}))


@dataclass(frozen=True, slots=True)
class AtLeast:
    """The count is `number` or more. number: 1 or more, since a store may leave out what is 0."""

    field: str
    number: int

    def __post_init__(self) -> None:
        _require(self.field, COUNTS)
        if self.number < 1:
            raise ValueError(f"{self.field}: at least {self.number} holds always")


@dataclass(frozen=True, slots=True)
class Within:
    """The moment is known and lies in [since, until), in µs since 1970; None: no limit on that side."""

    field: str
    since: int | None
    until: int | None

    def __post_init__(self) -> None:
        _require(self.field, MOMENTS)


@dataclass(frozen=True, slots=True)
class Not:
    of: "Condition"


@dataclass(frozen=True, slots=True)
class And:
    """All of them; of none: always."""

    of: "tuple[Condition, ...]"


@dataclass(frozen=True, slots=True)
class Or:
    """One of them at least; of none: never."""

    of: "tuple[Condition, ...]"


Condition = Is | Equals | Below | AtLeast | Within | Not | And | Or


@dataclass(frozen=True, slots=True)
class Total:
    """How many problems the condition holds for; with `sums`, these counts added up over them."""

    where: Condition
    sums: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in self.sums:
            _require(name, COUNTS)


def _require(field: str, allowed: frozenset[str]) -> None:
    if field not in allowed:
        raise ValueError(f"no such fact of this kind: {field}")


def both(*conditions: Condition) -> Condition:
    return conditions[0] if len(conditions) == 1 else And(conditions)


def holds(condition: Condition, facts: Facts) -> bool:  # noqa: PLR0911 - one for each word
    """The rule itself, on facts in hand."""
    match condition:
        case Is(field):
            value = getattr(facts, field)
            return value is not None if field in MOMENTS else bool(value)
        case Equals(field, value):
            held = getattr(facts, field)
            return bool(value in held if field in LISTS else value == held)
        case Below(field, path):
            return str(getattr(facts, field)).startswith(path)
        case AtLeast(field, number):
            return bool(getattr(facts, field) >= number)
        case Within(field, since, until):
            moment = getattr(facts, field)
            return moment is not None and (since is None or moment >= since) and (until is None or moment < until)
        case Not(of):
            return not holds(of, facts)
        case And(parts):
            return all(holds(part, facts) for part in parts)
        case Or(parts):
            return any(holds(part, facts) for part in parts)


def said(condition: Condition) -> Iterator[str]:
    """Names of the facts that a condition asks for."""
    match condition:
        case Not(of):
            yield from said(of)
        case And(parts) | Or(parts):
            for part in parts:
                yield from said(part)
        case _:
            yield condition.field
