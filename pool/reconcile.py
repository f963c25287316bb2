"""Compare the pool with the fold of its events: drift as a figure, each fault with its place; repair; look again."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from casework.facts import FIELDS, Facts, facts
from city.pack import CityPack
from pool.folded import Folded, LogView, complete, keep_books
from pool.ports import Events, Writes
from schemas.aggregate import UNCOMPARED
from schemas.documents import CLAIM_UNCOMPARED, Claim, ReportDocument
from schemas.errors import PoolDamaged
from schemas.problem import Problem
from schemas.state import State

REPORT_UNCOMPARED = frozenset({"version"})
"""A report document's version says when it was last derived, which replays and rebuilds may do at other times."""
LOOKS_AGAIN = 2


class Pool(Events, Protocol):
    """What reconcile reads of a back end."""

    def states(self, ids: Iterable[str]) -> dict[str, State]: ...

    def facts(self, ids: Iterable[str]) -> dict[str, Facts]: ...

    def report_documents(self, ids: Iterable[str]) -> dict[str, ReportDocument]: ...

    def claims(self, ids: Iterable[str]) -> dict[str, Claim]: ...

    def state_ids(self) -> Iterator[str]:
        """Every state document, also of version 0."""
        ...

    def report_ids(self) -> Iterator[str]: ...

    def claim_ids(self) -> Iterator[str]: ...


@dataclass(slots=True)
class Findings:
    """What a comparison found. drift: documents that are missing, different or without events, out of `compared`."""

    aggregates: int = 0
    events: int = 0
    compared: int = 0
    faults: list[str] = field(default_factory=list)
    repairs: Writes = field(default_factory=Writes)

    @property
    def drift(self) -> int:
        return len(self.faults)


def reconcile(
    pool: Pool,
    keys: Callable[[Iterable[str]], dict[str, bytes | None]],
    pack: CityPack,
    settle: Callable[[], None] | None = None,
) -> Findings:
    """Compare every document with the log. `repairs`: the documents as the log has them; a broken chain is never repaired.

    settle: for a pool that others write to meanwhile: returns when what was on its way is likely to have arrived. What differs
    is looked at again after it, twice; only what differs every time is a fault.
    """
    return _Comparison(pool, keys, pack).run(settle)


class _Comparison:
    """One run over a pool. Memory: the ids of aggregates, reports and claims, and what differs."""

    def __init__(self, pool: Pool, keys: Callable[[Iterable[str]], dict[str, bytes | None]], pack: CityPack) -> None:
        self._pool = pool
        self._pack = pack
        self._view = LogView(pool, keys, pack)
        self._findings = Findings()
        self._differing: dict[str, Findings] = {}
        self._logged: set[str] = set()
        self._reports: set[str] = set()
        self._claims: set[str] = set()

    def run(self, settle: Callable[[], None] | None) -> Findings:
        found = self._findings
        for folded in self._view.all():
            found.aggregates += 1
            found.events += folded.state.version
            found.compared += self._look(folded).compared
        strays = self._strays()
        for _ in range(LOOKS_AGAIN if settle is not None else 0):
            if settle is not None and (self._differing or strays):
                settle()
                strays = self._look_again(strays)
        for differing in self._differing.values():
            found.faults += differing.faults
            found.repairs.states += differing.repairs.states
            found.repairs.reports += differing.repairs.reports
            found.repairs.claims += differing.repairs.claims
        found.faults += strays.values()
        return found

    def _look(self, folded: Folded) -> Findings:
        """One aggregate with everything that follows from its events."""
        found = Findings()
        name = folded.state.id
        self._differing.pop(name, None)
        self._logged.add(name)
        if folded.faults:
            found.faults += folded.faults
        else:
            _compare_state(self._pool, folded, found)
            if not found.faults:
                _compare_facts(self._pool, name, self._pack, found)
            try:
                documents, claims = self._view.reports(folded), self._view.claims(folded)
            except PoolDamaged as error:
                found.faults.append(str(error))
            else:
                self._reports |= {document.id for document in documents}
                self._claims |= {claim.id for claim in claims}
                _compare(self._pool.report_documents, documents, REPORT_UNCOMPARED, "来件", found, found.repairs.reports)
                _compare(self._pool.claims, claims, CLAIM_UNCOMPARED, "登记", found, found.repairs.claims)
        if found.faults:
            self._differing[name] = found
        return found

    def _strays(self) -> dict[str, str]:
        """Documents that no event speaks of: id -> sentence."""
        strays = {}
        for problem in self._pool.state_ids():
            if problem not in self._logged and self._version(problem) > 0:
                strays[problem] = f"问题 {problem} 有文档而没有事件记录:事件被删去,或文档是伪造的"
        reports = (report for report in self._pool.report_ids() if report not in self._reports)
        strays |= {report: f"来件 {report} 有文档而事件记录里没有" for report in reports}
        claims = (claim for claim in self._pool.claim_ids() if claim not in self._claims)
        return strays | {claim: f"登记 {claim} 在事件记录里没有" for claim in claims}

    def _version(self, problem: str) -> int:
        held = self._pool.states([problem]).get(problem)
        return held.version if held is not None else 0

    def _look_again(self, strays: dict[str, str]) -> dict[str, str]:
        """At what differed, and at the problems that strays belong to, which may have come since. What still strays.

        A claim on a problem that never came to be is what an attempt left that lost to another process; it binds nobody.
        """
        owners = {stray: self._owner(stray) for stray in strays}
        idle = set()
        for name in {*self._differing, *filter(None, owners.values())}:
            folded = self._view.fold(name)
            held = self._pool.states([name]).get(name)
            if folded.state.version > 0 or folded.faults or (held is not None and complete(folded, held)):
                self._look(folded)
            elif held is None or held.version == 0:
                idle.add(name)
        known = self._logged | self._reports | self._claims
        return {
            stray: sentence
            for stray, sentence in strays.items()
            if stray not in known and owners[stray] and not (owners[stray] in idle and sentence.startswith("登记"))
        }

    def _owner(self, stray: str) -> str | None:
        """The problem that this document names; None when it is gone by now."""
        if stray in self._pool.states([stray]):
            return stray
        for read in (self._pool.report_documents, self._pool.claims):
            document = read([stray]).get(stray)
            if document is not None:
                return str(document.problem)
        return None


