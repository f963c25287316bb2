"""Every figure that is published, defined once: name, formula over facts, unit, source. docs/figures.md shows the same table."""

from collections.abc import Mapping
from typing import Final

from city.handling import Handling
from pool.conditions import And, AtLeast, Condition, Is, Not, Total
from pool.measures import Formula, Measure, Unit

ALWAYS: Final = And(())
KPI: Final = "各地热线通用口径"
RULE_66: Final = "国办函〔2025〕66号"

_DISPATCHED: Final = Is("dispatched")
_CLOSED: Final = Is("closed")
_ACCEPTED: Final = Is("accepted")
"""But for what was not accepted, or taken back by the caller: nobody owes work there."""


def _both(*conditions: Condition) -> Condition:
    return And(conditions)


def formulas(handling: Handling) -> Mapping[Measure, Formula]:
    """All of them, in the order of `Measure`; satisfied from the city's own level on."""
    defined = (*_work(), *_care(), *_callers(int(handling.satisfied_from.value)), *_sides())
    by_measure = {one.measure: one for one in defined}
    return {measure: by_measure[measure] for measure in Measure}


def _work() -> tuple[Formula, ...]:
    handled = _both(_DISPATCHED, _ACCEPTED)
    return (
        Formula(
            Measure.RECEIVED,
            "受理量",
            Unit.COUNT,
            "本期登记的问题(已并入别处的不重复计)",
            "鞍山市",
            Total(ALWAYS),
            scored=False,
        ),
        Formula(
            Measure.REPORTS, "来件量", Unit.COUNT, "本期登记的问题所含的来件", "鞍山市", Total(ALWAYS, ("members",)), scored=False
        ),
        Formula(
            Measure.DISPATCHED,
            "派单量",
            Unit.COUNT,
            "本期首次派单的问题",
            KPI,
            Total(_DISPATCHED),
            anchor="first_dispatch",
            scored=False,
        ),
        Formula(Measure.CLOSED, "办结量", Unit.COUNT, "本期办结的问题", KPI, Total(_CLOSED), anchor="closed", scored=False),
        Formula(
            Measure.CLOSING,
            "办结率",
            Unit.SHARE,
            "已办结 ÷ 本期登记的问题;不予受理、来件人撤回的不计",
            "鞍山市",
            Total(_both(_ACCEPTED, _CLOSED)),
            Total(_ACCEPTED),
        ),
        Formula(
            Measure.ON_TIME,
            "按时办结率",
            Unit.SHARE,
            "按时办结 ÷(办结 + 逾期未结),不是只看办结的",
            "各地热线通用口径;分母含逾期未结的,只看已办结的会掩盖逾期",
            Total(_both(handled, Is("on_time"))),
            Total(_both(handled, Is("settled"))),
            anchor="settled",
        ),
        Formula(
            Measure.OPEN_OVERDUE,
            "逾期未结",
            Unit.COUNT,
            "本期逾期、至今未办结的问题",
            KPI,
            Total(_both(Is("overdue"), Not(_CLOSED))),
            anchor="overdue_at",
        ),
        Formula(
            Measure.HANDLING_HOURS,
            "平均办理时长(小时)",
            Unit.MEAN,
            "首次派单到办结的时间之和 ÷ 派单后办结的问题",
            "江苏省2024年公开口径",
            Total(_both(_CLOSED, _DISPATCHED), ("minutes",)),
            Total(_both(_CLOSED, _DISPATCHED)),
            anchor="closed",
            scale=1 / 60,
        ),
        Formula(
            Measure.SIGNED_IN_TIME,
            "及时签收率",
            Unit.SHARE,
            "签收且签收时限从未超过 ÷(已签收 + 签收超时 + 未签收即办结)",
            "各地热线通用口径;连云港市99.64%",
            Total(_both(Is("sign_asked"), Is("sign_in_time"))),
            Total(_both(_DISPATCHED, Is("sign_asked"))),
            anchor="first_dispatch",
        ),
        Formula(
            Measure.FIRST_RIGHT,
            "首派准确率",
            Unit.SHARE,
            "只派过一次、没有准退也没有收回 ÷ 已派单",
            "各地热线通用口径:一次分拨成功率",
            Total(_both(_DISPATCHED, Is("first_right"))),
            Total(_DISPATCHED),
            anchor="first_dispatch",
        ),
        Formula(
            Measure.RETURNED,
            "退单率",
            Unit.SHARE,
            "申请过退单的问题 ÷ 已派单",
            f"各地热线通用口径;{RULE_66}要求优化退单流程",
            Total(_both(_DISPATCHED, AtLeast("returns", 1))),
            Total(_DISPATCHED),
            anchor="first_dispatch",
        ),
        Formula(
            Measure.REDISPATCHES,
            "平均派单次数",
            Unit.MEAN,
            "派单次数 ÷ 已派单的问题;1 为一次派准",
            "各地热线通用口径:改派次数",
            Total(_DISPATCHED, ("dispatches",)),
            Total(_DISPATCHED),
            anchor="first_dispatch",
        ),
        Formula(
            Measure.REDONE,
            "发回重办率",
            Unit.SHARE,
            "因群众不满意、未解决或回头看而重办过 ÷ 已派单",
            "各地热线通用口径;山东省级单位2017年规定",
            Total(_both(_DISPATCHED, AtLeast("redo", 1))),
            Total(_DISPATCHED),
            anchor="first_dispatch",
        ),
    )


