"""Documents that the store refuses for themselves."""

from datetime import UTC, datetime

import orjson
from faults.load import Load
from faults.whole import documents_of, letters_of, problems_of

from on_servers import whole
from on_servers.scenario import Figures, Scale, load_of, message, remake, settle_intake
from on_servers.served import Served
from pool.elastic.mapping import PROBLEMS, REPORTS
from schemas.commands import Actor, Assign
from schemas.identity import report_id
from schemas.words import DeadLetterKind, Role, Stage

STRICT = {"type": "long", "ignore_malformed": False}
MENDED = {"type": "long", "ignore_malformed": True}
CATEGORY = "010101"
SAME = "望江花园3栋的意见,请看一看"


def one_in_a_bulk(served: Served, scale: Scale) -> Figures:
    """An index whose `source_id` and `lead` take numbers only: a report with another number of its own, a problem that is
    dispatched at once, and one that a person dispatches, are refused; the rest of their bulks goes through. After the
    mapping is mended a replay of the dead letters brings them all."""
    remake(served, REPORTS, source_id=STRICT)
    remake(served, PROBLEMS, lead=STRICT)
    load = _load(scale.count(500))
    intake = served.work(Stage.INTAKE)
    first, second = _in_two(load)
    served.send(first)  # the problem that is refused comes before the report that would join it, in whatever partition
    settle_intake(served, scale.patience)
    served.send(second)
    settle_intake(served, scale.patience)
    worker = served.work(Stage.CASEWORK, Stage.PUBLISH)
    seconds = served.settle(scale.patience)
    assert _refused(served) == {"source_id": 1, "lead": 1}
    odd, state = (report_id("push/message", number) for number in ("A-1", "100000"))
    assert set(documents_of(served.pool)) == set(load.reports) - {odd, state}
    assert len(problems_of(served.pool)) == len(load.reports) - 1
    other = served.pool.store.report_documents([report_id("push/message", "100001")])
    waiting = next(iter(other.values())).problem
    _assign(served, waiting)
    served.settle(scale.patience)
    assert _refused(served) == {"source_id": 1, "lead": 2}
    assert served.pool.store.problems([waiting])[waiting].assignments == []
    for kind, field in ((REPORTS, "source_id"), (PROBLEMS, "lead")):
        served.pool.elastic.request("PUT", f"/{served.pool.elastic.name(kind)}/_mapping", {"properties": {field: MENDED}})
    said = served.command("dead-letters", "replay", "--all", "--json")
    assert said.returncode == 0, said.stderr
    assert {result["became"] for result in orjson.loads(said.stdout)["replayed"]} == {"command"}, said.stdout
    replayed_seconds = served.settle(scale.patience)
    assert letters_of(served.pool) == []
    assert served.pool.store.problems([waiting])[waiting].lead == "yunxi-shuiwu"
    served.assert_whole([load], equal=False)
    # an embedded pool has no mapping that would refuse: there the second report of this caller joins the first
    served.compared = whole.assert_equal_to_replay(served, but={state, report_id("push/message", "99999")})
    assert (intake.end(), worker.end()) == (0, 0)
    return {"reports": len(load.reports), "refused": 3, "worked_seconds": seconds, "recovered_seconds": replayed_seconds}


def _load(count: int) -> Load:
    rows = [message(100_002 + n, f"第{n}号意见,请有空时看一看") for n in range(count - 4)]
    middle = len(rows) // 2
    rows[middle:middle] = [
        message("A-1", "甲号意见,请有空时看一看"),
        message(100_000, SAME, category=CATEGORY),
        message(100_001, "乙号意见,请有空时看一看"),
        message(99_999, SAME, user="用户100000"),
    ]
    load = load_of(rows)
    load.reports = {report_id("push/message", row["id"]): row["text"] for row in rows}
    return load


def _in_two(load: Load) -> tuple[Load, Load]:
    cut = next(place for place, line in enumerate(load.lines) if b'"99999"' in line)
    return Load(load.channel, load.lines[:cut]), Load(load.channel, load.lines[cut:])


def _refused(served: Served) -> dict[str, int]:
    """By the field that the reason names; every letter must be of this kind and name its field."""
    found = {"source_id": 0, "lead": 0}
    for letter in letters_of(served.pool):
        assert letter.kind is DeadLetterKind.REFUSED_BY_STORE
        named = [field for field in found if f"[{field}]" in letter.reason]
        assert len(named) == 1, letter.reason
        found[named[0]] += 1
    return found


def _assign(served: Served, problem: str) -> None:
    actor = Actor(id="clerk-1", role=Role.CLERK)
    slot = served.pool.store.problems([problem])[problem].slot
    at = datetime.now(UTC)
    served.put(Assign(id="assign-refused", slot=slot, at=at, actor=actor, problem=problem, lead="yunxi-shuiwu"))
