"""simulate: the same city for the same seed, texts that differ as people do, the truth beside every line."""

import json
import random
from collections import Counter
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

from city.pack import CityPack, load_pack
from city.sample import sample_city
from console.simulation.lines import Line
from console.simulation.matters import matters, voices
from console.simulation.places import Places, Said, Spot
from console.simulation.simulate import simulated
from console.simulation.story import BUILDINGS, INCIDENT, LASTS
from schemas.words import Channel
from tests.console.conftest import Cli

START = datetime(2026, 7, 15, tzinfo=UTC)
SMALL = ("--hours", 2, "--rate", 20, "--seed", 2, "--start", "2026-05-06")


@cache
def pack() -> CityPack:
    return load_pack(sample_city())


@cache
def lines(seed: int = 3, hours: float = 12) -> tuple[Line, ...]:
    return tuple(simulated(pack(), START, hours, 40, seed, alarms=1))


def data(line: Line) -> dict[str, str]:
    found: dict[str, str] = json.loads(line.value)["data"]
    return found


def test_the_same_seed_gives_the_same_city_and_another_another() -> None:
    again = tuple(simulated(pack(), START, 12, 40, 3, alarms=1))
    assert again == lines()
    assert {line.value for line in lines(4)}.isdisjoint(line.value for line in lines() if line.key)


def test_the_rate_is_about_what_was_asked_for() -> None:
    people = [line for line in simulated(pack(), START, 24 * 7, 10, 5, alarms=0, story=False) if line.truth.kind != "bad"]
    assert 0.8 < len(people) / (24 * 7 * 10) < 1.35


def test_texts_differ_in_words_length_and_channel() -> None:
    people = [line for line in lines() if line.key and line.channel is not Channel.CAMERA]
    texts = [data(line)["text"] for line in people]
    assert len(set(texts)) > 0.85 * len(texts)
    lengths = sorted(map(len, texts))
    assert lengths[len(lengths) // 10] < 30
    assert lengths[len(lengths) * 9 // 10] > 70
    assert lengths[-1] > 120
    assert len({line.truth.category for line in people}) > 40
    assert len({line.truth.place for line in people}) >= 10


def test_one_incident_comes_through_several_channels_and_people_ask_again() -> None:
    by_incident: dict[str, list[Line]] = {}
    for line in lines():
        by_incident.setdefault(line.truth.incident, []).append(line)
    channels = Counter(len({line.channel for line in held}) for name, held in by_incident.items() if name)
    assert channels[2] + channels[3] > 5
    kinds = Counter(line.truth.kind for line in lines())
    assert min(kinds[kind] for kind in ("urging", "revision", "false_alarm", "bad")) >= 1


def test_every_report_has_its_truth_in_the_pack() -> None:
    for line in lines():
        truth = line.truth
        assert truth.category is None or truth.category in pack().categories
        assert truth.area is None or truth.area in pack().areas
        assert truth.grid is None or pack().grids[truth.grid].community == truth.area
        assert truth.findable <= (truth.area is not None)


def test_every_matter_can_be_told_at_a_place_of_the_pack() -> None:
    assert len(matters(pack())) > 55
    for matter in matters(pack()):
        assert len(matter.statements) >= 3
        assert len(set(matter.statements)) == len(matter.statements)


def test_no_sentence_of_the_simulation_stands_in_the_pack_that_models_are_fitted_on() -> None:
    sayings = {saying for saying, _ in pack().sayings}
    words = {word for category in pack().categories.values() for word in (*category.words, *category.aliases)}
    told = {statement for matter in matters(pack()) for statement in matter.statements}
    assert told.isdisjoint(sayings | words)


@pytest.mark.parametrize("said", Said)
def test_a_wrongly_written_place_is_never_another_places_name(said: Said) -> None:
    dice, places = random.Random(said.value), Places(pack(), voices().homophones)
    for _ in range(200):
        spot: Spot = places.spot(dice, ("小区",))
        expression = places.express(dice, spot, said)
        if expression.said in (Said.HOMOPHONE, Said.MISTYPED):
            assert expression.text not in pack().place_names
            assert expression.text not in pack().area_names
        if expression.said is Said.NOWHERE:
            assert expression.text == ""


def test_the_flooding_goes_up_the_ladder_within_three_hours() -> None:
    flooded = [line for line in lines() if line.truth.incident == INCIDENT]
    levels = [json.loads(line.value)["data"]["level"] for line in flooded if line.channel is Channel.GRID]
    assert levels == [3] * BUILDINGS + [2, 1, 1]
    assert flooded[-1].at - flooded[0].at <= LASTS
    assert "消防主管" in data(flooded[-1])["text"]
    assert sum(line.channel is Channel.HOTLINE for line in flooded) > 8


def test_a_folder_is_written_in_the_form_that_push_takes(cli: Cli, tmp_path: Path) -> None:
    told = cli("simulate", *SMALL, "--alarms", 1, "--out", tmp_path, "--json").json
    truth = [json.loads(line) for line in (tmp_path / "truth.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len(truth) == told["lines"]
    pushed = cli("push", tmp_path / "hotline.jsonl", "--channel", "hotline", "--json").json
    bad = sum(row["channel"] == "hotline" and row["kind"] == "bad" for row in truth)
    assert pushed["dead_letters"] == bad
    assert pushed["new_reports"] == len({row["id"] for row in truth if row["channel"] == "hotline" and row["kind"] != "bad"})


def test_it_can_be_pushed_at_once(cli: Cli) -> None:
    told = cli("simulate", *SMALL, "--alarms", 0, "--push", "--json").json
    stats = cli("stats", "--json").json
    assert stats["dead_letters"] == told["by_kind"].get("bad", 0)
    assert stats["reports"] == told["by_kind"]["report"] + told["by_kind"].get("urging", 0)


def test_wrong_times_are_named(cli: Cli) -> None:
    said = cli("simulate", "--start", "昨天")
    assert (said.status, "--start" in said.err) == (2, True)
