"""`wentichi pack show`: what is in a pack; everything about one category, unit or place; what has a name in it."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from city.diff import lead_name
from city.handling_entries import handling_entries
from city.pack import CityPack, load_pack
from city.records import Category, DutyItem, Limit, TerritorialPattern, Unit
from city.terms import Clock, RequestKind, Urgency
from city.usual_limits import USUAL_LIMITS
from console.opening import known_category, known_unit
from console.terminal import Json, one_line, plain_table, print_json, screen
from schemas.errors import NotFound
from streams.local.home import pack_folder

LISTED = 30
"""Lines of one kind on the screen."""
FOUND = 20
"""Entries of each kind that a search shows."""


def show(
    folder: Annotated[Path | None, typer.Argument(metavar="文件夹", help="默认为 WENTICHI_PACK,没有则为示例市")] = None,
    *,
    category: Annotated[str, typer.Option("--category", metavar="类别", help="一个类别:权责事项、时限、并单时窗、常用词")] = "",
    unit: Annotated[str, typer.Option("--unit", metavar="单位", help="一个单位:承担的权责事项、承接关系")] = "",
    place: Annotated[str, typer.Option("--place", metavar="地名", help="一个地名、地区或网格:在哪里,归谁管")] = "",
    find: Annotated[str, typer.Option("--find", metavar="文字", help="名称、别名、编码、常用词里有这些字的")] = "",
    units: Annotated[bool, typer.Option("--units", help="列出单位")] = False,
    categories: Annotated[bool, typer.Option("--categories", help="列出类别")] = False,
    areas: Annotated[bool, typer.Option("--areas", help="列出地区")] = False,
    duty: Annotated[bool, typer.Option("--duty", help="列出权责清单")] = False,
    handling: Annotated[bool, typer.Option("--handling", help="列出办理规则:退单、延期、督办、不受理、监测点等")] = False,
    as_json: Json = False,
) -> None:
    """不加选项只报总数。类别和单位可用编码、全名或别名。"""
    pack = load_pack(folder or pack_folder())
    details = (("category", category, _category), ("unit", unit, _unit), ("place", place, _place), ("found", find, _find))
    asked = [(kind, read(pack, name.strip())) for kind, name, read in details if name.strip()]
    lists = {"units": units, "categories": categories, "areas": areas, "duty": duty, "handling": handling}
    if as_json:
        print_json(_summary(pack) | dict(asked) | _lists(pack, lists))
        return
    console = screen()
    if not asked:
        names = {"version": "版本", "effective": "生效", "categories": "类别", "areas": "地区", "units": "单位"}
        names |= {"duty_items": "权责事项", "grids": "网格", "place_names": "地名", "slots": "归口分区"}
        names |= {"usual_rules": "取产品默认的办理规则", "usual_limits": "取产品默认的时限"}
        summary = _summary(pack)
        console.print(f"{pack.name}  " + "  ".join(f"{said} {summary[name]}" for name, said in names.items()))
    for _, found in asked:
        _print(console, found)
    for name, chosen in lists.items():
        if chosen:
            console.print()
            console.print(_table(pack, name))


def _summary(pack: CityPack) -> dict[str, object]:
    return {
        "name": pack.name,
        "version": pack.version,
        "effective": pack.effective.isoformat(),
        "fingerprint": pack.fingerprint,
        "categories": len(pack.categories),
        "areas": len(pack.areas),
        "units": len(pack.units),
        "duty_items": len(pack.duty_items),
        "grids": len(pack.grids),
        "place_names": len(pack.place_names),
        "slots": len(pack.slots),
        "usual_rules": sum(entry.usual for entry in handling_entries(pack.handling)),
        "usual_limits": sum((*key, None, None) not in pack.limits for key in USUAL_LIMITS),
    }


# one of each


def _category(pack: CityPack, name: str) -> dict[str, Any]:
    code = known_category(pack, name)
    found = pack.categories[code]
    return {
        "类别": f"{_path(pack, found)}({code})",
        "别名": list(found.aliases),
        "下级": [f"{child.name}({child.code})" for child in pack.children(code)],
        "权责事项": [_item(pack, item) for item in pack.duty_items_for(code)] or ["没有,由人工派单"],
        "时限": _limits(pack, code),
        "并单时窗": f"{pack.match_window_hours(code)} 小时",
        "常用词": list(found.words),
        "说法": [text for text, where in pack.sayings if where == code],
        "摄像头类别": [label for label, where in pack.camera_classes.items() if where == code],
        "网格事件类型": [event for event, where in pack.grid_events.items() if where == code],
    }


def _path(pack: CityPack, category: Category) -> str:
    return "/".join(one.name for one in (*reversed(pack.ancestors(category.code)), category))


def _item(pack: CityPack, item: DutyItem) -> str:
    helpers = "、".join(lead_name(pack, pattern) for pattern in item.cooperators)
    helped = f",协办 {helpers}" if helpers else ""
    role = f"{item.list_kind.label}清单,乡镇街道{item.township_role.label}"
    does = f";基层:{item.grassroots_does}" if item.grassroots_does else ""
    support = f";部门支持:{item.support}" if item.support else ""
    return f"{item.name}({item.code}):主办 {lead_name(pack, item.lead)}{helped};{role};{item.legal_basis}{does}{support}"


def _limits(pack: CityPack, code: str) -> list[str]:
    """Those that hold for the category, its own and the general ones; of a kind of request where it has others."""
    said = []
    whose = [above.code for above in (pack.categories[code], *pack.ancestors(code))]
    for clock in Clock:
        every = [pack.limit(clock, urgency, code) for urgency in Urgency]
        own = any((clock, urgency, above, None) in pack.limits for urgency in Urgency for above in whose)
        said.append(f"{clock.label}:{_amounts(every)}{'(本类专门规定)' if own else ''};{every[0].source}")
        for kind in RequestKind:
            limits = [pack.limit(clock, urgency, code, kind) for urgency in Urgency]
            if limits != every:
                source = next(one.source for one, other in zip(limits, every, strict=True) if one != other)
                said.append(f"{clock.label}({kind.label}):{_amounts(limits)};{source}")
    return said


def _amounts(limits: Iterable[Limit]) -> str:
    """Of the limits by urgency."""
    return "、".join(f"{urgency.label} {limit.amount}{limit.unit.label}" for urgency, limit in zip(Urgency, limits, strict=True))


def _unit(pack: CityPack, name: str) -> dict[str, Any]:
    unit = pack.units[known_unit(pack, name)]
    acting = pack.acting_unit(unit.code)
    found: dict[str, Any] = {
        "单位": f"{unit.name}({unit.code})",
        "别名": list(unit.aliases),
        "性质": unit.kind.label,
        "服务区域": _area(pack, unit.area),
        "条线": unit.line,
        "上级": _unit_name(pack, unit.parent),
    }
    if unit.abolished is not None:
        found["撤销"] = f"{unit.abolished},现由 {acting.name if acting else '(没有承接单位)'} 承接"
    found["承接自"] = [f"{one.name}({one.abolished} 撤销)" for one in pack.units.values() if one.successor == unit.code]
    found["主办事项"] = [_item(pack, item) for item in pack.duty_items.values() if _means(pack, item.lead, unit)]
    found["协办事项"] = [
        _item(pack, item) for item in pack.duty_items.values() if any(_means(pack, pattern, unit) for pattern in item.cooperators)
    ]
    found["网格"] = sum(grid.worker_unit == unit.code for grid in pack.grids.values())
    return found


def _unit_name(pack: CityPack, code: str | None) -> str:
    return pack.units[code].name if code and code in pack.units else ""


def _means(pack: CityPack, pattern: str, unit: Unit) -> bool:
    """Whether a lead or cooperator is this unit somewhere: by its code, what it took over, or the line and level it serves."""
    territorial = TerritorialPattern.parse(pattern)
    if territorial is None:
        return pack.acting_unit(pattern) == unit
    return unit.abolished is None and territorial.line == unit.line and pack.areas[unit.area].level is territorial.level


def _place(pack: CityPack, name: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    grid = pack.grids.get(name)
    if grid is not None:
        found["网格"] = [
            f"{grid.name}({grid.code}),{grid.kind.label};{_area(pack, grid.community)};{_unit_name(pack, grid.worker_unit)}"
        ]
    areas = [pack.areas[name]] if name in pack.areas else pack.area_names.get(name, ())
    found["地区"] = [f"{area.level.label}:{_area(pack, area.code)};{_offices(pack, area.code)}" for area in areas]
    found["地名"] = [
        f"{place.name}({place.kind.label}){'、'.join(('', *place.aliases))}:{_area(pack, place.area)}"
        + (f";网格 {place.grid}" if place.grid else "")
        + (f";{place.lon:.6f},{place.lat:.6f}" if place.lon is not None and place.lat is not None else "")
        for place in pack.place_names.get(name, ())
    ]
    if not any(found.values()):
        raise NotFound(f"城市配置包里没有地名 “{one_line(name, 60)}”;可用 wentichi pack show --find 查找")
    return found


def _area(pack: CityPack, code: str) -> str:
    area = pack.areas.get(code)
    return f"{'/'.join(one.name for one in (*reversed(pack.area_ancestors(code)), area))}({code})" if area else code


def _offices(pack: CityPack, area: str) -> str:
    return "、".join(
        unit.name for unit in pack.units.values() if unit.area == area and unit.abolished is None and unit.grassroots
    )


def _find(pack: CityPack, text: str) -> dict[str, Any]:
    """What has these characters in name, alias, code or words."""
    places = {id(place): place for found in pack.place_names.values() for place in found}.values()
    found = {
        "类别": [f"{_path(pack, one)}({one.code})" for one in pack.categories.values() if _has(text, one, one.words)],
        "单位": [f"{one.name}({one.code})" for one in pack.units.values() if _has(text, one)],
        "权责事项": [f"{one.name}({one.code})" for one in pack.duty_items.values() if text in one.name or text == one.code],
        "地区": [_area(pack, one.code) for one in pack.areas.values() if _has(text, one)],
        "地名": [
            f"{one.name}:{_area(pack, one.area)}" for one in places if text in one.name or any(text in a for a in one.aliases)
        ],
        "网格": [f"{one.name}({one.code})" for one in pack.grids.values() if text in one.name or text == one.code],
    }
    if not any(found.values()):
        raise NotFound(f"城市配置包里没有 “{one_line(text, 60)}”;请换个说法或少写几个字")
    return {
        kind: [*listed[:FOUND], *([f"…… 还有 {len(listed) - FOUND} 个"] if len(listed) > FOUND else [])]
        for kind, listed in found.items()
    }


def _has(text: str, one: Any, words: Iterable[str] = ()) -> bool:
    return text == one.code or any(text in name for name in (one.name, *one.aliases, *words))


def _print(console: Console, found: dict[str, Any]) -> None:
    for title, content in found.items():
        if isinstance(content, list) and len(content) > 1 and any(len(one) > 12 for one in content):
            console.print(f"{title}:")
            for one in content[:LISTED]:
                console.print(f"  {one_line(one)}", soft_wrap=True)
            if len(content) > LISTED:
                console.print(f"  …… 还有 {len(content) - LISTED} 条,--json 看全部", style="dim")
        elif content not in ([], "", 0):
            said = "、".join(content) if isinstance(content, list) else str(content)
            console.print(f"{title}:{one_line(said)}", soft_wrap=True)


# lists


def _lists(pack: CityPack, chosen: dict[str, bool]) -> dict[str, object]:
    lists: dict[str, object] = {}
    if chosen["units"]:
        lists["unit_list"] = [{"code": unit.code, "name": unit.name, "kind": unit.kind.value} for unit in pack.units.values()]
    if chosen["categories"]:
        lists["category_list"] = [{"code": one.code, "name": one.name, "parent": one.parent} for one in pack.categories.values()]
    if chosen["areas"]:
        lists["area_list"] = [{"code": area.code, "name": area.name, "parent": area.parent} for area in pack.areas.values()]
    if chosen["duty"]:
        lists["duty_list"] = [
            {"code": item.code, "name": item.name, "lead": item.lead, "legal_basis": item.legal_basis}
            for item in pack.duty_items.values()
        ]
    if chosen["handling"]:
        lists["handling_list"] = [
            {"key": one.key, "name": one.name, "value": one.value, "source": one.source}
            for one in handling_entries(pack.handling)
        ]
    return lists


def _table(pack: CityPack, name: str) -> Table:
    if name == "units":
        table = plain_table("编码", "单位", "性质", "条线")
        for unit in pack.units.values():
            ended = "(已撤销)" if unit.abolished else ""
            table.add_row(unit.code, unit.name + ended, unit.kind.label, unit.line)
    elif name == "duty":
        table = plain_table("编码", "事项", "主办", "依据")
        for item in pack.duty_items.values():
            table.add_row(item.code, item.name, lead_name(pack, item.lead), item.legal_basis)
    elif name == "handling":
        table = plain_table("规则", "取值", "依据")
        for one in handling_entries(pack.handling):
            table.add_row(one.name, one.value, one.source)
    else:
        table = plain_table("编码", "名称")
        for node in (pack.categories if name == "categories" else pack.areas).values():
            depth = node.path.count("/") - 2
            table.add_row(node.code, "  " * depth + node.name)
    return table
