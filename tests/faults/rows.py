"""Good rows of every channel, to be spoiled field by field, and words that mean harm."""

import json
from typing import Any

from schemas.words import Channel

TIME = "2025-03-01T08:00:00+08:00"
HOSTILE = (
    "<script>alert(1)</script><img src=x> {{7*7}} [bold]x[/bold] \x1b[31m\x1b]0;x\x07 a\x08b \u202egnp.exe\u2066 \u200b\ufeff\x00"
)
FIELDS: dict[Channel, dict[str, Any]] = {
    Channel.HOTLINE: {"title": "路灯不亮", "text": "望江花园路灯不亮"},
    Channel.MESSAGE: {"title": "路灯不亮", "text": "望江花园路灯不亮", "user": "u"},
    Channel.GRID: {"text": "望江花园路灯不亮", "worker": "w"},
    Channel.CAMERA: {"device": "99010200001320000001", "alarm_class": "暴露垃圾", "score": 0.9},
}


def row(channel: Channel, name: str, **changed: Any) -> bytes:
    """A good row with this changed; None leaves the field out. orjson writes no number beyond 64 bits."""
    fields = {"id": f"{channel.value}/{name}", "time": TIME, **FIELDS[channel], **changed}
    return json.dumps({field: value for field, value in fields.items() if value is not None}).encode()
