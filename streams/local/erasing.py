"""After a restore: what was erased stays erased."""

from schemas.commands import Actor
from schemas.words import Role
from streams.erasing import erase
from streams.local.home import Home
from streams.local.session import Session

RESTORER = Actor(id="restore", role=Role.SYSTEM)


def erase_again(home: Home, names: list[str]) -> int:
    """Before anything that the backup held back is worked; how many reports stood again. names: reports; other keys that were
    destroyed belong to letters that went, and to a time that the backup does not know."""
    reports = [name for name in names if name.startswith("r")]
    for report in reports:
        home.vault.erase(report)
    standing = [document.id for document in home.store.report_documents(reports).values() if not document.erased]
    for report in reports:
        home.forget_unworked(report)
    with Session(home) as session:
        for report in standing:
            erase(session, report, RESTORER)
    return len(standing)