def _callers(satisfied_from: int) -> tuple[Formula, ...]:
    rated = tuple(f"rated_{level}" for level in range(1, 6))
    return (
        Formula(
            Measure.RESPONSE,
            "响应率",
            Unit.SHARE,
            "时限内联系上群众 ÷(已联系 + 联系超时 + 未联系即办结),无法联系的不计",
            "各地热线通用口径;深圳市24小时内联系",
            Total(_both(Is("contact_asked"), Is("contacted_in_time"))),
            Total(Is("contact_asked")),
            anchor="first_dispatch",
        ),
        Formula(
            Measure.RESPONSE_SAID,
            "回访称已联系",
            Unit.SHARE,
            "回访时群众说单位联系过 ÷ 回访中对此作答的群众",
            "各地热线通用口径:回访核实",
            Total(ALWAYS, ("contacted_yes",)),
            Total(ALWAYS, ("contacted_yes", "contacted_no")),
        ),
        Formula(
            Measure.SOLVED,
            "解决率",
            Unit.SHARE,
            "回访时群众说已解决 ÷ 回访中对此作答的群众",
            "各地热线通用口径;北京市接诉即办",
            Total(ALWAYS, ("solved_yes",)),
            Total(ALWAYS, ("solved_yes", "solved_no")),
        ),
        Formula(
            Measure.SATISFIED,
            "满意率",
            Unit.SHARE,
            f"最后一次评价在五级中第{satisfied_from}级以上的群众 ÷ 作了评价的群众",
            "政务服务好差评五级评价;鞍山市",
            Total(ALWAYS, rated[satisfied_from - 1 :]),
            Total(ALWAYS, rated),
        ),
        Formula(
            Measure.URGED,
            "催办",
            Unit.COUNT,
            "群众催办的次数",
            KPI,
            Total(AtLeast("urged", 1), ("urged",)),
        ),
        Formula(
            Measure.MERGED_REPORTS,
            "并单的来件",
            Unit.SHARE,
            "并入已有问题的来件 ÷ 来件",
            f"{RULE_66}:重复诉求原则上并单处理",
            Total(ALWAYS, ("joined",)),
            Total(ALWAYS, ("members",)),
            scored=False,
        ),
        Formula(
            Measure.UNASKED,
            "主动与感知占比",
            Unit.SHARE,
            "网格上报和摄像头感知的来件 ÷ 来件",
            "鞍山市",
            Total(ALWAYS, ("active", "sensed")),
            Total(ALWAYS, ("members",)),
            scored=False,
        ),
    )


