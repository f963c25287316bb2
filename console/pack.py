"""`wentichi pack`: make a city pack from workbooks, check it, look into it, compare two, give a pool its next version."""

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from city.check import check_pack
from city.fault import Severity
from city.pack import load_pack
from console.faults import FAULT
from console.pack_adopt import adopt
from console.pack_diff import diff
from console.pack_import import import_workbooks
from console.pack_show import show
from console.succession import succeed
from console.terminal import Json, print_json, screen
from schemas.errors import NotFound

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="城市配置包:由 Excel 导入、检查、查看、比较、登记新版本。格式见 city/FORMAT.md,做法见 docs/packs.md。",
)


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


app.command("import", help="由城市现有的 Excel 表做成配置包;每处错误和推断都给出工作簿、工作表、单元格")(import_workbooks)
app.command("show", help="看配置包里有什么:总数、清单,或一个类别、单位、地名的全部")(show)
app.command("diff", help="比较两个版本:改了什么,哪些事项换了主办,对在办的问题意味着什么")(diff)
app.command("succeed", help="已撤销单位在办的派单转给承接单位,时限照旧;按在用的版本")(succeed)
app.command("adopt", help="给问题池登记下一个版本;自生效日起,此后来的按新版本办,旧的决定不改")(adopt)
