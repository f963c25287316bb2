"""What the JSON parser lets through and a report may not hold, and the one fault of writers that is mended."""

import json
import math
import re
from typing import Any, Final

from pydantic import BaseModel

from language.mask import mask
from language.normalise import strip_controls
from schemas.errors import ContractError

MAX_DEPTH: Final = 20
"""Objects and arrays in one another; the deepest field of the contracts stands at 4."""

_ESCAPE: Final = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[dD][89a-fA-F][0-9a-fA-F]{2}|.)", re.DOTALL
)
_KEY: Final = re.compile(rb'"\s*:')


def mend_escapes(raw: bytes) -> bytes:
    r"""The bytes with half surrogate pairs (an emoji cut in two, \ud83d alone) replaced by U+FFFD, so that they can be read."""
    if rb"\u" not in raw:
        return raw
    return _ESCAPE.sub(lambda m: rb"\ufffd" if len(m[0]) == 6 and m[0][2:3] in b"dD" else m[0], raw)


def require_distinct_keys(raw: bytes, *parts: object) -> None:
    """Raises ContractError when an object names a key twice: nobody can know which value was meant.

    parts: the models or values read from `raw`. Where they hold as many keys as `raw` has places that look like one, none
    stands twice; only else is it parsed again.
    """
    if len(_KEY.findall(raw)) == sum(map(_keys, parts)):
        return
    try:
        json.loads(raw, object_pairs_hook=_distinct)
    except RecursionError as error:
        raise too_deep("(整条)") from error


def too_deep(field: str) -> ContractError:
    return ContractError(field, f"嵌套不得超过 {MAX_DEPTH} 层", "请展平后重推")


def _keys(value: object, depth: int = 0) -> int:
    if depth > MAX_DEPTH:
        raise too_deep("(整条)")
    if isinstance(value, BaseModel):
        given = value.model_fields_set
        return len(given) + sum(_keys(getattr(value, key), depth + 1) for key in given if key != "data")
    if isinstance(value, dict):
        return len(value) + sum(_keys(inner, depth + 1) for inner in value.values())
    if isinstance(value, list):
        return sum(_keys(inner, depth + 1) for inner in value)
    return 0


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ContractError("(整条)", "同一对象里有重复的键", "请删去重复的键后重推")
    return found


def clean_value(value: Any, field: str, depth: int = 0) -> Any:
    """A copy of a JSON value without controls, every text and key in it masked. Raises ContractError for what is too deep and
    for numbers that are not finite (1e400)."""
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, float) and not math.isfinite(value):
        raise ContractError(field, "须为有限的数", "请改正")
    if isinstance(value, dict | list) and depth >= MAX_DEPTH:
        raise too_deep(field)
    if isinstance(value, dict):
        return {clean_text(key): clean_value(inner, field, depth + 1) for key, inner in value.items()}
    if isinstance(value, list):
        return [clean_value(inner, field, depth + 1) for inner in value]
    return value


def clean_text(text: str) -> str:
    """A text that is safe to show and names no number of a person. HTML is text like any other."""
    return mask(strip_controls(text)).text.strip()
