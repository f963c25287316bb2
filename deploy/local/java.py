"""Finds a Java on this machine by asking each one for its version."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from deploy.local.account import Account

KAFKA_NEEDS: Final = 17
ELASTICSEARCH_NEEDS: Final = 21
_VERSION: Final = re.compile(r'version "(\d+)')


@dataclass(frozen=True, slots=True)
class Java:
    """home: the folder above bin/java. version: the first number of it."""

    home: Path
    version: int

    @property
    def program(self) -> Path:
        return self.home / "bin" / "java"

    def has_module(self, name: str) -> bool:
        """Whether the run-time image holds a module; a slim one may lack jdk.incubator.vector."""
        listed = _said(self.program, "--list-modules")
        return any(line.split("@")[0] == name for line in listed.splitlines())


def find_java(at_least: int, account: Account) -> Java | None:
    """The first of ES_JAVA_HOME, JAVA_HOME, the search path and /usr/lib/jvm that is new enough and that the account may run."""
    seen: set[Path] = set()
    for home in _candidates():
        real = home.resolve()
        if real not in seen:
            seen.add(real)
            java = java_at(real, account)
            if java is not None and java.version >= at_least:
                return java
    return None


def java_at(home: Path, account: Account) -> Java | None:
    """The Java in this folder; None when there is none that runs."""
    program = home / "bin" / "java"
    if not account.can("-x", program):
        return None
    found = _VERSION.search(_said(program, "-version"))
    return Java(home, int(found[1])) if found else None


def _candidates() -> Iterator[Path]:
    for variable in ("ES_JAVA_HOME", "JAVA_HOME"):
        if os.environ.get(variable):
            yield Path(os.environ[variable])
    on_path = shutil.which("java")
    if on_path:
        yield Path(on_path).resolve().parents[1]
    yield from sorted(Path("/usr/lib/jvm").glob("*"))


def _said(program: Path, question: str) -> str:
    try:
        done = subprocess.run([str(program), question], capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout + done.stderr if done.returncode == 0 else ""
