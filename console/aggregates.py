"""What the commands on admission tasks, findings and proposals share: who speaks, what is meant, what became of it."""

import secrets
from datetime import datetime
from typing import Annotated, Any, TypeVar

import typer

from city.pack import CityPack
from console.asking import person
from console.opening import known_unit
from console.terminal import one_line
from language.mask import mask
from language.normalise import strip_controls
from schemas.admission import AdmissionTask
from schemas.aggregate import UNCOMPARED, Aggregate
from schemas.commands import Actor, Command
from schemas.documents import Outcome
from schemas.errors import CommandRefused, ContractError, NotFound
from schemas.events import Event, read_event
from schemas.identity import command_id
from schemas.passing import BuckFinding
from schemas.proposals import DutyProposal
from schemas.words import Role
from streams.session import PoolHome, PoolSession

By = Annotated[str, typer.Option("--by", metavar="姓名", help="经办人", callback=person)]
Key = Annotated[str, typer.Option("--id", metavar="键", help="幂等键:重试时用同一个键,只办一次")]
Speaking = Annotated[str, typer.Option("--as", metavar="身份", help="reviewer 审核,supervisor 督办,或单位的编码、全名")]
OwnUnit = Annotated[str, typer.Option("--unit", metavar="单位", help="您所在的单位;涉及本单位的不能由您审定")]
After = Annotated[str, typer.Option("--after", metavar="编号", help="从这一条之后列起")]
Limit = Annotated[int, typer.Option("--limit", min=1, max=1000, help="至多几条")]
Viewer = Annotated[str, typer.Option("--viewer", metavar="单位", help="只看这个单位可以看的")]

_PLAIN_ROLES = {"clerk": Role.CLERK, "supervisor": Role.SUPERVISOR, "reviewer": Role.REVIEWER}
A = TypeVar("A", AdmissionTask, BuckFinding, DutyProposal)


def actor(pack: CityPack, by: str, speaking: str, unit: str = "") -> Actor:
    """speaking: one of the plain roles, else a unit that speaks for itself. unit: where a person of a plain role belongs."""
    role = _PLAIN_ROLES.get(speaking.strip())
    if role is not None:
        return Actor(id=by, role=role, unit=known_unit(pack, unit) if unit else None)
    if not speaking.strip():
        raise ContractError("--as", "须写明身份", "reviewer、supervisor、clerk,或单位的编码、全名")
    return Actor(id=by, role=Role.UNIT, unit=known_unit(pack, speaking.strip()))


def base(home: PoolHome, aggregate: str, slot: int, who: Actor, key: str) -> dict[str, Any]:
    """The fields that every command has."""
    return {
        "id": command_id("console", who.id, key or secrets.token_hex(16)),
        "slot": slot,
        "at": home.clock.now(),
        "actor": who,
        "pack": home.pack.version,
        "aggregate": aggregate,
    }


def plain(field: str, text: str, longest: int = 2000) -> str:
    """What an official wrote, masked. Raises ContractError when there is nothing, or too much."""
    said = mask(strip_controls(text)).text.strip()
    if not 1 <= len(said) <= longest:
        raise ContractError(field, f"须为 1 到 {longest} 字", "请写明情况")
    return said


def submitted(session: PoolSession, command: Command) -> Outcome:
    """What became of it. Raises CommandRefused."""
    (outcome,) = session.submit(command)
    if outcome.status == "refused":
        raise CommandRefused(outcome.code, outcome.message)
    return outcome


def found(home: PoolHome, kind: type[A], letter: str, name: str, where: str) -> A:
    """By its number. where: the command that lists them. Raises NotFound."""
    state = home.store.states([name.strip()]).get(name.strip()) if name.strip()[:1] == letter else None
    if not isinstance(state, kind) or state.version == 0:
        raise NotFound(f"没有 “{one_line(name, 60)}”;可用 {where} 查看编号")
    return state


def history(home: PoolHome, aggregate: str) -> list[Event]:
    """Its events, oldest first."""
    return [read_event(stored.line) for stored in home.store.events_of(aggregate)]


def as_json(state: Aggregate) -> dict[str, Any]:
    """Without the runner's bookkeeping."""
    return state.model_dump(mode="json", exclude={*UNCOMPARED, "parked"})


def minute(pack: CityPack, at: datetime | None) -> str:
    """In the city's own time; "" for none."""
    return pack.calendar.local(at).strftime("%Y-%m-%d %H:%M") if at else ""
