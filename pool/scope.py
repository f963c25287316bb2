"""Who may read what (law 7). Every read takes a Scope; totals, facets and exports obey it."""

from dataclasses import dataclass

from schemas.documents import ReportDocument


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


ALL = Scope(everything=True, secrets=True)
"""The operator of an embedded pool, and the stages."""
NOTHING = Scope()
