"""casework: one worker owns a slot. Load, match, decide by the laws, write."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from pydantic import ValidationError

from casework.change import Decision
from casework.decide import Match
from casework.derive import from_record, refreshed
from casework.fold import find_member, next_holder
from casework.watching import asked_id
from city.pack import CityPack
from grouping.plain import Fingerprint, PlainMatcher
from pool.ports import MatchEntry, Reader
from schemas.cloudevent import contract_error
from schemas.commands import COMMAND, AddReport, Command, EraseReport, Found, MakeLive, ReviseReport, SeeAlarm, aggregate_of
from schemas.documents import Claim, Outcome, ReportContent
from schemas.errors import ContractError
from schemas.identity import command_id, slot_of_problem
from schemas.problem import Member, Problem
from schemas.report_record import ReportRecord
from schemas.words import DeadLetterKind, Mode, ProblemState, Refusal, Role, Stage
from streams.dead_letters import bury
from streams.effects import Effects, LogRecord, Packed
from streams.stages.casework_deciding import Deciding, face, recent_of

HOPS = 32
"""Merges and splits followed to find who holds a report; more would be a circle."""
HEARD = frozenset(Role) - {Role.INTAKE, Role.SYSTEM}
"""Roles that hear what became of their commands; intake, timers and other aggregates look it up."""
MARGIN = timedelta(days=60)
"""How much further back an index is filled than the report at hand asks for."""


class CaseworkStage:
    """Owns the matchers of its slots. `forget` drops a slot's index when the slot leaves.

    outbox: for a runner that cannot write the pool and the topics in one transaction. What a decision puts on topics is then
    kept in the state until it is known to be acked, and a command that was decided before goes out again instead of being
    decided again (DESIGN, protocol 2). Whatever lies before the first offset of a batch is known to be acked.
    """

    def __init__(self, pack: CityPack, *, outbox: bool = False) -> None:
        self._pack = pack
        self.outbox = outbox
        self._matchers: dict[int, tuple[PlainMatcher, datetime]] = {}

    def use(self, pack: CityPack) -> None:
        """Decide by this version from the next batch on. The indexes stay, where both versions compare texts alike."""
        if pack.policy.near_text_threshold.value != self._pack.policy.near_text_threshold.value:
            self.forget()
        self._pack = pack

    def handle(self, batch: Sequence[LogRecord], reader: Reader) -> Effects:
        return _Batch(self._pack, self, reader).work(batch)

    def _window(self, category: str | None) -> float:
        return self._pack.match_window_hours(category)

    def forget(self, slot: int | None = None) -> None:
        """Drop the index of one slot, or of all: they are filled from the pool again when next needed."""
        if slot is None:
            self._matchers.clear()
        else:
            self._matchers.pop(slot, None)

    def matcher(self, slot: int, time: datetime, reader: Reader, category: str | None) -> PlainMatcher:
        """The slot's index, filled back far enough for a report of this time."""
        wanted = time - timedelta(hours=self._pack.match_window_hours(category))
        held = self._matchers.get(slot)
        if held is None:
            matcher = PlainMatcher(self._window, self._pack.policy.near_text_threshold.value)
        else:
            matcher, since = held
            if since <= wanted:
                return matcher
        matcher.fill(_fingerprint(entry) for entry in reader.match_entries(slot, wanted - MARGIN))
        self._matchers[slot] = (matcher, wanted - MARGIN)
        return matcher


def _fingerprint(entry: MatchEntry) -> Fingerprint:
    return Fingerprint(
        report=entry.report,
        live=entry.live,
        time=entry.time,
        caller=entry.caller,
        category=entry.category,
        place_key=entry.place_key,
        simhash=entry.simhash,
    )


