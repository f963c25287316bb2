"""Problems that are in certain states, read from the pool page by page."""

from collections.abc import Iterator

from pool.query import Filters, Query, Sort
from pool.scope import Scope
from schemas.problem import Problem
from schemas.words import ProblemState
from streams.session import PoolHome

PAGE = 1000


def problems_in(home: PoolHome, states: frozenset[ProblemState], scope: Scope, unit: str = "") -> Iterator[Problem]:
    """Each once, its document as it is now; in no order that means anything. unit: only those in which it has or had a part."""
    seen: set[str] = set()
    query = Query(filters=Filters(states=states, unit=unit), sort=Sort.OLDEST, limit=PAGE)
    while True:
        page = home.search.search(query, scope)
        new = list(dict.fromkeys(hit.report.problem for hit in page.hits if hit.report.problem not in seen))
        seen.update(new)
        yield from home.store.problems(new).values()
        if not page.cursor:
            return
        query = Query(filters=query.filters, sort=query.sort, limit=PAGE, cursor=page.cursor)
