"""The AsyncAPI 3.0 document of every topic: address, key, headers, partitions, retention, messages, and who sends and receives.

`document` is built from the contracts; `python -m schemas.generate` writes it to schemas/asyncapi.json. What a third party may
use is tagged `public` and told from its side; the rest is tagged `internal` and told from the stages' side.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from schemas.cloudevent import CONTENT_TYPE, HEADER_PREFIX, MAX_BYTES, STRUCTURED, event_type
from schemas.documents import DeadLetter, Outcome, UnitView
from schemas.progress import Progress
from schemas.reports import DATA
from schemas.words import DISPATCH_PREFIX, PROGRESS_PREFIX, Channel, Mode, Stage, Topic

FILE: Final = Path(__file__).parent / "asyncapi.json"
EXAMPLES: Final = Path(__file__).parent / "examples"
BINDING: Final = "0.5.0"
DAY_MS: Final = 86_400_000
TOMBSTONE: Final = "Tombstone"

Json = dict[str, Any]
Audience = Literal["public", "internal"]
Policy = tuple[Literal["compact", "delete"], ...]
Models = tuple[type[BaseModel], ...]

PARTITIONS: Final = 8
"""Of commands and events, where the pool's operator has not chosen another number when it was founded."""
SPREAD: Final = 4
"""Of topics whose records may be worked in any place."""
DELETED: Final[Policy] = ("delete",)


@dataclass(frozen=True, slots=True)
class Layout:
    """A topic or a family of topics. days: how long records are kept, None = for ever. messages: names in components."""

    address: str
    title: str
    key: str
    partitions: int
    policy: Policy
    days: int | None
    audience: Audience
    messages: tuple[str, ...]
    parameters: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Part:
    """Who does what with a channel."""

    name: str
    action: Literal["send", "receive"]
    channel: str
    audience: Audience
    summary: str


_UNIT: Final[Json] = {"unit": {"description": "单位编码,见城市配置包 units.csv"}}
_CHANNEL: Final[Json] = {"channel": {"description": "来件渠道", "enum": [channel.value for channel in Channel]}}

PARTS: Final = (
    Part("sendReport", "send", "intake", "public", "推送一条来件"),
    Part("receiveDispatch", "receive", "dispatch", "public", "跟踪本单位的派单,每个问题只看版本最高的一条"),
    Part("sendProgress", "send", "progress", "public", "单位的一步:签收、联系、答复、退单、申请、协办、吹哨等,见 action"),
    Part("intakeReceivesReports", "receive", "intake", "internal", f"{Stage.INTAKE}:校验、脱敏、密封、定位、归类"),
    Part("intakeSendsCommands", "send", "commands", "internal", f"{Stage.INTAKE}:一条来件,一条指令"),
    Part("progressReceivesSteps", "receive", "progress", "internal", f"{Stage.PROGRESS}:单位取自主题名,不取自消息"),
    Part("progressSendsCommands", "send", "commands", "internal", f"{Stage.PROGRESS}:一步,一条指令"),
    Part("caseworkReceivesCommands", "receive", "commands", "internal", f"{Stage.CASEWORK}:每个归口分区只有一个决定者"),
    Part("caseworkSendsCommands", "send", "commands", "internal", f"{Stage.CASEWORK}:对另一聚合的请求和到期的时钟"),
    Part("caseworkSendsEvents", "send", "events", "internal", f"{Stage.CASEWORK}:只追加,逐条哈希相连"),
    Part("caseworkSendsOutcomes", "send", "outcomes", "internal", f"{Stage.CASEWORK}:每条指令的结果"),
    Part("publishReceivesEvents", "receive", "events", "internal", f"{Stage.PUBLISH}:有变化的问题"),
    Part("publishSendsDispatches", "send", "dispatch", "internal", f"{Stage.PUBLISH}:单位的完整当前视图"),
    Part("stagesSendDeadLetters", "send", "dead-letter", "internal", "各环节:不能处理的记录,内容密封"),
)


