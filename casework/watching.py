"""Decide one command on a camera's watch: few reports of many alarms, and none of what is really there lost.

An alarm counts to the thing (track) that it shows: by the algorithm's own number, else by how far the boxes overlap. A thing
opens a report once it has stood there long enough (dwell) and the camera is sure enough (confirm); while that is open further
alarms are observations, until the cooldown is over. Below `confirm` a person looks. What no alarm shows any more is cleared by a
timer, and the next alarm is a new incident. All times and thresholds are the pack's, by class (`camera_classes.csv`).
"""

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any, Final

from casework.change import Decision, Draft, Refused
from casework.timers import holds
from casework.transitions import WATCH_TABLE
from casework.watch_fold import track_of
from city.pack import CityPack
from city.records import CameraRule
from schemas import commands as cmd
from schemas import events as ev
from schemas.commands import Actor, Command
from schemas.identity import command_id
from schemas.report_record import ReportRecord
from schemas.watch import MOST_TRACKS, Alarm, Box, Track, Watch
from schemas.words import Clock, Refusal, Role, TrackState

_OPENER: Final = Actor(id="watch", role=Role.SYSTEM)


class Watching(Draft):
    """A change to a watch."""

    def __init__(self, watch: Watch, command: Command, origin: tuple[int, int], pack: CityPack) -> None:
        super().__init__(watch, command, origin, pack)
        self.watch = watch

    def open(self, record: ReportRecord) -> None:
        """Ask for the report.

        The report is of the place that was found for it, which need not lie in the slot of the camera."""
        command = self.command
        self.asks.append(
            cmd.AddReport(
                id=asked_id(record),
                slot=self.pack.slot_of(record.findings.place.area).number,
                at=command.at,
                actor=_OPENER,
                pack=command.pack,
                model=command.model,
                record=record,
            )
        )


def asked_id(record: ReportRecord) -> str:
    """The same for the same words, on whatever way they come: what was refused once is then refused again."""
    return command_id("watch", record.report, record.content)


def decide(change: Watching) -> Decision:
    """A refused command changes nothing."""
    command = change.command
    try:
        if command.type not in WATCH_TABLE:
            raise Refused(Refusal.FORBIDDEN_STATE)
        if command.actor.role not in WATCH_TABLE[command.type]:
            raise Refused(Refusal.FORBIDDEN_ROLE)
        if change.watch.version == 0 and not isinstance(command, cmd.SeeAlarm):
            raise Refused(Refusal.NOT_FOUND)
        _DECIDERS[command.type](change, command)
    except Refused as refused:
        return Decision("refused", code=refused.code)
    return Decision("applied", change.lines, change.asks)


def _see(change: Watching, command: cmd.SeeAlarm) -> None:
    watch, record, alarm = change.watch, command.record, command.alarm
    if record.report in watch.seen or record.report in watch.reported:
        _come_again(change, record)
        return
    _place(change, command)
    rule = change.pack.camera_rule(alarm.alarm_class)
    gone = [t.number for t in watch.tracks if t.clears <= command.at and t.state is not TrackState.UNCONFIRMED]
    if gone:
        change.emit(ev.TracksCleared, numbers=gone)
    track = _shown(watch.tracks, alarm, rule.overlap)
    said: dict[str, Any] = {
        "number": track.number if track else watch.tracks_made + 1,
        "report": record.report,
        "time": record.time,
        "score": alarm.score,
        "box": alarm.box,
        "track": alarm.track,
        "clears": command.at + timedelta(minutes=rule.clear_minutes),
    }
    if (track is not None and _settled(track, record, alarm, rule)) or not _dwelled(track, record, alarm, rule):
        change.emit(ev.AlarmObserved, **said)
    elif max(alarm.score, track.best if track else 0.0) < rule.confirm:
        change.emit(ev.AlarmHeld, record=record, **said)
    else:
        change.open(record)
        change.emit(ev.AlarmOpened, **said)


def _come_again(change: Watching, record: ReportRecord) -> None:
    """A correction of an alarm that was seen. Its report may still be on its way: what is asked now arrives behind it, and what
    is no correction changes nothing there. Of an observation nothing is kept that could be corrected."""
    held = next((t for t in change.watch.tracks if t.held is not None and t.held.report == record.report), None)
    if held is not None and held.held is not None and held.held.content != record.content:
        if (record.revision or 0) >= (held.held.revision or 0):
            change.emit(ev.AlarmCorrected, number=held.number, record=record)
    elif record.report in change.watch.reported:
        change.open(record)


