"""Indices of a pool: made, looked over, built anew beside the old ones and swapped in; and the pool's few remembered values."""

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import orjson

from pool.elastic.mapping import KINDS, MAPPING_VERSION, META, body_of
from pool.elastic.transport import Elastic, StoreRefused
from pool.indexed_text import characters_fingerprint
from schemas.errors import PoolDamaged


def create_indices(elastic: Elastic, kinds: Iterable[str] = KINDS) -> None:
    """Each of the kinds that has no alias yet gets an index and its alias, in one step. Several processes may do this at once."""
    present = _indices(elastic)
    for kind in kinds:
        alias = elastic.name(kind)
        if any(alias in found["aliases"] for found in present.values()):
            continue
        _create(elastic, f"{alias}-000001", body_of(kind) | {"aliases": {alias: {}}})


def check_indices(elastic: Elastic) -> list[str]:
    """What keeps this version from working with the indices, one sentence each; none: all is well."""
    present = _indices(elastic)
    faults = []
    for kind in KINDS:
        alias = elastic.name(kind)
        behind = sorted(name for name, found in present.items() if alias in found["aliases"])
        if alias in present:
            faults.append(f"{alias} 是索引而不是别名;请移走这个索引,再创建问题池的索引")
        elif not behind:
            faults.append(f"缺少别名 {alias};请先创建问题池的索引,已有数据的请从快照恢复")
        elif len(behind) > 1:
            faults.append(f"别名 {alias} 指向多个索引:{'、'.join(behind)};请只留下写入中的一个")
        else:
            faults += _differences(behind[0], present[behind[0]]["mappings"].get("_meta", {}))
    return faults


def _differences(index: str, meta: Mapping[str, Any]) -> list[str]:
    faults = []
    if meta.get("mapping_version") != MAPPING_VERSION:
        faults.append(f"索引 {index} 的结构是第 {meta.get('mapping_version')} 版,本程序是第 {MAPPING_VERSION} 版;请重建(rebuild)")
    if meta.get("characters") != characters_fingerprint():
        faults.append(f"索引 {index} 按另一套文字折叠规则建立,会查不全;请重建(rebuild)")
    return faults


def new_index(elastic: Elastic, kind: str) -> str:
    """An empty index beside the one in use, with the next number; no alias points to it."""
    alias = elastic.name(kind)
    number = max((_number(name) for name in _of_kind(_indices(elastic), alias)), default=0) + 1
    name = f"{alias}-{number:06d}"
    _create(elastic, name, body_of(kind))
    return name


def swap(elastic: Elastic, indices: Mapping[str, str]) -> None:
    """Kind -> its new index: the aliases move and every other index of these kinds is deleted, all in one step."""
    present = _indices(elastic)
    actions: list[dict[str, Any]] = []
    for kind, index in indices.items():
        alias = elastic.name(kind)
        if index not in _of_kind(present, alias):
            raise PoolDamaged(f"没有索引 {index},别名 {alias} 未作改动;请重新建立索引")
        actions.append({"add": {"index": index, "alias": alias}})
        actions += [{"remove_index": {"index": name}} for name in _of_kind(present, alias) if name != index]
    elastic.request("POST", "/_aliases", {"actions": actions})


def block_writes(elastic: Elastic, kinds: Iterable[str]) -> None:
    """Returns when no write is on its way any more; until `unblock`, writers hold and try again."""
    elastic.request("PUT", "/" + ",".join(elastic.name(kind) for kind in kinds) + "/_block/write")


def unblock(elastic: Elastic, kinds: Iterable[str]) -> None:
    names = ",".join(elastic.name(kind) for kind in kinds)
    elastic.request("PUT", f"/{names}/_settings", {"index.blocks.write": None})


def drop_beside(elastic: Elastic, kinds: Iterable[str], keep: Collection[str] = ()) -> None:
    """Deletes the indices of these kinds that no alias points to, but for those to keep: what a rebuild left behind."""
    present = _indices(elastic)
    for kind in kinds:
        alias = elastic.name(kind)
        for name in _of_kind(present, alias):
            if alias not in present[name]["aliases"] and name not in keep:
                elastic.request("DELETE", f"/{name}", params={"ignore_unavailable": "true"})


def swapped(elastic: Elastic, indices: Mapping[str, str]) -> bool:
    """Do the aliases point to these indices?"""
    present = _indices(elastic)
    return all(elastic.name(kind) in present.get(index, {"aliases": ()})["aliases"] for kind, index in indices.items())


def drop_all(elastic: Elastic) -> None:
    """Deletes every index of this pool, the vault's too. For tests."""
    names = list(_indices(elastic))
    if names:
        elastic.request("DELETE", "/" + ",".join(names), params={"ignore_unavailable": "true"})


def remember(elastic: Elastic, name: str, value: object) -> Any:
    """Kept for ever under this name (`city`, `clock`, `partitions`); create-only. Returns what stands: the first value given."""
    action = orjson.dumps({"create": {"_index": elastic.name(META), "_id": name}})
    (item,) = elastic.bulk([(action, orjson.dumps({"doc": {"value": value}}))])
    if not item.done and not item.conflict:
        raise StoreRefused(item.status, item.reason)
    return recall(elastic, name)


def mark(elastic: Elastic, name: str, value: object) -> None:
    """Kept under this name until the next value."""
    action = orjson.dumps({"index": {"_index": elastic.name(META), "_id": name}})
    (item,) = elastic.bulk([(action, orjson.dumps({"doc": {"value": value}}))])
    if not item.done:
        raise StoreRefused(item.status, item.reason)


def recall(elastic: Elastic, name: str) -> Any:
    """What was remembered under this name; None when nothing was."""
    found = elastic.mget(META, [name]).get(name)
    return None if found is None else found["doc"]["value"]


def _indices(elastic: Elastic) -> dict[str, Any]:
    """Name -> aliases and mappings of every index of this pool, and of what stands in the place of an alias."""
    aliases = {elastic.name(kind) for kind in KINDS}
    params = {"features": "aliases,mappings", "expand_wildcards": "open,closed", "allow_no_indices": "true"}
    _, found = elastic.request("GET", f"/{elastic.prefix}-*", params=params)
    ours = re.compile(rf"({'|'.join(map(re.escape, aliases))})(-\d{{6}})?")
    return {name: index for name, index in found.items() if ours.fullmatch(name) or aliases & set(index["aliases"])}


def _of_kind(present: Iterable[str], alias: str) -> list[str]:
    return [name for name in present if re.fullmatch(rf"{re.escape(alias)}-\d{{6}}", name)]


def _number(index: str) -> int:
    return int(index[-6:])


def _create(elastic: Elastic, name: str, body: Mapping[str, Any]) -> None:
    """An index of that name that is there already stays as it is: another process was faster."""
    try:
        elastic.request("PUT", f"/{name}", body)
    except StoreRefused as error:
        if "resource_already_exists" not in error.reason:
            raise
