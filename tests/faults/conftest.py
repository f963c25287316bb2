"""Pools and processes for the fault tests."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from streams.local.failpoints import VARIABLE

COMMAND = Path(sys.executable).with_name("wentichi")
Run = Callable[..., subprocess.CompletedProcess[str]]


def environment(folder: Path, **more: str) -> dict[str, str]:
    """What a process at this pool sees; nothing of the tester's own pool."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("WENTICHI_")}
    return kept | {"WENTICHI_HOME": str(folder)} | more


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "pool"


@pytest.fixture
def wentichi(folder: Path) -> Run:
    """Run the command in a process of its own. fail_at: `point:n`, where it kills itself."""

    def run(*arguments: object, fail_at: str = "", home: Path = folder, timeout: float = 120, **more: str):
        extra = more | ({VARIABLE: fail_at} if fail_at else {})
        return subprocess.run(
            [COMMAND, *map(str, arguments)],
            env=environment(home, **extra),
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout,
            check=False,
            stdin=subprocess.DEVNULL,
        )

    return run
