"""A pool with problems in every standing that figures, notices and lists speak of, written as states."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from pool.ports import Writes
from schemas.handling import Card, Recheck, Return, Supervision, UnitRating
from schemas.identity import problem_id
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
from streams.local.home import open_home, transaction

MAY = datetime(2026, 5, 4, 1, 0, tzinfo=UTC)
CLEANERS, WATER, STREET = "yunxi-chengguan", "yunxi-shuiwu", "t-linjiang"
CLEANING, AREA, POINT_AREA, GRID = "020102", "990102001001", "990102001003", "990102001001001"
DAY = timedelta(days=1)


def case(name: str, **fields: object) -> Problem:
    """A dispatched problem of CLEANERS; every field can be given."""
    caller = str(fields.pop("caller", f"caller-{name}"))
    rating, solved = fields.pop("rating", None), fields.pop("solved", None)
    lead = str(fields.pop("unit", CLEANERS))
    at = fields.get("registered", MAY)
    assert isinstance(at, datetime)
    member = Member(
        report=f"r-{name}", channel=Channel.HOTLINE, mode=Mode.LIVE, time=at, received=at, caller=caller, content="c",
        rating=rating, solved=solved,
    )  # fmt: skip
    part = Assignment(
        unit=lead, part=Part.LEAD, state=AssignmentState.SIGNED, dispatched=at, signed=at + timedelta(hours=1),
        contacted=at + timedelta(hours=2),
    )  # fmt: skip
    defaults: dict[str, object] = {
        "id": problem_id(3, name), "slot": 3, "version": 2, "write": 2, "order_number": f"260504-003-{name}",
        "state": ProblemState.IN_PROGRESS, "category": CLEANING, "area": AREA, "grid": None, "registered": at,
        "first_dispatch": at, "dispatches": 1, "first_lead": lead, "members": [member], "assignments": [part],
    }  # fmt: skip
    return Problem.model_validate(defaults | fields)


def closed(name: str, after: timedelta = DAY, **fields: object) -> Problem:
    at = fields.get("registered", MAY)
    assert isinstance(at, datetime)
    ended = {"state": ProblemState.CLOSED, "closed": at + after, "ending": Ending.REPLIED}
    return case(name, **(ended | fields))


CASES = (
    closed("good1", rating=5, solved=True),
    closed("good2", rating=4, solved=True, caller="again"),
    closed("late", rating=1, solved=False, overdue=MAY + DAY, after=3 * DAY),
    closed("sham", rechecks=[Recheck(checker=WATER, asked=MAY, done=MAY, outcome=RecheckOutcome.SHAM)], supervised=1),
    case("open"),
    case("overdue", overdue=MAY + 5 * DAY, cards=[Card(colour="red", unit=CLEANERS, at=MAY, due=MAY)], late=[Clock.SIGN]),
    case("watched", supervision=Supervision(reason=SupervisionReason.URGED, since=MAY + DAY, by="李"), supervised=1),
    case(
        "returned",
        unit=WATER,
        dispatches=3,
        returns=[Return(unit=CLEANERS, reason=ReturnReason.NOT_OUR_DUTY, at=MAY, verdict=Verdict.REDISPATCHED)] * 2,
    ),
    case("comes-back", caller="again", registered=MAY + 11 * DAY),
    closed("taken-out", excluded="malicious", rating=1, overdue=MAY + DAY),
    closed("point", area=POINT_AREA, unit_ratings=[UnitRating(by=STREET, of=CLEANERS, mark=2, at=MAY)]),
)


def fill(home: Path) -> None:
    """The pool in this folder gets CASES."""
    opened = open_home(home)
    try:
        with transaction(opened.connection):
            opened.store.write(Writes(states=list(CASES)))
    finally:
        opened.close()


def order(name: str) -> str:
    return f"260504-003-{name}"
