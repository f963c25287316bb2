"""The four channels' reports, as the `data` of a CloudEvent 1.0.

Field names follow the field sets of running systems: order tables with caller, order and attachment groups
(callerName/isSecret/urgeOrderNum/…), grid events (source, level, photos) and camera payloads (score, box, track, dwell).
"""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from schemas.base import Inbound, Written
from schemas.words import Channel, RequestType

MAX_TEXT = 20_000
"""Characters of a text. Published citizen messages: median 205, p90 954, longest 3,688; a call record may be longer."""
MAX_TITLE = 500
Short = Annotated[str, StringConstraints(max_length=200)]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Caller(Inbound):
    """Who reports. Goes to the encrypted contact store; nothing of it enters the pool."""

    name: Short | None = None
    phone: Short | None = None
    contact: Short | None = None
    mail: Short | None = None
    company: Short | None = None
    account: Short | None = Field(default=None, description="account on the platform the message came from")
    sex: Short | None = None
    label: Short | None = Field(default=None, description="what the hotline notes of the caller")


Unit01 = Annotated[float, Field(ge=0, le=1)]


class Box(Inbound):
    """A box in the picture, normalised to 0..1, (x1, y1) top left."""

    x1: Unit01
    y1: Unit01
    x2: Unit01
    y2: Unit01

    @model_validator(mode="after")
    def _has_area(self) -> "Box":
        if self.x2 <= self.x1 or self.y2 <= self.y1:
            raise ValueError("须 x1 < x2 且 y1 < y2")
        return self


class PersonalBox(Box):
    """Where a picture shows a person's face or a number plate: covered before anybody sees it."""

    kind: Literal["face", "plate"]


class Attachment(Inbound):
    """A file by its hash; the file itself never travels on a topic."""

    sha256: Sha256
    media_type: Annotated[str, StringConstraints(pattern=r"^[a-z]+/[A-Za-z0-9.+-]+$", max_length=100)]
    size: int = Field(ge=0, le=1 << 40, description="bytes")
    name: Short | None = None
    boxes: Annotated[list[PersonalBox], Field(max_length=500)] = Field(default=[], description="faces and plates in the picture")


class Location(Inbound):
    """WGS-84 degrees."""

    lon: float = Field(ge=-180, le=180)
    lat: float = Field(ge=-90, le=90)


class ReportData(Inbound):
    """What every channel has. `time` is when it happened; without a zone it is the city's time."""

    time: Written | None = None
    title: Annotated[str, StringConstraints(max_length=MAX_TITLE)] = ""
    text: Annotated[str, StringConstraints(max_length=MAX_TEXT)] = ""
    address: Annotated[str, StringConstraints(max_length=500)] | None = None
    location: Location | None = None
    grid: Annotated[str, StringConstraints(max_length=40)] | None = None
    category: Annotated[str, StringConstraints(max_length=40)] | None = Field(
        default=None, description="a category code of the city, when the sender knows it"
    )
    request_type: RequestType | None = None
    caller: Caller | None = None
    secret: bool = Field(default=False, description="the caller asks for secrecy (isSecret)")
    revision: int | None = Field(default=None, ge=1, description="raised by the sender when it corrects a report")
    attachments: Annotated[list[Attachment], Field(max_length=50)] = []
    urges: Short | None = Field(default=None, description="order number that the caller urges (urgeOrderNum)")


class Worded(ReportData):
    """A report that lives from its words."""

    model_config = ConfigDict(
        json_schema_extra={
            "anyOf": [
                {"required": [name], "properties": {name: {"type": "string", "pattern": r"\S"}}} for name in ("title", "text")
            ]
        }
    )

    @model_validator(mode="after")
    def _has_words(self) -> "Worded":
        if not self.title and not self.text:
            raise ValueError("title 和 text 不能都为空")
        return self


class HotlineCall(Worded):
    """One call, as the operator wrote it down."""

    call_id: Short | None = None
    operator: Short | None = None
    recording: Sha256 | None = Field(default=None, description="hash of the recording")


class OnlineMessage(Worded):
    """A message from web, app, WeChat or a letter box."""

    user: Short | None = Field(default=None, description="account of the writer")
    platform: Short | None = None
    likes: int = Field(default=0, ge=0)
    dislikes: int = Field(default=0, ge=0)


class GridSource(StrEnum):
    """Who brought a grid report."""

    GRID_MEMBER = "GRID_MEMBER"
    RESIDENT = "RESIDENT"
    PROPERTY = "PROPERTY"
    TRANSFER = "12345"
    AI_CAMERA = "AI_CAMERA"


class GridReport(Worded):
    """What a grid worker saw. `level`: 1 一级网格长, 2 二级, 3 三级网格员."""

    event_type: Short | None = None
    source: GridSource = GridSource.GRID_MEMBER
    worker: Short | None = Field(default=None, description="the worker's account")
    level: Literal[1, 2, 3] = 3


class CameraAlert(ReportData):
    """One alarm of a camera algorithm. Pictures are attachments by hash."""

    device: Annotated[str, StringConstraints(min_length=1, max_length=64)] = Field(
        description="device id, often 20 digits by GB/T 28181"
    )
    alarm_class: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    score: Unit01
    box: Box | None = None
    track: Short | None = None
    dwell_seconds: float | None = Field(default=None, ge=0)
    algorithm: Short | None = None


DATA: dict[Channel, type[ReportData]] = {
    Channel.HOTLINE: HotlineCall,
    Channel.MESSAGE: OnlineMessage,
    Channel.GRID: GridReport,
    Channel.CAMERA: CameraAlert,
}