def _place(change: Watching, command: cmd.SeeAlarm) -> None:
    """Alarms that were late, or of another place by mistake, do not move a camera back and forth: the newest word counts."""
    watch, alarm, findings = change.watch, command.alarm, command.record.findings
    area = change.pack.areas.get(findings.place.area or "")
    said = {
        "device": alarm.device,
        "alarm_class": alarm.alarm_class,
        "category": findings.categories[0].code if findings.categories else None,
        "area": area.code if area else None,
        "area_path": area.path if area else "",
        "grid": findings.place.grid,
    }
    if watch.version == 0 or any(getattr(watch, name) != value for name, value in said.items()):
        change.emit(ev.WatchPlaced, **said)


def _shown(tracks: list[Track], alarm: Alarm, overlap: float) -> Track | None:
    """Which of the things in the picture the alarm shows; None = a new one."""
    same = next((track for track in tracks if alarm.track is not None and track.track == alarm.track), None)
    if same is not None:
        return same
    by_overlap = sorted(tracks, key=lambda track: (-_overlap(track.box, alarm.box), track.number))
    if by_overlap and (_overlap(by_overlap[0].box, alarm.box) >= overlap or len(tracks) >= MOST_TRACKS):
        return by_overlap[0]
    return None


def _overlap(one: Box | None, other: Box | None) -> float:
    """Intersection over union, 0..1; where a box is missing the camera tells nothing apart: 1."""
    if one is None or other is None:
        return 1.0
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    return shared / (_area(one) + _area(other) - shared)


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def _settled(track: Track, record: ReportRecord, alarm: Alarm, rule: CameraRule) -> bool:
    """Nothing more is to be done about this thing for now."""
    if track.state is TrackState.UNCONFIRMED:
        return alarm.score < rule.confirm
    if track.state is TrackState.DWELLING or track.decided is None:
        return False
    return record.time < track.decided + timedelta(minutes=rule.cooldown_minutes)


def _dwelled(track: Track | None, record: ReportRecord, alarm: Alarm, rule: CameraRule) -> bool:
    """It stood there as long as its class asks for, by the camera's own count or by the times of its alarms."""
    if alarm.dwell_seconds is not None and alarm.dwell_seconds >= rule.dwell_seconds:
        return True
    first = min(track.first, record.time) if track else record.time
    last = max(track.last, record.time) if track else record.time
    return (last - first).total_seconds() >= rule.dwell_seconds


def _confirm(change: Watching, command: cmd.ConfirmAlarm) -> None:
    track = _waiting(change, command.track)
    if track.held is None:
        raise change.refuse(Refusal.NOT_UNCONFIRMED)
    change.open(track.held)
    change.emit(ev.AlarmConfirmed, number=track.number, report=track.held.report)


def _dismiss(change: Watching, command: cmd.DismissAlarm) -> None:
    change.emit(ev.AlarmDismissed, number=_waiting(change, command.track).number)


def _waiting(change: Watching, number: int) -> Track:
    track = track_of(change.watch, number)
    if track is None or track.state is not TrackState.UNCONFIRMED:
        raise change.refuse(Refusal.NOT_UNCONFIRMED)
    return track


def _fire(change: Watching, command: cmd.FireTimer) -> None:
    if not holds(change.watch, command.clock, command.due) or command.clock is not Clock.CLEAR:
        raise change.refuse(Refusal.TIMER_VOID)
    change.emit(ev.TracksCleared, numbers=list(_over(change.watch.tracks, command)))


def _over(tracks: Iterable[Track], command: cmd.FireTimer) -> Iterable[int]:
    return (t.number for t in tracks if t.clears <= command.due and t.state is not TrackState.UNCONFIRMED)


_DECIDERS: Final[dict[str, Callable[[Watching, Any], None]]] = {
    "SeeAlarm": _see,
    "ConfirmAlarm": _confirm,
    "DismissAlarm": _dismiss,
    "FireTimer": _fire,
}
