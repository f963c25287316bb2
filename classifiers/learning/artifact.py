"""A model as a folder: `card.json` says what it is and which files belong to it, the rest are skops files.

Skops builds only objects of types that are named as trusted and runs no code from a file, unlike pickle. Every part is a file
named after its contents; the card is written last and moved into place, which is one step for every reader and for a crash. So
a folder holds the old model or the new one, whole, and a process that has loaded it never notices. Files of the old model
go afterwards; nothing else in the folder is touched.
"""

import hashlib
import json
import os
import re
import tempfile
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from io import BufferedRandom
from pathlib import Path
from typing import Any, Final

from classifiers.learning.rows import Row, Task, fingerprint
from language.tokenise import TOKENIZER_NAME
from language.tokenise import fingerprint as tokenizer_fingerprint
from schemas.errors import ContractError

CARD: Final = "card.json"
FORMAT: Final = "wentichi-model-1"
"""Raised when an older program could not read what a newer one writes."""

TRUSTED: Final = frozenset({
    "classifiers.learning.calibration.Calibration",
    "scipy.sparse._csc.csc_array",
    "scipy.sparse._csc.csc_matrix",
    "scipy.sparse._csr.csr_array",
    "scipy.sparse._csr.csr_matrix",
})  # fmt: skip
"""What a part may hold beside skops' own list (plain values, numpy arrays, sparse matrices, scikit-learn's estimators).
A class of this project that is saved is named here, one by one: a prefix would trust everything a module imports too."""

_PART: Final = re.compile(r"[a-z][a-z0-9_]*-[0-9a-f]{16}\.skops")
_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class Card:
    """What stands in every model (law 10).

    kind: which class reads the parts; created: ISO 8601, UTC; program: this application's version; data: `rows.fingerprint` of
    what it was fitted on, rows of it; labels: with how many rows each; metrics, promises: figures on held-out rows,
    plain JSON; settings: what the model needs to know again, plain JSON.
    """

    task: Task
    kind: str
    created: str
    program: str
    data: str
    rows: int
    tokenizer: str
    tokenizer_fingerprint: str
    labels: Mapping[str, int]
    metrics: Mapping[str, Any] = field(default_factory=dict)
    promises: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)


def card_of(task: Task, kind: str, rows: Sequence[Row], **figures: Mapping[str, Any]) -> Card:
    """The card of a model fitted now on these rows; figures: metrics, promises, settings."""
    counts = Counter(row.label for row in rows if row.label is not None)
    return Card(
        task=task,
        kind=kind,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        program=version("wentichi-app"),
        data=fingerprint(rows),
        rows=len(rows),
        tokenizer=TOKENIZER_NAME,
        tokenizer_fingerprint=tokenizer_fingerprint(),
        labels=dict(sorted(counts.items())),
        **figures,
    )


def save(folder: Path, card: Card, parts: Mapping[str, object]) -> None:
    """Write a model, in place of the one that may be there.

    parts: by name ([a-z0-9_]), plain values, numpy arrays, scipy matrices, fitted scikit-learn estimators, `TRUSTED` classes.
    Many words belong into one numpy array of text: a list costs skops some 300 bytes each.
    Raises ContractError when the folder cannot be one, TypeError for a part that `load` would refuse.
    """
    if folder.exists() and not folder.is_dir():
        raise ContractError("--model", f"{folder} 是文件,不是文件夹", "请换一个路径")
    folder.mkdir(parents=True, exist_ok=True)
    files = {name: _write_part(folder, name, value) for name, value in parts.items()}
    _write_card(folder, {"format": FORMAT, **asdict(card), "files": files})
    kept = {one["file"] for one in files.values()}
    for file in folder.glob("*.skops"):
        if _PART.fullmatch(file.name) and file.name not in kept:
            file.unlink(missing_ok=True)


def load(folder: Path, task: Task | None = None) -> tuple[Card, dict[str, Any]]:
    """The card and the parts of a folder. Raises ContractError where it is no model, damaged, of another task or program, or
    holds a type that is not trusted."""
    card, files = _read(folder, task)
    try:
        return card, {name: _load_part(folder, one) for name, one in files.items()}
    except FileNotFoundError:  # replaced while it was read: the new card names other files
        again, newer = _read(folder, task)
        if newer == files:
            raise _damaged(folder, "缺少文件") from None
        return again, {name: _load_part(folder, one) for name, one in newer.items()}


def read_card(folder: Path, task: Task | None = None) -> Card:
    """The card alone, checked in the same way; quick."""
    return _read(folder, task)[0]


