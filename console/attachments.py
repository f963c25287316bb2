"""`wentichi attachments`: photos and other files of reports, checked on the way in, covered on the way out."""

import hashlib
from pathlib import Path
from typing import Annotated, Any

import typer

from console.asking import person
from console.opening import find_report, open_pool_home
from console.terminal import Json, one_line, plain_table, print_json, screen
from intake.pictures import check_file, covered, is_picture
from pool.attachments import attachments_in
from pool.scope import ALL
from schemas.errors import ContractError, NotFound
from schemas.words import WatchState
from streams.session import PoolHome

app = typer.Typer(add_completion=False, no_args_is_help=True, help="来件的附件:存入、查看、取出。照片里的人脸、车牌默认遮住。")
Report = Annotated[str, typer.Argument(metavar="来件", help="来件编号,或来源方的编号")]
PAGE = 1000


@app.command("add", help="存入文件:哈希、大小、类型须与来件登记的一致")
def add(
    report: Report, files: Annotated[list[Path], typer.Argument(metavar="文件", help="可多个")], as_json: Json = False
) -> None:
    with open_pool_home() as home:
        name, said = _attachments(home, report)
        key = _key(home, name)
        stored = []
        for file in files:
            try:
                data = file.read_bytes()
            except OSError as error:
                raise NotFound(f"读不到文件 {file}:{error.strerror};请检查路径") from error
            sha256 = hashlib.sha256(data).hexdigest()
            if sha256 not in said:
                rule = f"{file.name} 不是这件来件登记的附件(哈希 {sha256[:12]}…)"
                raise ContractError("attachments.sha256", rule, "请先由来源在来件里登记它的哈希")
            check_file(data, said[sha256]["media_type"], said[sha256]["size"])
            attachments_in(home.folder).put(name, data, sha256, key)
            stored.append(sha256)
        if as_json:
            print_json({"report": name, "stored": stored})
        else:
            screen().print(f"来件 {name}:存入 {len(stored)} 个附件")


@app.command("list", help="一件来件登记了哪些附件,哪些已存入")
def list_attachments(report: Report, as_json: Json = False) -> None:
    with open_pool_home() as home:
        name, said = _attachments(home, report)
        held = attachments_in(home.folder).held(name, said)
        rows = [{**one, "stored": sha256 in held} for sha256, one in said.items()]
        if as_json:
            print_json({"report": name, "attachments": rows})
            return
        table = plain_table("哈希", "类型", "字节", "名称", "遮盖", "已存入")
        for row in rows:
            covers = str(len(row.get("boxes", []))) if row.get("boxes") else ""
            shown = (row["sha256"][:16], row["media_type"], str(row["size"]), one_line(row.get("name", ""), 30), covers)
            table.add_row(*shown, "是" if row["stored"] else "否")
        screen().print(table)


@app.command("get", help="取出附件;人脸、车牌默认遮住,看原图须说明理由并记录在案")
def get(
    report: Report,
    sha256: Annotated[str, typer.Argument(metavar="哈希", help="附件的哈希,可只写开头")],
    out: Annotated[Path, typer.Option("--out", metavar="文件", help="写到哪个文件")],
    original: Annotated[bool, typer.Option("--original", help="不遮盖的原件;须说明理由")] = False,
    reason: Annotated[str, typer.Option("--reason", metavar="理由", help="查看原件的理由")] = "",
    by: Annotated[str, typer.Option("--by", metavar="姓名", help="谁在查看", callback=person)] = "operator",
    as_json: Json = False,
) -> None:
    with open_pool_home() as home:
        name, said = _attachments(home, report)
        wanted = [held for held in said if held.startswith(sha256.lower())]
        if len(wanted) != 1:
            given = one_line(sha256, 20)
            raise NotFound(f"来件 {name} 以 {given} 开头的附件有 {len(wanted)} 个;可用 wentichi attachments list 查看")
        one = said[wanted[0]]
        data = attachments_in(home.folder).get(name, wanted[0], _key(home, name))
        if data is None:
            raise NotFound(f"附件 {wanted[0][:12]} 还没有存入;请用 wentichi attachments add 存入")
        if original:
            home.vault.note_disclosure(name, by, reason, home.clock.now())
        elif is_picture(one["media_type"]):
            data = covered(data, one.get("boxes", []))
        elif one.get("boxes"):
            raise ContractError("--original", "这种文件里的人脸、车牌遮不住", "确需查看请加 --original --reason 理由;会记录在案")
        try:
            out.write_bytes(data)
        except OSError as error:
            raise NotFound(f"写不进 {out}:{error.strerror};请检查路径和权限") from error
        told = {"report": name, "sha256": wanted[0], "file": str(out), "bytes": len(data), "original": original}
        print_json(told) if as_json else screen().print(f"已写入 {out}({len(data)} 字节{',原件' if original else ''})")


def _attachments(home: PoolHome, wanted: str) -> tuple[str, dict[str, dict[str, Any]]]:
    """(report id, its attachments by hash): of a report in the pool, or of an alarm that waits for a person."""
    found = find_report(home, wanted)
    if found is not None:
        return found.id, {one["sha256"]: one for one in found.attachments}
    after = ""
    while watches := home.search.watches(WatchState.UNCONFIRMED, ALL, after, PAGE):
        held = (track.held for watch in watches for track in watch.tracks if track.held is not None)
        record = next((record for record in held if record.report == wanted.strip()), None)
        if record is not None:
            return record.report, {one["sha256"]: one for one in record.attachments}
        after = watches[-1].id
    raise NotFound(f"没有找到来件 “{one_line(wanted, 60)}”;请用来件编号或来源方的编号")


def _key(home: PoolHome, report: str) -> bytes:
    key = home.vault.keys([report]).get(report)
    if key is None:
        raise NotFound(f"来件 {report} 的内容已经删除,附件不再收存")
    return key
