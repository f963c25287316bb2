"""Candidates for likeness from the full-text index, and the sample that says how common a word is."""

import sqlite3

from pool.scope import Scope
from pool.similar import CANDIDATES, SAMPLE, WordRarity, most_alike, telling_words
from pool.sqlite.query_sql import RELEVANCE, Selection, add_scope, phrase
from pool.sqlite.rows import decoder
from schemas.documents import ReportDocument

_document = decoder(ReportDocument)


def rarity_now(db: sqlite3.Connection, known: WordRarity) -> WordRarity:
    """`known` while it is good, else a new one."""
    (highest,) = db.execute("select coalesce(max(rid), 0) from reports").fetchone()
    if not known.outdated(highest):
        return known
    step = max(1, highest // SAMPLE)
    rows = db.execute(
        "with recursive spread (rid) as (values (1) union all select rid + ? from spread where rid + ? <= ?)"
        " select json from spread join documents using (rid)",
        (step, step, highest),
    )
    contents = (_document(blob).content for (blob,) in rows)
    return WordRarity.of(highest, (content for content in contents if content is not None))


def similar(
    db: sqlite3.Connection, rarity: WordRarity, report: ReportDocument, scope: Scope, limit: int
) -> list[tuple[ReportDocument, float]]:
    """Best first; ties by id. A report without words is like no other."""
    own = rarity.weights(report.content) if report.content is not None else {}
    terms = telling_words(own)
    if not terms:
        return []
    selection = Selection(terms)
    selection.add("fts match ?", " OR ".join(phrase(word) for word in terms))
    selection.add("r.id <> ?", report.id)
    selection.add("r.problem <> coalesce((select row from aggregates where id = ?), -1)", report.problem)
    add_scope(selection, scope)
    rows = db.execute(
        f"with best as materialized (select r.rid as rid from {selection.sql} order by {RELEVANCE}, r.id limit ?)"
        " select json from best join documents using (rid)",
        [*selection.values, max(limit, CANDIDATES)],
    )
    return most_alike(own, [_document(blob) for (blob,) in rows], rarity, limit)
