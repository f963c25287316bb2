"""Records that come twice, too early, in the wrong order, or that are no records at all."""

from datetime import UTC, datetime
from typing import Any

import orjson
from faults.load import Load, make_load
from faults.whole import letters_of

from casework.decide import Match, decide
from console.push_rows import row_of
from on_servers.replay import read_topic
from on_servers.scenario import Figures, Raw, Scale, load_of, message, put_raw, without_bad_lines
from on_servers.served import Served, wait_until
from schemas.commands import AddReport
from schemas.identity import problem_id, report_id
from schemas.problem import Problem
from schemas.words import PROGRESS_PREFIX, AssignmentState, Channel, Mode, Topic, intake_topic
from streams.effects import LogRecord
from streams.stages.intake import intake_stage

POISON: tuple[Raw, ...] = (
    (0, b"k", "不是 JSON".encode()),
    (0, b"k", b'{"id": "\xff\xfe\xc3"}'),
    (0, b"k", None),
    (0, b"", b"{}"),
)
"""No JSON, no UTF-8, no value, an empty key and nothing in it."""
NEVER = problem_id(3, "never")
UNIT = "yunxi-shuiwu"


def twice_and_poisoned(served: Served, scale: Scale) -> Figures:
    """Every report twice, every command once more after the run, progress before its problem, revision 2 before 1, and poison
    among one in 500 records of every topic that a stage reads."""
    poisoned = [intake_topic(channel).value for channel in Channel] + [f"{PROGRESS_PREFIX}{UNIT}", Topic.COMMANDS.value]
    loads = [without_bad_lines(make_load(channel, scale.count(125))) for channel in Channel]
    early, order = _early(served), _out_of_order()
    served.progress(early.unit, problem=early.problem, action="sign", id="early")
    served.progress(UNIT, problem=NEVER, action="sign", id="never")
    worker = served.work()
    wait_until(lambda: _parked(served, early.problem) and _parked(served, NEVER), 60, "progress waits for its problem")
    for load in (*loads, early.load, order):
        served.send(load)
    letters = sum(put_raw(served, topic, POISON * (scale.count(125) // 500 + 1)) for topic in poisoned)
    for load in (*loads, early.load, order):
        served.send(load)
    seconds = served.settle(scale.patience)
    before = len(letters_of(served.pool))
    assert before == letters
    letters += _commands_again(served)
    served.settle(scale.patience)
    signed = served.pool.store.problems([early.problem])[early.problem]
    assert [a.state for a in signed.assignments if a.unit == early.unit] == [AssignmentState.SIGNED]
    assert _parked(served, NEVER)
    served.assert_whole([*loads, early.load, order], other_letters=letters)
    assert worker.end() == 0
    sent = 2 * sum(len(load.lines) for load in loads)
    return {
        "sent": sent,
        "reports": sum(len(load.reports) for load in loads) + 2,
        "dead_letters": letters,
        "recovered_seconds": seconds,
    }


class _Early:
    """A report that was not sent yet, the problem that it will found, and the unit that this will be given to."""

    def __init__(self, served: Served, row: dict[str, Any]) -> None:
        self.load = load_of([row])
        self.load.reports = {report_id("push/message", row["id"]): row["text"]}
        key, value = row_of(self.load.lines[0], Channel.MESSAGE, "push/message", Mode.LIVE)
        stage = intake_stage(served.pack, served.pool.vault.keyed_hash)
        record = LogRecord(intake_topic(Channel.MESSAGE).value, 0, 0, key, value, datetime.now(UTC))
        (command,) = stage.handle([record], served.pool.reader).commands
        assert isinstance(command, AddReport)
        self.problem = problem_id(command.slot, command.id)
        founded = Problem(id=self.problem, slot=command.slot)
        assert decide(founded, command, (0, 0), served.pack, Match(order_number="1")).status == "applied"
        assert founded.lead is not None
        self.unit = founded.lead


def _early(served: Served) -> _Early:
    return _Early(served, message("early", "望江花园9栋整栋楼一点水都没有,水管像是裂开了", category="010101"))


def _out_of_order() -> Load:
    rows = [message("order", f"滨江华庭门口的树倒了,第{number}次更正", revision=number) for number in (2, 1)]
    load = load_of(rows)
    load.reports = {report_id("push/message", "order"): rows[0]["text"]}
    return load


def _parked(served: Served, problem: str) -> bool:
    found = served.pool.store.problems([problem]).get(problem)
    return found is not None and found.version == 0 and {orjson.loads(line)["type"] for line in found.parked} == {"Sign"}


def _commands_again(served: Served) -> int:
    """Every record of `commands` once more at the end of its partition; how many of them no stage can read."""
    records = read_topic(served.pool, Topic.COMMANDS.value)
    put_raw(served, Topic.COMMANDS.value, [(r.partition, (r.key or "").encode(), r.value) for r in records])
    return sum(record.value in {value for _, _, value in POISON} for record in records)
