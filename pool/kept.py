"""Which of the aggregates of a kind a reader is shown, page by page."""

from collections.abc import Callable
from typing import Final

from pool.scope import Scope
from schemas.errors import ContractError
from schemas.identity import KINDS
from schemas.state import State

KEPT: Final = frozenset(KINDS) - {"p", "w"}
"""Kinds that have no search of their own."""
_AT_A_TIME: Final = 500


def permitted(page: Callable[[str, int], list[State]], kind: str, scope: Scope, after: str, limit: int) -> list[State]:
    """The first `limit` that the scope permits. page: (after, limit) -> aggregates by id, whoever may see them.

    Raises ContractError when this is no such kind.
    """
    if kind not in KEPT:
        raise ContractError("kind", f"应为 {'、'.join(sorted(KEPT))} 之一", "请用编号的第一个字母")
    found: list[State] = []
    if scope.nothing:
        return found
    size = limit if scope.everything else max(limit, _AT_A_TIME)
    while len(found) < limit:
        states = page(after, size)
        found += [state for state in states if scope.permits_kept(state)]
        if len(states) < size:
            break
        after = states[-1].id
    return found[:limit]
