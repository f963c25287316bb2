"""What holds whatever people do and in whatever order their wishes arrive (laws 1, 3, 4, 5, 6)."""

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from story import Story
from world import World, sample_pack

from schemas.words import Role

pytestmark = pytest.mark.slow

Step = tuple[str, int, int]
EXAMPLES = int(os.environ.get("STORIES", "500"))
"""Stories of each kind. Thousands find more; this many is what every run can afford."""

REPORTS = ("new", "join", "again", "erase")
MERGES = ("merge", "unmerge", "split", "unsplit")
QUEUE = (*["deliver"] * 8, "redeliver")
UNITS = ("sign", "contact", "reply", "add_cooperators", "ask_return", "apply", "wait_for_caller", "resume", "object", "whistle")
OFFICE = ("assign", "assign", "answer", "recall", "recategorise", "abolish", "note", "decide_return", "decide_jointly")
OTHERS = ("decide_objection", "decide_application", "climb", "post", "supplement", "urge", "withdraw", "callback")
AFTER = ("check", "close", "supervise", "look_back", "rate_unit")
TIME = ("wait", "minutes", "long", "jump")
HANDLING = (*UNITS, *OFFICE, *OTHERS, *AFTER, *TIME)


def steps(wishes: tuple[str, ...], most: int, *, least: int = 12, length: int = 60) -> st.SearchStrategy[list[Step]]:
    """most: the greatest number that picks a problem, a report or a manner."""
    numbers = st.integers(0, most)
    return st.lists(st.tuples(st.sampled_from(wishes), numbers, numbers), min_size=least, max_size=length)


def told(story: Story, wishes: list[Step]) -> None:
    for wish in wishes:
        story.step(*wish)
    story.end()


def story_settings(share: float = 1.0) -> settings:
    return settings(max_examples=max(1, int(EXAMPLES * share)), derandomize=True, deadline=None, database=None)


@story_settings()
@given(wishes=steps((*REPORTS, *MERGES, "merge", "split", *HANDLING, *QUEUE), 40))
def test_whatever_people_do_nothing_is_lost_doubled_led_by_two_or_left_to_nobody(wishes: list[Step]) -> None:
    story = Story(sample_pack())
    story.step("new", 0, 1)
    told(story, wishes)


@story_settings(2)
@given(founded=st.integers(0, 6), wishes=steps((*HANDLING, "sign", "assign", "join"), 60))
def test_one_problem_is_handled_by_the_laws_whatever_its_people_do(founded: int, wishes: list[Step]) -> None:
    """No merge takes it away: every step is about the same one."""
    story = Story(sample_pack())
    story.step("new", 0, founded + 7)
    told(story, [(wish, a if wish in ("whistle", "minutes") else 0, b) for wish, a, b in wishes])


@story_settings()
@given(wishes=steps((*MERGES, "merge", "erase", "again", "assign", "join", *["deliver"] * 6, "redeliver", "wait"), 12))
def test_merges_splits_and_their_undo_in_any_order_leave_every_report_in_one_place(wishes: list[Step]) -> None:
    story = Story(sample_pack())
    for number in range(4):
        story.step("new", 0, 1 + number % 3)
        story.step("join", number, 0)
    told(story, wishes)


@story_settings()
@given(wishes=steps((*MERGES, "merge", "unmerge", *HANDLING, *["deliver"] * 12), 12))
def test_two_handled_problems_that_merge_and_part_keep_their_leads_and_clocks_by_the_laws(wishes: list[Step]) -> None:
    story = Story(sample_pack())
    for number in (1, 0, 2):
        story.step("new", 0, number)
    told(story, wishes)


@pytest.mark.parametrize("role", [Role.CLERK, Role.SYSTEM])
def test_the_world_itself_notices_a_report_in_two_places(world: World, role: Role) -> None:
    """Control: the check above must be able to fail."""
    first, second = world.founded("r1"), world.founded("r2")
    world.at(second).members.append(world.at(first).members[0])
    with pytest.raises(AssertionError, match="r1 is held by"):
        world.check_settled()
