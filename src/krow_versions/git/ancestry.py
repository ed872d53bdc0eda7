"""The commit graph: read from git once, then queried in memory."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, cast

from krow_versions.errors import GitError
from krow_versions.git.process import encoded, run, unexpected
from krow_versions.values import field, frozen

if TYPE_CHECKING:
    from collections.abc import Collection, Container, Iterable, Iterator, Mapping


@frozen
class Graph:
    """Commits and their parents.

    Attributes:
        parents: the parents of every commit, parents before children.
        tips: the commits that were asked for; together they contain every commit of the graph.
    """

    parents: dict[str, tuple[str, ...]] = field(factory=dict, repr=False)
    tips: tuple[str, ...] = ()
    _asked: dict[frozenset[str], frozenset[str]] = field(factory=dict, init=False, repr=False, eq=False)

    def ancestors(self, tips: Iterable[str]) -> frozenset[str]:
        """Return *tips* and all commits that they contain; a commit outside the graph is left out.

        The same question is asked for each product: the last few answers are kept.
        """
        wanted = frozenset(tip for tip in tips if tip in self.parents)
        found = self._asked.pop(wanted, None)
        if found is None:
            found = self._ancestors(wanted)
            if len(self._asked) == _MOST_KEPT:
                del self._asked[next(iter(self._asked))]
        self._asked[wanted] = found
        return found

    def _ancestors(self, tips: Iterable[str]) -> frozenset[str]:
        found: set[str] = set()
        waiting = [*tips]
        while waiting:
            commit = waiting.pop()
            if commit not in found:
                found.add(commit)
                waiting += self.parents[commit]
        return frozenset(found)

    def inside(self, tips: Collection[str]) -> Mapping[str, Container[str]]:
        """Return for each of *tips* the commits that it contains, to look others up in."""
        if len(tips) <= _MOST_KEPT:
            return {tip: self.ancestors([tip]) for tip in tips}
        marks = self.within(tips)
        return {tip: _Inside(marks.found, bit) for tip, bit in marks.bits.items()}

    def within(self, tips: Iterable[str]) -> Marks:
        """Find which of *tips* contain each commit; one pass over all commits, whatever their number."""
        bits = _bits(tips)
        found = {tip: bit for tip, bit in bits.items() if tip in self.parents}
        for commit in reversed(self.parents):
            if own := found.get(commit, 0):
                for parent in self.parents[commit]:
                    found[parent] = _joined(found.get(parent, 0), own)
        return Marks(bits, found)

    def held(self, commits: Iterable[str]) -> Marks:
        """Find which of some *commits* each commit contains; one pass over all, whatever their number."""
        bits = _bits(commits)
        found: dict[str, int] = {}
        for commit, parents in self.parents.items():
            own = bits.get(commit, 0)
            for parent in parents:
                own = _joined(found.get(parent, 0), own)
            if own:
                found[commit] = own
        return Marks(bits, found)

    def in_order(self, commits: Iterable[str]) -> list[str]:
        """Sort *commits*, each once, parents before children; what is near in history is near in the list."""
        return sorted({*commits}, key=self._order[1].__getitem__)

    def contains(self, commit: str, other: str) -> bool:
        """Return whether *commit* contains *other*, or is the same. Unreliable in a shallow clone."""
        return commit == other or (other in self.parents and not self.beyond(commit, other))

    def beyond(self, base: str, tip: str) -> tuple[str, ...]:
        """List the commits that *tip* contains and *base* does not, children before parents.

        The time is proportional to the commits from these down to their common ancestor.
        """
        found = []
        inside, outside = {base}, {tip} - {base}
        for commit in self._down_from(base, tip):
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

    def merge_base(self, one: str, other: str) -> str | None:
        """Return the newest commit that both contain, or None; of several, one.

        The time is proportional to the commits from these down to it.
        """
        first, second = {one}, {other}
        for commit in self._down_from(one, other):
            inside = commit in first, commit in second
            if all(inside):
                return commit
            if any(inside):
                (first if inside[0] else second).update(self.parents[commit])
        return None

    def newest_in(self, some: Container[str], tip: str) -> str | None:
        """Return the newest commit that *tip* contains and that is among *some*, or None.

        The time is proportional to the commits from *tip* down to it.
        """
        own = {tip}
        for commit in self._down_from(tip):
            if commit in own:
                if commit in some:
                    return commit
                own.update(self.parents[commit])
        return None

    def _down_from(self, *commits: str) -> Iterator[str]:
        """Yield the newest of some commits and all below it, children before parents."""
        order, at = self._order
        for place in range(max((at.get(commit, -1) for commit in commits), default=-1), -1, -1):
            yield order[place]

    @functools.cached_property
    def _order(self) -> tuple[tuple[str, ...], dict[str, int]]:
        order = tuple(self.parents)
        return order, {commit: place for place, commit in enumerate(order)}

    def mainline(self, tip: str, until: str) -> tuple[str, ...]:
        """List *tip* and its first parents down to the first that *until* contains, that one left out.

        These are the states that a branch was in, newest first: a squash, a rebase and a merge add to them.
        """
        shared = self.ancestors([until])
        found = []
        commit: str | None = tip
        while commit is not None and commit not in shared and commit in self.parents:
            found.append(commit)
            commit = next(iter(self.parents[commit]), None)
        return tuple(found)

    def highest_below(self, ranks: Mapping[str, int]) -> dict[str, int]:
        """Return, for each ranked commit, the highest rank among the other commits that it contains.

        A commit that contains no other ranked one is left out. The time is proportional to the commits,
        however many have a rank.
        """
        below: dict[str, int] = {}
        for commit, parents in self.parents.items():
            best = max((max(below.get(each, -1), ranks.get(each, -1)) for each in parents), default=-1)
            if best >= 0:
                below[commit] = best
        return {commit: below[commit] for commit in ranks if commit in below}


@frozen
class Marks:
    """Some commits, and what is found about each commit and them.

    Attributes:
        bits: one bit for each of these commits.
        found: the bits that each commit has; none where it is left out.
    """

    bits: Mapping[str, int]
    found: Mapping[str, int]

    def of(self, commit: str) -> int:
        """Return the bits that *commit* has."""
        return self.found.get(commit, 0)

    def has(self, commit: str, other: str) -> bool:
        """Return whether *commit* has the bit of *other*, which is one of these commits."""
        return bool(self.of(commit) & self.bits[other])


@frozen
class _Inside:
    """The commits that have one bit."""

    found: Mapping[str, int]
    bit: int

    def __contains__(self, commit: object) -> bool:
        return bool(self.found.get(cast("str", commit), 0) & self.bit)


def _bits(commits: Iterable[str]) -> dict[str, int]:
    return {commit: 1 << place for place, commit in enumerate(dict.fromkeys(commits))}


def _joined(one: int, other: int) -> int:
    """Join two sets of bits. Most commits of a history have the same ones, which are kept once."""
    both = one | other
    return one if both == one else other if both == other else both


_MOST_KEPT = 16  # Each is as large as the history of a line.


def read_graph(root: str, tips: Iterable[str], known: Graph | None = None) -> Graph:
    """Read all commits that *tips*, full ids, contain, and add them to a known graph; one process, or none.

    In a shallow clone the graph ends where history does. ``for-each-ref --merged`` is not used: when a
    commit is missing, it reports everything before it as unreachable; this fails.

    Raises:
        GitError: git failed, or a commit of the history is missing.
    """
    known = known or Graph()
    new_tips = tuple(sorted({tip for tip in tips if tip not in known.parents}))
    if not new_tips:
        return known
    revisions = [*new_tips, *(f"^{tip}" for tip in known.tips)]
    arguments = ["rev-list", "--parents", "--topo-order", "--reverse", "--stdin"]
    listed = run(
        arguments,
        cwd=root,
        stdin=encoded("".join(f"{each}\n" for each in revisions)),
    )
    rows = (line.split(" ") for line in listed.decode("ascii").splitlines())
    added = {commit: tuple(parents) for commit, *parents in rows}
    left = [tip for tip in new_tips if tip not in added]
    if (listed and not listed.endswith(b"\n")) or (left and _has_commit(root, left)):  # It was cut short.
        raise unexpected(arguments, listed, root)
    return Graph({**known.parents, **added}, (*known.tips, *new_tips))


def _has_commit(root: str, ids: Iterable[str]) -> bool:
    """Whether one of some objects is a commit: a tag may be of a file."""
    asked = encoded("".join(f"{each}\n" for each in ids))
    return b"commit" in run(["cat-file", "--batch-check=%(objecttype)"], cwd=root, stdin=asked).split()


def damaged(root: str, tips: Collection[str], known: Graph) -> frozenset[str]:
    """Return those of *tips* whose history cannot be read; few processes for each of them.

    Args:
        root: a folder of the repository.
        tips: full ids.
        known: what these tips may share with other histories, which can be read.
    """
    try:
        read_graph(root, tips, known)
    except GitError:
        every = sorted(tips)
        if len(every) == 1:
            return frozenset(every)
        half = len(every) // 2
        return damaged(root, every[:half], known) | damaged(root, every[half:], known)
    return frozenset()
