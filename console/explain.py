"""`wentichi explain`: from a report's words to its category, duty item, unit and the decision, each step with its ground."""

from dataclasses import dataclass
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from casework.dispatch import basis_of, lawful_lead
from casework.labels import confirmed
from casework.refusals import SENTENCES
from city.pack import CityPack
from classifiers.explaining import (
    Explained,
    Item,
    Said,
    as_json,
    category_said,
    department_said,
    duty_items,
    path_fields,
    versions_in,
)
from classifiers.learning.rows import Row, Task
from classifiers.registry import Registry, Standing, models_folder
from classifiers.routing import OF_PAST
from console.asking import scope_of
from console.evidence import basis_sentence, evidence_lines
from console.found import area_of, category_of, title_of, unit_of
from console.opening import find_problem, open_pool_home
from console.read import AsUnit
from console.terminal import Json, indented, one_line, print_json, screen
from pool.scope import Scope
from schemas.documents import ReportDocument
from schemas.errors import ContractError, NotFound
from schemas.problem import Problem
from schemas.words import Basis
from streams.session import PoolHome

USUAL = 0.98
"""The promise of a version that was promoted without a comparison."""
CASES = 3
"""Past cases shown."""
LOOKED_AT = 40
"""Reports alike among which decided cases are looked for."""


@dataclass(frozen=True, slots=True)
class _Case:
    """A problem that people decided and closed, alike in words: 0..1."""

    order_number: str
    title: str
    category: str
    unit: str
    likeness: float


def explain(
    name: Annotated[str, typer.Argument(metavar="编号", help="问题编号、工单号、来件编号或来源方的编号")],
    *,
    as_unit: AsUnit = "",
    as_json_: Json = False,
) -> None:
    """凭什么这样认定:用词、类别模型、权责清单、地点、历史派单、三件最像的已办结问题、法定规则,一步一步。"""
    with open_pool_home() as home:
        scope = scope_of(home.pack, as_unit)
        problem = find_problem(home, name, scope)
        reports = home.search.reports_of(problem.id, scope)
        if not reports:
            raise NotFound(f"问题 {problem.id} 没有可看的来件")
        report = reports[0]
        said, missing = _explained(home, report)
        cases = _cases(home, report, scope)
        if as_json_:
            print_json(_document(home.pack, problem, report, said, missing, cases))
        else:
            _print(screen(), home.pack, problem, reports, said, missing, cases)


def _explained(home: PoolHome, report: ReportDocument) -> tuple[Explained, list[str]]:
    """By the models that decided it, where they are still kept; and what is missing, in sentences."""
    pack, findings = home.pack, report.findings
    category = findings.categories[0].code if findings.categories else None
    items = duty_items(pack, category, findings.place) if category is not None and category in pack.categories else ()
    versions = versions_in([findings.model])
    if report.content is None:
        return Explained(items=items), ["来件的文字已删除,只能说明当时记下的依据"] if versions else []
    row = Row(report.content.title, report.content.text, None, {})
    registry, missing = Registry(models_folder(home.folder)), list[str]()
    found: dict[str, Said] = {}
    for task, version in versions.items():
        try:
            found[task] = _said(pack, registry, Task(task), version, row, category)
        except ContractError as error:
            missing.append(f"当时的模型 {task}/{version} 用不了:{error}")
    return Explained(found.get("category"), found.get("department"), items), missing


def _said(pack: CityPack, registry: Registry, task: Task, version: str, row: Row, category: str | None) -> Said:
    folder, promise = registry.folder_of(task, version), _promise_of(registry, task, version)
    if task is Task.CATEGORY:
        from classifiers.learning.category import CategoryModel  # noqa: PLC0415 - a pool without models needs no scikit-learn

        return category_said(pack, CategoryModel.load(folder), version, promise, row)
    from classifiers.learning.department import DepartmentModel  # noqa: PLC0415 - see above

    return department_said(pack, DepartmentModel.load(folder), version, promise, row, path_fields(pack, category))


def _promise_of(registry: Registry, task: Task, version: str) -> float:
    """At which it stands, or last stood."""
    standing: Standing | None = registry.standing().get(task)
    if standing is not None and standing.version == version:
        return standing.promise
    compared = [event.figures.get("promise") for event in registry.history() if event.task is task and event.version == version]
    return next((float(one["promise"]) for one in reversed(compared) if one), USUAL)


def _cases(home: PoolHome, report: ReportDocument, scope: Scope) -> list[_Case]:
    found: list[_Case] = []
    for other, likeness in home.search.similar(report.id, scope, LOOKED_AT):
        problem = home.search.problem(other.problem, scope)
        label = confirmed(problem) if problem is not None else None
        if problem is None or label is None or any(case.order_number == problem.order_number for case in found):
            continue
        category, unit = category_of(home.pack, label.category), unit_of(home.pack, label.unit)
        found.append(_Case(problem.order_number, title_of(other), category, unit, likeness))
        if len(found) == CASES:
            break
    return found


