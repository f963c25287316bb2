"""Wrong arguments of every command: one clear sentence, never a crash or a hang."""

import shutil
from pathlib import Path

import pytest

from faults.clear import fault
from faults.rows import HOSTILE
from faults.whole import opened, problems_of

NOWHERE = "p003-" + "0" * 24
BAD_ARGUMENTS: list[tuple[str, ...]] = [
    ("dance",),
    ("push",),
    ("push", "/nowhere/file", "--channel", "message"),
    ("push", "x"),
    ("push", "/etc/hostname", "--channel", "moon"),
    ("push", "/", "--channel", "message"),
    ("push", "/etc/hostname", "--channel", "message", "--nope"),
    ("push", "a" * 5000, "--channel", "message"),
    ("push", HOSTILE.replace("\x00", ""), "--channel", "message"),
    ("show",),
    ("show", "nothing"),
    ("show", ""),
    ("show", HOSTILE),
    ("show", "x" * 100_000),
    ("show", NOWHERE),
    ("show", NOWHERE, "--contact"),
    ("show", NOWHERE, "--as-unit", "nobody"),
    ("search", "x", "--limit", "0"),
    ("search", "x", "--limit", "99999"),
    ("search", "x", "--limit", "many"),
    ("search", "x", "--state", "lost"),
    ("search", "x", "--channel", "moon"),
    ("search", "x", "--category", "nothing"),
    ("search", "x", "--unit", "nobody"),
    ("search", "x", "--area", "nowhere"),
    ("search", "x", "--since", "soon"),
    ("search", "x", "--until", "2025-13-40"),
    ("search", "x", "--near", "1,2"),
    ("search", "x", "--near", "a,b,c"),
    ("search", "x", "--near", "nan,nan,nan"),
    ("search", "x", "--near", "999,999,1"),
    ("search", "x", "--near", "1,2,-5"),
    ("search", "x", "--box", "1,2,3"),
    ("search", "x", "--box", "9,9,1,1"),
    ("search", "x", "--cursor", "garbage"),
    ("search", "x", "--cursor", "e30="),
    ("search", "x", "--sort", "luck"),
    ("search", "x", "--facets", "colour"),
    ("search", "x", "--histogram", "hour"),
    ("search", "x", "--as-unit", "nobody"),
    ("stats", "--as-unit", "nobody"),
    ("stats", "extra"),
    ("assign",),
    ("assign", NOWHERE),
    ("assign", NOWHERE, "--lead", "c-shuiwu"),
    ("assign", "nothing", "--lead", "nobody"),
    ("close", NOWHERE),
    ("close", "nothing"),
    ("merge", NOWHERE),
    ("merge", NOWHERE, "--into", NOWHERE),
    ("unmerge", NOWHERE),
    ("split", NOWHERE),
    ("split", NOWHERE, "--report", "x"),
    ("unsplit", "nothing"),
    ("subscribe",),
    ("subscribe", "--unit", "nobody"),
    ("subscribe", "--unit", HOSTILE),
    ("progress",),
    ("progress", NOWHERE, "sign"),
    ("progress", NOWHERE, "dance", "--unit", "c-shuiwu"),
    ("progress", NOWHERE, "reply", "--unit", "c-shuiwu"),
    ("progress", "nothing", "sign", "--unit", "c-shuiwu"),
    ("progress", NOWHERE, "sign", "--unit", "nobody"),
    ("progress", NOWHERE, "sign", "--unit", "c-shuiwu", "--id", "x" * 500),
    ("progress", NOWHERE, "reply", "--unit", "c-shuiwu", "--text", "x" * 30_000),
    ("progress", NOWHERE, "sign", "--unit", "c-shuiwu", "--by", "x" * 500),
    ("dead-letters", "show", "nothing"),
    ("dead-letters", "show", HOSTILE),
    ("dead-letters", "replay"),
    ("dead-letters", "replay", "nothing"),
    ("dead-letters", "list", "--limit", "0"),
    ("dead-letters", "dance"),
    ("erase",),
    ("erase", "nothing"),
    ("erase", "nothing", "--yes"),
    ("erase", HOSTILE, "--yes"),
    ("pool", "dance"),
    ("audit", "dance"),
    ("backup",),
    ("backup", "/proc/nowhere"),
    ("backup", "/etc"),
    ("restore",),
    ("restore", "/nowhere"),
    ("restore", "/etc"),
    ("pack", "check", "/nowhere"),
    ("run", "extra"),
]


@pytest.fixture(scope="module")
def lasting(worked_pool, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("lasting") / "pool"
    shutil.copytree(worked_pool, folder)
    return folder


def named(arguments: tuple[str, ...]) -> str:
    return " ".join(arguments)[:50].encode("ascii", "replace").decode()


@pytest.mark.parametrize("arguments", BAD_ARGUMENTS, ids=named)
def test_every_wrong_argument_is_one_clear_sentence(arguments, lasting, here):
    fault(here(*arguments, home=lasting))


@pytest.mark.parametrize(
    "changed",
    [("--by", ""), ("--by", "x" * 500), ("--note", "x"), ("--note", "nobody=x"), ("--with", "nobody"), ("--category", "nothing"),
     ("--duty-item", "none"), ("--lead", "nobody"), ("--lead", "")],
    ids=str,
)  # fmt: skip
def test_wrong_arguments_about_a_problem_that_exists(changed, lasting, here):
    with opened(lasting) as home:
        problem = next(p for p in problems_of(home).values() if p.assignments and p.slot == 3)
    fault(here("assign", problem.id, "--lead", "c-shuiwu", *changed, home=lasting))
    with opened(lasting) as home:
        assert problems_of(home)[problem.id].assignments == problem.assignments
