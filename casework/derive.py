"""Derived documents: what is searched and what units see. Functions of the state and of the report's own words."""

from casework.fold import find_member
from city.pack import CityPack
from schemas.documents import ReportContent, ReportDocument, UnitView
from schemas.problem import Assignment, Member, Problem
from schemas.report_record import ReportRecord
from schemas.words import OPEN_ASSIGNMENTS, AssignmentState, Clock, Part


def from_record(problem: Problem, record: ReportRecord, content: ReportContent | None, pack: CityPack) -> ReportDocument:
    """The searchable report from what intake sent; content None = its key is gone."""
    member = find_member(problem, record.report)
    if member is None:
        raise ValueError(f"{problem.id} does not hold {record.report}")
    return _document(problem, member, pack, record, content)


def refreshed(problem: Problem, member: Member, before: ReportDocument, pack: CityPack) -> ReportDocument:
    """The same report after its problem has changed, or has changed hands."""
    return _document(problem, member, pack, before, before.content)


def _document(
    problem: Problem,
    member: Member,
    pack: CityPack,
    source: ReportRecord | ReportDocument,
    content: ReportContent | None,
) -> ReportDocument:
    category = pack.categories.get(problem.category) if problem.category else None
    area = pack.areas.get(problem.area) if problem.area else None
    erased = member.erased or content is None
    units = dict.fromkeys(
        a.unit for a in sorted(problem.assignments, key=_lead_first) if a.state is not AssignmentState.WITHDRAWN
    )
    return ReportDocument.model_construct(
        id=member.report,
        version=(member.moves << 40) + problem.version,
        problem=problem.id,
        order_number=problem.order_number,
        slot=problem.slot,
        channel=member.channel,
        mode=member.mode,
        time=member.time,
        received=member.received,
        revision=member.revision,
        caller=None if erased else member.caller,
        secret=member.secret,
        erased=erased,
        request_type=source.request_type,
        content=None if erased else content,
        attachments=[] if erased else source.attachments,
        findings=source.findings,
        state=problem.state,
        basis=problem.basis,
        category=problem.category,
        category_path=category.path if category else "",
        area=problem.area,
        area_path=area.path if area else "",
        grid=problem.grid,
        urgency=problem.urgency,
        lead=problem.lead,
        units=list(units),
        duty_item=problem.duty_item,
    )


def _lead_first(assignment: Assignment) -> bool:
    return assignment.part is not Part.LEAD


def unit_views(problem: Problem, reports: list[ReportDocument], opened: dict[str, str], pack: CityPack) -> list[UnitView]:
    """One view for each unit that ever had a part; a unit that no longer has the problem gets a last one, `withdrawn`.

    opened: sealed text -> its words, for what is asked of each unit. Callers never stand in a view.
    """
    latest: dict[str, Assignment] = {}
    for assignment in problem.assignments:
        latest[assignment.unit] = assignment
    due = {timer.clock: timer.due for timer in problem.timers}
    category = pack.categories.get(problem.category) if problem.category else None
    item = pack.duty_items.get(problem.duty_item) if problem.duty_item else None
    open_parts = [a for a in problem.assignments if a.state in OPEN_ASSIGNMENTS]
    lead = problem.lead
    views = []
    for unit, assignment in latest.items():
        withdrawn = assignment.state in (AssignmentState.WITHDRAWN, AssignmentState.MERGED)
        views.append(
            UnitView(
                problem=problem.id,
                version=problem.version,
                order_number=problem.order_number,
                unit=unit,
                part=assignment.part,
                assignment=assignment.state,
                withdrawn=withdrawn,
                state=problem.state,
                category=problem.category,
                category_name=category.name if category else "",
                duty_item=problem.duty_item,
                legal_basis=item.legal_basis if item else "",
                urgency=problem.urgency,
                area=problem.area,
                grid=problem.grid,
                dispatched=assignment.dispatched,
                sign_due=None if withdrawn else due.get(Clock.SIGN),
                handle_due=None if withdrawn else due.get(Clock.HANDLE),
                lead=lead,
                cooperators=[a.unit for a in open_parts if a.part is Part.COOPERATOR],
                asked=opened.get(assignment.asked or "", ""),
                reports=[] if withdrawn else [_shown(report) for report in reports],
            )
        )
    return views


def _shown(report: ReportDocument) -> dict[str, object]:
    shown: dict[str, object] = {
        "report": report.id,
        "channel": report.channel.value,
        "time": report.time.isoformat(),
        "erased": report.erased,
    }
    if report.content is not None:
        shown |= {"title": report.content.title, "text": report.content.text, "address": report.content.address}
    return shown
