"""Other cities for stories: the sample city's pack with a few of its values changed."""

import shutil
from pathlib import Path

from city.layout import PackFile
from city.sample import sample_city


def changed_pack(folder: Path, *changes: tuple[PackFile, str, str]) -> Path:
    """A copy of the sample city's pack in `folder`, with each (file, old words, new words) replaced once."""
    shutil.copytree(sample_city(), folder)
    for file, old, new in changes:
        path = folder / file
        text = path.read_text("utf-8")
        assert text.count(old) == 1, f"{file} says {old!r} {text.count(old)} times"
        path.write_text(text.replace(old, new), "utf-8")
    return folder
