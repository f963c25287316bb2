"""The next duty list from approved proposals, and what the problems of the pool say about the list."""

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Final

import typer

from casework.proposing import NextList, mine, next_list
from city.layout import LAYOUTS, PackFile
from city.pack import CityPack
from city.terms import ListKind, TownshipRole
from console.found import unit_of
from console.opening import open_pool_home
from console.terminal import Json, plain_table, print_json, screen
from pool.scope import ALL
from schemas.errors import ContractError
from schemas.problem import Problem
from schemas.proposals import DutyProposal, ProposalState
from streams.session import PoolHome

AT_ONCE: Final = 500


def export(
    file: Annotated[Path, typer.Argument(metavar="文件", help="写到哪里;不能是已有的文件")],
    version: Annotated[str, typer.Option("--version", metavar="版本", help="下一版的版本号;不写则在现行版本号上加一")] = "",
    changed_only: Annotated[bool, typer.Option("--changed-only", help="只写改了的和新增的各行")] = False,
    as_json: Json = False,
) -> None:
    with open_pool_home() as home:
        pack = home.pack
        if file.exists():
            raise ContractError("文件", f"{file} 已经存在", "请换一个文件名")
        upcoming = version.strip() or next_version(pack.version)
        made = next_list(pack, _approved(home))
        rows = _rows(pack, made, upcoming, changed_only=changed_only)
        with file.open("w", encoding="utf-8", newline="") as out:
            writer = csv.DictWriter(out, LAYOUTS[PackFile.DUTY].known, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        outdated = [proposal.id for proposal in made.outdated]
        told = {"file": str(file), "version": upcoming, "rows": len(rows), "changed": made.changed, "removed": made.removed}
        if as_json:
            print_json(told | {"outdated": outdated, "done": [proposal.id for proposal in made.done]})
            return
        console = screen()
        console.print(f"已写 {file}:{upcoming} 版 {len(rows)} 行,改动 {len(set(made.changed))} 项,去掉 {len(made.removed)} 项")
        if outdated:
            console.print(f"清单已变,没有写入,请重新提出:{'、'.join(outdated)}", style="yellow")


def next_version(version: str) -> str:
    """The last number of the version, one higher: 2026.1 → 2026.2."""
    number = re.search(r"\d+(?=\D*$)", version)
    if number is None:
        raise ContractError("--version", f"现行版本 {version} 里没有数字,不知道下一版叫什么", "请写明版本号")
    return version[: number.start()] + str(int(number.group()) + 1) + version[number.end() :]


def _approved(home: PoolHome) -> list[DutyProposal]:
    found_so_far: list[DutyProposal] = []
    after = ""
    while True:
        page = home.search.kept("d", ProposalState.APPROVED.value, ALL, after, AT_ONCE)
        found_so_far += [one for one in page if isinstance(one, DutyProposal)]
        if len(page) < AT_ONCE:
            return found_so_far
        after = page[-1].id


def _rows(pack: CityPack, made: NextList, version: str, *, changed_only: bool) -> list[dict[str, str]]:
    """Rows of duty.csv. What did not change keeps the version that it came with."""
    changed = set(made.changed)
    kept = {code: item.version for code, item in pack.duty_items.items() if code not in changed}
    return [
        {
            "code": code,
            "name": line.name,
            "categories": ";".join(line.categories),
            "lead": line.lead,
            "cooperators": ";".join(line.cooperators),
            "township_role": TownshipRole(line.township_role).label,
            "list_kind": ListKind(line.list_kind).label,
            "legal_basis": line.legal_basis,
            "words": ";".join(line.words),
            "version": kept.get(code, version),
            "grassroots_does": line.grassroots_does,
            "support": line.support,
        }
        for code, line in made.lines.items()
        if not changed_only or code in changed
    ]


def mined(
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help="至多几项")] = 20,
    as_json: Json = False,
) -> None:
    with open_pool_home() as home:
        ranked = mine(_problems(home))[:limit]
        if as_json:
            fields = ("item", "category", "problems", "returned", "disputed")
            print_json({"items": [{f: getattr(one, f) for f in fields} | {"suggested": dict(one.suggested)} for one in ranked]})
            return
        if not ranked:
            screen().print("没有退单或争议", style="green")
            return
        table = plain_table("事项", "问题", "退单", "争议", "退单时说该谁办")
        for one in ranked:
            item, category = home.pack.duty_items.get(one.item or ""), home.pack.categories.get(one.category or "")
            off_list = f"清单没有({category.name if category else '类别不明'})"
            name = f"{one.item} {item.name if item else ''}" if one.item else off_list
            suggested = "、".join(f"{unit_of(home.pack, unit)} {count}" for unit, count in one.suggested.most_common(3))
            table.add_row(name, str(one.problems), str(one.returned), str(one.disputed), suggested)
        screen().print(table)


def _problems(home: PoolHome) -> Iterator[Problem]:
    for name in [name for name in home.store.state_ids() if name[:1] == "p"]:
        state = home.store.states([name]).get(name)
        if isinstance(state, Problem):
            yield state
