"""`wentichi cameras`: what cameras have in their pictures, and the unsure alarms that a person looks at."""

import secrets
from datetime import datetime
from typing import Annotated, Any

import typer
from rich.text import Text

from casework.watch_fold import track_of
from city.pack import CityPack
from console.asking import person
from console.labels import TRACK, WATCH
from console.opening import open_pool_home, open_pool_session
from console.terminal import Json, indented, one_line, plain_table, print_json, screen
from console.watch_timeline import sentence
from pool.scope import ALL
from schemas.commands import Actor, Command, ConfirmAlarm, DismissAlarm
from schemas.documents import Outcome
from schemas.errors import CommandRefused, NotFound
from schemas.events import read_event
from schemas.identity import command_id
from schemas.watch import Track, Watch
from schemas.words import Role, TrackState, WatchState
from streams.session import PoolHome, PoolSession

app = typer.Typer(add_completion=False, no_args_is_help=True, help="视频监看:摄像头看到了什么,哪些告警等人确认。")
Name = Annotated[str, typer.Argument(metavar="监看", help="监看编号,可用 wentichi cameras list 查看")]
Number = Annotated[int | None, typer.Argument(metavar="第几处", help="画面里的第几处;只有一处待确认时可不写")]
By = Annotated[str, typer.Option("--by", metavar="姓名", help="经办人", callback=person)]
Key = Annotated[str, typer.Option("--id", metavar="键", help="幂等键:重试时用同一个键,只办一次")]


@app.command("list", help="列出监看:每个摄像头每一类告警一条")
def list_watches(
    state: Annotated[WatchState | None, typer.Option("--state", help="只看处于这一状态的;待确认为 unconfirmed")] = None,
    after: Annotated[str, typer.Option("--after", metavar="编号", help="从这一条之后列起")] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help="至多几条")] = 50,
    as_json: Json = False,
) -> None:
    with open_pool_home() as home:
        watches = home.search.watches(state, ALL, after, limit)
        if as_json:
            print_json({"watches": [_json(watch) for watch in watches]})
            return
        console = screen()
        if not watches:
            console.print("没有" + (f"{WATCH[state]}的" if state else "") + "视频监看", style="green")
            return
        table = plain_table("编号", "状态", "摄像头", "类别", "在哪里", "告警", "立来件", "观察")
        for column in table.columns[5:]:
            column.justify = "right"
        for watch in watches:
            counts = (watch.alarms, watch.opened + watch.confirmed, watch.observed)
            where = _where(home.pack, watch)
            seen = one_line(watch.device, 24), one_line(watch.alarm_class, 16), where
            table.add_row(watch.id, WATCH[watch.state], *seen, *map(str, counts))
        table.columns[0].no_wrap = True
        console.print(table)
        if len(watches) == limit:
            console.print(f"可能还有,接着看:wentichi cameras list --after {watches[-1].id}", style="dim")


@app.command("show", help="看一个监看:画面里有几处,各是什么状态,经过如何")
def show_watch(name: Name, as_json: Json = False) -> None:
    with open_pool_home() as home:
        watch = _found(home, name)
        told = [(event.at, sentence(home.pack, event)) for event in map(read_event, _lines(home, watch.id))]
        if as_json:
            print_json(_json(watch) | {"events": [{"at": at.isoformat(), "said": said} for at, said in told]})
            return
        console = screen()
        console.print(Text.assemble((watch.id, "bold"), f"  {WATCH[watch.state]}"))
        console.print(indented(f"摄像头 {one_line(watch.device)}  盯“{one_line(watch.alarm_class)}”  {_where(home.pack, watch)}"))
        console.print(indented(f"告警 {watch.alarms} 次:立来件 {watch.opened},送人确认 {watch.held},只作观察 {watch.observed}"))
        for track in watch.tracks:
            console.print(indented(f"第 {track.number} 处  {TRACK[track.state]}  {_since(home.pack, track)}"))
        for at, said in told[-40:]:
            console.print(indented(Text.assemble((_minute(home.pack, at), "dim"), "  ", one_line(said, 140))))


