"""Whether a reply is about its request: pairs of letters that both have, against what two texts of that length share by chance.

Pairs that stand in requests and replies of any matter do not count. The weights were fitted (logistic regression) on letters with
their own replies and with replies to other letters, see docs/replies.md; nothing of those letters is in them but six numbers.
"""

from dataclasses import dataclass
from math import exp, log1p
from operator import add
from typing import Final

from classifiers.replies.phrases import pairs_of_the_field
from classifiers.replies.reading import READ
from language.normalise import fold
from language.tokenise import NO_LETTER

OPENING: Final = 60
"""Letters of the request's first line, where people name the matter."""
LEAST: Final = 4
"""An opening with fewer telling pairs counts as if it had these."""


@dataclass(frozen=True, slots=True)
class Weights:
    """Of a logistic score that is positive where request and reply belong to different matters, even odds at 0.

    opening: of the share (0..1) of the opening's pairs that the reply has; shared, share: of log(1 + pairs that both have)
    and of their number over the geometric mean of both texts' pairs; request, reply: of log(1 + pairs) of either text.
    """

    constant: float
    opening: float
    shared: float
    share: float
    request: float
    reply: float


WEIGHTS: Final = Weights(-14.41, -15.48, -3.31, -2.89, 1.87, 2.63)


@dataclass(frozen=True, slots=True)
class Likeness:
    """opening: 0..1; shared, request, reply: numbers of telling pairs."""

    opening: float
    shared: int
    request: int
    reply: int

    def features(self) -> tuple[float, float, float, float, float]:
        share = self.shared / max(9, self.request * self.reply) ** 0.5
        return self.opening, log1p(self.shared), share, log1p(self.request), log1p(self.reply)

    def off_topic(self, weights: Weights = WEIGHTS) -> float:
        """0..1: that the reply belongs to another request, if one reply in two did."""
        opening, shared, share, request, reply = self.features()
        score = weights.constant + weights.opening * opening + weights.shared * shared + weights.share * share
        score += weights.request * request + weights.reply * reply
        return 1 / (1 + exp(-max(-30.0, min(30.0, score))))


def likeness(request: str, folded_reply: str) -> Likeness:
    """request: title and text, a newline between them; folded_reply: as `reading.read_reply` gives it."""
    request = request.strip()
    opening = _pairs(fold(request.split("\n", 1)[0][:OPENING]))
    asked = _pairs(fold(request[:READ]))
    told = _pairs(folded_reply)
    return Likeness(len(opening & told) / max(LEAST, len(opening)), len(asked & told), len(asked), len(told))


def _pairs(folded: str) -> set[str]:
    letters = NO_LETTER.sub("", folded)
    return set(map(add, letters, letters[1:])) - pairs_of_the_field()
