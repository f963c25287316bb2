"""docs/figures.md shows every measure as it is computed."""

from pathlib import Path

from city.handling import USUAL_HANDLING
from pool.formulas import formulas
from pool.measures import Measure

PAGE = Path(__file__).parents[2] / "docs" / "figures.md"


def row(measure: Measure) -> str:
    one = formulas(USUAL_HANDLING)[measure]
    words = {"first_dispatch": "first dispatched", "settled": "closed or overdue", "overdue_at": "overdue"}
    when = words.get(one.anchor, one.anchor)
    return f"| `{measure}` | {one.name} | {one.unit} | {one.words} | {when} | {'yes' if one.scored else 'no'} | {one.source} |"


def test_every_measure_has_a_formula_and_stands_in_the_table_as_it_is():
    assert list(formulas(USUAL_HANDLING)) == list(Measure)
    page = PAGE.read_text(encoding="utf-8").splitlines()
    assert [line for line in page if line.startswith("| `")] == [row(measure) for measure in Measure]
