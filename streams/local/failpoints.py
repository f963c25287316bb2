"""Named places where a test kills the owner: a closed list, one for each step of the local protocol."""

import os
import signal
from enum import StrEnum

VARIABLE = "WENTICHI_FAIL_AT"


class FailPoint(StrEnum):
    """`<stage>_<step>`: vault = keys are durable, the pool is not; written = before the commit; committed = after it."""

    APPEND_WRITTEN = "append_written"
    APPEND_COMMITTED = "append_committed"
    INTAKE_VAULT = "intake_vault"
    INTAKE_WRITTEN = "intake_written"
    INTAKE_COMMITTED = "intake_committed"
    PROGRESS_VAULT = "progress_vault"
    PROGRESS_WRITTEN = "progress_written"
    PROGRESS_COMMITTED = "progress_committed"
    CASEWORK_ERASED = "casework_erased"
    CASEWORK_WRITTEN = "casework_written"
    CASEWORK_COMMITTED = "casework_committed"
    PUBLISH_WRITTEN = "publish_written"
    PUBLISH_COMMITTED = "publish_committed"
    TIMERS_WRITTEN = "timers_written"
    TIMERS_COMMITTED = "timers_committed"


_countdown: dict[str, int] = {}


def arm(setting: str | None) -> None:
    """`point:n`: the n-th time this point is reached, the process kills itself with SIGKILL. None disarms."""
    _countdown.clear()
    if setting:
        name, _, count = setting.partition(":")
        _countdown[FailPoint(name).value] = int(count or 1)


def reach(point: FailPoint) -> None:
    """Costs a dictionary look-up when nothing is armed."""
    if point.value in _countdown:
        _countdown[point.value] -= 1
        if _countdown[point.value] == 0:
            os.kill(os.getpid(), signal.SIGKILL)


arm(os.environ.get(VARIABLE))
