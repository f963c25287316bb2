"""Deleted documents out of the segments: what was erased or replaced is otherwise kept until a merge happens to take it."""

import time
from typing import Final

from pool.elastic.transport import Elastic
from schemas.errors import PoolBusy

_LIMIT_SECONDS: Final = 120.0
_PAUSE_SECONDS: Final = 2.0


def expunge(elastic: Elastic, *kinds: str) -> None:
    """Returns when no segment holds a deleted document. Raises PoolBusy after two minutes.

    The server keeps deleted documents for a replica that may come back until its retention lease moves on, which it does on
    a flush and every 30 s; so this asks again until they are gone. `expunge_deletes_allowed`: by default a segment with less than
    10 % of deleted documents would be left alone.
    """
    names = ",".join(elastic.name(kind) for kind in kinds)
    elastic.request("PUT", f"/{names}/_settings", {"index.merge.policy.expunge_deletes_allowed": 0})
    end = time.monotonic() + _LIMIT_SECONDS
    while True:
        elastic.request("POST", f"/{names}/_flush", params={"force": "true", "wait_if_ongoing": "true"})
        elastic.request("POST", f"/{names}/_forcemerge", params={"only_expunge_deletes": "true"})
        elastic.request("POST", f"/{names}/_refresh")
        _, stats = elastic.request("GET", f"/{names}/_stats/docs")
        deleted = int(stats["_all"]["total"]["docs"]["deleted"])
        if deleted == 0:
            return
        if time.monotonic() > end:
            raise PoolBusy(f"密钥库的索引段里还有 {deleted} 条已删除的数据没有清除;请检查副本是否齐全,稍后再执行一次")
        time.sleep(_PAUSE_SECONDS)
