"""A watch: one camera and one class of its alarms. It takes every alarm and opens a report where one is due."""

from typing import Any

from pydantic import Field

from schemas.aggregate import Aggregate
from schemas.base import Record, Utc
from schemas.report_record import ReportRecord
from schemas.words import TrackState, WatchState

SEEN_LIMIT = 64
"""Newest alarms that a watch knows again by their id."""
MOST_TRACKS = 8
"""Things of one class that a watch tells apart in one picture; a further one counts to the nearest."""

Box = tuple[float, float, float, float]
"""x1, y1, x2, y2 in 0..1, (x1, y1) top left."""


class Alarm(Record):
    """What an alarm says beside its report. track: the algorithm's own number of the thing."""

    device: str
    alarm_class: str
    score: float = Field(ge=0, le=1)
    box: Box | None = None
    track: str | None = None
    dwell_seconds: float | None = None


class Track(Record):
    """One thing in the picture. first and last: times of its alarms; clears: when it counts as gone, if no alarm comes."""

    number: int
    state: TrackState
    box: Box | None = None
    track: str | None = None
    first: Utc
    last: Utc
    clears: Utc
    alarms: int = 1
    best: float = 0.0
    report: str | None = Field(default=None, description="the report that was opened last")
    decided: Utc | None = Field(default=None, description="when it was opened or dismissed")
    held: ReportRecord | None = Field(default=None, description="what a person's confirmation would open")


class Watch(Aggregate):
    """alarms = observed + held + opened: every alarm counts once."""

    device: str = ""
    alarm_class: str = ""
    state: WatchState = WatchState.IDLE
    category: str | None = None
    area: str | None = None
    area_path: str = ""
    grid: str | None = None
    tracks: list[Track] = []
    tracks_made: int = 0
    alarms: int = 0
    observed: int = Field(default=0, description="alarms that opened nothing and wait for nobody")
    held: int = Field(default=0, description="alarms that a person was asked about")
    opened: int = Field(default=0, description="alarms that opened a report by themselves")
    confirmed: int = 0
    dismissed: int = 0
    seen: list[str] = Field(default=[], description="report ids of the newest alarms")
    reported: list[str] = Field(default=[], description="those of the newest alarms whose report was asked for")


def derived_state(tracks: list[Track]) -> WatchState:
    """What somebody must know first."""
    states: set[Any] = {track.state for track in tracks}
    if TrackState.UNCONFIRMED in states:
        return WatchState.UNCONFIRMED
    if TrackState.OPEN in states:
        return WatchState.OPEN
    return WatchState.DWELLING if TrackState.DWELLING in states else WatchState.IDLE
