"""Conditions on facts as SQL, and the two questions that are asked of the table: figures, and cases. Names come from closed sets,
every value is bound."""

import sqlite3
from typing import Any, Final

from casework.facts import Facts
from pool.conditions import (
    COUNTS,
    FLAGS,
    LISTS,
    MOMENTS,
    And,
    AtLeast,
    Below,
    Condition,
    Equals,
    Is,
    Not,
    Or,
    Total,
    Within,
)
from pool.figures import COLUMNS, Asked, Figures, Order, figures_of
from pool.scope import Scope
from pool.sqlite.facts import NAMES, read_facts

_ALL: Final = ", ".join(f"f.{name}" for name in NAMES)


class _Sql:
    """One statement in the making; the values in the order of their question marks."""

    def __init__(self) -> None:
        self.values: list[Any] = []

    def bind(self, *values: Any) -> None:
        self.values += values

    def condition(self, condition: Condition) -> str:  # noqa: PLR0911 - one for each word
        match condition:
            case Is(name):
                return f"f.{name}" if name in FLAGS else f"f.{name} is not null" if name in MOMENTS else f"f.{name} <> ''"
            case Equals(name, value):
                if name in LISTS:
                    self.bind("||" if "|" in value or not value else f"|{value}|")
                    return f"instr(f.{name}, ?) > 0"
                self.bind(value)
                return f"f.{name} = ?"
            case Below(name, path):
                self.bind(len(path), path)
                return f"substr(f.{name}, 1, ?) = ?"
            case AtLeast(name, number):
                self.bind(number)
                return f"f.{name} >= ?"
            case Within(name, since, until):
                limits = [(sign, at) for sign, at in ((">=", since), ("<", until)) if at is not None]
                self.bind(*(at for _, at in limits))
                return " and ".join([f"f.{name} is not null", *(f"f.{name} {sign} ?" for sign, _ in limits)])
            case Not(of):
                return f"not ({self.condition(of)})"
            case And(parts):
                return " and ".join(f"({self.condition(part)})" for part in parts) or "1"
            case Or(parts):
                return " or ".join(f"({self.condition(part)})" for part in parts) or "0"

    def total(self, total: Total) -> str:
        added = " + ".join(f"f.{name}" for name in total.sums if name in COUNTS) or "1"
        return f"coalesce(sum(case when {self.condition(total.where)} then {added} else 0 end), 0)"


def scope_condition(scope: Scope) -> Condition:
    """The same rule as Scope.permits."""
    if scope.everything:
        return And(())
    seen = [Equals("units", unit) for unit in sorted(scope.units)]
    return Or((*seen, *(Below("area_path", path) for path in sorted(scope.area_paths))))


def measures(db: sqlite3.Connection, asked: Asked, scope: Scope) -> Figures:
    """One walk over the table."""
    sql = _Sql()
    key = "''" if asked.group is None else f"f.{COLUMNS[asked.group]}"
    grouped = "" if asked.group is None else " group by 1"
    columns = [sql.total(total) for total in asked.totals]
    where = sql.condition(And((Is("counted"), scope_condition(scope))))
    rows = db.execute(f"select {key}, {', '.join(columns)} from facts f where {where}{grouped}", sql.values)
    return figures_of(asked, {str(row[0]): row[1:] for row in rows})


def cases(db: sqlite3.Connection, condition: Condition, scope: Scope, order: Order | None, after: str, limit: int) -> list[Facts]:
    sql = _Sql()
    wanted = And((Is("counted"), scope_condition(scope), condition))
    where = sql.condition(wanted)
    if order is None:
        where += " and f.problem > ?"
        sql.bind(after)
        by = "f.problem"
    else:
        by = f"f.{order.field} is null, f.{order.field}{' desc' if order.falling else ''}, f.problem"
    rows = db.execute(f"select {_ALL} from facts f where {where} order by {by} limit ?", [*sql.values, limit])
    return [read_facts(row) for row in rows]
