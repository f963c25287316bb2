"""What must hold of handling whatever keeps the pool: each story is told on the embedded pool and on Kafka with Elasticsearch.

None of them waits: time goes by only where it can be played.
"""

from collections.abc import Callable
from typing import Final

from casework.labels import confirmed
from pool.measures import Measure
from scenarios.storyteller import City
from schemas import commands_handling as cmd
from schemas.commands import Merge
from schemas.words import (
    OPEN_ASSIGNMENTS,
    AssignmentState,
    Basis,
    Clock,
    Part,
    ProblemState,
    ReturnReason,
    Role,
    Verdict,
)

LAMP_OUT, NO_WATER, STALLS = "010503", "010101", "020201"
LAMPS, WATER, HOUSING, TOWNSHIP = "yunxi-chengguan", "p-gongshui", "yunxi-zhujian", "t-linjiang"
FARMS = "c-nongye"
"""Leads nothing in any other story."""
DONE = "已更换灯头和线缆,当晚试亮正常,并安排每周巡查一次,如再有问题请直接联系所里值班电话。"
WEIRD = "想问一下这件事到底该找哪里"


def closing_a_parent_closes_its_members_and_answers_everybody(city: City) -> None:
    reports = [city.call(f"{place}整栋楼停水,一滴水都没有", category=NO_WATER) for place in ("望江花园", "滨江华庭", "江畔人家")]
    a, b, root = (city.problem_of(report) for report in reports)
    for source, target in ((a, b), (b, root)):
        city.clerk.does(Merge, source, target=target)
        city.session.settle(source)
    assert {city.problem(name).state for name in (a, b)} == {ProblemState.MERGED}
    assert sorted(city.problem(root).absorbed) == sorted((a, b))
    found = city.session.root(a)
    assert found is not None
    assert found.id == root
    lead = city.unit(WATER)
    lead.says("sign", root)
    lead.says("contact", root, reached=True)
    lead.says("reply", root, DONE)
    city.clerk.does(cmd.Close, root)
    city.session.settle(root)
    closed = city.problem(root)
    assert all(member.answered is not None for member in closed.members)
    assert sorted(member.report for member in closed.members) == sorted(reports)
    assert OPEN_ASSIGNMENTS.isdisjoint(part.state for name in (a, b, root) for part in city.problem(name).assignments)
    assert {city.report(report).state for report in reports} == {ProblemState.CLOSED}
    assert city.clerk.is_refused(Merge, root, target=a) == "forbidden_state"


def reassigning_leaves_nothing_with_the_old_owner(city: City) -> None:
    problem = city.problem_of(city.call("码头新村路灯不亮", category=LAMP_OUT))
    old, new = city.unit(LAMPS), city.unit(HOUSING)
    old.says("sign", problem)
    first = city.problem(problem).first_dispatch
    city.clerk.does(cmd.Assign, problem, lead=HOUSING, notes={HOUSING: "小区内的路灯"})
    held = city.problem(problem)
    assert [part.unit for part in held.assignments if part.state in OPEN_ASSIGNMENTS] == [HOUSING]
    assert (held.first_dispatch, held.dispatches) == (first, 2)
    seen = old.sees(problem)
    assert (seen.withdrawn, seen.reports, seen.handle_due) == (True, [], None)
    assert new.sees(problem).asked == "小区内的路灯"
    assert new.sees(problem).reports
    assert old.may_not_say("reply", problem, DONE) == "not_your_assignment"
    assert old.may_not_say("sign", problem) == "not_your_assignment"


def another_category_is_another_route_another_clock_and_a_label(city: City) -> None:
    problem = city.problem_of(city.call("航运家属院门口路灯不亮,晚上看不见路", category=LAMP_OUT))
    before = city.problem(problem)
    assert before.lead == LAMPS
    handling = city.due(problem, Clock.HANDLE)
    city.clerk.does(cmd.Recategorise, problem, category=NO_WATER)
    after = city.problem(problem)
    due = city.due(problem, Clock.HANDLE)
    assert (after.lead, after.basis, after.category) == (WATER, Basis.RECATEGORISED, NO_WATER)
    assert due is not None
    assert handling is not None
    assert due < handling  # water is due in 24 hours, from the first dispatch
    assert after.first_dispatch == before.first_dispatch
    assert city.unit(LAMPS).sees(problem).withdrawn
    (said,) = city.said(problem, "Recategorised")
    assert (said.before, said.category, said.actor.id, said.actor.role) == (LAMP_OUT, NO_WATER, "clerk-1", Role.CLERK)
    lead = city.unit(WATER)
    lead.says("contact", problem, reached=True)
    lead.says("reply", problem, DONE)
    city.clerk.does(cmd.Close, problem)
    label = confirmed(city.problem(problem))
    assert label is not None
    assert (label.category, label.unit) == (NO_WATER, WATER)