class _Batch(Deciding):
    """One batch of commands, in order."""

    def __init__(self, pack: CityPack, stage: CaseworkStage, reader: Reader) -> None:
        super().__init__(pack, reader, outbox=stage.outbox)
        self._stage = stage
        self._erased: set[str] = set()
        self._redelivered: dict[str, Problem] = {}

    def work(self, batch: Sequence[LogRecord]) -> Effects:
        for record in batch:
            self._first.setdefault(record.partition, record.offset)
        commands = self._parse(batch)
        self._prefetch([command for _, command in commands])
        for record, command in commands:
            try:
                self._one(record, command)
            except ContractError as error:  # of its words, before anything was decided
                bury(self._effects, self._reader, record, Stage.CASEWORK, DeadLetterKind.INVALID, error)
        self._derive()
        writes = self._effects.writes
        writes.claims = list(self._written_claims.values())
        writes.states = list(self._dirty.values())
        return self._effects

    def _parse(self, batch: Sequence[LogRecord]) -> list[tuple[LogRecord, Command]]:
        parsed: list[tuple[LogRecord, Command]] = []
        for record in batch:
            try:
                parsed.append((record, COMMAND.validate_json(record.value or b"")))
            except ValidationError as error:
                bury(self._effects, self._reader, record, Stage.CASEWORK, DeadLetterKind.UNREADABLE, contract_error(error))
        return parsed

    def _one(self, record: LogRecord, command: Command) -> None:
        if command.actor.role in HEARD:
            self._effects.heard.add(command.id)
        if isinstance(command, AddReport):
            self._add_report(record, command)
        elif isinstance(command, SeeAlarm):
            self._see_alarm(record, command)
        elif isinstance(command, ReviseReport):
            self._revise(record, command, self._problem(command.problem))
        else:
            match = Match(order_number=self._order_number(command)) if isinstance(command, Found) else None
            status = self._decide(record, command, self._state(aggregate_of(command) or ""), match)
            if isinstance(command, EraseReport) and status == "applied":
                self._forget_words(command.report)

    def _see_alarm(self, record: LogRecord, command: SeeAlarm) -> None:
        """An alarm whose report is in the pool already is a redelivery or a correction of that, and no further alarm. It goes the
        way on which the watch sent the report, and so stays behind it; what the watch decided before is sent again first."""
        report = command.record
        if report.report in self._keys and self._keys[report.report] is None:
            return self._settle(record, command, None, Decision("refused", code=Refusal.ERASED))
        watch = self._state(command.watch)
        if self._claim(report.report) is None or recent_of(watch, command) is not None:
            self._decide(record, command, watch, None)
            return None
        if self._is_replay(record, watch):
            self._send_again(record, watch)
        fields = command.model_dump(exclude={"type", "watch", "alarm", "id", "slot"}, mode="python") | {"record": report}
        slot = self._pack.slot_of(report.findings.place.area).number
        known = AddReport(id=asked_id(report), slot=slot, **fields)
        return self._settle(record, command, None, Decision("forwarded", asks=[known]), watch)

    def _forget_words(self, report: str) -> None:
        """Nothing is compared with what is erased, also where its document still shows the words: a replay comes before it is
        derived again."""
        self._erased.add(report)
        for matcher, _since in self._stage._matchers.values():
            matcher.remove(report)

    def _revise(self, record: LogRecord, command: ReviseReport, problem: Problem) -> None:
        """A correction that was applied before and comes again, behind a newer one, has words that hold no longer."""
        report = command.record.report
        before = self._records.get(report), self._contents.get(report)
        self._keep_words(command.record)
        status = self._decide(record, command, problem, None)
        content, member = self._contents[report], find_member(problem, report)
        if status == "applied" and member is not None and member.content == command.record.content:
            if content is not None:  # an index filled from the pool would know the new words too
                matcher = self._stage.matcher(problem.slot, command.record.time, self._reader, _category(command.record))
                matcher.put(_item(command.record, content))
            return
        del self._records[report], self._contents[report]
        if before[0] is not None:
            self._records[report], self._contents[report] = before[0], before[1]

    # AddReport: claim, revision, match

    def _add_report(self, record: LogRecord, command: AddReport) -> None:
        report = command.record
        if report.report in self._keys and self._keys[report.report] is None:
            return self._settle(record, command, None, Decision("refused", code=Refusal.ERASED))
        claim = self._claim(report.report)
        if claim is not None and not self._leads_nowhere(command, claim):
            return self._follow_claim(record, command, claim)
        self._keep_words(report)
        problem, match = self._match(command)
        if problem is None:
            problem = self._problem(self._founded(command))
            match = Match(order_number=self._order_number(command))
        self._write_claim(
            Claim(
                id=report.report,
                problem=problem.id,
                revision=report.revision or 1,
                contents=[report.content],
                mode=report.mode,
                write=claim.write + 1 if claim is not None else 1,
            )
        )
        if self._decide(record, command, problem, match) == "refused":  # nobody holds it, so nothing was claimed
            self._claims[report.report] = claim
            self._written_claims.pop(report.report, None)
        return None

    def _leads_nowhere(self, command: AddReport, claim: Claim) -> bool:
        """A claim on a problem of this slot that was never founded: its founder's own claim lost to another slot after this
        one was written. What this slot claims, this slot may claim anew."""
        if claim.erased or slot_of_problem(claim.problem) != command.slot or claim.problem == self._founded(command):
            return False
        return self._problem(claim.problem).version == 0

    def _follow_claim(self, record: LogRecord, command: AddReport, claim: Claim) -> None:
        """A redelivery, a revision, history that comes live, or a claim that was written and its state was not."""
        report = command.record
        if claim.erased:
            return self._settle(record, command, None, Decision("refused", code=Refusal.ERASED))
        chain = self._chain(report.report, claim.problem)
        if self._outbox and chain[-1].slot == command.slot:
            self._index(command)  # decided by an owner before this one, perhaps before its document could fill the index
        decided = next((problem for problem in chain if self._is_replay(record, problem) and recent_of(problem, command)), None)
        if decided is not None:
            self._keep_if_held(report, decided)
            self._decide(record, command, decided, None)
            return None
        holder = chain[-1]
        if holder.slot != command.slot:  # only its own worker decides on it
            forward = command.model_copy(
                update={"id": command_id(command.id, "forward", str(holder.slot)), "slot": holder.slot},
            )
            return self._settle(record, command, None, Decision("forwarded", asks=[forward]), holder)
        member = find_member(holder, report.report)
        via = tuple(problem.id for problem in chain[:-1])
        if member is None and holder.frozen:
            self._decide(record, command, holder, Match(reason="claimed", score=1.0, via=via))
            return None
        if member is None:
            self._keep_words(report)
            match = Match(reason="claimed", score=1.0, order_number=self._order_number(command), via=via)
            self._decide(record, command, holder, match)
            return None
        wishes: list[Command] = []
        target = {"slot": slot_of_problem(holder.id), "at": command.at, "actor": command.actor, "pack": command.pack}
        target |= {"model": command.model, "problem": holder.id}
        if report.content not in claim.contents:
            wishes.append(ReviseReport(id=command_id(command.id, "revise"), record=report, **target))
        if report.mode is Mode.LIVE and member.mode is Mode.HISTORY:
            wish = MakeLive(id=command_id(command.id, "live"), report=report.report, findings=report.findings, **target)
            wishes.append(wish)
        self._effects.packed += [Packed.of(wish) for wish in wishes]
        if self._outbox:  # its document may be what the store had refused
            self._keep_if_held(report, holder)
            self._redelivered[report.report] = holder
        status = "forwarded" if wishes else "applied"
        outcome = Outcome(command=command.id, status=status, aggregate=holder.id, version=holder.version, code="known")
        self._effects.writes.outcomes.append(outcome)
        return None

    def _match(self, command: AddReport) -> tuple[Problem | None, Match | None]:
        content = self._contents.get(command.record.report)
        if content is None:
            return None, None
        matcher, item = self._matcher(command), _item(command.record, content)
        found: tuple[Problem | None, Match | None] = (None, None)
        for candidate in matcher.candidates(item, words(content), self._words_of):
            claim = self._claim(candidate.report)
            if claim is None:
                continue
            holder = self._holder(candidate.report, claim.problem)
            over = holder.state is ProblemState.ARCHIVED and holder.mode is Mode.LIVE
            ended = over or holder.version == 0 or holder.state in (ProblemState.CLOSED, ProblemState.MERGED)
            if holder.slot == command.slot and not ended:
                found = holder, Match(reason=candidate.reason, score=candidate.score)
                break
        matcher.put(item)
        return found

    def _index(self, command: AddReport) -> None:
        matcher, content = self._matcher(command), self._opened(command.record)
        if content is not None and command.record.report not in matcher:
            matcher.put(_item(command.record, content))

    def _matcher(self, command: AddReport) -> PlainMatcher:
        matcher = self._stage.matcher(command.slot, command.record.time, self._reader, _category(command.record))
        for report in self._erased:  # it may just have been filled
            matcher.remove(report)
        return matcher

    def _words_of(self, report: str) -> str | None:
        if report in self._contents:
            content = self._contents[report]
        else:
            document = self._document(report)
            content = document.content if document else None
        return words(content) if content else None

    def _holder(self, report: str, founding: str) -> Problem:
        """Who holds the report now."""
        return self._chain(report, founding)[-1]

    def _chain(self, report: str, founding: str) -> list[Problem]:
        """From the founding problem to who holds the report now: merges are followed to the root, splits to where it left for."""
        chain = [self._problem(founding)]
        for _ in range(HOPS):
            following = next_holder(chain[-1], report)
            if following is None:
                return chain
            chain.append(self._problem(following))
        raise RuntimeError(f"circle of merges at {founding}")

    # derived documents

    def _derive(self) -> None:
        """Every report whose problem shows another face, or that was itself touched."""
        wanted: dict[str, tuple[Problem, Member]] = {}
        for problem in (self._sent_again | self._dirty).values():
            if not isinstance(problem, Problem) or problem.version == 0 or problem.state is ProblemState.MERGED:
                continue
            changed = face(problem) != self._faces.get(problem.id)
            touched = self._touched.get(problem.id, set())
            for member in problem.members:
                if changed or member.report in touched:
                    wanted[member.report] = problem, member
        for holder, member in self._not_derived(self._redelivered):
            wanted.setdefault(member.report, (holder, member))
        records = {report: self._records[report] for report, (_, held) in wanted.items() if self._holds(report, held)}
        missing = [report for report in wanted if report not in records and report not in self._documents]
        self._documents.update(self._reader.report_documents(missing))
        for report, (problem, held) in wanted.items():
            if report in records:
                document = from_record(problem, records[report], self._contents.get(report), self._pack)
            elif report in self._documents:
                document = refreshed(problem, held, self._documents[report], self._pack)
            else:
                continue
            self._effects.writes.reports.append(document)

    def _holds(self, report: str, held: Member) -> bool:
        """Are the words in hand those that the problem holds? A replay may bring older ones first."""
        record = self._records.get(report)
        return record is not None and (held.erased or record.content == held.content)


def _category(record: ReportRecord) -> str | None:
    return record.findings.categories[0].code if record.findings.categories else None


def _item(record: ReportRecord, content: ReportContent) -> Fingerprint:
    return Fingerprint(
        report=record.report,
        live=record.mode is Mode.LIVE,
        time=record.time,
        caller=record.caller,
        category=_category(record),
        place_key=content.place_key,
        simhash=content.simhash,
    )


def words(content: ReportContent) -> str:
    """What two reports are compared by."""
    return f"{content.title}\n{content.text}" if content.title != content.text else content.text
