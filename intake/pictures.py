"""Files that come with a report: what they really are, and pictures with faces and number plates covered.

A picture is decoded and encoded anew before anybody sees it, so nothing of the camera, the place or the phone that a file carries
beside its pixels gets through (EXIF), and what is covered is gone from the bytes.
"""

import io
import warnings
from collections.abc import Sequence
from typing import Any, Final

from PIL import Image, ImageDraw, UnidentifiedImageError

from schemas.errors import ContractError

MOST_BYTES: Final = 50 * 1024 * 1024
MOST_PIXELS: Final = 60_000_000
COVER: Final = (96, 96, 96)
MARGIN: Final = 0.08
"""How far the cover reaches beyond the box, as a share of its sides: detectors cut close."""

_PICTURES: Final = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}
_BEGINNINGS: Final = (
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (8, b"WEBP", "image/webp"),
    (0, b"%PDF-", "application/pdf"),
    (4, b"ftyp", "video/mp4"),
    (8, b"WAVE", "audio/wav"),
    (0, b"#!AMR", "audio/amr"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"\xff\xfb", "audio/mpeg"),
)
TAKEN: Final = tuple(dict.fromkeys(kind for _, _, kind in _BEGINNINGS))
"""Media types that are stored; nothing that a program would run."""


def media_type_of(data: bytes) -> str | None:
    """By the first bytes, never by a name; None for what is not taken."""
    return next((kind for at, mark, kind in _BEGINNINGS if data[at : at + len(mark)] == mark), None)


def check_file(data: bytes, said: str, size: int) -> None:
    """Raises ContractError when the file is too large, not of the size or type that the report says, or a broken picture."""
    if len(data) > MOST_BYTES:
        raise ContractError("attachments", f"附件至多 {MOST_BYTES >> 20} MB,实为 {len(data) / (1 << 20):.1f} MB", "请压缩后再传")
    if len(data) != size:
        raise ContractError("attachments.size", f"来件说是 {size} 字节,文件却有 {len(data)} 字节", "请传来件登记的那个文件")
    found = media_type_of(data)
    if found is None:
        raise ContractError("attachments.media_type", "不是可收的文件类型", f"可收:{'、'.join(TAKEN)}")
    if found != said:
        raise ContractError("attachments.media_type", f"来件说是 {said},文件内容却是 {found}", "请更正来件的附件类型后重推")
    if found in _PICTURES:
        _opened(data).close()


def covered(data: bytes, boxes: Sequence[Any]) -> bytes:
    """The picture with these boxes covered and everything but its pixels left behind; boxes have x1, y1, x2, y2 in 0..1.

    Raises ContractError for what is no picture that can be opened: without a look nothing is shown.
    """
    with _opened(data) as picture:
        kind = picture.format or "PNG"
        plain = picture.convert("RGB" if kind != "PNG" or picture.mode not in ("RGBA", "LA", "P") else "RGBA")
        draw = ImageDraw.Draw(plain)
        for box in boxes:
            across, down = (box["x2"] - box["x1"]) * MARGIN, (box["y2"] - box["y1"]) * MARGIN
            corners = (box["x1"] - across, box["y1"] - down, box["x2"] + across, box["y2"] + down)
            draw.rectangle(_pixels(corners, plain.width, plain.height), fill=COVER)
        out = io.BytesIO()
        plain.save(out, format=kind, **({"quality": 90} if kind != "PNG" else {}))
    return out.getvalue()


def is_picture(media_type: str) -> bool:
    """Whether its faces and plates can be covered here."""
    return media_type in _PICTURES


def _pixels(box: tuple[float, float, float, float], width: int, height: int) -> tuple[int, int, int, int]:
    x1, y1, x2, y2 = box
    return int(max(0.0, x1) * width), int(max(0.0, y1) * height), int(min(1.0, x2) * width), int(min(1.0, y2) * height)


def _opened(data: bytes) -> Image.Image:
    """Decoded, so that what is broken shows here. A picture that unpacks to far more than it weighs is refused unread."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture: Image.Image = Image.open(io.BytesIO(data), formats=list(_PICTURES.values()))
            if picture.width * picture.height > MOST_PIXELS:
                raise ContractError("attachments", f"图片至多 {MOST_PIXELS // 1_000_000} 百万像素", "请缩小后再传")
            picture.load()
    except (UnidentifiedImageError, Image.DecompressionBombError, Image.DecompressionBombWarning, OSError, SyntaxError) as error:
        raise ContractError("attachments", f"图片打不开({type(error).__name__})", "请检查文件是否完整后再传") from error
    return picture
