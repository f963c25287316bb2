"""What a back end gives to the suites."""

from typing import Protocol

from pool.ports import Events, Search, Timers, Writes


class Backend(Protocol):
    """store: Reader without keys and callers, Events, Timers. `write` commits, and what it wrote can be searched on return."""

    store: "StoreUnderTest"
    search: Search

    def write(self, writes: Writes) -> None: ...


class StoreUnderTest(Events, Timers, Protocol):
    """See pool.ports.Reader."""

    def claims(self, ids): ...

    def states(self, ids): ...

    def problems(self, ids): ...

    def report_documents(self, ids): ...

    def outcomes(self, commands): ...

    def dead_letters(self, after="", limit=100): ...

    def match_entries(self, slot, since): ...
