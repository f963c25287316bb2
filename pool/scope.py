"""Who may read what (law 7). Every read takes a Scope; totals, facets and exports obey it."""

from dataclasses import dataclass

from schemas.documents import ReportDocument
from schemas.knowledge import Knowledge
from schemas.problem import Problem
from schemas.state import State
from schemas.watch import Watch


@dataclass(frozen=True, slots=True)
class Scope:
    """What a reader may see: everything, or the reports that one of the units has or had a part in, or of an area subtree.

    A Scope without any of the three sees nothing (no role = nothing). `secrets`: may see who asked for secrecy;
    without it such reports show neither caller nor that they hide one.
    """

    everything: bool = False
    units: frozenset[str] = frozenset()
    area_paths: frozenset[str] = frozenset()
    secrets: bool = False

    @property
    def nothing(self) -> bool:
        """True when no report at all may be seen."""
        return not (self.everything or self.units or self.area_paths)

    def permits(self, report: ReportDocument) -> bool:
        """The rule for one report. A unit sees what it has a part in; an area subtree is a prefix of the path."""
        if self.everything:
            return True
        if not self.units.isdisjoint(report.units):
            return True
        return any(report.area_path.startswith(path) for path in self.area_paths)

    def permits_kept(self, state: State) -> bool:
        """The rule for one aggregate that is neither problem nor watch. Knowledge is for everybody who may see anything; of the
        others a unit sees those that concern it (their `concerns`: codes of units)."""
        if self.everything or isinstance(state, Knowledge):
            return not self.nothing
        return not isinstance(state, Problem | Watch) and not self.units.isdisjoint(state.concerns)


ALL = Scope(everything=True, secrets=True)
"""The operator of an embedded pool, and the stages."""
NOTHING = Scope()
