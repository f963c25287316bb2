"""Each event of a problem as a Chinese sentence."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from casework.refusals import SENTENCES
from city.pack import CityPack
from console import timeline_handling
from console.found import category_of, post_of, unit_of
from console.labels import BASIS, CARD, CHANNEL, CLOCK, ROLE, URGENCY
from console.terminal import one_line
from intake.seal import unseal
from schemas import events as ev
from schemas.errors import PoolDamaged
from schemas.words import Basis, Clock, Refusal, Role, Urgency

MATCH = {
    "same_caller_same_text": "同一来件人、同样的内容",
    "same_place_category_near_text": "同一地点、同一类别、内容相近",
    "claimed": "此前已登记在本问题",
}
"""Names of the matcher's rules."""


class Sentences:
    """Tells the events of one problem. `key`: the problem's own, for what units and clerks wrote; None = it is gone."""

    def __init__(self, pack: CityPack, problem: str, key: bytes | None, source_ids: dict[str, str]) -> None:
        self.pack = pack
        self._problem = problem
        self._key = key
        self._source_ids = source_ids

    def of(self, event: Any) -> str:
        """One sentence, no line break, safe to show."""
        tell = _TELL.get(event.type)
        return one_line(tell(self, event)) if tell else f"({event.type})"

    def who(self, event: Any) -> str:
        """The actor in words."""
        actor = event.actor
        if actor.role is Role.GRID:
            return post_of(self.pack, actor.unit or actor.id)
        if actor.unit:
            name = unit_of(self.pack, actor.unit)
            return name if actor.id == actor.unit else f"{name}({one_line(actor.id, 20)})"
        role = ROLE[actor.role]
        return role if actor.id in ("intake", "timer", "casework", actor.role.value) else f"{role}({one_line(actor.id, 20)})"

    def opened(self, sealed: str | None) -> str:
        """What was written under the problem's key."""
        if not sealed:
            return ""
        if self._key is None:
            return "(内容已删除)"
        try:
            return unseal(self._key, self._problem, sealed).decode()
        except (PoolDamaged, UnicodeDecodeError):
            return "(内容打不开)"

    def clear(self, text: str) -> str:
        """One of the three clarities: sealed when a person wrote it, plain when it stands so in the duty list."""
        return self.opened(text) if text.isascii() else text

    def unit(self, code: str) -> str:
        """A unit by name."""
        return unit_of(self.pack, code)

    def post(self, code: str) -> str:
        """A post of the grid's ladder in words."""
        return post_of(self.pack, code)

    def category(self, code: str) -> str:
        """A category by name."""
        return category_of(self.pack, code)

    def report(self, report: str) -> str:
        """The sender's own number of a report, else its id."""
        return one_line(self._source_ids.get(report, ""), 40) or report

    def basis(self, basis: str) -> str:
        """The closed word as a sentence; an unknown word of a later version as it is."""
        return BASIS[Basis(basis)] if basis in set(Basis) else basis

    def clock(self, clock: Clock, of: str) -> str:
        """A clock by name, with which one it is of its kind."""
        match clock:
            case Clock.COOPERATE:
                return f"{CLOCK[clock]}({self.unit(of)})"
            case Clock.MARK:
                return f"{CLOCK[clock]}({CARD.get(of) or f'第 {of} 级'})"
            case _:
                return f"{CLOCK[clock]}(第 {of} 号)" if of else CLOCK[clock]

    def time(self, at: datetime) -> str:
        """Month, day and minute by the city's clock."""
        return self.pack.calendar.local(at).strftime("%m-%d %H:%M")

    # one method for each type of event; those of handling stand in timeline_handling

    def registered(self, event: ev.ProblemRegistered) -> str:
        origin = f"由 {event.split_from} 拆出" if event.split_from else "登记"
        if event.record is not None:
            origin += f":{CHANNEL[event.record.channel]}来件 {self.report(event.record.report)}"
        category = f",类别 {category_of(self.pack, event.category)}" if event.category else ",类别不明"
        sure = f"(把握 {event.category_confidence:.0%})" if event.category and event.category_confidence else ""
        urgent = f",{URGENCY[event.urgency]}" if event.urgency is not Urgency.NORMAL else ""
        return f"{origin}{category}{sure}{urgent}。{self.basis(event.basis)}"

    def report_added(self, event: ev.ReportAdded) -> str:
        why = MATCH.get(event.reason, event.reason)
        score = f",相似度 {event.score:.0%}" if event.score else ""
        return f"{CHANNEL[event.record.channel]}来件 {self.report(event.record.report)} 并入:{why}{score}"

    def revised(self, event: ev.ReportRevised) -> str:
        return f"来件 {self.report(event.record.report)} 有更正,采用第 {event.revision} 版"

    def made_live(self, event: ev.ReportMadeLive) -> str:
        return f"历史来件 {self.report(event.report)} 转为在办。{self.basis(event.basis)}"

    def erased(self, event: ev.ReportErased) -> str:
        return f"来件 {self.report(event.report)} 的内容、联系方式和密钥已删除"

    def expired(self, event: ev.ClockExpired) -> str:
        return f"{self.clock(event.clock, event.of)}超时(时限 {self.time(event.due)})"

    def put_off(self, event: ev.ClockPutOff) -> str:
        said = f"{self.clock(event.clock, event.of)}到时({self.time(event.due)})"
        return f"{said},并单还没有回音,{self.time(event.until)} 再看"

    def asked_again(self, event: ev.AskedAgain) -> str:
        return f"还没有回音,已再次催问;{self.time(event.due)} 再看"

    def parked(self, _event: ev.CommandParked) -> str:
        return "并单进行中,收到的指令先候着"

    def merge_asked(self, event: ev.MergeAsked) -> str:
        return f"请求退回 {event.target}(撤销拆单)" if event.unsplit else f"请求并入 {event.target}"

    def merge_released(self, event: ev.MergeReleased) -> str:
        why = SENTENCES[Refusal(event.code)] if event.code in set(Refusal) else event.code
        return f"没有并成,照旧办理:{why}"

    def merged(self, event: ev.Merged) -> str:
        return f"已并入 {event.root},来件和派单随之转去"

    def absorbed(self, event: ev.MembersAbsorbed) -> str:
        joined = "、".join(unit_of(self.pack, part.unit) for part in event.assignments)
        return f"并入了 {event.source} 的 {len(event.members)} 件来件" + (f",{joined} 加入办理" if joined else "")

    def undo_asked(self, _event: ev.UndoAsked) -> str:
        return "请求撤销并单"

    def given_back(self, event: ev.MembersGivenBack) -> str:
        return f"撤销并单:把 {len(event.members)} 件来件还给 {event.source}"

    def undone(self, event: ev.MergeUndone) -> str:
        return f"并单已撤销,收回 {len(event.members)} 件来件,派单和时限恢复原样"

    def split_asked(self, event: ev.SplitAsked) -> str:
        return f"拆单:{'、'.join(self.report(report) for report in event.reports)} 拆到 {event.target}"

    def split_finished(self, event: ev.SplitFinished) -> str:
        return f"拆单完成,新问题 {event.target}"


_TELL: dict[str, Callable[[Sentences, Any], str]] = {
    "ProblemRegistered": Sentences.registered,
    "ReportAdded": Sentences.report_added,
    "ReportRevised": Sentences.revised,
    "ReportMadeLive": Sentences.made_live,
    "ReportErased": Sentences.erased,
    "ClockExpired": Sentences.expired,
    "ClockPutOff": Sentences.put_off,
    "AskedAgain": Sentences.asked_again,
    "CommandParked": Sentences.parked,
    "MergeAsked": Sentences.merge_asked,
    "MergeReleased": Sentences.merge_released,
    "Merged": Sentences.merged,
    "MembersAbsorbed": Sentences.absorbed,
    "UndoAsked": Sentences.undo_asked,
    "MembersGivenBack": Sentences.given_back,
    "MergeUndone": Sentences.undone,
    "SplitAsked": Sentences.split_asked,
    "SplitFinished": Sentences.split_finished,
    **timeline_handling.TELL,
}
