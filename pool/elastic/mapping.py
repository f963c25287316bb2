"""Indices of the pool and their strict mappings, as code, with the reason of every choice.

Every kind has an alias `<prefix>-<kind>` before a versioned index `<prefix>-<kind>-<number>`; programs know only the alias, so a
rebuild fills a new index beside the old one and moves the alias. `doc` is the whole document as this application writes it: kept,
never looked into by the server (enabled: false); beside it stand, narrow, the fields that are filtered, sorted or counted by.
"""

from typing import Any, Final

from casework.facts import FIELDS, Count, Flag, Keyword, Keywords, Moment
from pool.indexed_text import characters_fingerprint

MAPPING_VERSION: Final = 4

_KEYWORD: Final = {"type": "keyword"}
_LONG: Final = {"type": "long"}
_WHOLE: Final = {"type": "object", "enabled": False}
_OF_FACTS: Final[dict[object, dict[str, Any]]] = {
    Keyword: _KEYWORD,
    Keywords: _KEYWORD,
    Flag: {"type": "boolean"},
    Moment: _LONG,
    # added up and compared from doc values alone
    Count: {"type": "integer", "index": False},
}
_UNSEARCHED: Final = {"type": "keyword", "index": False, "doc_values": False}
"""Kept as given, to the byte; `ignore_above` does not apply to what is not indexed."""
_WORDS: Final = {"type": "text", "analyzer": "whitespace", "norms": False}
"""Pre-tokenised by language/, so that every server finds the same, whatever its plugins. How long a text is says nothing of how
well it fits."""

CLAIMS: Final = "claims"
PROBLEMS: Final = "problems"
REPORTS: Final = "reports"
EVENTS: Final = "events"
OUTCOMES: Final = "outcomes"
DEAD_LETTERS: Final = "dead-letters"
KEYS: Final = "keys"
CALLERS: Final = "callers"
DISCLOSURES: Final = "disclosures"
META: Final = "meta"

REBUILT: Final = (CLAIMS, PROBLEMS, REPORTS, EVENTS)
"""Kinds that follow from the log of record and are made anew by a rebuild."""
VAULT: Final = (KEYS, CALLERS, DISCLOSURES)
"""Kinds of the contact store: encrypted under the master key, never rebuilt, never in a document snapshot."""
KINDS: Final = (*REBUILT, OUTCOMES, DEAD_LETTERS, META, *VAULT)

