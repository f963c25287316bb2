"""`wentichi train`, `predict` and `bootstrap` as a person uses them, on invented reports."""

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.console.conftest import Cli, Result

MATTERS = {
    "城乡建设": ("路灯坏了", "自来水停了", "下水道堵了", "小区电梯故障", "违章搭建没人拆"),
    "交通运输": ("公交车不按站停", "出租车拒载", "红绿灯时间太短", "地铁站扶梯停运", "网约车乱收费"),
    "卫生计生": ("医院挂不上号", "疫苗打不上", "社区诊所乱开药", "医保报销太慢", "产检费用不清楚"),
}
OFFICES = {"城乡建设": "市住建局", "交通运输": "市交通局", "卫生计生": "市卫健委"}
PLACES = [f"{name}{kind}" for name in "望梧铁云松柳梅兰竹菊" for kind in ("江花园", "桐苑", "东路", "溪街道", "桥新村")]
ENDS = ("请尽快处理", "希望有人管一管", "打了几次电话没有用", "影响大家生活", "盼回复")

Jsonl = Callable[..., Path]


def reports(many: int, seed: int = 0) -> list[dict[str, Any]]:
    chance = random.Random(seed)
    found = []
    for number in range(many):
        category = list(MATTERS)[number % len(MATTERS)]
        place, what, end = chance.choice(PLACES), chance.choice(MATTERS[category]), chance.choice(ENDS)
        text = f"{place}{chance.randrange(1, 99)}号{what},已经{chance.randrange(2, 60)}天了,{end}。"
        row = {"id": str(number), "title": f"{place}{what}", "text": text}
        found.append(row | {"category": category, "department": OFFICES[category]})
    return found


