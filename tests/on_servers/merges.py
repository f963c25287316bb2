"""Merges and splits across slots: asked of each other at the same time, and with casework killed between any two steps."""

import signal
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from faults.load import Load
from faults.whole import letters_of, problems_of

from on_servers.scenario import SHORT, Figures, Scale, load_of, message
from on_servers.served import Served
from schemas.commands import Actor, Command, Merge, Split, Unmerge, Unsplit
from schemas.identity import report_id, slot_of_problem
from schemas.problem import Problem
from schemas.words import ProblemState, Role, Stage
from streams.failpoints import FailPoint

CLERK = Actor(id="clerk-1", role=Role.CLERK)
STEPS = [
    point
    for point in FailPoint
    if point.value.startswith("kafka_casework") and point is not FailPoint.KAFKA_CASEWORK_ERASED  # nothing is erased here
]


def into_each_other(served: Served, scale: Scale) -> Figures:
    """A into B while B into A, of different slots: both go free, or exactly one of the two merges stands."""
    load = pairs(scale.count(12))
    worker = served.work()
    served.send(load)
    served.settle(scale.patience)
    found = _pairs(served, load)
    for number, (a, b) in enumerate(found):
        served.put(_merge(f"there-{number}", a, b), _merge(f"back-{number}", b, a))
    seconds = served.settle(scale.patience)
    problems = problems_of(served.pool)
    stands = Counter(_stands(problems[a], problems[b]) for a, b in found)
    served.assert_whole([load])
    assert worker.end() == 0
    return {"pairs": len(found), "both_free": stands[0], "one_stands": stands[1], "recovered_seconds": seconds}


def killed_at_each_step(served: Served, scale: Scale) -> Figures:
    """Merges between slots; the undo of half of them, and splits of what the others have become; the undo of the splits. While
    each of these three is decided, casework is killed at every step."""
    load = pairs(scale.count(6))
    others = served.work(Stage.INTAKE, Stage.PUBLISH)
    casework = served.work(Stage.CASEWORK)
    served.send(load)
    served.settle(scale.patience)
    assert casework.end() == 0
    killed, seconds = 0, 0.0

    def asked(commands: Sequence[Command], short: Sequence[FailPoint]) -> dict[str, Problem]:
        """After casework was killed at each step, or at these in a short run."""
        nonlocal killed, seconds
        served.put(*commands)
        for step in short if scale == SHORT else STEPS:
            worker = served.failing_at(step.value, 1, Stage.CASEWORK)
            assert worker.process.wait(120) == -signal.SIGKILL
            killed += 1
            if served.waiting()[Stage.CASEWORK] == 0:
                served.put(*_harmless(commands, killed))
        healthy = served.work(Stage.CASEWORK)
        seconds = max(seconds, served.settle(scale.patience))
        assert healthy.end() == 0
        return problems_of(served.pool)

    found = _pairs(served, load)
    undone, standing = found[: len(found) // 2], found[len(found) // 2 :]
    before = _members(problems_of(served.pool).values())
    merges = [_merge(f"merge-{a}", a, b) for a, b in found]
    problems = asked(merges, (FailPoint.KAFKA_CASEWORK_STATES, FailPoint.KAFKA_CASEWORK_EVENTS))
    assert {problems[a].state for a, _ in found} == {ProblemState.MERGED}
    assert all(sorted(_reports(problems[b])) == sorted([*before[a], *before[b]]) for a, b in found)

    undo = [Unmerge(id=f"unmerge-{a}", problem=a, **_base(a)) for a, _ in undone]
    splits = [Split(id=f"split-{b}", problem=b, reports=before[b][:1], **_base(b)) for _, b in standing]
    problems = asked([*undo, *splits], (FailPoint.KAFKA_CASEWORK_STATES, FailPoint.KAFKA_CASEWORK_DERIVED))
    assert all(sorted(_reports(problems[name])) == sorted(before[name]) for pair in undone for name in pair)
    parts = [problem for problem in problems.values() if problem.split_from in {b for _, b in standing}]
    assert sorted(_reports(part) for part in parts) == sorted(before[b][:1] for _, b in standing)

    unsplits = [Unsplit(id=f"unsplit-{part.id}", problem=part.id, **_base(part.id)) for part in parts]
    problems = asked(unsplits, (FailPoint.KAFKA_CASEWORK_CLAIMS,))
    assert all(sorted(_reports(problems[b])) == sorted([*before[a], *before[b]]) for a, b in standing)
    assert not any(problem.frozen or problem.leaving for problem in problems.values())
    assert [letter.reason for letter in letters_of(served.pool)] == []
    served.assert_whole([load])
    assert others.end() == 0
    return {"pairs": len(found), "kills": killed, "recovered_seconds": seconds}


def pairs(count: int) -> Load:
    """Two reports of one caller each at a place, and two of one without a place: two slots, two problems."""
    rows = []
    for number in range(count):
        for side, text in (("a", f"望江花园{number + 1}栋的第{number}号意见"), ("b", f"没有地点的第{number}号意见,请看一看")):
            rows += [message(f"{side}{number}-{twice}", text, user=f"用户{side}{number}") for twice in (1, 2)]
    load = load_of(rows)
    load.reports = {_id(row["id"]): row["text"] for row in rows}
    return load


def _id(number: str) -> str:
    return report_id("push/message", number)


def _pairs(served: Served, load: Load) -> list[tuple[str, str]]:
    documents = served.pool.store.report_documents(load.reports)
    found = []
    for number in range(len(load.reports) // 4):
        a, b = ({documents[_id(f"{side}{number}-{twice}")].problem for twice in (1, 2)} for side in "ab")
        assert len(a) == len(b) == 1
        found.append((a.pop(), b.pop()))
    assert len({name for pair in found for name in pair}) == 2 * len(found)
    assert all(slot_of_problem(a) != slot_of_problem(b) for a, b in found)
    return found


def _base(problem: str) -> dict[str, object]:
    return {"slot": slot_of_problem(problem), "at": datetime.now(UTC), "actor": CLERK}


def _merge(id_: str, source: str, target: str) -> Merge:
    return Merge(id=id_, problem=source, target=target, **_base(source))


def _harmless(commands: Sequence[Command], number: int) -> list[Command]:
    """The same wishes under another id, which are refused by now: so that the next worker has something to be killed over."""
    return [command.model_copy(update={"id": f"again-{number}-{command.id}"}) for command in commands[:2]]


def _stands(a: Problem, b: Problem) -> int:
    """How many of the two merges stand; never both, and neither is still asked."""
    assert not a.frozen
    assert not b.frozen
    merged = [problem.state for problem in (a, b)].count(ProblemState.MERGED)
    assert merged < 2
    return merged


def _reports(problem: Problem) -> list[str]:
    return [member.report for member in problem.members]


def _members(problems: Iterable[Problem]) -> dict[str, list[str]]:
    return {problem.id: _reports(problem) for problem in problems}
