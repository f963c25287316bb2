"""What the labels of a trained model mean in a city pack: codes, paths of codes, names or paths of names."""

from collections.abc import Iterable

from city.pack import CityPack

SEPARATOR = "/"


class PackNames:
    """Built once from a pack. A label that could mean two things means nothing."""

    def __init__(self, pack: CityPack) -> None:
        self._pack = pack
        self._by_path = {self.path(code): code for code in pack.categories}

    def path(self, code: str) -> str:
        """Names from level 1 down, 一级/二级/三级."""
        names = [above.name for above in reversed(self._pack.ancestors(code))]
        return SEPARATOR.join([*names, self._pack.categories[code].name])

    def category(self, label: str) -> str | None:
        """The category's code; None for what the pack does not have."""
        last = label.rpartition(SEPARATOR)[2].strip()
        if last in self._pack.categories:
            return last
        whole = SEPARATOR.join(part.strip() for part in label.split(SEPARATOR))
        return self._by_path.get(whole) or _only(category.code for category in self._pack.category_names.get(last, ()))

    def unit(self, label: str) -> str | None:
        """The code of the unit, or of who took over from it; None for what the pack does not have."""
        pack = self._pack
        code = label if label in pack.units else _only(unit.code for unit in pack.unit_names.get(label, ()))
        acting = pack.acting_unit(code) if code else None
        return acting.code if acting else None


def _only(codes: Iterable[str]) -> str | None:
    found = set(codes)
    return found.pop() if len(found) == 1 else None
