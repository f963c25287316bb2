"""The steps that a unit can take: one method each, which says what the pool will check.

What can be seen without the pool is refused here with BadReply, before anything is sent. Whether the pool agrees stands in a
later view.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wentichi.errors import BadReply
from wentichi.words import (
    CLARITY,
    MAX_AMOUNT,
    MAX_CLARITY,
    MAX_UNITS,
    Action,
    Ground,
    RecheckOutcome,
    ReturnReason,
    Way,
    Wish,
    allow_text,
    require_number,
    require_text,
    require_unit,
    require_word,
    require_yes_or_no,
)


@dataclass(frozen=True, slots=True)
class Receipt:
    """The broker has the record and every replica in sync keeps it. key: the report's id in the pool, or the problem."""

    key: str
    topic: str
    partition: int
    offset: int


class Steps(ABC):
    """by: who did it, in the unit's own words, at most 100 characters. id, errors and what a receipt means: see `reply`.

    "The lead" below is the unit whose `part` is lead (主办). Every limit is the city's.
    """

    __slots__ = ()

    @abstractmethod
    def _say(self, action: Action, by: str, key: str, text: str = "", *, without_part: bool = False, **more: Any) -> Receipt:
        """Send one step. more: its other fields, those that are None left out. without_part: also of who has no open part."""

    # the unit's own part

    def sign(self, *, by: str = "", id: str = "") -> Receipt:  # noqa: A002
        """Sign for the problem (签收). The pool checks that the unit has an open part; signed once more changes nothing."""
        return self._say("sign", by, id)

    def contact(self, reached: bool, text: str = "", *, way: Way = "phone", by: str = "", id: str = "") -> Receipt:  # noqa: A002
        """The unit spoke with the caller, or tried to (联系来件人); text: what was said, for the office.

        reached=False is noted and lets `contact_due` run on; a further attempt in the same words needs an `id` of its own. The
        pool checks that the unit has an open part and has not asked to give it back.
        """
        require_yes_or_no("reached", reached)
        require_word("way", way, Way)
        allow_text("联系情况", text)
        return self._say("contact", by, id, text, reached=reached, way=way)

    def reply(self, text: str, *, note: str = "", by: str = "", id: str = "") -> Receipt:  # noqa: A002
        """Answer what was done (答复); returns when the broker has it, whether the pool agrees stands in a later dispatch.

        text: for the caller; note: for the office alone. The words are checked; what was found stands in `faults`, and the city
        may refuse to close over it until a person has read the reply.
        id: key for retries, at most 100 characters. Left out, it follows from problem, assignment, what is asked and all that is
        said: a program that dies in between and says the same again is heard once. Raises BadReply for an empty or too long
        text and for a problem that the unit no longer has.
        """
        require_text("答复", text, "办理情况")
        allow_text("备注", note)
        return self._say("reply", by, id, text, note=note or None)

    def note(self, text: str, *, by: str = "", id: str = "") -> Receipt:  # noqa: A002
        """An inner remark for the office (备注). It moves no clock, and goes to the problem's file whatever its state."""
        require_text("备注", text, "要记下的事")
        return self._say("note", by, id, text, without_part=True)

    def give_back(
        self,
        reason: ReturnReason,
        text: str,
        *,
        suggested: str | None = None,
        by: str = "",
        id: str = "",  # noqa: A002
    ) -> Receipt:
        """Not ours (申请退单). text: the grounds; suggested: the unit that should have it.

        A neutral reviewer decides by `review_due`; until then the unit keeps the problem and its clock runs. The pool checks that
        the unit leads and has not replied, that the dispatch is not `final`, that the limit for returns has not passed since it,
        that the city takes this reason, and that it knows the suggested unit.
        """
        require_word("退单理由", reason, ReturnReason)
        require_text("退单说明", text, "不属本单位的依据")
        if suggested is not None:
            require_unit("建议单位", suggested)
        return self._say("return", by, id, text, reason=reason, suggested=suggested)

    def object(self, text: str = "", *, by: str = "", id: str = "") -> Receipt:  # noqa: A002
        """一键投诉: this should not have come down to the grassroots. The part goes on until a neutral reviewer has decided.

        The pool checks that the unit is a township or village with an open part, and that no objection of its own is open.
        """
        allow_text("异议", text)
        return self._say("object", by, id, text)

    # time

    def apply_for(
        self,
        wish: Wish,
        text: str,
        *,
        amount: int = 0,
        ground: Ground | None = None,
        by: str = "",
        id: str = "",  # noqa: A002
    ) -> Receipt:
        """Apply for more time (extension), for suspension (挂账) or that the problem is not scored (exclusion); others grant it.

        amount: of an extension or a suspension, in the unit of the city's limit (working days, days, …). ground: of an exclusion.
        The pool checks that the unit leads and no wish of this kind is open; for time, that it has signed and not replied, that
        the amount is within the city's limit, and for an extension also that the due time has not passed and how many were
        granted before; for an exclusion, that the city takes this ground. Granted, `handle_due` moves; then the same words are a
        new application.
        """
        require_word("申请", wish, Wish)
        require_text("申请说明", text, "理由")
        require_number("amount", amount, 0, MAX_AMOUNT)
        if wish == "exclusion":
            require_word("剔除理由", ground, Ground)
        elif amount == 0:
            raise BadReply("延期或挂账的时间不能为 0;请用 amount 写明时长")
        elif ground is not None:
            raise BadReply("ground 只用于申请剔除;请去掉,理由写在说明里")
        return self._say("apply", by, id, text, without_part=True, wish=wish, amount=amount or None, ground=ground)

    def wait_for_caller(self, text: str, *, by: str = "", id: str = "") -> Receipt:  # noqa: A002
        """The lead cannot go on without the caller (待补充); text: what is missing. `handle_due` stands meanwhile, not for ever.

        The pool checks that the unit leads and has signed, how often it waited before, and that there is a caller to be asked.
        """
        require_text("待补充的说明", text, "缺什么")
        return self._say("wait", by, id, text)

    def resume(self, *, by: str = "", id: str = "") -> Receipt:  # noqa: A002
        """Go on after a wait or a suspension. The pool checks that the unit leads and the clock stands (`paused`)."""
        return self._say("resume", by, id)

    # others

    def cooperate(
        self,
        notes: Mapping[str, str],
        *,
        clarity: Mapping[str, str] | None = None,
        by: str = "",
        id: str = "",  # noqa: A002
    ) -> Receipt:
        """The lead asks more units in (协办). notes: unit -> what is asked of it. clarity: department, grassroots, support.

        The pool checks that the unit leads and has not replied, that it knows the units and none has a part yet; where one is of
        the grassroots also that the duty list lets it be asked, and that all three clarities are given here or on the list.
        """
        if not isinstance(notes, Mapping) or not 0 < len(notes) <= MAX_UNITS:
            raise BadReply(f"协办单位须有 1 到 {MAX_UNITS} 个;请写 {{单位编码: 对它的要求}}")
        for unit, asked in notes.items():
            require_unit("协办单位", unit)
            require_text(f"对 {unit} 的要求", asked, "要它做什么")
        if clarity is not None:
            if not isinstance(clarity, Mapping) or set(clarity) != set(CLARITY):
                raise BadReply(f"三个明确须写全,不多不少;请写 {'、'.join(CLARITY)} 三项")
            for name in CLARITY:
                require_text(name, clarity[name], "部门做什么、基层做什么、给什么支持", MAX_CLARITY)
        return self._say("cooperate", by, id, notes=dict(notes), clarity=dict(clarity) if clarity is not None else None)

    def whistle(self, to: str, text: str, *, by: str = "", id: str = "") -> Receipt:  # noqa: A002
        """吹哨: summon another unit; text: what is asked of it. It stands in `whistles` with its number, `answered`, `arrived`, …

        The pool checks that the unit has an open part and has neither replied nor asked to give it back, that it knows the other
        unit, and that nobody's whistle for that one is open.
        """
        require_unit("吹哨对象", to)
        require_text("吹哨", text, "请它来做什么")
        return self._say("whistle", by, id, text, to=to)

    def answer_whistle(self, number: int, coming: bool, text: str = "", *, by: str = "", id: str = "") -> Receipt:  # noqa: A002
        """Who was summoned says whether it comes. The pool checks that this whistle is for the unit, and neither answered nor
        over."""
        _whistle(number)
        require_yes_or_no("coming", coming)
        allow_text("回应", text)
        return self._say("answer_whistle", by, id, text, without_part=True, number=number, coming=coming)

    def arrive(self, number: int, *, by: str = "", id: str = "") -> Receipt:  # noqa: A002
        """报到: who was summoned is there; that answers too. The pool checks as for `answer_whistle`, and not there yet."""
        _whistle(number)
        return self._say("arrive", by, id, without_part=True, number=number)

    def end_whistle(self, number: int, text: str, mark: int, *, by: str = "", id: str = "") -> Receipt:  # noqa: A002
        """Who whistled says how it ended and rates who came, 1 worst to 5 best. The pool checks that it was this unit's whistle
        and is not over."""
        _whistle(number)
        require_text("吹哨结果", text, "怎样结束")
        _mark(mark)
        return self._say("end_whistle", by, id, text, without_part=True, number=number, mark=mark)

    def rate_whistle(self, number: int, mark: int, *, by: str = "", id: str = "") -> Receipt:  # noqa: A002
        """Who was summoned rates who whistled, 1 to 5. The pool checks that the whistle was for the unit, is over, and is not
        rated yet."""
        _whistle(number)
        _mark(mark)
        return self._say("rate_whistle", by, id, without_part=True, number=number, mark=mark)

    def rate(self, to: str, mark: int, *, by: str = "", id: str = "") -> Receipt:  # noqa: A002
        """After joint work rate another unit, 1 to 5. The pool checks that both had a part or were summoned, and once only."""
        require_unit("评价对象", to)
        _mark(mark)
        return self._say("rate", by, id, without_part=True, to=to, mark=mark)

    def recheck(self, outcome: RecheckOutcome, text: str = "", *, by: str = "", id: str = "") -> Receipt:  # noqa: A002
        """回头看: what who looks back has found. `rebounded` and `sham` open the problem again, under supervision.

        The pool checks that the problem is closed, that a look back is open, and that this unit was asked to.
        """
        require_word("回头看的结果", outcome, RecheckOutcome)
        allow_text("回头看的说明", text)
        return self._say("recheck", by, id, text, without_part=True, outcome=outcome)


def _whistle(number: object) -> None:
    require_number("吹哨的编号", number, 1)


def _mark(mark: object) -> None:
    require_number("评分", mark, 1, 5)
