"""The report: every figure there, every label harmless, readable with 600 labels."""

import re
from collections.abc import Sequence
from html.parser import HTMLParser
from xml.etree import ElementTree as Xml

import numpy as np
import pytest

from classifiers.learning.baselines import Baseline
from classifiers.learning.compare import macro_f1_bounds, share_bounds
from classifiers.learning.evaluate import Evaluation, Trial, _reliability, check_promise
from classifiers.learning.measure import measure
from classifiers.learning.prediction import Prediction
from classifiers.learning.report import OPEN, html_report
from classifiers.learning.rows import Task
from classifiers.learning.split import Split

BAD = ['<script>alert("x")</script>', "</svg><img src=x onerror=alert(1)>", "甲&乙'\"", "]]>", "城建/" + "很长" * 90]


def evaluation(labels: Sequence[str], each: int = 10, *, accepted: bool = True, right: bool = False) -> Evaluation:
    """Every tenth answer is wrong, the unsure ones."""
    truth = [label for label in labels for _ in range(each)]
    said = list(truth)
    for at in [] if right else range(3, len(truth), 10):
        said[at] = labels[(labels.index(truth[at]) + 1) % len(labels)]
    sure = [0.55 if at % 10 == 3 else 0.97 for at in range(len(truth))]
    answers = [
        Prediction(label, much, ((label, much),), accepted and much > 0.9) for label, much in zip(said, sure, strict=True)
    ]
    groups = np.arange(len(truth))
    correct = np.array([one == other for one, other in zip(truth, said, strict=True)])
    taken = np.array([answer.accepted for answer in answers])
    return Evaluation(
        task=Task.CATEGORY,
        model={"kind": "test-1", "created": "2026-01-01T00:00:00+00:00", "data": "0" * 16, "rows": 9, "labels": len(labels)},
        trial=Trial(Split.GROUPED, 0, "1" * 16, len(truth) + 9, 9, len(truth), 0, len(truth), ""),
        figures=measure(truth, answers),
        bounds={"accuracy": share_bounds(correct, groups)[0], "macro_f1": macro_f1_bounds(truth[:50], answers[:50], groups[:50])},
        first_level=None,
        promise=check_promise(0.98, correct[taken], groups[taken]),
        baselines={kind: measure(truth, [Prediction(labels[0], 0.1, ((labels[0], 0.1),), accepted=False)] * len(truth))
                   for kind in Baseline},
        unknown={labels[-1]: each},
        reliability=_reliability(np.array(sure), correct),
    )  # fmt: skip


class Tags(HTMLParser):
    """Collects what a browser would see; every element is closed."""

    VOID = frozenset({"meta", "br"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.names: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.names |= {name for name, _ in attrs}
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.names |= {name for name, _ in attrs}

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def parsed(page: str) -> Tags:
    tags = Tags()
    tags.feed(page)
    tags.close()
    assert tags.open == []
    return tags


def drawings(page: str) -> list[Xml.Element]:
    return [Xml.fromstring(one) for one in re.findall(r"<svg.*?</svg>", page, re.S)]  # noqa: S314 - our own


def test_the_page_loads_nothing_and_runs_nothing_whatever_the_labels_say() -> None:
    page = html_report(evaluation(BAD), "<b>数据.jsonl")
    tags = parsed(page)
    assert not tags.seen & {"script", "img", "link", "iframe", "object", "b2"}
    assert not {name for name in tags.names if name.startswith("on")} | tags.names & {"src", "href"}
    assert "default-src 'none'" in page
    assert "&lt;script&gt;" in page
    assert "&lt;b&gt;数据.jsonl" in page


def test_four_drawings_are_sound_and_name_their_axes_in_chinese() -> None:
    page = html_report(evaluation(BAD), "数据.jsonl")
    found = drawings(page)
    assert len(found) == 4
    text = ["".join(one.itertext()) for one in found]
    assert "占全部(%)" in text[0]
    assert "承诺 98%" in text[0]
    assert "置信度(%)" in text[1]
    assert "各指标(%)" in text[2]
    assert "应为" in text[3]
    for one in found:
        width, height = map(float, one.attrib["viewBox"].split()[2:])
        for circle in one.iter("circle"):
            assert 0 <= float(circle.attrib["cx"]) <= width
            assert 0 <= float(circle.attrib["cy"]) <= height
        for box in one.iter("rect"):
            assert float(box.attrib["width"]) >= 0
            assert float(box.attrib["height"]) >= 0


def test_the_main_figures_stand_on_the_page_beside_the_baselines() -> None:
    found = evaluation([f"类{number}" for number in range(20)])
    page = html_report(found, "数据.jsonl")
    assert found.figures.accuracy == 0.9
    for shown in ("<b>90.0%</b>", "关键词 5.0%", "最多的一个 5.0%", "可不经人工(承诺 98%)", "200 行", "已证实"):
        assert shown in page


def test_600_labels_stay_readable_the_worst_first_and_the_rest_folded() -> None:
    labels = [f"一级{number // 20}/二级{number}" for number in range(600)]
    page = html_report(evaluation(labels, 3), "数据.jsonl")
    parsed(page)
    before, _, folded = page.partition("<details>")
    assert before.count("<tr>") <= OPEN + 10
    assert "其余 550 个类别" in page
    assert folded.count("<tr>") > 550
    assert len(page) < 1_000_000
    assert all(label in page for label in labels)


@pytest.mark.parametrize("case", [
    evaluation(["甲", "乙"], accepted=False), evaluation(["甲", "乙"], right=True), evaluation(["甲", "乙"], 1, right=True),
])  # fmt: skip
def test_nothing_accepted_nothing_wrong_and_two_rows_have_a_report_too(case: Evaluation) -> None:
    page = html_report(case, "数据.jsonl")
    parsed(page)
    drawings(page)
    assert "nan" not in page.lower().replace("nano", "")
    assert ("没有判错的行" in page) == (not case.figures.confusions)
