"""A report as the CloudEvent that `intake.<channel>` takes."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, get_args

from wentichi.errors import BadReport, TooLarge

Channel = Literal["hotline", "message", "grid", "camera"]
CHANNELS: Final[tuple[str, ...]] = get_args(Channel)
MAX_BYTES: Final = 1 << 20
"""Bytes of one record."""
MAX_NAME: Final = 200
"""Characters of a source or an id."""
HEADERS: Final = (("content-type", b"application/cloudevents+json"),)


@dataclass(frozen=True, slots=True)
class Report:
    """One call, message, grid report or camera alert.

    source, id: who sends it and its number there; sent again with the same two, it is the same report to the pool.
    data: the channel's fields, by the JSON Schema `report.<channel>`. time: when it happened, with a zone.
    history: for search and statistics only, never dispatched.
    """

    channel: Channel
    source: str
    id: str
    data: Mapping[str, Any]
    time: datetime | None = None
    history: bool = False

    @property
    def number(self) -> str:
        """The report's id in the pool: a function of source and id."""
        return report_number(self.source, self.id)

    def encode(self) -> bytes:
        """The CloudEvent as JSON. Raises BadReport or TooLarge for what can be seen without the pool."""
        if self.channel not in CHANNELS:
            raise BadReport(f"来件的 channel:没有渠道 {self.channel!r};请用 {'、'.join(CHANNELS)} 之一")
        _require_name("source", self.source)
        _require_name("id", self.id)
        if not isinstance(self.data, Mapping):
            raise BadReport("来件的 data:须为 dict;请给出渠道的各字段,例如 {'text': '…'}")
        event: dict[str, Any] = {
            "specversion": "1.0",
            "id": self.id,
            "source": self.source,
            "type": f"wentichi.report.{self.channel}.v1",
            "datacontenttype": "application/json",
            "poolmode": "history" if self.history else "live",
        }
        if self.time is not None:
            event["time"] = _moment(self.time)
        try:
            text = json.dumps(event | {"data": dict(self.data)}, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
            raw = text.encode()
        except UnicodeEncodeError as error:
            raise BadReport("来件的 data:有不成字符的半个代理对;请检查文字的来源与编码") from error
        except (TypeError, ValueError, RecursionError) as error:
            raise BadReport(f"来件的 data:有不能写成 JSON 的值({error});时间请写成 ISO 8601 文字,文件请只传哈希") from error
        if len(raw) > MAX_BYTES:
            raise TooLarge(f"来件共 {len(raw)} 字节,至多 {MAX_BYTES} 字节;附件请只传哈希,正文请删节")
        return raw


def report_number(source: str, source_id: str) -> str:
    """The pool's id of a report, `r` and 32 hexadecimal digits, by the pool's rule."""
    parts = ("report", source, source_id)
    text = ",".join(str(len(part)) for part in parts) + "|" + "".join(parts)
    return "r" + hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=20).hexdigest()[:32]


def _require_name(field: str, value: object) -> None:
    if not isinstance(value, str) or not value:
        raise BadReport(f"来件的 {field}:须为不空的文字;请填来源系统的名称与它的编号")
    if value != value.strip() or len(value) > MAX_NAME:
        raise BadReport(f"来件的 {field}:至多 {MAX_NAME} 字,首尾不能有空白;请改正后再发")


def _moment(time: object) -> str:
    if not isinstance(time, datetime):
        raise BadReport("来件的 time:须为 datetime;例如 datetime.now(UTC)")
    if time.utcoffset() is None:
        raise BadReport("来件的 time:没有时区;请补上,例如 time.replace(tzinfo=ZoneInfo('Asia/Shanghai'))")
    return time.isoformat()
