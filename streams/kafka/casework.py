"""casework on Kafka: the order of effects of DESIGN's protocol 1, decided again where another writer was faster."""

from collections.abc import Sequence
from datetime import UTC, datetime

from pool.elastic.transport import StoreRefused
from schemas.documents import DeadLetter
from schemas.errors import PoolAway
from schemas.words import DeadLetterKind, Stage, Topic
from streams.careful import Careful
from streams.dead_letters import bury
from streams.effects import Effects, LogRecord
from streams.failpoints import FailPoint, reach
from streams.kafka.hands import Hands, StageWork
from streams.kafka.takeover import TakeoverRefused, check_partitions
from streams.operations.listed import Family, Step
from streams.stages.casework import CaseworkStage

LOOK_AGAIN = 12
"""Attempt from which patience waits its longest: a person must mend first what was refused."""


class CaseworkWork(StageWork):
    """One process owns a slot: its partition's commands come here alone, and its index is in this memory alone."""

    stage = Stage.CASEWORK

    def __init__(self, hands: Hands) -> None:
        self._hands = hands
        self.epoch = hands.epoch
        self._reader = hands.pool.reader
        self._casework = CaseworkStage(hands.pool.pack, outbox=True)
        self._careful = Careful(Stage.CASEWORK, self._casework, self._casework.forget)
        self._unchecked: set[int] = set()
        self._gone: set[int] = set()
        self.owned: set[int] = set()

    def topics(self) -> list[str]:
        return [Topic.COMMANDS.value]

    def taken(self, partitions: set[int]) -> None:
        self._unchecked |= partitions - self.owned
        self.owned |= partitions

    def left(self, partitions: set[int]) -> None:
        self._gone |= partitions
        self.owned -= partitions

    def slots(self) -> list[int]:
        """Slots whose partitions are here."""
        numbers = (slot.number for slot in self._hands.pool.pack.slots.values())
        return [number for number in numbers if number % self._hands.partitions in self.owned]

    def acked(self) -> None:
        reach(FailPoint.KAFKA_CASEWORK_ACKED)

    async def work(self, batch: Sequence[LogRecord]) -> None:
        hands, sender = self._hands, self._hands.sender
        effects = await hands.apart(self.stage, lambda: self._write(batch))
        if effects is None:  # the store refuses a state of this batch: halved until the command is found
            middle = len(batch) // 2
            await self.work(batch[:middle])
            await self.work(batch[middle:])
            return
        writes = effects.writes
        events = await hands.send(self.stage, Family.EVENTS, sender.events(writes.events))
        reach(FailPoint.KAFKA_CASEWORK_EVENTS)
        await hands.send(self.stage, Family.COMMANDS, sender.commands(effects.packed))
        await hands.send_letters(self.stage, writes.dead_letters)
        reach(FailPoint.KAFKA_CASEWORK_COMMANDS)
        refused = await hands.apart(self.stage, lambda: self._derive(batch, effects, events))
        await hands.send_letters(self.stage, refused)
        await hands.send(self.stage, Family.OUTCOMES, sender.outcomes(o for o in writes.outcomes if o.command in effects.heard))
        reach(FailPoint.KAFKA_CASEWORK_OUTCOMES)

    def _write(self, batch: Sequence[LogRecord]) -> Effects | None:
        """Keys, claims and states are durable on return; None when the store refuses a state for itself."""
        hands, pool = self._hands, self._hands.pool
        self._settle_partitions()
        first = True
        while True:
            if not first:  # an index that the lost attempt has touched knows what comes later in this batch
                self._casework.forget()
            first = False
            with hands.timed(self.stage, Step.HANDLE):
                effects = self._careful.handle(batch, self._reader)
                effects.pack_commands()
            hands.pulse.check()
            with hands.timed(self.stage, Step.VAULT):
                if pool.vault.write(effects.keys, []):
                    continue
                reach(FailPoint.KAFKA_CASEWORK_KEYS)
                for report in effects.erasures:
                    self._erase(report)
            if effects.erasures:
                reach(FailPoint.KAFKA_CASEWORK_ERASED)
            with hands.timed(self.stage, Step.CLAIMS):
                lost = pool.store.write_claims(effects.writes.claims)
            if lost:
                hands.metrics.conflicts().inc(len(lost))
                continue
            reach(FailPoint.KAFKA_CASEWORK_CLAIMS)
            with hands.timed(self.stage, Step.STATES):
                written = pool.store.write_states(effects.writes.states)
            if written.refused:
                return self._refused(batch, written.refused)
            if written.lost:
                hands.metrics.conflicts().inc(len(written.lost))
                continue
            reach(FailPoint.KAFKA_CASEWORK_STATES)
            hands.metrics.replays().inc(effects.replays)
            return effects

    def _settle_partitions(self) -> None:
        """What left takes its index along; what came is compared with the log before anything is decided on it."""
        gone, self._gone = self._gone, set()
        for slot in self._hands.pool.pack.slots.values():
            if slot.number % self._hands.partitions in gone:
                self._casework.forget(slot.number)
        unchecked = self._unchecked & self.owned
        attempt = 0
        while unchecked:
            try:
                check_partitions(self._hands.pool, unchecked, self.epoch)
            except TakeoverRefused as refused:
                self._hands.refusing(refused.obstacle)
                self._hands.holding.wait(LOOK_AGAIN, PoolAway(str(refused)))
            except PoolAway as away:
                self._hands.holding.wait(attempt, away)
                attempt += 1
            else:
                self._hands.refusing(None)
                self._unchecked -= unchecked
                return

    def _erase(self, report: str) -> None:
        """Key and contact go first; then nothing that is still on its way can be read any more."""
        pool = self._hands.pool
        pool.vault.erase(report)
        letters = pool.store.dead_letters_of(report)
        for letter in letters:
            pool.vault.erase(f"dead:{letter.id}")
        sender = self._hands.sender
        self._hands.send_from_apart(self.stage, Family.DEAD_LETTER, sender.forgotten_letters(letters))
        pool.store.delete_dead_letters(letter.id for letter in letters)

    def _refused(self, batch: Sequence[LogRecord], refused: dict[str, str]) -> Effects | None:
        if len(batch) > 1:
            return None
        effects = Effects()
        aggregate, reason = next(iter(refused.items()))
        error = StoreRefused(400, f"{aggregate}:{reason}")
        bury(effects, self._reader, batch[0], self.stage, DeadLetterKind.REFUSED_BY_STORE, error)
        while self._hands.pool.vault.write(effects.keys, []):
            effects = Effects()
            bury(effects, self._reader, batch[0], self.stage, DeadLetterKind.REFUSED_BY_STORE, error)
        return effects

    def _derive(self, batch: Sequence[LogRecord], effects: Effects, events: Sequence[int]) -> list[DeadLetter]:
        """Documents that follow from the states. Returns dead letters of those that the store refuses."""
        hands, store, writes = self._hands, self._hands.pool.store, effects.writes
        with hands.timed(self.stage, Step.DERIVE):
            lines = [(*event, place) for event, place in zip(writes.events, events, strict=True)]
            refused = store.write_derived(lines, writes.dead_letters, writes.reports)
            buried = self._bury_documents(batch, refused)
            store.write_dead_letters(buried)
        reach(FailPoint.KAFKA_CASEWORK_DERIVED)
        with hands.timed(self.stage, Step.OUTCOMES):
            store.write_outcomes(writes.outcomes)
        now = datetime.now(UTC)
        for report in writes.reports:
            if report.version < 1 << 8:  # those that are only derived again have long been decided
                hands.metrics.decision().observe((now - report.received).total_seconds())
        return buried

    def _bury_documents(self, batch: Sequence[LogRecord], refused: dict[str, str]) -> list[DeadLetter]:
        effects = Effects()
        for report, reason in refused.items():
            record = next((record for record in batch if report.encode() in (record.value or b"")), batch[-1])
            error = StoreRefused(400, f"来件 {report} 的文档:{reason}")
            bury(effects, self._reader, record, self.stage, DeadLetterKind.REFUSED_BY_STORE, error)
        if effects.keys:
            self._hands.pool.vault.write(effects.keys, [])
        return effects.writes.dead_letters
