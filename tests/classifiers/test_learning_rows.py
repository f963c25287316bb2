"""Rows from files as cities have them: every bad line is named, nothing is guessed."""

import json
import lzma
from pathlib import Path
from typing import Any

import pytest

from classifiers.learning.rows import Row, Task, fingerprint, read_rows
from schemas.errors import ContractError, NotFound


def lines(*rows: dict[str, Any] | bytes) -> bytes:
    return b"".join((row if isinstance(row, bytes) else json.dumps(row, ensure_ascii=False).encode()) + b"\n" for row in rows)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "rows.jsonl"


def test_labelled_rows_hold_title_text_label_and_the_fields_of_their_task(file: Path) -> None:
    full = {"id": 7, "title": " 停水 ", "text": "三天没水", "category": " 城建 ", "l1": "x", "reply": "y"}
    file.write_bytes(lines(full))
    assert read_rows(file, Task.CATEGORY, labelled=True) == [Row("停水", "三天没水", "城建", {"id": "7"})]


def test_a_department_row_has_its_levels_and_scheme_and_never_what_was_written_after_the_decision(file: Path) -> None:
    levels = {"l1": "公用", "l2": None, "l4": "", "scheme": "s"}
    file.write_bytes(lines({"id": "a", "text": "停水", **levels, "unit_original": "水务", "department": "水务局"}))
    (found,) = read_rows(file, Task.DEPARTMENT, labelled=True)
    assert found == Row("", "停水", "水务局", {"id": "a", "l1": "公用", "scheme": "s"})


@pytest.mark.parametrize("name", ["rows.jsonl.xz", "packed_without_its_name"])
def test_a_packed_file_is_known_by_its_first_bytes(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(lzma.compress(lines({"text": "停水"})))
    assert read_rows(path, Task.CATEGORY, labelled=False) == [Row("", "停水", None, {})]


def test_a_mark_at_the_start_windows_line_ends_and_blank_lines_are_no_fault(file: Path) -> None:
    file.write_bytes(b"\xef\xbb\xbf" + b'{"text":"\xe6\xb0\xb4"}\r\n\r\n  \n{"text":"\xe7\x94\xb5"}')
    assert [row.text for row in read_rows(file, Task.CATEGORY, labelled=False)] == ["水", "电"]


def test_prediction_ignores_labels_and_takes_empty_texts_and_half_emoji(file: Path) -> None:
    file.write_bytes(lines({"title": "", "text": "", "category": ["x"]}, b'{"text":"\\ud83d \\u6c34"}', {"text": "😀"}))
    assert [row.text for row in read_rows(file, Task.CATEGORY, labelled=False)] == ["", "水", "😀"]


def test_a_text_of_a_megabyte_is_a_row(file: Path) -> None:
    file.write_bytes(lines({"text": "水" * (1 << 20), "category": "a"}))
    assert len(read_rows(file, Task.CATEGORY, labelled=True)[0].text) == 1 << 20


@pytest.mark.parametrize(
    ("line", "field", "part"),
    [
        (b'{"text": "x"', "(整行)", "不是完整的 JSON"),
        (b"[1]", "(整行)", "须是一个 JSON 对象"),
        ("标题,正文".encode("gb18030"), "(整行)", "GB18030"),
        (b'{"text": "\xff\x00"}', "(整行)", "不是 UTF-8"),
        (b'{"content": "x", "category": "a"}', "text", "title 和 text 都没有"),
        (b'{"text": ["x"], "category": "a"}', "text", "须为文字"),
        (b'{"text": "x"}', "category", "缺少标签"),
        (b'{"text": "x", "category": " "}', "category", "缺少标签"),
        (b'{"text": "x", "category": 1.5}', "category", "须为文字"),
        (b'{"text": "x", "category": true}', "category", "须为文字"),
        (b'{"text": "x", "category": "' + b"a" * 201 + b'"}', "category", "超过 200 字"),
        (b'{"text": " ", "title": null, "category": "a"}', "text", "都是空的"),
        (b"[" * 100_000, "(整行)", "不是完整的 JSON"),
    ],
)
def test_a_bad_line_names_file_line_field_rule_and_remedy(file: Path, line: bytes, field: str, part: str) -> None:
    file.write_bytes(lines({"text": "停水", "category": "a"}) + b"\n" + line + b"\n")
    with pytest.raises(ContractError, match="第 3 行") as caught:
        read_rows(file, Task.CATEGORY, labelled=True)
    assert caught.value.field == field
    assert part in caught.value.rule
    assert str(file) in caught.value.rule
    assert caught.value.remedy


def test_the_first_bad_line_also_says_which_others_are_bad(file: Path) -> None:
    file.write_bytes(lines({"text": "水", "category": "a"}, *[{"text": "水"}] * 8))
    with pytest.raises(ContractError, match=r"第 2 行.*另有 7 行有错:第 3、4、5、6、7 行等"):
        read_rows(file, Task.CATEGORY, labelled=True)


def test_whole_files_that_are_no_rows_are_said_to_be_so(file: Path) -> None:
    with pytest.raises(NotFound):
        read_rows(file, Task.CATEGORY, labelled=True)
    with pytest.raises(NotFound):
        read_rows(file.parent, Task.CATEGORY, labelled=True)
    file.write_bytes('{"text":"水"}\n'.encode("utf-16"))
    with pytest.raises(ContractError, match="UTF-16"):
        read_rows(file, Task.CATEGORY, labelled=True)
    file.write_bytes(lzma.compress(lines(*[{"text": str(n), "category": "a"} for n in range(9999)]))[:-900])
    with pytest.raises(ContractError, match="解压失败"):
        read_rows(file, Task.CATEGORY, labelled=True)
    file.write_bytes(b"\n")
    with pytest.raises(ContractError, match="没有一行数据"):
        read_rows(file, Task.CATEGORY, labelled=True)
    assert read_rows(file, Task.CATEGORY, labelled=False) == []


def test_the_fingerprint_changes_with_any_word_and_with_the_order() -> None:
    one, two = Row("a", "b", "x", {}), Row("a", "c", "x", {"l1": "y"})
    others = [[Row("ab", "", "x", {})], [Row("a", "b", "z", {})]]
    prints = {fingerprint(rows) for rows in ([one], [two], [one, two], [two, one], *others)}
    assert len(prints) == 6
    assert fingerprint([one, two]) == fingerprint([one, two])
