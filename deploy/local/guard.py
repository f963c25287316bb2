"""Kills a server when the process that started it is gone, however that one ended.

`python -m deploy.local.guard PID STARTED MARK PARENT`.
It is a child of that process, so it learns of its end by getting another parent; it ends when the server ends.
"""

import os
import sys
import time

from deploy.local.group import Group, look


def guard(group: Group, parent: int) -> None:
    """Returns when either is gone."""
    while os.getppid() == parent:
        seen = look(group.pid)
        if seen is None or seen.started != group.started or seen.state in "ZX":
            return
        time.sleep(0.2)
    group.kill()


if __name__ == "__main__":
    guard(Group(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]), int(sys.argv[4]))
