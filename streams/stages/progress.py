"""progress: what units write on `progress.<unit>` becomes commands, with the unit taken from the topic's name."""

from collections.abc import Sequence

from city.pack import CityPack
from intake.seal import new_key, seal
from language.mask import mask
from language.normalise import strip_controls
from pool.ports import Reader
from schemas.commands import Actor, Reply, Sign
from schemas.errors import ContractError
from schemas.identity import command_id, slot_of_problem
from schemas.progress import Progress, ProgressAction, parse_progress
from schemas.words import PROGRESS_PREFIX, DeadLetterKind, Role, Stage
from streams.dead_letters import bury
from streams.effects import Effects, LogRecord


class ProgressStage:
    """Checks form and unit; whether the unit may act on the problem is for casework to say."""

    def __init__(self, pack: CityPack) -> None:
        self._pack = pack

    def handle(self, batch: Sequence[LogRecord], reader: Reader) -> Effects:
        effects = Effects()
        steps: list[tuple[LogRecord, str, Progress]] = []
        for record in batch:
            unit = record.topic.removeprefix(PROGRESS_PREFIX)
            try:
                if unit not in self._pack.units:
                    raise ContractError("(主题)", f"城市配置包里没有单位 {unit}", "请用配置包里的单位编码")
                steps.append((record, unit, parse_progress(record.value or b"")))
            except ContractError as error:
                bury(effects, reader, record, Stage.PROGRESS, DeadLetterKind.INVALID, error)
        replies = {step.problem for _, _, step in steps if step.action is ProgressAction.REPLY}
        keys = dict(reader.keys(replies))
        for record, unit, step in steps:
            base = {
                "id": command_id("progress", unit, step.id or record.place),
                "slot": slot_of_problem(step.problem),
                "at": record.at,
                "actor": Actor(id=step.by or unit, role=Role.UNIT, unit=unit),
                "pack": self._pack.version,
                "problem": step.problem,
            }
            if step.action is ProgressAction.SIGN:
                effects.commands.append(Sign.model_validate(base))
                continue
            key = keys.get(step.problem)
            if key is None:
                key = keys[step.problem] = effects.keys[step.problem] = new_key()
            words = mask(strip_controls(step.text)).text
            effects.commands.append(Reply.model_validate(base | {"text": seal(key, step.problem, words.encode())}))
        return effects
