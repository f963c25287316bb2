"""Which rows a model was trained on, as 9 bytes each: enough to leave them and their near copies out of a later test. No text.

72 bits of MinHash (Broder 1997; one bit of each minimum: Li and König 2010) over the shingles of `language.similar`. Two texts
agree in (1 + J) / 2 of the bits, J their Jaccard similarity. `FAR` bits may differ, which is J = .67: a copy with a few words
changed is found, and a foreign row is hardly ever taken for a copy by chance (figures: docs/models/evaluation.md).
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from classifiers.learning.artifact import read_card
from classifiers.learning.rows import Row
from language.similar import shingles
from schemas.errors import ContractError

BITS: Final = 72
FAR: Final = 12
READ: Final = 8000
"""Characters of a text that are looked at, as in `duplicates`."""

Seen = NDArray[np.uint8]
"""rows × 9."""


def remember(folder: Path, rows: Sequence[Row]) -> None:
    """Write the list beside the model that was just saved. It is named after the card's data, so that the list of another
    training is never taken for it."""
    path = seen_file(folder)
    beside = path.with_name(f".new-{path.name}")
    with beside.open("wb") as file:
        np.save(file, signatures(rows), allow_pickle=False)
    beside.replace(path)
    for old in folder.glob("seen-*.npy"):
        if old.name != path.name:
            old.unlink(missing_ok=True)


def seen_file(folder: Path) -> Path:
    """Where a model's list is. Raises ContractError where the folder is no model."""
    return folder / f"seen-{read_card(folder).data}.npy"


def read_seen(folder: Path) -> Seen:
    """Raises ContractError where the model has no list, or a damaged one."""
    path = seen_file(folder)
    again = "请用本版本重新训练:不知道训练用过哪些行,就无法在没见过的行上检验"
    try:
        found = np.load(path, allow_pickle=False)
    except FileNotFoundError as error:
        raise ContractError("--model", f"模型 {folder} 没有记下训练用过哪些行", again) from error
    except (ValueError, EOFError) as error:
        raise ContractError("--model", f"{path} 已损坏", again) from error
    if found.dtype != np.uint8 or found.ndim != 2 or found.shape[1] != BITS // 8:
        raise ContractError("--model", f"{path} 已损坏", again)
    return np.asarray(found, dtype=np.uint8)


def signatures(rows: Sequence[Row]) -> Seen:
    """One of each row. Texts without letters and digits have the same."""
    factors = np.random.default_rng(20260103).integers(1, 1 << 63, size=BITS, dtype=np.uint64) | np.uint64(1)
    bits = np.zeros((len(rows), BITS), dtype=np.bool_)
    for place, row in enumerate(rows):
        found = shingles(f"{row.title}\n{row.text}"[:READ]) or (0,)
        minima = ((_mixed(np.fromiter(found, np.uint64, len(found)))[:, None] * factors) >> np.uint64(32)).min(axis=0)
        bits[place] = minima & np.uint64(1)
    return np.packbits(bits, axis=1)


def are_seen(rows: Sequence[Row], groups: NDArray[np.intp], seen: Sequence[Seen]) -> NDArray[np.bool_]:
    """Whether each row, or a near copy of it, is in one of the lists. groups: `duplicates.near_groups` of the rows: with one of
    a group all of it was seen."""
    every = np.concatenate([np.zeros((0, BITS // 8), np.uint8), *seen])
    found = np.fromiter(_near(signatures(rows), every), np.bool_, len(rows))
    return np.isin(groups, groups[found])


def _near(wanted: Seen, seen: Seen) -> Iterator[bool]:
    most, last = _halves(seen)
    for one, rest in zip(*_halves(wanted), strict=True):
        apart = np.bitwise_count(most ^ one)
        close = np.flatnonzero(apart <= FAR)
        yield bool((apart[close] + np.bitwise_count(last[close] ^ rest) <= FAR).any())


def _halves(found: Seen) -> tuple[NDArray[np.uint64], Seen]:
    """The first 64 bits of each as one number, and the last 8."""
    return np.ascontiguousarray(found[:, :8]).view(np.uint64)[:, 0], found[:, 8]


def _mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """splitmix64's finisher: every bit of the input moves every bit of the output."""
    values = values + np.uint64(0x9E3779B97F4A7C15)
    values = (values ^ values >> np.uint64(30)) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ values >> np.uint64(27)) * np.uint64(0x94D049BB133111EB)
    return values ^ values >> np.uint64(31)
