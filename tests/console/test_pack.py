"""`wentichi pack`: import, show, diff and adopt as a person uses them."""

import json
import shutil
from pathlib import Path

import pytest
from openpyxl import Workbook

from city import load_pack, sample_city
from city.importing import REPORT
from console.bench.big_city import BigCity, big_city
from tests.console.conftest import Cli


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    book = Workbook()
    book.active.title = "派单目录"
    for row in (
        ["示例市派单目录"],
        ["事项", "对应分类", "主办单位", "法律依据"],
        ["停水抢修", "停水", "市水务局", "《供水条例》"],
        ["路灯维护", "路灯故障", "没有的局", "《城市道路管理条例》"],
    ):
        book.active.append(row)
    book.save(tmp_path / "目录.xlsx")
    return tmp_path / "目录.xlsx"


def test_a_plan_says_what_each_sheet_is_and_writes_nothing(cli: Cli, workbook: Path) -> None:
    said = cli("pack", "import", workbook, "--plan")
    assert said.status == 0
    assert "目录.xlsx【派单目录】 权责清单:表头第 2 行,数据第 3 至 4 行" in said.out
    (sheet,) = cli("pack", "import", workbook, "--plan", "--json").json["sheets"]
    assert [column["field"] for column in sheet["columns"]] == ["名称", "对应分类", "主办单位", "法律依据"]
    assert list(workbook.parent.glob("pack*")) == []


def test_an_import_names_the_cell_and_the_rest_is_a_pack_that_can_be_used(cli: Cli, workbook: Path, tmp_path: Path) -> None:
    done = cli("pack", "import", workbook, "--out", tmp_path / "pack", "--base", "sample", "--effective", "2026-06-01")
    assert done.status == 2
    assert "目录.xlsx【派单目录】C4 [单位名称] 认不出单位“没有的局”" in done.out
    assert "配置包可以使用" in done.out
    assert (tmp_path / "pack" / REPORT).is_file()
    assert cli("pack", "check", tmp_path / "pack").status == 0
    again = cli("pack", "import", workbook, "--out", tmp_path / "pack", "--base", "sample", "--json").json
    assert [one["cell"] for one in again["findings"] if one["weight"] == "fault"] == ["C4"]
    assert again["counts"]["duty.csv"] == 1


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (("--base", "sample"), "--out"),
        (("--out", "x", "--effective", "明天"), "不是日期"),
        (("--out", "x"), "不知道是哪座城市"),
        (("--out", "x", "--base", "/nowhere"), "缺少文件"),
    ],
)
def test_a_wrong_wish_is_answered_in_one_sentence(
    cli: Cli, workbook: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], part: str
) -> None:
    monkeypatch.chdir(tmp_path)
    refused = cli("pack", "import", workbook, *arguments)
    assert refused.status == 2
    assert part in refused.err


def test_a_category_is_shown_with_all_that_holds_for_it(cli: Cli) -> None:
    shown = cli("pack", "show", "--category", "停水").out
    for part in (
        "市政公用/供水/停水(010101)",
        "供水停水抢修(Q001):主办 示例市自来水有限公司",
        "办理:一般 24小时",
        "24 小时",
        "水龙头",
    ):
        assert part in shown
    assert cli("pack", "show", "--category", "停水", "--json").json["category"]["说法"]


def test_a_category_is_shown_with_the_limits_of_each_kind_and_both_sides_of_its_items(cli: Cli) -> None:
    shown = cli("pack", "show", "--category", "农村危改补助").out
    assert "办理:一般 10工作日" in shown
    assert "办理(咨询):一般 5工作日" in shown
    assert "办理(投诉)" not in shown
    assert "基层:摸排危房农户" in shown
    assert "部门支持:住建部门派员查勘" in shown


def test_the_rules_of_handling_are_shown_with_their_sources(cli: Cli, tmp_path: Path) -> None:
    shown = cli("pack", "show", "--handling", "--json").json
    assert (shown["usual_rules"], shown["usual_limits"]) == (0, 0)
    rules = {rule["name"]: rule for rule in shown["handling_list"]}
    assert rules["最多延期几次"]["value"] == "2"
    assert "沈阳市" in rules["最多延期几次"]["source"]
    assert "人民法院" in rules["不受理:诉讼仲裁复议信访程序中"]["value"]
    folder = tmp_path / "pack"
    shutil.copytree(sample_city(), folder)
    (folder / "handling.yaml").unlink()
    bare = cli("pack", "show", folder, "--handling", "--json").json
    assert bare["usual_rules"] == len(bare["handling_list"]) > 40
    assert {rule["source"] for rule in bare["handling_list"]} == {"产品默认，配置包没有写明"}
    assert f"取产品默认的办理规则 {bare['usual_rules']}" in cli("pack", "show", folder).out
    assert "产品默认" in cli("pack", "show", folder, "--handling").out
    assert "办理规则" in cli("pack", "diff", folder, sample_city()).out


