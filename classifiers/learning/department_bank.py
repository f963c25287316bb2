"""The linear models of all views, their weights side by side, so that an order's columns are read once for several of them."""

from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from classifiers.learning.department_features import (
    PATH_VIEWS,
    READS_TEXT,
    TEXT_VIEWS,
    WEIGHTS,
    Blocks,
    OrderFeatures,
    View,
    scale,
)
from classifiers.learning.department_linear import KEPT, Rounded
from classifiers.learning.department_signs import Sign

Floats = NDArray[np.floating[Any]]

_TOGETHER: Final = (TEXT_VIEWS, PATH_VIEWS[len(TEXT_VIEWS) :])
"""Views that are asked at the same time."""


@dataclass(frozen=True)
class Slab:
    """Of some neighbouring columns the weights (columns, views × labels), the length of the block multiplied in. first, last:
    columns of `Blocks.signs`, of `Blocks.text` where last is 0."""

    first: int
    last: int
    views: tuple[View, ...]
    weights: NDArray[np.float32]


@dataclass(frozen=True)
class Bank:
    """constants: (labels) of each view."""

    slabs: tuple[Slab, ...]
    constants: Mapping[View, NDArray[np.float32]]

    @classmethod
    def of(cls, features: OrderFeatures, weights: MutableMapping[View, Rounded]) -> "Bank":
        """weights: of each view (columns of `of_view` + 1, labels); emptied, for two copies would be the most memory of all."""
        constants = {view: found[-1].astype(np.float32) for view, found in weights.items()}
        slabs: list[Slab] = []
        taken = dict.fromkeys(weights, 0)
        for together in _TOGETHER:
            asked = [view for view in together if view in weights]
            for first, last, some in _ranges(features, asked):
                width = last - first if last else len(features.text)
                side = [weights[view][taken[view] : taken[view] + width] for view in some]
                lengths = [_lengths(features, view, first, last) for view in some]
                slabs.append(Slab(first, last, some, _side_by_side(side, lengths)))
                taken |= {view: taken[view] + width for view in some}
            for view in asked:
                del weights[view]
        return cls(tuple(slabs), constants)

    def margins(self, blocks: Blocks, wanted: Sequence[View]) -> dict[View, Floats]:
        """(orders, labels) of each view."""
        labels = len(next(iter(self.constants.values())))
        found = {view: np.repeat(self.constants[view][None], blocks.text.shape[0], axis=0) for view in wanted}
        for slab in self.slabs:
            if not set(slab.views) & found.keys():
                continue
            matrix = blocks.signs[:, slab.first : slab.last] if slab.last else blocks.text
            product = matrix @ slab.weights
            for place, view in enumerate(slab.views):
                if view in found:
                    found[view] += product[:, place * labels : (place + 1) * labels]
        return found

    def weights(self, view: View, sign: Sign | None, features: OrderFeatures, label: int) -> NDArray[np.float32]:
        """(columns) of the sign, of the characters without one, for blocks of length 1."""
        labels = len(self.constants[view])
        wanted = features.signs.of(sign) if sign else slice(0, 0)
        for slab in self.slabs:
            inside = slab.first <= wanted.start and wanted.stop <= slab.last if sign else not slab.last
            if inside and view in slab.views:
                rows = slab.weights[wanted.start - slab.first : wanted.stop - slab.first] if sign else slab.weights
                return rows[:, slab.views.index(view) * labels + label]
        return np.zeros(wanted.stop - wanted.start if sign else len(features.text), np.float32)

    def state(self) -> dict[str, object]:
        """Plain values and arrays that `restored` takes."""
        slabs = [[slab.first, slab.last, [view.value for view in slab.views], slab.weights.astype(KEPT)] for slab in self.slabs]
        return {"slabs": slabs, "constants": {view.value: one for view, one in self.constants.items()}}

    @classmethod
    def restored(cls, state: Mapping[str, Any]) -> "Bank":
        slabs = tuple(
            Slab(first, last, tuple(View(view) for view in views), weights.astype(np.float32))
            for first, last, views, weights in state["slabs"]
        )
        return cls(slabs, {View(view): one for view, one in state["constants"].items()})


def _ranges(features: OrderFeatures, views: Sequence[View]) -> list[tuple[int, int, tuple[View, ...]]]:
    """Neighbouring columns that the same of these views see, (0, 0) for the characters."""
    readers = tuple(view for view in views if view in READS_TEXT)
    found: list[tuple[int, int, tuple[View, ...]]] = [(0, 0, readers)] if readers else []
    for sign in Sign:
        place = features.signs.of(sign)
        some = tuple(view for view in views if sign in WEIGHTS[view])
        if not some or place.start == place.stop:
            continue
        if found and found[-1][1] == place.start and found[-1][2] == some and found[-1][1]:
            found[-1] = (found[-1][0], place.stop, some)
        else:
            found.append((place.start, place.stop, some))
    return found


def _lengths(features: OrderFeatures, view: View, first: int, last: int) -> NDArray[np.float32]:
    """The length of the block in the view, for each of these columns of `Blocks.signs`; one for all of the characters."""
    if not last:
        return np.array([scale(view)], np.float32)
    found = np.zeros(last, np.float32)
    for sign, weight in WEIGHTS[view].items():
        found[features.signs.of(sign)] = weight * scale(view)
    return found[first:]


def _side_by_side(parts: Sequence[Rounded], lengths: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    """Each part times its lengths, rounded."""
    labels = parts[0].shape[1]
    found = np.zeros((len(parts[0]), len(parts) * labels), np.float32)
    for place, (part, length) in enumerate(zip(parts, lengths, strict=True)):
        found[:, place * labels : (place + 1) * labels] = (part * length[:, None]).astype(KEPT)
    return found
