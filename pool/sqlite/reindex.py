"""Makes the full-text index again, when the rules of folding have changed."""

from contextlib import closing
from pathlib import Path

from pool.indexed_text import characters_fingerprint
from pool.sqlite.connection import open_pool
from pool.sqlite.report_rows import INDEX, indexed_now
from pool.sqlite.rows import CHUNK


def reindex(path: Path) -> int:
    """From the documents, in one transaction, with no runner at work; returns how many reports the index holds."""
    with closing(open_pool(path, check_index=False)) as db:
        db.execute("begin immediate")
        db.execute("insert into fts (fts) values ('delete-all')")
        rids = [rid for (rid,) in db.execute("select rid from reports where words <> 0 order by rid")]
        for start in range(0, len(rids), CHUNK):
            db.executemany(INDEX, list(indexed_now(db, rids[start : start + CHUNK])))
        db.execute("update meta set value = ? where key = 'characters'", (characters_fingerprint(),))
        db.execute("commit")
    return len(rids)
