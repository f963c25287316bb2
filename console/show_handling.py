"""What handling left on a problem, as it is shown: returns, time, whistles, ladder, callers, cards, supervision, looks back."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from rich.console import Console
from rich.text import Text

from city.terms import LimitUnit
from console.labels import (
    CARD,
    DECLINE_REASON,
    ENDING,
    EXCLUSION_REASON,
    HAND_OVER_TO,
    HOP_END,
    MARK,
    PAUSE,
    RECHECK,
    RETURN_REASON,
    SUPERVISION,
    VERDICT,
    WISH,
)
from console.terminal import indented, one_line
from console.timeline import Sentences
from console.turns import turns, whose_turn
from schemas.handling import Application, Objection, Recheck, Return, Whistle
from schemas.problem import Assignment, Member, Problem
from schemas.words import DeclineReason, Ending, ExclusionReason, HandOverTo, Wish

SEALED: Final = frozenset({"note"})
SEALED_IN: Final = {"whistles": frozenset({"asked", "outcome"}), "assignments": frozenset({"asked", "reply", "note"})}
"""Fields that are sealed with the problem's key, by record; SEALED for those that are not named."""
PLAIN_FIELDS: Final = (
    "kind", "ending", "ended_by", "checked", "proposal", "confirmed_category", "dispatches", "first_lead", "final", "handle_from",
    "conference", "overdue", "escalation", "escalated_due", "redo", "supervised", "excluded",
)  # fmt: skip
RECORDS: Final = (
    "returns", "pauses", "extensions", "applications", "whistles", "ladder", "objections", "cards", "supervision", "rechecks",
    "unit_ratings",
)  # fmt: skip
OF_CALLER: Final = (
    "report", "answered", "urged", "withdrawn", "calls", "contacted", "solved", "first_rating", "rating",
)  # fmt: skip
LINE = 120
"""Characters shown of what somebody wrote; --json has all."""


def handling_document(problem: Problem, sentences: Sentences) -> dict[str, Any]:
    """Everything of handling as programs get it, sealed texts opened."""
    dumped = problem.model_dump(mode="json", include={*PLAIN_FIELDS, *RECORDS, "members"})
    callers = [
        {name: member[name] for name in OF_CALLER} | {"source_id": sentences.report(member["report"])}
        for member in dumped.pop("members")
    ]
    opened = {name: _opened(name, dumped[name], sentences) for name in RECORDS}
    waiting = [asdict(turn) for turn in turns(problem, sentences.pack)]
    return dumped | opened | {"callers": callers, "turn": whose_turn(problem, sentences.pack), "turns": waiting}


def part_document(part: Assignment, sentences: Sentences) -> dict[str, Any]:
    """One unit's part with its texts opened."""
    shown: dict[str, Any] = _opened("assignments", part.model_dump(mode="json"), sentences) | {"name": sentences.unit(part.unit)}
    if part.clarity is not None:
        shown["clarity"] = {name: sentences.clear(text) for name, text in part.clarity.model_dump().items()}
    return shown


def _opened(record: str, value: Any, sentences: Sentences) -> Any:
    if isinstance(value, list):
        return [_opened(record, one, sentences) for one in value]
    if isinstance(value, dict):
        sealed = SEALED_IN.get(record, SEALED)
        return {name: sentences.opened(said) if name in sealed else said for name, said in value.items()}
    return value


def print_turn(console: Console, problem: Problem, sentences: Sentences, now: datetime) -> None:
    """现在轮到谁."""
    late = any(turn.due is not None and turn.due < now for turn in turns(problem, sentences.pack))
    over = ("  已超时", "bold red") if late else ""
    console.print(Text.assemble(("现在轮到:", "bold"), whose_turn(problem, sentences.pack), over))


def print_handling(console: Console, problem: Problem, sentences: Sentences) -> None:
    """Under a heading each, and only what there is."""
    for heading, lines in sections(problem, sentences):
        if lines:
            console.print()
            console.print(heading, style="bold")
            for line in lines:
                console.print(indented(Text(one_line(line))))


