"""Rows of commits, of which git compares each with the next: many questions, and each step is asked once."""

from __future__ import annotations

import bisect
import functools
import itertools
from typing import TYPE_CHECKING, Self

from krow_versions.values import frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from krow_versions import git
    from krow_versions.commits import Entry, EntryChange

    Changes = Callable[[str, str], Iterable[EntryChange]]
    """What differs between an older and a newer commit."""


@frozen
class Entries:
    """The entries of paths in some commits.

    Any two of them need not be compared: what differs from each to the next says it for all pairs.

    Attributes:
        places: the place of each commit in the row.
        steps: by path, the changes from one commit to the next, with the place of that one.
    """

    places: Mapping[str, int]
    steps: Mapping[str, Sequence[tuple[int, EntryChange]]]

    @classmethod
    def of(cls, row: Sequence[str], changes: Changes) -> Self:
        """Collect them from the changes along *row*."""
        steps: dict[str, list[tuple[int, EntryChange]]] = {}
        for place, (older, newer) in enumerate(itertools.pairwise(row), 1):
            for change in changes(older, newer):
                steps.setdefault(change.path, []).append((place, change))
        return cls({commit: place for place, commit in enumerate(row)}, steps)

    def at(self, commit: str, path: str, elsewhere: Entry | None) -> Entry | None:
        """Return the entry of *path* in a commit of the row; it is *elsewhere* in another one."""
        steps = self.steps.get(path)
        if steps is None:
            return elsewhere
        after = bisect.bisect_right(steps, self.places[commit], key=lambda step: step[0])
        return steps[after - 1][1].after if after else steps[0][1].before


@frozen
class Steps:
    """The states that lines were in, newest first: first parents, down to the last that can show a change.

    Attributes:
        graph: contains all commits.
        rows: the states of each line, as far as one of its changes needs.
        cuts: for each line and change, how many of its states can show that. They are the states that do not
            belong to the history of the change; if the line contains it, those that contain it.
    """

    graph: git.Graph
    rows: Mapping[str, Sequence[str]]
    cuts: Mapping[tuple[str, str], int]

    @classmethod
    def of(cls, graph: git.Graph, pairs: Iterable[tuple[str, str]]) -> Self:
        """Walk down each line once, whatever the number of its changes.

        Args:
            graph: contains all commits.
            pairs: the last commit of a line, and that of a change.
        """
        changes: dict[str, dict[str, None]] = {}
        for line, change in pairs:
            changes.setdefault(line, {})[change] = None
        every = dict.fromkeys(each for own in changes.values() for each in own)
        within, held = graph.within(every), graph.held(every)
        rows, cuts = {}, {}
        for line, own in changes.items():
            left = {within.bits[each]: each for each in own}
            waiting, row = sum(left), list[str]()
            contained = waiting & held.of(line)
            commit: str | None = line
            while waiting and commit is not None and commit in graph.parents:
                at_end = waiting & (within.of(commit) | contained & ~held.of(commit))
                waiting ^= at_end
                while at_end:
                    bit = at_end & -at_end
                    cuts[line, left[bit]] = len(row)
                    at_end ^= bit
                if waiting:
                    row.append(commit)
                    commit = next(iter(graph.parents[commit]), None)
            cuts |= {(line, change): len(row) for bit, change in left.items() if waiting & bit}
            rows[line] = row
        return cls(graph, rows, cuts)

    @functools.cached_property
    def pairs(self) -> set[tuple[str, str]]:
        """What is to be compared: each state with the one before."""
        every = {commit for row in self.rows.values() for commit in row}
        return {(self.graph.parents[each][0], each) for each in every if self.graph.parents[each]}

    @functools.cached_property
    def merges(self) -> frozenset[str]:
        """The states that are merges."""
        rows = itertools.chain(*self.rows.values())
        return frozenset(commit for commit in rows if len(self.graph.parents[commit]) > 1)

    def changes(self, changes: Changes) -> dict[str, dict[str, list[tuple[int, str, EntryChange]]]]:
        """Return by line and path what made its states: their places, their commits, and the changes."""
        found: dict[str, dict[str, list[tuple[int, str, EntryChange]]]] = {}
        known = {commit: tuple(changes(parent, commit)) for parent, commit in self.pairs}
        for line, row in self.rows.items():
            own = found.setdefault(line, {})
            for place, commit in enumerate(row):
                for change in known.get(commit, ()):
                    own.setdefault(change.path, []).append((place, commit, change))
        return found

    def brought(self, line: str, change: str) -> str | None:
        """Return the merge by which a line got a change that it contains; None after a fast-forward.

        Then the change is a state of the line itself: no commit brought it.
        """
        row = self.rows[line][: self.cuts[line, change]]
        first = next(iter(self.graph.parents[row[-1]]), None) if row else None
        return row[-1] if first and not self.graph.contains(first, change) else None
