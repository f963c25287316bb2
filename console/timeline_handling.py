"""The sentences of handling's events: one function each, told with the means of `console.timeline.Sentences`."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from city.terms import LimitUnit
from console.labels import (
    CARD,
    DECLINE_REASON,
    EXCLUSION_REASON,
    HAND_OVER_TO,
    HOP_END,
    MARK,
    PAUSE,
    RECHECK,
    REDO,
    REPLY_FAULT,
    RETURN_REASON,
    SUPERVISION,
    VERDICT,
    WAY,
    WISH,
)
from console.terminal import one_line
from schemas import events_handling as ev
from schemas.handling import Clarity
from schemas.words import Wish

if TYPE_CHECKING:
    from console.timeline import Sentences


def dispatched(tell: "Sentences", event: ev.Dispatched) -> str:
    with_units = "、".join(tell.unit(code) for code in event.cooperators)
    said = f"派单:主办 {tell.unit(event.lead)}" + (f",协办 {with_units}" if with_units else "")
    item = tell.pack.duty_items.get(event.duty_item) if event.duty_item else None
    if item is not None:
        said += f";依据权责事项 {item.code} {item.name}({item.legal_basis})"
    asked = _asked(tell, event.notes)
    due = f";签收时限 {tell.time(event.sign_due)},办理时限 {tell.time(event.handle_due)}"
    due += f",协办时限 {tell.time(event.cooperate_due)}" if event.cooperate_due else ""
    return ";".join([said + due, *asked, *_clarity(tell, event.clarity), *(["不得再退"] if event.final else [])])


def _asked(tell: "Sentences", notes: dict[str, str]) -> list[str]:
    return [f"要求{tell.unit(unit)}:{tell.opened(text)}" for unit, text in notes.items()]


def _clarity(tell: "Sentences", clarity: Clarity | None) -> list[str]:
    if clarity is None:
        return []
    named = (("部门做", clarity.department), ("基层做", clarity.grassroots), ("给的支持", clarity.support))
    return [f"{name}:{tell.clear(text)}" for name, text in named]


def signed(tell: "Sentences", event: ev.AssignmentSigned) -> str:
    return f"{tell.unit(event.unit)} 签收"


def contacted(tell: "Sentences", event: ev.CallerContacted) -> str:
    how = WAY[event.way]
    said = f"{how}联系上了来件人" if event.reached else f"{how}联系来件人,没有联系上"
    return f"{tell.unit(event.unit)} {said}{_after(tell, event.note)}"


def replied(tell: "Sentences", event: ev.AssignmentReplied) -> str:
    said = f"{tell.unit(event.unit)} 答复:{tell.opened(event.text)}"
    said += f";给热线中心的说明:{tell.opened(event.note)}" if event.note else ""
    faults = "、".join(REPLY_FAULT[fault] for fault in event.faults)
    return said + (f";检查发现:{faults}" if faults else "")


def cooperators_added(tell: "Sentences", event: ev.CooperatorsAdded) -> str:
    units = "、".join(tell.unit(unit) for unit in event.notes)
    said = f"增加协办 {units},协办时限 {tell.time(event.cooperate_due)}"
    said += f"(准入 {event.admission})" if event.admission else ""
    return ";".join([said, *_asked(tell, event.notes), *_clarity(tell, event.clarity)])


def return_asked(tell: "Sentences", event: ev.ReturnAsked) -> str:
    suggested = f",建议由 {tell.unit(event.suggested)} 办" if event.suggested else ""
    return f"{tell.unit(event.unit)} 申请退单:{RETURN_REASON[event.reason]}{suggested}{_after(tell, event.note)}"


def return_decided(tell: "Sentences", event: ev.ReturnDecided) -> str:
    return f"退单审核:{VERDICT[event.verdict]}{_after(tell, event.note)}"


def conference_decided(tell: "Sentences", event: ev.ConferenceDecided) -> str:
    return f"会商有了结果:{tell.opened(event.minutes)}"


def recalled(tell: "Sentences", event: ev.ProblemRecalled) -> str:
    return f"收回,等人重新派单。{tell.basis(event.basis)}{_after(tell, event.note)}"


def recategorised(tell: "Sentences", event: ev.Recategorised) -> str:
    before = f"由 {tell.category(event.before)} " if event.before else ""
    return f"类别{before}改定为 {tell.category(event.category)}"


def succeeded(tell: "Sentences", event: ev.UnitSucceeded) -> str:
    if event.successor is None:
        return f"{tell.unit(event.unit)} 已撤销,没有单位接手"
    return f"{tell.unit(event.unit)} 已撤销,由 {tell.unit(event.successor)} 接着办"


def answered_directly(tell: "Sentences", event: ev.AnsweredDirectly) -> str:
    knowledge = f"(依据知识 {one_line(event.knowledge, 60)})" if event.knowledge else ""
    return f"直接答复{knowledge}:{tell.opened(event.text)}"


def declined(tell: "Sentences", event: ev.ProblemDeclined) -> str:
    return f"不予受理({DECLINE_REASON[event.reason]}),告知:{tell.opened(event.text)}"


def handed_over(tell: "Sentences", event: ev.ProblemHandedOver) -> str:
    return f"转给 {HAND_OVER_TO[event.to]},对方编号 {one_line(event.number, 60)}{_after(tell, event.note)}"


def noted(tell: "Sentences", event: ev.Noted) -> str:
    return f"备注:{tell.opened(event.text)}"


def objected(tell: "Sentences", event: ev.Objected) -> str:
    return f"{tell.unit(event.unit)} 提出异议(第 {event.number} 号):不该派给基层{_after(tell, event.note)}"


def objection_decided(tell: "Sentences", event: ev.ObjectionDecided) -> str:
    said = "成立,撤回对它的派单" if event.upheld else "不成立,请照办"
    return f"第 {event.number} 号异议{said}{_after(tell, event.note)}"


def applied(tell: "Sentences", event: ev.Applied) -> str:
    detail = ""
    if event.wish is Wish.EXCLUSION and event.reason is not None:
        detail = f"({EXCLUSION_REASON[event.reason]})"
    elif event.amount:
        detail = f" {event.amount}"
    return f"{tell.unit(event.unit)} 申请{WISH[event.wish]}{detail}{_after(tell, event.note)}"


def application_decided(tell: "Sentences", event: ev.ApplicationDecided) -> str:
    unit = event.unit_of_time
    counted = f"(以{LimitUnit(unit).label}计)" if event.granted and unit in set(LimitUnit) else ""
    return f"{'同意' if event.granted else '不同意'}{WISH[event.wish]}{counted}{_after(tell, event.note)}"


def paused(tell: "Sentences", event: ev.HandlingPaused) -> str:
    return f"办理时限暂停:{PAUSE[event.why]}{_after(tell, event.note)}"


def resumed(_tell: "Sentences", _event: ev.HandlingResumed) -> str:
    return "恢复办理,办理时限接着走"


def whistle_blown(tell: "Sentences", event: ev.WhistleBlown) -> str:
    return f"{tell.unit(event.by)} 吹哨(第 {event.number} 号),请 {tell.unit(event.to)}:{tell.opened(event.asked)}"


def whistle_answered(tell: "Sentences", event: ev.WhistleAnswered) -> str:
    return f"响应第 {event.number} 号哨:{'到场' if event.coming else '不到场'}{_after(tell, event.note)}"


def whistle_arrived(_tell: "Sentences", event: ev.WhistleArrived) -> str:
    return f"第 {event.number} 号哨已到场"


def whistle_ended(tell: "Sentences", event: ev.WhistleEnded) -> str:
    return f"第 {event.number} 号哨结束:{tell.opened(event.outcome)};对应哨单位的评价:{MARK[event.mark]}"


def whistle_rated(_tell: "Sentences", event: ev.WhistleRated) -> str:
    return f"应哨单位对第 {event.number} 号哨的评价:{MARK[event.mark]}"


def hop_started(tell: "Sentences", event: ev.HopStarted) -> str:
    return f"交 {tell.post(event.post)} 处置,时限 {tell.time(event.due)}"


def hop_ended(tell: "Sentences", event: ev.HopEnded) -> str:
    return f"网格{HOP_END[event.end]}{_after(tell, event.note)}"


def supplemented(tell: "Sentences", event: ev.ReportSupplemented) -> str:
    return f"来件 {tell.report(event.report)} 补充:{tell.opened(event.text)}"


def urged(tell: "Sentences", event: ev.ReportUrged) -> str:
    return f"来件 {tell.report(event.report)} 催办"


def withdrawn(tell: "Sentences", event: ev.ReportWithdrawn) -> str:
    return f"来件 {tell.report(event.report)} 由来件人撤回"


def called_back(tell: "Sentences", event: ev.CalledBack) -> str:
    head = f"{WAY[event.way]}回访来件 {tell.report(event.report)}:"
    if not event.reached:
        return head + "没有联系上" + _after(tell, event.text)
    said = []
    if event.contacted is not None:
        said.append("单位联系过" if event.contacted else "单位没有联系过")
    if event.solved is not None:
        said.append("已解决" if event.solved else "没有解决")
    if event.rating is not None:
        said.append(MARK[event.rating])
    return head + (",".join(said) or "已联系上") + _after(tell, event.text)


def reply_checked(tell: "Sentences", event: ev.ReplyChecked) -> str:
    return f"答复审核{'通过,可告知来件人' if event.passed else '没有通过,退回重写'}{_after(tell, event.note)}"


def redo_asked(_tell: "Sentences", event: ev.RedoAsked) -> str:
    return f"重办:{REDO[event.why]}" + ("" if event.counts else "(不计入重办次数)")


def closed(tell: "Sentences", event: ev.ProblemClosed) -> str:
    return f"{_CLOSED.get(event.ending, '办结')}{_after(tell, event.reason)}"


_CLOSED: Final = {
    "replied": "办结",
    "answered": "直接答复后办结",
    "not_accepted": "不予受理,办结",
    "handed_over": "转出后办结",
    "withdrawn": "来件人撤回后办结",
}


def card_shown(tell: "Sentences", event: ev.CardShown) -> str:
    to = f"({tell.unit(event.unit)})" if event.unit else ""
    when = "即将到期" if event.colour == "yellow" else "已过"
    return f"{CARD[event.colour]}{to}:办理时限 {tell.time(event.due)} {when}"


def escalated(tell: "Sentences", event: ev.Escalated) -> str:
    why = f"办理时限 {tell.time(event.due)}" if event.due else "一直没有人派单"
    return f"升级到第 {event.level} 级,告知{event.to}:{why}"


def supervision_started(tell: "Sentences", event: ev.SupervisionStarted) -> str:
    due = f",{tell.time(event.due)} 前报结果" if event.due else ""
    return f"列入督办({SUPERVISION[event.reason]}){due}{_after(tell, event.note)}"


def supervision_ended(tell: "Sentences", event: ev.SupervisionEnded) -> str:
    return f"督办结束{_after(tell, event.note)}"


def recheck_asked(tell: "Sentences", event: ev.RecheckAsked) -> str:
    return f"回头看:由{tell.unit(event.checker) if event.checker else '热线中心'}去看是否真解决"


def recheck_done(tell: "Sentences", event: ev.RecheckDone) -> str:
    return f"回头看结果:{RECHECK[event.outcome]}{_after(tell, event.note)}"


def archived(_tell: "Sentences", _event: ev.ProblemArchived) -> str:
    return "归档"


def unit_rated(tell: "Sentences", event: ev.UnitRated) -> str:
    return f"{tell.unit(event.by)} 评价 {tell.unit(event.of)}:{MARK[event.mark]}"


def _after(tell: "Sentences", sealed: str) -> str:
    return f":{tell.opened(sealed)}" if sealed else ""


TELL: Final[dict[str, Callable[["Sentences", Any], str]]] = {
    "Dispatched": dispatched,
    "AssignmentSigned": signed,
    "CallerContacted": contacted,
    "AssignmentReplied": replied,
    "CooperatorsAdded": cooperators_added,
    "ReturnAsked": return_asked,
    "ReturnDecided": return_decided,
    "ConferenceDecided": conference_decided,
    "ProblemRecalled": recalled,
    "Recategorised": recategorised,
    "UnitSucceeded": succeeded,
    "AnsweredDirectly": answered_directly,
    "ProblemDeclined": declined,
    "ProblemHandedOver": handed_over,
    "Noted": noted,
    "Objected": objected,
    "ObjectionDecided": objection_decided,
    "Applied": applied,
    "ApplicationDecided": application_decided,
    "HandlingPaused": paused,
    "HandlingResumed": resumed,
    "WhistleBlown": whistle_blown,
    "WhistleAnswered": whistle_answered,
    "WhistleArrived": whistle_arrived,
    "WhistleEnded": whistle_ended,
    "WhistleRated": whistle_rated,
    "HopStarted": hop_started,
    "HopEnded": hop_ended,
    "ReportSupplemented": supplemented,
    "ReportUrged": urged,
    "ReportWithdrawn": withdrawn,
    "CalledBack": called_back,
    "ReplyChecked": reply_checked,
    "RedoAsked": redo_asked,
    "ProblemClosed": closed,
    "CardShown": card_shown,
    "Escalated": escalated,
    "SupervisionStarted": supervision_started,
    "SupervisionEnded": supervision_ended,
    "RecheckAsked": recheck_asked,
    "RecheckDone": recheck_done,
    "ProblemArchived": archived,
    "UnitRated": unit_rated,
}
"""By type of event: every `schemas.events_handling.HandlingEvent`."""
