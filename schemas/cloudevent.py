"""CloudEvents 1.0 (JSON, structured mode) around a report.

Required by the specification: specversion, id, source, type. Extension attributes here: `poolmode` (live or history).
"""

from typing import Annotated, Any, Literal

import orjson
from pydantic import Field, StringConstraints, ValidationError

from schemas.base import Inbound, Written
from schemas.errors import ContractError
from schemas.reports import DATA, ReportData
from schemas.words import Channel, Mode

TYPE_PREFIX = "wentichi.report."
MAX_BYTES = 1 << 20
"""Bytes of one report: Kafka's default limit for a message."""


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
    data: dict[str, Any] = Field(default_factory=dict)


def event_type(channel: Channel) -> str:
    """The CloudEvents type of a channel's report, version 1."""
    return f"{TYPE_PREFIX}{channel.value}.v1"


def parse(raw: bytes, channel: Channel) -> tuple[Envelope, ReportData]:
    """Bytes of `intake.<channel>` to envelope and data.

    Raises ContractError for what is not JSON (field ""), for the envelope and for the data (field "data.…").
    """
    if len(raw) > MAX_BYTES:
        raise ContractError("(整条)", f"不得超过 {MAX_BYTES} 字节,实为 {len(raw)} 字节", "附件请只传哈希,正文请删节后重推")
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