def _care() -> tuple[Formula, ...]:
    return (
        Formula(
            Measure.SUPERVISED,
            "督办量",
            Unit.COUNT,
            "列入过重点督办清单的问题",
            "诸暨市;山东省级单位2017年规定",
            Total(AtLeast("supervised", 1)),
        ),
        Formula(
            Measure.YELLOW,
            "黄牌",
            Unit.COUNT,
            "亮过的黄牌,只对工单不对人",
            "山东省级单位2017年规定;诸暨市",
            Total(AtLeast("yellow", 1), ("yellow",)),
        ),
        Formula(
            Measure.RED,
            "红牌",
            Unit.COUNT,
            "亮过的红牌,只对工单不对人",
            "山东省级单位2017年规定;诸暨市",
            Total(AtLeast("red", 1), ("red",)),
        ),
        Formula(
            Measure.RECHECKED,
            "回头看",
            Unit.COUNT,
            "办结后由别的单位复查过的次数",
            "诸暨市",
            Total(AtLeast("rechecks", 1), ("rechecks",)),
        ),
        Formula(
            Measure.RECHECK_SOLVED,
            "回头看核实率",
            Unit.SHARE,
            "复查为真解决 ÷ 复查",
            "温州市回访核实率95.28%",
            Total(AtLeast("rechecks", 1), ("rechecks_solved",)),
            Total(AtLeast("rechecks", 1), ("rechecks",)),
        ),
        Formula(
            Measure.SHAM,
            "虚假办结",
            Unit.COUNT,
            "复查发现没有办的次数",
            "诸暨市",
            Total(AtLeast("rechecks_sham", 1), ("rechecks_sham",)),
        ),
        Formula(
            Measure.EXCLUDED,
            "剔除",
            Unit.COUNT,
            "经审核不计入考核的问题",
            "各地热线通用口径;大冶市",
            Total(Is("excluded")),
            scored=False,
        ),
    )


def _sides() -> tuple[Formula, ...]:
    whistled, marked = AtLeast("whistles", 1), "双方互评,1 至 5 分,分数之和 ÷ 评价数"
    return (
        Formula(
            Measure.GRASSROOTS,
            "基层承担",
            Unit.MEAN,
            "派到镇街、村社区的任务 ÷ 已派单的问题",
            f"{RULE_66}:应由部门办理的不得派给基层;鞍山市",
            Total(_DISPATCHED, ("grassroots_parts",)),
            Total(_DISPATCHED),
            anchor="first_dispatch",
            scored=False,
        ),
        Formula(
            Measure.OBJECTIONS,
            "基层异议",
            Unit.COUNT,
            "基层一键投诉的次数",
            "荆门市",
            Total(AtLeast("objections", 1), ("objections",)),
            scored=False,
        ),
        Formula(
            Measure.UPHELD,
            "异议成立率",
            Unit.SHARE,
            "审核成立的异议 ÷ 基层异议",
            "荆门市",
            Total(AtLeast("objections", 1), ("upheld",)),
            Total(AtLeast("objections", 1), ("objections",)),
            scored=False,
        ),
        Formula(
            Measure.WHISTLES,
            "吹哨",
            Unit.COUNT,
            "吹哨的次数,两个方向都计",
            "泰顺县",
            Total(whistled, ("whistles",)),
            scored=False,
        ),
        Formula(
            Measure.WHISTLES_LATE,
            "吹哨超时率",
            Unit.SHARE,
            "响应或到场超时的吹哨 ÷ 吹哨",
            "泰顺县",
            Total(whistled, ("late_whistles",)),
            Total(whistled, ("whistles",)),
            scored=False,
        ),
        Formula(
            Measure.MARKS_UP,
            "基层评部门",
            Unit.MEAN,
            marked,
            "太平镇",
            Total(ALWAYS, ("marks_up_sum",)),
            Total(ALWAYS, ("marks_up",)),
            scored=False,
        ),
        Formula(
            Measure.MARKS_DOWN,
            "部门评基层",
            Unit.MEAN,
            marked,
            "诸暨市",
            Total(ALWAYS, ("marks_down_sum",)),
            Total(ALWAYS, ("marks_down",)),
            scored=False,
        ),
        Formula(
            Measure.MARKS_SUMMONED,
            "吹哨方评报到方",
            Unit.MEAN,
            marked,
            "泰顺县:吹哨报到双考核",
            Total(ALWAYS, ("marks_whistled_sum",)),
            Total(ALWAYS, ("marks_whistled",)),
            scored=False,
        ),
        Formula(
            Measure.MARKS_WHISTLER,
            "报到方评吹哨方",
            Unit.MEAN,
            marked,
            "泰顺县:吹哨报到双考核",
            Total(ALWAYS, ("marks_whistler_sum",)),
            Total(ALWAYS, ("marks_whistler",)),
            scored=False,
        ),
    )
