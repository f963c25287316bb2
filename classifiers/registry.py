"""Which trained models decide: every version kept in a folder, the standing one of each task, and who changed it when.

    <folder>/<task>/<version>/   a model as `artifact.save` wrote it, never changed
    <folder>/current.json        what stands, and for each task what stood before; replaced in one step
    <folder>/history.jsonl       one line per event, only ever appended

Everything that changes holds a file lock. `current.json` is the truth: it carries its own last event, so that a crash between the
two files leaves either the old standing or the new one with its line still to be written, which the next change does.
"""

import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import orjson

from classifiers.learning.artifact import CARD, read_card
from classifiers.learning.rows import Task
from classifiers.registry_files import (
    check_parts,
    copy_model,
    created_of,
    is_readable,
    lock,
    to_disk,
    torn,
    version_of,
    write_whole,
)
from schemas.errors import ContractError

__all__ = ["CHECKED_SHARE", "REFERENCE", "Change", "Event", "Registry", "Standing", "models_folder", "version_of"]

FORMAT: Final = "wentichi-standing-1"
CURRENT: Final = "current.json"
HISTORY: Final = "history.jsonl"
REFERENCE: Final = "reference.json"
"""In a version's folder: what `learning.drift` compares later weeks with."""
CHECKED_SHARE: Final = 0.02
"""Of 1,000 accepted reports a week 20 are checked: 149 decisions, which can prove .98, come together in eight weeks."""

_LOCK: Final = ".lock"
_VERSION: Final = re.compile(r"[0-9a-f]{12}")


class Change(StrEnum):
    PROMOTED = "promoted"
    REFUSED = "refused"
    ROLLED_BACK = "rolled_back"


@dataclass(frozen=True)
class Standing:
    """A model that decides. promise: accuracy at which it may decide without a person; checked_share: share of the reports that
    a person decides all the same; promoted: ISO 8601, UTC; figures: what it was promoted on, plain JSON."""

    task: Task
    version: str
    folder: Path
    promise: float
    checked_share: float
    promoted: str
    by: str
    figures: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Event:
    """before: the version that stood until then, version: the one that was promoted, refused, or is back; "" = the cold start."""

    at: str
    change: Change
    task: Task
    version: str
    before: str
    by: str
    figures: Mapping[str, Any] = field(default_factory=dict)


def models_folder(pool: Path) -> Path:
    """WENTICHI_MODELS, else `models` in the pool's folder."""
    return Path(os.environ.get("WENTICHI_MODELS") or pool / "models")


