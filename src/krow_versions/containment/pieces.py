"""The pieces of a change to a text, and whether another text has them."""

from __future__ import annotations

import bisect
import functools
import itertools
from collections import Counter
from typing import TYPE_CHECKING

from krow_versions.containment.standing import State
from krow_versions.values import field, frozen

if TYPE_CHECKING:
    from collections.abc import Sequence

Lines = tuple[bytes, ...]
Edge = tuple[int, int, int]


@frozen
class Piece:
    """A part of a change: a run of lines that is replaced, or (without lines) a mode, or a whole content.

    Attributes:
        start, end: the lines before the change that it replaces.
        removed, added: its lines that are not on both sides; those without words only if there are no others.
    """

    start: int = 0
    end: int = 0
    removed: frozenset[bytes] = frozenset()
    added: frozenset[bytes] = frozenset()


def hunks(old: Lines, new: Lines) -> list[Piece]:
    """Compare two texts: runs of lines between lines that are unique in both, without their common ends."""
    found = []
    edges = [(-1, -1), *anchors(old, new), (len(old), len(new))]
    for (above_old, above_new), (below_old, below_new) in itertools.pairwise(edges):
        start_old, start_new, end_old, end_new = above_old + 1, above_new + 1, below_old, below_new
        while start_old < end_old and start_new < end_new and old[start_old] == new[start_new]:
            start_old, start_new = start_old + 1, start_new + 1
        while start_old < end_old and start_new < end_new and old[end_old - 1] == new[end_new - 1]:
            end_old, end_new = end_old - 1, end_new - 1
        if start_old < end_old or start_new < end_new:
            found.append(Piece(start_old, end_old, *_net(old[start_old:end_old], new[start_new:end_new])))
    return found


def _net(old: Lines, new: Lines) -> tuple[frozenset[bytes], frozenset[bytes]]:
    """Return the lines that only *old*, and only *new* has."""
    before, after = Counter(old), Counter(new)
    removed, added = frozenset(before - after), frozenset(after - before)
    for counts in (_has_words, bytes.strip):
        kept = frozenset(filter(counts, removed)), frozenset(filter(counts, added))
        if any(kept):
            return kept
    return removed, added


def anchors(one: Lines, other: Lines) -> list[tuple[int, int]]:
    """Pair the lines that occur once in each of two texts, as many as have the same order in both."""
    here, there = _unique(one), _unique(other)
    return _in_order([(at, there[line]) for line, at in here.items() if line in there])


def _unique(lines: Lines) -> dict[bytes, int]:
    counts = Counter(lines)
    return {line: at for at, line in enumerate(lines) if counts[line] == 1}