@app.command("confirm", help="确有其事:按这条告警立来件,照常派单")
def confirm(name: Name, number: Number = None, by: By = "operator", key: Key = "", as_json: Json = False) -> None:
    _answer(ConfirmAlarm, name, number, by, key, "已确认,来件已立", as_json=as_json)


@app.command("dismiss", help="误报:不立来件,冷却期内同一处不再问")
def dismiss(name: Name, number: Number = None, by: By = "operator", key: Key = "", as_json: Json = False) -> None:
    _answer(DismissAlarm, name, number, by, key, "已记为误报", as_json=as_json)


def _answer(
    kind: type[ConfirmAlarm] | type[DismissAlarm], name: str, number: int | None, by: str, key: str, said: str, *, as_json: bool
) -> None:
    with open_pool_session() as session:
        watch = _found(session.home, name)
        command = kind(
            id=command_id("console", by, key or secrets.token_hex(16)),
            slot=watch.slot,
            at=session.home.clock.now(),
            actor=Actor(id=by, role=Role.CLERK),
            pack=session.home.pack.version,
            watch=watch.id,
            track=_meant(watch) if number is None else number,
        )
        outcome = _submitted(session, command)
        opened = watch_track(session.home, watch.id, command.track)
        if opened is not None and opened.report is not None:
            report = opened.report
            session.work(lambda: bool(session.home.store.claims([report])))
        if as_json:
            print_json(outcome.model_dump(mode="json") | {"said": said})
            return
        screen().print(f"{watch.id} 第 {command.track} 处:{said}")


def watch_track(home: PoolHome, watch: str, number: int) -> Track | None:
    """The track as it is now."""
    state = home.store.states([watch]).get(watch)
    return track_of(state, number) if isinstance(state, Watch) else None


def _meant(watch: Watch) -> int:
    waiting = [track.number for track in watch.tracks if track.state is TrackState.UNCONFIRMED]
    if len(waiting) != 1:
        listed = "、".join(map(str, waiting)) or "没有"
        raise NotFound(f"监看 {watch.id} 待确认的有 {len(waiting)} 处({listed});请写明第几处,可用 wentichi cameras show 查看")
    return waiting[0]


def _submitted(session: PoolSession, command: Command) -> Outcome:
    (outcome,) = session.submit(command)
    if outcome.status == "refused":
        raise CommandRefused(outcome.code, outcome.message)
    return outcome


def _found(home: PoolHome, name: str) -> Watch:
    state = home.store.states([name.strip()]).get(name.strip()) if name.strip()[:1] == "w" else None
    if not isinstance(state, Watch):
        raise NotFound(f"没有监看 “{one_line(name, 60)}”;可用 wentichi cameras list 查看编号")
    return state


def _lines(home: PoolHome, watch: str) -> list[bytes]:
    return [stored.line for stored in home.store.events_of(watch)]


def _where(pack: CityPack, watch: Watch) -> str:
    area = pack.areas.get(watch.area or "")
    return area.name if area else "地点不明"


def _since(pack: CityPack, track: Track) -> str:
    said = f"{_minute(pack, track.first)} 起 {track.alarms} 次,最近 {_minute(pack, track.last)},最高把握 {track.best:.0%}"
    return said + (f",来件 {track.report}" if track.report else "")


def _minute(pack: CityPack, at: datetime) -> str:
    return pack.calendar.local(at).strftime("%m-%d %H:%M")


def _json(watch: Watch) -> dict[str, Any]:
    """Without the runner's bookkeeping, and without sealed words."""
    shown = watch.model_dump(mode="json", exclude={"head", "write", "applied_to", "recent", "outbox", "parked", "seen"})
    for track in shown["tracks"]:
        track["held"] = track["held"]["report"] if track["held"] else None
    return shown
