"""What an intake needs beside a pack, as plain as can be."""

import hashlib
from collections.abc import Sequence

from intake.clean import Asked
from schemas.findings import Findings


class NoFindings:
    """Takes the place over and proposes nothing."""

    def findings(self, asked: Sequence[Asked]) -> list[Findings]:
        return [Findings(place=one.place) for one in asked]


def keyed_hash(kind: str, value: str) -> str:
    return hashlib.blake2b(f"{kind}\0{value}".encode("utf-8", "surrogatepass"), digest_size=16, key=b"test").hexdigest()