PROPERTIES: Final[dict[str, dict[str, Any]]] = {
    CLAIMS: {"id": _KEYWORD, "problem": _KEYWORD, "doc": _WHOLE},
    PROBLEMS: {
        # sorting by _id is off in most clusters (indices.id_field_data.enabled)
        "id": _KEYWORD,
        "slot": {"type": "integer"},
        "version": _LONG,
        # first letter of the id: problems, cameras' watches and all other aggregates lie here
        "kind": _KEYWORD,
        "state": _KEYWORD,
        # of watches
        "area_path": _KEYWORD,
        "alarms": _LONG,
        "observed": _LONG,
        # of problems
        "lead": _KEYWORD,
        "order_number": _KEYWORD,
        # what figures and lists are made of; without what is "", 0, false or unknown
        "facts": {"properties": {name: _OF_FACTS[kind] for name, kind in FIELDS.items()}},
        # µs since 1970 of the oldest timer that has not expired: what the owner of the slot asks for every second
        "next_due": _LONG,
        # where the last decided command stood: what a worker compares with the log when it takes a partition
        "partition": {"type": "integer"},
        "offset": _LONG,
        # ms since 1970 by the writer's own clock, not compared: lets a rebuild find what changed while it ran
        "written": _LONG,
        "doc": _WHOLE,
    },
    REPORTS: {
        "problem": _KEYWORD,
        "version": _LONG,
        "slot": {"type": "integer"},
        # µs since 1970, as the cursors have it
        "time": _LONG,
        # the same moment in ms, for date_histogram
        "day": {"type": "date", "format": "epoch_millis"},
        "id": _KEYWORD,
        "state": _KEYWORD,
        "channel": _KEYWORD,
        "mode": _KEYWORD,
        "urgency": _KEYWORD,
        "basis": _KEYWORD,
        "category": _KEYWORD,
        # every ancestor's path beside the own one, so that a subtree is one term and no prefix is expanded
        "category_paths": _KEYWORD,
        "area": _KEYWORD,
        "area_paths": _KEYWORD,
        "lead": _KEYWORD,
        "units": _KEYWORD,
        "point": {"type": "geo_point"},
        "source": _KEYWORD,
        "source_id": _KEYWORD,
        "caller": _KEYWORD,
        # what fills a matcher (and caller), read from doc values without touching the text
        "matter": {"type": "keyword", "index": False},
        "place_key": {"type": "keyword", "index": False},
        "simhash": {"type": "long", "index": False},
        # pairs of characters; each segment (title, text, address, every place) a value of its own, so that no phrase runs across
        "body": _WORDS,
        # for words of one character: which occur, and whether in the title; not where (a tenth of the index more)
        "characters": _WORDS | {"index_options": "freqs"},
        "doc": _WHOLE,
    },
    EVENTS: {
        "aggregate": _KEYWORD,
        "version": _LONG,
        # partition << 40 | offset
        "sequence": _LONG,
        "line": _UNSEARCHED,
    },
    OUTCOMES: {"doc": _WHOLE},
    DEAD_LETTERS: {"id": _KEYWORD, "report": _KEYWORD, "kind": _KEYWORD, "doc": _WHOLE},
    META: {"doc": _WHOLE},
    KEYS: {"wrapped": _UNSEARCHED, "sealed": _UNSEARCHED, "hashes": _KEYWORD, "erased": {"type": "boolean"}},
    CALLERS: {"caller": _KEYWORD},
    DISCLOSURES: {"report": _KEYWORD, "at": _KEYWORD, "reader": _KEYWORD, "reason": _UNSEARCHED},
}

_UNSTORED: Final = {REPORTS: ["body", "characters"]}
"""Fields that are indexed and not kept: an index is never made from another index, only from the log."""

_SETTINGS: Final[dict[str, dict[str, Any]]] = {
    REPORTS: {
        # Newest first is what people ask for, and reports come in the order of time: without this each one found is newer
        # than all before it. So the newest are reached at once, and only counted on from there.
        "index.sort.field": "time",
        "index.sort.order": "desc",
        # fields without norms are all of length 1 to the server, which by its own b would make little of a word's frequency
        "index.similarity.default": {"type": "BM25", "b": 0.0},
    },
}


_SELDOM_SEARCHED: Final = frozenset({CLAIMS, OUTCOMES, META})
"""Read by id, which is realtime; what scans them refreshes first."""


def body_of(kind: str) -> dict[str, Any]:
    """What `PUT /<index>` takes. One shard: every figure was measured so; `number_of_shards` may be raised for a cluster
    before a rebuild, since nothing here counts on one."""
    mappings: dict[str, Any] = {
        "dynamic": "strict",
        "_meta": {"mapping_version": MAPPING_VERSION, "characters": characters_fingerprint()},
        "properties": PROPERTIES[kind],
    }
    if kind in _UNSTORED:
        mappings["_source"] = {"excludes": _UNSTORED[kind]}
    return {
        "settings": {
            "number_of_shards": 1,
            "number_of_replicas": 0,
            # a get by id is realtime; only searches wait
            "refresh_interval": "30s" if kind in _SELDOM_SEARCHED else "1s",
            "max_result_window": 10_000,
            # an answer means: on the disk
            "translog": {"durability": "request"},
        }
        | _SETTINGS.get(kind, {}),
        "mappings": mappings,
    }
