"""The pack decides most held-out reports without a person, and hardly ever wrongly."""

import json
from pathlib import Path

import pytest

from city.pack import load_pack
from tests.decisions.build import BUILT, SAMPLE, SHARES, write
from tests.decisions.measure import Outcome, outcomes, summary
from tests.decisions.statements import read_statements


@pytest.fixture(scope="module")
def held_out() -> list[Outcome]:
    return outcomes("held_out")


def test_most_reports_with_a_lead_get_it_without_a_person(held_out: list[Outcome]) -> None:
    """A guard against falling back; goal and figures: docs/first-decisions.md."""
    assert summary(held_out)["right_share"] >= 0.58


def test_few_decisions_are_wrong(held_out: list[Outcome]) -> None:
    """A guard against falling back; goal and figures: docs/first-decisions.md."""
    assert summary(held_out)["wrong_share"] <= 0.08


def test_the_reports_reach_at_least_five_slots(held_out: list[Outcome]) -> None:
    assert len(summary(held_out)["slots"]) >= 5


def test_no_statement_is_in_both_parts() -> None:
    dev, held_out = ({s.text for found in read_statements(part) for s in found} for part in ("dev", "held_out"))
    assert dev & held_out == set()


def test_the_committed_files_are_what_the_composer_writes(tmp_path: Path) -> None:
    write(tmp_path, load_pack(SAMPLE))
    for written in sorted(tmp_path.iterdir()):
        assert (BUILT / written.name).read_text("utf-8") == written.read_text("utf-8"), "run python -m tests.decisions.build"


def test_every_channel_has_its_share_and_every_id_is_unique() -> None:
    for part, shares in SHARES.items():
        rows = [json.loads(line) for line in (BUILT / f"{part}.jsonl").read_text("utf-8").splitlines()]
        assert {c: sum(r["channel"] == c for r in rows) for c in shares} == shares
        assert len({r["id"] for r in rows}) == len(rows)
