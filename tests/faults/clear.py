"""What a clear answer to bad input is."""

import unicodedata

from faults.conftest import Said


def chinese(text: str) -> bool:
    return any("\u4e00" <= character <= "\u9fff" for character in text)


def quiet(text: str) -> bool:
    """Nothing that a terminal acts on, and nothing invisible that turns the reading order."""
    return not [c for c in text if unicodedata.category(c) in ("Cc", "Cf", "Cs") and c not in "\n\t"]


def fault(said: Said, *, lines: int = 1) -> str:
    """One clear sentence in Chinese on standard error, status 2, nothing on standard output."""
    assert said.status == 2, said
    assert "Traceback" not in said.err
    assert "程序出错" not in said.err, said.err
    assert said.err.startswith("错误:"), said.err
    assert len(said.err.splitlines()) <= lines, said.err
    assert chinese(said.err)
    assert quiet(said.err)
    assert len(said.err) < 1000
    return said.err
