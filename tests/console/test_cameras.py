"""Alarms of a camera from the file to the clerk: few reports, a queue for the unsure, and all of it counted."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from console.opening import open_local_home
from schemas.aggregate import UNCOMPARED
from tests.console.conftest import Cli

DEVICE = "99000000001320000009"


def alarm(number: int, minute: int, score: float = 0.9, x: float = 0.2, device: str = DEVICE) -> dict[str, Any]:
    return {
        "id": f"al{number}",
        "time": f"2026-05-06T08:{minute:02d}:00",
        "device": device,
        "alarm_class": "垃圾满溢",
        "score": score,
        "address": "幸福小区东门",
        "location": {"lon": 105.040782, "lat": 38.925509},
        "box": {"x1": x, "y1": 0.3, "x2": x + 0.2, "y2": 0.6},
    }


def push(cli: Cli, jsonl: Callable[..., Path], rows: list[dict[str, Any]]) -> Any:
    return cli("push", jsonl(rows), "--channel", "camera", "--json").json


def states_of(home: Path) -> dict[str, Any]:
    with open_local_home(home) as opened:
        states = opened.store.states(opened.store.state_ids())
        return {name: state.model_dump(exclude=set(UNCOMPARED)) for name, state in states.items()}


def test_many_alarms_of_one_thing_are_one_report_and_every_alarm_is_counted(cli: Cli, jsonl: Callable[..., Path]) -> None:
    push(cli, jsonl, [alarm(n, n) for n in range(30)])
    told = cli("stats", "--json").json
    assert (told["reports"], told["problems"]) == (1, 1)
    assert told["alarms"] == {"seen": 30, "observed": 29, "unconfirmed": 0}
    push(cli, jsonl, [alarm(n, n) for n in range(30)])
    assert cli("stats", "--json").json == told


def test_an_unsure_alarm_is_in_the_queue_until_a_person_has_looked(cli: Cli, jsonl: Callable[..., Path]) -> None:
    push(cli, jsonl, [alarm(1, 1, score=0.3), alarm(2, 2, score=0.3, device="99000000001320000010")])
    assert cli("stats", "--json").json["reports"] == 0
    waiting = cli("cameras", "list", "--state", "unconfirmed", "--json").json["watches"]
    assert len(waiting) == 2
    first, second = (watch["id"] for watch in waiting)
    assert cli("cameras", "confirm", first, "--by", "王").status == 0
    assert cli("cameras", "dismiss", second, "--by", "王").status == 0
    told = cli("stats", "--json").json
    assert (told["reports"], told["alarms"]["unconfirmed"]) == (1, 0)
    assert cli("cameras", "list", "--state", "unconfirmed").out.startswith("没有")
    shown = cli("cameras", "show", first).out
    assert "人已确认第 1 处" in shown
    assert "已立来件" in shown
    again = cli("cameras", "confirm", first)
    assert (again.status, "待确认" in again.err) == (2, True)


def test_a_correction_of_an_alarm_that_became_a_report_reaches_that_report(cli: Cli, jsonl: Callable[..., Path]) -> None:
    push(cli, jsonl, [alarm(1, 1)])
    push(cli, jsonl, [alarm(1, 1) | {"text": "垃圾桶满了,地上也有"}])
    told = cli("stats", "--json").json
    assert (told["reports"], told["alarms"]["seen"]) == (1, 1)
    assert cli("search", "地上也有", "--json").json["total"] == 1


def test_a_correction_that_names_a_place_in_another_district_reaches_the_same_watch_and_report(
    cli: Cli, jsonl: Callable[..., Path]
) -> None:
    unregistered = {"device": "99010200001320000009", "location": None, "box": None}
    places = ("望江花园3栋", "柏川区和平小区3栋")
    first, corrected = (alarm(1, 1) | unregistered | {"address": where, "text": f"{where}垃圾满溢"} for where in places)
    further = [alarm(n, n) | unregistered | {"address": where, "text": "垃圾满溢"} for n, where in enumerate(places, 2)]
    push(cli, jsonl, [first])
    push(cli, jsonl, [corrected, *further, corrected])
    told = cli("stats", "--json").json
    assert (told["reports"], told["alarms"]["seen"]) == (1, 3)
    assert len(cli("cameras", "list", "--json").json["watches"]) == 1
    assert cli("search", "和平小区", "--json").json["total"] == 1
    assert cli("search", "望江花园", "--json").json["total"] == 0


def test_alarms_of_history_are_reports_as_they_are(cli: Cli, jsonl: Callable[..., Path]) -> None:
    rows = jsonl([alarm(n, n) for n in range(3)])
    cli("push", rows, "--channel", "camera", "--history", "--json")
    told = cli("stats", "--json").json
    assert (told["reports"], told["alarms"]["seen"]) == (3, 0)


def test_pool_and_log_agree_about_watches_and_a_rebuild_changes_nothing(
    cli: Cli, home: Path, jsonl: Callable[..., Path]
) -> None:
    push(cli, jsonl, [alarm(n, n, score=0.3 + 0.1 * (n % 5), x=0.1 * (n % 6)) for n in range(40)])
    before = states_of(home)
    assert any(name.startswith("w") for name in before)
    assert cli("pool", "reconcile", "--json").json["drift"] == 0
    assert cli("pool", "rebuild").status == 0
    assert states_of(home) == before
    assert cli("audit", "verify").status == 0


def test_what_is_not_there_is_said_with_a_remedy(cli: Cli, jsonl: Callable[..., Path]) -> None:
    push(cli, jsonl, [alarm(1, 1)])
    for name in ("w003-" + "0" * 24, "x", json.dumps({})):
        found = cli("cameras", "show", name)
        assert (found.status, "wentichi cameras list" in found.err) == (2, True)