def _compare_state(pool: Pool, folded: Folded, findings: Findings) -> None:
    expected = folded.state
    findings.compared += 1
    held = pool.states([expected.id]).get(expected.id)
    logged = expected.version
    if held is None:
        findings.faults.append(f"问题 {expected.id} 缺文档")
    elif held.version > logged and not complete(folded, held):
        findings.faults += folded.faults or [
            f"问题 {expected.id} 的文档是第 {held.version} 版,事件记录只到第 {logged} 版:末尾的事件被截去"
        ]
        return
    elif held.version == expected.version and held.head != expected.head:
        findings.faults.append(f"问题 {expected.id} 文档所记的链头与第 {expected.version} 版事件的哈希不符:其一被改动过,不作修复")
        return
    else:
        different = _different(held.model_dump(), expected.model_dump(), UNCOMPARED)
        if not different:
            return
        findings.faults.append(f"问题 {expected.id} 的文档与事件记录不符,字段:{'、'.join(different)}")
    if held is not None:
        keep_books(expected, held)
        expected.write = held.write + 1
    findings.repairs.states.append(expected)


def _compare_facts(pool: Pool, name: str, pack: CityPack, findings: Findings) -> None:
    """Of a problem whose state is as the log says. A repair writes the state again, and so its facts."""
    held = pool.states([name]).get(name)
    if not isinstance(held, Problem) or held.version == 0:
        return
    expected, stored = facts(held, pack), pool.facts([name]).get(name)
    if stored == expected:
        return
    different = [field for field in FIELDS if getattr(stored, field, None) != getattr(expected, field)]
    findings.faults.append(f"问题 {name} 的统计事实与它的文档不符,字段:{'、'.join(different)}")
    held.write += 1
    findings.repairs.states.append(held)


def _compare(
    read: Callable[[Iterable[str]], dict[str, Any]],
    expected: list[Any],
    uncompared: frozenset[str],
    name: str,
    findings: Findings,
    repairs: list[Any],
) -> None:
    held = read([document.id for document in expected])
    for document in expected:
        findings.compared += 1
        found = held.get(document.id)
        if found is None:
            findings.faults.append(f"{name} {document.id} 缺文档")
        else:
            different = _different(found.model_dump(), document.model_dump(), uncompared)
            if not different:
                continue
            findings.faults.append(f"{name} {document.id} 的文档与事件记录不符,字段:{'、'.join(different)}")
            if isinstance(document, Claim):
                document.write = found.write + 1
            else:
                document.version = max(document.version, found.version)
        repairs.append(document)


def _different(held: dict[str, Any], expected: dict[str, Any], uncompared: frozenset[str]) -> list[str]:
    return [name for name in expected if name not in uncompared and held.get(name) != expected[name]]