def _print(
    console: Console, pack: CityPack, problem: Problem, reports: list[ReportDocument], said: Explained, missing: list[str],
    cases: list[_Case],
) -> None:  # fmt: skip
    report = reports[0]
    console.print(Text.assemble((f"{problem.order_number}  ", "bold"), title_of(report, 100)))
    recorded = dict(evidence_lines(pack, problem, reports))
    steps = [
        ("一 类别", [recorded["类别"], *(_model_lines(pack, said.category, "类别") if said.category else [])]),
        ("二 地点", [recorded["地点"]]),
        ("三 权责清单", [_item_line(pack, item) for item in said.items] or ["这个类别在权责清单上没有事项"]),
    ]
    if said.department is not None:
        steps.append(("四 历史派单", _model_lines(pack, said.department, "单位")))
    steps.append(("五 候选单位", _unit_lines(pack, report, said)))
    steps.append(("六 最像的已办结问题(由人派单)", [_case_line(case) for case in cases] or ["还没有由人派单并办结的相似问题"]))
    steps.append(("七 法定规则", [_law_line(pack, report)]))
    steps.append(("八 决定", [basis_sentence(problem.basis), recorded["版本"]]))
    if "紧急" in recorded:
        steps.insert(1, ("  紧急", [recorded["紧急"]]))
    for name, lines in steps:
        console.print(Text(name, style="bold cyan"))
        for line in lines:
            console.print(indented(line))
    for line in missing:
        console.print(Text(line, style="yellow"))


def _model_lines(pack: CityPack, said: Said, what: str) -> list[str]:
    called = category_of if what == "类别" else unit_of
    answers = "、".join(f"{called(pack, code) if code else label} {share:.1%}" for label, code, share in said.answers[:3])
    lines = [f"模型 {said.version}:{answers}"]
    if said.threshold > 1:
        lines.append(f"承诺 {said.promise:.1%}:留出的数据证明不了(至多证明 {said.bound:.1%}),所以由人决定")
    else:
        reached = "够得上" if said.accepted else "够不上"
        held = f"把握 {max(said.threshold, 0):.1%} 以上的,准确率经证明不低于 {said.bound:.1%},占来件 {said.coverage:.0%}"
        lines.append(f"承诺 {said.promise:.1%}:{held};这一件{reached}")
    if said.words:
        lines.append("最起作用的词:" + "、".join(f"{one_line(word, 20)} +{worth:.2f}" for word, worth in said.words[:6]))
    if said.past:
        past = "、".join(f"{one_line(name, 40)} → {unit_of(pack, unit)}(相似 {like:.0%})" for name, unit, like in said.past)
        lines.append(f"训练所用的历史工单中最像的:{past}")
    return lines


def _item_line(pack: CityPack, item: Item) -> str:
    whose = "" if item.level == 0 else f"(上 {item.level} 级类别的事项)"
    lead = unit_of(pack, item.lead) if item.lead else "地点不明,定不了是哪个单位"
    pattern = f",按 {item.pattern}" if item.pattern else ""
    law = f";依据 {item.item.legal_basis}" if item.item.legal_basis else ""
    return f"{item.item.code} {item.item.name}{whose}:主办 {lead}{pattern};镇街 {item.item.township_role.label}{law}"


def _unit_lines(pack: CityPack, report: ReportDocument, said: Explained) -> list[str]:
    units = report.findings.units
    if not units:
        return ["没有候选单位"]
    weighed = f"(清单占 {1 - OF_PAST:.0%},历史派单占 {OF_PAST:.0%})" if said.department is not None else ""
    lines = [f"把握为各项综合{weighed}"] if weighed else []
    for unit in units:
        item = f"事项 {unit.duty_item}" if unit.duty_item else "只见于历史派单,清单上没有,不会自动派"
        helpers = f";协办 {'、'.join(unit_of(pack, code) for code in unit.cooperators)}" if unit.cooperators else ""
        lines.append(f"{unit_of(pack, unit.unit)} {unit.confidence:.0%}:{item}{helpers}")
    return lines


def _case_line(case: _Case) -> str:
    return f"{case.order_number} {one_line(case.title, 40)} → {case.category},{case.unit}(相似 {case.likeness:.0%})"


def _law_line(pack: CityPack, report: ReportDocument) -> str:
    """What casework makes of the first candidate, whoever proposed it."""
    findings = report.findings
    if not findings.units:
        return "没有候选单位,由人决定"
    best = findings.units[0]
    category = findings.categories[0].code if findings.categories else None
    refusal = lawful_lead(pack, best.unit, best.duty_item or None, category)
    if refusal is not None:
        return f"{unit_of(pack, best.unit)}:{SENTENCES[refusal]}"
    after = basis_of(pack, findings, category)
    if after != findings.basis and after in set(Basis):
        return f"{unit_of(pack, best.unit)}:{basis_sentence(after)}"
    return f"{unit_of(pack, best.unit)} 可以主办:不是基层,或事项写明由镇街主责;单位未撤销"


def _document(
    pack: CityPack, problem: Problem, report: ReportDocument, said: Explained, missing: list[str], cases: list[_Case]
) -> dict[str, Any]:
    findings = report.findings
    best = findings.units[0] if findings.units else None
    category = findings.categories[0].code if findings.categories else None
    refusal = lawful_lead(pack, best.unit, best.duty_item or None, category) if best else None
    return {
        "problem": problem.id,
        "order_number": problem.order_number,
        "report": report.id,
        "findings": findings.model_dump(mode="json"),
        "category_model": as_json(said.category) if said.category else None,
        "department_model": as_json(said.department) if said.department else None,
        "place": {"area": findings.place.area, "name": area_of(pack, findings.place.area)},
        "duty_items": [
            {
                "code": one.item.code,
                "name": one.item.name,
                "level": one.level,
                "lead": one.lead,
                "pattern": one.item.lead,
                "township_role": one.item.township_role.value,
                "list_kind": one.item.list_kind.value,
                "legal_basis": one.item.legal_basis,
            }
            for one in said.items
        ],
        "cases": [
            {
                "order_number": case.order_number,
                "title": case.title,
                "category": case.category,
                "unit": case.unit,
                "likeness": round(case.likeness, 3),
            }
            for case in cases
        ],
        "law": {"unit": best.unit if best else None, "refusal": refusal.value if refusal else None},
        "basis": problem.basis,
        "missing": missing,
    }
