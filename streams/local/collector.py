"""Python's cycle collector, set for batches: documents make no cycles, and looking for them costs a quarter of casework."""

import gc


def calm() -> None:
    """For a process that works batches: what is loaded by now is never looked at again, the rest less often.

    Measured: 330 -> 250 µs a report in casework.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 50)
