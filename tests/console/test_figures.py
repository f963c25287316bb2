"""`wentichi figures`, `key-list`, `work-list` and `monitoring`, as a person calls them."""

import pytest
from supervised_pool import CLEANERS, POINT_AREA, WATER, fill, order

from console.monitoring import out_of_line
from pool.measures import Measure, Value

pytestmark = pytest.mark.slow

PERIOD = ("--since", "2026-05-01", "--until", "2026-05-31")


@pytest.fixture
def filled(cli, home):
    fill(home)
    return cli


def figures_of(told):
    return {name: (one["count"], one["of"]) for name, one in told.items() if name != "summary"}


class TestFigures:
    def test_the_figures_are_those_of_the_problems_in_the_pool(self, filled):
        told = filled("figures", *PERIOD, "--json").json
        found = figures_of(told["figures"])
        assert found["received"] == (11, None)
        assert found["closed"] == (6, None)
        assert found["closing"] == (5, 10)
        assert found["on_time"] == (4, 6)
        assert found["open_overdue"] == (1, None)
        assert found["signed_in_time"] == (9, 10)
        assert found["first_right"] == (9, 10)
        assert found["returned"] == (1, 10)
        assert found["solved"] == (2, 3)
        assert found["satisfied"] == (2, 3)
        assert found["sham"] == (1, None)
        assert found["excluded"] == (1, None)
        assert told["figures"]["satisfied"]["left_out"] == 1

    def test_the_summary_is_the_citys_weights_on_three_rates(self, filled):
        summary = filled("figures", *PERIOD, "--json").json["figures"]["summary"]
        assert summary["value"] == pytest.approx(100 * (0.30 * 1 + 0.35 * 2 / 3 + 0.35 * 2 / 3))
        assert summary["grade"] == "样本不足"

    def test_a_period_holds_what_lies_in_it_by_the_citys_clock(self, filled):
        first = filled("figures", "--since", "2026-05-04", "--until", "2026-05-04", "--json").json["figures"]
        assert (first["received"]["count"], first["closed"]["count"]) == (10, 0)
        before = filled("figures", "--since", "2026-04-01", "--until", "2026-05-03", "--json").json["figures"]
        assert before["received"]["count"] == 0

    def test_groups_are_named_and_units_stand_in_their_classes(self, filled):
        told = filled("figures", "--by", "unit", "--json").json["groups"]
        assert set(told) == {CLEANERS, WATER}
        assert told[WATER]["name"] == "云溪区水务局"
        assert told[WATER]["class"] == "区县部门"
        assert told[WATER]["figures"]["returned"]["value"] == 1.0

    def test_months_of_the_period_stand_side_by_side(self, filled):
        told = filled("figures", "--by", "month", "--since", "2026-04-01", "--until", "2026-06-30", "--json").json["groups"]
        assert {name: one["figures"]["received"]["count"] for name, one in told.items()} == {
            "2026-04": 0, "2026-05": 11, "2026-06": 0,
        }  # fmt: skip
        refused = filled("figures", "--by", "month")
        assert (refused.status, "--since" in refused.err) == (2, True)

    def test_a_unit_sees_its_own_problems_only_and_an_area_its_subtree(self, filled):
        def count(*scope):
            return filled("figures", *scope, "--json").json["figures"]["received"]["count"]

        assert count("--unit", WATER) == 1
        assert count("--unit", CLEANERS) == 10
        assert count("--area", POINT_AREA) == 1
        assert count("--area", "990102001") == 11
        assert filled("figures", "--unit", WATER, "--area", POINT_AREA).status == 2

    def test_who_came_back_within_ninety_days_is_counted(self, filled):
        told = filled("figures", *PERIOD, "--json").json["repeats"]
        assert told == {"closed": 5, "within": {"30": {"all": 1, "same_caller": 1}, "90": {"all": 1, "same_caller": 1}}}

    def test_without_a_period_nothing_is_said_about_repeats(self, filled):
        assert filled("figures", "--json").json["repeats"] is None
        assert "重复率" in filled("figures").out

    def test_the_screen_and_the_page_show_the_same_figures_with_their_formulas(self, filled, tmp_path):
        shown = filled("figures", *PERIOD).out
        filled("figures", *PERIOD, "--by", "unit", "--html", tmp_path / "f.html")
        page = (tmp_path / "f.html").read_text(encoding="utf-8")
        for text in ("按时办结率", "66.7%", "4 ÷ 6", "准格尔旗"):
            assert text in shown
            assert text in page
        assert "云溪区水务局" in page

    @pytest.mark.parametrize("period", [("--since", "yesterday"), ("--since", "2026-05-09", "--until", "2026-05-01")])
    def test_a_period_that_is_none_is_refused_with_its_name(self, filled, period):
        refused = filled("figures", *period)
        assert refused.status == 2
        assert "--" in refused.err

    def test_an_empty_pool_has_figures_and_no_shares(self, cli):
        told = cli("figures", *PERIOD, "--json").json
        assert (told["figures"]["received"]["count"], told["figures"]["on_time"]["value"]) == (0, None)
        assert told["filled"]["share"] is None

    def test_filled_fields_are_what_intake_found(self, pushed):
        told = pushed("figures", "--json").json["filled"]
        assert told["reports"] == 3
        assert told["by_field"]["类别"] >= 2
        assert told["share"] == pytest.approx(sum(told["by_field"].values()) / 18)


