"""`python -m on_servers.with_bug STAGE MARK [stage…]`: the worker of a release with a bug.

The stage raises on every record in whose bytes the mark stands; on every record when the mark is empty.
"""

import sys
from typing import Any

import intake.clean
import streams.stages.casework_deciding
import streams.stages.progress
import streams.stages.publish
from console.main import main
from schemas.words import Stage

_PLACES: dict[Stage, tuple[Any, str]] = {
    Stage.INTAKE: (intake.clean, "parse"),
    Stage.PROGRESS: (streams.stages.progress, "parse_progress"),
    Stage.CASEWORK: (streams.stages.casework_deciding, "decide"),
    Stage.PUBLISH: (streams.stages.publish, "unit_views"),
}


def spoil(stage: Stage, mark: str) -> None:
    """From now on the stage has the bug."""
    module, name = _PLACES[stage]
    right = getattr(module, name)

    def wrong(*given: Any) -> Any:
        if any(mark in _text(one) for one in given[:2]):
            raise ZeroDivisionError("a bug")
        return right(*given)

    setattr(module, name, wrong)


def _text(given: Any) -> str:
    return given.decode("utf-8", "replace") if isinstance(given, bytes) else str(given)


if __name__ == "__main__":
    spoil(Stage(sys.argv[1]), sys.argv[2])
    main(["work", *sys.argv[3:]])
