"""What every command has."""

from typing import Self

from pydantic import ConfigDict, Field, model_validator

from schemas.base import Record, Utc
from schemas.identity import slot_of, slot_of_problem
from schemas.words import Role


class Actor(Record):
    """Who gives the command; `unit` for role unit, stamped from the topic's name."""

    id: str = Field(min_length=1, max_length=100)
    role: Role
    unit: str | None = None


class CommandBase(Record):
    """Fields of every command. pack and model are the versions that its maker used."""

    model_config = ConfigDict(extra="forbid")

    id: str = Field(min_length=1, max_length=100)
    slot: int = Field(ge=0, le=999)
    at: Utc
    actor: Actor
    pack: str = ""
    model: str = ""


class OfProblem(CommandBase):
    """A command to a known problem, in the slot where that lives: nobody else may change it."""

    problem: str

    @model_validator(mode="after")
    def _in_its_slot(self) -> Self:
        if slot_of_problem(self.problem) != self.slot:
            raise ValueError(f"slot 须为问题编号里的归口分区 {slot_of_problem(self.problem)}")
        return self


class OfAggregate(CommandBase):
    """A command to an aggregate that is neither problem nor watch, in the slot where that lives."""

    aggregate: str

    @model_validator(mode="after")
    def _in_its_slot(self) -> Self:
        if slot_of(self.aggregate) != self.slot:
            raise ValueError(f"slot 须为编号里的归口分区 {slot_of(self.aggregate)}")
        return self
