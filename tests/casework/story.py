"""Numbers become wishes: each step picks its problem, its report, its unit and its manner from what there is."""

from datetime import timedelta
from typing import Any, Final

from laws import open_leads
from world import (
    ABOLISHED,
    BURNING,
    BURNING_ITEM,
    CLARITY,
    CLEANERS,
    CLEANING,
    CLEANING_ITEM,
    ENVIRONMENT,
    GRID,
    POLICE,
    STREET,
    WATER,
    World,
    findings,
    without,
)

from casework.change import Decision
from city import CityPack
from schemas.commands import Actor
from schemas.findings import UrgencyFinding
from schemas.problem import Problem
from schemas.words import OPEN_ASSIGNMENTS, Channel, Clock, Mode, RecheckOutcome, Role, Urgency, Verdict, Wish

FINDINGS: Final = (
    findings(grid=GRID),
    findings(item=CLEANING_ITEM),
    findings(BURNING, BURNING_ITEM, STREET, grid=GRID),
    findings(CLEANING, CLEANING_ITEM, STREET),
    findings(CLEANING, BURNING_ITEM, STREET),
    findings(None),
    findings(item=CLEANING_ITEM).model_copy(update={"urgency": UrgencyFinding(level=Urgency.URGENT)}),
)
ASSIGNMENTS: Final[tuple[dict[str, Any], ...]] = (
    {"lead": CLEANERS},
    {"lead": CLEANERS, "cooperators": [WATER, ENVIRONMENT]},
    {"lead": WATER, "cooperators": [CLEANERS, WATER]},
    {"lead": WATER, "cooperators": [CLEANERS, WATER, STREET]},
    {"lead": ENVIRONMENT, "category": CLEANING},
    {"lead": ENVIRONMENT, "cooperators": [STREET], "duty_item": BURNING_ITEM, "category": BURNING},
    {"lead": STREET, "duty_item": BURNING_ITEM},
    {"lead": STREET, "cooperators": [WATER], "duty_item": BURNING_ITEM, "category": BURNING},
    {"lead": STREET, "duty_item": CLEANING_ITEM, "category": CLEANING},
    {"lead": ABOLISHED},
)
UNITS: Final = (CLEANERS, WATER, ENVIRONMENT, STREET)
CATEGORIES: Final = (CLEANING, BURNING, "010101", "030604")
"""The third has a limit of 24 hours, the last one of two."""
JUDGES: Final = (Role.REVIEWER, Role.SUPERVISOR)
TOLD: Final = {"notes": dict.fromkeys((*UNITS, POLICE), "sealed"), "clarity": CLARITY}


