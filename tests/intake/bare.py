"""What an intake needs beside a pack, as plain as can be."""

import hashlib
from typing import Any

from schemas.findings import Findings, Place
from schemas.words import Channel


class NoFindings:
    """Takes the place over and proposes nothing."""

    def findings(self, channel: Channel, title: str, text: str, place: Place, hints: Any) -> Findings:
        return Findings(place=place)


def keyed_hash(kind: str, value: str) -> str:
    return hashlib.blake2b(f"{kind}\0{value}".encode("utf-8", "surrogatepass"), digest_size=16, key=b"test").hexdigest()