def test_a_unit_is_shown_with_its_items_and_who_took_over(cli: Cli, tmp_path: Path) -> None:
    shown = cli("pack", "show", "--unit", "云溪区城管局").out
    assert "云溪区城市管理局(yunxi-chengguan)" in shown
    assert "生活垃圾清运" in shown
    folder = tmp_path / "pack"
    shutil.copytree(sample_city(), folder)
    units = (folder / "units.csv").read_text("utf-8")
    (folder / "units.csv").write_text(units.replace("市商务局,,\n", "市商务局,c-shijian,2026-05-01\n"), "utf-8")
    assert "2026-05-01,现由 示例市市场监督管理局 承接" in cli("pack", "show", folder, "--unit", "c-shangwu").out
    assert "示例市商务局(2026-05-01 撤销)" in cli("pack", "show", folder, "--unit", "c-shijian").out


def test_a_place_and_a_word_are_found(cli: Cli) -> None:
    assert cli("pack", "show", "--place", "和平路").out.count("和平路(道路)") == 2
    assert "望江社区居民委员会" in cli("pack", "show", "--place", "望江社区").out
    grid = next(iter(load_pack(sample_city()).grids))
    assert grid in cli("pack", "show", "--place", grid).out
    found = cli("pack", "show", "--find", "路灯", "--json").json["found"]
    assert any("路灯故障" in name for name in found["类别"])
    for wrong in ("--place", "--find", "--unit", "--category"):
        assert cli("pack", "show", wrong, "火星").status == 2


@pytest.fixture
def versions(tmp_path: Path) -> tuple[Path, Path]:
    """A small city, and its next version: the water office is closed, the traffic office takes over."""
    used = big_city(tmp_path / "used", BigCity(categories=20, duty=20, grids=150, units=100))
    shutil.copytree(used, tmp_path / "next")
    for file, old, new in (
        ("pack.yaml", "version: '2026.1'", "version: '2026.2'"),
        ("pack.yaml", "effective: '2026-01-01'", "effective: '2126-01-01'"),
        ("units.csv", "市水务局,,\n", "市水务局,c-02,2126-01-01\n"),
    ):
        text = (tmp_path / "next" / file).read_text("utf-8")
        assert old in text
        (tmp_path / "next" / file).write_text(text.replace(old, new), "utf-8")
    return used, tmp_path / "next"


def test_a_difference_says_what_it_means_for_open_problems(cli: Cli, versions: tuple[Path, Path]) -> None:
    said = cli("pack", "diff", *versions)
    assert said.status == 0
    assert "示例大市水务局(c-00),2126-01-01 撤销 → 示例大市交通运输局" in said.out
    assert "换了主办" in said.out
    found = cli("pack", "diff", *versions, "--json").json
    assert found["abolished"] == [{"unit": "c-00", "name": "示例大市水务局", "on": "2126-01-01", "successor": "c-02"}]
    assert all(one["after"] == ["示例大市交通运输局"] for one in found["leads"])
    assert found["changes"]["units"]["changed"][0]["fields"]["abolished"] == {"before": None, "after": "2126-01-01"}
    assert cli("pack", "diff", versions[0], versions[0], "--json").json["changes"] == {}


def test_a_pool_is_given_its_next_version(
    cli: Cli, versions: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    used, following = versions
    monkeypatch.setenv("WENTICHI_PACK", str(used))
    monkeypatch.setenv("WENTICHI_CACHE", str(tmp_path))
    pack = load_pack(used)
    item = next(item for item in pack.duty_items.values() if item.lead == "c-00")
    row = {
        "id": "w1",
        "user": "u",
        "title": "报修",
        "time": "2026-05-06T08:00:00",
        "text": "请修",
        "category": item.categories[0],
    }
    (tmp_path / "rows.jsonl").write_text(json.dumps(row), "utf-8")
    cli("push", tmp_path / "rows.jsonl", "--channel", "message")
    done = cli("pack", "adopt", following)
    assert done.status == 0
    assert "示例大市水务局还有 1 件来件在办,将转给示例大市交通运输局;生效后请运行 wentichi pack succeed" in done.out
    assert "已登记 示例大市 2026.2,自 2126-01-01 00:00 起使用" in done.out
    listed = cli("pack", "adopt", "--json").json["versions"]
    assert [(one["version"], one["in_use"]) for one in listed] == [("2026.1", True), ("2026.2", False)]
    assert cli("show", "w1", "--json").json["lead"] == "c-00"
    again = cli("pack", "adopt", following)
    assert again.status == 2
    assert "已登记" in again.err


def test_on_servers_the_version_is_the_workers_own(cli: Cli, versions: tuple[Path, Path]) -> None:
    refused = cli("pack", "adopt", versions[1], "--kafka", "127.0.0.1:1", "--elasticsearch", "http://127.0.0.1:1")
    assert refused.status == 2
    assert "docs/packs.md" in refused.err
