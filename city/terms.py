"""The closed sets of a city pack. Pack files carry the Chinese term, code and records the English value."""

from enum import StrEnum
from functools import cache
from typing import Self


class Term(StrEnum):
    """A StrEnum whose members also have the Chinese term by which the pack files know them."""

    label: str

    def __new__(cls, value: str, label: str = "") -> Self:  # the default serves look-ups by value: Term("value")
        term = str.__new__(cls, value)
        term._value_ = value
        term.label = label
        return term

    @classmethod
    def from_label(cls, label: str) -> Self | None:
        """The member with this Chinese term, or None."""
        return cls._labelled().get(label)

    @classmethod
    @cache
    def _labelled(cls) -> dict[str, Self]:
        return {term.label: term for term in cls}

    @classmethod
    def labels(cls) -> str:
        return "、".join(term.label for term in cls)


class AreaLevel(Term):
    """The four levels of 市域治理 (seed row 4.7)."""

    CITY = "city", "市"
    DISTRICT = "district", "区县"
    STREET = "street", "镇街"
    COMMUNITY = "community", "村社区"


class UnitKind(Term):
    CITY_DEPARTMENT = "city_department", "市直部门"
    DISTRICT_GOVERNMENT = "district_government", "区县政府"
    DISTRICT_DEPARTMENT = "district_department", "区县部门"
    TOWNSHIP = "township", "乡镇街道"
    COMMUNITY = "community", "村社区"
    PUBLIC_UTILITY = "public_utility", "公共事业"


class TownshipRole(Term):
    """What the 乡镇(街道) has to do in a duty item: 主责, 配合 or nothing."""

    LEAD = "lead", "主责"
    SUPPORT = "support", "配合"
    NONE = "none", "无"


class ListKind(Term):
    """The three lists of 荆门 (seed row 2.4): the township does it; does it once enabled; must not be asked to."""

    DUTY = "duty", "履职"
    ENABLED = "enabled", "赋能"
    NEGATIVE = "negative", "负面"


class GridKind(Term):
    """综合 and 专属网格 (seed row 4.10)."""

    GENERAL = "general", "综合"
    SPECIAL = "special", "专属"


class WorkerLevel(Term):
    """The ladder on which a grid's matter goes up (seed row 4.5): 三级网格员 of a grid, 二级网格员 of a community or some of its
    grids, 一级网格长 of a street. Above them are the departments of the duty list.
    """

    GRID = "grid", "三级"
    COMMUNITY = "community", "二级"
    STREET = "street", "一级"


class CameraView(Term):
    """What a camera looks at. Indoor ones see few people over and over, so their images need most care."""

    STREET = "street", "街面"
    CROSSING = "crossing", "路口"
    GATE = "gate", "出入口"
    WATER = "water", "水面"
    SITE = "site", "工地"
    WIDE = "wide", "高点"
    INDOOR = "indoor", "室内"


class PlaceKind(Term):
    ESTATE = "estate", "小区"
    ROAD = "road", "道路"
    SCHOOL = "school", "学校"
    HOSPITAL = "hospital", "医院"
    MARKET = "market", "市场"
    MALL = "mall", "商场"
    PARK = "park", "公园"
    SQUARE = "square", "广场"
    STATION = "station", "车站"
    VILLAGE = "village", "村庄"
    RIVER = "river", "河湖"
    BRIDGE = "bridge", "桥梁"
    FACTORY = "factory", "企业"
    OFFICE = "office", "机关"
    OTHER = "other", "其他"


class Urgency(Term):
    NORMAL = "normal", "一般"
    URGENT = "urgent", "紧急"
    CRITICAL = "critical", "特急"


class Clock(Term):
    """What a limit is set for. When each clock begins is for casework to say; 延期 is how much an extension may add."""

    SIGN = "sign", "签收"
    CONTACT = "contact", "联系"
    RETURN = "return", "退单"
    HANDLE = "handle", "办理"
    REVIEW = "review", "异议审核"
    EXTEND = "extend", "延期"
    PARK = "park", "挂账"
    RECHECK = "recheck", "回头看"
    MERGE_RETRY = "merge_retry", "并单重试"
    DISPATCH = "dispatch", "派单"
    COOPERATE = "cooperate", "协办"
    CHECK = "check", "答复审核"
    CALLBACK = "callback", "回访"
    REDO = "redo", "重办"
    CONFERENCE = "conference", "会商"
    SUPPLEMENT = "supplement", "待补充"
    WHISTLE_ANSWER = "whistle_answer", "吹哨响应"
    WHISTLE_ARRIVE = "whistle_arrive", "吹哨到场"
    SUPERVISE = "supervise", "督办"
    ADMISSION = "admission", "准入审核"
    ARCHIVE = "archive", "归档"
    PROGRESS_PARK = "progress_park", "待件留存"


class RequestKind(Term):
    """What the caller wants (DB12/T 1438-2025); the values are those of `schemas.words.RequestType`."""

    CONSULT = "consult", "咨询"
    HELP = "help", "求助"
    COMPLAINT = "complaint", "投诉"
    DENOUNCE = "denounce", "举报"
    SUGGEST = "suggest", "建议"
    PRAISE = "praise", "表扬"


class LimitUnit(Term):
    """小时 and 自然日 pass at night and on holidays; 工作小时 and 工作日 only pass while offices work."""

    HOUR = "hour", "小时"
    WORKING_HOUR = "working_hour", "工作小时"
    NATURAL_DAY = "natural_day", "自然日"
    WORKING_DAY = "working_day", "工作日"
