"""Erasing one report: the key goes first, then everything that still holds its words."""

from datetime import datetime

from pool import backup as copies
from schemas.commands import Actor, EraseReport
from schemas.documents import Outcome
from schemas.identity import command_id, slot_of_problem
from schemas.words import Role
from streams.local.home import Home, transaction
from streams.local.session import Session

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


def forget_unworked(home: Home, report: str) -> int:
    """Dead letters and raw records of the report, keys first; how many letters there were."""
    letters = home.store.dead_letters_of(report)
    for letter in letters:
        home.vault.erase(f"dead:{letter.id}")
    with transaction(home.connection):
        home.store.delete_dead_letters(letter.id for letter in letters)
        home.log.forget_key(report, "intake.")
    return len(letters)


def erase(session: Session, report: str, problem: str | None, actor: Actor) -> Outcome | None:
    """At once: the key is destroyed before this returns, and before casework answers. problem: who holds the report,
    None when it exists only as a dead letter. The erasure is noted in every backup that can be reached."""
    home = session.home
    copies.note_erasure(home.folder, report)
    home.vault.erase(report)
    forget_unworked(home, report)
    if problem is None:
        return None
    (outcome,) = session.submit(erase_command(report, problem, actor, home.clock.now(), home.pack.version))
    return outcome


def erase_again(home: Home, names: list[str]) -> int:
    """After a restore: what was erased stays erased. names: reports, problems and letters whose keys were destroyed."""
    for name in names:
        home.vault.erase(name)
    reports = home.store.report_documents(name for name in names if name.startswith("r"))
    standing = [document for document in reports.values() if not document.erased]
    with Session(home) as session:
        for name in names:
            forget_unworked(home, name.removeprefix("dead:"))
        for document in standing:
            at = home.clock.now()
            session.submit(erase_command(document.id, document.problem, RESTORER, at, home.pack.version))
    return len(standing)
