"""intake on Kafka: keys and contacts, then commands and dead letters, then ack."""

from collections.abc import Sequence

from schemas.words import Channel, Stage, intake_topic
from streams.careful import Careful
from streams.effects import Effects, LogRecord
from streams.failpoints import FailPoint, reach
from streams.kafka.hands import Hands, StageWork
from streams.operations.listed import Family, Step
from streams.stages.intake import intake_stage


class IntakeWork(StageWork):
    """Keeps no memory: any number of processes."""

    stage = Stage.INTAKE

    def __init__(self, hands: Hands) -> None:
        self._hands = hands
        self._reader = hands.pool.reader
        stage = intake_stage(hands.pool.pack, hands.pool.vault.keyed_hash, hands.models, hands.standing)
        self._careful = Careful(Stage.INTAKE, stage)

    def topics(self) -> list[str]:
        return [intake_topic(channel).value for channel in Channel]

    def acked(self) -> None:
        reach(FailPoint.KAFKA_INTAKE_ACKED)

    async def work(self, batch: Sequence[LogRecord]) -> None:
        hands = self._hands
        effects = await hands.apart(self.stage, lambda: self._decide(batch))
        await hands.send(self.stage, Family.COMMANDS, hands.sender.commands(effects.packed))
        letters = effects.writes.dead_letters
        await hands.send_letters(self.stage, letters)
        reach(FailPoint.KAFKA_INTAKE_SENT)
        if letters:
            await hands.apart(self.stage, lambda: hands.pool.store.write_dead_letters(letters))

    def _decide(self, batch: Sequence[LogRecord]) -> Effects:
        hands = self._hands
        while True:
            with hands.timed(self.stage, Step.HANDLE):
                effects = self._careful.handle(batch, self._reader)
                effects.pack_commands()
            with hands.timed(self.stage, Step.VAULT):
                lost = hands.pool.vault.write(effects.keys, effects.contacts)
            if not lost:
                break
        reach(FailPoint.KAFKA_INTAKE_VAULT)
        return effects