class Registry:
    """The folder need not be there: nothing stands then. Any number of processes may read and change it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def standing(self) -> dict[Task, Standing]:
        """What decides now; a task without a model is absent, its cold start decides.

        Raises ContractError where `current.json` is damaged or names a version that is gone.
        """
        found = {task: stack[-1] for task, stack in self._read()[0].items() if stack}
        for one in found.values():
            if not one.folder.is_dir():
                raise ContractError("models", f"现行的 {one.task} 模型 {one.version} 不见了({one.folder})", _remedy(one.task))
        return found

    def stamp(self) -> int | None:
        """Another number after every change, None where nothing ever stood. One call of stat."""
        try:
            found = (self.folder / CURRENT).stat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        return found.st_mtime_ns << 64 | found.st_ino

    def folder_of(self, task: Task, version: str) -> Path:
        """Where a version is. Raises ContractError for one that is not kept here."""
        place = self.folder / task.value / version
        if not _VERSION.fullmatch(version) or not (place / CARD).is_file():
            rule = f"没有 {task} 模型的版本 {version[:40]}"
            raise ContractError("models", rule, "请用 wentichi models list 查看有哪些版本")
        return place

    def versions(self, task: Task) -> list[str]:
        """Every version kept, the newest first; what cannot be read stands last."""
        places = [place for place in (self.folder / task.value).glob("*") if _VERSION.fullmatch(place.name)]
        return [place.name for place in sorted(places, key=lambda place: (created_of(place), place.name), reverse=True)]

    def history(self) -> list[Event]:
        """The oldest first. Raises ContractError where a line is damaged; a torn last one never counted."""
        events = self._told()
        last = self._read()[1]
        return events if last is None or last in events else [*events, last]

    def add(self, folder: Path, task: Task) -> str:
        """Keep a copy of the model; the version it is known by. Again is no error.

        Raises ContractError where the folder holds no whole model of the task.
        """
        with self._changing():
            version = version_of(folder, task)
            place = self.folder / task.value / version
            if not place.is_dir():
                place.parent.mkdir(exist_ok=True)
                beside = Path(tempfile.mkdtemp(dir=place.parent, prefix=".new-"))
                try:
                    copy_model(folder, beside)
                    if version_of(beside, task) != version:
                        raise torn(folder)
                    check_parts(beside, folder)
                    beside.rename(place)
                    to_disk(place.parent)
                finally:
                    shutil.rmtree(beside, ignore_errors=True)
            else:
                check_parts(place, place)
            return version

    def keep_reference(self, task: Task, version: str, reference: Mapping[str, Any]) -> Path:
        """Write `reference.json` into the version's folder, in place of what may be there."""
        with self._changing():
            path = self.folder_of(task, version) / REFERENCE
            write_whole(path, orjson.dumps(reference))
            return path

    def promote(
        self,
        task: Task,
        version: str,
        promise: float,
        checked_share: float = CHECKED_SHARE,
        by: str = "",
        figures: Mapping[str, Any] | None = None,
        *,
        champion: str | None = None,
    ) -> Standing:
        """From now on this version decides. champion: the version it was compared with, "" for the cold start, None for any.

        Raises ContractError for an unknown version, a promise or a share that is none, and where another than the champion
        stands by now: the comparison says nothing about that one.
        """
        _check_numbers(promise, checked_share)
        with self._changing() as stacks:
            folder = self.folder_of(task, version)
            read_card(folder, task)
            before = _top(stacks, task)
            if champion is not None and champion != before:
                rule = f"比较期间,现行的 {task} 模型已换成 {before or '冷启动'}"
                raise ContractError("models", rule, "请重新运行 wentichi models promote,与现在的模型比较")
            chosen = Standing(task, version, folder, promise, checked_share, _now(), by, dict(figures or {}))
            stacks[task] = [*stacks.get(task, []), chosen]
            self._write(stacks, Event(chosen.promoted, Change.PROMOTED, task, version, before, by, chosen.figures))
            return chosen

    def roll_back(self, task: Task, by: str = "") -> Standing | None:
        """What stood before stands again; None: the cold start decides. Versions that are gone or damaged are passed over.

        Raises ContractError where nothing stands.
        """
        with self._changing() as stacks:
            before = _top(stacks, task)
            if not before:
                raise ContractError("models", f"没有现行的 {task} 模型,无可退回", "本来就由冷启动判断,什么都不用做")
            left = stacks[task][:-1]
            while left and not is_readable(left[-1].folder, task):
                left.pop()
            stacks[task] = left
            event = Event(_now(), Change.ROLLED_BACK, task, _top(stacks, task), before, by)
            self._write(stacks, event)
            return left[-1] if left else None

    def refused(self, task: Task, version: str, by: str = "", figures: Mapping[str, Any] | None = None) -> Event:
        """Note in the history that a version was compared and not promoted. It need not be kept here."""
        with self._changing() as stacks:
            event = Event(_now(), Change.REFUSED, task, version, _top(stacks, task), by, dict(figures or {}))
            self._append(event)
            return event

    @contextmanager
    def _changing(self) -> Iterator[dict[Task, list[Standing]]]:
        """Holds the lock; gives what stands, the last of each list, with all that stood before."""
        self.folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            lock(descriptor, self.folder)
            stacks, last = self._read()
            if last is not None and last not in self._told():
                self._append(last)
            yield stacks
        finally:
            os.close(descriptor)

    def _read(self) -> tuple[dict[Task, list[Standing]], Event | None]:
        path = self.folder / CURRENT
        try:
            document = json.loads(path.read_bytes())
            if document["format"] != FORMAT:
                raise ContractError("models", f"{path} 的格式是 {str(document['format'])[:40]},本程序只认 {FORMAT}", _RESTORE)
            stacks = {Task(name): self._stack(Task(name), one) for name, one in document["standing"].items()}
            return stacks, _event(document["last"])
        except (FileNotFoundError, NotADirectoryError):
            return {}, None
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise ContractError("models", f"{path} 已损坏", _RESTORE) from error

    def _stack(self, task: Task, found: Mapping[str, Any]) -> list[Standing]:
        return [self._standing(task, one) for one in [*found["earlier"], {**found, "earlier": None}]]

    def _standing(self, task: Task, found: Mapping[str, Any]) -> Standing:
        one = {name: value for name, value in found.items() if name != "earlier"}
        version = str(one["version"])
        if not _VERSION.fullmatch(version):
            raise ValueError(version)
        standing = Standing(task=task, folder=self.folder / task.value / version, **one)
        if not (0 < standing.promise < 1 and 0 <= standing.checked_share <= 1):
            raise ValueError(version)
        return standing

    def _write(self, stacks: Mapping[Task, list[Standing]], event: Event) -> None:
        standing = {
            task.value: {**_plain(stack[-1]), "earlier": [_plain(one) for one in stack[:-1]]}
            for task, stack in stacks.items()
            if stack
        }
        document = {"format": FORMAT, "standing": standing, "last": asdict(event)}
        write_whole(self.folder / CURRENT, json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False).encode())
        self._append(event)

    def _told(self) -> list[Event]:
        path = self.folder / HISTORY
        try:
            whole = path.read_bytes().rpartition(b"\n")[0]
            return [_event(json.loads(line)) for line in whole.split(b"\n") if line]
        except (FileNotFoundError, NotADirectoryError):
            return []
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise ContractError("models", f"{path} 有一行读不懂", "请从备份取回,或删去那一行") from error

    def _append(self, event: Event) -> None:
        line = json.dumps(asdict(event), ensure_ascii=False, allow_nan=False).encode() + b"\n"
        with (self.folder / HISTORY).open("a+b") as file:
            file.seek(0)
            file.truncate(file.read().rfind(b"\n") + 1)  # what a crash tore off
            file.write(line)
            file.flush()
            os.fsync(file.fileno())


_RESTORE: Final = "请从备份取回;没有备份时删去它,就由冷启动判断,再用 wentichi models promote 重新上线"



def _remedy(task: Task) -> str:
    return f"请从备份取回,或用 wentichi models roll-back {task} 退回前一个"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _top(stacks: Mapping[Task, list[Standing]], task: Task) -> str:
    stack = stacks.get(task)
    return stack[-1].version if stack else ""


def _plain(one: Standing) -> dict[str, Any]:
    return {name: value for name, value in asdict(replace(one, folder=Path())).items() if name not in {"task", "folder"}}


def _event(found: Any) -> Event:
    if not isinstance(found, dict) or found.keys() != Event.__dataclass_fields__.keys():
        raise ValueError("not an event")
    return Event(**{**found, "change": Change(found["change"]), "task": Task(found["task"])})


def _check_numbers(promise: float, checked_share: float) -> None:
    if not 0 < promise < 1:
        raise ContractError("--promise", "须大于 0、小于 1", "例如 0.98;没有模型能承诺百分之百")
    if not 0 <= checked_share <= 1:
        raise ContractError("--check-share", "须在 0 与 1 之间", "例如 0.02,即每百件有两件总由人决定,用来看准确率")
