"""A worker that ends with records in hand, and more of them behind those, acks none of them."""

from faults.load import make_load
from faults.whole import letters_of

from on_servers.defects import WithBug
from on_servers.scenario import Figures, Scale, settle_intake, without_bad_lines
from on_servers.served import Served, wait_until
from pool.elastic.mapping import KEYS, PROBLEMS
from schemas.words import Channel, Stage

WRITES_FIRST = {Stage.INTAKE: KEYS, Stage.CASEWORK: PROBLEMS}
"""The index without which a stage can write nothing."""


def with_a_backlog(served: Served, scale: Scale) -> Figures:
    """By a bug on every record, and when asked to stop while an index is read-only; of groups that have acked nothing yet,
    where a gap before the first ack is seen by nobody."""
    load = without_bad_lines(make_load(Channel.MESSAGE, scale.count(1000)))
    served.send(load)
    wait_until(served.is_answered, 30, "the broker knows groups")
    waited = {}
    for stage, kind in WRITES_FIRST.items():
        waited[stage.value] = waiting = served.waiting()[stage]
        _set_block(served, kind, on=True)
        worker = served.work(stage)
        wait_until(lambda worker=worker: worker.said('"holding"'), 60, "holds")
        assert worker.end() == 0
        assert served.waiting()[stage] == waiting
        _set_block(served, kind, on=False)
        buried = len(letters_of(served.pool))  # type: ignore[arg-type]
        worker = WithBug(served, stage, "", stage)
        wait_until(lambda worker=worker: worker.process.poll() is not None, 90, f"{stage} stops")
        assert worker.process.returncode == 1
        assert served.waiting()[stage] == waiting - (len(letters_of(served.pool)) - buried)  # type: ignore[arg-type]
        if stage is Stage.INTAKE:
            healthy = served.work(stage)
            settle_intake(served, scale.patience)
            assert healthy.end() == 0
    worker = served.work()
    served.settle(scale.patience)
    letters = len(letters_of(served.pool))  # type: ignore[arg-type]
    if letters:
        said = served.command("dead-letters", "replay", "--all", "--json")
        assert said.returncode == 0, said.stderr
    seconds = served.settle(scale.patience)
    served.assert_whole([load])
    assert worker.end() == 0
    return {"reports": len(load.reports), "waited": waited, "put_aside": letters, "recovered_seconds": seconds}


def _set_block(served: Served, kind: str, *, on: bool) -> None:
    elastic = served.pool.elastic
    elastic.request("PUT", f"/{elastic.name(kind)}/_settings", {"index.blocks.write": True if on else None})
