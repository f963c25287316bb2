"""CloudEvents 1.0 (JSON) around a report, in both modes of the Kafka protocol binding: structured (all of it in the record's
value) and binary (attributes as headers `ce_…`, the value is the data).

Required by the specification: specversion, id, source, type. Extension attributes here: `poolmode` (live or history);
`poolreceived` and `poolsequence`, which the replay of a dead letter adds.
"""

import json
import re
from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, Final, Literal

import orjson
from pydantic import Field, StringConstraints, ValidationError

from schemas.base import Inbound, Utc, Written
from schemas.errors import ContractError
from schemas.reports import DATA, ReportData
from schemas.words import Channel, Mode

TYPE_PREFIX = "wentichi.report."
MAX_BYTES = 1 << 20
"""Bytes of one report: Kafka's default limit for a message."""
CONTENT_TYPE: Final = "content-type"
STRUCTURED: Final = "application/cloudevents+json"
HEADER_PREFIX: Final = "ce_"

_JSON_TYPE: Final = re.compile(r"(?:application|text)/(?:[a-z0-9.-]+\+)?json", re.ASCII)
_ATTRIBUTE: Final = re.compile(r"[a-z0-9]+", re.ASCII)


class Envelope(Inbound):
    """The envelope without its data, which is validated by channel."""

    specversion: Literal["1.0"]
    id: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    source: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    type: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    time: Written | None = None
    datacontenttype: str | None = None
    dataschema: str | None = None
    subject: str | None = None
    poolmode: Mode = Mode.LIVE
    poolreceived: Utc | None = Field(default=None, description="of a dead letter sent again: when it came in first")
    poolsequence: int | None = Field(default=None, ge=0, description="of a dead letter sent again: its place in its topic then")
    data: dict[str, Any] = Field(default_factory=dict)


def event_type(channel: Channel) -> str:
    """The CloudEvents type of a channel's report, version 1."""
    return f"{TYPE_PREFIX}{channel.value}.v1"


def parse(raw: bytes, channel: Channel) -> tuple[Envelope, ReportData]:
    """Bytes of `intake.<channel>` to envelope and data.

    Raises ContractError for what is not JSON (field ""), for the envelope and for the data (field "data.…").
    """
    _require_size(raw)
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise ContractError("(整条)", f"须为 UTF-8 编码的 JSON({error})", "请检查编码与括号后重推") from error
    if not isinstance(value, dict):
        raise ContractError("(整条)", "须为 JSON 对象", "一行一个对象,请检查后重推")
    try:
        envelope = Envelope.model_validate(value)
    except ValidationError as error:
        raise contract_error(error) from error
    if envelope.type != event_type(channel):
        raise ContractError("type", f"此主题只收 {event_type(channel)},实为 {envelope.type[:80]}", "请改 type 或推到对应的主题")
    try:
        return envelope, DATA[channel].model_validate(envelope.data)
    except ValidationError as error:
        raise contract_error(error, "data") from error


def structured(value: bytes | None, headers: Iterable[tuple[str, bytes]] = ()) -> bytes:
    """The record's CloudEvent as structured JSON. What is no binary mode comes back as it is, for `parse` to judge.

    By the Kafka protocol binding a content-type `application/cloudevents…` means structured mode; else any `ce_` header means
    binary mode. Header names are matched without case; other headers are passed over. Header values are UTF-8 text as they
    stand: unlike HTTP's, Kafka's binding knows no percent-encoding, and a `source` may hold a % of its own.
    Raises ContractError naming the header, or `data` for a value that is no JSON.
    """
    named = _headers(headers)
    content_type = named.pop(CONTENT_TYPE, "")
    media = content_type.partition(";")[0].strip().lower()
    if media.startswith("application/cloudevents"):
        if media != STRUCTURED:
            raise ContractError(CONTENT_TYPE, f"结构化模式只收 {STRUCTURED}", "请改用 JSON 格式,一条记录一个事件")
        return value or b""
    if not named:
        return value or b""
    if media and not _JSON_TYPE.fullmatch(media):
        raise ContractError(CONTENT_TYPE, "二进制模式的数据须为 JSON", "请改为 application/json,并以 JSON 作记录的值")
    attributes: dict[str, str] = {"datacontenttype": content_type} if content_type else {}
    for name, text in named.items():
        attribute = name.removeprefix(HEADER_PREFIX)
        if not _ATTRIBUTE.fullmatch(attribute):
            raise ContractError(name[:80], "属性名只能用小写字母和数字", "请改正标头的名称")
        if attribute in ("data", "datacontenttype"):
            raise ContractError(name, "不能作标头", "数据请作记录的值,数据的类型请写在标头 content-type")
        attributes[attribute] = text
    envelope = orjson.dumps(attributes)
    return envelope[:-1] + b',"data":' + _one_json_value(value) + b"}" if value else envelope


