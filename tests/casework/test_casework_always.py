"""What holds whatever people do and in whatever order their wishes arrive (laws 1, 3, 4, 5, 6)."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from world import (
    ABOLISHED,
    BURNING,
    BURNING_ITEM,
    CLEANERS,
    CLEANING,
    CLEANING_ITEM,
    ENVIRONMENT,
    STREET,
    WATER,
    World,
    findings,
    sample_pack,
)

from city import CityPack
from schemas.words import Mode, Role

FINDINGS = (
    findings(),
    findings(item=CLEANING_ITEM),
    findings(BURNING, BURNING_ITEM, STREET),
    findings(CLEANING, CLEANING_ITEM, STREET),
    findings(CLEANING, BURNING_ITEM, STREET),
    findings(None),
)
ASSIGNMENTS = (
    {"lead": CLEANERS},
    {"lead": CLEANERS, "cooperators": [WATER, ENVIRONMENT]},
    {"lead": WATER, "cooperators": [CLEANERS, WATER, STREET]},
    {"lead": ENVIRONMENT, "category": CLEANING},
    {"lead": STREET, "duty_item": BURNING_ITEM},
    {"lead": STREET, "duty_item": BURNING_ITEM, "category": BURNING},
    {"lead": STREET, "duty_item": CLEANING_ITEM, "category": CLEANING},
    {"lead": ABOLISHED},
)
UNITS = (CLEANERS, WATER, ENVIRONMENT, STREET)


class Story:
    """Numbers become wishes: each step picks its problem, report and manner from what there is."""

    def __init__(self, pack: CityPack) -> None:
        self.world = World(pack)
        self.reports = 0

    def step(self, wish: str, a: int, b: int) -> None:
        getattr(self, f"_{wish}")(a, b)
        self.world.check()

    def _problem(self, number: int) -> str:
        existing = [problem.id for problem in self.world.problems.values() if problem.version]
        return existing[number % len(existing)]

    def _report(self, number: int) -> str:
        return f"r{number % self.reports}"

    def _new(self, a: int, b: int) -> None:
        mode = Mode.HISTORY if b % 7 == 0 else Mode.LIVE
        self.world.report(f"r{self.reports}", slot=3 + a % 2, mode=mode, findings=FINDINGS[b % len(FINDINGS)])
        self.reports += 1

    def _join(self, a: int, b: int) -> None:
        """The matcher found an open problem of the same mode."""
        problem = self.world.at(self._problem(a))
        if problem.state not in ("closed", "merged"):
            self.world.report(f"r{self.reports}", slot=problem.slot, into=problem.id, mode=problem.mode)
            self.reports += 1

    def _again(self, a: int, b: int) -> None:
        """The sender pushes it again: as it was, corrected, numbered, or live at last."""
        report = self._report(a)
        changes = ({}, {"content": f"corrected {b}"}, {"content": f"numbered {b}", "revision": 1 + b % 5}, {})[b % 4]
        self.world.report(report, slot=self.world.at(self.world.claims[report]).slot, **changes)

    def _assign(self, a: int, b: int) -> None:
        self.world.tell("Assign", self._problem(a), **ASSIGNMENTS[b % len(ASSIGNMENTS)])

    def _sign(self, a: int, b: int) -> None:
        self.world.tell("Sign", self._problem(a), UNITS[b % len(UNITS)])

    def _reply(self, a: int, b: int) -> None:
        self.world.tell("Reply", self._problem(a), UNITS[b % len(UNITS)], text="sealed reply")

    def _close(self, a: int, b: int) -> None:
        self.world.tell("Close", self._problem(a))

    def _merge(self, a: int, b: int) -> None:
        self.world.merge(self._problem(a), self._problem(b))

    def _unmerge(self, a: int, b: int) -> None:
        merged = [problem.id for problem in self.world.problems.values() if problem.state == "merged"]
        if merged:
            self.world.tell("Unmerge", merged[a % len(merged)])

    def _split(self, a: int, b: int) -> None:
        problem = self._problem(a)
        held = self.world.reports(problem)
        if held:
            self.world.tell("Split", problem, reports=held[: 1 + b % len(held)])

    def _unsplit(self, a: int, b: int) -> None:
        self.world.tell("Unsplit", self._problem(a))

    def _erase(self, a: int, b: int) -> None:
        report = self._report(a)
        self.world.tell("EraseReport", self.world.holder(report).id, report=report)

    def _deliver(self, a: int, b: int) -> None:
        if self.world.queue:
            self.world.deliver(a % len(self.world.queue))

    def _redeliver(self, a: int, b: int) -> None:
        if self.world.delivered:
            self.world.redeliver(a % len(self.world.delivered))

    def _wait(self, a: int, b: int) -> None:
        self.world.now += timedelta(hours=1 + b % 72)
        self.world.fire()


WISHES = ("new", "join", "again", "assign", "sign", "reply", "close", "merge", "unmerge", "split", "unsplit", "erase")
STEPS = st.lists(
    st.tuples(
        st.sampled_from((*WISHES, "merge", "unmerge", "split", *["deliver"] * 8, "redeliver", "wait")),
        st.integers(0, 40),
        st.integers(0, 40),
    ),
    min_size=25,
    max_size=60,
)
MERGING = st.lists(
    st.tuples(
        st.sampled_from(
            ("merge", "unmerge", "split", "unsplit", "erase", "again", "assign", "join", *["deliver"] * 6, "redeliver", "wait")
        ),
        st.integers(0, 12),
        st.integers(0, 12),
    ),
    min_size=25,
    max_size=60,
)


@settings(max_examples=150, derandomize=True, deadline=None, database=None)
@given(steps=STEPS)
def test_whatever_people_do_nothing_is_lost_doubled_or_led_by_two(steps: list[tuple[str, int, int]]) -> None:
    story = Story(sample_pack())
    story.step("new", 0, 1)
    for step in steps:
        story.step(*step)
    story.world.settle()
    story.world.check()
    story.world.check_history()
    story.world.check_settled()


@settings(max_examples=150, derandomize=True, deadline=None, database=None)
@given(steps=MERGING)
def test_merges_splits_and_their_undo_in_any_order_leave_every_report_in_one_place(
    steps: list[tuple[str, int, int]],
) -> None:
    story = Story(sample_pack())
    for number in range(4):
        story.step("new", 0, 1 + number % 3)
        story.step("join", number, 0)
    for step in steps:
        story.step(*step)
    story.world.settle()
    story.world.check()
    story.world.check_history()
    story.world.check_settled()


@pytest.mark.parametrize("role", [Role.CLERK, Role.SYSTEM])
def test_the_world_itself_notices_a_report_in_two_places(world: World, role: Role) -> None:
    """Control: the check above must be able to fail."""
    first, second = world.founded("r1"), world.founded("r2")
    world.at(second).members.append(world.at(first).members[0])
    with pytest.raises(AssertionError, match="r1 is held by"):
        world.check_settled()
