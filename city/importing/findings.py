"""What the import has to say: what was not taken, what was taken with a doubt, what is good to know. Each with its cell."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Weight(StrEnum):
    """A fault was not taken; a guess was taken and is to be looked at; a note is neither."""

    FAULT = "fault"
    GUESS = "guess"
    NOTE = "note"

    @property
    def label(self) -> str:
        return {"fault": "错误", "guess": "推断", "note": "说明"}[self.value]


class Rule(StrEnum):
    """Which rule a finding belongs to, in the words that people see."""

    BOOK = "工作簿"
    MAPPING = "对照文件"
    SHEET = "工作表识别"
    HIDDEN = "隐藏行"
    VALUE = "单元格取值"
    CODE = "编码"
    REPEATED = "重复"
    NAME = "名称"
    UNIT = "单位名称"
    LEAD = "主办唯一"
    CATEGORY = "事项分类"
    AREA = "行政区划"
    TOWNSHIP = "乡镇街道职责"
    BASIS = "法律依据"
    LIMIT = "办理时限"
    DAY = "日期"
    PLACE = "坐标与边界"
    POST = "网格岗位"
    PERSONAL = "个人信息"
    SOURCE = "来源"
    FIT = "配置包检查"


@dataclass(frozen=True, slots=True, order=True)
class Spot:
    """A cell as people name it: 权责清单.xlsx【派单目录】C17. Without a cell the sheet, without a sheet the workbook."""

    workbook: str
    sheet: str = ""
    cell: str = ""

    def __str__(self) -> str:
        return self.workbook + (f"【{self.sheet}】" if self.sheet else "") + self.cell


@dataclass(frozen=True, slots=True)
class Finding:
    """`message` and `remedy` are Chinese; `candidates` are what a doubtful name might mean, with their likeness (0..1)."""

    weight: Weight
    spot: Spot
    rule: Rule
    message: str
    remedy: str
    candidates: tuple[tuple[str, float], ...] = ()

    def __str__(self) -> str:
        near = "、".join(f"{name}({score:.2f})" for name, score in self.candidates)
        return f"{self.spot} [{self.rule}] {self.message}{f';相近的有:{near}' if near else ''}。{self.remedy}"


class Findings:
    """Everything found, in the order of finding; the same thing is said once."""

    def __init__(self) -> None:
        self._all: dict[Finding, None] = {}

    def __iter__(self) -> Iterator[Finding]:
        return iter(self._all)

    def fault(self, spot: Spot, rule: Rule, message: str, remedy: str, candidates: tuple[tuple[str, float], ...] = ()) -> None:
        self._all[Finding(Weight.FAULT, spot, rule, message, remedy, candidates)] = None

    def guess(self, spot: Spot, rule: Rule, message: str, remedy: str, candidates: tuple[tuple[str, float], ...] = ()) -> None:
        self._all[Finding(Weight.GUESS, spot, rule, message, remedy, candidates)] = None

    def note(self, spot: Spot, rule: Rule, message: str, remedy: str = "") -> None:
        self._all[Finding(Weight.NOTE, spot, rule, message, remedy)] = None
