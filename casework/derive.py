"""Derived documents: what is searched and what units see. Functions of the state and of the report's own words."""

from typing import Literal

from casework.fold import find_member
from city.pack import CityPack
from schemas.documents import ReportContent, ReportDocument, UnitView
from schemas.handling import Whistle
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
        a.unit
        for a in sorted(problem.assignments, key=_lead_first)
        if a.state not in (AssignmentState.WITHDRAWN, AssignmentState.RETURNED)
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
    """One view for each unit that ever had a part, was whistled for or looks back; a unit that no longer has the problem gets a
    last one, `withdrawn`.

    opened: text as it is held -> its words, for what is asked of each unit. Callers never stand in a view.
    """
    shown = [_shown(report) for report in reports]
    return [_view(problem, assignment, shown, opened, pack) for assignment in _parts(problem).values()]


def _parts(problem: Problem) -> dict[str, Assignment]:
    """The newest part of each unit; one as if assigned for who was only summoned or looks back."""
    latest = {assignment.unit: assignment for assignment in problem.assignments}
    for whistle in problem.whistles:
        held = latest.get(whistle.to)
        if held is None or held.part is Part.SUMMONED:
            summoned = Assignment(unit=whistle.to, part=Part.SUMMONED, state=_summoned(whistle), dispatched=whistle.at)
            latest[whistle.to] = summoned.model_copy(update={"asked": whistle.asked})
    for recheck in problem.rechecks:
        held = latest.get(recheck.checker or "")
        if recheck.checker is not None and (held is None or (held.part in _BESIDE and held.dispatched <= recheck.asked)):
            state = AssignmentState.DISPATCHED if recheck.done is None else AssignmentState.CLOSED
            latest[recheck.checker] = Assignment(unit=recheck.checker, part=Part.CHECKER, state=state, dispatched=recheck.asked)
    return latest


_BESIDE = (Part.SUMMONED, Part.CHECKER)


def _summoned(whistle: Whistle) -> AssignmentState:
    if whistle.coming is False:
        return AssignmentState.WITHDRAWN
    if whistle.ended is not None:
        return AssignmentState.CLOSED
    if whistle.arrived is not None:
        return AssignmentState.CONTACTED
    return AssignmentState.DISPATCHED if whistle.answered is None else AssignmentState.SIGNED


_GONE = (AssignmentState.WITHDRAWN, AssignmentState.MERGED, AssignmentState.RETURNED)


def _view(
    problem: Problem, assignment: Assignment, reports: list[dict[str, object]], opened: dict[str, str], pack: CityPack
) -> UnitView:
    unit, withdrawn = assignment.unit, assignment.state in _GONE
    due = {} if withdrawn else {timer.clock: timer.due for timer in problem.timers if timer.of in ("", unit)}
    category = pack.categories.get(problem.category) if problem.category else None
    item = pack.duty_items.get(problem.duty_item) if problem.duty_item else None
    leads = assignment.part is Part.LEAD
    return UnitView(
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
        sign_due=due.get(Clock.SIGN),
        handle_due=due.get(Clock.HANDLE),
        lead=problem.lead,
        cooperators=[a.unit for a in problem.assignments if a.state in OPEN_ASSIGNMENTS and a.part is Part.COOPERATOR],
        asked=opened.get(assignment.asked or "", ""),
        reports=[] if withdrawn else reports,
        clarity=_clear(assignment, opened),
        contact_due=due.get(Clock.CONTACT) if leads else None,
        own_due=due.get(Clock.COOPERATE),
        review_due=due.get(Clock.REVIEW) if leads else None,
        card=_card(problem) if leads else None,
        escalation=problem.escalation,
        supervised=problem.supervision is not None,
        faults=[fault.value for fault in assignment.faults],
        redo=problem.redo,
        paused=problem.paused.why.value if problem.paused is not None else None,
        final=problem.final,
        whistles=[] if withdrawn else _whistles(problem, unit, opened),
    )


def _clear(assignment: Assignment, opened: dict[str, str]) -> dict[str, str]:
    """The three clarities."""
    if assignment.clarity is None:
        return {}
    return {name: opened.get(text, "") for name, text in assignment.clarity.model_dump().items()}


def _card(problem: Problem) -> Literal["yellow", "red"] | None:
    held = next((timer.due for timer in problem.timers if timer.clock is Clock.HANDLE), None)
    return next((card.colour for card in reversed(problem.cards) if card.due == held), None)


def _whistles(problem: Problem, unit: str, opened: dict[str, str]) -> list[dict[str, object]]:
    due = {(timer.clock, timer.of): timer.due for timer in problem.timers}
    shown = []
    for one in problem.whistles:
        if unit in (one.by, one.to):
            number = str(one.number)
            until = due.get((Clock.WHISTLE_ANSWER, number)) or due.get((Clock.WHISTLE_ARRIVE, number))
            fields = one.model_dump(mode="json", exclude={"asked", "outcome"})
            said = {"asked": opened.get(one.asked, ""), "outcome": opened.get(one.outcome, "")}
            shown.append(fields | said | {"due": until.isoformat() if until else None})
    return shown


def texts_for_units(problem: Problem) -> set[str]:
    """Every sealed text that a view shows."""
    texts = {assignment.asked for assignment in problem.assignments if assignment.asked}
    for assignment in problem.assignments:
        if assignment.clarity is not None:
            texts |= set(assignment.clarity.model_dump().values())
    for whistle in problem.whistles:
        texts |= {text for text in (whistle.asked, whistle.outcome) if text}
    return texts


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