def _in_order(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the longest run of pairs, sorted by their first numbers, whose second numbers rise, too."""
    if all(one[1] < other[1] for one, other in itertools.pairwise(pairs)):
        return list(pairs)  # Nothing was moved, as in nearly all steps of a file.
    tails: list[int] = []  # The lowest last second number of a run of each length.
    ends: list[int] = []
    before: list[int] = []
    for index, (_, second) in enumerate(pairs):
        length = bisect.bisect_left(tails, second)
        before.append(ends[length - 1] if length else -1)
        tails[length : length + 1] = [second]
        ends[length : length + 1] = [index]
    run = []
    index = ends[-1] if ends else -1
    while index >= 0:
        run.append(pairs[index])
        index = before[index]
    return run[::-1]


@frozen
class Places:
    """Finds the place of a hunk in a third text.

    Attributes:
        old: the text before the change.
        new: the text after it.
        now: the text that may have it.
        anchors: those of *old* and *new*, which many third texts share.
    """

    old: Lines
    new: Lines
    now: Lines
    anchors: Sequence[tuple[int, int]]
    _edges: list[Edge] = field(init=False)
    _starts: list[int] = field(init=False)
    _windows: dict[tuple[int, int], _Window] = field(factory=dict, init=False)

    @_edges.default
    def _found_edges(self) -> list[Edge]:
        """Return the positions of lines that are unique in all three texts, in order, and both ends."""
        unique = _unique(self.now)
        shared = [pair for pair in self.anchors if self.old[pair[0]] in unique]
        inside = dict(_in_order([(old, unique[self.old[old]]) for old, _ in shared]))
        edges = [(old, new, inside[old]) for old, new in shared if old in inside]
        return [(-1, -1, -1), *edges, (len(self.old), len(self.new), len(self.now))]

    @_starts.default
    def _found_starts(self) -> list[int]:
        return [edge[0] for edge in self._edges]

    def state(self, hunk: Piece) -> State:
        """Judge a hunk by the lines at its place.

        Where they are not there, new lines may also be near it: a person who resolves a conflict may put them
        on the other side of a line that was added there. If the place shows nothing, they may be anywhere.
        """
        found = self._shown(hunk)
        if found is State.APPLIED or not hunk.added:
            return found
        counts = self._window(hunk, _NEAR if found is State.UNDONE else len(self._edges)).counts
        are_new = all(counts[0][line] == 0 for line in hunk.added)
        return State.APPLIED if are_new and _judged(hunk, *counts) is State.APPLIED else found

    def _shown(self, hunk: Piece) -> State:
        window = self._window(hunk)
        if window.plain is not State.CHANGED or (not hunk.removed and not hunk.added):
            return window.plain
        found = _judged(hunk, *window.counts)
        if found is State.UNDONE and not hunk.removed and not self._is_closed(hunk, window):
            return State.CHANGED
        return found

    def _window(self, hunk: Piece, wider: int = 0) -> _Window:
        """Return the texts around a hunk, between the nearest edges, or some more on each side."""
        first = max(0, bisect.bisect_left(self._starts, hunk.start) - 1 - wider)
        last = min(len(self._starts) - 1, bisect.bisect_left(self._starts, hunk.end, lo=1) + wider)
        if (first, last) not in self._windows:  # Many hunks may have the same one.
            above, under = self._edges[first], self._edges[last]
            texts = zip((self.old, self.new, self.now), above, under, strict=True)
            old, new, now = (text[start + 1 : end] for text, start, end in texts)
            around = tuple(
                self.old[edge[0]] if 0 <= edge[0] < len(self.old) else None for edge in (above, under)
            )
            self._windows[first, last] = _Window(old, new, now, above[0], under[0], around)
        return self._windows[first, last]

    def _is_closed(self, hunk: Piece, window: _Window) -> bool:
        """Whether the lines around an insertion are neighbours again, as they were before it."""
        first, last = hunk.start - 1, hunk.end
        while first > window.above and not _has_words(self.old[first]) and hunk.start - first < _CONTEXT:
            first -= 1
        while last < window.under and not _has_words(self.old[last]) and last - hunk.end + 1 < _CONTEXT:
            last += 1
        places = (*range(first, hunk.start), *range(hunk.end, last + 1))
        return window.has_run(tuple(self.old[at] if 0 <= at < len(self.old) else None for at in places))


@frozen
class _Window:
    """A place in three texts: before the change, after it, and now.

    Attributes:
        old, new, now: its lines.
        above, under: the positions before the change of the lines that it is between.
        around: those lines; None for an end of the text.
    """

    old: Lines
    new: Lines
    now: Lines
    above: int
    under: int
    around: tuple[bytes | None, ...]
    _runs: dict[int, frozenset[tuple[bytes | None, ...]]] = field(factory=dict, init=False)

    @functools.cached_property
    def plain(self) -> State:
        """What it shows if it is exactly as before the change, or as after it."""
        if self.now == self.new:
            return State.APPLIED
        return State.UNDONE if self.now == self.old else State.CHANGED

    @functools.cached_property
    def counts(self) -> tuple[Counter[bytes], Counter[bytes], Counter[bytes]]:
        """How often each line occurs before the change, after it, and now."""
        return Counter(self.old), Counter(self.new), Counter(self.now)

    def has_run(self, run: tuple[bytes | None, ...]) -> bool:
        """Whether some lines follow each other now."""
        size = len(run)
        if size not in self._runs:
            shown = (self.around[0], *self.now, self.around[1])
            self._runs[size] = frozenset(shown[at : at + size] for at in range(len(shown) - size + 1))
        return run in self._runs[size]


_CONTEXT = 3
_NEAR = 2


def _has_words(line: bytes) -> bool:
    return any(byte > 127 or chr(byte).isalnum() for byte in line)


def _judged(hunk: Piece, old: Counter[bytes], new: Counter[bytes], now: Counter[bytes]) -> State:
    """Judge by how often lines occur at a place before the change, after it and now."""
    is_there = all(now[line] >= new[line] for line in hunk.added)
    is_back = all(now[line] >= old[line] for line in hunk.removed)
    if is_there and not any(now[line] > new[line] for line in hunk.removed):
        return State.APPLIED
    if is_back and not any(now[line] > old[line] for line in hunk.added):
        return State.UNDONE
    return State.CHANGED
