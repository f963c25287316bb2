"""Every report once, whatever is killed or repeated."""

from faults.load import make_load

from on_servers.served import Served
from schemas.words import Channel


def test_reports_of_all_channels_become_the_same_documents_as_embedded(served: Served) -> None:
    loads = [make_load(channel, 150) for channel in Channel]
    worker = served.work()
    for load in loads:
        served.send(load)
    served.settle()
    served.assert_whole(loads)
    assert worker.end() == 0
