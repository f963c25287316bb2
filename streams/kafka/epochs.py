"""Epochs of the topic `commands`: what keeps offsets rising when the topic is made anew (DESIGN, protocol 5).

A document remembers the offset of the command that was decided last. After the topic was drained, deleted and made again, offsets
begin at 0, and every new command would look like one decided long ago. So casework counts `epoch << 40 | offset`, and a new epoch
is begun by hand, once for every making.
"""

from typing import Final

from pool.elastic.admin import recall, remember
from pool.elastic.transport import Elastic

SHIFT: Final = 40


def current_epoch(elastic: Elastic) -> int:
    """0 as long as the topic is the first one."""
    epoch = 0
    while recall(elastic, f"epoch-{epoch + 1}") is not None:
        epoch += 1
    return epoch


def begin_epoch(elastic: Elastic) -> int:
    """The next epoch, from the next start of a worker on."""
    epoch = current_epoch(elastic) + 1
    remember(elastic, f"epoch-{epoch}", epoch)
    return epoch
