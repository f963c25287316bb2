"""progress: what units write on `progress.<unit>` becomes commands, with the unit taken from the topic's name."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import structlog

from city.pack import CityPack
from classifiers.replies import Asked, ReplyChecker, RuleChecker, reply_checker
from intake.seal import new_key, seal
from language.mask import mask
from language.normalise import strip_controls
from pool.ports import Reader
from schemas import commands_handling as cmd
from schemas.commands import Actor, Command
from schemas.errors import ContractError
from schemas.identity import command_id, slot_of_problem
from schemas.progress import Progress, ProgressAction, parse_progress
from schemas.replies import ReplyFindings
from schemas.words import PROGRESS_PREFIX, DeadLetterKind, Role, Stage
from streams.dead_letters import bury
from streams.effects import Effects, LogRecord

log = structlog.get_logger()
REPLIES: Final = "replies"
"""Folder of the model that checks replies, in the folder of models; without it the rules check alone."""
REQUESTS: Final = 5
"""Reports of a problem, the newest ones, that its reply is held against."""
Seal = Callable[[str], str]


def checker_of(models: Path | None) -> ReplyChecker:
    """The model of this folder of models, with the rules; the rules alone where it has none. A model that cannot be loaded is
    told."""
    return reply_checker(models / REPLIES if models is not None else None, _tell)


def _tell(reason: str) -> None:
    log.warning("reply_model_degraded", reason=reason)


class ProgressStage:
    """Checks form and unit, and the words of a reply; whether the unit may act on the problem is for casework to say."""

    def __init__(self, pack: CityPack, checker: ReplyChecker | None = None) -> None:
        self._pack = pack
        self._checker = checker or RuleChecker()

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
        keys = dict(reader.keys({step.problem for _, _, step in steps if _says(step)}))
        found = self._check([step for _, _, step in steps if step.action is ProgressAction.REPLY], reader)
        for record, unit, step in steps:
            base = {
                "id": command_id("progress", unit, step.id or record.place),
                "slot": slot_of_problem(step.problem),
                "at": record.at,
                "actor": Actor(id=step.by or unit, role=Role.UNIT, unit=unit),
                "pack": self._pack.version,
                "problem": step.problem,
            }
            if _says(step) and keys.get(step.problem) is None:
                keys[step.problem] = effects.keys[step.problem] = new_key()
            effects.commands.append(_command(base, step, keys.get(step.problem), found.get(id(step))))
        return effects

    def _check(self, replies: Sequence[Progress], reader: Reader) -> dict[int, ReplyFindings]:
        """What the check of each reply finds, by the step itself. Of a problem that is not there yet nothing can be said."""
        problems = reader.problems({step.problem for step in replies}) if replies else {}
        asked = {name: [member.report for member in one.members[-REQUESTS:]] for name, one in problems.items()}
        documents = reader.report_documents({report for reports in asked.values() for report in reports}) if asked else {}
        pairs: list[tuple[Progress, Asked]] = []
        for step in replies:
            contents = [documents[r].content for r in asked.get(step.problem, ()) if r in documents]
            request = "\n".join(f"{content.title}\n{content.text}" for content in contents if content is not None)
            if request:
                pairs.append((step, Asked(request, step.text)))
        findings = self._checker.check([one for _, one in pairs])
        return {id(step): one for (step, _), one in zip(pairs, findings, strict=True)}


def _says(step: Progress) -> bool:
    """Has it words of people, which are sealed?"""
    return bool(step.text or step.note or step.notes or step.clarity)


def _command(base: dict[str, Any], step: Progress, key: bytes | None, findings: ReplyFindings | None) -> Command:
    """The command that a step is. Its words are masked, and sealed with the problem's key."""

    def sealed(text: str) -> str:
        words = mask(strip_controls(text)).text
        return seal(key, step.problem, words.encode()) if key is not None and text else ""

    if step.action is ProgressAction.REPLY:
        return cmd.Reply(**base, text=sealed(step.text), note=sealed(step.note), findings=findings)
    kind, fields = _KINDS[step.action]
    command: Command = kind.model_validate(base | dict(fields(step, sealed)))
    return command


Fields = Iterable[tuple[str, Any]]


def _cooperators(step: Progress, sealed: Seal) -> Fields:
    clarity = step.clarity
    words = {name: sealed(text) for name, text in clarity.model_dump(include=_CLARITY).items()} if clarity else None
    return ("notes", {unit: sealed(text) for unit, text in step.notes.items()}), ("clarity", words)


_CLARITY: Final = {"department", "grassroots", "support"}
_KINDS: Final[dict[ProgressAction, tuple[type[Any], Callable[[Progress, Seal], Fields]]]] = {
    ProgressAction.SIGN: (cmd.Sign, lambda _step, _sealed: ()),
    ProgressAction.CONTACT: (
        cmd.Contact,
        lambda step, sealed: (("reached", step.reached), ("way", step.way), ("note", sealed(step.text))),
    ),
    ProgressAction.NOTE: (cmd.Note, lambda step, sealed: (("text", sealed(step.text)),)),
    ProgressAction.RETURN: (
        cmd.AskReturn,
        lambda step, sealed: (("reason", step.reason), ("suggested", step.suggested), ("note", sealed(step.text))),
    ),
    ProgressAction.OBJECT: (cmd.Object, lambda step, sealed: (("note", sealed(step.text)),)),
    ProgressAction.APPLY: (
        cmd.Apply,
        lambda step, sealed: (
            ("wish", step.wish),
            ("amount", step.amount),
            ("reason", step.ground),
            ("note", sealed(step.text)),
        ),
    ),
    ProgressAction.WAIT: (cmd.WaitForCaller, lambda step, sealed: (("note", sealed(step.text)),)),
    ProgressAction.RESUME: (cmd.Resume, lambda _step, _sealed: ()),
    ProgressAction.COOPERATE: (cmd.AddCooperators, _cooperators),
    ProgressAction.WHISTLE: (cmd.BlowWhistle, lambda step, sealed: (("to", step.to), ("asked", sealed(step.text)))),
    ProgressAction.ANSWER_WHISTLE: (
        cmd.AnswerWhistle,
        lambda step, sealed: (("number", step.number), ("coming", step.coming), ("note", sealed(step.text))),
    ),
    ProgressAction.ARRIVE: (cmd.Arrive, lambda step, _sealed: (("number", step.number),)),
    ProgressAction.END_WHISTLE: (
        cmd.EndWhistle,
        lambda step, sealed: (("number", step.number), ("outcome", sealed(step.text)), ("mark", step.mark)),
    ),
    ProgressAction.RATE_WHISTLE: (cmd.RateWhistle, lambda step, _sealed: (("number", step.number), ("mark", step.mark))),
    ProgressAction.RATE: (cmd.RateUnit, lambda step, _sealed: (("of", step.to), ("mark", step.mark))),
    ProgressAction.RECHECK: (
        cmd.Recheck,
        lambda step, sealed: (("outcome", step.outcome), ("note", sealed(step.text))),
    ),
}