def a_rejection_says_who_why_and_whom_they_suggest(city: City) -> None:
    problem = city.problem_of(city.call("书院小区门口摊贩占道经营", category=STALLS))
    lead = city.unit(LAMPS)
    assert (
        lead.may_not_say("return", problem, "不是我们的", reason=ReturnReason.NOT_OUR_DUTY, suggested="nobody") == "unknown_unit"
    )
    lead.says("return", problem, "小区红线内", reason=ReturnReason.NOT_OUR_DUTY, suggested=HOUSING)
    asked = city.problem(problem).asked_return
    assert asked is not None
    assert (asked.unit, asked.reason, asked.suggested, bool(asked.note)) == (LAMPS, ReturnReason.NOT_OUR_DUTY, HOUSING, True)
    assert city.problem(problem).lead == LAMPS  # until somebody has decided
    assert lead.sees(problem).review_due is not None
    assert city.clerk.is_refused(cmd.DecideReturn, problem, verdict=Verdict.REFUSED) == "forbidden_role"
    city.reviewer.does(cmd.DecideReturn, problem, verdict=Verdict.REDISPATCHED, lead=HOUSING, note="同意")
    (decided,) = city.problem(problem).returns
    assert (decided.verdict, decided.by) == (Verdict.REDISPATCHED, "reviewer-1")
    assert city.problem(problem).lead == HOUSING
    (said,) = city.said(problem, "ReturnAsked")
    assert (said.actor.unit, said.reason, said.suggested) == (LAMPS, ReturnReason.NOT_OUR_DUTY, HOUSING)


def what_is_opened_again_reaches_the_department(city: City) -> None:
    report = city.call("幸福小区旁滨江路路灯不亮,望江公园门口", category=LAMP_OUT)
    problem = city.problem_of(report)
    lead = city.unit(city.problem(problem).lead or "")
    lead.says("sign", problem)
    lead.says("contact", problem, reached=True)
    lead.says("reply", problem, DONE)
    city.clerk.does(cmd.Close, problem)
    assert lead.sees(problem).assignment is AssignmentState.CLOSED
    city.clerk.does(cmd.Callback, problem, report=report, solved=False, rating=1, text="还是不亮")
    seen = lead.sees(problem)
    assert (seen.assignment, seen.state, seen.redo) == (AssignmentState.SIGNED, ProblemState.IN_PROGRESS, 1)
    assert seen.handle_due == city.due(problem, Clock.HANDLE)
    assert seen.handle_due is not None


def what_is_routed_to_nobody_is_a_queue_with_a_clock_that_somebody_sees(city: City) -> None:
    problem = city.problem_of(city.call(WEIRD))
    found = city.problem(problem)
    assert (found.state, found.lead, found.first_dispatch) == (ProblemState.WAITING, None, None)
    assert found.basis in (Basis.NO_CATEGORY, Basis.UNSURE_CATEGORY)
    (turn,) = city.turns(problem)
    assert (turn.task, turn.role, turn.due) == ("dispatch", Role.CLERK, city.due(problem, Clock.DISPATCH))
    assert turn.due is not None
    city.clerk.does(cmd.Note, problem, text="查一下")
    assert city.due(problem, Clock.DISPATCH) == turn.due
    city.clerk.does(cmd.Assign, problem, lead=HOUSING)
    assert city.due(problem, Clock.DISPATCH) is None
    city.clerk.does(cmd.Recall, problem, note="派错了")
    assert city.due(problem, Clock.DISPATCH) is not None
    assert [turn.task for turn in city.turns(problem)] == ["dispatch"]


def a_due_time_stands_in_every_view(city: City) -> None:
    problem = city.problem_of(city.call("江畔人家门口摊贩占道经营,又吵又堵", category=STALLS))
    lead, street, police = city.unit(LAMPS), city.unit(TOWNSHIP), city.unit("yunxi-gongan")
    lead.says("whistle", problem, "请派民警", to=police.code)
    led = lead.sees(problem)
    assert led.handle_due == city.due(problem, Clock.HANDLE)
    assert led.sign_due == city.due(problem, Clock.SIGN)
    assert led.contact_due == city.due(problem, Clock.CONTACT)
    assert None not in (led.handle_due, led.sign_due, led.contact_due)
    helps = street.sees(problem)
    assert (helps.part, helps.own_due) == (Part.COOPERATOR, city.due(problem, Clock.COOPERATE, TOWNSHIP))
    assert helps.own_due is not None
    (summons,) = police.sees(problem).whistles
    assert summons["due"]


def the_share_on_time_counts_what_is_open_and_overdue(city: City) -> None:
    """Closed in time, closed late, open and overdue, and open but not yet due: one of four is left out, and one is on time."""
    late, overdue = (city.overdue(f"第{number}处说不清是什么的事", FARMS) for number in ("一", "二"))
    in_time, open_yet = (city.problem_of(city.call(f"不知道算什么的第{number}件事")) for number in ("三", "四"))
    for problem in (in_time, open_yet):
        city.clerk.does(cmd.Assign, problem, lead=FARMS)
    for problem in (late, in_time):
        lead = city.unit(FARMS)
        lead.says("contact", problem, reached=True)
        lead.says("reply", problem, DONE)
        city.clerk.does(cmd.Close, problem)
    assert city.problem(overdue).state is ProblemState.DISPATCHED
    assert city.problem(open_yet).overdue is None
    on_time = city.measured(Measure.ON_TIME, FARMS)
    assert (on_time.count, on_time.of) == (1, 3)


STORIES: Final[tuple[Callable[[City], None], ...]] = (
    closing_a_parent_closes_its_members_and_answers_everybody,
    reassigning_leaves_nothing_with_the_old_owner,
    another_category_is_another_route_another_clock_and_a_label,
    a_rejection_says_who_why_and_whom_they_suggest,
    what_is_opened_again_reaches_the_department,
    what_is_routed_to_nobody_is_a_queue_with_a_clock_that_somebody_sees,
    a_due_time_stands_in_every_view,
    the_share_on_time_counts_what_is_open_and_overdue,
)
