"""`checks.jsonl` in the folder of models: one line for each drift check, only ever appended. Who watches reads the last one."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from classifiers.learning.rows import Task

FILE: Final = "checks.jsonl"
TAIL: Final = 256 << 10
"""Bytes from the end that are read: more than 50 checks."""


@dataclass(frozen=True, slots=True)
class LastCheck:
    """When a version was last checked, and whether that alarmed."""

    at: datetime
    alert: bool


def note(folder: Path, at: datetime, task: Task, version: str, found: Mapping[str, Any]) -> None:
    """Append a check; found: its figures, `alert` (bool) among them. Durable on return."""
    line = json.dumps({"at": at.isoformat(), "task": task.value, "version": version, **found}, ensure_ascii=False)
    with (folder / FILE).open("a+b") as file:
        end = file.seek(0, os.SEEK_END)
        file.seek(max(0, end - 1))
        torn = file.read() not in (b"", b"\n")  # by a crash: what is left of that line must not swallow this one
        file.write(b"\n" * torn + line.encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())


def last_check(folder: Path, task: Task, version: str) -> LastCheck | None:
    """None where this version was never checked. A line that cannot be read (torn by a crash) counts as none."""
    try:
        with (folder / FILE).open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - TAIL))
            lines = file.read().split(b"\n")
    except (FileNotFoundError, NotADirectoryError):
        return None
    for line in reversed(lines):
        try:
            value = json.loads(line)
            if (value["task"], value["version"]) == (task.value, version):
                return LastCheck(datetime.fromisoformat(value["at"]), bool(value["alert"]))
        except (ValueError, TypeError, KeyError):
            continue
    return None