def _write_part(folder: Path, name: str, value: object) -> dict[str, str]:
    from skops.io import dump, get_untrusted_types  # noqa: PLC0415 - imports all of scikit-learn

    if not _NAME.fullmatch(name):
        raise ValueError(f"not the name of a part: {name}")
    with _beside(folder) as (file, beside):
        dump(value, file)
        file.seek(0)
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        foreign = set(get_untrusted_types(file=beside)) - TRUSTED
        if foreign:
            raise TypeError(f"part {name} holds types that could not be loaded again: {sorted(foreign)}")
        _put(file, beside, folder / f"{name}-{digest[:16]}.skops")
    return {"file": f"{name}-{digest[:16]}.skops", "sha256": digest}


def _write_card(folder: Path, document: Mapping[str, Any]) -> None:
    with _beside(folder) as (file, beside):
        file.write(json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False).encode())
        _put(file, beside, folder / CARD)


@contextmanager
def _beside(folder: Path) -> Iterator[tuple[BufferedRandom, Path]]:
    """A new file in the folder, gone at the end unless it was moved."""
    handle, name = tempfile.mkstemp(dir=folder, prefix=".new-")
    try:
        with os.fdopen(handle, "w+b") as file:
            yield file, Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


def _put(file: BufferedRandom, beside: Path, place: Path) -> None:
    """On the disk first, in its place then."""
    file.flush()
    os.fsync(file.fileno())
    beside.chmod(0o644)  # temporary files are their owner's alone
    beside.replace(place)


def _read(folder: Path, task: Task | None) -> tuple[Card, dict[str, dict[str, str]]]:
    if not folder.is_dir():
        raise ContractError("--model", f"没有文件夹 {folder}", "请检查路径,或先用 wentichi train 训练")
    try:
        document = json.loads((folder / CARD).read_bytes())
        shape = document.pop("format")
        files = document.pop("files")
    except FileNotFoundError as error:
        raise ContractError("--model", f"{folder} 不是模型文件夹(没有 {CARD})", "请检查路径,或重新训练") from error
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError) as error:
        raise _damaged(folder, f"{CARD} 读不懂") from error
    if shape != FORMAT:
        raise ContractError("--model", f"{folder} 的格式是 {str(shape)[:40]},本程序只认 {FORMAT}", "请用本版本重新训练")
    return _card(folder, document, task), _files(folder, files)


def _card(folder: Path, document: dict[str, Any], task: Task | None) -> Card:
    try:
        card = Card(**{**document, "task": Task(document["task"])})
        sound = isinstance(card.kind, str) and all(isinstance(count, int) for count in card.labels.values())
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise _damaged(folder, f"{CARD} 缺少内容") from error
    if not sound:
        raise _damaged(folder, f"{CARD} 内容不对")
    if task is not None and card.task is not task:
        raise ContractError("--model", f"{folder} 是 {card.task} 的模型,这里要 {task} 的", "请换成相应的模型文件夹")
    if (card.tokenizer, card.tokenizer_fingerprint) != (TOKENIZER_NAME, tokenizer_fingerprint()):
        raise ContractError("--model", f"{folder} 训练时的分词与本程序不同", "请用本版本重新训练")
    return card


def _files(folder: Path, files: Any) -> dict[str, dict[str, str]]:
    """Names are checked: a card from elsewhere must not point out of its folder."""
    if not isinstance(files, dict) or not all(
        isinstance(one, dict) and one.keys() == {"file", "sha256"} and _PART.fullmatch(str(one["file"])) for one in files.values()
    ):
        raise _damaged(folder, f"{CARD} 的文件清单不对")
    return files


def _load_part(folder: Path, one: Mapping[str, str]) -> Any:
    from sklearn.exceptions import InconsistentVersionWarning  # noqa: PLC0415 - as below
    from skops.io import get_untrusted_types, load  # noqa: PLC0415 - imports all of scikit-learn

    path = folder / one["file"]
    with path.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != one["sha256"]:
            raise _damaged(folder, f"{path.name} 与 {CARD} 里的校验值不符")
    try:
        foreign = sorted(set(get_untrusted_types(file=path)) - TRUSTED)
    except FileNotFoundError:
        raise
    except Exception as error:  # skops raises what it stumbles over: archive, JSON, names, versions
        raise _damaged(folder, f"{path.name} 读不懂") from error
    if foreign:
        rule = f"{folder} 的 {path.name} 含有不受信任的类型 {'、'.join(foreign[:3])}"
        raise ContractError("--model", rule, "来历不明的模型不要使用,请重新训练")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", InconsistentVersionWarning)
            return load(path, trusted=sorted(TRUSTED))
    except InconsistentVersionWarning as error:
        rule = f"{folder} 由 scikit-learn {error.original_sklearn_version} 训练,现在是 {error.current_sklearn_version}"
        raise ContractError("--model", rule, "请用现在的版本重新训练") from error
    except FileNotFoundError:
        raise
    except Exception as error:  # as above
        raise _damaged(folder, f"{path.name} 读不懂") from error


def _damaged(folder: Path, what: str) -> ContractError:
    return ContractError("--model", f"模型 {folder} 已损坏:{what}", "请重新训练,或从备份取回整个文件夹")
