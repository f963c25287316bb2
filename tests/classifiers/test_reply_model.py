"""A model of marked replies: learned, measured without near copies, saved and loaded safely, and visibly absent when it fails."""

import lzma
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest
from skops.io import dump

from classifiers.replies import Asked, RuleChecker, TrainedReplyChecker, reply_checker
from classifiers.replies.phrases import fingerprint
from classifiers.replies.reading import Reading, read_reply
from classifiers.replies.reasons import FILE, FORMAT, ReasonModel
from classifiers.replies.rivals import Rival
from classifiers.replies.rows import ReplyRow, marked, read_replies, with_marks
from classifiers.replies.signs import NAMES, signs
from classifiers.replies.swapped import Wrong, swapped
from classifiers.replies.trained import DEGRADED
from classifiers.replies.trial import Trial, trial
from schemas.errors import ContractError, NotFound
from schemas.replies import ReplyFault
from tests.classifiers.replies_made import pairs


def written(path: Path, rows: Sequence[dict[str, Any]]) -> Path:
    path.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))
    return path


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> list[ReplyRow]:
    return read_replies(written(tmp_path_factory.mktemp("rows") / "rows.jsonl", pairs(240)))


@pytest.fixture(scope="module")
def model(rows: list[ReplyRow]) -> ReasonModel:
    return ReasonModel.fit([read_reply(row.asked.reply) for row in rows], [bool(row.explains) for row in rows])


@pytest.fixture(scope="module")
def result(rows: list[ReplyRow]) -> Trial:
    return trial(rows)


def test_the_model_tells_explanations_from_passing_on(model: ReasonModel) -> None:
    new = pairs(80, seed=1)
    chances = model.probabilities([read_reply(row["reply"]) for row in new])
    assert all((chance > 0.5) == (number % 2 == 1) for number, chance in enumerate(chances))


def test_the_same_marks_give_the_same_model(rows: list[ReplyRow], model: ReasonModel) -> None:
    readings, truth = [read_reply(row.asked.reply) for row in rows], [bool(row.explains) for row in rows]
    again = ReasonModel.fit(readings, truth)
    assert again.card.data == model.card.data
    assert np.array_equal(again.probabilities(readings), model.probabilities(readings))
    assert ReasonModel.fit(readings, [not truth[0], *truth[1:]]).card.data != model.card.data


def test_signs_have_a_column_each_and_are_finite() -> None:
    found = signs([read_reply(text) for text in ("", "根据《条例》第3条,已于5月3日完成。一、二、", "好" * 9000)])
    assert found.shape == (3, len(NAMES))
    assert np.isfinite(found).all()
    assert not found[0].any()
    assert signs([]).shape == (0, len(NAMES))


def test_a_saved_model_answers_as_before(model: ReasonModel, tmp_path: Path) -> None:
    model.save(tmp_path / "model")
    asked = [Asked(row["text"], row["reply"]) for row in pairs(40, seed=2)]
    loaded = reply_checker(tmp_path / "model")
    assert loaded.check(asked) == TrainedReplyChecker(model).check(asked)
    assert all(one.explains is not None and one.model.endswith(model.card.name) for one in loaded.check(asked))
    assert [path.name for path in (tmp_path / "model").iterdir()] == [FILE]


def test_where_rules_and_model_agree_the_finding_is_surer(model: ReasonModel) -> None:
    asked = [Asked("路灯不亮", "您好,请到服务窗口。"), Asked("路灯不亮", pairs(2)[1]["reply"])]
    silent = ReplyFault.NO_ANSWER
    for by_rules, by_both in zip(RuleChecker().check(asked), TrainedReplyChecker(model).check(asked), strict=True):
        for one, other in zip(by_rules.faults, by_both.faults, strict=True):
            assert one.fault is other.fault
            assert (other.confidence > one.confidence) == (one.fault is silent and (by_both.explains or 0) < 0.5)


class Broken:
    """A model that fails at its work."""

    def __init__(self, model: ReasonModel) -> None:
        self.card = model.card

    def probabilities(self, readings: Sequence[Reading]) -> np.ndarray[Any, Any]:
        raise MemoryError(readings[0].folded)

    def missing(self, reading: Reading) -> list[str]:
        return []


def test_a_model_that_fails_leaves_the_rules_and_says_so_once_without_words(model: ReasonModel) -> None:
    said: list[str] = []
    checker = TrainedReplyChecker(Broken(model), said.append)  # type: ignore[arg-type]
    asked = [Asked("路灯不亮", "您反映的问题已转市城管局处理。")]
    for _ in range(2):
        (found,) = checker.check(asked)
        assert found.model == DEGRADED
        assert found.faults == RuleChecker().check(asked)[0].faults
    assert len(said) == 1
    assert "城管局" not in said[0]


def damaged(folder: Path, parts: dict[str, object] | bytes) -> Path:
    folder.mkdir()
    if isinstance(parts, bytes):
        (folder / FILE).write_bytes(parts)
    else:
        dump(parts, folder / FILE)
    return folder