def answers(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def refused(result: Result, *parts: str) -> None:
    assert result.status == 2
    assert result.err.startswith("错误:")
    for part in parts:
        assert part in result.err


def sound(found: list[dict[str, Any]], rows: int, labels: set[str]) -> None:
    """What the contract of the output says of every line."""
    assert [answer["row"] for answer in found] == list(range(rows))
    for answer in found:
        assert answer.keys() == {"row", "label", "confidence", "top", "accepted"}
        assert answer["label"] in labels
        assert 0 <= answer["confidence"] <= 1
        assert isinstance(answer["accepted"], bool)
        assert answer["label"] in [label for label, _ in answer["top"]]
        assert all(0 <= share <= 1 for _, share in answer["top"])


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    path = tmp_path / "tree.csv"
    leaves = [f"{top},{second},{third}" for top, second, third in (
        ("城乡建设", "公用设施", "路灯"), ("城乡建设", "公用设施", "供水"), ("城乡建设", "房屋", "违章建筑"),
        ("交通运输", "客运", "公交"), ("交通运输", "客运", "出租车"), ("卫生计生", "医疗", "医院"), ("卫生计生", "防疫", "疫苗"),
    )]  # fmt: skip
    path.write_text("\n".join(["level1,level2,level3", *leaves]) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with both models, trained once."""
    from console.main import main  # noqa: PLC0415 - as the command line does

    folder = tmp_path_factory.mktemp("models")
    file = folder / "train.jsonl"
    file.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in reports(300)), encoding="utf-8")
    for task in ("category", "department"):
        with pytest.raises(SystemExit) as ended:
            main(["train", task, str(file), "--model", str(folder / task)])
        assert not ended.value.code
    return folder


@pytest.mark.parametrize(("task", "labels"), [("category", set(MATTERS)), ("department", set(OFFICES.values()))])
def test_a_trained_model_answers_every_row_in_order(
    cli: Cli, jsonl: Jsonl, trained: Path, tmp_path: Path, task: str, labels: set[str]
) -> None:
    rows = reports(60, seed=1)
    asked: list[dict[str, Any]] = [{"title": row["title"], "text": row["text"]} for row in rows]
    asked += [{"text": ""}, {"text": "😀"}, {"text": "水" * 300_000}]
    said = cli("predict", task, jsonl(asked, "in.jsonl.xz"), "--model", trained / task, "--out", tmp_path / "out.jsonl")
    assert said.status == 0, said.err
    assert f"{len(asked)} 行已写入" in said.out
    found = answers(tmp_path / "out.jsonl")
    sound(found, len(asked), labels)
    assert sum(answer["label"] == row[task] for answer, row in zip(found, rows, strict=False)) >= 57


def test_a_promise_that_300_rows_cannot_prove_accepts_nothing_and_says_why(
    cli: Cli, jsonl: Jsonl, trained: Path, tmp_path: Path
) -> None:
    arguments = ("--model", trained / "category", "--out", tmp_path / "out.jsonl", "--promise")
    strict = cli("predict", "category", jsonl(reports(30, 2)), *arguments, "0.9999")
    assert "没有一行够得上承诺" in strict.err
    assert not any(answer["accepted"] for answer in answers(tmp_path / "out.jsonl"))
    assert cli("predict", "category", jsonl(reports(30, 2)), *arguments, "0.8").status == 0
    assert any(answer["accepted"] for answer in answers(tmp_path / "out.jsonl"))


def test_labels_restrict_the_answers(cli: Cli, jsonl: Jsonl, trained: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    model, two = trained / "category", "城乡建设,交通运输"
    assert cli("predict", "category", jsonl(reports(30)), "--model", model, "--labels", two, "--out", out).status == 0
    sound(answers(out), 30, {"城乡建设", "交通运输"})


def test_the_cold_start_answers_from_names_alone(cli: Cli, jsonl: Jsonl, tree: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    rows = [{"text": "门口的路灯坏了"}, {"text": "公交车不按站停"}, {"text": "疫苗打不上"}]
    three = "城乡建设,交通运输,卫生计生"
    said = cli("predict", "category", jsonl(rows), "--tree", tree, "--labels", three, "--out", out)
    assert said.status == 0, said.err
    sound(answers(out), 3, set(MATTERS))
    assert [answer["label"] for answer in answers(out)] == list(MATTERS)


def test_bootstrap_makes_a_model_of_texts_without_labels(cli: Cli, jsonl: Jsonl, tree: Path, tmp_path: Path) -> None:
    out, model = tmp_path / "out.jsonl", tmp_path / "model"
    bare = [{"title": row["title"], "text": row["text"]} for row in reports(300)]
    made = cli("bootstrap", "category", jsonl(bare), "--tree", tree, "--model", model)
    assert made.status == 0, made.err
    labels = ",".join(MATTERS)
    said = cli("predict", "category", jsonl(reports(30, 3)), "--model", model, "--labels", labels, "--out", out)
    assert said.status == 0, said.err
    sound(answers(out), 30, set(MATTERS))


def test_the_card_can_be_read_by_a_program(cli: Cli, jsonl: Jsonl, tmp_path: Path) -> None:
    card = cli("train", "category", jsonl(reports(90)), "--model", tmp_path / "model", "--json").json
    assert card["task"] == "category"
    assert card["rows"] == 90
    assert card["labels"] == dict.fromkeys(MATTERS, 30)
    assert card["tokenizer_fingerprint"]


def test_a_bad_line_stops_the_training_and_leaves_no_folder(cli: Cli, jsonl: Jsonl, tmp_path: Path) -> None:
    file = jsonl([*reports(20), {"text": "没有标签"}])
    for task in ("category", "department"):
        refused(cli("train", task, file, "--model", tmp_path / "model"), "第 21 行", task, "缺少标签")
    assert not (tmp_path / "model").exists()
    refused(cli("train", "category", tmp_path / "none", "--model", tmp_path / "model"), "没有文件")


def test_what_cannot_be_written_is_said_before_the_work(cli: Cli, jsonl: Jsonl, trained: Path, tmp_path: Path) -> None:
    file = jsonl(reports(20))
    refused(cli("train", "category", file, "--model", file), "是文件")
    model = ("--model", trained / "category")
    refused(cli("predict", "category", file, *model, "--out", file), "就是输入文件")
    refused(cli("predict", "category", file, *model, "--out", tmp_path), "是文件夹")
    refused(cli("predict", "category", file, *model, "--out", tmp_path / "none" / "out"), "没有文件夹")
    for promise in ("0", "1", "nan"):
        refused(cli("predict", "category", file, *model, "--out", tmp_path / "out", "--promise", promise), "--promise")
    refused(cli("predict", "category", file, *model, "--out", tmp_path / "out", "--labels", ","), "--labels")
    refused(cli("predict", "category", file, *model, "--out", tmp_path / "out", "--labels", "没有的类别"), "没有的类别")


def test_without_model_and_tree_or_with_a_wrong_one_nothing_is_guessed(
    cli: Cli, jsonl: Jsonl, trained: Path, tmp_path: Path
) -> None:
    file, out = jsonl(reports(5)), tmp_path / "out"
    refused(cli("predict", "category", file, "--out", out), "--model", "--tree")
    refused(cli("predict", "category", file, "--out", out, "--model", tmp_path), "不是模型文件夹")
    refused(cli("predict", "category", file, "--out", out, "--model", trained / "department"), "department 的模型")
    refused(cli("predict", "department", file, "--out", out, "--model", trained / "category"), "category 的模型")
    refused(cli("predict", "category", file, "--out", out, "--tree", file), "level1")
    assert not out.exists()


def test_an_empty_input_gives_an_empty_output(cli: Cli, jsonl: Jsonl, trained: Path, tmp_path: Path) -> None:
    assert cli("predict", "category", jsonl([]), "--model", trained / "category", "--out", tmp_path / "out").status == 0
    assert (tmp_path / "out").read_bytes() == b""
