"""Deciding commands on states, each at most once: replays, outcomes, outboxes and what a decision makes of claims."""

from collections.abc import Sequence

from casework.change import Decision
from casework.decide import Match, decide
from casework.fold import find_member
from casework.refusals import SENTENCES
from city.pack import CityPack
from pool.ports import Reader
from schemas.aggregate import RECENT_LIMIT, Pending, RecentCommand
from schemas.commands import AddReport, Command, EraseReport, Found, MakeLive, ReviseReport
from schemas.documents import Claim, DeadLetter, Outcome
from schemas.events import version_of
from schemas.problem import Problem
from schemas.state import State
from schemas.words import DeadLetterKind, Mode, Refusal, Stage
from streams.dead_letters import bury
from streams.effects import Effects, LogRecord, Packed
from streams.stages.casework_overlay import Overlay

CONTENTS_KEPT = 16


class Deciding(Overlay):
    """What a batch has decided so far, on top of what was read. outbox: see CaseworkStage."""

    def __init__(self, pack: CityPack, reader: Reader, *, outbox: bool) -> None:
        super().__init__(pack, reader)
        self._outbox = outbox
        self._effects = Effects()
        self._dirty: dict[str, State] = {}
        self._faces: dict[str, tuple[object, ...]] = {}
        self._touched: dict[str, set[str]] = {}
        self._first: dict[int, int] = {}
        self._sent_again: dict[str, State] = {}

    def _decide(self, record: LogRecord, command: Command, state: State, match: Match | None) -> str:
        """The outcome's status."""
        before = recent_of(state, command)
        if self._is_replay(record, state):
            self._effects.replays += 1
            self._send_again(record, state)
            if before is None:  # neither applied nor refused: it waits
                self._effects.writes.outcomes.append(
                    Outcome(command=command.id, status="parked", aggregate=state.id, version=state.version)
                )
                return "parked"
        if before is not None:
            outcome = Outcome(
                command=command.id,
                status=before.status,
                aggregate=state.id,
                version=before.version,
                code=before.code,
                message=SENTENCES[Refusal(before.code)] if before.code else "",
            )
            self._effects.writes.outcomes.append(outcome)
            return before.status
        self._faces.setdefault(state.id, face(state))
        decision = decide(state, command, (record.partition, record.offset), self._pack, match)
        self._settle(record, command, state, decision)
        return decision.status

    def _is_replay(self, record: LogRecord, state: State) -> bool:
        """True when the state was written after this command was decided, and perhaps nothing else of it."""
        if not self._outbox or state.applied_to is None or state.id in self._dirty:
            return False
        partition, offset = state.applied_to
        return partition == record.partition and record.offset <= offset

    def _send_again(self, record: LogRecord, state: State) -> None:
        """What the lost batch had decided on this state: byte for byte, and every document that follows from it."""
        if state.id in self._sent_again:
            return
        self._sent_again[state.id] = state
        if isinstance(state, Problem):
            self._touched.setdefault(state.id, set()).update(member.report for member in state.members)
        effects, first = self._effects, self._first[record.partition]
        for pending in state.outbox:
            line = pending.line.encode()
            if pending.offset < first:
                continue
            if pending.topic == "events":
                effects.writes.events.append((state.id, version_of(line), line))
            elif pending.topic == "commands":
                effects.packed.append(Packed.of_line(line))
            else:
                effects.writes.dead_letters.append(DeadLetter.model_validate_json(line))

    def _settle(
        self, record: LogRecord, command: Command, state: State | None, decision: Decision, named: State | None = None
    ) -> None:
        """named: what the outcome speaks of where no state was changed."""
        writes = self._effects.writes
        code = decision.code
        asked = [Packed.of(ask) for ask in decision.asks]
        self._effects.packed += asked
        if state is not None:
            writes.events += decision.lines
            letters = len(writes.dead_letters)
            for part, given_up in enumerate(decision.given_up):
                lost = LogRecord(record.topic, record.partition, record.offset, None, given_up.encode(), record.at)
                error = ValueError(f"问题 {state.id} 一直没有出现;请核对问题编号后重放")
                bury(self._effects, self._reader, lost, Stage.CASEWORK, DeadLetterKind.UNKNOWN_PROBLEM, error, part)
            self._note(record, command, state, decision)
            if self._outbox:
                state.outbox += _pending(record.offset, decision, asked, writes.dead_letters[letters:])
            if isinstance(state, Problem):
                self._claims_after(command, state, decision)
        named = state or named
        writes.outcomes.append(
            Outcome(
                command=command.id,
                status=decision.status,
                aggregate=named.id if named else "",
                version=named.version if named else 0,
                code=code.value if code else "",
                message=SENTENCES[code] if code else "",
            )
        )

    def _note(self, record: LogRecord, command: Command, state: State, decision: Decision) -> None:
        if state.id not in self._dirty:  # what this batch decides is kept whole: its replay must find it
            del state.recent[:-RECENT_LIMIT]
            first = self._first[record.partition]
            state.outbox = [pending for pending in state.outbox if pending.offset >= first] if self._outbox else []
            state.write += 1
        if decision.status in ("applied", "refused", "forwarded"):
            code = decision.code.value if decision.code else ""
            state.recent.append(RecentCommand(id=command.id, status=decision.status, version=state.version, code=code))
        state.applied_to = (record.partition, record.offset)
        self._dirty[state.id] = state
        if isinstance(command, AddReport | ReviseReport):
            self._touched.setdefault(state.id, set()).add(command.record.report)
        elif isinstance(command, EraseReport | MakeLive):
            self._touched.setdefault(state.id, set()).add(command.report)

    def _claims_after(self, command: Command, problem: Problem, decision: Decision) -> None:
        if decision.status != "applied":
            return
        if isinstance(command, AddReport | Found) and self._claim(problem.order_number) is None:
            self._write_claim(Claim(id=problem.order_number, problem=problem.id))
        if isinstance(command, ReviseReport):
            claim = self._claim(command.record.report)
            member = find_member(problem, command.record.report)
            if claim is not None and member is not None:
                contents = [*claim.contents, command.record.content][-CONTENTS_KEPT:]
                self._change_claim(claim, revision=member.revision, contents=contents)
        elif isinstance(command, MakeLive):
            claim = self._claim(command.report)
            if claim is not None:
                self._change_claim(claim, mode=Mode.LIVE)
        elif isinstance(command, EraseReport):
            claim = self._claim(command.report)
            self._effects.erasures.append(command.report)
            if claim is not None:
                self._change_claim(claim, erased=True, contents=[])


def recent_of(state: State, command: Command) -> RecentCommand | None:
    return next((recent for recent in state.recent if recent.id == command.id), None)


def _pending(offset: int, decision: Decision, asked: Sequence[Packed], letters: Sequence[DeadLetter]) -> list[Pending]:
    """What a decision puts on topics, in the order of putting."""
    events = [Pending(offset=offset, topic="events", line=line.decode()) for _, _, line in decision.lines]
    commands = [Pending(offset=offset, topic="commands", line=packed.line.decode()) for packed in asked]
    return events + commands + [Pending(offset=offset, topic="dead-letter", line=letter.model_dump_json()) for letter in letters]


def face(problem: State) -> tuple[object, ...]:
    """What of a problem stands in the documents of its reports; nothing of other aggregates does."""
    if not isinstance(problem, Problem):
        return ()
    return (
        problem.version == 0,
        problem.state,
        problem.mode,
        problem.basis,
        problem.category,
        problem.area,
        problem.grid,
        problem.urgency,
        problem.duty_item,
        tuple(member.report for member in problem.members if member.moves) if problem.absorbed or problem.gone else (),
        tuple((a.unit, a.part, a.state) for a in problem.assignments),
    )
