"""Facts of problems in Elasticsearch: the object `facts` beside the state, in the same document and so in the same write.

What is "", 0, false or unknown is left out: most facts of a new problem are, and nothing that asks can tell the difference.
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from casework.facts import FIELDS, Facts, Keywords, facts
from city.pack import CityPack
from pool.conditions import MOMENTS
from schemas.problem import Problem


def source_of_facts(problem: Problem, pack: CityPack | None) -> dict[str, Any]:
    said = asdict(facts(problem, pack)).items()
    return {name: value for name, value in said if value or (name in MOMENTS and value is not None)}


def facts_of(source: Mapping[str, Any]) -> Facts:
    """The other way."""
    lists = {name: tuple(source[name]) for name, kind in FIELDS.items() if kind is Keywords and name in source}
    return Facts(**{**source, **lists})
