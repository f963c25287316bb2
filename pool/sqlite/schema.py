"""Tables of the pool file, with their reasons. Figures: docs/search-sqlite.md.

Narrow and wide are apart: what is filtered, counted and sorted lies in `reports` and `aggregates`,
the JSON in `documents` and `states`, so that counting over everything does not read every text.
Every tree with random keys costs one page of the write-ahead log for each row of a batch: `ids`, `aggregates`, `outcomes`.
"""

from pool.sqlite.facts import INDEX, TABLE

SCHEMA_VERSION = 2
"""2: the table of facts."""

TABLES = (
    "create table meta (key text primary key, value text not null) without rowid",
    # one tree for what is found by report id or order number, so that claim and report dirty one page, not two
    "create table ids (id text primary key, claim blob, rid integer) without rowid",
    # row: a small number for the aggregate, rising with its founding, so that the log and the reports are appended to their
    # indexes; next_due: oldest due time of a timer that has not expired (µs since 1970)
    """create table aggregates (
        id text primary key, row integer not null, slot integer, version integer, state text, next_due integer
    ) without rowid""",
    "create index aggregates_next_due on aggregates (next_due) where next_due is not null",
    "create table states (row integer primary key, id text not null, json blob)",
    """create table events (
        sequence integer primary key, aggregate integer not null, version integer not null, line blob not null
    )""",
    "create unique index events_of_aggregate on events (aggregate, version)",
    # caller, matter, place_key, simhash: what fills a matcher, which must not read a million texts; matter: the category that
    # intake found;
    # problem: row of the aggregate; units: |a|b|; time: µs since 1970; words: hash of the indexed text, 0 = nothing indexed
    """create table reports (
        rid integer primary key, id text not null, version integer not null, problem integer not null,
        slot integer not null, time integer not null, state text not null, channel text not null, mode text not null,
        urgency text not null, basis text not null, category text, category_path text not null, area text,
        area_path text not null, lead text, units text not null, matter text, lon real, lat real, words integer not null,
        source text, source_id text, caller text, place_key text not null, simhash integer not null
    )""",
    "create index reports_problem on reports (problem)",
    "create index reports_time on reports (time)",
    "create index reports_source_id on reports (source_id) where source_id is not null",
    "create table documents (rid integer primary key, json blob not null)",
    # no content: the words stand in `documents`; a row is deleted by giving its old characters again
    "create virtual table fts using fts5(title, body, content='', tokenize='ascii')",
    "insert into fts (fts, rank) values ('hashsize', 33554432)",
    # what figures and lists are made of; see pool.sqlite.facts
    TABLE,
    INDEX,
    "create table dead_letters (id text primary key, json blob not null) without rowid",
    "create table outcomes (command text primary key, json blob not null) without rowid",
)
