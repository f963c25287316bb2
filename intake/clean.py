"""From bytes to a clean report: validated, masked, located, classified. Keeps no memory of earlier reports."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Protocol

import orjson

from city.pack import CityPack
from intake.locate import Locator
from intake.whole_json import clean_text, clean_value, mend_escapes, require_distinct_keys
from language.mask import phone_digits
from language.similar import fingerprint64
from language.tokenise import tokenise
from schemas.cloudevent import Envelope, parse
from schemas.documents import ReportContent
from schemas.errors import ContractError
from schemas.findings import Findings, Place
from schemas.identity import report_id
from schemas.reports import CameraAlert, GridReport, OnlineMessage, ReportData, Worded
from schemas.watch import Alarm
from schemas.words import Channel, Mode, RequestType

EARLIEST: Final = datetime(1990, 1, 1, tzinfo=UTC)
FINGERPRINTED: Final = 160
"""Characters that the text's fingerprint covers: the same matter begins alike, and long letters differ in their histories."""

_OWN_PLACE: Final = frozenset(
    (
        "time",
        "title",
        "text",
        "address",
        "location",
        "request_type",
        "caller",
        "secret",
        "revision",
        "attachments",
        "urges",
        "user",
    )
)
"""Fields that a clean report holds elsewhere than in `extra`."""

_CODES: Final = frozenset(("device", "alarm_class", "algorithm", "track", "recording", "category", "grid"))
"""Codes of devices and files, which look like numbers of persons and are none: not masked."""

_NOT_CONTENT: Final = {"revision", "likes", "dislikes"}
"""What may change without the report being another: the sender's counter, the readers' votes."""

_ENVELOPE: Final = frozenset(("specversion", "id", "source", "type", "time", "poolmode", "data", "datacontenttype", "dataschema"))


