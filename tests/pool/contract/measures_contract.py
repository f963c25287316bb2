"""Figures and cases in the port Search, against a computation of its own over problems that were drawn by lot."""

import random
from collections import defaultdict
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

import pytest

from casework.facts import Facts, facts
from city.handling import USUAL_HANDLING
from city.pack import CityPack, load_pack
from city.sample import sample_city
from contract.samples import START, problem
from pool.conditions import And, AtLeast, Below, Equals, Is, Not, Or, Within
from pool.figures import Order
from pool.formulas import formulas
from pool.measures import Group, Measure, Unit
from pool.ports import Writes
from pool.scope import ALL, NOTHING, Scope
from schemas.aggregate import Timer
from schemas.errors import ContractError
from schemas.handling import Card, Objection, Recheck, Return, Supervision, UnitRating, Whistle
from schemas.problem import Assignment, Member, Problem
from schemas.words import (
    AssignmentState,
    Channel,
    Clock,
    Ending,
    Mode,
    Part,
    ProblemState,
    RecheckOutcome,
    ReturnReason,
    SupervisionReason,
    Verdict,
)

PACK: CityPack = load_pack(sample_city())
DEPARTMENTS = [unit.code for unit in PACK.units.values() if not unit.grassroots][:6]
TOWNS = [unit.code for unit in PACK.units.values() if unit.grassroots][:4]
AREAS = [area for area in PACK.areas.values() if area.parent][:12]
CATEGORIES = [category.code for category in PACK.leaves()][:5]
_FORMULAS = formulas(USUAL_HANDLING)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def drawn(number: int, draw: random.Random) -> Problem:
    """Every kind of value in every field that a measure asks for; not every one of them could come to be."""
    state = draw.choice([*ProblemState, ProblemState.CLOSED, ProblemState.IN_PROGRESS])
    at = START + timedelta(hours=draw.randrange(24 * 100))
    dispatch = at + HOUR if draw.random() < 0.8 else None
    closed = at + draw.randrange(1, 400) * HOUR if state in (ProblemState.CLOSED, ProblemState.ARCHIVED) else None
    units = draw.sample(DEPARTMENTS, 2) + draw.sample(TOWNS, draw.randrange(2))
    reasons = draw.choice(["", "", "", "malicious"])
    return problem(
        number, state=state, mode=draw.choice([Mode.LIVE, Mode.LIVE, Mode.LIVE, Mode.HISTORY]),
        registered=at, first_dispatch=dispatch, closed=closed, ending=draw.choice(list(Ending)) if closed else None,
        overdue=at + 9 * HOUR if draw.random() < 0.3 else None, late=draw.choice([[], [], [Clock.SIGN], [Clock.CONTACT]]),
        category=draw.choice([*CATEGORIES, None]), area=draw.choice([*(area.code for area in AREAS), None]),
        members=[_member(number, place, at, draw) for place in range(draw.randrange(1, 4))],
        assignments=[_part(unit, place, at, draw) for place, unit in enumerate(units)] if dispatch else [],
        dispatches=draw.randrange(1, 4) if dispatch else 0, first_lead=units[0] if dispatch else None,
        returns=[
            Return(unit=units[0], reason=ReturnReason.NOT_OUR_DUTY, at=at, verdict=draw.choice([None, *Verdict]))
            for _ in range(draw.choice([0, 0, 1, 2]))
        ],
        redo=draw.randrange(3), escalation=draw.randrange(4), excluded=reasons, supervised=draw.randrange(3),
        supervision=Supervision(reason=draw.choice(list(SupervisionReason)), since=at, by="b") if draw.random() < 0.3 else None,
        cards=[Card(colour=draw.choice(["yellow", "red"]), unit=None, at=at, due=at) for _ in range(draw.randrange(3))],
        objections=[
            Objection(number=n, unit=TOWNS[0], at=at, upheld=draw.choice([None, True, False])) for n in range(draw.randrange(3))
        ],
        whistles=[
            Whistle(number=n, by=units[0], to=units[1], at=at, asked="x", late=draw.choice([[], ["answer"]]),
                    mark_of_summoned=draw.choice([None, 2, 5]), mark_of_whistler=draw.choice([None, 4]))
            for n in range(draw.randrange(3))
        ],
        rechecks=[
            Recheck(checker=None, asked=at, outcome=draw.choice([None, *RecheckOutcome])) for _ in range(draw.randrange(3))
        ],
        unit_ratings=[
            UnitRating(by=draw.choice(TOWNS + DEPARTMENTS), of=draw.choice(TOWNS + DEPARTMENTS), mark=draw.randint(1, 5), at=at)
            for _ in range(draw.randrange(3))
        ],
        timers=[Timer(clock=Clock.HANDLE, due=at + 50 * HOUR)] if state is ProblemState.IN_PROGRESS else [],
    )  # fmt: skip


