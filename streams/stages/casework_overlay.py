"""What a batch of casework has read, with what it has changed on top: everything is asked of the reader once."""

from collections.abc import Iterator, Mapping

from pydantic import ValidationError

from casework.fold import find_member
from city.pack import CityPack
from intake.seal import unseal
from pool.ports import Reader
from schemas.commands import AddReport, Command, EraseReport, Found, MakeLive, ReviseReport, SeeAlarm, aggregate_of
from schemas.documents import Claim, ReportContent, ReportDocument
from schemas.errors import ContractError, PoolDamaged
from schemas.identity import order_number, problem_id
from schemas.problem import Member, Problem
from schemas.report_record import ReportRecord
from schemas.state import State, unborn
from streams.stages.publish import is_behind


class Overlay:
    """States, claims, keys, words and documents by id; the names and order numbers that commands found."""

    def __init__(self, pack: CityPack, reader: Reader) -> None:
        self._pack = pack
        self._reader = reader
        self._states: dict[str, State] = {}
        self._claims: dict[str, Claim | None] = {}
        self._keys: dict[str, bytes | None] = {}
        self._contents: dict[str, ReportContent | None] = {}
        self._records: dict[str, ReportRecord] = {}
        self._documents: dict[str, ReportDocument] = {}
        self._written_claims: dict[str, Claim] = {}
        self._numbers: dict[tuple[str, int], str] = {}
        self._founding: dict[str, str] = {}

    def _prefetch(self, commands: list[Command]) -> None:
        claims: set[str] = set()
        states: set[str] = set()
        keys: set[str] = set()
        for command in commands:
            if isinstance(command, AddReport):
                claims |= {command.record.report, self._number(command, 0)}
                states.add(self._founded(command))
                keys.add(command.record.report)
            else:
                states.add(aggregate_of(command) or "")
                if isinstance(command, SeeAlarm | ReviseReport):
                    claims.add(command.record.report)
                    keys.add(command.record.report)
                elif isinstance(command, MakeLive | EraseReport):
                    claims.add(command.report)
                elif isinstance(command, Found):
                    claims.add(self._number(command, 0))
        self._claims = dict.fromkeys(claims)
        self._claims.update(self._reader.claims(claims))
        states |= {claim.problem for claim in self._claims.values() if claim is not None}
        self._states = {name: unborn(name) for name in states}
        self._states.update(self._reader.states(states))
        self._keys = dict(self._reader.keys(keys))

    def _keep_words(self, record: ReportRecord) -> None:
        self._contents[record.report] = self._opened(record)
        self._records[record.report] = record

    def _keep_if_held(self, record: ReportRecord, problem: Problem) -> None:
        """A redelivery may carry older words than those in hand."""
        member = find_member(problem, record.report)
        if member is not None and member.content == record.content:
            self._keep_words(record)

    def _opened(self, record: ReportRecord) -> ReportContent | None:
        """None when the key was destroyed."""
        key = self._keys.get(record.report)
        if key is None:
            return None
        try:
            return ReportContent.model_validate_json(unseal(key, record.report, record.sealed))
        except (PoolDamaged, ValidationError) as error:
            raise ContractError("record.sealed", "不能用这件来件的密钥打开", "请由来源重新推送这件来件") from error

    def _state(self, wanted: str) -> State:
        state = self._states.get(wanted)
        if state is None:
            state = self._reader.states([wanted]).get(wanted) or unborn(wanted)
            self._states[wanted] = state
        return state

    def _problem(self, wanted: str) -> Problem:
        """Raises TypeError when this is another kind of aggregate, which claims and commands to problems never name."""
        state = self._state(wanted)
        if not isinstance(state, Problem):
            raise TypeError(f"{wanted} is no problem")
        return state

    def _claim(self, wanted: str) -> Claim | None:
        if wanted not in self._claims:
            self._claims[wanted] = self._reader.claims([wanted]).get(wanted)
        return self._claims[wanted]

    def _document(self, report: str) -> ReportDocument | None:
        if report not in self._documents:
            self._documents.update(self._reader.report_documents([report]))
        return self._documents.get(report)

    def _not_derived(self, redelivered: Mapping[str, Problem]) -> Iterator[tuple[Problem, Member]]:
        """Of reports that came again, with who holds them: those whose documents are not what they should be. What is right
        stays as it is: a redelivery changes nothing, whatever intake finds by now."""
        stored = self._reader.report_documents(redelivered) if redelivered else {}
        for report, holder in redelivered.items():
            member = find_member(holder, report)
            if member is not None and is_behind(member, stored.get(report)):
                yield holder, member

    def _change_claim(self, claim: Claim, **changes: object) -> None:
        raised = claim.write if claim.id in self._written_claims else claim.write + 1
        self._write_claim(claim.model_copy(update=changes | {"write": raised}))

    def _write_claim(self, claim: Claim) -> None:
        self._claims[claim.id] = self._written_claims[claim.id] = claim

    def _number(self, command: Command, attempt: int) -> str:
        known = self._numbers.get((command.id, attempt))
        if known is None:
            day = self._pack.calendar.local(command.at).strftime("%y%m%d")
            known = self._numbers[command.id, attempt] = order_number(day, command.slot, command.id, attempt)
        return known

    def _founded(self, command: Command) -> str:
        """The problem that this command founds, if it founds one."""
        known = self._founding.get(command.id)
        if known is None:
            known = self._founding[command.id] = problem_id(command.slot, command.id)
        return known

    def _order_number(self, command: Command) -> str:
        founding = command.problem if isinstance(command, Found) else self._founded(command)
        for attempt in range(100):
            number = self._number(command, attempt)
            claim = self._claim(number)
            if claim is None or claim.problem == founding:
                return number
        raise RuntimeError(f"no free order number for {command.id}")
