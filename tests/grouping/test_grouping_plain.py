"""Same incident or not, by the plain rules. A wrong merge loses a citizen's case, so in doubt: not."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grouping.plain import MAX_VERIFIED, MIN_TEXT, Candidate, Fingerprint, PlainMatcher
from language.similar import fingerprint64
from language.tokenise import tokenise

NOON = datetime(2026, 5, 6, 4, 0, tzinfo=UTC)
WINDOW, NEAR = 72, 0.8
STOVE = "云溪区望江路三号楼楼下的烧烤店油烟太大，一到晚上整栋楼都不敢开窗，希望有人来管一管。"
STOVE_ADDED = STOVE + "谢谢！"
LAMP = "北苑街道梧桐苑门口的路灯坏了一个星期，晚上黑灯瞎火，老人小孩走路都很危险。"
SAME_CALLER, SAME_PLACE = "same_caller_same_text", "same_place_category_near_text"


class Reports:
    """Reports with their words, and a matcher that knows them."""

    def __init__(self, windows: dict[str, float] | None = None) -> None:
        self.matcher = PlainMatcher(lambda category: (windows or {}).get(category or "", WINDOW), NEAR)
        self.texts: dict[str, str] = {}

    def put(self, report: str, text: str = STOVE, **features: object) -> Fingerprint:
        item = fingerprint(report, text, **features)
        self.texts[report] = text
        self.matcher.put(item)
        return item

    def found(self, text: str = STOVE, **features: object) -> list[Candidate]:
        return list(self.matcher.candidates(fingerprint("new", text, **features), text, self.texts.get))

    def names(self, text: str = STOVE, **features: object) -> list[str]:
        return [candidate.report for candidate in self.found(text, **features)]


def fingerprint(report: str, text: str = STOVE, **features: object) -> Fingerprint:
    base: dict[str, object] = {
        "report": report,
        "live": True,
        "time": NOON,
        "caller": f"caller of {report}",
        "category": "030201",
        "place_key": "望江路|3号楼",
        "simhash": fingerprint64(tokenise(text)),
    }
    return Fingerprint(**(base | features))  # type: ignore[arg-type]


@pytest.fixture
def reports() -> Reports:
    return Reports()


def test_the_same_caller_with_the_same_text_is_the_same_incident_wherever_it_was_located(reports: Reports) -> None:
    reports.put("r1", caller="k1", place_key="", category=None)
    assert reports.found(caller="k1") == [Candidate("r1", SAME_CALLER, 1.0)]


def test_the_same_caller_with_another_text_is_another_incident(reports: Reports) -> None:
    reports.put("r1", caller="k1", place_key="")
    assert reports.names(LAMP, caller="k1", place_key="") == []


def test_the_same_text_of_another_caller_without_a_place_is_another_incident(reports: Reports) -> None:
    reports.put("r1", place_key="")
    assert reports.names(place_key="") == []


def test_without_a_caller_nobody_is_the_same_caller(reports: Reports) -> None:
    reports.put("r1", caller=None, place_key="")
    assert reports.names(caller=None, place_key="") == []


def test_another_caller_at_the_same_place_with_near_the_same_text_is_the_same_incident(reports: Reports) -> None:
    reports.put("r1", STOVE)
    (candidate,) = reports.found(STOVE_ADDED)
    assert (candidate.report, candidate.reason) == ("r1", SAME_PLACE)
    assert NEAR <= candidate.score < 1


@pytest.mark.parametrize(
    "other",
    [{"place_key": "望江路|4号楼"}, {"category": "030101"}, {"category": None}, {"place_key": ""}, {"live": False}],
    ids=["another building", "another category", "no category", "no place", "history"],
)
def test_one_difference_in_place_category_or_mode_and_it_is_another_incident(reports: Reports, other: dict[str, object]) -> None:
    reports.put("r1")
    assert reports.names(STOVE_ADDED, **other) == []


def test_another_matter_at_the_same_place_is_another_incident(reports: Reports) -> None:
    reports.put("r1", STOVE)
    assert reports.names(LAMP) == []


def test_a_fingerprint_means_the_same_with_and_without_a_sign(reports: Reports) -> None:
    """Stores hold 64 bits signed: one bit more or less at the top must not part two texts."""
    top = 1 << 63
    reports.put("r1", simhash=0b0110)
    assert reports.names(STOVE_ADDED, simhash=(top | 0b0100) - (1 << 64)) == ["r1"]


def test_history_is_never_matched_with_what_is_live_even_of_the_same_caller(reports: Reports) -> None:
    reports.put("r1", caller="k1", live=False)
    assert reports.names(caller="k1", live=True) == []
    assert [(found.report, found.reason) for found in reports.found(caller="k1", live=False)] == [("r1", SAME_CALLER)]


@pytest.mark.parametrize(("hours", "matched"), [(-73, False), (-72, True), (-1, True), (0, True), (72, True), (73, False)])
def test_only_within_the_window_before_or_after(reports: Reports, hours: int, matched: bool) -> None:
    reports.put("r1", time=NOON + timedelta(hours=hours))
    assert bool(reports.names()) is matched


def test_a_category_has_a_window_of_its_own() -> None:
    reports = Reports({"030201": 2})
    reports.put("r1", time=NOON - timedelta(hours=3))
    reports.put("r2", time=NOON - timedelta(hours=1))
    assert reports.names() == ["r2"]


@pytest.mark.parametrize("text", ["", "路灯坏了", "路灯坏了。"])
def test_a_text_that_says_too_little_is_never_matched(reports: Reports, text: str) -> None:
    assert len(text) < MIN_TEXT
    reports.put("r1", text, caller="k1")
    assert reports.names(text, caller="k1") == []


@pytest.mark.parametrize("text", ["。。。。。。。。", "路灯 。。。。", "\n\n\n路灯坏了"])
def test_signs_and_spaces_do_not_make_a_text_long(reports: Reports, text: str) -> None:
    reports.put("r1", text, caller="k1")
    assert reports.names(text, caller="k1") == []


def test_an_erased_report_is_not_found_again(reports: Reports) -> None:
    reports.put("r1", caller="k1")
    reports.matcher.remove("r1")
    assert reports.names(caller="k1") == []
    assert len(reports.matcher) == 0
    reports.matcher.remove("r1")
    reports.matcher.remove("never seen")


def test_a_report_whose_words_are_gone_is_not_matched(reports: Reports) -> None:
    reports.put("r1", caller="k1")
    reports.texts.clear()
    assert reports.names(caller="k1") == []


def test_a_corrected_report_is_matched_by_its_new_features_only(reports: Reports) -> None:
    reports.put("r1", place_key="望江路|3号楼")
    reports.put("r1", place_key="望江路|5号楼")
    assert reports.names() == []
    assert reports.names(place_key="望江路|5号楼") == ["r1"]
    assert len(reports.matcher) == 1


def test_filling_from_the_pool_leaves_what_is_known(reports: Reports) -> None:
    reports.put("r1", place_key="望江路|5号楼")
    reports.texts["r2"] = STOVE
    reports.matcher.fill([fingerprint("r1"), fingerprint("r2")])
    assert reports.names() == ["r2"]
    assert reports.names(place_key="望江路|5号楼") == ["r1"]


def test_a_report_is_not_its_own_candidate(reports: Reports) -> None:
    item = reports.put("new")
    assert list(reports.matcher.candidates(item, STOVE, reports.texts.get)) == []


def test_the_same_caller_goes_first_then_the_nearest_in_time(reports: Reports) -> None:
    reports.put("far", time=NOON - timedelta(hours=20))
    reports.put("near", time=NOON + timedelta(hours=2))
    reports.put("own", caller="k1", time=NOON - timedelta(hours=40), place_key="")
    assert reports.names(caller="k1") == ["own", "near", "far"]


def test_however_many_reports_there_are_only_some_texts_are_read(reports: Reports) -> None:
    for number in range(200):
        reports.put(f"r{number}", time=NOON + timedelta(minutes=number))
    read: list[str] = []

    def text_of(report: str) -> str | None:
        read.append(report)
        return None

    assert list(reports.matcher.candidates(fingerprint("new"), STOVE, text_of)) == []
    assert read == [f"r{number}" for number in range(MAX_VERIFIED)]


ITEMS = st.lists(
    st.tuples(
        st.sampled_from(["k1", "k2", None]),
        st.sampled_from(["030201", "030101", None]),
        st.sampled_from(["望江路|3号楼", "望江路|4号楼", ""]),
        st.integers(-80, 80),
        st.sampled_from([STOVE, STOVE_ADDED, LAMP]),
    ),
    max_size=8,
)
always = settings(max_examples=60, derandomize=True, deadline=None, database=None)


def filled(items: list[tuple[str | None, str | None, str, int, str]], order: Callable[[list[int]], object]) -> Reports:
    reports = Reports()
    places = list(range(len(items)))
    order(places)
    for place in places:
        caller, category, key, hours, text = items[place]
        time = NOON + timedelta(hours=hours, minutes=17)
        reports.put(f"r{place}", text, caller=caller, category=category, place_key=key, time=time)
    return reports


@always
@given(ITEMS, st.randoms(use_true_random=False), st.sampled_from([STOVE, STOVE_ADDED, LAMP]))
def test_the_order_in_which_reports_came_does_not_matter(
    items: list[tuple[str | None, str | None, str, int, str]], random: object, text: str
) -> None:
    one, other = filled(items, lambda places: None), filled(items, random.shuffle)  # type: ignore[attr-defined]
    assert one.found(text, caller="k1") == other.found(text, caller="k1")


@always
@given(ITEMS, st.data())
def test_what_was_put_and_removed_leaves_no_trace(
    items: list[tuple[str | None, str | None, str, int, str]], data: st.DataObject
) -> None:
    reports = filled(items, lambda places: None)
    for place in data.draw(st.permutations(range(len(items)))):
        reports.matcher.remove(f"r{place}")
    assert (len(reports.matcher), dict(reports.matcher._shelves)) == (0, {})
