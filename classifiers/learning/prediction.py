"""What a model answers about one text."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Prediction:
    """label: the best answer; confidence: 0..1, calibrated; top: (label, confidence) best first, `label` among them.

    accepted: the confidence reaches the threshold that holds the promised accuracy, so no person is needed.
    """

    label: str
    confidence: float
    top: tuple[tuple[str, float], ...]
    accepted: bool
