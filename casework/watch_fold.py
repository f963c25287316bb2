"""The fold of a camera's watch: what its events made of it."""

from collections.abc import Callable
from typing import Any, Final

from casework.timers import set_timer
from schemas import events as ev
from schemas.watch import SEEN_LIMIT, Track, Watch, derived_state
from schemas.words import Clock, TrackState


def track_of(watch: Watch, number: int) -> Track | None:
    """The track with this number, while it is in the picture."""
    return next((track for track in watch.tracks if track.number == number), None)


def _settle(watch: Watch) -> None:
    """State and timer follow from the tracks. What waits for a person is never cleared by time."""
    watch.state = derived_state(watch.tracks)
    clears = (track.clears for track in watch.tracks if track.state is not TrackState.UNCONFIRMED)
    set_timer(watch, Clock.CLEAR, min(clears, default=None))


def _placed(watch: Watch, event: ev.WatchPlaced) -> None:
    watch.device, watch.alarm_class = event.device, event.alarm_class
    watch.category, watch.area, watch.area_path, watch.grid = event.category, event.area, event.area_path, event.grid


def _seen(watch: Watch, event: ev.AlarmEvent) -> Track:
    """The alarm counted to its track, which is made when it is new."""
    watch.alarms += 1
    watch.seen = [*watch.seen, event.report][-SEEN_LIMIT:]
    track = track_of(watch, event.number)
    if track is None:
        track = Track(
            number=event.number, state=TrackState.DWELLING, first=event.time, last=event.time, clears=event.clears, alarms=0
        )
        watch.tracks.append(track)
        watch.tracks_made = max(watch.tracks_made, event.number)
    track.alarms += 1
    track.best = max(track.best, event.score)
    track.first, track.clears = min(track.first, event.time), max(track.clears, event.clears)
    if event.time >= track.last:
        track.last = event.time
        track.box, track.track = event.box or track.box, event.track or track.track
    return track


def _observed(watch: Watch, event: ev.AlarmObserved) -> None:
    _seen(watch, event)
    watch.observed += 1
    _settle(watch)


def _held(watch: Watch, event: ev.AlarmHeld) -> None:
    track = _seen(watch, event)
    watch.held += 1
    track.state, track.held = TrackState.UNCONFIRMED, event.record
    _settle(watch)


def _opened(watch: Watch, event: ev.AlarmOpened) -> None:
    track = _seen(watch, event)
    watch.opened += 1
    _reported(watch, event.report)
    track.state, track.held, track.report, track.decided = TrackState.OPEN, None, event.report, event.time
    _settle(watch)


def _reported(watch: Watch, report: str) -> None:
    watch.reported = [*watch.reported, report][-SEEN_LIMIT:]


def _corrected(watch: Watch, event: ev.AlarmCorrected) -> None:
    track = track_of(watch, event.number)
    if track is None:
        raise ValueError(f"{watch.id}: corrected track {event.number} is not there")
    track.held = event.record


def _confirmed(watch: Watch, event: ev.AlarmConfirmed) -> None:
    track = track_of(watch, event.number)
    if track is None:
        raise ValueError(f"{watch.id}: confirmed track {event.number} is not there")
    watch.confirmed += 1
    _reported(watch, event.report)
    track.state, track.held, track.report, track.decided = TrackState.OPEN, None, event.report, event.at
    _settle(watch)


def _dismissed(watch: Watch, event: ev.AlarmDismissed) -> None:
    track = track_of(watch, event.number)
    if track is None:
        raise ValueError(f"{watch.id}: dismissed track {event.number} is not there")
    watch.dismissed += 1
    track.state, track.held, track.decided = TrackState.DISMISSED, None, event.at
    _settle(watch)


def _cleared(watch: Watch, event: ev.TracksCleared) -> None:
    gone = set(event.numbers)
    watch.tracks = [track for track in watch.tracks if track.number not in gone]
    _settle(watch)


WATCH_FOLDS: Final[dict[str, Callable[[Any, Any], None]]] = {
    "WatchPlaced": _placed,
    "AlarmObserved": _observed,
    "AlarmHeld": _held,
    "AlarmOpened": _opened,
    "AlarmCorrected": _corrected,
    "AlarmConfirmed": _confirmed,
    "AlarmDismissed": _dismissed,
    "TracksCleared": _cleared,
}
