"""What a reader is shown of who called (law 6): a caller who asks for secrecy is hidden from all but those who may see it."""

from pool.scope import Scope
from schemas.documents import ReportDocument
from schemas.problem import Member, Problem


def shown_report(report: ReportDocument, scope: Scope) -> ReportDocument:
    """The report without its caller, and without the mark that it hides one."""
    if report.secret and not scope.secrets:
        return report.model_copy(update={"caller": None, "secret": False})
    return report


def shown_problem(problem: Problem, scope: Scope) -> Problem:
    """The problem with its members shown like reports."""
    if scope.secrets or not any(member.secret for member in _members(problem)):
        return problem
    leaving = [leave.model_copy(update={"members": _shown(leave.members)}) for leave in problem.leaving]
    return problem.model_copy(update={"members": _shown(problem.members), "leaving": leaving})


def _members(problem: Problem) -> list[Member]:
    return [*problem.members, *(member for leave in problem.leaving for member in leave.members)]


def _shown(members: list[Member]) -> list[Member]:
    return [m.model_copy(update={"caller": None, "secret": False}) if m.secret else m for m in members]
