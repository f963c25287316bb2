"""Named places where a test kills the process: a closed list, one for each step of either runner's protocol."""

import os
import signal
from enum import StrEnum

VARIABLE = "WENTICHI_FAIL_AT"


class FailPoint(StrEnum):
    """`<stage>_<step>`, reached right after the step. Of the local runner: vault = keys are durable, the pool is not; written =
    before the commit; committed = after it. Of the Kafka runner: the steps of DESIGN's protocol 1, in order."""

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

    KAFKA_INTAKE_VAULT = "kafka_intake_vault"
    KAFKA_INTAKE_SENT = "kafka_intake_sent"
    KAFKA_INTAKE_ACKED = "kafka_intake_acked"
    KAFKA_PROGRESS_VAULT = "kafka_progress_vault"
    KAFKA_PROGRESS_SENT = "kafka_progress_sent"
    KAFKA_PROGRESS_ACKED = "kafka_progress_acked"
    KAFKA_CASEWORK_KEYS = "kafka_casework_keys"
    KAFKA_CASEWORK_ERASED = "kafka_casework_erased"
    KAFKA_CASEWORK_CLAIMS = "kafka_casework_claims"
    KAFKA_CASEWORK_STATES = "kafka_casework_states"
    KAFKA_CASEWORK_EVENTS = "kafka_casework_events"
    KAFKA_CASEWORK_COMMANDS = "kafka_casework_commands"
    KAFKA_CASEWORK_DERIVED = "kafka_casework_derived"
    KAFKA_CASEWORK_OUTCOMES = "kafka_casework_outcomes"
    KAFKA_CASEWORK_ACKED = "kafka_casework_acked"
    KAFKA_PUBLISH_SENT = "kafka_publish_sent"
    KAFKA_PUBLISH_READ_AGAIN = "kafka_publish_read_again"
    KAFKA_PUBLISH_ACKED = "kafka_publish_acked"
    KAFKA_TIMERS_SENT = "kafka_timers_sent"


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
