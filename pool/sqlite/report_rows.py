"""Writes report documents: narrow row, JSON, and the full-text index only where words changed."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from pool.sqlite.indexed_text import indexed, words_hash
from pool.sqlite.rows import by_ids, decoder, encoder, micros
from schemas.documents import ReportContent, ReportDocument

_document_json, _document = encoder(ReportDocument), decoder(ReportDocument)

_COLUMNS: Final = (
    "id", "version", "problem", "slot", "time", "state", "channel", "mode", "urgency", "basis", "category",
    "category_path", "area", "area_path", "lead", "units", "matter", "lon", "lat", "words", "source", "source_id",
    "caller", "place_key", "simhash",
)  # fmt: skip
_INSERT: Final = f"insert into reports (rid, {', '.join(_COLUMNS)}) values (?{', ?' * len(_COLUMNS)})"
_UPDATE: Final = f"update reports set {', '.join(f'{column} = ?' for column in _COLUMNS)} where rid = ?"
_ID: Final = "insert into ids (id, rid) values (?, ?) on conflict (id) do update set rid = excluded.rid"
INDEX: Final = "insert into fts (rowid, title, body) values (?, ?, ?)"
_UNINDEX: Final = "insert into fts (fts, rowid, title, body) values ('delete', ?, ?, ?)"


def write_reports(db: sqlite3.Connection, documents: Sequence[ReportDocument], aggregates: Mapping[str, int]) -> None:
    """Inside the caller's transaction. Of several versions of a report the highest stands, the last given among equals.

    aggregates: row numbers of the problems.
    """
    latest: dict[str, ReportDocument] = {}
    for document in documents:
        if document.id not in latest or document.version >= latest[document.id].version:
            latest[document.id] = document
    head = "select i.id, rid, version, words from ids i join reports using (rid)"
    known = {row[0]: row[1:] for row in by_ids(db, head, "i.id", latest)}
    following = int(db.execute("select coalesce(max(rid), 0) from reports").fetchone()[0]) + 1
    new, changed, wide, to_index, to_unindex = [], [], [], [], []
    for document in latest.values():
        words = words_hash(document.content)
        rid, version, old_words = known.get(document.id, (following, -1, 0))
        if version > document.version:
            continue
        values = _values(document, aggregates[document.problem], words)
        if rid == following:
            following += 1
            new.append((rid, *values))
        else:
            changed.append((*values, rid))
        wide.append((rid, _document_json(document)))
        if words != old_words:
            if old_words:
                to_unindex.append(rid)
            if document.content is not None:
                to_index.append((rid, *indexed(document.content)))
    db.executemany(_UNINDEX, list(indexed_now(db, to_unindex)))
    db.executemany(_UPDATE, changed)
    db.executemany(_INSERT, new)
    db.executemany(_ID, [(row[1], row[0]) for row in new])
    db.executemany("insert or replace into documents values (?, ?)", wide)
    db.executemany(INDEX, to_index)


def indexed_now(db: sqlite3.Connection, rids: Iterable[int]) -> Iterator[tuple[int, str, str]]:
    """Rows of the full-text index as the stored documents make them."""
    for rid in rids:
        (blob,) = db.execute("select json from documents where rid = ?", (rid,)).fetchone()
        content = _document(blob).content
        if content is not None:
            yield rid, *indexed(content)


def _values(document: ReportDocument, problem: int, words: int) -> tuple[Any, ...]:
    content = document.content or _NO_CONTENT
    units = f"|{'|'.join(document.units)}|" if document.units else ""
    return (
        document.id, document.version, problem, document.slot, micros(document.time), document.state.value,
        document.channel.value, document.mode.value, document.urgency.value, document.basis, document.category,
        document.category_path, document.area, document.area_path, document.lead, units, document.matter,
        content.lon, content.lat,
        words, content.source or None, content.source_id or None,
        document.caller, content.place_key, _signed(content.simhash),
    )  # fmt: skip


def _signed(value: int) -> int:
    """64 bits as SQLite has them."""
    return value - (1 << 64) if value >= 1 << 63 else value


_NO_CONTENT: Final = ReportContent(source="", source_id="")
