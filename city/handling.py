"""How a city handles problems after they are routed: what the pack's `handling.yaml` says. Numbers are the city's to choose, each
with its source; what a pack leaves out is the product's usual value, and the check says so.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeVar

from city.records import Figure
from city.terms import Term, WorkerLevel

USUAL: Final = "产品默认，配置包没有写明"
T = TypeVar("T", bound=Term)


class ReturnReason(Term):
    """Why a unit gives a problem back (退单); the reasons in use, reference row H.2 and 荆门's 要求不清晰."""

    WRONG_PLACE = "wrong_place", "属地不符"
    NOT_TRANSFERRED = "not_transferred", "权属不清"
    NOT_OUR_DUTY = "not_our_duty", "职责不符"
    OUT_OF_POWER = "out_of_power", "超出行政范围"
    UNCLEAR_DEMAND = "unclear_demand", "要求不清晰"
    INCOMPLETE = "incomplete", "信息不全"
    REPEATED = "repeated", "重复工单"
    IN_LEGAL_PROCESS = "in_legal_process", "已进入法定途径"
    UNREASONABLE = "unreasonable", "不合理诉求"


class DeclineReason(Term):
    """Why a request is not accepted (不受理), reference part F."""

    OUTSIDE_CITY = "outside_city", "不属于本行政区域"
    EMERGENCY_LINE = "emergency_line", "属于紧急救助专线"
    LEGAL_PROCESS = "legal_process", "诉讼仲裁复议信访程序中"
    CONFIDENTIAL = "confidential", "涉及国家秘密商业秘密个人隐私"
    UNLAWFUL = "unlawful", "违反法律或公序良俗"
    NO_REQUEST = "no_request", "没有具体诉求"


class HandOverTo(Term):
    """Who takes what is not for 12345 to handle; the number under which they took it is kept."""

    POLICE = "police", "110"
    FIRE = "fire", "119"
    MEDICAL = "medical", "120"
    LETTERS = "letters", "信访"
    INSPECTION = "inspection", "督查"


class ExclusionReason(Term):
    """Why a request does not count in scores (剔除), by application and review (reference part E; 大冶, seed row 2.10)."""

    UNREASONABLE = "unreasonable", "不合理诉求"
    BEYOND_DUTY = "beyond_duty", "超出职责"
    MALICIOUS = "malicious", "恶意"
    IMPOSSIBLE = "impossible", "客观不可解"
    OFF_LIST = "off_list", "清单之外"
    FORCE_MAJEURE = "force_majeure", "不可抗力"


class BlockingFault(Term):
    """What can be wrong with a reply (schemas.replies.ReplyFault; reference part M: 答非所问, 是否解决, 依据; 未联系群众)."""

    OFF_TOPIC = "off_topic", "答非所问"
    NO_ANSWER = "no_answer", "没有答复诉求"
    NO_REASON = "no_reason", "没有说明理由"
    TEMPLATE = "template", "套话"
    NO_CONTACT = "no_contact", "没有联系诉求人"


class Fallback(Term):
    """Who must take what everybody has returned (兜底)."""

    FIRST_LEAD = "first_lead", "首接单位"
    DUTY_LEAD = "duty_lead", "牵头部门"
    DISTRICT = "district", "区县政府"


class LadderUse(Term):
    """Which matters of the grid go up the ladder of posts before a department gets them (seed row 4.5)."""

    NONE = "none", "不用"
    TOWNSHIP_DUTY = "township_duty", "镇街主责"
    TOWNSHIP_PART = "township_part", "镇街主责或配合"


@dataclass(frozen=True, slots=True)
class Ground:
    """One entry of a closed list as the city uses it. path: the lawful way that the caller is told."""

    source: str
    path: str = ""


@dataclass(frozen=True, slots=True)
class Escalation:
    """One level of escalation. working_days: from the due time of handling on; negative before it. to: who hears of it."""

    level: int
    working_days: int
    to: str
    source: str


def _usual(value: float) -> Figure:
    return Figure(value, USUAL)


def _usual_blocks() -> Mapping[BlockingFault, Ground]:
    """All but the missing contact, which has a clock and a rate of its own."""
    return {fault: Ground(USUAL) for fault in BlockingFault if fault is not BlockingFault.NO_CONTACT}