def layouts(commands: tuple[str, ...], events: tuple[str, ...]) -> dict[str, Layout]:
    """Name in the document -> topics. commands, events: names of their contracts."""
    reports = tuple(name for channel in Channel for name in (f"{channel.value}Report", f"{channel.value}ReportBinary"))
    return {
        "intake": Layout(
            "intake.{channel}", "来件", "来件的任何固定文字;客户端用来件编号", SPREAD, DELETED, 7, "public", reports, _CHANNEL
        ),
        "dispatch": Layout(
            f"{DISPATCH_PREFIX}{{unit}}", "派单", "问题编号", 1, ("compact",), None, "public", ("UnitView", TOMBSTONE), _UNIT
        ),
        "progress": Layout(f"{PROGRESS_PREFIX}{{unit}}", "办理进展", "问题编号", 1, DELETED, 7, "public", ("Progress",), _UNIT),
        "commands": Layout(
            Topic.COMMANDS,
            "指令",
            "来件编号或问题编号;分区 = 归口分区号 mod 分区数",
            PARTITIONS,
            DELETED,
            90,
            "internal",
            commands,
            {},
        ),
        "events": Layout(Topic.EVENTS, "事件记录", "聚合编号;分区同指令", PARTITIONS, DELETED, None, "internal", events, {}),
        "outcomes": Layout(Topic.OUTCOMES, "指令结果", "指令编号", SPREAD, DELETED, 7, "internal", ("Outcome",), {}),
        "dead-letter": Layout(
            Topic.DEAD_LETTER, "死信", "死信编号", SPREAD, ("compact", "delete"), 90, "internal", ("DeadLetter", TOMBSTONE), {}
        ),
    }


def document(reports: Mapping[Channel, type[BaseModel]], commands: Models, events: Models) -> Json:
    """The whole document. reports: the CloudEvent of each channel, in structured mode."""
    plain: Models = (*commands, *events, UnitView, Progress, Outcome, DeadLetter)
    models: Models = (*reports.values(), *DATA.values(), *plain)
    found, schemas = models_json_schema([(model, "validation") for model in models], ref_template="#/components/schemas/{model}")
    place = {model: payload for (model, _), payload in found.items()}
    channels = layouts(tuple(model.__name__ for model in commands), tuple(model.__name__ for model in events))
    messages: Json = {}
    for channel, model in reports.items():
        messages[f"{channel.value}Report"] = _structured(channel, place[model])
        messages[f"{channel.value}ReportBinary"] = _binary(channel, place[DATA[channel]])
    for contract in plain:
        messages[contract.__name__] = {"title": contract.__name__, "payload": place[contract]}
    messages[TOMBSTONE] = {
        "title": "删除标记",
        "summary": "此键的内容须忘记(依法删除)",
        "payload": {"type": "null"},
        "bindings": _key("同被忘记的消息"),
    }
    for layout in channels.values():
        for name in layout.messages:
            messages[name].setdefault("bindings", _key(layout.key))
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "wentichi 12345 问题池",
            "version": "0.1.0",
            "description": "每个主题的键、标头、保留期和消息。若问题池设有命名空间,每个主题名前加“命名空间.”。"
            "标签 public 的操作以第三方程序的角度书写,internal 的以问题池各环节的角度书写,第三方不要使用。",
        },
        "defaultContentType": "application/json",
        "servers": {
            "pool": {
                "host": "{address}",
                "protocol": "kafka",
                "variables": {"address": {"default": "127.0.0.1:9092", "description": "主机:端口"}},
            }
        },
        "channels": {name: _channel(layout) for name, layout in channels.items()},
        "operations": {part.name: _operation(part, channels[part.channel]) for part in PARTS},
        "components": {"schemas": _draft_07(schemas["$defs"]), "messages": {name: messages[name] for name in sorted(messages)}},
    }


