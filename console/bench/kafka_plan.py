"""What is measured on servers."""

from dataclasses import dataclass

from schemas.errors import ContractError
from schemas.words import Stage

Layout = tuple[tuple[Stage, ...], ...]
"""The stages of every process."""


@dataclass(frozen=True)
class KafkaPlan:
    """reports: of one throughput run; runs: floor, empty and full pool in turn; full: problems in the full pool, 0 = none;
    rate: reports a second, and seconds, of the latency run; layout: stages of each process; spike: base rate of the spikes and
    seconds of each, 0 = none; casework: one casework worker against two."""

    reports: int = 10_000
    runs: int = 3
    full: int = 200_000
    rate: int = 200
    seconds: int = 20
    layout: str = "intake,casework+progress+publish"
    spike_rate: int = 20
    spike_seconds: int = 3
    casework: bool = True


def layout_of(text: str) -> Layout:
    """`intake,casework+publish`: processes by comma, their stages by plus."""
    try:
        layout = tuple(tuple(Stage(name) for name in process.split("+")) for process in text.split(","))
    except ValueError as error:
        raise ContractError("--layout", f"没有这样的环节({error})", "例如 intake,casework+progress+publish") from None
    missing = set(Stage) - {stage for process in layout for stage in process}
    if missing:
        raise ContractError("--layout", f"缺环节 {'、'.join(sorted(missing))}", "每个环节都要有进程")
    return layout
