"""Every error that a caller of this application may meet.

    WentichiError
    ├── ContractError       a value breaks a contract: field, rule, remedy
    ├── PackError           a city pack cannot be used (city.faults)
    ├── PoolError           the pool cannot do what was asked
    │   ├── PoolBusy        another process owns the stages and did not answer in time
    │   ├── PoolAway        the store does not answer, or not now: nothing was said of the data, try again
    │   ├── PoolDamaged     the pool and its log disagree; names the place
    │   ├── KeyMissing      the master key is missing or is not this pool's
    │   └── NotFound        no such report, problem, dead letter or unit
    └── CommandRefused      casework refused: code and sentence

A message says what was wrong, where, and what to do; it is Chinese, for people.
"""


class WentichiError(Exception):
    """Root of the tree; the command line shows its text and nothing else."""


class ContractError(WentichiError):
    """A value breaks a contract.

    field: dotted path of the field, e.g. "data.time"; rule: what must hold; remedy: what to do.
    """

    def __init__(self, field: str, rule: str, remedy: str) -> None:
        super().__init__(f"字段 {field}:{rule};{remedy}")
        self.field = field
        self.rule = rule
        self.remedy = remedy

    def __reduce__(self) -> tuple[type["ContractError"], tuple[str, str, str]]:
        return ContractError, (self.field, self.rule, self.remedy)


class PoolError(WentichiError):
    """The pool cannot do what was asked."""


class PoolBusy(PoolError):
    """Another process owns the stages and did not answer in time."""


class PoolAway(PoolError):
    """The store cannot be reached or does not take anything now: connection, 401, 403, 404, 429, 5xx, a read-only block."""


class PoolDamaged(PoolError):
    """The pool and its log disagree; the message names the place."""


class KeyMissing(PoolError):
    """The master key is missing or is not the key of this pool."""


class NotFound(PoolError):
    """No such report, problem, dead letter or unit."""


class CommandRefused(WentichiError):
    """Casework refused a command: `code` is a `schemas.words.Refusal`."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{message}({code})")
        self.code = code
