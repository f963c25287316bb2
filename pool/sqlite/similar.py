"""Reports alike in words: rare words choose candidates from the full-text index, tf-idf cosine orders them.

The index holds characters, not words, so how common a word is comes from a sample of the pool's own reports.
"""

import math
import sqlite3
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from language.tokenise import tokenise
from pool.scope import Scope
from pool.sqlite.query_sql import RELEVANCE, Selection, add_scope, phrase
from pool.sqlite.rows import decoder
from schemas.documents import ReportContent, ReportDocument

_SAMPLE: Final = 1500
_TERMS: Final = 12
"""Words that choose candidates; more cost time and bring nearly the same candidates."""
_CANDIDATES: Final = 60
_document = decoder(ReportDocument)


@dataclass(slots=True)
class WordRarity:
    """Inverse document frequencies from an evenly spread sample; taken again when the pool has doubled."""

    reports: int = 0
    frequencies: Counter[str] = field(default_factory=Counter)
    sampled: int = 0

    def refresh(self, db: sqlite3.Connection) -> None:
        (highest,) = db.execute("select coalesce(max(rid), 0) from reports").fetchone()
        if self.reports and highest < 2 * self.reports:
            return
        step = max(1, highest // _SAMPLE)
        rows = db.execute(
            "with recursive spread (rid) as (values (1) union all select rid + ? from spread where rid + ? <= ?)"
            " select json from spread join documents using (rid)",
            (step, step, highest),
        )
        self.reports, self.sampled, self.frequencies = highest, 0, Counter()
        for (blob,) in rows:
            content = _document(blob).content
            if content is not None:
                self.sampled += 1
                self.frequencies.update(set(words_of(content)))

    def idf(self, word: str) -> float:
        return math.log((self.sampled + 1) / (self.frequencies[word] + 0.5))


def words_of(content: ReportContent) -> Counter[str]:
    """Words of two letters or more of title and text, with how often they occur."""
    return Counter(word for word in tokenise(f"{content.title}\n{content.text}") if len(word) > 1 and word.isalnum())


def similar(
    db: sqlite3.Connection, rarity: WordRarity, report: ReportDocument, scope: Scope, limit: int
) -> list[tuple[ReportDocument, float]]:
    """Best first; ties by id. A report without words is like no other."""
    if report.content is None:
        return []
    rarity.refresh(db)
    own = _weights(words_of(report.content), rarity)
    terms = sorted(own, key=lambda word: (-own[word], word))[:_TERMS]
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
        [*selection.values, max(limit, _CANDIDATES)],
    )
    found = []
    for (blob,) in rows.fetchall():
        other = _document(blob)
        if other.content is not None:
            likeness = _cosine(own, _weights(words_of(other.content), rarity))
            if likeness > 0:
                found.append((other, likeness))
    found.sort(key=lambda pair: (-pair[1], pair[0].id))
    return found[:limit]


def _weights(words: Counter[str], rarity: WordRarity) -> dict[str, float]:
    return {word: (1 + math.log(times)) * max(rarity.idf(word), 0.01) for word, times in words.items()}


def _cosine(left: dict[str, float], right: dict[str, float]) -> float:
    product = sum(weight * right[word] for word, weight in left.items() if word in right)
    lengths = math.sqrt(sum(w * w for w in left.values()) * sum(w * w for w in right.values()))
    return min(1.0, product / lengths) if lengths else 0.0