def test_what_is_no_model_is_refused_and_leaves_the_rules_visibly(model: ReasonModel, tmp_path: Path) -> None:
    model.save(tmp_path / "whole")
    whole = (tmp_path / "whole" / FILE).read_bytes()
    card = orjson.dumps({"format": FORMAT}).decode()
    other = {"card": card, "signs": np.array(NAMES), "pipeline": TrainedReplyChecker(model)._model.card}
    cases = {
        "empty": b"", "torn": whole[: len(whole) // 2], "list": b"[]",
        "parts": {"card": card, "signs": np.array(NAMES[:3]), "pipeline": 1}, "foreign": other,
    }  # fmt: skip
    (tmp_path / "bare").mkdir()
    folders = [tmp_path / "bare", *(damaged(tmp_path / name, parts) for name, parts in cases.items())]
    for folder in folders:
        with pytest.raises(ContractError, match=r"训练|使用"):
            ReasonModel.load(folder)
        said: list[str] = []
        assert reply_checker(folder, said.append).check([Asked("", "")])[0].model == DEGRADED
        assert len(said) == 1
    with pytest.raises(ContractError, match="不受信任"):
        ReasonModel.load(tmp_path / "foreign")


def test_a_model_of_other_phrases_is_refused(model: ReasonModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model.save(tmp_path / "model")
    assert model.card.rules == fingerprint()
    monkeypatch.setattr("classifiers.replies.reasons.fingerprint", lambda: "00000000")
    with pytest.raises(ContractError, match="别的版本"):
        ReasonModel.load(tmp_path / "model")


def test_the_trial_measures_every_rival_and_keeps_copies_together(result: Trial) -> None:
    figures = {one.rival: one for one in result.reasons}
    assert set(figures) == set(Rival)
    assert figures[Rival.MAJORITY].accuracy.value < 0.6
    assert 0.8 < figures[Rival.SIGNS].accuracy.value < 0.95
    assert result.explaining + result.unexplaining == result.rows == 240
    assert result.groups < 240
    for one in result.reasons:
        assert 0 <= one.ece <= 1
        assert one.roc_auc.sd >= 0
    assert set(result.speed) == {"rules", "trained"}


def test_the_trial_counts_findings_by_mark_and_what_blocks(result: Trial) -> None:
    assert result.blocked is not None
    assert result.blocked.unexplaining > 0.7 > 0.3 > result.blocked.explaining
    assert sum(one.explaining + one.unexplaining for one in result.faults if one.fault == "no_answer") >= 110
    assert all(one.unmarked == 0 for one in result.faults)


def test_without_marks_the_trial_has_pairs_and_findings_only(rows: list[ReplyRow]) -> None:
    bare = [ReplyRow(row.id, row.asked, None) for row in rows[:60]]
    found = trial(bare)
    assert found.reasons == ()
    assert found.blocked is None
    assert found.faults
    assert all(one.explaining == one.unexplaining == 0 for one in found.faults)


def test_wrong_replies_are_told_apart_and_copies_never_count_as_wrong(rows: list[ReplyRow]) -> None:
    asked = [row.asked for row in rows if "经现场核实" in row.asked.reply]
    readings = [read_reply(one.reply) for one in asked]
    random, alike = (swapped(asked, readings, how, seed=0) for how in (Wrong.RANDOM, Wrong.ALIKE))
    assert random is not None
    assert alike is not None
    assert random.auc > 0.9
    assert random.auc > alike.auc
    same = [Asked("路灯不亮", asked[0].reply)] * 20
    assert swapped(same, [readings[0]] * 20, Wrong.RANDOM, seed=0) is None


def test_rows_are_read_plain_and_packed_and_marks_join_by_id(tmp_path: Path) -> None:
    made = pairs(4)
    plain = written(tmp_path / "a.jsonl", made)
    (tmp_path / "b.xz").write_bytes(lzma.compress(plain.read_bytes()))
    assert read_replies(plain) == read_replies(tmp_path / "b.xz")
    marks = written(tmp_path / "marks.jsonl", [{"id": "r0", "explains": 1}, {"id": "r9", "explains": 0}])
    bare = read_replies(written(tmp_path / "c.jsonl", [{k: v for k, v in row.items() if k != "explains"} for row in made]))
    assert [row.explains for row in with_marks(bare, marks)] == [True, None, None, None]
    assert bare[0].asked.request == f"{made[0]['title']}\n{made[0]['text']}"


@pytest.mark.parametrize(
    ("line", "field"),
    [
        (b"{", "整行"), (b"[1]", "整行"), (b'{"text": "a"}', "reply"), (b'{"reply": "a"}', "reply"),
        (b'{"text": 1, "reply": "a"}', "text"), (b'{"text": "a", "reply": "b", "explains": 2}', "explains"),
        (b"\xff\xfe", "整行"), (b"", "整个文件"),
    ],
)  # fmt: skip
def test_a_bad_line_is_named(tmp_path: Path, line: bytes, field: str) -> None:
    (tmp_path / "rows").write_bytes(line + b"\n")
    with pytest.raises(ContractError, match=field):
        read_replies(tmp_path / "rows")


def test_files_that_cannot_serve_are_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        read_replies(tmp_path / "none")
    (tmp_path / "torn.xz").write_bytes(lzma.compress(b'{"text": "a", "reply": "b"}\n' * 99)[:60])
    with pytest.raises(ContractError, match="损坏"):
        read_replies(tmp_path / "torn.xz")
    found = read_replies(written(tmp_path / "rows", [{**row, "explains": 1} for row in pairs(4)]))
    with pytest.raises(ContractError, match="全都一样"):
        marked(found)
    with pytest.raises(ContractError, match="编号"):
        with_marks(found, written(tmp_path / "marks", [{"id": "x", "explains": 1}]))
