"""Files of reports: taken for what they are, shown with faces and plates covered."""

import io

import pytest
from PIL import Image

from intake.pictures import COVER, check_file, covered, media_type_of
from schemas.errors import ContractError


def picture(kind: str = "JPEG", size: tuple[int, int] = (200, 100), **more: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, (250, 250, 250)).save(out, format=kind, **more)  # type: ignore[arg-type]
    return out.getvalue()


FACE = {"kind": "face", "x1": 0.1, "y1": 0.2, "x2": 0.3, "y2": 0.6}
PLATE = {"kind": "plate", "x1": 0.9, "y1": 0.9, "x2": 1.0, "y2": 1.0}


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_what_is_boxed_is_covered_and_the_rest_stays(kind: str) -> None:
    shown = Image.open(io.BytesIO(covered(picture(kind), [FACE, PLATE]))).convert("RGB")
    assert shown.size == (200, 100)
    for at in ((40, 40), (22, 22), (58, 58), (195, 95)):
        assert max(abs(a - b) for a, b in zip(shown.getpixel(at), COVER, strict=True)) < 12, at  # type: ignore[arg-type]
    for at in ((100, 50), (5, 5), (70, 80)):
        assert min(shown.getpixel(at)) > 235, at  # type: ignore[arg-type, operator]


def test_nothing_but_pixels_goes_out() -> None:
    exif = Image.Exif()
    exif[0x010F] = "camera-serial-4711"
    told = picture(exif=exif)
    assert b"camera-serial-4711" in told
    assert b"camera-serial-4711" not in covered(told, [])


def test_a_covered_picture_holds_no_copy_of_what_was_covered() -> None:
    base = Image.new("RGB", (64, 64), (0, 0, 0))
    base.paste((255, 0, 0), (10, 10, 20, 20))
    out = io.BytesIO()
    base.save(out, format="PNG")
    shown = Image.open(io.BytesIO(covered(out.getvalue(), [{"x1": 0.1, "y1": 0.1, "x2": 0.4, "y2": 0.4}]))).convert("RGB")
    assert (255, 0, 0) not in {colour for _, colour in shown.getcolors(64 * 64) or []}


@pytest.mark.parametrize(
    ("data", "said", "size", "rule"),
    [
        (picture(), "image/png", None, "内容却是"),
        (picture(), "image/jpeg", 5, "字节"),
        (b"MZ\x90 program", "image/jpeg", None, "不是可收的"),
        (picture()[:60], "image/jpeg", None, "打不开"),
        (picture("PNG")[:-30], "image/png", None, "打不开"),
        (b"", "image/jpeg", None, "不是可收的"),
    ],
)
def test_a_file_that_is_not_what_the_report_says_is_refused(data: bytes, said: str, size: int | None, rule: str) -> None:
    with pytest.raises(ContractError, match=rule):
        check_file(data, said, len(data) if size is None else size)


def test_a_picture_that_unpacks_to_a_monster_is_refused_unread() -> None:
    monster = picture("PNG", (12_000, 9_000))
    assert len(monster) < 1_000_000
    with pytest.raises(ContractError, match=r"像素|打不开"):
        check_file(monster, "image/png", len(monster))


def test_what_cannot_be_opened_is_never_shown() -> None:
    with pytest.raises(ContractError):
        covered(b"\xff\xd8\xff broken", [FACE])


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_sound_picture_is_taken(kind: str) -> None:
    data = picture(kind)
    found = media_type_of(data)
    assert found == f"image/{kind.lower()}"
    check_file(data, found, len(data))
