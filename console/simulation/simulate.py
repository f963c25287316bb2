"""`wentichi simulate`: hours of a city, the same for the same seed, with the truth beside them."""

import random
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import orjson
import typer

from city.pack import CityPack, load_pack
from console.opening import open_pool_session
from console.push_rows import in_chunks
from console.simulation.alarms import Cameras
from console.simulation.broken import SHARE, broken
from console.simulation.incidents import City
from console.simulation.lines import Line
from console.simulation.story import flooding
from console.terminal import Json, plain_table, print_json, screen
from schemas.errors import ContractError, PoolError
from schemas.words import Channel, Stage, intake_topic
from streams.local.home import pack_folder
from streams.session import PoolSession

AT_ONCE = 500
FLOODED_AT = 7.0
"""Hours after the start, or earlier in a short simulation."""


def simulated(
    pack: CityPack, start: datetime, hours: float, rate: float, seed: int, *, alarms: float | None = None, story: bool = True
) -> list[Line]:
    """By time. rate: reports of people an hour; alarms: true incidents before cameras an hour (default: a tenth of rate)."""
    lines = list(City(pack, seed).lines(start, hours, rate))
    lines += Cameras(pack, seed).lines(start, hours, rate / 10 if alarms is None else alarms)
    if story and hours >= 4:
        lines += flooding(pack, start + timedelta(hours=min(FLOODED_AT, hours - 3.5)), seed)
    lines += broken(random.Random(f"{seed} broken"), start, hours, round(len(lines) * SHARE))
    return sorted(lines, key=lambda line: (line.at, line.id))


def simulate(
    hours: Annotated[float, typer.Option("--hours", min=0.1, max=24 * 400, help="多少小时")] = 24,
    rate: Annotated[float, typer.Option("--rate", min=0.1, max=100_000, help="平均每小时多少件来件(不算摄像头)")] = 60,
    seed: Annotated[int, typer.Option("--seed", help="同一个种子得到同一份模拟")] = 1,
    start: Annotated[str, typer.Option("--start", metavar="时间", help="从何时起,例如 2026-05-06;默认到今天零点为止")] = "",
    alarms: Annotated[float, typer.Option("--alarms", help="平均每小时多少起摄像头看到的真事;负数为来件数的十分之一")] = -1,
    out: Annotated[Path | None, typer.Option("--out", metavar="文件夹", help="写到这里:各渠道的 jsonl 和 truth.jsonl")] = None,
    push: Annotated[bool, typer.Option("--push", help="推入 WENTICHI_HOME 或服务器上的池")] = False,
    as_json: Json = False,
) -> None:
    """来件的措辞、长短、详略、错别字、情绪各不相同;有重复来电、同一件事走多个渠道、突发、摄像头误报和坏报文,旁边附有真相。

    人物、电话、地点均为虚构。不给 --out 或 --push 时只说会有什么。
    """
    if push:
        with open_pool_session() as session:
            pack = session.home.pack
            lines = simulated(pack, _start(pack, start, hours), hours, rate, seed, alarms=_alarms(alarms))
            push_lines(session, lines)
    else:
        pack = load_pack(pack_folder())
        lines = simulated(pack, _start(pack, start, hours), hours, rate, seed, alarms=_alarms(alarms))
    if out is not None:
        write(lines, out)
    _say(lines, out, as_json=as_json)


def push_lines(session: PoolSession, lines: Sequence[Line]) -> None:
    """In their order, worked to the end."""
    for some in in_chunks(lines, AT_ONCE):
        for channel in Channel:
            own = [(line.key, line.value) for line in some if line.channel is channel]
            if own:
                session.append(intake_topic(channel).value, own)
                while session.pace(intake_topic(channel).value, AT_ONCE):
                    pass
    for channel in Channel:
        session.work(session.worked(Stage.INTAKE, intake_topic(channel).value), drain=True)


def write(lines: Sequence[Line], folder: Path) -> None:
    """One file for each channel in the form that push takes, and truth.jsonl with a line for each of theirs."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for channel in Channel:
            values = b"".join(line.value.replace(b"\n", b" ") + b"\n" for line in lines if line.channel is channel)
            (folder / f"{channel.value}.jsonl").write_bytes(values)
        (folder / "truth.jsonl").write_bytes(b"".join(orjson.dumps(line.told()) + b"\n" for line in lines))
    except OSError as error:
        raise PoolError(f"写不进 {folder}:{error.strerror};请检查目录权限和剩余空间") from error


def _alarms(given: float) -> float | None:
    return None if given < 0 else given


def _start(pack: CityPack, given: str, hours: float) -> datetime:
    zone = pack.calendar.zone
    if not given:
        today = datetime.now(zone).replace(hour=0, minute=0, second=0, microsecond=0)
        return today - timedelta(hours=hours)
    try:
        at = datetime.fromisoformat(given)
    except ValueError as error:
        raise ContractError("--start", f"“{given[:30]}”不是时间", "请写成 2026-05-06 或 2026-05-06T08:00") from error
    return at if at.tzinfo else at.replace(tzinfo=zone)


def _say(lines: Sequence[Line], out: Path | None, *, as_json: bool) -> None:
    by_channel = Counter(line.channel.value for line in lines)
    by_kind = Counter(line.truth.kind for line in lines)
    incidents = len({line.truth.incident for line in lines} - {""})
    if as_json:
        counts = {"lines": len(lines), "incidents": incidents, "by_channel": by_channel, "by_kind": by_kind}
        print_json(counts | {"out": str(out or "")})
        return
    from console.labels import CHANNEL  # noqa: PLC0415 - beside its only use

    table = plain_table("模拟", "条")
    table.columns[1].justify = "right"
    for channel in Channel:
        table.add_row(CHANNEL[channel], f"{by_channel[channel.value]:,}")
    table.add_row("合计", f"{len(lines):,}")
    table.add_row("其中真事", f"{incidents:,}")
    table.add_row("误报的告警", f"{by_kind['false_alarm']:,}")
    table.add_row("坏报文", f"{by_kind['bad']:,}")
    console = screen()
    console.print(table)
    if out is not None:
        console.print(f"已写入 {out}:各渠道的 jsonl 可用 wentichi push 推入,truth.jsonl 是真相")
