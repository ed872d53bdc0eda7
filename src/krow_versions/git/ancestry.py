"""Which commit contains which: read from git once, answered here however often it is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from krow_versions.git.process import encoded, run

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@attrs.frozen
class Graph:
    """Commits and their parents, with all that each of them contains.

    Attributes:
        parents: of every commit, parents before children.
        tips: what it was asked for: together they contain every commit in it.
    """

    parents: dict[str, tuple[str, ...]] = attrs.field(factory=dict, repr=False)
    tips: tuple[str, ...] = ()

    def ancestors(self, tips: Iterable[str]) -> frozenset[str]:
        """List *tips* and all commits that they contain; a commit that is not here has none."""
        found: set[str] = set()
        waiting = [tip for tip in tips if tip in self.parents]
        while waiting:
            commit = waiting.pop()
            if commit not in found:
                found.add(commit)
                waiting += self.parents[commit]
        return frozenset(found)

    def contains(self, commit: str, other: str) -> bool:
        """Tell whether *commit* contains *other*, or is the same. Unreliable where history was cut off."""
        return commit == other or (other in self.parents and not self.beyond(commit, other))

    def beyond(self, base: str, tip: str) -> tuple[str, ...]:
        """List the commits that *tip* contains and *base* does not, children before parents.

        Takes time in proportion to the commits from the newest one down to where the two meet.
        """
        found = []
        inside, outside = {base}, {tip} - {base}
        for commit in reversed(self.parents):
            if not outside:
                break
            if commit in inside:
                inside.update(self.parents[commit])
                outside.difference_update(self.parents[commit])
            elif commit in outside:
                found.append(commit)
                outside.remove(commit)
                outside.update(each for each in self.parents[commit] if each not in inside)
        return tuple(found)

    def highest_below(self, ranks: Mapping[str, int]) -> dict[str, int]:
        """For each ranked commit, find the highest rank among the commits that it contains, itself aside.

        Takes time in proportion to the commits, however many are ranked.

        Args:
            ranks: commits and how high each counts.

        Returns:
            Commit and rank; a commit that contains no other ranked one is not in it.
        """
        below: dict[str, int] = {}
        for commit, parents in self.parents.items():
            best = max((max(below.get(each, -1), ranks.get(each, -1)) for each in parents), default=-1)
            if best >= 0:
                below[commit] = best
        return {commit: below[commit] for commit in ranks if commit in below}


def read_graph(root: str, tips: Iterable[str], known: Graph | None = None) -> Graph:
    """Read all commits that *tips* contain, beside those that are known; one process, or none.

    Where history was cut off (a shallow clone), so is the graph. Not by ``for-each-ref --merged``: when
    a commit of the history is missing, it silently calls all behind that unreachable, where this fails.

    Args:
        root: the work tree to ask in.
        tips: full object ids of commits that are here.
        known: what was read before, which is not asked for again.

    Raises:
        GitError: git failed, or a commit of the history is missing.
    """
    known = known or Graph()
    lacking = tuple(sorted({tip for tip in tips if tip not in known.parents}))
    if not lacking:
        return known
    asked = [*lacking, *(f"^{tip}" for tip in known.tips)]
    listed = run(
        ["rev-list", "--parents", "--topo-order", "--reverse", "--stdin"],
        cwd=root,
        stdin=encoded("".join(f"{each}\n" for each in asked)),
    )
    rows = (line.split(" ") for line in listed.decode("ascii").splitlines())
    added = {commit: tuple(parents) for commit, *parents in rows}
    return Graph({**known.parents, **added}, (*known.tips, *lacking))
