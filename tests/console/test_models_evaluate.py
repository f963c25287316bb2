"""`wentichi evaluate` as a person uses it, on invented reports."""

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.console.conftest import Cli, Result

MARKS = {"城建<b>": "鑫淼焱垚", "交通": "骉羴犇猋", "卫生": "蘑菇薯藕"}
"""Of each label single characters that no list of words holds: a model can find them, key words cannot."""
COMMON = "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方"

Jsonl = Callable[..., Path]


def reports(many: int, seed: int = 0, labels: dict[str, str] = MARKS) -> list[dict[str, Any]]:
    """No two are alike."""
    chance = random.Random(seed)
    found = []
    for number in range(many):
        label = list(labels)[number % len(labels)]
        letters = [chance.choice(COMMON) for _ in range(40)] + [chance.choice(labels[label]) for _ in range(3)]
        chance.shuffle(letters)
        when = f"2026-{1 + number % 12:02d}-{1 + number % 28:02d}T08:00:00"
        found.append({"text": "".join(letters), "category": label, "department": f"{label}局", "time": when})
    return found


def refused(result: Result, *parts: str) -> None:
    assert result.status == 2
    for part in parts:
        assert part in result.err


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of categories of 240 rows."""
    from console.main import main  # noqa: PLC0415 - as the command line does

    folder = tmp_path_factory.mktemp("evaluate")
    file = folder / "train.jsonl"
    file.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in reports(240)), encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        main(["train", "category", str(file), "--model", str(folder / "model")])
    assert not ended.value.code
    return folder / "model"


def test_without_a_model_one_is_trained_on_one_side_and_tested_on_the_other(cli: Cli, jsonl: Jsonl, tmp_path: Path) -> None:
    rows = [*reports(240), {"text": "只此一件", "category": "孤例"}, {"text": "😀", "category": "交通"}]
    out, page = tmp_path / "out.json", tmp_path / "out.html"
    said = cli("evaluate", "category", jsonl(rows, "in.jsonl.xz"), "--out", out, "--html", page, "--promise", "0.9")
    assert said.status == 0, said.err
    found = json.loads(out.read_bytes())
    assert found["format"] == "wentichi-evaluation-1"
    assert (found["task"], found["trial"]["how"], found["trial"]["rows"]) == ("category", "grouped", 242)
    assert found["trial"]["trained"] + found["trial"]["tested"] == 242
    assert found["model"]["rows"] == found["trial"]["trained"]
    assert found["figures"]["accuracy"] > max(one["accuracy"] for one in found["baselines"].values()) + 0.2
    assert found["bounds"]["accuracy"]["lower"] < found["figures"]["accuracy"]
    assert set(found["baselines"]) == {"majority", "keywords"}
    assert found["promise"]["promise"] == 0.9
    assert sum(one["rows"] for one in found["reliability"]) == found["trial"]["tested"]
    assert {one["label"] for one in found["figures"]["classes"]} >= set(MARKS)
    assert "<h1>类别模型检验报告</h1>" in page.read_text(encoding="utf-8")
    assert "城建<b>" not in page.read_text(encoding="utf-8")
    assert "关键词表" in said.out
    assert "本模型" in said.out


def test_a_model_is_tested_only_on_what_it_has_not_seen(cli: Cli, jsonl: Jsonl, trained: Path) -> None:
    rows = [*reports(240), *reports(90, seed=1), *({"text": f"没学过的{number}事", "category": "新类"} for number in range(3))]
    said = cli("evaluate", "category", jsonl(rows), "--model", trained, "--json")
    assert said.status == 0, said.err
    found = said.json
    assert (found["trial"]["how"], found["trial"]["tested"], found["trial"]["set_aside"]) == ("unseen", 93, 240)
    assert found["unknown"] == {"新类": 3}
    assert found["figures"]["accuracy"] > 0.8
    told = cli("evaluate", "category", jsonl(rows), "--model", trained)
    assert "1 个标签模型没有学过,共 3 行" in told.err


def test_the_newest_fifth_is_tested_by_time(cli: Cli, jsonl: Jsonl) -> None:
    said = cli("evaluate", "category", jsonl(reports(120)), "--split", "time", "--json")
    assert said.status == 0, said.err
    assert said.json["trial"]["how"] == "time"
    assert said.json["trial"]["since"] > "2026-09"
    refused(cli("evaluate", "category", jsonl([{"text": "水", "category": "甲"}] * 3), "--split", "time"), "3 行", "time")


def test_a_model_of_units_is_tested_in_the_same_way(cli: Cli, jsonl: Jsonl) -> None:
    said = cli("evaluate", "department", jsonl(reports(40)), "--json")
    assert said.status == 0, said.err
    assert (said.json["task"], said.json["first_level"], said.json["trial"]["rows"]) == ("department", None, 40)
    assert {one["label"] for one in said.json["figures"]["classes"]} == {f"{label}局" for label in MARKS}


def test_what_cannot_be_tested_is_said(cli: Cli, jsonl: Jsonl, trained: Path, tmp_path: Path) -> None:
    model = ("--model", trained)
    refused(cli("evaluate", "category", jsonl(reports(30)), *model), "全部 30 行", "见过")
    codes = [row | {"category": "0101"} for row in reports(30, seed=2)]
    refused(cli("evaluate", "category", jsonl(codes), *model), "0101", "编码还是名称")
    one = [row | {"category": "交通"} for row in reports(30)]
    refused(cli("evaluate", "category", jsonl(one)), "只有一个类别")
    refused(cli("evaluate", "category", jsonl([{"text": "停水", "category": "甲"}] * 4)), "近似副本")
    refused(cli("evaluate", "category", jsonl([{"text": "停水"}])), "缺少标签")
    refused(cli("evaluate", "category", jsonl(["标题,正文".encode("gb18030")])), "GB18030")
    refused(cli("evaluate", "department", jsonl(reports(30)), *model), "category 的模型")
    next(trained.glob("seen-*.npy")).rename(tmp_path / "kept")
    refused(cli("evaluate", "category", jsonl(reports(30)), *model), "没有记下", "重新训练")
    card = json.loads((trained / "card.json").read_bytes())
    (tmp_path / "kept").rename(trained / f"seen-{card['data']}.npy")


def test_one_label_held_out_is_tested_all_the_same(cli: Cli, jsonl: Jsonl, trained: Path) -> None:
    rows = [row for row in reports(90, seed=3) if row["category"] == "交通"]
    found = cli("evaluate", "category", jsonl(rows), "--model", trained, "--json").json
    assert found["trial"]["tested"] == 30
    assert found["baselines"]["majority"]["accuracy"] == 1


def test_what_cannot_be_written_is_said_before_the_work(cli: Cli, jsonl: Jsonl, tmp_path: Path) -> None:
    file = jsonl(reports(30))
    refused(cli("evaluate", "category", file, "--out", file), "--out", "就是输入文件")
    refused(cli("evaluate", "category", file, "--html", tmp_path / "none" / "x.html"), "--html", "没有文件夹")
    refused(cli("evaluate", "category", file, "--out", tmp_path / "x", "--html", tmp_path / "x"), "同一个文件")
    refused(cli("evaluate", "category", file, "--split", "random"), "--split", "grouped")
    refused(cli("evaluate", "category", file, "--promise", "1"), "--promise")
