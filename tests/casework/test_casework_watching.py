"""A camera's watch: many alarms, few reports, and nothing that is really there is lost."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from world import ACTORS, START, findings, record, sample_pack, unit_actor

from casework.decide import Decision, decide
from casework.fold import apply
from casework.transitions import WATCH_TABLE
from city import CityPack
from city.records import CameraRule
from schemas.commands import COMMAND, AddReport
from schemas.events import read_event
from schemas.identity import watch_id
from schemas.watch import MOST_TRACKS, SEEN_LIMIT, Box, Watch
from schemas.words import Channel, Clock, Refusal, Role, TrackState, WatchState

DEVICE, CLASS = "99000000001320000001", "垃圾满溢"
NAME = watch_id(3, DEVICE, CLASS)
HERE: Box = (0.1, 0.1, 0.3, 0.3)
THERE: Box = (0.6, 0.6, 0.9, 0.9)


def ruled(pack: CityPack, **changed: Any) -> CityPack:
    base = {"confirm": 0.6, "dwell_seconds": 0, "cooldown_minutes": 120, "clear_minutes": 30, "overlap": 0.3}
    rule = CameraRule(label=CLASS, source="测试", **(base | changed))
    return pack.__class__(**{name: getattr(pack, name) for name in pack.__slots__} | {"camera_rules": {CLASS: rule}})


class Camera:
    """One watch and its clock."""

    def __init__(self, **rule: Any) -> None:
        self.pack = ruled(sample_pack(), **rule)
        self.watch = Watch(id=NAME, slot=3)
        self.now = START
        self.lines: list[bytes] = []
        self.reports: list[AddReport] = []
        self._count = 0

    def sees(
        self,
        score: float = 0.9,
        box: Box | None = HERE,
        *,
        name: str = "",
        time: datetime | None = None,
        content: str = "",
        **alarm: Any,
    ) -> Decision:
        self._count += 1
        name = name or f"a{self._count}"
        given: dict[str, Any] = {"time": time} if time else {}
        given |= {"content": content} if content else {}
        told = record(name, self.now, channel=Channel.CAMERA, findings=findings(), **given)
        fields = {"device": DEVICE, "alarm_class": CLASS, "score": score, "box": box} | alarm
        return self.hear("SeeAlarm", Role.INTAKE, alarm=fields, record=told)

    def hear(self, kind: str, role: Role, **data: Any) -> Decision:
        actor = unit_actor("yunxi-chengguan") if role is Role.UNIT else ACTORS[role]
        target = {"aggregate": NAME} if kind == "FireTimer" else {"watch": NAME}
        base = {"type": kind, "id": f"c{len(self.lines)}-{self._count}-{kind}", "slot": 3, "at": self.now, "actor": actor}
        decision = decide(self.watch, COMMAND.validate_python(base | target | data), (0, self._count), self.pack)
        self.lines += [line for _, _, line in decision.lines]
        self.reports += [ask for ask in decision.asks if isinstance(ask, AddReport)]
        return decision

    def passes(self, **time: float) -> None:
        """Time goes by; what is due then fires, oldest first."""
        until = self.now + timedelta(**time)
        while due := min((t.due for t in self.watch.timers if not t.expired and t.due <= until), default=None):
            self.now = max(self.now, due)
            assert self.hear("FireTimer", Role.SYSTEM, clock=Clock.CLEAR, due=due).status == "applied"
        self.now = until

    @property
    def opened(self) -> list[str]:
        return [ask.record.report for ask in self.reports]


def test_the_first_sure_alarm_opens_a_report_and_the_next_ones_do_not() -> None:
    camera = Camera()
    for _ in range(20):
        camera.sees()
        camera.passes(minutes=5)
    assert camera.opened == ["a1"]
    assert (camera.watch.alarms, camera.watch.opened, camera.watch.observed) == (20, 1, 19)
    assert camera.watch.state is WatchState.OPEN


def test_two_things_in_one_picture_are_two_reports() -> None:
    camera = Camera()
    for _ in range(5):
        camera.sees(box=HERE)
        camera.sees(box=THERE)
    assert camera.opened == ["a1", "a2"]


def test_a_thing_that_the_algorithm_follows_is_one_thing_wherever_it_goes() -> None:
    camera = Camera()
    camera.sees(box=HERE, track="7")
    camera.sees(box=THERE, track="7")
    assert camera.opened == ["a1"]


def test_a_thing_must_stand_there_long_enough() -> None:
    camera = Camera(dwell_seconds=120)
    camera.sees()
    camera.passes(seconds=60)
    camera.sees()
    assert camera.opened == []
    assert camera.watch.state is WatchState.DWELLING
    camera.passes(seconds=61)
    camera.sees()
    assert camera.opened == ["a3"]


def test_the_camera_may_count_the_time_itself() -> None:
    camera = Camera(dwell_seconds=120)
    camera.sees(dwell_seconds=119)
    camera.sees(dwell_seconds=120)
    assert camera.opened == ["a2"]


def test_what_passes_by_never_opens_a_report() -> None:
    camera = Camera(dwell_seconds=120, clear_minutes=5)
    for _ in range(10):
        camera.sees()
        camera.passes(minutes=6)
    assert camera.opened == []
    assert camera.watch.state is WatchState.IDLE
    assert camera.watch.observed == 10


def test_what_is_gone_is_cleared_and_comes_back_as_a_new_incident() -> None:
    camera = Camera()
    camera.sees()
    camera.passes(minutes=31)
    assert (camera.watch.state, camera.watch.tracks) == (WatchState.IDLE, [])
    camera.sees()
    assert camera.opened == ["a1", "a2"]


def test_what_stays_beyond_the_cooldown_is_reported_again() -> None:
    camera = Camera(cooldown_minutes=60)
    for _ in range(14):
        camera.sees()
        camera.passes(minutes=10)
    assert camera.opened == ["a1", "a7", "a13"]


def test_an_unsure_alarm_waits_for_a_person_and_opens_what_was_held() -> None:
    camera = Camera()
    camera.sees(score=0.4)
    camera.sees(score=0.5)
    assert (camera.opened, camera.watch.state) == ([], WatchState.UNCONFIRMED)
    camera.passes(hours=10)  # nobody looks: it still waits
    assert camera.watch.state is WatchState.UNCONFIRMED
    assert camera.hear("ConfirmAlarm", Role.CLERK, track=1).status == "applied"
    assert (camera.opened, camera.watch.state) == (["a1"], WatchState.OPEN)
    assert camera.hear("ConfirmAlarm", Role.CLERK, track=1).code is Refusal.NOT_UNCONFIRMED


def test_a_sure_alarm_of_the_same_thing_needs_no_person_any_more() -> None:
    camera = Camera()
    camera.sees(score=0.4)
    camera.sees(score=0.8)
    assert camera.opened == ["a2"]


def test_what_a_person_dismissed_is_not_asked_again_before_the_cooldown_is_over() -> None:
    camera = Camera(cooldown_minutes=60)
    camera.sees(score=0.4)
    assert camera.hear("DismissAlarm", Role.CLERK, track=1).status == "applied"
    for _ in range(5):
        camera.passes(minutes=10)
        camera.sees(score=0.4)
    assert (camera.opened, camera.watch.dismissed, camera.watch.held) == ([], 1, 1)
    camera.passes(minutes=15)
    camera.sees(score=0.4)
    assert camera.watch.state is WatchState.UNCONFIRMED


def test_an_alarm_counts_once_however_often_it_comes() -> None:
    camera = Camera()
    for _ in range(3):
        camera.sees(name="same")
    assert set(camera.opened) == {"same"}  # casework knows it by its claim
    assert (camera.watch.alarms, camera.watch.opened, len(camera.watch.seen)) == (1, 1, 1)


def test_a_correction_reaches_its_report_also_while_that_is_on_its_way() -> None:
    camera = Camera()
    camera.sees(name="one")
    camera.sees(name="one", content="corrected")
    assert camera.opened == ["one", "one"]
    assert [ask.record.content for ask in camera.reports] == ["content of one", "corrected"]
    assert (camera.watch.alarms, camera.watch.opened) == (1, 1)


def test_a_correction_of_what_waits_for_a_person_is_what_is_opened() -> None:
    camera = Camera()
    camera.sees(score=0.4, name="one")
    camera.sees(score=0.4, name="one", content="corrected")
    camera.hear("ConfirmAlarm", Role.CLERK, track=1)
    assert [ask.record.content for ask in camera.reports] == ["corrected"]
    assert camera.watch.alarms == 1


def test_what_a_watch_remembers_is_bounded() -> None:
    camera = Camera()
    for number in range(300):
        x = (number % 30) / 31
        camera.sees(box=(x, x, x + 0.01, x + 0.01))
    assert len(camera.watch.seen) == SEEN_LIMIT
    assert len(camera.watch.tracks) <= MOST_TRACKS
    assert camera.watch.alarms == 300


def test_a_camera_without_boxes_tells_nothing_apart() -> None:
    camera = Camera()
    for _ in range(4):
        camera.sees(box=None)
    assert camera.opened == ["a1"]


@pytest.mark.parametrize("kind", sorted(WATCH_TABLE))
@pytest.mark.parametrize("role", Role)
def test_only_who_may_does(kind: str, role: Role) -> None:
    camera = Camera()
    camera.sees(score=0.4)
    before = camera.watch.model_dump()
    due = camera.watch.timers[0].due if camera.watch.timers else START
    told = record("r9", channel=Channel.CAMERA)
    data: dict[str, dict[str, Any]] = {
        "SeeAlarm": {"alarm": {"device": DEVICE, "alarm_class": CLASS, "score": 0.9}, "record": told},
        "ConfirmAlarm": {"track": 1},
        "DismissAlarm": {"track": 1},
        "FireTimer": {"clock": Clock.CLEAR, "due": due},
    }
    decision = camera.hear(kind, role, **data[kind])
    if role not in WATCH_TABLE[kind]:
        assert decision.code is Refusal.FORBIDDEN_ROLE
        assert camera.watch.model_dump() == before
    else:
        assert decision.code in (None, Refusal.TIMER_VOID)


def test_nobody_confirms_what_no_camera_saw() -> None:
    camera = Camera()
    assert camera.hear("ConfirmAlarm", Role.CLERK, track=1).code is Refusal.NOT_FOUND
    assert camera.watch.version == 0


def test_a_timer_that_the_watch_does_not_hold_is_void() -> None:
    camera = Camera()
    camera.sees()
    (timer,) = camera.watch.timers
    later = timer.due + timedelta(seconds=1)
    assert camera.hear("FireTimer", Role.SYSTEM, clock=Clock.CLEAR, due=later).code is Refusal.TIMER_VOID


SIGHTS = st.lists(
    st.tuples(
        st.sampled_from([0.3, 0.55, 0.7, 0.95]),
        st.sampled_from([HERE, THERE, (0.12, 0.1, 0.32, 0.3), None]),
        st.integers(0, 90),
        st.sampled_from(["see", "again", "confirm", "dismiss", "late"]),
    ),
    max_size=40,
)


@given(SIGHTS, st.sampled_from([0, 60, 600]), st.sampled_from([5, 60]))
@settings(max_examples=150, deadline=None)
def test_every_alarm_counts_once_and_the_fold_of_the_events_is_the_state(
    sights: list[tuple[float, Box | None, int, str]], dwell: int, clear: int
) -> None:
    camera = Camera(dwell_seconds=dwell, clear_minutes=clear, cooldown_minutes=45)
    different = 0
    for score, box, minutes, what in sights:
        if what == "again" and camera.watch.seen:
            camera.sees(score, box, name=camera.watch.seen[-1])
        elif what in ("confirm", "dismiss"):
            held = [track.number for track in camera.watch.tracks if track.state is TrackState.UNCONFIRMED]
            camera.hear("ConfirmAlarm" if what == "confirm" else "DismissAlarm", Role.CLERK, track=held[0] if held else 99)
        else:
            camera.sees(score, box, time=camera.now - timedelta(minutes=20) if what == "late" else None)
            different += 1
        camera.passes(minutes=minutes)
    watch = camera.watch
    assert watch.alarms == watch.observed + watch.held + watch.opened == different
    assert len(set(camera.opened)) == watch.opened + watch.confirmed
    assert len({ask.id for ask in camera.reports}) == len({(ask.record.report, ask.record.content) for ask in camera.reports})
    again = Watch(id=NAME, slot=3)
    for line in camera.lines:
        apply(again, read_event(line))
    assert again.model_dump() == watch.model_dump()
