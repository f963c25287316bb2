"""示例市, the built-in city: all places, units and grids are invented, so that everything can be tried at once."""

from pathlib import Path


def sample_city() -> Path:
    """The folder of the sample pack."""
    return Path(__file__).parent / "sample"
