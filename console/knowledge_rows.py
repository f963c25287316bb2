"""Knowledge items from what is typed and from a table (CSV): checked before anything is sent."""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from casework.knowing import clean
from city.pack import CITY_SLOT, CityPack
from console.opening import known_category, known_unit
from language.normalise import fold, strip_controls
from schemas.errors import ContractError, NotFound
from schemas.identity import aggregate_id
from schemas.knowledge import WriteKnowledge

COLUMNS: Final = {
    "问题": "question",
    "答案": "answer",
    "来源": "source",
    "负责单位": "unit",
    "有效期至": "valid_until",
    "类别": "categories",
    "编号": "number",
}
_REQUIRED: Final = ("question", "answer", "source", "unit")
_NAMES: Final = {field: name for name, field in COLUMNS.items()}
_BETWEEN: Final = re.compile(r"[、;;|]")
FOR_GOOD: Final = frozenset({"", "长期", "长期有效"})
MOST_BYTES: Final = 32 << 20


def item_named(pack: CityPack, question: str, number: str = "") -> str:
    """Id of an item: by the number that another system gave it, else by its question, so that the same row is the same item."""
    slot = pack.slots[CITY_SLOT].number
    return aggregate_id("k", slot, "number", number) if number else aggregate_id("k", slot, "question", fold(question))


def last_day(text: str) -> date | None:
    """None = for good. Raises ContractError."""
    if text.strip() in FOR_GOOD:
        return None
    try:
        return date.fromisoformat(text.strip().replace("/", "-"))
    except ValueError as error:
        raise ContractError("有效期至", f"看不懂的日期“{text.strip()[:20]}”", "例如 2026-12-31,长期有效的写“长期”") from error


def written(base: Mapping[str, Any], words: Mapping[str, Any]) -> WriteKnowledge:
    """The command, masked. base: the envelope. Raises ContractError naming the column."""
    texts = {name: strip_controls(words[name]).strip() for name in ("question", "answer", "source")}
    try:
        return clean(WriteKnowledge(**dict(base), **(dict(words) | texts)))
    except ValidationError as error:
        first = error.errors()[0]
        name = _NAMES.get(str(first["loc"][0]) if first["loc"] else "", "内容")
        raise ContractError(name, "不能为空,也不能过长(问题、来源 500 字,答案 5000 字,类别 20 个)", "请改正后再试") from error


def rows_of(file: Path, pack: CityPack) -> Iterator[tuple[int, str, dict[str, Any]]]:
    """(line, id of the item, words) of every row. Raises ContractError and NotFound, naming file and line."""
    lines: dict[str, int] = {}
    for line, row in _table(file):
        try:
            name, words = _row(pack, row)
        except (ContractError, NotFound) as error:
            raise ContractError(f"{file.name} 第 {line} 行", str(error), "整个文件没有导入,请改正后再导入") from error
        if name in lines:
            raise ContractError(f"{file.name} 第 {line} 行", f"与第 {lines[name]} 行是同一条", "每条知识只写一行,请删去一行")
        lines[name] = line
        yield line, name, words


def _row(pack: CityPack, row: Mapping[str, str]) -> tuple[str, dict[str, Any]]:
    missing = [_NAMES[field] for field in _REQUIRED if not row.get(field)]
    if missing:
        raise ContractError("、".join(missing), "不能为空", "请补上")
    words = {
        "question": row["question"],
        "answer": row["answer"],
        "source": row["source"],
        "unit": known_unit(pack, row["unit"]),
        "valid_until": last_day(row.get("valid_until", "")),
        "categories": [known_category(pack, one.strip()) for one in _BETWEEN.split(row.get("categories", "")) if one.strip()],
    }
    return item_named(pack, row["question"], row.get("number", "")), words


def _table(file: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """(line, field -> text) of rows that are not blank."""
    reader = csv.reader(io.StringIO(_text(file), newline=""))
    heads = [COLUMNS.get(head.strip(), head.strip()) for head in next(reader, [])]
    missing = [_NAMES[field] for field in _REQUIRED if field not in heads]
    if missing:
        listed = "、".join(COLUMNS)
        raise ContractError(file.name, f"表头缺少 {'、'.join(missing)}", f"第一行应为表头,可用的列:{listed}")
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield reader.line_num, {head: cell.strip() for head, cell in zip(heads, cells, strict=False)}


def _text(file: Path) -> str:
    """As tables are saved: UTF-8 with or without a mark, else GB 18030."""
    if not file.is_file():
        raise NotFound(f"没有文件 {file};请检查路径")
    if file.stat().st_size > MOST_BYTES:
        raise ContractError(file.name, f"超过 {MOST_BYTES >> 20} MB", "请分成几个文件")
    raw = file.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ContractError(file.name, "不是 UTF-8 或 GB 18030 编码的文本", "请另存为 CSV UTF-8 后再导入")
