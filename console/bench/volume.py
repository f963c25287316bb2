"""`wentichi bench volume FILE`: a city's messages through the pool as history, twice; what is found and told of them."""

import lzma
import random
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from language.normalise import fold
from language.places import place_expressions
from pool.query import Query
from pool.scope import ALL
from schemas.cloudevent import event_type
from schemas.documents import ReportDocument
from schemas.identity import report_id
from schemas.words import Channel, intake_topic
from streams.local.home import Home, open_home
from streams.local.owner import Owner

CHUNK = 500
WORDS = {1: 60, 2: 60, 3: 60, 4: 40, 6: 20}
"""Length of a word -> how many are looked for, cut from random places of random texts."""
ROWS = 20


def bench_volume(file: Path, seed: int = 1) -> dict[str, Any]:
    """In a temporary pool. found: recall and precision of searches against a plain look into every text (folded substrings)."""
    base = Path(tempfile.mkdtemp(prefix="wentichi-volume-"))
    try:
        home = open_home(base)
        rows = [orjson.loads(line) for line in _lines(file)]
        first, again = _push(home, rows), _push(home, rows)
        documents = [document for row in rows if (document := home.search.report(_id(row), ALL))]
        return {
            "first": first,
            "again": again,
            "shares": _shares(documents),
            "found": _found(home, documents, random.Random(seed)),
            "rows": [_row(document) for document in random.Random(seed).sample(documents, min(ROWS, len(documents)))],
        }
    finally:
        shutil.rmtree(base, ignore_errors=True)


def _lines(file: Path) -> Iterator[bytes]:
    with lzma.open(file) if file.suffix == ".xz" else file.open("rb") as source:
        yield from (line for line in source if line.strip())


def _id(row: dict[str, Any]) -> str:
    return report_id("push/message", str(row["id"]))


def _push(home: Home, rows: list[dict[str, Any]]) -> dict[str, Any]:
    owner, began = Owner(home), time.perf_counter()
    topic, kind = intake_topic(Channel.MESSAGE).value, event_type(Channel.MESSAGE)
    events = []
    for row in rows:
        data = {name: value for name, value in row.items() if name != "id"}
        event = {"specversion": "1.0", "id": str(row["id"]), "source": "push/message", "type": kind, "poolmode": "history"}
        events.append((_id(row), orjson.dumps(event | {"data": data})))
    for begin in range(0, len(events), CHUNK):
        home.append(topic, events[begin : begin + CHUNK])
    owner.drain()
    owner.close()
    return {"pushed": len(rows), "seconds": round(time.perf_counter() - began, 2), **home.search.stats(ALL)}


def _shares(documents: list[ReportDocument]) -> dict[str, float]:
    counts: Counter[str] = Counter()
    for document in documents:
        words = _words(document)
        counts["place_expression"] += bool(place_expressions(words))
        counts["area_of_the_pack"] += document.area is not None
        counts["category"] += document.category is not None
        counts["candidate_unit"] += bool(document.findings.units)
        counts["would_be_dispatched"] += document.findings.basis == "one_duty_item"
    return {name: round(count / len(documents), 4) for name, count in counts.items()}


def _found(home: Home, documents: list[ReportDocument], dice: random.Random) -> dict[str, dict[str, float]]:
    texts = {document.id: fold(_words(document)) for document in documents}
    result = {}
    for length, many in WORDS.items():
        right = found = wanted = 0
        for _ in range(many):
            word = _cut(dice, texts, length)
            expected = {report for report, text in texts.items() if word in text}
            hits = _all_hits(home, word)
            right += len(expected & hits)
            found += len(hits)
            wanted += len(expected)
        result[str(length)] = {"words": many, "recall": round(right / wanted, 4), "precision": round(right / found, 4)}
    return result


def _cut(dice: random.Random, texts: dict[str, str], length: int) -> str:
    names = list(texts)
    while True:
        text = texts[dice.choice(names)]
        start = dice.randrange(max(1, len(text) - length))
        word = text[start : start + length]
        if len(word) == length and all("\u4e00" <= character <= "\u9fff" for character in word):
            return word


def _all_hits(home: Home, word: str) -> set[str]:
    hits: set[str] = set()
    cursor = ""
    while True:
        page = home.search.search(Query(text=word, limit=1000, cursor=cursor), ALL)
        hits |= {hit.report.id for hit in page.hits}
        cursor = page.cursor
        if not cursor:
            return hits


def _words(document: ReportDocument) -> str:
    content = document.content
    return f"{content.title}\n{content.text}" if content else ""


def _row(document: ReportDocument) -> dict[str, Any]:
    findings, content = document.findings, document.content
    best = findings.categories[0] if findings.categories else None
    return {
        "title": content.title if content else "",
        "places": content.places if content else [],
        "category": best.code if best else None,
        "confidence": best.confidence if best else 0.0,
        "unit": findings.units[0].unit if findings.units else None,
        "basis": findings.basis,
    }