def sections(problem: Problem, tell: Sentences) -> Iterator[tuple[str, list[str]]]:
    """(heading, lines)."""
    yield "结果", _ending(problem, tell)
    yield "网格处置", [_hop(tell, hop) for hop in problem.ladder]
    yield "三个明确", [line for part in problem.assignments for line in _clarity(part, tell)]
    yield "退单", [_return(one, tell) for one in problem.returns]
    yield "时限的变动", [*_time(problem, tell)]
    yield "吹哨报到", [_whistle(one, tell) for one in problem.whistles]
    yield "基层的异议", [_objection(one, tell) for one in problem.objections]
    yield "亮牌、升级、督办", [*_care(problem, tell)]
    yield "来件人", [line for member in problem.members if (line := _caller(member, tell))]
    yield "回头看", [_recheck(one, tell) for one in problem.rechecks]
    yield "互相评价", [f"{tell.unit(one.by)} 评 {tell.unit(one.of)}:{MARK[one.mark]}" for one in problem.unit_ratings]


def _ending(problem: Problem, tell: Sentences) -> list[str]:
    lines = [f"{ENDING[problem.ending]}{_ended_by(problem)}"] if problem.ending is not None else []
    if problem.excluded:
        reason = EXCLUSION_REASON[ExclusionReason(problem.excluded)]
        lines.append(f"不计入考核:{reason}")
    if problem.final:
        lines.append("由会商或兜底派单,不得再退")
    if problem.proposal is not None and problem.hop is not None:
        lines.append(f"网格解决不了时,派给 {tell.unit(problem.proposal.unit)}")
    return lines


def _ended_by(problem: Problem) -> str:
    match problem.ending:
        case Ending.NOT_ACCEPTED if problem.ended_by in set(DeclineReason):
            return f":{DECLINE_REASON[DeclineReason(problem.ended_by)]}"
        case Ending.HANDED_OVER:
            to, _, number = problem.ended_by.partition(" ")
            named = HAND_OVER_TO[HandOverTo(to)] if to in set(HandOverTo) else to
            return f":{named},对方编号 {number}"
        case Ending.ANSWERED if problem.ended_by:
            return f":依据知识 {problem.ended_by}"
        case _:
            return ""


def _hop(tell: Sentences, hop: Any) -> str:
    ended = f",{tell.time(hop.ended)} {HOP_END[hop.end]}" if hop.ended and hop.end else f",时限 {tell.time(hop.due)}"
    return f"{tell.post(hop.post)}:{tell.time(hop.since)} 起{ended}{_after(tell, hop.note)}"


def _clarity(part: Assignment, tell: Sentences) -> list[str]:
    clear = part.clarity
    if clear is None or not tell.pack.units.get(part.unit) or not tell.pack.units[part.unit].grassroots:
        return []
    said = f"部门做 {tell.clear(clear.department)};基层做 {tell.clear(clear.grassroots)};支持 {tell.clear(clear.support)}"
    return [f"{tell.unit(part.unit)}:{said}"]


def _return(one: Return, tell: Sentences) -> str:
    suggested = f",建议 {tell.unit(one.suggested)}" if one.suggested else ""
    decided = f"{tell.time(one.decided)} {one.by} {VERDICT[one.verdict]}" if one.decided and one.verdict else "待审"
    return f"{tell.time(one.at)} {tell.unit(one.unit)} {RETURN_REASON[one.reason]}{suggested}{_after(tell, one.note)} → {decided}"


def _time(problem: Problem, tell: Sentences) -> Iterator[str]:
    for pause in problem.pauses:
        until = tell.time(pause.end) if pause.end else "现在"
        yield f"暂停 {tell.time(pause.start)} 到 {until}:{PAUSE[pause.why]}"
    for longer in problem.extensions:
        unit = LimitUnit(longer.unit).label if longer.unit in set(LimitUnit) else longer.unit
        yield f"{tell.time(longer.at)} 延长 {longer.amount} {unit},{longer.by} 批准"
    for wish in problem.applications:
        yield _application(wish, tell)
    if problem.overdue:
        yield f"{tell.time(problem.overdue)} 首次超过办理时限"