@dataclass(frozen=True, slots=True)
class Hints:
    """What a sender says of the matter beside its words: a category code of the city, a camera's class, a grid event's type."""

    category: str | None = None
    alarm_class: str | None = None
    event_type: str | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What a classifier is asked about one report. title and text are clean; `place` is taken over into the findings."""

    report: str
    title: str
    text: str
    place: Place
    hints: Hints


class Classifier(Protocol):
    """Who proposes category, units, urgency and type (`classifiers.standing.StandingClassifier`)."""

    def findings(self, asked: Sequence[Asked]) -> list[Findings]:
        """Those of each report, in order: a batch at once, which a trained model answers many times quicker than one by one."""
        ...


@dataclass(slots=True)
class CleanReport:
    """A report that may enter the pool. `contact` alone still names the caller: it goes to the contact store and nowhere else.

    time and received in UTC. slot: number of the slot by the place. caller_hashes: keyed hashes by which the contact store
    recognises a caller again. content_hash: equal for a redelivery, another for a correction.
    """

    report: str
    source: str
    mode: Mode
    channel: Channel
    time: datetime
    received: datetime
    sequence: int | None
    revision: int | None
    slot: int
    contact: dict[str, Any]
    caller_hashes: tuple[str, ...]
    secret: bool
    content: ReportContent
    content_hash: str
    asked: Asked
    request_type: RequestType | None
    findings: Findings = field(default_factory=Findings)
    attachments: list[dict[str, Any]] = field(default_factory=list)
    alarm: Alarm | None = None


class Intake:
    """Built once per process from a pack. Has no state; keyed_hash(kind, value) is the contact store's."""

    def __init__(self, pack: CityPack, keyed_hash: Callable[[str, str], str], classifier: Classifier) -> None:
        self._pack = pack
        self._keyed_hash = keyed_hash
        self._classifier = classifier
        self._locator = Locator(pack)
        self._tolerance = timedelta(minutes=pack.policy.future_tolerance_minutes.value)
        self._longest = int(pack.policy.max_text_length.value)

    def clean(self, raw: bytes, channel: Channel, received: datetime) -> CleanReport:
        """One report, read and classified."""
        report = self.read(raw, channel, received)
        self.classify([report])
        return report

    def classify(self, reports: Sequence[CleanReport]) -> None:
        """Fill in the findings of reports that were read."""
        for report, findings in zip(reports, self._classifier.findings([report.asked for report in reports]), strict=True):
            report.findings = findings

    def read(self, raw: bytes, channel: Channel, received: datetime) -> CleanReport:
        """A report without findings.

        Raises ContractError, naming field, rule and remedy, for what breaks the contract; nothing else for any bytes.
        received: when the record arrived, with a zone.
        """
        raw = mend_escapes(raw)
        envelope, data = parse(raw, channel)
        require_distinct_keys(raw, envelope, data)
        time = self._time(envelope, data, received)
        content = self._content(envelope, data)
        located = self._locator.locate(data, content.address, content.title, content.text)
        content.lon, content.lat = located.lon, located.lat
        content.places, content.place_key = located.place_names, located.place_key
        hints = Hints(
            category=data.category,
            alarm_class=data.alarm_class if isinstance(data, CameraAlert) else None,
            event_type=data.event_type if isinstance(data, GridReport) else None,
        )
        report = report_id(envelope.source, envelope.id)
        contact = _contact(data)
        return CleanReport(
            report=report,
            source=envelope.source,
            mode=envelope.poolmode,
            channel=channel,
            time=time,
            received=min(received.astimezone(UTC), envelope.poolreceived or received.astimezone(UTC)),
            sequence=envelope.poolsequence,
            revision=data.revision,
            slot=self._pack.slot_of(located.area).number,
            contact=contact,
            caller_hashes=self._caller_hashes(contact, envelope.source),
            secret=data.secret,
            content=content,
            content_hash=self._content_hash(data, time),
            asked=Asked(report, content.title, content.text, located.place, hints),
            request_type=data.request_type,
            attachments=[clean_value(one.model_dump(exclude_defaults=True), "data.attachments") for one in data.attachments],
            alarm=_alarm(data) if isinstance(data, CameraAlert) else None,
        )

    def _time(self, envelope: Envelope, data: ReportData, received: datetime) -> datetime:
        given, name = (data.time, "data.time") if data.time is not None else (envelope.time, "time")
        if given is None:
            return received.astimezone(UTC)
        try:
            time = (given if given.tzinfo else given.replace(tzinfo=self._pack.calendar.zone)).astimezone(UTC)
        except OverflowError as error:
            raise ContractError(name, "超出可用的日期范围", "请核对年份后重推") from error
        if time < EARLIEST:
            raise ContractError(name, f"不得早于 {EARLIEST.year} 年", "请核对年份和时间单位(秒、毫秒)后重推")
        if time > received + self._tolerance:
            minutes = int(self._tolerance.total_seconds() // 60)
            raise ContractError(name, f"不得晚于收到时间 {minutes} 分钟以上", "请校准发送方的时钟,或补上时区后重推")
        return time

    def _content(self, envelope: Envelope, data: ReportData) -> ReportContent:
        if len(data.text) > self._longest:
            rule = f"太长,至多 {self._longest} 字,实为 {len(data.text)} 字"
            raise ContractError("data.text", rule, "请删节后重推,原文可作附件只传哈希")
        title, text = clean_text(data.title), clean_text(data.text)
        if isinstance(data, Worded) and not title and not text:
            raise ContractError("data", "title 和 text 不能都为空(控制字符不算)", "请补上标题或正文")
        return ReportContent(
            source=envelope.source,
            source_id=envelope.id,
            title=title,
            text=text,
            address=clean_text(data.address or ""),
            simhash=_signed(fingerprint64(tokenise(f"{title}\n{text}"[:FINGERPRINTED]))),
            urges=clean_text(data.urges or ""),
            extra=_extra(envelope, data),
        )

    def _caller_hashes(self, contact: dict[str, Any], source: str) -> tuple[str, ...]:
        hashes: list[str] = []
        for name in ("phone", "contact"):
            digits = phone_digits(contact[name]) if contact.get(name) else None
            if digits:
                hashes.append(self._keyed_hash("phone", digits))
        if contact.get("account"):
            hashes.append(self._keyed_hash("account", f"{source}\n{contact['account']}"))
        if contact.get("mail"):
            hashes.append(self._keyed_hash("mail", contact["mail"].strip().lower()))
        return tuple(dict.fromkeys(hashes))

    def _content_hash(self, data: ReportData, time: datetime) -> str:
        given = data.model_dump(mode="json", exclude=_NOT_CONTENT, exclude_defaults=True)
        if data.time is not None:
            given["time"] = time.isoformat()
        return self._keyed_hash("content", orjson.dumps(given, option=orjson.OPT_SORT_KEYS).decode())


def _contact(data: ReportData) -> dict[str, Any]:
    contact: dict[str, Any] = data.caller.model_dump(exclude_none=True) if data.caller else {}
    if isinstance(data, OnlineMessage) and data.user and "account" not in contact:
        contact["account"] = data.user
    return contact


def _alarm(data: CameraAlert) -> Alarm:
    box = (data.box.x1, data.box.y1, data.box.x2, data.box.y2) if data.box else None
    return Alarm(
        device=data.device,
        alarm_class=data.alarm_class,
        score=data.score,
        box=box,
        track=data.track,
        dwell_seconds=data.dwell_seconds,
    )


def _extra(envelope: Envelope, data: ReportData) -> dict[str, Any]:
    extra: dict[str, Any] = {}
    for name in data.model_fields_set - _OWN_PLACE:
        value = getattr(data, name)
        if value is None:
            continue
        if hasattr(value, "model_dump"):
            value = value.model_dump()
        extra[name] = value if name in _CODES else clean_value(value, f"data.{name}")
    beside = data.location.model_extra if data.location else None
    if beside:
        extra["location"] = clean_value(beside, "data.location")
    around = {name: getattr(envelope, name) for name in envelope.model_fields_set - _ENVELOPE}
    if around:
        extra["envelope"] = clean_value(around, "(信封)")
    return extra


def _signed(value: int) -> int:
    """64 bits as Elasticsearch and SQLite hold them."""
    return value - (1 << 64) if value >= 1 << 63 else value
