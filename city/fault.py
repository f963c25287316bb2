"""What is wrong with a city pack, said so that the person who keeps the pack can put it right."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from schemas.errors import WentichiError


class Severity(StrEnum):
    """An error keeps a pack from loading; a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing that is wrong, and what to do about it.

    `line` counts from 1 as an editor does; 0 means the file as a whole (it is missing, say). `field` is the column or
    the dotted YAML key, empty when the whole line is meant. `message` and `remedy` are Chinese.
    """

    file: str
    line: int
    field: str
    message: str
    remedy: str
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        field = f" [{self.field}]" if self.field else ""
        return f"{self.file}:{self.line}{field} {self.message}。{self.remedy}"


class PackError(WentichiError):
    """The pack cannot be used. `faults` holds everything found in one pass, warnings too, in order of file and line."""

    def __init__(self, folder: Path, faults: Sequence[Fault]) -> None:
        super().__init__(folder, tuple(faults))
        self.folder = folder
        self.faults = tuple(faults)

    def __str__(self) -> str:
        errors = [fault for fault in self.faults if fault.severity is Severity.ERROR]
        listed = "\n".join(f"  {fault}" for fault in errors[:20])
        more = f"\n  ……另有 {len(errors) - 20} 处" if len(errors) > 20 else ""
        return f"城市配置包 {self.folder} 有 {len(errors)} 处错误，未加载：\n{listed}{more}"