def _application(one: Application, tell: Sentences) -> str:
    what = f"({EXCLUSION_REASON[one.reason]})" if one.reason else f" {one.amount}" if one.wish is not Wish.EXCLUSION else ""
    decided = "待批"
    if one.decided is not None:
        decided = f"{tell.time(one.decided)} {one.by} {'同意' if one.granted else '不同意'}"
    return f"{tell.time(one.at)} {tell.unit(one.unit)} 申请{WISH[one.wish]}{what}{_after(tell, one.note)} → {decided}"


def _whistle(one: Whistle, tell: Sentences) -> str:
    steps = [f"第 {one.number} 号 {tell.time(one.at)} {tell.unit(one.by)} 请 {tell.unit(one.to)}:{_said(tell, one.asked)}"]
    if one.answered is not None:
        steps.append(f"{tell.time(one.answered)} {'响应' if one.coming else '不来'}")
    steps += [f"{tell.time(one.arrived)} 到场"] if one.arrived else []
    steps += [f"{tell.time(one.ended)} 结束:{_said(tell, one.outcome)}"] if one.ended else []
    late = {"answer": "响应超时", "arrival": "到场超时"}
    steps += [late[what] for what in one.late]
    steps += [f"对应哨单位 {MARK[one.mark_of_summoned]}"] if one.mark_of_summoned else []
    steps += [f"对吹哨单位 {MARK[one.mark_of_whistler]}"] if one.mark_of_whistler else []
    return ",".join(steps)


def _objection(one: Objection, tell: Sentences) -> str:
    decided = "待审"
    if one.decided is not None:
        decided = f"{tell.time(one.decided)} {one.by} {'成立' if one.upheld else '不成立'}"
    return f"第 {one.number} 号 {tell.time(one.at)} {tell.unit(one.unit)}{_after(tell, one.note)} → {decided}"


def _care(problem: Problem, tell: Sentences) -> Iterator[str]:
    for card in problem.cards:
        yield f"{tell.time(card.at)} {CARD[card.colour]}(办理时限 {tell.time(card.due)})"
    if problem.escalation:
        yield f"已升级到第 {problem.escalation} 级"
    if problem.redo:
        yield f"重办 {problem.redo} 次"
    held = problem.supervision
    if held is not None:
        due = f",{tell.time(held.due)} 前报结果" if held.due else ""
        yield f"{tell.time(held.since)} 起督办({SUPERVISION[held.reason]}){due}{_after(tell, held.note)}"
    elif problem.supervised:
        yield f"督办过 {problem.supervised} 次,已结束"


def _caller(member: Member, tell: Sentences) -> str:
    said = []
    if member.withdrawn is not None:
        said.append(f"{tell.time(member.withdrawn)} 撤回")
    if member.answered is not None:
        said.append(f"{tell.time(member.answered)} 已答复")
    said += [f"催办 {member.urged} 次"] if member.urged else []
    said += [f"回访 {member.calls} 次"] if member.calls else []
    if member.contacted is not None:
        said.append("单位联系过" if member.contacted else "单位没有联系过")
    if member.solved is not None:
        said.append("已解决" if member.solved else "没有解决")
    if member.rating is not None:
        first = f"(首次 {MARK[member.first_rating]})" if member.first_rating not in (None, member.rating) else ""
        said.append(MARK[member.rating] + first)
    elif member.first_rating is not None:
        said.append(f"首次评价 {MARK[member.first_rating]}")
    return f"{tell.report(member.report)}:{','.join(said)}" if said else ""


def _recheck(one: Recheck, tell: Sentences) -> str:
    who = tell.unit(one.checker) if one.checker else "热线中心"
    done = f"{tell.time(one.done)} {RECHECK[one.outcome]}{_after(tell, one.note)}" if one.done and one.outcome else "还没有结果"
    return f"{tell.time(one.asked)} 请 {who} 去看 → {done}"


def _said(tell: Sentences, sealed: str) -> str:
    return one_line(tell.opened(sealed), LINE)


def _after(tell: Sentences, sealed: str) -> str:
    return f":{_said(tell, sealed)}" if sealed else ""