@dataclass(frozen=True, slots=True)
class Handling:
    """Everything of handling that is a city's choice. All of it has a value in every pack. Mappings are never written to;
    they are plain ones, because a pack is sent to other processes.

    returns_max: returns that are granted before only a joint decision or a fallback is left. extensions_max: how many extensions;
    from number extension_supervisor_from on a supervisor grants them. pauses_max: how often one may wait for the caller.
    redo_supervise, urgings_supervise: the how-manieth redo or urging puts a problem under supervision. yellow_days, red_days:
    working days before and after the due time at which a card is shown. calls_max: attempts after which a caller counts as not
    reached. satisfied_from: lowest rating of five that counts as satisfied. recheck_share, recheck_share_risk: share of closed
    problems that is looked at again, in general and where a risk is known. relay_minutes: faster than this a unit that passes a
    problem on has not looked at it. pingpong_units, pingpong_returns: from so many units and returns on it is a dispute.
    weight_*: shares of the three rates in the summary figure.
    """

    returns_max: Figure = field(default_factory=lambda: _usual(3))
    extensions_max: Figure = field(default_factory=lambda: _usual(2))
    extension_supervisor_from: Figure = field(default_factory=lambda: _usual(2))
    pauses_max: Figure = field(default_factory=lambda: _usual(2))
    redo_supervise: Figure = field(default_factory=lambda: _usual(2))
    urgings_supervise: Figure = field(default_factory=lambda: _usual(3))
    yellow_days: Figure = field(default_factory=lambda: _usual(1))
    red_days: Figure = field(default_factory=lambda: _usual(1))
    calls_max: Figure = field(default_factory=lambda: _usual(3))
    satisfied_from: Figure = field(default_factory=lambda: _usual(3))
    recheck_share: Figure = field(default_factory=lambda: _usual(0.05))
    recheck_share_risk: Figure = field(default_factory=lambda: _usual(1.0))
    relay_minutes: Figure = field(default_factory=lambda: _usual(10))
    pingpong_units: Figure = field(default_factory=lambda: _usual(3))
    pingpong_returns: Figure = field(default_factory=lambda: _usual(2))
    weight_response: Figure = field(default_factory=lambda: _usual(0.30))
    weight_solved: Figure = field(default_factory=lambda: _usual(0.35))
    weight_satisfied: Figure = field(default_factory=lambda: _usual(0.35))
    fallback: Fallback = Fallback.FIRST_LEAD
    fallback_source: str = USUAL
    ladder: LadderUse = LadderUse.NONE
    ladder_source: str = USUAL
    ladder_hours: Mapping[WorkerLevel, Figure] = field(
        default_factory=lambda: {WorkerLevel.GRID: _usual(2), WorkerLevel.COMMUNITY: _usual(4), WorkerLevel.STREET: _usual(24)}
    )
    escalations: tuple[Escalation, ...] = (
        Escalation(1, -1, "承办单位", USUAL),
        Escalation(2, 1, "承办单位负责人", USUAL),
        Escalation(3, 3, "热线主管部门", USUAL),
        Escalation(4, 5, "督查部门", USUAL),
    )
    returns: Mapping[ReturnReason, Ground] = field(default_factory=lambda: _all(ReturnReason))
    declines: Mapping[DeclineReason, Ground] = field(default_factory=lambda: _all(DeclineReason))
    exclusions: Mapping[ExclusionReason, Ground] = field(default_factory=lambda: _all(ExclusionReason))
    hand_overs: Mapping[HandOverTo, Ground] = field(default_factory=lambda: _all(HandOverTo))
    reply_blocks: Mapping[BlockingFault, Ground] = field(default_factory=_usual_blocks)
    """Faults of a reply with which a problem is not closed until it is mended, or a person who read it has overruled them."""
    monitoring: tuple[str, ...] = ()
    """Codes of areas whose problems are all checked by people (监测点, seed row 2.7)."""
    monitoring_source: str = USUAL


def _all(terms: type[T]) -> Mapping[T, Ground]:
    return {term: Ground(USUAL) for term in terms}


USUAL_HANDLING: Final = Handling()
