"""`wentichi notice`: the page that goes to print."""

import re

import pytest
from supervised_pool import WATER, fill, order

pytestmark = pytest.mark.slow

PERIOD = ("--since", "2026-05-01", "--until", "2026-05-31")


@pytest.fixture
def filled(cli, home):
    fill(home)
    return cli


@pytest.fixture
def page(filled, tmp_path):
    assert filled("notice", *PERIOD, "--number", "2026年第5期", "--html", tmp_path / "n.html").status == 0
    return (tmp_path / "n.html").read_text(encoding="utf-8")


def part(page: str, heading: str) -> str:
    """From this heading to the next one."""
    return page.split(f"<h2>{heading}")[1].split("<h2>", maxsplit=1)[0]


def test_it_says_whose_it_is_of_what_time_and_which_number(page):
    assert "2026年第5期 · 示例市 · 全市 · 2026年05月01日 至 2026年05月31日" in page


def test_each_list_names_the_cases_that_belong_there_and_no_others(page):
    named = {
        "三、逾期未结": {"overdue"},
        "四、多次退单": {"returned"},
        "五、办结后又发生": {"good2", "comes-back"},
        "六、红牌": {"overdue"},
        "七、重点督办清单": {"watched"},
        "八、此前督办的整改情况": {"sham"},
    }
    for heading, names in named.items():
        found = set(re.findall(r"260504-003-[a-z0-9-]+", part(page, heading)))
        assert found == {order(name) for name in names}, heading


def test_the_totals_are_the_figures_of_the_period(page):
    totals = part(page, "一、总体情况")
    assert "<span>受理量</span><b>11</b>" in totals
    assert "<span>按时办结率</span><b>66.7%</b><span>4 ÷ 6</span>" in totals
    assert "经审核不计入考核的问题本期 1 件" in page


def test_both_sides_ratings_stand_with_their_number(page):
    assert '<td>基层评部门</td><td class="n">2.00</td><td class="n">1</td>' in part(page, "九、双方互评")


def test_it_stands_alone_on_a4_without_scripts_and_without_anything_from_outside(page):
    assert "@page { size: A4" in page
    assert not re.search(r"<(script|img|link|iframe|object)|https?:|url\(|@import|\son\w+=", page)


def test_no_caller_and_no_unescaped_mark_stands_in_it(filled, tmp_path):
    filled("notice", *PERIOD, "--number", "<b>&\u202e第5期", "--html", tmp_path / "n.html")
    page = (tmp_path / "n.html").read_text(encoding="utf-8")
    assert "&lt;b&gt;&amp;第5期" in page
    assert "caller-" not in page
    assert "again" not in page


def test_a_units_notice_speaks_of_its_own_problems_only(filled, tmp_path):
    filled("notice", *PERIOD, "--unit", WATER, "--html", tmp_path / "n.html")
    page = (tmp_path / "n.html").read_text(encoding="utf-8")
    assert set(re.findall(r"260504-003-[a-z0-9-]+", page)) == {order("returned")}
    assert "<span>受理量</span><b>1</b>" in page


def test_a_file_that_cannot_be_written_is_named(filled, tmp_path):
    refused = filled("notice", *PERIOD, "--html", tmp_path / "no" / "n.html")
    assert refused.status == 2
    assert "--html" in refused.err


def test_a_pool_with_nothing_in_it_gives_a_notice_that_says_so(cli, tmp_path):
    assert cli("notice", *PERIOD, "--html", tmp_path / "n.html").status == 0
    page = (tmp_path / "n.html").read_text(encoding="utf-8")
    assert "没有逾期未结的问题。" in page
    assert "目前没有在督办的问题。" in page