def _member(number: int, place: int, at: datetime, draw: random.Random) -> Member:
    return Member(
        report=f"r{number}-{place}", channel=draw.choice(list(Channel)), mode=Mode.LIVE, time=at, received=at,
        caller=draw.choice([None, f"k{number % 7}"]), content="c", urged=draw.choice([0, 0, 2]),
        rating=draw.choice([None, 1, 2, 3, 4, 5]), solved=draw.choice([None, True, False]),
        contacted=draw.choice([None, True, False]),
    )  # fmt: skip


def _part(unit: str, place: int, at: datetime, draw: random.Random) -> Assignment:
    return Assignment(
        unit=unit, part=Part.COOPERATOR if place else Part.LEAD, state=draw.choice(list(AssignmentState)), dispatched=at,
        signed=draw.choice([None, at + HOUR]), contacted=draw.choice([None, at + 2 * HOUR]),
    )  # fmt: skip


def drawn_pool(count: int, seed: int) -> list[Problem]:
    draw = random.Random(seed)
    return [drawn(number, draw) for number in range(count)]


DRAWN = drawn_pool(400, 5)
FACTS = [facts(one, PACK) for one in DRAWN]


def micros(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)


def in_scope(one: Facts, scope: Scope) -> bool:
    """The rule for reports, said again for facts."""
    return scope.everything or bool(scope.units & set(one.units)) or any(one.area_path.startswith(p) for p in scope.area_paths)


def plain_rate(seen: list[Facts], measure: Measure, since: int, until: int) -> tuple[int, int | None, int]:
    """A few of the measures computed as a person would read the formula off the page: (count, of, left out)."""
    match measure:
        case Measure.ON_TIME:
            due = [f for f in seen if f.first_dispatch is not None and f.ending not in ("not_accepted", "withdrawn")]
            due = [f for f in due if f.settled is not None and since <= f.settled < until]
            due = [f for f in due if f.closed is not None or f.overdue_at is not None]
            kept = [f for f in due if not f.excluded]
            return sum(f.closed is not None and f.overdue_at is None for f in kept), len(kept), len(due) - len(kept)
        case Measure.SATISFIED:
            due = [f for f in seen if f.registered is not None and since <= f.registered < until]
            kept = [f for f in due if not f.excluded]
            good = sum(f.rated_3 + f.rated_4 + f.rated_5 for f in kept)
            return good, good + sum(f.rated_1 + f.rated_2 for f in kept), len(due) - len(kept)
        case Measure.RECEIVED:
            return sum(f.registered is not None and since <= f.registered < until for f in seen), None, 0
        case Measure.FIRST_RIGHT:
            due = [f for f in seen if f.first_dispatch is not None and since <= f.first_dispatch < until]
            kept = [f for f in due if not f.excluded]
            return sum(f.first_right for f in kept), len(kept), len(due) - len(kept)
        case Measure.GRASSROOTS:
            due = [f for f in seen if f.first_dispatch is not None and since <= f.first_dispatch < until]
            return sum(f.grassroots_parts for f in due), len(due), 0
        case Measure.HANDLING_HOURS:
            due = [f for f in seen if f.closed is not None and since <= f.closed < until and f.first_dispatch is not None]
            kept = [f for f in due if not f.excluded]
            return sum(f.minutes for f in kept), len(kept), len(due) - len(kept)
        case _:
            raise AssertionError(measure)


