"""Reads the hand-written statements.

A file maps a head to a block of statements, one a line. Head: `CODE[/DUTY] KINDS`. DUTY: the one item of several for the category
that the statements clearly mean, `?` when even a person could not tell. `CODE+CODE`: two equal matters;
`vague` and `off_list` have no category. KINDS: letters of places the statements fit, see `places.KINDS`.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yaml

FOLDER: Final = Path(__file__).parent / "statements"
LONG: Final = 120
"""Characters from which a statement counts as long."""


@dataclass(frozen=True, slots=True)
class Statement:
    """category: None when no person could name one. also: that of a second, equal matter.

    duty: a duty item's code, "?" or "" (the category decides).
    """

    text: str
    category: str | None
    also: str | None
    duty: str
    kinds: str
    difficulty: str


def read_statements(part: str) -> tuple[list[Statement], list[Statement]]:
    """Statements of citizens and of grid workers, of the part `dev` or `held_out`."""
    spoken: list[Statement] = []
    grid: list[Statement] = []
    for path in sorted((FOLDER / part).glob("*.yaml")):
        blocks: dict[str, str] = yaml.safe_load(path.read_text("utf-8"))
        into = grid if path.stem == "grid" else spoken
        for head, block in blocks.items():
            into += [_statement(head, line.strip()) for line in block.splitlines() if line.strip()]
    return spoken, grid


def _statement(head: str, text: str) -> Statement:
    subject, _, kinds = head.partition(" ")
    if subject in ("vague", "off_list"):
        return Statement(text, None, None, "", kinds, subject)
    code, _, duty = subject.partition("/")
    first, _, second = code.partition("+")
    difficulty = "two_matters" if second else "long" if len(text) >= LONG else "plain"
    return Statement(text, first, second or None, duty, kinds, difficulty)
