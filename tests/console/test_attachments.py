"""Photos of reports from the file to the eye: by hash, sealed, covered, erasable."""

import hashlib
import io
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from pool.attachments import FolderAttachments
from schemas.errors import ContractError, PoolDamaged
from tests.console.conftest import LAMP, Cli


def photo(folder: Path, name: str = "p.png") -> Path:
    file = folder / name
    Image.new("RGB", (120, 80), (200, 30, 30)).save(file)
    return file


def said_of(file: Path, **more: Any) -> dict[str, Any]:
    data = file.read_bytes()
    return {"sha256": hashlib.sha256(data).hexdigest(), "media_type": "image/png", "size": len(data), "name": file.name} | more


@pytest.fixture
def lamp(cli: Cli, jsonl: Callable[..., Path], tmp_path: Path) -> Path:
    """A pool with one grid report that registers one photo with a face in it; the photo."""
    file = photo(tmp_path)
    box = {"kind": "face", "x1": 0.0, "y1": 0.0, "x2": 0.5, "y2": 0.5}
    row = LAMP | {"attachments": [said_of(file, boxes=[box])]}
    row.pop("user")
    assert cli("push", jsonl([row]), "--channel", "grid", "--json").json["new_reports"] == 1
    return file


def test_a_photo_comes_out_covered_and_the_original_only_with_a_reason(cli: Cli, lamp: Path, tmp_path: Path, home: Path) -> None:
    sha = said_of(lamp)["sha256"]
    assert cli("attachments", "add", "a2", lamp, "--json").json["stored"] == [sha]
    out = tmp_path / "out.png"
    assert cli("attachments", "get", "a2", sha[:10], "--out", out).status == 0
    shown = Image.open(io.BytesIO(out.read_bytes())).convert("RGB")
    assert shown.getpixel((10, 10)) != (200, 30, 30)
    assert shown.getpixel((110, 70)) == (200, 30, 30)
    assert cli("attachments", "get", "a2", sha, "--out", out, "--original").status == 2
    assert cli("attachments", "get", "a2", sha, "--out", out, "--original", "--reason", "核对现场", "--by", "王").status == 0
    assert out.read_bytes() == lamp.read_bytes()
    rows = sqlite3.connect(next(home.glob("*vault*.db"))).execute("select reader, reason from disclosures").fetchall()
    assert rows == [("王", "核对现场")]


def test_nothing_readable_lies_in_the_folder(cli: Cli, lamp: Path, home: Path) -> None:
    cli("attachments", "add", "a2", lamp)
    stored = [file.read_bytes() for file in (home / "attachments").rglob("*") if file.is_file()]
    assert len(stored) == 1
    assert lamp.read_bytes()[:16] not in stored[0]


def test_a_file_that_the_report_does_not_name_is_refused(cli: Cli, lamp: Path, tmp_path: Path, home: Path) -> None:
    other = tmp_path / "other.png"
    Image.new("RGB", (10, 10)).save(other)
    said = cli("attachments", "add", "a2", other)
    assert (said.status, "不是这件来件登记的附件" in said.err) == (2, True)
    assert not (home / "attachments").exists()
    assert cli("attachments", "list", "a2", "--json").json["attachments"][0]["stored"] is False


def test_erasing_the_report_takes_its_files_along_and_none_is_taken_again(cli: Cli, lamp: Path, home: Path) -> None:
    cli("attachments", "add", "a2", lamp)
    name = cli("attachments", "list", "a2", "--json").json["report"]
    assert cli("erase", "a2", "--yes").status == 0
    assert [file for file in (home / "attachments").rglob("*") if file.is_file()] == []
    assert cli("attachments", "add", name, lamp).status == 2


def test_an_alarm_that_waits_for_a_person_has_its_photo(cli: Cli, jsonl: Callable[..., Path], tmp_path: Path) -> None:
    file = photo(tmp_path)
    alarm = {"id": "al1", "device": "99000000001320000009", "alarm_class": "垃圾满溢", "score": 0.3}
    cli("push", jsonl([alarm | {"attachments": [said_of(file)], "time": "2026-05-06T08:00:00"}]), "--channel", "camera")
    (watch,) = cli("cameras", "list", "--state", "unconfirmed", "--json").json["watches"]
    held = watch["tracks"][0]["held"]
    assert cli("attachments", "add", held, file).status == 0
    assert cli("attachments", "get", held, said_of(file)["sha256"], "--out", tmp_path / "seen.png").status == 0
    cli("cameras", "confirm", watch["id"])
    assert cli("attachments", "list", "al1", "--json").json["attachments"][0]["stored"] is True


def test_the_store_tells_damage_and_wrong_hashes(tmp_path: Path) -> None:
    store, key, report = FolderAttachments(tmp_path), bytes(32), "r" + "0" * 32
    sha = hashlib.sha256(b"x").hexdigest()
    with pytest.raises(ContractError):
        store.put(report, b"y", sha, key)
    store.put(report, b"x", sha, key)
    store.put(report, b"x", sha, key)
    assert (store.get(report, sha, key), store.held(report, [sha, "0" * 64])) == (b"x", {sha})
    with pytest.raises(PoolDamaged):
        store.get(report, sha, bytes(31) + b"1")
    for bad in ("../../etc", "r../x", ""):
        with pytest.raises(ContractError):
            store.get(bad, sha, key)
    store.erase(report)
    assert store.get(report, sha, key) is None
