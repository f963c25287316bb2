"""`wentichi pack`: check a city pack, look into one."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from city.check import check_pack
from city.fault import Severity
from city.pack import CityPack, load_pack
from console.faults import FAULT
from console.terminal import Json, plain_table, print_json, screen
from schemas.errors import NotFound
from streams.local.home import pack_folder

app = typer.Typer(add_completion=False, no_args_is_help=True, help="检查、查看城市配置包。格式见 city/FORMAT.md。")


@app.command("check", help="检查配置包:每个引用都要落实,每处错误给出文件和行号")
def check(folder: Annotated[Path, typer.Argument(metavar="文件夹", help="配置包文件夹")], as_json: Json = False) -> None:
    if not folder.is_dir():
        raise NotFound(f"没有文件夹 {folder};请检查路径")
    faults = check_pack(folder)
    errors = sum(fault.severity is Severity.ERROR for fault in faults)
    if as_json:
        listed = [
            {
                "file": fault.file,
                "line": fault.line,
                "field": fault.field,
                "severity": fault.severity.value,
                "message": fault.message,
                "remedy": fault.remedy,
            }
            for fault in faults
        ]
        print_json({"ok": not errors, "errors": errors, "warnings": len(faults) - errors, "faults": listed})
    else:
        console = screen()
        for fault in faults:
            wrong = fault.severity is Severity.ERROR
            mark = ("错误 ", "bold red") if wrong else ("提醒 ", "yellow")
            console.print(Text.assemble(mark, str(fault)), soft_wrap=True)
        if errors:
            console.print(f"{errors} 处错误,{len(faults) - errors} 处提醒;改正错误后才能使用", style="red")
        else:
            pack = load_pack(folder)
            console.print(f"{pack.name} {pack.version}:可以使用,{len(faults)} 处提醒", style="green")
    if errors:
        raise typer.Exit(FAULT)


@app.command("show", help="看配置包里有什么;不加选项只报总数")
def show(
    folder: Annotated[Path | None, typer.Argument(metavar="文件夹", help="默认为正在用的配置包")] = None,
    *,
    units: Annotated[bool, typer.Option("--units", help="列出单位")] = False,
    categories: Annotated[bool, typer.Option("--categories", help="列出类别")] = False,
    areas: Annotated[bool, typer.Option("--areas", help="列出地区")] = False,
    duty: Annotated[bool, typer.Option("--duty", help="列出权责清单")] = False,
    as_json: Json = False,
) -> None:
    pack = load_pack(folder or pack_folder())
    if as_json:
        print_json(_summary(pack) | _lists(pack, units=units, categories=categories, areas=areas, duty=duty))
        return
    console = screen()
    names = {"version": "版本", "effective": "生效", "categories": "类别", "areas": "地区", "units": "单位"}
    names |= {"duty_items": "权责事项", "grids": "网格", "place_names": "地名", "slots": "归口分区"}
    summary = _summary(pack)
    console.print(f"{pack.name}  " + "  ".join(f"{said} {summary[name]}" for name, said in names.items()))
    wanted = {"units": units, "categories": categories, "areas": areas, "duty": duty}
    for name, chosen in wanted.items():
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
    }


def _lists(pack: CityPack, *, units: bool, categories: bool, areas: bool, duty: bool) -> dict[str, object]:
    lists: dict[str, object] = {}
    if units:
        lists["unit_list"] = [{"code": unit.code, "name": unit.name, "kind": unit.kind.value} for unit in pack.units.values()]
    if categories:
        lists["category_list"] = [{"code": one.code, "name": one.name, "parent": one.parent} for one in pack.categories.values()]
    if areas:
        lists["area_list"] = [{"code": area.code, "name": area.name, "parent": area.parent} for area in pack.areas.values()]
    if duty:
        lists["duty_list"] = [
            {"code": item.code, "name": item.name, "lead": item.lead, "legal_basis": item.legal_basis}
            for item in pack.duty_items.values()
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
            lead = pack.units.get(item.lead)
            table.add_row(item.code, item.name, lead.name if lead else item.lead.removeprefix("line:"), item.legal_basis)
    else:
        table = plain_table("编码", "名称")
        for node in (pack.categories if name == "categories" else pack.areas).values():
            depth = node.path.count("/") - 2
            table.add_row(node.code, "  " * depth + node.name)
    return table
