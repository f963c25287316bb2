"""The sample city, an intake with a classifier that finds nothing, and a way to write a report."""

from collections.abc import Callable
from typing import Any

import orjson
import pytest
from bare import NoFindings, keyed_hash

from city.pack import CityPack, load_pack
from city.sample import sample_city
from intake.clean import Intake
from schemas.words import Channel


@pytest.fixture(scope="session")
def pack() -> CityPack:
    return load_pack(sample_city())


@pytest.fixture(scope="session")
def intake(pack: CityPack) -> Intake:
    return Intake(pack, keyed_hash, NoFindings())


@pytest.fixture(scope="session")
def report() -> Callable[..., bytes]:
    def write(channel: Channel = Channel.HOTLINE, envelope: dict[str, Any] | None = None, **data: Any) -> bytes:
        if channel is not Channel.CAMERA and "title" not in data:
            data.setdefault("text", "书院路上有一盏灯不亮")
        head = {"specversion": "1.0", "id": "1", "source": "x", "type": f"wentichi.report.{channel.value}.v1"}
        return orjson.dumps({**head, **(envelope or {}), "data": data})

    return write
