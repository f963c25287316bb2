"""Why: what the rules and the models say of one report's text, told again from the text (law 2).

Findings travel unsealed and hold no word of the caller; so the words that weighed most are worked out when somebody who may read
the text asks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from city.pack import CityPack
from city.records import DutyItem, TerritorialPattern
from classifiers.learning.category import CategoryModel
from classifiers.learning.department import DepartmentModel
from classifiers.learning.promise import Promise
from classifiers.learning.rows import Row
from classifiers.pack_names import PackNames
from schemas.errors import ContractError
from schemas.findings import Place

SHOWN: Final = 3


@dataclass(frozen=True, slots=True)
class Said:
    """What a model says.

    answers: (label, code of the pack or None, probability), best first; threshold: from which `promise` holds (above 1: it cannot
    be proved); bound: the accuracy proved above it; coverage: share of the held-out rows accepted; words: with what they added to
    the answer's margin; past: (number, code or label, likeness 0..1) of the nearest orders of the training.
    """

    version: str
    answers: tuple[tuple[str, str | None, float], ...]
    accepted: bool
    promise: float
    threshold: float
    bound: float
    coverage: float
    words: tuple[tuple[str, float], ...]
    past: tuple[tuple[str, str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Item:
    """A duty item of the category.

    level: 0 for the category's own, 1 for its parent's …; lead: the unit at this place, None where the place does not say;
    pattern: what the list says of the lead.
    """

    item: DutyItem
    level: int
    lead: str | None
    pattern: str


@dataclass(frozen=True, slots=True)
class Explained:
    category: Said | None = None
    department: Said | None = None
    items: tuple[Item, ...] = field(default=())


def category_said(pack: CityPack, model: CategoryModel, version: str, promise: float, row: Row) -> Said:
    """By the model that a version names, at the promise by which it stood."""
    names = PackNames(pack)
    (answer,) = model.predict([row], promise=promise)
    found = tuple((label, names.category(label), share) for label, share in answer.top)
    try:
        words = tuple(model.explain(row, answer.label))
    except ContractError:  # a parent of several groups has no words of its own
        words = ()
    return Said(version, found, answer.accepted, promise, *_held(model.held_out.promise(promise)), words)


def department_said(
    pack: CityPack, model: DepartmentModel, version: str, promise: float, row: Row, fields: Mapping[str, str]
) -> Said:
    """fields: the category's path, as the classifier tells it."""
    names = PackNames(pack)
    asked = Row(row.title, row.text, None, fields)
    (answer,) = model.predict([asked], promise=promise)
    found = tuple((label, names.unit(label), share) for label, share in answer.top)
    why = model.evidence(asked, answer.label)
    past = tuple((near.id, names.unit(near.label) or near.label, near.likeness) for near in why.past)
    return Said(version, found, answer.accepted, promise, *_held(model.promise_for(asked, promise)), why.words, past)


def duty_items(pack: CityPack, category: str, place: Place) -> tuple[Item, ...]:
    """The duty items that speak of the category, its own first, each with its lead at the place."""
    levels = [category, *(above.code for above in pack.ancestors(category))]
    found = []
    for item in pack.duty_items_for(category):
        level = min(levels.index(code) for code in item.categories if code in levels)
        territorial = TerritorialPattern.parse(item.lead)
        lead = pack.resolve(item.lead, place.area)
        found.append(Item(item, level, lead.code if lead else None, territorial.shown if territorial else ""))
    return tuple(found)


def path_fields(pack: CityPack, code: str | None) -> dict[str, str]:
    """l1, l2, … as names, of a category of the pack; none of None."""
    if code is None or code not in pack.categories:
        return {}
    return {f"l{level}": name for level, name in enumerate(PackNames(pack).path(code).split("/"), 1)}


def _held(promise: Promise) -> tuple[float, float, float]:
    return promise.threshold, promise.bound, promise.coverage


def as_json(said: Said) -> dict[str, Any]:
    return {
        "version": said.version,
        "answers": [{"label": label, "code": code, "probability": round(share, 4)} for label, code, share in said.answers],
        "accepted": said.accepted,
        "promise": said.promise,
        "threshold": round(said.threshold, 4) if said.threshold <= 1 else None,
        "proved_accuracy": round(said.bound, 4),
        "coverage": round(said.coverage, 4),
        "words": [{"word": word, "weight": round(worth, 3)} for word, worth in said.words],
        "past_orders": [{"id": name, "unit": unit, "likeness": round(like, 3)} for name, unit, like in said.past],
    }


def versions_in(models: Sequence[str]) -> dict[str, str]:
    """Task -> version, from `Findings.model` such as category/1a2b+department/3c4d+pack-rules/2026.1."""
    parts = (part.partition("/") for model in models for part in model.split("+"))
    return {task: version for task, _, version in parts if task in ("category", "department") and version}
