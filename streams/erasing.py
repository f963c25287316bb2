"""Erasing one report: the key goes first, then everything that still holds its words."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from casework.fold import next_holder
from pool.attachments import attachments_in
from schemas.commands import Actor, EraseReport
from schemas.errors import CommandRefused
from schemas.identity import command_id, slot_of_problem
from schemas.words import Refusal, Role
from streams.session import HOPS, PoolSession

TRIES = 5
"""How often the report may move to another problem while it is being asked for."""
RESTORER = Actor(id="restore", role=Role.SYSTEM)


def erase_command(report: str, problem: str, actor: Actor, at: datetime, pack: str) -> EraseReport:
    """The wish to erase, for the problem that holds the report now."""
    return EraseReport(
        id=command_id("erase", report, actor.id, at.isoformat()),
        slot=slot_of_problem(problem),
        at=at,
        actor=actor,
        pack=pack,
        problem=problem,
        report=report,
    )


@dataclass(frozen=True, slots=True)
class Erased:
    """problem: who held the report, None when it existed only as a dead letter. unreached: backups that were made and could
    not be told; a restore of one of them into an empty folder would bring the report back."""

    problem: str | None
    unreached: tuple[Path, ...]


def erase(session: PoolSession, report: str, actor: Actor) -> Erased:
    """At once: the key is destroyed before this returns, and before casework answers; every backup in reach is told.

    The report may move to another problem meanwhile; then the next holder is asked. Raises CommandRefused.
    """
    home = session.home
    unreached = home.note_erasure(report)
    home.vault.erase(report)
    attachments_in(home.folder).erase(report)
    home.forget_unworked(report)
    if not home.store.claims([report]):
        return Erased(None, unreached)
    for _ in range(TRIES):
        holder = _holder(session, report)
        (outcome,) = session.submit(erase_command(report, holder, actor, home.clock.now(), home.pack.version))
        if outcome.status == "applied":
            return Erased(outcome.aggregate, unreached)
        if outcome.status == "parked":
            session.settle(holder)
        elif outcome.code != Refusal.NOT_A_MEMBER:
            raise CommandRefused(outcome.code, outcome.message)
    raise CommandRefused(Refusal.NOT_A_MEMBER.value, f"来件 {report} 一直在问题之间移动,没有删除;请稍后再试")


def _holder(session: PoolSession, report: str) -> str:
    """Through the claim, merges and splits, as casework follows them."""
    holder = session.home.store.claims([report])[report].problem
    for _ in range(HOPS):
        problem = session.problem(holder)
        following = next_holder(problem, report) if problem is not None else None
        if following is None:
            return holder
        holder = following
    return holder


def erase_again(session: PoolSession, names: list[str]) -> int:
    """After a restore: what was erased stays erased, before anything that the backup held back is worked; how many stood again.

    names: reports; other keys that were destroyed belong to letters that went, and to a time that the backup does not know.
    """
    home = session.home
    reports = [name for name in names if name.startswith("r")]
    for report in reports:
        home.vault.erase(report)
        attachments_in(home.folder).erase(report)
    standing = [document.id for document in home.store.report_documents(reports).values() if not document.erased]
    for report in reports:
        home.forget_unworked(report)
    for report in standing:
        erase(session, report, RESTORER)
    return len(standing)
