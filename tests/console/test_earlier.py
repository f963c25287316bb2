"""The caller's earlier reports help the person who looks at an unplaced one, and nobody else."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.console.conftest import Cli


def call(number: int, text: str, phone: str = "13800000001", **more: Any) -> dict[str, Any]:
    caller = {"name": "来电人", "phone": phone}
    row = {"id": f"h{number}", "time": f"2026-05-06T08:{number:02d}:00", "title": "路灯不亮", "text": text, "caller": caller}
    return row | more


def push(cli: Cli, jsonl: Callable[..., Path], *rows: dict[str, Any]) -> None:
    cli("push", jsonl(rows), "--channel", "hotline", "--json")


def earlier_of(cli: Cli, number: int) -> str:
    said = cli("show", f"h{number}").out.split("凭什么这样认定")[1]
    return next((line for line in said.splitlines() if line.strip().startswith("来件人")), "")


def test_of_several_places_the_one_in_the_callers_own_district_is_pointed_out(cli: Cli, jsonl: Callable[..., Path]) -> None:
    push(cli, jsonl, call(1, "望江花园3栋路灯不亮"), call(2, "望江花园5栋停水"), call(3, "和平小区门口路灯不亮"))
    found = cli("show", "h3", "--json").json
    assert found["area"] is None
    assert found["callers_earlier_areas"] == {"990102001001": 2}
    said = earlier_of(cli, 3)
    assert "此前另有 2 件" in said
    assert "云溪区" in said.split("其中")[1]


def test_a_new_caller_and_two_districts_alike_say_nothing(cli: Cli, jsonl: Callable[..., Path]) -> None:
    push(cli, jsonl, call(1, "望江花园3栋路灯不亮"), call(2, "柏川区和平小区5栋停水"), call(3, "和平小区门口路灯不亮"))
    push(cli, jsonl, call(4, "和平小区的垃圾三天没人收", phone="13800000002", title="垃圾"))
    assert "其中" not in earlier_of(cli, 3)
    assert earlier_of(cli, 4) == ""


def test_all_reports_of_a_caller_are_found_by_one_of_them(cli: Cli, jsonl: Callable[..., Path]) -> None:
    push(cli, jsonl, call(1, "望江花园3栋路灯不亮"), call(2, "望江花园5栋停水"), call(3, "路灯不亮", phone="13800000002"))
    assert cli("search", "--caller", "h1", "--json").json["total"] == 2
    assert cli("search", "--caller", "h1", "--as-unit", "yunxi-shuiwu", "--json").json["total"] == 0
    unknown = cli("search", "--caller", "h9")
    assert (unknown.status, "wentichi show" in unknown.err) == (2, True)
