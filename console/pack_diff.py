"""`wentichi pack diff`: two versions of a pack, and what the change means for what is open."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from city.diff import ADDED, CHANGED, REMOVED, Change, LeadChange, PackDiff, Part, diff_packs
from city.pack import load_pack
from city.upgrade import check_upgrade
from console.terminal import Json, one_line, plain_table, print_json, screen

SHOWN = 10
"""Entries of each kind on the screen without --all."""
LONGEST = 40


def diff(
    used: Annotated[Path, typer.Argument(metavar="旧版本", help="在用的配置包文件夹")],
    new: Annotated[Path, typer.Argument(metavar="新版本", help="新的配置包文件夹")],
    everything: Annotated[bool, typer.Option("--all", help="逐条列出,不省略")] = False,
    as_json: Json = False,
) -> None:
    """两个文件夹都要能通过 pack check。时限、主办只影响此后的派单;已派出的问题不变,要改由人改派。"""
    found = diff_packs(load_pack(used), load_pack(new))
    if as_json:
        print_json(as_dict(found))
        return
    tell_diff(screen(), found, most=None if everything else SHOWN)


def tell_diff(console: Console, found: PackDiff, *, most: int | None) -> None:
    """What changed, in tables; most: entries of each kind, None for all."""
    old, new = found.used, found.new
    console.print(f"{old.name} {old.version}({old.effective}) → {new.name} {new.version}({new.effective})")
    if not found.changes:
        console.print("内容没有变化")
    table = plain_table("", ADDED, REMOVED, CHANGED)
    for part in Part:
        counts = [len(found.of(part, what)) for what in (ADDED, REMOVED, CHANGED)]
        if any(counts):
            table.add_row(part.value, *(str(count) if count else "" for count in counts))
    if table.row_count:
        console.print(table)
    for part in Part:
        for what in (ADDED, REMOVED, CHANGED):
            _tell_part(console, f"{what}{part.value}", [_entry(one) for one in found.of(part, what)], most)
    _tell_meaning(console, found, most)


def _tell_meaning(console: Console, found: PackDiff, most: int | None) -> None:
    new = found.new
    closed = [
        f"{unit.name}({unit.code}),{unit.abolished} 撤销 → {after.name if after else '没有承接单位'}"
        for unit, after in found.abolished
    ]
    _tell_part(console, "撤销的单位:在办的问题请改派给承接单位,此后的派单直接到承接单位", closed, most)
    leads = [f"{one.name}({one.key}):{'、'.join(one.before)} → {'、'.join(one.after)}" for one in found.leads]
    _tell_part(console, "换了主办:已派出的仍由原单位办完,此后来的派给新的主办", leads, most)
    lost = [f"{found.new.categories[code].name}({code})" for code in found.lost_duty]
    _tell_part(console, "不再有权责事项的类别:此后来的由人工派单", lost, most)
    gone = [f"{found.used.categories[code].name}({code})" for code in found.lost_categories]
    _tell_part(console, "删去的类别:在办和历史问题仍记着编码,但查不到名称,也不再派到", gone, most)
    for fault in check_upgrade(found.used, new):
        console.print(f"不能登记:{fault}", style="red")


def _tell_part(console: Console, title: str, lines: list[str], most: int | None) -> None:
    if not lines:
        return
    console.print()
    console.print(f"{title}({len(lines)})", style="bold")
    for line in lines[:most]:
        console.print(f"  {line}", soft_wrap=True)
    if most is not None and len(lines) > most:
        console.print(f"  …… 还有 {len(lines) - most} 处,加 --all 全部列出", style="dim")


def _entry(change: Change) -> str:
    named = change.name if change.name == change.key else f"{change.name}({change.key})"
    changed = ";".join(f"{field} {_said(before)} → {_said(after)}" for field, (before, after) in change.fields.items())
    return f"{named}{':' if changed else ''}{changed}"


def _said(value: Any) -> str:
    text = "、".join(map(str, value)) if isinstance(value, list | dict) else "" if value is None else str(value)
    return f"“{one_line(text, LONGEST)}”" if text else "(空)"


def as_dict(found: PackDiff) -> dict[str, Any]:
    """Everything, for programs."""
    packs = {"used": found.used, "new": found.new}
    return {
        **{name: {"version": pack.version, "effective": pack.effective.isoformat()} for name, pack in packs.items()},
        "changes": {part.name.lower(): _part(found, part) for part in Part if any(one.part is part for one in found.changes)},
        "abolished": [
            {"unit": unit.code, "name": unit.name, "on": str(unit.abolished), "successor": after.code if after else None}
            for unit, after in found.abolished
        ],
        "leads": [_lead(one) for one in found.leads],
        "lost_duty": list(found.lost_duty),
        "lost_categories": list(found.lost_categories),
        "forbidden": [str(fault) for fault in check_upgrade(found.used, found.new)],
    }


def _part(found: PackDiff, part: Part) -> dict[str, Any]:
    changed = [
        {
            "key": one.key,
            "name": one.name,
            "fields": {f: {"before": _json(b), "after": _json(a)} for f, (b, a) in one.fields.items()},
        }
        for one in found.of(part, CHANGED)
    ]
    return {
        "added": [{"key": one.key, "name": one.name} for one in found.of(part, ADDED)],
        "removed": [{"key": one.key, "name": one.name} for one in found.of(part, REMOVED)],
        "changed": changed,
    }


def _json(value: Any) -> Any:
    return value if isinstance(value, str | int | float | bool | list | dict | None) else str(value)


def _lead(one: LeadChange) -> dict[str, Any]:
    return {
        "key": one.key,
        "name": one.name,
        "categories": list(one.categories),
        "before": list(one.before),
        "after": list(one.after),
    }
