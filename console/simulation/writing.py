"""How a report is put into words: by channel, long or short, calm or angry, with slips of tongue and finger."""

import random
from collections.abc import Callable

from console.simulation.matters import Matter, Voices
from console.simulation.places import Expression
from schemas.words import Channel

LONG = {Channel.HOTLINE: 0.25, Channel.MESSAGE: 0.45, Channel.GRID: 0.05}
"""Share of texts that tell a history."""
SLIPS = {Channel.HOTLINE: 0.05, Channel.MESSAGE: 0.3, Channel.GRID: 0.1}
"""Share of texts with slips."""


class Writer:
    """Words for an incident. Every call draws anew, so two reports of one incident differ as people do."""

    def __init__(self, voices: Voices) -> None:
        self._voices = voices

    def text(self, dice: random.Random, channel: Channel, matter: Matter, place: Expression, days: int) -> tuple[str, str]:
        """(title, text). days: how long it has been going on."""
        voices, statement = self._voices, dice.choice(matter.statements)
        where = place.text
        core = f"{where}{'' if not where else dice.choice(('', '', ',', '的', '这里'))}{statement}"
        parts = [core]
        if days > 0:
            parts.append(dice.choice(("已经{d}天了", "有{d}天了", "从{d}天前开始的", "拖了{d}天")).format(d=days))
        if matter.details and dice.random() < 0.6:
            parts.append(dice.choice(matter.details))
        if dice.random() < LONG.get(channel, 0.0):
            parts += dice.sample(voices.histories, min(len(voices.histories), dice.randint(1, 4)))
            parts += dice.sample(matter.details, min(len(matter.details), 2))
        if channel is not Channel.GRID and dice.random() < 0.35:
            parts.insert(dice.randint(1, len(parts)), dice.choice(voices.feelings))
        text = self._joined(dice, channel, parts)
        opening, closing = dice.choice(voices.openings[channel.value]), dice.choice(voices.closings[channel.value])
        text = f"{opening}{text}{closing}"
        if dice.random() < SLIPS.get(channel, 0.0):
            text = self._slipped(dice, text)
        title = self._title(dice, channel, where, statement)
        return title, text

    def urging(self, dice: random.Random, matter: Matter, place: Expression) -> str:
        """The same person asks again."""
        said = dice.choice(self._voices.urgings)
        return said.format(place=place.text or "我们这儿", matter=dice.choice(matter.statements))

    def _title(self, dice: random.Random, channel: Channel, where: str, statement: str) -> str:
        if channel is Channel.GRID and dice.random() < 0.5:
            return ""
        return (where + statement)[: dice.randint(10, 26)] if dice.random() < 0.8 else statement[:18]

    def _joined(self, dice: random.Random, channel: Channel, parts: list[str]) -> str:
        """Some people write without a full stop."""
        careless = channel is Channel.MESSAGE and dice.random() < 0.25
        mark = dice.choice((" ", ",")) if careless else ","
        text = mark.join(part.rstrip("。,") for part in parts)
        return text if careless else text + "。"

    def _slipped(self, dice: random.Random, text: str) -> str:
        voices = self._voices
        ways: list[Callable[[str], str]] = [
            lambda words: _replaced(dice, words, voices.mistyped, 2),
            lambda words: _replaced(dice, words, voices.dialect, 3),
            lambda words: words.replace("。", " ").replace(",", " "),
            lambda words: _with_filler(dice, words, voices.fillers),
            lambda words: words.replace("!", "!!!").replace("。", "!!"),
        ]
        for way in dice.sample(ways, dice.randint(1, 2)):
            text = way(text)
        return text


def _replaced(dice: random.Random, text: str, words: dict[str, str], most: int) -> str:
    found = [word for word in words if word in text]
    for word in dice.sample(found, min(len(found), most)):
        text = text.replace(word, words[word], 1)
    return text


def _with_filler(dice: random.Random, text: str, fillers: tuple[str, ...]) -> str:
    at = text.find(",", dice.randrange(max(1, len(text) // 2)))
    return text if at < 0 else f"{text[:at]},{dice.choice(fillers)}{text[at:]}"
