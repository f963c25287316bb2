"""On what a decision rests (law 2): words that were found, duty item with legal basis, place; and why it waits."""

from collections.abc import Iterable

from city.pack import CityPack
from console.found import area_of, category_of, unit_of
from console.labels import BASIS, EVIDENCE, REQUEST, URGENCY
from console.terminal import one_line
from schemas.documents import ReportDocument
from schemas.findings import Evidence, Findings
from schemas.problem import Problem
from schemas.words import Basis, ProblemState

MOST = 3
"""Proposals shown of each kind."""
WORTH_SAYING = 0.1
"""Confidence from which a category that was not chosen is named."""


def evidence_lines(pack: CityPack, problem: Problem, reports: list[ReportDocument]) -> list[tuple[str, str]]:
    """(heading, sentence) for category, unit, place, urgency and basis, from the earliest report's findings."""
    findings = reports[0].findings
    lines = [("类别", _categories(pack, findings)), ("单位", _units(pack, findings)), ("地点", _place(pack, findings))]
    if findings.urgency.evidence:
        lines.append(("紧急", f"{URGENCY[findings.urgency.level]}:{_reasons(pack, findings.urgency.evidence)}"))
    if (kind := findings.request_type) is not None:
        lines.append(("类型", f"{REQUEST[kind.type]}({kind.confidence:.0%}){_because(pack, kind.evidence)}"))
    lines.append(("决定", basis_sentence(problem.basis)))
    made = "、".join(dict.fromkeys(report.findings.model for report in reports if report.findings.model))
    lines.append(("版本", f"受理模型 {made or '无'},规则 {problem.policy or '无'}"))
    return lines


def why_it_waits(pack: CityPack, problem: Problem, reports: list[ReportDocument]) -> str:
    """Why a person must act, with the choice there is; "" when nobody is waited for."""
    if problem.state is not ProblemState.WAITING:
        return _DECIDED_ELSEWHERE.get(problem.state, "")
    if problem.split_from and problem.basis == Basis.PERSON:
        return "刚拆出来,整件的认定未必适用于这一部分,等人派单"
    said = basis_sentence(problem.basis)
    findings = reports[0].findings if reports else Findings()
    if problem.basis == Basis.SEVERAL_DUTY_ITEMS:
        choice = "、".join(f"{unit_of(pack, unit.unit)}({_item(pack, unit.duty_item)})" for unit in findings.units[:MOST])
        return f"{said}:{choice}" if choice else said
    if problem.basis == Basis.UNSURE_CATEGORY:
        choice = "、".join(f"{category_of(pack, found.code)} {found.confidence:.0%}" for found in findings.categories[:MOST])
        return f"{said}:{choice}" if choice else said
    return said


_DECIDED_ELSEWHERE = {
    ProblemState.REPLIED: "承办单位已答复,等坐席审核",
    ProblemState.CHECKED: "答复已审核,等坐席办结",
    ProblemState.RETURN_ASKED: "承办单位申请退单,等复核审定",
    ProblemState.CONFERENCE: "各单位会商由谁办,等会商结果",
}


def basis_sentence(basis: str) -> str:
    """The closed word as a sentence; an unknown word of a later version as it is."""
    return BASIS[Basis(basis)] if basis in set(Basis) else one_line(basis)


def _categories(pack: CityPack, findings: Findings) -> str:
    if not findings.categories:
        return "没有找到依据"
    best, others = findings.categories[0], findings.categories[1 : MOST + 1]
    said = f"{category_of(pack, best.code)}({best.confidence:.0%}){_because(pack, best.evidence)}"
    alike = [f"{category_of(pack, one.code)} {one.confidence:.0%}" for one in others if one.confidence >= WORTH_SAYING]
    return f"{said};也像 {'、'.join(alike)}" if alike else said


def _units(pack: CityPack, findings: Findings) -> str:
    if not findings.units:
        return "没有候选单位"
    said = []
    for found in findings.units[:MOST]:
        law = f",{found.legal_basis}" if found.legal_basis else ""
        because = _because(pack, found.evidence)
        said.append(f"{unit_of(pack, found.unit)}({found.confidence:.0%}):权责事项 {_item(pack, found.duty_item)}{law}{because}")
    return ";".join(said)


def _place(pack: CityPack, findings: Findings) -> str:
    place = findings.place
    if place.area is None:
        return f"定不了地点{_because(pack, place.evidence)}"
    return f"{area_of(pack, place.area)}({place.confidence:.0%}){_because(pack, place.evidence)}"


def _because(pack: CityPack, evidence: Iterable[Evidence]) -> str:
    reasons = _reasons(pack, evidence)
    return f",凭 {reasons}" if reasons else ""


def _reasons(pack: CityPack, evidence: Iterable[Evidence]) -> str:
    said = []
    for reason in evidence:
        named = f"“{one_line(reason.word, 30)}”" if reason.word else _named(pack, reason.ref)
        said.append(f"{EVIDENCE[reason.kind]} {named}".rstrip())
    return "、".join(dict.fromkeys(said))


def _named(pack: CityPack, ref: str) -> str:
    if ref in pack.duty_items:
        return _item(pack, ref)
    for found in (pack.categories.get(ref), pack.areas.get(ref), pack.grids.get(ref), pack.units.get(ref)):
        if found is not None:
            return found.name
    return one_line(ref, 40)


def _item(pack: CityPack, code: str) -> str:
    item = pack.duty_items.get(code)
    return f"{item.code} {item.name}" if item else code or "清单上没有,只见于历史派单"