def text(content: Json) -> str:
    """As it stands in the file: a change of contract is a readable diff."""
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def _channel(layout: Layout) -> Json:
    config: Json = {"cleanup.policy": list(layout.policy)}
    if layout.days is not None:
        config["retention.ms"] = layout.days * DAY_MS
    elif "delete" in layout.policy:
        config["retention.ms"] = -1
    channel: Json = {
        "address": str(layout.address),
        "title": layout.title,
        "description": f"键:{layout.key}。保留:{f'{layout.days} 天' if layout.days else '永久'}。",
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in layout.messages},
        "tags": [{"name": layout.audience}],
        "bindings": {"kafka": {"partitions": layout.partitions, "topicConfiguration": config, "bindingVersion": BINDING}},
    }
    return channel | ({"parameters": dict(layout.parameters)} if layout.parameters else {})


def _operation(part: Part, layout: Layout) -> Json:
    return {
        "action": part.action,
        "channel": {"$ref": f"#/channels/{part.channel}"},
        "summary": part.summary,
        "tags": [{"name": part.audience}],
        "messages": [{"$ref": f"#/channels/{part.channel}/messages/{name}"} for name in layout.messages],
        "bindings": {"kafka": {"bindingVersion": BINDING}},
    }


def _key(description: str) -> Json:
    return {"kafka": {"key": {"type": "string", "description": description}, "bindingVersion": BINDING}}


def _structured(channel: Channel, payload: Json) -> Json:
    headers = {CONTENT_TYPE: {"type": "string", "pattern": f"^{STRUCTURED.replace('+', '[+]')}", "default": STRUCTURED}}
    example = _example(channel)
    return {
        "title": f"intake.{channel.value},结构化模式",
        "summary": f"CloudEvents 1.0 JSON,整个事件在记录的值里,至多 {MAX_BYTES} 字节",
        "contentType": STRUCTURED,
        "headers": {"type": "object", "properties": headers},
        "payload": payload,
        "examples": [{"name": channel.value, "headers": {CONTENT_TYPE: STRUCTURED}, "payload": example}],
    }


def _binary(channel: Channel, payload: Json) -> Json:
    attributes: Json = {
        "specversion": {"const": "1.0"},
        "id": {"type": "string", "minLength": 1, "maxLength": 200},
        "source": {"type": "string", "minLength": 1, "maxLength": 200},
        "type": {"const": event_type(channel)},
        "time": {"type": "string", "format": "date-time"},
        "poolmode": {"enum": [mode.value for mode in Mode], "default": Mode.LIVE.value},
    }
    example = _example(channel)
    data = example.pop("data")
    given = {f"{HEADER_PREFIX}{name}": value for name, value in example.items() if name != "datacontenttype"}
    return {
        "title": f"intake.{channel.value},二进制模式",
        "summary": "CloudEvents 1.0,属性在标头里(UTF-8 文字,不作百分号编码),记录的值就是 data",
        "contentType": "application/json",
        "headers": {
            "type": "object",
            "required": [f"{HEADER_PREFIX}{name}" for name in ("specversion", "id", "source", "type")],
            "properties": {f"{HEADER_PREFIX}{name}": rule for name, rule in attributes.items()}
            | {CONTENT_TYPE: {"type": "string", "pattern": "json", "default": "application/json"}},
        },
        "payload": payload,
        "examples": [{"name": channel.value, "headers": given | {CONTENT_TYPE: "application/json"}, "payload": data}],
    }


def _example(channel: Channel) -> Json:
    found: Json = json.loads((EXAMPLES / f"{channel.value}.json").read_text(encoding="utf-8"))
    return found


def _draft_07(schema: Any) -> Any:
    """AsyncAPI's schemas are draft 07 with additions: a tuple is a list of `items` there, not `prefixItems`."""
    if isinstance(schema, list):
        return [_draft_07(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    return {("items" if name == "prefixItems" else name): _draft_07(part) for name, part in schema.items()}