class Story:
    def __init__(self, pack: CityPack) -> None:
        self.world = World(pack)
        self.reports = 0

    def step(self, wish: str, a: int, b: int) -> None:
        getattr(self, f"_{wish}")(a, b)
        self.world.check()

    def end(self) -> None:
        """Everything that is on its way arrives."""
        self.world.settle()
        self.world.check()
        self.world.check_history()
        self.world.check_settled()

    # whom and what a number means

    def _problem(self, number: int) -> str:
        existing = [problem.id for problem in self.world.problems.values() if problem.version]
        return existing[number % len(existing)]

    def _report(self, number: int) -> str:
        return f"r{number % self.reports}"

    def _member(self, problem: Problem, number: int) -> str:
        return problem.members[number % len(problem.members)].report if problem.members else "none"

    def _lead(self, problem: str, number: int) -> str:
        leads = open_leads(self.world.at(problem))
        return leads[0].unit if leads and number % 5 else UNITS[number % len(UNITS)]

    def _part(self, problem: str, number: int) -> str:
        units = [a.unit for a in self.world.at(problem).assignments if a.state in OPEN_ASSIGNMENTS] or list(UNITS)
        return units[number % len(units)]

    def _ask(self, kind: str, problem: str, by: Role | str = Role.CLERK, **data: Any) -> Decision:
        return self.world.tell(kind, problem, by, **data)

    # reports, and what the sender does

    def _new(self, a: int, b: int) -> None:
        mode = Mode.HISTORY if b % 9 == 0 else Mode.LIVE
        fields: dict[str, Any] = {"findings": FINDINGS[b % len(FINDINGS)], "mode": mode}
        if b % 4 == 2:
            fields |= {"channel": Channel.GRID, "caller": None}
        self.world.report(f"r{self.reports}", slot=3 + a % 2, **fields)
        self.reports += 1

    def _join(self, a: int, b: int) -> None:
        """The matcher found an open problem of the same mode."""
        problem = self.world.at(self._problem(a))
        if problem.state not in ("closed", "merged"):
            self.world.report(f"r{self.reports}", slot=problem.slot, into=problem.id, mode=problem.mode)
            self.reports += 1

    def _again(self, a: int, b: int) -> None:
        """The sender pushes it again: as it was, corrected, numbered, or live at last."""
        report = self._report(a)
        changes = ({}, {"content": f"corrected {b}"}, {"content": f"numbered {b}", "revision": 1 + b % 5}, {})[b % 4]
        self.world.report(report, slot=self.world.at(self.world.claims[report]).slot, **changes)

    def _erase(self, a: int, b: int) -> None:
        report = self._report(a)
        self._ask("EraseReport", self.world.holder(report).id, report=report)

    # the office

    def _assign(self, a: int, b: int) -> None:
        self._ask("Assign", self._problem(a), **TOLD | ASSIGNMENTS[b % len(ASSIGNMENTS)])

    def _answer(self, a: int, b: int) -> None:
        kind, data = (
            ("AnswerDirectly", {"text": "sealed"}),
            ("Decline", {"reason": "outside_city", "text": "sealed"}),
            ("HandOver", {"to": "police", "number": "1"}),
        )[b % 3]
        self._ask(kind, self._problem(a), **data)

    def _recall(self, a: int, b: int) -> None:
        self._ask("Recall", self._problem(a), note="sealed")

    def _recategorise(self, a: int, b: int) -> None:
        self._ask("Recategorise", self._problem(a), category=CATEGORIES[b % len(CATEGORIES)])

    def _abolish(self, a: int, b: int) -> None:
        """A unit goes; another one takes over, or nobody does. Then the machine says so to the problem."""
        unit = self._part(self._problem(a), b)
        if self.world.pack.units[unit].abolished is None:
            successor = (CLEANERS, WATER, ENVIRONMENT, STREET, POLICE, None)[b % 6]
            if successor is None or (successor != unit and self.world.pack.units[successor].abolished is None):
                self.world.pack = without(self.world.pack, unit, successor)
        self._ask("Succeed", self._problem(a), Role.SYSTEM, unit=unit)

    def _note(self, a: int, b: int) -> None:
        self._moves_no_clock("Note", self._problem(a), Role.CLERK, text="sealed")

    def _moves_no_clock(self, kind: str, problem: str, by: Role, **data: Any) -> None:
        """But for the clock of the supervision that too many urgings bring."""
        held = self.world.at(problem)
        before = [timer.model_copy() for timer in held.timers]
        self._ask(kind, problem, by, **data)
        after = [t for t in held.timers if t.clock is not Clock.SUPERVISE or t in before]
        assert after == before, f"{kind} moved a clock: {before} -> {held.timers}"

    # units

    def _sign(self, a: int, b: int) -> None:
        problem = self._problem(a)
        self._ask("Sign", problem, self._part(problem, b))

    def _contact(self, a: int, b: int) -> None:
        problem = self._problem(a)
        self._ask("Contact", problem, self._part(problem, b), reached=b % 3 > 0)

    def _reply(self, a: int, b: int) -> None:
        problem = self._problem(a)
        self._ask("Reply", problem, self._part(problem, b), text="sealed reply")

    def _add_cooperators(self, a: int, b: int) -> None:
        problem = self._problem(a)
        by = self._lead(problem, b) if b % 2 else Role.CLERK
        self._ask("AddCooperators", problem, by, notes={(*UNITS, POLICE)[b % 5]: "sealed"}, clarity=CLARITY)

    def _ask_return(self, a: int, b: int) -> None:
        problem = self._problem(a)
        suggested = (None, *UNITS)[b % 5]
        self._ask("AskReturn", problem, self._lead(problem, b), reason="not_our_duty", suggested=suggested, note="sealed")

    def _decide_return(self, a: int, b: int) -> None:
        verdict = tuple(Verdict)[b % len(Verdict)]
        plan = {} if b % 8 < 4 and verdict is Verdict.FALLBACK else ASSIGNMENTS[b % len(ASSIGNMENTS)]
        self._ask("DecideReturn", self._problem(a), JUDGES[b % 2], verdict=verdict, **TOLD | plan)

    def _decide_jointly(self, a: int, b: int) -> None:
        plan = ASSIGNMENTS[b % len(ASSIGNMENTS)]
        self._ask("DecideJointly", self._problem(a), JUDGES[b % 2], minutes="sealed", **TOLD | plan)

    def _object(self, a: int, b: int) -> None:
        self._ask("Object", self._problem(a), STREET)

    def _decide_objection(self, a: int, b: int) -> None:
        self._ask("DecideObjection", self._problem(a), JUDGES[b % 2], number=1 + b % 3, upheld=b % 2 == 0)

    def _apply(self, a: int, b: int) -> None:
        problem = self._problem(a)
        wish = tuple(Wish)[b % len(Wish)]
        self._ask("Apply", problem, self._lead(problem, b), wish=wish, amount=1 + b % 10, reason="impossible", note="sealed")

    def _decide_application(self, a: int, b: int) -> None:
        wish = tuple(Wish)[b % len(Wish)]
        by = (Role.SUPERVISOR, Role.SUPERVISOR, Role.CLERK, Role.REVIEWER)[b % 4]
        self._ask("DecideApplication", self._problem(a), by, wish=wish, granted=b % 5 > 0)

    def _wait_for_caller(self, a: int, b: int) -> None:
        problem = self._problem(a)
        self._ask("WaitForCaller", problem, self._lead(problem, 1), note="sealed")

    def _resume(self, a: int, b: int) -> None:
        problem = self._problem(a)
        self._ask("Resume", problem, self._lead(problem, b) if b % 2 else Role.CLERK)

    # whistle and ladder

    def _whistle(self, a: int, b: int) -> None:
        problem = self._problem(a)
        number, by = 1 + b % 2, (*UNITS, POLICE)[b % 5]
        kind, data = (
            ("BlowWhistle", {"to": (*UNITS, POLICE)[b % 5], "asked": "sealed"}),
            ("AnswerWhistle", {"number": number, "coming": b % 3 > 0}),
            ("Arrive", {"number": number}),
            ("EndWhistle", {"number": number, "outcome": "sealed", "mark": 1 + b % 5}),
            ("RateWhistle", {"number": number, "mark": 1 + b % 5}),
        )[a % 5]
        if kind in ("BlowWhistle", "EndWhistle"):
            by = self._part(problem, b)
        self._ask(kind, problem, by, **data)

    def _climb(self, a: int, b: int) -> None:
        self._ask("ClimbFrom", self._problem(a))

    def _post(self, a: int, b: int) -> None:
        """The post that has it; sometimes another one."""
        problem = self.world.at(self._problem(a))
        hop = problem.hop
        post = hop.post if hop is not None and b % 6 else "w-990102001"
        kind, data = ("SolvedHere", {"text": "sealed"}) if b % 4 == 0 else ("StepUp", {})
        command = self.world.command(kind, problem.id, Role.GRID, **data)
        self.world.hear(command.model_copy(update={"actor": Actor(id=post, role=Role.GRID)}))

    # callers

    def _supplement(self, a: int, b: int) -> None:
        problem = self.world.at(self._problem(a))
        self._ask("Supplement", problem.id, report=self._member(problem, b), text="sealed")

    def _urge(self, a: int, b: int) -> None:
        problem = self.world.at(self._problem(a))
        self._moves_no_clock("Urge", problem.id, Role.CLERK, report=self._member(problem, b))

    def _withdraw(self, a: int, b: int) -> None:
        problem = self.world.at(self._problem(a))
        self._ask("Withdraw", problem.id, report=self._member(problem, b))

    def _callback(self, a: int, b: int) -> None:
        problem = self.world.at(self._problem(a))
        data: dict[str, Any] = {"report": self._member(problem, b), "reached": b % 4 > 0, "rating": 1 + b % 5}
        self._ask("Callback", problem.id, **data | {"solved": (None, True, False)[b % 3]})

    # the end, and after

    def _check(self, a: int, b: int) -> None:
        self._ask("Check", self._problem(a), passed=b % 3 > 0)

    def _close(self, a: int, b: int) -> None:
        self._ask("Close", self._problem(a))

    def _supervise(self, a: int, b: int) -> None:
        self._ask("Supervise" if b % 2 else "EndSupervision", self._problem(a), Role.SUPERVISOR)

    def _look_back(self, a: int, b: int) -> None:
        """Asked for, or done."""
        problem = self._problem(a)
        if b % 2:
            self._ask("AskRecheck", problem, Role.REVIEWER, checker=(None, POLICE, WATER)[b % 3])
        else:
            self._ask("Recheck", problem, Role.REVIEWER, outcome=tuple(RecheckOutcome)[b % 3])

    def _rate_unit(self, a: int, b: int) -> None:
        problem = self._problem(a)
        self._ask("RateUnit", problem, self._part(problem, a), of=self._part(problem, b), mark=1 + b % 5)

    # merge and split

    def _merge(self, a: int, b: int) -> None:
        self.world.merge(self._problem(a), self._problem(b))

    def _unmerge(self, a: int, b: int) -> None:
        merged = [problem.id for problem in self.world.problems.values() if problem.state == "merged"]
        if merged:
            self._ask("Unmerge", merged[a % len(merged)])

    def _split(self, a: int, b: int) -> None:
        problem = self._problem(a)
        held = self.world.reports(problem)
        if held:
            self._ask("Split", problem, reports=held[: 1 + b % len(held)])

    def _unsplit(self, a: int, b: int) -> None:
        self._ask("Unsplit", self._problem(a))

    # the queue, and time

    def _deliver(self, a: int, b: int) -> None:
        if self.world.queue:
            self.world.deliver(a % len(self.world.queue))

    def _redeliver(self, a: int, b: int) -> None:
        if self.world.delivered:
            self.world.redeliver(a % len(self.world.delivered))

    def _wait(self, a: int, b: int) -> None:
        self.world.passes(hours=1 + b % 72)

    def _minutes(self, a: int, b: int) -> None:
        self.world.passes(minutes=1 + a * b)

    def _long(self, a: int, b: int) -> None:
        self.world.passes(days=10 * (1 + b % 10))

    def _jump(self, a: int, b: int) -> None:
        """Nobody looked at the timers for some days; one problem's ring late, the others' later still."""
        self.world.now += timedelta(days=1 + b % 12)
