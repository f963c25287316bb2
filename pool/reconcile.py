"""Compare the pool with the fold of its events: drift as a figure, each fault with its place; repair; look again."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from city.pack import CityPack
from pool.folded import Folded, LogView
from pool.ports import Events, Writes
from schemas.documents import CLAIM_UNCOMPARED, Claim, ReportDocument
from schemas.errors import PoolDamaged
from schemas.problem import UNCOMPARED, Problem

REPORT_UNCOMPARED = frozenset({"version"})
"""A report document's version says when it was last derived, which replays and rebuilds may do at other times."""
AT_ONCE = 500


class Pool(Events, Protocol):
    """What reconcile reads of a back end."""

    def problems(self, ids: Iterable[str]) -> dict[str, Problem]: ...

    def report_documents(self, ids: Iterable[str]) -> dict[str, ReportDocument]: ...

    def claims(self, ids: Iterable[str]) -> dict[str, Claim]: ...

    def problem_ids(self) -> Iterator[str]:
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


def reconcile(pool: Pool, keys: Callable[[Iterable[str]], dict[str, bytes | None]], pack: CityPack) -> Findings:
    """Compare every document with the log. `repairs`: the documents as the log has them; a broken chain is never repaired."""
    findings = Findings()
    view = LogView(pool, keys, pack)
    seen_reports: set[str] = set()
    seen_claims: set[str] = set()
    logged: set[str] = set()
    for folded in view.all():
        logged.add(folded.problem.id)
        findings.aggregates += 1
        findings.events += folded.problem.version
        if folded.faults:
            findings.faults += folded.faults
            continue
        _compare_state(pool, folded, findings)
        try:
            documents, claims = view.reports(folded), view.claims(folded)
        except PoolDamaged as error:
            findings.faults.append(str(error))
            continue
        seen_reports |= {document.id for document in documents}
        seen_claims |= {claim.id for claim in claims}
        _compare(pool.report_documents, documents, REPORT_UNCOMPARED, "来件", findings, findings.repairs.reports)
        _compare(pool.claims, claims, CLAIM_UNCOMPARED, "登记", findings, findings.repairs.claims)
    for problem in pool.problem_ids():
        if problem not in logged and pool.problems([problem])[problem].version > 0:
            findings.faults.append(f"问题 {problem} 有文档而没有事件记录:事件被删去,或文档是伪造的")
    findings.faults += [f"来件 {report} 有文档而事件记录里没有" for report in pool.report_ids() if report not in seen_reports]
    findings.faults += [f"登记 {claim} 在事件记录里没有" for claim in pool.claim_ids() if claim not in seen_claims]
    return findings


def _compare_state(pool: Pool, folded: Folded, findings: Findings) -> None:
    expected = folded.problem
    findings.compared += 1
    held = pool.problems([expected.id]).get(expected.id)
    if held is None:
        findings.faults.append(f"问题 {expected.id} 缺文档")
    elif held.version > expected.version:
        findings.faults.append(
            f"问题 {expected.id} 的文档是第 {held.version} 版,事件记录只到第 {expected.version} 版:末尾的事件被截去"
        )
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
        expected.write = held.write + 1
    findings.repairs.states.append(expected)


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
            if hasattr(document, "version"):
                document.version = max(document.version, found.version)
        repairs.append(document)


def _different(held: dict[str, Any], expected: dict[str, Any], uncompared: frozenset[str]) -> list[str]:
    return [name for name in expected if name not in uncompared and held.get(name) != expected[name]]
