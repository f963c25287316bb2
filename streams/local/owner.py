"""The owner of the stages: works every topic, one transaction a batch with all its effects, so each exactly once."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from classifiers.registry import models_folder
from schemas.aggregate import timer_command
from schemas.commands import Actor, FireTimer
from schemas.identity import slot_of
from schemas.words import PROGRESS_PREFIX, Channel, Role, Stage, Topic, intake_topic
from streams.careful import Careful
from streams.effects import Effects, LogRecord
from streams.failpoints import FailPoint, reach
from streams.local.collector import calm
from streams.local.home import Home, transaction
from streams.local.packs import ByPack, arrived, asked, of_one_pack
from streams.local.workers import IntakeWorkers
from streams.stages.casework import CaseworkStage
from streams.stages.intake import intake_stage
from streams.stages.progress import ProgressStage, checker_of
from streams.stages.publish import PublishStage, newest

BATCH = 500
TIMERS_AT_ONCE = 1000
WORKERS_FROM = 1500
"""Waiting reports from which a worker process is worth its start of about a second."""
TIMER_ACTOR = Actor(id="timer", role=Role.SYSTEM)
DECIDED_KEPT = 100_000


class Owner:
    """Holds the stages of one pool. The caller holds the lock (`ownership`). Not for several threads."""

    def __init__(self, home: Home, *, workers: int = 1) -> None:
        self._home = home
        self._reader = home.reader
        self._casework = CaseworkStage(home.pack)
        self._decider = Careful(Stage.CASEWORK, self._casework, self._casework.forget)
        keyed_hash, models = home.vault.keyed_hash, models_folder(home.folder)  # no lambda holds this owner: a circle would stay
        self._intakes = ByPack(home.packs, lambda pack: Careful(Stage.INTAKE, intake_stage(pack, keyed_hash, models)))
        checker = checker_of(models)
        self._answers = ByPack(home.packs, lambda pack: Careful(Stage.PROGRESS, ProgressStage(pack, checker)))
        self._publishers = ByPack(home.packs, lambda pack: Careful(Stage.PUBLISH, PublishStage(pack)))
        self._workers = IntakeWorkers(home.folder, workers)
        calm()
        self.seconds: dict[str, float] = defaultdict(float)
        """Time spent by step, in this process."""
        self.decided: list[float] = []
        """Seconds from arrival to decision of the newest decided reports, at most `DECIDED_KEPT`."""

    def prepare(self) -> None:
        """Build what the first report would wait a second for (its classifier): for an owner that stays."""
        self._intakes.at(self._home.clock.now())

    def step(self) -> bool:
        """One batch of every stage; False when there was nothing to do."""
        self._home.packs.refresh()
        worked = [self._step_intake(channel) for channel in Channel]
        worked.append(self._step_progress())
        worked.append(self._step_timers())
        worked.append(self._step_casework())
        worked.append(self._step_publish())
        return any(worked)

    def drain(self, seen: Callable[[], None] = lambda: None) -> None:
        """Work until nothing is left; `seen` is called after every round."""
        while self.step():
            seen()

    def close(self) -> None:
        """End the worker processes."""
        self._workers.close()

    def lag(self) -> dict[str, int]:
        """Records that wait, by stage."""
        waiting = {stage.value: 0 for stage in Stage}
        for topic, following in self._home.log.topics():
            stage = _stage_of(topic)
            if stage is not None:
                waiting[stage.value] += following - self._home.log.position(stage.value, topic)
        return waiting

    @contextmanager
    def _timed(self, step: str) -> Iterator[None]:
        begin = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[step] += time.perf_counter() - begin

    # stages

    def _step_intake(self, channel: Channel) -> bool:
        topic = intake_topic(channel).value
        position = self._home.log.position(Stage.INTAKE.value, topic)
        end = self._home.log.next_offset(topic)
        if end == position:
            return False
        if self._workers.busy(topic) or (end - position >= WORKERS_FROM and self._workers.wants(topic)):
            return self._step_workers(topic, position, end)
        self._work_intake(topic, position, min(position + BATCH, end))
        return True

    def _work_intake(self, topic: str, start: int, stop: int) -> None:
        """The records [start, stop) here, in as many parts as versions of the pack they fall to."""
        while start < stop:
            with self._timed("intake"):
                batch = self._home.log.read(topic, start, stop - start)
                part = of_one_pack(self._home.packs, batch, arrived)
                following = batch[len(part)].offset if len(part) < len(batch) else stop
                effects = self._run(Stage.INTAKE, part)
            self._write_intake(topic, start, following, effects)
            start = following

    def _step_workers(self, topic: str, position: int, end: int) -> bool:
        """Keep the workers fed, take what is finished, in order."""
        while self._workers.wants(topic):
            start = self._workers.next_offset(position)
            if start >= end:
                break
            self._workers.give(topic, start, min(start + BATCH, end))
        with self._timed("wait_for_intake"):
            taken = self._workers.take(wait=not self._casework_waits())
        if taken is None:
            return True
        start, stop, effects = taken
        if effects is None:  # the worker failed on it, or has ended, or it falls to two packs: it is worked (or bisected) here
            self._work_intake(topic, start, stop)
        else:
            self._write_intake(topic, start, stop, effects)
        return True

    def _casework_waits(self) -> bool:
        commands = Topic.COMMANDS.value
        return self._home.log.next_offset(commands) > self._home.log.position(Stage.CASEWORK.value, commands)

    def _write_intake(self, topic: str, start: int, stop: int, effects: Effects) -> None:
        with self._timed("vault"):
            while self._home.vault.write(effects.keys, effects.contacts):
                batch = self._home.log.read(topic, start, stop - start)
                effects = self._run(Stage.INTAKE, batch)
        reach(FailPoint.INTAKE_VAULT)
        with self._timed("intake_write"), transaction(self._home.connection):
            self._perform(effects)
            self._home.log.advance(Stage.INTAKE.value, topic, stop)
            self._home.log.trim(topic, stop)
            reach(FailPoint.INTAKE_WRITTEN)
        reach(FailPoint.INTAKE_COMMITTED)

    def _step_progress(self) -> bool:
        worked = False
        for topic, following in self._home.log.topics():
            if not topic.startswith(PROGRESS_PREFIX):
                continue
            position = self._home.log.position(Stage.PROGRESS.value, topic)
            if following == position:
                continue
            batch = of_one_pack(self._home.packs, self._home.log.read(topic, position, BATCH), arrived)
            effects = self._run(Stage.PROGRESS, batch)
            while self._home.vault.write(effects.keys, effects.contacts):
                effects = self._run(Stage.PROGRESS, batch)
            reach(FailPoint.PROGRESS_VAULT)
            after = batch[-1].offset + 1 if batch else following
            with transaction(self._home.connection):
                self._perform(effects)
                self._home.log.advance(Stage.PROGRESS.value, topic, after)
                self._home.log.trim(topic, after)
                reach(FailPoint.PROGRESS_WRITTEN)
            reach(FailPoint.PROGRESS_COMMITTED)
            worked = True
        return worked

    def _step_casework(self) -> bool:
        topic = Topic.COMMANDS.value
        position = self._home.log.position(Stage.CASEWORK.value, topic)
        batch = of_one_pack(self._home.packs, self._home.log.read(topic, position, BATCH), asked)
        if not batch:
            return False
        with self._timed("casework"):
            effects = self._run(Stage.CASEWORK, batch)
        self._home.vault.write(effects.keys, [])
        for report in effects.erasures:
            self._erase(report)
        reach(FailPoint.CASEWORK_ERASED)
        try:
            with self._timed("casework_write"), transaction(self._home.connection):
                self._perform(effects)
                self._home.log.advance(Stage.CASEWORK.value, topic, batch[-1].offset + 1)
                reach(FailPoint.CASEWORK_WRITTEN)
        except BaseException:
            self._casework.forget()
            raise
        reach(FailPoint.CASEWORK_COMMITTED)
        now = self._home.clock.now()
        self.decided += [(now - arrived).total_seconds() for arrived in _arrivals(effects)]
        del self.decided[:-DECIDED_KEPT]
        return True

    def _erase(self, report: str) -> None:
        """Key and contact go first; then nothing that is still on its way can be read any more."""
        self._home.vault.erase(report)
        for letter in self._home.store.dead_letters_of(report):
            self._home.vault.erase(f"dead:{letter.id}")

    def _step_publish(self) -> bool:
        position = self._home.log.position(Stage.PUBLISH.value, Topic.EVENTS.value)
        events = self._home.store.events_after(position, BATCH * 4)
        if not events:
            return False
        now = self._home.clock.now()  # the pool keeps no time of appending with an event
        batch = newest([LogRecord(Topic.EVENTS.value, 0, one.sequence, one.aggregate, one.line, now) for one in events])
        with self._timed("publish"):
            effects = self._run(Stage.PUBLISH, batch)
        while effects.keys and self._home.vault.write(effects.keys, []):
            effects = self._run(Stage.PUBLISH, batch)
        with self._timed("publish_write"), transaction(self._home.connection):
            self._perform(effects)
            self._home.log.advance(Stage.PUBLISH.value, Topic.EVENTS.value, events[-1].sequence)
            reach(FailPoint.PUBLISH_WRITTEN)
        reach(FailPoint.PUBLISH_COMMITTED)
        return True

    def _step_timers(self) -> bool:
        """Due timers become commands, oldest first. The id is derived, so a timer that was appended twice fires once."""
        if self._casework_waits():
            return False
        now = self._home.clock.now()
        due = self._home.store.due(now, TIMERS_AT_ONCE)
        if not due:
            return False
        commands = [
            FireTimer(
                id=timer_command(aggregate, timer),
                slot=slot_of(aggregate),
                at=now,
                actor=TIMER_ACTOR,
                pack=self._home.pack.version,
                aggregate=aggregate,
                clock=timer.clock,
                due=timer.due,
                of=timer.of,
            )
            for aggregate, timer in due
        ]
        with transaction(self._home.connection):
            self._perform(Effects(commands=list(commands)))
            reach(FailPoint.TIMERS_WRITTEN)
        reach(FailPoint.TIMERS_COMMITTED)
        return True

    # effects

    def _perform(self, effects: Effects) -> None:
        home = self._home
        home.store.write(effects.writes)
        for report in effects.erasures:
            home.log.forget_key(report, "intake.")
            home.store.delete_dead_letters(letter.id for letter in home.store.dead_letters_of(report))
        now = home.clock.now()
        effects.pack_commands()
        if effects.packed:
            home.log.append(Topic.COMMANDS.value, [(None, line) for _, _, line in effects.packed], now)
        by_topic: dict[str, list[tuple[str | None, bytes | None]]] = {}
        for message in effects.messages:
            by_topic.setdefault(message.topic, []).append((message.key, message.value))
        for topic, records in by_topic.items():
            home.log.append(topic, records, now)

    def _run(self, stage: Stage, batch: Sequence[LogRecord]) -> Effects:
        """A batch that one version of the pack decides. What units are shown is of the version that holds now."""
        packs, now = self._home.packs, self._home.clock.now()
        match stage:
            case Stage.INTAKE:
                careful = self._intakes.at(batch[0].at if batch else now)
            case Stage.PROGRESS:
                careful = self._answers.at(batch[0].at if batch else now)
            case Stage.CASEWORK:
                self._casework.use(packs.at(asked(batch[0]) if packs.several else now))
                careful = self._decider
            case Stage.PUBLISH:
                careful = self._publishers.at(now)
        return careful.handle(batch, self._reader)


def _arrivals(effects: Effects) -> Iterator[datetime]:
    """When the reports of a casework batch arrived; those that are only derived again have long been decided."""
    return (report.received for report in effects.writes.reports if report.version < 1 << 8)


def _stage_of(topic: str) -> Stage | None:
    if topic.startswith("intake."):
        return Stage.INTAKE
    if topic.startswith(PROGRESS_PREFIX):
        return Stage.PROGRESS
    return Stage.CASEWORK if topic == Topic.COMMANDS else None
