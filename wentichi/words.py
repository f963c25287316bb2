"""The closed sets of words that a unit's steps use; the pool takes no others, and the city's pack may take fewer."""

from typing import Final, Literal, get_args

from wentichi.errors import BadReply

Part = Literal["lead", "cooperator", "summoned", "checker"]
"""主办, 协办; summoned: only whistled for; checker: only looks back after the end (回头看)."""
Card = Literal["yellow", "red"]
Paused = Literal["caller", "suspended"]
Way = Literal["phone", "message", "link", "visit"]
"""How a caller was reached."""
ReturnReason = Literal[
    "wrong_place",
    "not_transferred",
    "not_our_duty",
    "out_of_power",
    "unclear_demand",
    "incomplete",
    "repeated",
    "in_legal_process",
    "unreasonable",
]
"""Why a unit gives a problem back."""
Wish = Literal["extension", "suspension", "exclusion"]
"""延期, 挂账, 剔除."""
Ground = Literal["unreasonable", "beyond_duty", "malicious", "impossible", "off_list", "force_majeure"]
"""Why a problem is not to count in scores."""
RecheckOutcome = Literal["solved", "rebounded", "sham"]
"""真解决, 反弹, 假解决."""
Action = Literal[
    "sign",
    "contact",
    "reply",
    "note",
    "return",
    "object",
    "apply",
    "wait",
    "resume",
    "cooperate",
    "whistle",
    "answer_whistle",
    "arrive",
    "end_whistle",
    "rate_whistle",
    "rate",
    "recheck",
]
"""What a unit can say on `progress.<unit>`."""

MAX_TEXT: Final = 20_000
"""Characters of a text."""
MAX_CLARITY: Final = 2_000
"""Characters of each of the three clarities."""
MAX_CODE: Final = 60
"""Characters of a unit's code."""
MAX_UNITS: Final = 50
"""Units that one step may bring in."""
MAX_AMOUNT: Final = 1_000
"""Of an application."""
CLARITY: Final = ("department", "grassroots", "support")
"""三个明确: what the department does, what the grassroots does, what support it gets."""


def require_text(name: str, text: object, remedy: str, most: int = MAX_TEXT) -> None:
    """Raises BadReply for what is no text, is empty or too long. remedy: what to write."""
    allow_text(name, text, most)
    if not str(text).strip():
        raise BadReply(f"{name}不能为空;请写明{remedy}")


def allow_text(name: str, text: object, most: int = MAX_TEXT) -> None:
    """As `require_text`, but it may be empty."""
    if not isinstance(text, str):
        raise BadReply(f"{name}须为文字;请改为 str")
    if len(text) > most:
        raise BadReply(f"{name}共 {len(text)} 字,至多 {most} 字;请删节")


def require_word(name: str, word: object, of: object) -> None:
    """Raises BadReply for a word that does not stand in the closed set. of: its Literal."""
    words = get_args(of)
    if not isinstance(word, str) or word not in words:
        raise BadReply(f"{name}没有 {word!r};请用 {'、'.join(words)} 之一")


def require_unit(name: str, code: object) -> None:
    """Raises BadReply for what cannot be a unit's code."""
    if not isinstance(code, str) or not code.strip() or len(code) > MAX_CODE:
        raise BadReply(f"{name}须为单位编码,至多 {MAX_CODE} 字;请用问题池配置包里的编码")


def require_number(name: str, number: object, least: int, most: int | None = None) -> None:
    """Raises BadReply for what is no whole number from least to most."""
    if type(number) is not int or number < least or (most is not None and number > most):
        room = f" {least} 到 {most}" if most is not None else f"不小于 {least}"
        raise BadReply(f"{name}须为{room} 的整数,实为 {number!r};请改正")


def require_yes_or_no(name: str, answer: object) -> None:
    """Raises BadReply for what is neither True nor False."""
    if not isinstance(answer, bool):
        raise BadReply(f"{name}须为 True 或 False,实为 {answer!r};请改正")
