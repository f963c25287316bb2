"""Linear algebra on one thread.

Its products are small here: two threads wait for one another longer than they work, above all where other processes want the
cores. Measured on two busy cores: a text by itself took 2.6 ms of processor time on one thread and 16 ms on two, 500 texts 125
and 168 ms. More processes are the way to use more cores. The sums are also the same then on every machine.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import scipy.linalg  # noqa: F401 - a library is found once it is loaded; this loads numpy's and its own
from threadpoolctl import ThreadpoolController


@contextmanager
def one_thread() -> Iterator[None]:
    """Holds for the whole process meanwhile. Takes 25 microseconds."""
    with _found().limit(limits=1):
        yield


@cache
def _found() -> ThreadpoolController:
    return ThreadpoolController()