class TestKeyList:
    def test_what_is_under_supervision_stands_there_with_its_reason(self, filled):
        (one,) = filled("key-list", "--json").json
        assert (one["order_number"], one["supervision"]) == (order("watched"), "urged")
        assert "多次催办" in filled("key-list").out

    def test_what_was_under_supervision_stands_with_what_became_of_it(self, filled):
        (one,) = filled("key-list", "--ended", "--json").json
        assert one["order_number"] == order("sham")
        assert one["mended"].startswith("回头看:没有办")

    def test_another_unit_is_shown_nothing_of_it(self, filled):
        assert filled("key-list", "--unit", WATER, "--json").json == []


class TestWorkList:
    def test_a_unit_gets_its_open_problems_and_no_others(self, filled):
        told = filled("work-list", WATER, "--json").json
        assert [one["order_number"] for one in told["cases"]] == [order("returned")]

    def test_a_line_gets_those_of_all_its_units_in_order_of_place(self, filled):
        told = filled("work-list", "--line", "城市管理", "--json").json
        assert {one["order_number"] for one in told["cases"]} == {
            order(name) for name in ("open", "overdue", "watched", "comes-back")
        }
        assert CLEANERS in told["units"]
        assert WATER not in told["units"]

    def test_an_unknown_line_is_answered_with_those_that_there_are(self, filled):
        refused = filled("work-list", "--line", "捕鲸")
        assert refused.status == 2
        assert "城市管理" in refused.err
        assert filled("work-list").status == 2

    def test_it_goes_on_paper_too(self, filled, tmp_path):
        filled("work-list", CLEANERS, "--html", tmp_path / "w.html")
        assert order("overdue") in (tmp_path / "w.html").read_text(encoding="utf-8")


class TestMonitoring:
    def test_points_stand_beside_the_city_and_what_nobody_has_looked_at_is_listed(self, filled):
        told = filled("monitoring", *PERIOD, "--json").json
        assert told["city"]["received"]["count"] == 11
        assert told["points"][POINT_AREA]["figures"]["received"]["count"] == 1
        assert [one["order_number"] for one in told["to_check"]] == [order("point")]
        assert len(told["points"]) == 31

    @pytest.mark.parametrize(
        ("measure", "point", "out"),
        [
            (Measure.SATISFIED, Value(50, 100), True),
            (Measure.SATISFIED, Value(78, 100), False),
            (Measure.SATISFIED, Value(99, 100), False),
            (Measure.SATISFIED, Value(0, 9), False),
            (Measure.RETURNED, Value(99, 100), True),
            (Measure.RETURNED, Value(50, 100), False),
            (Measure.RECEIVED, Value(9), False),
        ],
    )
    def test_a_point_is_out_of_line_when_it_is_worse_by_more_than_chance(self, measure, point, out):
        assert out_of_line(measure, point, Value(800, 1000)) is out
