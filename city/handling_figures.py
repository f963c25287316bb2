"""The figures of handling.yaml: what each is called for people, and the range outside of which it cannot be meant."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class FigureRule:
    """whole: only whole numbers between low and high, both allowed."""

    label: str
    low: float
    high: float
    whole: bool = True


FIGURES: Final[Mapping[str, FigureRule]] = MappingProxyType(
    {
        "returns_max": FigureRule("最多准许退单几次", 0, 20),
        "extensions_max": FigureRule("最多延期几次", 0, 20),
        "extension_supervisor_from": FigureRule("第几次延期起由上级批准", 1, 21),
        "pauses_max": FigureRule("最多几次待补充", 0, 20),
        "redo_supervise": FigureRule("第几次重办起督办", 1, 20),
        "urgings_supervise": FigureRule("第几次催办起督办", 1, 100),
        "yellow_days": FigureRule("到期前几个工作日亮黄牌", 0, 30),
        "red_days": FigureRule("逾期第几个工作日亮红牌", 0, 30),
        "calls_max": FigureRule("几次打不通算联系不上", 1, 20),
        "satisfied_from": FigureRule("五级评价从第几级起算满意", 1, 5),
        "recheck_share": FigureRule("回头看抽查比例", 0, 1, whole=False),
        "recheck_share_risk": FigureRule("有风险的回头看抽查比例", 0, 1, whole=False),
        "relay_minutes": FigureRule("几分钟内转出算没有看过", 1, 24 * 60),
        "pingpong_units": FigureRule("经过几个单位起算争议", 2, 20),
        "pingpong_returns": FigureRule("退单几次起算争议", 1, 20),
        "weight_response": FigureRule("响应率的权重", 0, 1, whole=False),
        "weight_solved": FigureRule("解决率的权重", 0, 1, whole=False),
        "weight_satisfied": FigureRule("满意率的权重", 0, 1, whole=False),
    }
)
WEIGHTS: Final = ("weight_response", "weight_solved", "weight_satisfied")
LADDER_HOURS: Final = FigureRule("每级网格岗位的小时数", 0, 24 * 30, whole=False)
"""Above zero."""
ESCALATION_LEVELS: Final = (1, 9)
ESCALATION_DAYS: Final = (-60, 365)
