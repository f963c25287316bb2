"""The table of environment variables in docs/servers.md says what the code reads, and nothing else is spoken of anywhere."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.server import PORTS
from streams.kafka.settings import poll_seconds, session_seconds
from streams.operations.logs import Level

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "servers.md"
NAME = re.compile(r"WENTICHI_[A-Z][A-Z_]*[A-Z]")
ROW = re.compile(r"^\| `(WENTICHI_[A-Z_]+)` \| (.+) \| (.+) \|$", re.MULTILINE)
PROGRAMS = ("schemas", "language", "city", "intake", "classifiers", "grouping", "casework", "pool", "streams", "api", "console")
FOR_TESTS = "WENTICHI_TEST_"
ROWS = {name: default for name, _, default in ROW.findall(PAGE.read_text(encoding="utf-8"))}


def written(*folders: str, suffixes: tuple[str, ...] = (".py",)) -> Iterator[tuple[Path, str]]:
    for folder in folders:
        for file in sorted((ROOT / folder).rglob("*")):
            if file.is_file() and file != Path(__file__) and (file.suffix in suffixes or file.name == "entrypoint"):
                yield file, file.read_text(encoding="utf-8")


def read_names(*folders: str) -> set[str]:
    """Names that stand alone as a text in code, as a variable's name does where it is read; not those inside sentences."""
    found = set()
    for file, text in written(*folders):
        for node in ast.walk(ast.parse(text)) if file.suffix == ".py" else ():
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and NAME.fullmatch(node.value):
                found.add(node.value)
    return found


def test_the_table_names_what_the_code_reads() -> None:
    names = read_names(*PROGRAMS, "wentichi", "deploy")
    names |= {name for name in read_names("tests") if name.startswith(FOR_TESTS)}
    assert len(names) > 30
    assert set(ROWS) == names
    assert len(ROWS) == len(ROW.findall(PAGE.read_text(encoding="utf-8"))), "a name stands there twice"


def test_no_page_no_sentence_and_no_setting_speaks_of_another() -> None:
    suffixes = (".py", ".md", ".yaml", ".service")
    files = [*written(*PROGRAMS, "wentichi", "deploy", "docs", "tests", suffixes=suffixes)]
    files += [(ROOT / name, (ROOT / name).read_text(encoding="utf-8")) for name in ("README.md", "README.zh-CN.md", "Makefile")]
    unknown = {(str(file.relative_to(ROOT)), name) for file, text in files for name in NAME.findall(text) if name not in ROWS}
    assert unknown == set()


def test_the_defaults_are_the_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ROWS:
        monkeypatch.delenv(name, raising=False)
    assert float(ROWS["WENTICHI_SESSION_SECONDS"]) == session_seconds()
    assert float(ROWS["WENTICHI_POLL_SECONDS"]) == poll_seconds()
    assert ROWS["WENTICHI_LOG"] == f"`{Level.INFO}`"
    assert ROWS["WENTICHI_PORTS"] == f"`{PORTS}`"