def received_before(value: bytes, at: datetime, sequence: int) -> bytes:
    """The structured event with when it had come in, so that its words do not take the place of later ones when it is sent
    again. What says so already, or is no JSON object, stays as it is."""
    try:
        known = orjson.loads(value)
    except orjson.JSONDecodeError:
        return value
    body = value.rstrip()
    if not isinstance(known, dict) or not known or "poolreceived" in known:
        return value
    return body[:-1] + b',"poolreceived":%s,"poolsequence":%d}' % (orjson.dumps(at), sequence)


def as_received(value: bytes | None, headers: Iterable[tuple[str, bytes]]) -> bytes:
    """A record whose headers cannot be read, with them, for its dead letter: nothing of it is lost. Without headers the value."""
    named = [[name, content.decode("utf-8", "replace")] for name, content in headers]
    if not named:
        return value or b""
    return json.dumps({"headers": named, "value": (value or b"").decode("utf-8", "replace")}, ensure_ascii=False).encode()


def _headers(headers: Iterable[tuple[str, bytes]]) -> dict[str, str]:
    """Those that concern a CloudEvent, names in small letters."""
    found: dict[str, str] = {}
    for given, content in headers:
        name = given.lower()
        if name != CONTENT_TYPE and not name.startswith(HEADER_PREFIX):
            continue
        if name in found:
            raise ContractError(name[:80], "同名的标头只能有一个", "请删去重复的标头")
        try:
            found[name] = (content or b"").decode("utf-8")
        except UnicodeDecodeError as error:
            raise ContractError(name[:80], "标头的值须为 UTF-8 文字", "请检查编码后重推") from error
    return found


def _one_json_value(value: bytes) -> bytes:
    """Raises ContractError unless the bytes are one whole JSON value, so that they can stand inside another text."""
    _require_size(value)
    try:
        json.loads(value.decode("utf-8"))
    except RecursionError as error:
        raise ContractError("data", "嵌套太深", "请展平后重推") from error
    except ValueError as error:
        raise ContractError("data", "须为 UTF-8 编码的 JSON", "请检查编码与括号后重推") from error
    return value


def _require_size(raw: bytes) -> None:
    if len(raw) > MAX_BYTES:
        raise ContractError("(整条)", f"不得超过 {MAX_BYTES} 字节,实为 {len(raw)} 字节", "附件请只传哈希,正文请删节后重推")


_RULES = {
    "missing": ("必填", "请补上"),
    "string_type": ("须为文字", "请改为字符串"),
    "string_too_long": ("太长,至多 {max_length} 字", "请删节后重推"),
    "string_too_short": ("不能为空", "请补上"),
    "string_pattern_mismatch": ("格式不符 {pattern}", "请按格式改正"),
    "int_type": ("须为整数", "请改为整数"),
    "int_parsing": ("须为整数", "请改为整数"),
    "int_parsing_size": ("须为整数,且不能这样大", "请改正"),
    "int_from_float": ("须为整数", "请改为整数"),
    "float_type": ("须为数字", "请改为数字"),
    "float_parsing": ("须为数字", "请改为数字"),
    "bool_parsing": ("须为 true 或 false", "请改正"),
    "bool_type": ("须为 true 或 false", "请改正"),
    "greater_than_equal": ("不得小于 {ge}", "请改正"),
    "less_than_equal": ("不得大于 {le}", "请改正"),
    "enum": ("只能是 {expected}", "请改为其中之一"),
    "literal_error": ("只能是 {expected}", "请改为其中之一"),
    "dict_type": ("须为对象", "请改为 JSON 对象"),
    "model_type": ("须为对象", "请改为 JSON 对象"),
    "list_type": ("须为数组", "请改为 JSON 数组"),
    "too_long": ("太多,至多 {max_length} 个", "请删减后重推"),
    "finite_number": ("须为有限的数", "请改正"),
    "json_invalid": ("须为 UTF-8 编码的 JSON", "请检查编码、括号与嵌套层数后重发"),
    "extra_forbidden": ("不认识的字段", "请删去"),
    "union_tag_invalid": ("不认识的类型", "请改为 {expected_tags} 之一"),
    "union_tag_not_found": ("必填 type", "请补上"),
}


def contract_error(error: ValidationError, prefix: str = "") -> ContractError:
    """The first fault that pydantic found, as field, rule and remedy in Chinese. Quotes no input."""
    first = error.errors(include_url=False, include_input=False)[0]
    path = [prefix] if prefix else []
    path += [str(part) for part in first["loc"]]
    context = {key: str(value) for key, value in first.get("ctx", {}).items()}
    kind = first["type"]
    if kind.startswith(("datetime", "timezone")):
        rule, remedy = "须为 ISO 8601 时间", "例如 2026-05-01T08:30:00+08:00"
    elif kind == "value_error":
        rule, remedy = context.get("error", "不合规则"), "请改正"
    else:
        rule, remedy = _RULES.get(kind, ("不合规则(" + kind + ")", "请对照 JSON Schema 改正"))
        rule, remedy = rule.format_map(_Quiet(context)), remedy.format_map(_Quiet(context))
    return ContractError(".".join(path) or "(整条)", rule, remedy)


class _Quiet(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "?"
