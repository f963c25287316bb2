"""intake: bytes of the four channels to AddReport commands. Keeps no memory; scales by adding processes."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import structlog

from city.pack import CityPack
from classifiers.standing import Condition, StandingClassifier
from intake.clean import CleanReport, Intake
from intake.seal import new_key, seal
from pool.ports import ContactEntry, Reader
from schemas.cloudevent import as_received, structured
from schemas.commands import Actor, AddReport, SeeAlarm
from schemas.errors import ContractError
from schemas.identity import command_id, watch_id
from schemas.report_record import ReportRecord
from schemas.words import Channel, DeadLetterKind, Mode, Role, Stage
from streams.dead_letters import bury
from streams.effects import Effects, LogRecord

_LOG = structlog.get_logger()
ACTOR = Actor(id="intake", role=Role.INTAKE)


def intake_stage(
    pack: CityPack,
    keyed_hash: Callable[[str, str], str],
    models: Path | None = None,
    tell: Callable[[Condition], None] = lambda _: None,
) -> "IntakeStage":
    """The stage with what is promoted in `models`, the pack's own rules where nothing is. keyed_hash: of the vault (kind, value).

    tell: hears what decides, at the start and whenever that changes.
    """

    def told(condition: Condition) -> None:
        if condition.fault:
            _LOG.error("model_degraded", fault=condition.fault, deciding=condition.model)
        elif condition.versions:
            _LOG.info("model_standing", deciding=condition.model)
        tell(condition)

    return IntakeStage(pack, Intake(pack, keyed_hash, StandingClassifier(pack, models, told)))


class IntakeStage:
    """Validate, mask, seal, locate, classify; draw keys and caller ids where the vault has none."""

    def __init__(self, pack: CityPack, intake: Intake) -> None:
        self._pack = pack
        self._intake = intake

    def handle(self, batch: Sequence[LogRecord], reader: Reader) -> Effects:
        effects = Effects()
        clean: list[tuple[LogRecord, CleanReport]] = []
        bad: list[tuple[LogRecord, ContractError]] = []
        for record in batch:
            try:
                raw = structured(record.value, record.headers)
            except ContractError as error:
                bad.append((replace(record, value=as_received(record.value, record.headers)), error))
                continue
            try:
                clean.append((record, self._intake.read(raw, _channel(record.topic), record.at)))
            except ContractError as error:
                bad.append((replace(record, value=raw), error))  # what was in headers must not be lost from the letter
        self._intake.classify([report for _, report in clean])
        keys = dict(reader.keys({report.report for _, report in clean} | {record.key for record, _ in bad if record.key}))
        for record, fault in bad:
            if keys.get(record.key or "", b"") is not None:  # erased: a later delivery stores nothing, a bad one neither
                bury(effects, reader, record, Stage.INTAKE, DeadLetterKind.INVALID, fault)
        callers = dict(reader.callers({found for _, report in clean for found in report.caller_hashes}))
        for record, report in clean:
            if report.report in keys and keys[report.report] is None:
                continue  # erased: a later delivery stores nothing
            key = keys.get(report.report)
            if key is None:
                key = keys[report.report] = effects.keys[report.report] = new_key()
            caller = _caller(report, callers)
            if caller is not None:
                # another caller's telephone with this caller's account: a hash stays with whom it came first
                own = tuple(found for found in report.caller_hashes if callers.get(found, caller) == caller)
                effects.contacts.append(ContactEntry(report.report, caller, own, report.contact))
            effects.commands.append(self._command(record, report, key, caller))
        return effects

    def _command(self, record: LogRecord, report: CleanReport, key: bytes, caller: str | None) -> AddReport | SeeAlarm:
        """A live alarm goes to the watch of its camera, which asks for a report where one is due."""
        fields: dict[str, Any] = {
            "id": command_id("intake", report.report, report.content_hash, report.mode.value),
            "slot": report.slot,
            "at": record.at,
            "actor": ACTOR,
            "pack": self._pack.version,
            "model": report.findings.model,
            "record": self._record(record, report, key, caller),
        }
        if report.alarm is None or report.mode is not Mode.LIVE:
            return AddReport.model_construct(None, **fields)
        fields["slot"] = slot = self._pack.slot_of_camera(report.alarm.device).number
        watch = watch_id(slot, report.alarm.device, report.alarm.alarm_class)
        return SeeAlarm.model_construct(None, watch=watch, alarm=report.alarm, **fields)

    def _record(self, record: LogRecord, report: CleanReport, key: bytes, caller: str | None) -> ReportRecord:
        content = report.content
        return ReportRecord.model_construct(
            report=report.report,
            channel=report.channel,
            mode=report.mode,
            time=report.time,
            received=report.received,
            sequence=record.offset if report.sequence is None else report.sequence,
            revision=report.revision,
            caller=caller,
            secret=report.secret,
            content=report.content_hash,
            request_type=report.request_type or (said.type if (said := report.findings.request_type) else None),
            attachments=report.attachments,
            findings=report.findings,
            sealed=seal(key, report.report, content.__pydantic_serializer__.to_json(content, exclude_defaults=True)),
        )


def _caller(report: CleanReport, callers: dict[str, str]) -> str | None:
    """The caller's random id: the stored one of any of the hashes, else a fresh one, the same for the whole batch."""
    if not report.caller_hashes:
        return None
    known = next((callers[found] for found in report.caller_hashes if found in callers), None)
    caller = known or "k" + secrets.token_hex(12)
    for found in report.caller_hashes:
        callers.setdefault(found, caller)
    return caller


def _channel(topic: str) -> Channel:
    return Channel(topic.removeprefix("intake."))
