"""Trees written as (code, parent) rows, and the paths that follow from them."""

from collections.abc import Mapping


def paths(parents: Mapping[str, str | None]) -> tuple[dict[str, str], set[str]]:
    """Path of every code ("/01/0102/"), and the codes that lie on a cycle.

    A parent that is no key of `parents` counts as none. A code on or below a cycle gets a path of its own: "/code/".
    """
    done: dict[str, str] = {}
    cyclic: set[str] = set()
    for start in parents:
        chain: list[str] = []
        code: str | None = start
        while code is not None and code in parents and code not in done and code not in chain:
            chain.append(code)
            code = parents[code]
        if code is not None and code in chain:
            cyclic.update(chain[chain.index(code) :])
            done.update({member: f"/{member}/" for member in chain})
            continue
        above = done.get(code, "/") if code is not None else "/"
        for member in reversed(chain):
            above = done[member] = f"{above}{member}/"
    return done, cyclic


def codes_of(path: str) -> tuple[str, ...]:
    """The codes of a path from the root down to the node itself."""
    return tuple(path.strip("/").split("/"))
