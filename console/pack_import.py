"""`wentichi pack import`: from workbooks to a pack folder."""

from collections import Counter
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from city.importing import REPORT, Finding, Imported, Order, Sheet, Weight, import_pack, plan
from city.sample import sample_city
from console.faults import FAULT
from console.terminal import Json, plain_table, print_json, screen
from schemas.errors import ContractError

SHOWN = 8
"""Findings of one rule shown on the screen; --json and the report have all."""
_STYLES = {Weight.FAULT: "bold red", Weight.GUESS: "yellow", Weight.NOTE: "dim"}
SAMPLE = "sample"


def import_workbooks(
    workbooks: Annotated[list[Path], typer.Argument(metavar="工作簿…", help="一个或几个 .xlsx 文件,每个可有多张表")],
    *,
    out: Annotated[Path | None, typer.Option("--out", metavar="文件夹", help="配置包写到哪里;可重复导入")] = None,
    base: Annotated[str, typer.Option("--base", metavar="配置包", help="表里没有的取自它;sample 为内置的示例市")] = "",
    city: Annotated[str, typer.Option("--city", metavar="城市名", help="如 云海市;不写则与 --base 同一城市")] = "",
    version: Annotated[str, typer.Option("--version", metavar="版本号", help="不写则在原配置包的版本号上加一")] = "",
    effective: Annotated[str, typer.Option("--effective", metavar="日期", help="生效日期,如 2026-06-01;不写为今天")] = "",
    mapping: Annotated[Path | None, typer.Option("--mapping", metavar="文件", help="对照文件(YAML),改正识别结果")] = None,
    only_plan: Annotated[bool, typer.Option("--plan", help="只说明每张表认成了什么,不写任何文件")] = False,
    as_json: Json = False,
) -> None:
    """认表看表头,不看表名;列的先后不限。名称不能确定的不取,列出相近的。结果文件夹里的“导入报告.csv”列出全部错误和推断。"""
    if only_plan:
        _tell_plan(*_planned(workbooks, mapping), as_json=as_json)
        return
    if out is None:
        raise ContractError("--out", "没有写配置包放在哪里", "请写 --out 文件夹;只想看识别结果用 --plan")
    folder = (sample_city() if base == SAMPLE else Path(base)) if base else None
    made = import_pack(Order(workbooks, out, _day(effective), folder, city, version, mapping))
    if as_json:
        print_json(_as_dict(made))
    else:
        _tell(made)
    if not made.usable or any(one.weight is Weight.FAULT for one in made.findings):
        raise typer.Exit(FAULT)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text) if text else date.today()  # noqa: DTZ011 - a person's day, and it is shown
    except ValueError as error:
        raise ContractError("--effective", f"“{text}”不是日期", "请按 2026-06-01 填写") from error


def _planned(workbooks: list[Path], mapping: Path | None) -> tuple[list[Sheet], list[Finding]]:
    sheets, findings = plan(workbooks, mapping)
    return sheets, list(findings)


def _tell_plan(sheets: list[Sheet], findings: list[Finding], *, as_json: bool) -> None:
    if as_json:
        print_json({"sheets": [_sheet(sheet) for sheet in sheets], "findings": [_finding(one) for one in findings]})
        return
    console = screen()
    for sheet in sheets:
        said = _sheet(sheet)
        table = sheet.table
        head = f"{said['workbook']}【{said['sheet']}】"
        if table is None:
            console.print(f"{head} {'不导入' if sheet.left_out else '认不出是什么表'}", style="yellow")
            continue
        first, last = table.header
        rows = f"表头第 {first} 行" if first == last else f"表头第 {first} 至 {last} 行"
        console.print(Text(f"{head} {table.kind.label}:{rows},数据第 {table.first_row} 至 {table.last_row} 行", style="bold"))
        columns = plain_table("列", "表头", "认作")
        for column in table.columns:
            columns.add_row(column.letter, column.heading, column.field.value if column.field else "(认不出,不导入)")
        console.print(columns)
    _tell_findings(console, findings)


def _tell(made: Imported) -> None:
    console = screen()
    _tell_findings(console, list(made.findings))
    counts = "、".join(f"{file} {count}" for file, count in sorted(made.counts.items()))
    console.print(f"写入 {made.folder}:{counts}")
    by_weight = Counter(finding.weight for finding in made.findings)
    said = "、".join(f"{by_weight[weight]} 处{weight.label}" for weight in Weight)
    console.print(f"{said};全部列在 {made.folder / REPORT}")
    if made.usable:
        console.print("配置包可以使用;有错误的行没有导入,推断的请核对", style="green")
    else:
        console.print("配置包还不能使用:请改正后重新导入,或用 wentichi pack check 查看", style="red")


def _tell_findings(console: Console, findings: list[Finding]) -> None:
    for weight in Weight:
        by_rule: dict[str, list[Finding]] = {}
        for finding in findings:
            if finding.weight is weight:
                by_rule.setdefault(finding.rule.value, []).append(finding)
        for rule, found in by_rule.items():
            for finding in found[:SHOWN]:
                console.print(Text.assemble((f"{weight.label} ", _STYLES[weight]), str(finding)), soft_wrap=True)
            if len(found) > SHOWN:
                console.print(f"     …… {rule}还有 {len(found) - SHOWN} 处{weight.label}", style="dim")


def _as_dict(made: Imported) -> dict[str, Any]:
    return {
        "folder": str(made.folder),
        "usable": made.usable,
        "counts": made.counts,
        "sheets": [_sheet(sheet) for sheet in made.sheets],
        "findings": [_finding(finding) for finding in made.findings],
    }


def _sheet(sheet: Sheet) -> dict[str, Any]:
    said: dict[str, Any] = {"workbook": sheet.cells.workbook, "sheet": sheet.cells.name, "kind": None}
    table = sheet.table
    if table is None:
        return said | {"left_out": sheet.left_out}
    columns = [
        {"column": one.letter, "heading": one.heading, "field": one.field.value if one.field else None} for one in table.columns
    ]
    return said | {
        "kind": table.kind.value,
        "header": list(table.header),
        "rows": [table.first_row, table.last_row],
        "columns": columns,
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "weight": finding.weight.value,
        "workbook": finding.spot.workbook,
        "sheet": finding.spot.sheet,
        "cell": finding.spot.cell,
        "rule": finding.rule.value,
        "message": finding.message,
        "remedy": finding.remedy,
        "candidates": [{"name": name, "score": score} for name, score in finding.candidates],
    }
