"""What of a body is about the matter: without greeting, thanks and signature, and of a very long one the two ends. The greeting
alone, for it says who is meant to act."""

import re
from typing import Final

FIRST: Final = 1500
LAST: Final = 500
"""Characters kept of a body: 99 of 100 are shorter than the sum. What it is about stands early, what is asked for late."""

_SEARCHED: Final = 60
"""Characters in which a greeting or a signature is looked for."""

_WHO: Final = r"[^,，。:：!！\s]{0,8}(?:领导|书记|市长|省长|县长|区长|厅长|局长|州长|主任|工作人员|同志)们?"
_GREETING: Final = re.compile(
    rf"^\s*(?:(?:尊敬|敬爱|亲爱)的[^,，。:：!！\n]{{0,24}}[,，。:：!！\s]+)?(?:{_WHO}(?:[,，:：!！\s]+|(?=[您你]们?好[,，。:：!！\s])))?"
    r"(?:(?:[您你]们?|大家)(?:早上|上午|中午|下午|晚上)?好[,，。:：!！\s]+)?"
)
_CLOSING: Final = re.compile(
    r"(?:此致|敬礼|谢谢|感谢|多谢|万分感激|辛苦了|盼复|望回复|祝(?:您|各位|领导|工作|身体|新)|祝好|落款|联系人|联系电话|留言人|投诉人|反映人)"
    r"[^。!！?？]{0,40}[。!！?？\s]*$"
)


def greeting_of(body: str) -> str:
    """What `matter_of` takes away at the beginning: whoever is addressed; often the office that the matter belongs to."""
    head = body[:_SEARCHED]
    return head[: len(head) - len(_GREETING.sub("", head, count=1))]


def matter_of(body: str) -> str:
    """The body without opening address and closing courtesies; all of it where nothing else would be left."""
    if len(body) > FIRST + LAST:
        body = f"{body[:FIRST]}\n{body[-LAST:]}"
    head, rest = body[:_SEARCHED], body[_SEARCHED:]
    opened = _GREETING.sub("", head, count=1) + rest
    tail = opened[-_SEARCHED:]
    closed = opened[: len(opened) - len(tail)] + _CLOSING.sub("", tail)
    return closed if len(closed.strip()) >= 4 else body