PLAIN = (
    Measure.ON_TIME, Measure.SATISFIED, Measure.RECEIVED, Measure.FIRST_RIGHT, Measure.GRASSROOTS, Measure.HANDLING_HOURS,
)  # fmt: skip


def random_scope(draw: random.Random) -> Scope:
    return draw.choice(
        [
            ALL,
            Scope(units=frozenset(draw.sample(DEPARTMENTS, 2))),
            Scope(area_paths=frozenset({draw.choice(AREAS).path})),
            Scope(units=frozenset({TOWNS[0]}), area_paths=frozenset({draw.choice(AREAS).path})),
        ]
    )


class MeasuresContract:
    """Needs the fixtures `backend` (an empty pool whose store knows the sample pack) and `full_measured` (DRAWN is in it)."""

    def test_facts_lie_beside_the_state_and_come_back_as_they_were_made(self, full_measured):
        assert full_measured.store.facts([one.id for one in DRAWN]) == {one.problem: one for one in FACTS}

    def test_facts_follow_the_state_that_stands(self, backend):
        backend.write(Writes(states=[problem(1)]))
        assert not backend.store.facts([problem(1).id])[problem(1).id].dispatched
        later = problem(1, version=2, first_dispatch=START, excluded="malicious")
        backend.write(Writes(states=[later]))
        assert backend.store.facts([later.id]) == {later.id: facts(later, PACK)}
        assert backend.store.facts(["p001-" + "0" * 24]) == {}

    def test_what_does_not_exist_yet_has_no_facts(self, backend):
        backend.write(Writes(states=[problem(1, version=0)]))
        assert backend.store.facts([problem(1).id]) == {}
        assert backend.search.cases(And(()), ALL) == []

    @pytest.mark.parametrize("seed", range(12))
    def test_figures_are_what_a_person_would_count(self, full_measured, seed):
        draw = random.Random(seed)
        scope, since = random_scope(draw), START + timedelta(days=draw.randrange(60))
        until = since + timedelta(days=draw.randrange(5, 60))
        group = draw.choice([None, Group.UNIT, Group.AREA, Group.CATEGORY, Group.CHANNEL])
        told = full_measured.search.measures([_FORMULAS[m] for m in PLAIN], scope, group, since, until)
        name = {Group.UNIT: "lead", None: ""}.get(group, group.value if group else "")
        seen: dict[str, list[Facts]] = defaultdict(list)
        for one in FACTS:
            if one.counted and in_scope(one, scope):
                seen[getattr(one, name) if name else ""].append(one)
        wanted = {
            key: {m: plain_rate(ones, m, micros(since), micros(until)) for m in PLAIN} for key, ones in (seen or {"": []}).items()
        }
        found = {key: {m: (v.count, v.of, v.left_out) for m, v in values.items()} for key, values in told.items()}
        if group is not None:
            wanted = {key: values for key, values in wanted.items() if any(any(filter(None, v)) for v in values.values())}
        assert found == wanted

    def test_every_measure_gives_an_answer_and_no_share_is_above_one(self, full_measured):
        told = full_measured.search.measures(list(_FORMULAS.values()), ALL)[""]
        assert list(told) == list(Measure)
        for measure, value in told.items():
            assert value.count > 0, measure
            if _FORMULAS[measure].denominator is not None:
                assert value.of, measure
                assert _FORMULAS[measure].unit is not Unit.SHARE or value.count <= value.of, measure
            assert _FORMULAS[measure].scored or value.left_out == 0

    def test_months_are_those_of_the_city_and_add_up_to_the_whole(self, full_measured):
        since, until = datetime(2026, 2, 20, tzinfo=UTC), datetime(2026, 5, 3, 4, tzinfo=UTC)
        asked = [_FORMULAS[Measure.RECEIVED], _FORMULAS[Measure.CLOSED]]
        months = full_measured.search.measures(asked, ALL, Group.MONTH, since, until)
        whole = full_measured.search.measures(asked, ALL, None, since, until)[""]
        assert list(months) == ["2026-02", "2026-03", "2026-04", "2026-05"]
        for measure in (Measure.RECEIVED, Measure.CLOSED):
            assert sum(figures[measure].count for figures in months.values()) == whole[measure].count > 0
        march = [f for f in FACTS if f.counted and f.registered and micros(datetime(2026, 2, 28, 16, tzinfo=UTC)) <= f.registered]
        march = [f for f in march if f.registered < micros(datetime(2026, 3, 31, 16, tzinfo=UTC))]
        assert months["2026-03"][Measure.RECEIVED].count == len(march) > 0
        with pytest.raises(ContractError):
            full_measured.search.measures(asked, ALL, Group.MONTH, since, None)

    def test_no_role_sees_no_figure_and_no_case(self, full_measured):
        told = full_measured.search.measures(list(_FORMULAS.values()), NOTHING)
        assert {(value.count, value.of or 0, value.left_out) for value in told[""].values()} == {(0, 0, 0)}
        assert full_measured.search.measures(list(_FORMULAS.values()), NOTHING, Group.UNIT) == {}
        assert full_measured.search.cases(And(()), NOTHING) == []

    @pytest.mark.parametrize(
        "condition",
        [
            Is("overdue"), Is("closed"), Is("excluded"), Equals("units", DEPARTMENTS[0]), Equals("units", "none"),
            Equals("units", ""), Equals("state", "closed"), Equals("category", ""), Below("area_path", AREAS[0].path),
            Below("area_path", ""),
            AtLeast("returns", 2), Not(AtLeast("returns", 1)), Not(Is("closed")), Or(()), And(()),
            Or((Is("supervision"), And((Is("open"), AtLeast("red", 1))))), Within("closed", None, None),
            Within("registered", micros(START + timedelta(days=30)), micros(START + timedelta(days=60))),
            Not(Within("due", micros(START), None)), Not(And((Is("signed"), Not(Is("sign_in_time"))))),
        ],
    )  # fmt: skip
    def test_cases_are_those_for_which_the_condition_holds(self, full_measured, condition):
        found = full_measured.search.cases(condition, ALL, limit=1000)
        wanted = [one for one in FACTS if one.counted and _holds(condition, asdict(one))]
        assert found == sorted(wanted, key=lambda one: one.problem)
        half = [one.problem for one in found][: len(found) // 2]
        if half:
            assert full_measured.search.cases(condition, ALL, after=half[-1], limit=1000) == found[len(half) :]

    @pytest.mark.parametrize("order", [Order("due"), Order("due", falling=False), Order("returns"), Order("redo", falling=False)])
    def test_cases_come_in_order_and_those_without_a_moment_last(self, full_measured, order):
        found = full_measured.search.cases(And(()), ALL, order, limit=1000)
        sign = -1 if order.falling else 1
        def key(one):
            value = getattr(one, order.field)
            return (value is None, sign * (value or 0), one.problem)
        assert found == sorted((one for one in FACTS if one.counted), key=key)
        assert full_measured.search.cases(And(()), ALL, order, limit=7) == found[:7]


def _holds(condition, held: dict) -> bool:
    """The oracle's own reading of the language."""
    match condition:
        case Is(name):
            return held[name] not in (None, "", False)
        case Equals(name, value):
            return value in held[name] if name == "units" else held[name] == value
        case Below(name, path):
            return held[name][: len(path)] == path
        case AtLeast(name, number):
            return held[name] >= number
        case Within(name, since, until):
            at = held[name]
            return at is not None and (since or -1) <= at < (until or 1 << 62)
        case Not(of):
            return not _holds(of, held)
        case And(parts):
            return all(_holds(part, held) for part in parts)
        case Or(parts):
            return any(_holds(part, held) for part in parts)
    raise AssertionError(condition)
