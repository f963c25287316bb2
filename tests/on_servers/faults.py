"""Every fault at full length, each on a pool of its own: `make faults`, or python -m on_servers.faults with tests/ on the path.

Starts a broker and a node of its own. Prints one JSON with figures and pass or fail of each fault; status 1 when one failed.
"""

import argparse
import inspect
import json
import secrets
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from deploy.local.elasticsearch import start_elasticsearch
from deploy.local.faults import ServerFailed, ServersMissing
from deploy.local.kafka import start_kafka
from on_servers import (
    controls,
    defects,
    ending,
    erasing,
    merges,
    outages,
    rebuilding,
    records,
    refused,
    snapshot,
    steps,
    whole,
    workers,
)
from on_servers.scenario import Figures, Scale
from on_servers.served import Served
from tests.proxy import Proxy
from tests.servers import server_folder

Fault = Callable[..., Figures]


def records_and_controls(served: Served, scale: Scale) -> Figures:
    """The controls need a pool that is whole."""
    return records.twice_and_poisoned(served, scale) | controls.changes_are_found(served, scale)


def bug_on_one_record(served: Served, scale: Scale) -> Figures:
    """And equal to a replay in which the record stands where it was decided at last."""
    figures = defects.one_record(served, scale)
    served.compared = whole.assert_equal_to_replay(served)
    return figures


def bug_on_every_record(served: Served, scale: Scale) -> Figures:
    """As bug_on_one_record."""
    figures = defects.every_record(served, scale)
    served.compared = whole.assert_equal_to_replay(served)
    return figures


def erased_everywhere(served: Served, scale: Scale) -> Figures:
    """Also from the raw topic."""
    return erasing.under_load(served, scale) | erasing.raw_record_goes(served, scale)


OFTEN = {"log.retention.check.interval.ms": "5000", "log.cleaner.backoff.ms": "1000"}
"""The broker looks for what retention and compaction take every few seconds, instead of every five minutes and 15 s."""
FAULTS: tuple[Fault, ...] = (
    records_and_controls,
    refused.one_in_a_bulk,
    bug_on_one_record,
    bug_on_every_record,
    ending.with_a_backlog,
    steps.killed_at_each_step,
    workers.one_dies_one_joins,
    workers.each_kind_killed,
    workers.stood_still,
    merges.into_each_other,
    merges.killed_at_each_step,
    erased_everywhere,
    rebuilding.under_writes_and_erasures,
    snapshot.old_one_restored,
    snapshot.log_made_anew,
    outages.broker_killed,
    outages.elasticsearch_away,
    outages.away_longer_than_poll,
    outages.indices_read_only,
    outages.refused,
)


def main() -> int:
    parser = argparse.ArgumentParser(prog="on_servers.faults", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="how long a load goes on")
    names = [name_of(fault) for fault in FAULTS]
    parser.add_argument("--only", action="append", choices=names, metavar="NAME", help=f"may be given again: {', '.join(names)}")
    given = parser.parse_args()
    wanted = [fault for fault in FAULTS if given.only is None or name_of(fault) in given.only]
    try:
        found = run(wanted, given.seconds)
    except (ServersMissing, ServerFailed) as error:
        print(error, file=sys.stderr)
        return 2
    failed = [name for name, result in found.items() if not result["passed"]]
    print(json.dumps({"seconds": given.seconds, "failed": failed, "faults": found}, ensure_ascii=False, indent=2))
    return 1 if failed else 0


def name_of(fault: Fault) -> str:
    """`<module>.<function>`, without the package."""
    return f"{fault.__module__.rpartition('.')[2]}.{fault.__name__}" if fault.__module__ != __name__ else fault.__name__


def run(faults: list[Fault], seconds: float) -> dict[str, dict[str, Any]]:
    """What became of each, by name. A broker or a node that a fault left dead is started again for the next one."""
    found = {}
    with ExitStack() as stack:
        folder = stack.enter_context(server_folder())
        broker = stack.enter_context(start_kafka(folder / "kafka", settings=OFTEN))
        node = stack.enter_context(start_elasticsearch(folder / "elasticsearch"))
        for fault in faults:
            for server in (broker, node):
                if not server.running:
                    server.start()
            with Proxy(node.address) as proxy:
                hands = {"broker": broker, "node": node, "proxy": proxy}
                found[name_of(fault)] = result = _run_one(fault, hands, seconds)
            print(f"{name_of(fault)}: {'passed' if result['passed'] else result['error']}", file=sys.stderr, flush=True)
    return found


def _run_one(fault: Fault, hands: dict[str, Any], seconds: float) -> dict[str, Any]:
    asked = inspect.signature(fault).parameters
    is_outage = fault.__module__ == outages.__name__
    scale = outages.Scale(load=seconds / 2, outage=seconds, burst=int(80 * seconds)) if is_outage else Scale(seconds)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="wentichi-faults-") as folder:
        sees = hands["proxy"].url if "proxy" in asked else ""
        namespace = "f" + secrets.token_hex(5)
        served = Served(hands["broker"].address, hands["node"].address, namespace, Path(folder), workers_see=sees)
        given = hands | {"served": served}
        arguments = {name: given[name] for name in asked if name in given}
        try:
            figures = fault(**arguments, **{next(name for name in asked if name.endswith("scale")): scale})
            figures |= {"documents_compared": served.compared}
        except Exception as error:
            traceback.print_exc()
            told = f"{type(error).__name__}: {str(error)[:2000]} ({_place(error)})"
            return {"passed": False, "error": told, "seconds": round(time.monotonic() - began, 1)}
        finally:
            served.close()
    return {"passed": True, "seconds": round(time.monotonic() - began, 1), "figures": figures}


def _place(error: BaseException) -> str:
    """file:line of this folder where it was raised."""
    here = Path(__file__).parent
    places = [(Path(frame.filename), frame.lineno) for frame in traceback.extract_tb(error.__traceback__)]
    return " < ".join(f"{file.name}:{line}" for file, line in reversed(places) if file.parent == here)


if __name__ == "__main__":
    sys.exit(main())
