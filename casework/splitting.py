"""Split and its undo. The members leave at once and are kept as leaving until the new problem has answered.

source                              new problem
Split -> SplitAsked  --Found-->  ProblemRegistered
SplitFinished  <--FoundAnswer--
undo: Unsplit of the new problem merges it back into its source (casework.merging)
"""

from casework import merging
from casework.change import Change
from casework.clocks import due
from casework.dispatch import waits
from city.terms import Clock as LimitClock
from schemas import events as ev
from schemas.commands import COMMAND, Found, FoundAnswer, Split, Unsplit
from schemas.identity import command_id, problem_id
from schemas.words import Basis, Mode, Refusal, Urgency


def split(change: Change, command: Split) -> None:
    """These reports are another incident."""
    problem = change.problem
    change.not_archived()
    wanted = set(command.reports)
    held = {member.report for member in problem.members}
    if not wanted <= held:
        raise change.refuse(Refusal.NOT_A_MEMBER)
    if wanted == held:
        raise change.refuse(Refusal.LAST_MEMBER)
    ask_id = change.ask_id("found")
    target = problem_id(problem.slot, ask_id)
    again = due(change.pack, LimitClock.MERGE_RETRY, command.at)
    change.emit(ev.SplitAsked, target=target, ask=ask_id, reports=sorted(wanted), due=again)
    change.asks += [found_command for found_command in pending(change) if found_command.id == ask_id]


def pending(change: Change) -> list[Found]:
    """The commands of splits that were not answered yet, as they went out first."""
    problem = change.problem
    return [
        merging.ask(
            change,
            Found,
            leaving.target,
            leaving.ask,
            source=problem.id,
            mode=problem.mode,
            members=leaving.members,
            category=problem.category,
            area=problem.area,
            grid=problem.grid,
        )
        for leaving in problem.leaving
    ]


def found(change: Change, command: Found, order_number: str) -> None:
    """The new problem. It waits for a person: what was said of the whole need not hold for the part."""
    problem = change.problem
    if problem.version == 0:
        members = [member.model_copy(update={"moves": member.moves + 1}) for member in command.members]
        parked = list(problem.parked)
        change.emit(
            ev.ProblemRegistered,
            order_number=order_number,
            mode=command.mode,
            basis=Basis.HISTORY.value if command.mode is Mode.HISTORY else Basis.PERSON.value,
            category=command.category,
            category_confidence=0.0,
            urgency=Urgency.NORMAL,
            area=command.area,
            grid=command.grid,
            record=None,
            members=members,
            split_from=command.source,
            timers=[] if command.mode is Mode.HISTORY else waits(change),
        )
        change.asks += [COMMAND.validate_json(waiting) for waiting in parked]
    answer_id = command_id(command.id, "answer")
    change.asks.append(merging.ask(change, FoundAnswer, command.source, answer_id, target=problem.id))


def found_answered(change: Change, command: FoundAnswer) -> None:
    """The source forgets what left; answering twice changes nothing."""
    if any(leaving.target == command.target for leaving in change.problem.leaving):
        change.emit(ev.SplitFinished, target=command.target)


def unsplit(change: Change, _command: Unsplit) -> None:
    """Undo: this problem goes back into the one it was split off from."""
    source = change.problem.split_from
    if source is None:
        raise change.refuse(Refusal.NOT_SPLIT)
    if change.problem.leaving:
        raise change.refuse(Refusal.TARGET_BUSY)
    merging.begin(change, source, unsplit=True)
