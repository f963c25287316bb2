"""Answers found while a call is taken: the index of one process over the knowledge in force."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from classifiers.answers import AnswerFinder
from pool.ports import Search
from pool.scope import ALL, Scope
from schemas.knowledge import Knowledge
from schemas.state import State
from schemas.words import KnowledgeState

FRESH: Final = 10.0
"""Seconds after which the index looks for what was written since. What is found is read again at once, so what was withdrawn
meanwhile is never shown."""
_AT_A_TIME: Final = 1000


@dataclass(frozen=True, slots=True)
class Answer:
    """item: as it is now. score: by which it was put in order; words: of the caller's that it has."""

    item: Knowledge
    score: float
    words: tuple[str, ...]

    @property
    def doubted(self) -> bool:
        """To be shown with a warning."""
        return self.item.state is KnowledgeState.DOUBTED


class AnswerDesk:
    """One thread at a time. states: get by id, as of now (port Reader); clock: seconds, rising."""

    def __init__(
        self,
        search: Search,
        states: Callable[[Iterable[str]], Mapping[str, State]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._search, self._states, self._clock = search, states, clock
        self._finder = AnswerFinder()
        self._read: float | None = None

    def find(self, text: str, scope: Scope, limit: int = 5, category: str | None = None) -> list[Answer]:
        """Best first. category: what intake proposes for these words. Who may see nothing is told nothing."""
        if scope.nothing:
            return []
        now = self._clock()
        if self._read is None or now - self._read >= FRESH:
            self._finder.refresh(_in_force(self._search))
            self._read = now
        found = self._finder.find(text, limit, category)
        held = self._states([one.item for one in found])
        items = [(one, held.get(one.item)) for one in found]
        return [Answer(item, one.score, one.words) for one, item in items if isinstance(item, Knowledge) and item.usable]


def _in_force(search: Search) -> Iterator[Knowledge]:
    for state in (KnowledgeState.VALID, KnowledgeState.DOUBTED):
        after = ""
        while True:
            items = search.kept("k", state.value, ALL, after, _AT_A_TIME)
            yield from (item for item in items if isinstance(item, Knowledge))
            if len(items) < _AT_A_TIME:
                break
            after = items[-1].id
