"""Merge three texts by lines, as git does; what both sides changed differently is a conflict."""

from __future__ import annotations

import bisect
import difflib
from collections import Counter
from typing import TYPE_CHECKING

from krow_versions.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


def three_way(base: str, ours: str, theirs: str) -> str | None:
    r"""Merge the changes from *base* to *ours* and from *base* to *theirs*; None if they are in conflict.

    Only ``\n`` ends a line; the last one is another line without it. Changes without an unchanged line
    between them are in conflict, as in git; equal changes are not.

    >>> three_way("a\nb\nc\n", "A\nb\nc\n", "a\nb\nC\n")
    'A\nb\nC\n'
    >>> three_way("a\n", "b\n", "c\n") is None
    True
    """
    if theirs in {base, ours}:
        return ours
    if ours == base:
        return theirs
    lines = [_LINE.findall(text) for text in (base, ours, theirs)]
    head = _common(*lines)
    tail = _common(*(each[: head - 1 if head else None : -1] for each in lines))
    middles = [each[head : len(each) - tail] for each in lines]
    merged = [*lines[0][:head]]
    for before, mine, other in _chunks(*middles):
        if other in (before, mine):
            merged += mine
        elif mine == before:
            merged += other
        else:
            return None
    return "".join(merged + lines[0][len(lines[0]) - tail :])


_LINE = regex(r"[^\n]*\n|[^\n]+")


def _common(*sides: Sequence[str]) -> int:
    """Count the lines with which all of *sides* begin."""
    together = enumerate(zip(*sides, strict=False))
    return next((at for at, lines in together if len({*lines}) > 1), min(map(len, sides)))


def _chunks(
    base: Sequence[str], ours: Sequence[str], theirs: Sequence[str]
) -> Iterator[tuple[Sequence[str], Sequence[str], Sequence[str]]]:
    """Cut three texts into parts that belong together: unchanged ones, and the changes between them."""
    at = (0, 0, 0)
    for start, end, mine, other in _unchanged(base, ours, theirs):
        yield base[at[0] : start], ours[at[1] : mine], theirs[at[2] : other]
        same = base[start:end]
        yield same, same, same
        at = (end, mine + end - start, other + end - start)
    yield base[at[0] :], ours[at[1] :], theirs[at[2] :]


def _unchanged(
    base: Sequence[str], ours: Sequence[str], theirs: Sequence[str]
) -> Iterator[tuple[int, int, int, int]]:
    """Give the lines of *base* that both sides kept: from, to, and their beginning in *ours* and *theirs*."""
    kept = [_kept(base, side) for side in (ours, theirs)]
    left, right = 0, 0
    while left < len(kept[0]) and right < len(kept[1]):
        (at_mine, mine, size_mine), (at_other, other, size_other) = kept[0][left], kept[1][right]
        start, end = max(at_mine, at_other), min(at_mine + size_mine, at_other + size_other)
        if start < end:
            yield start, end, mine + start - at_mine, other + start - at_other
        if at_mine + size_mine < at_other + size_other:
            left += 1
        else:
            right += 1


def _kept(base: Sequence[str], side: Sequence[str]) -> list[tuple[int, int, int]]:
    """Return the runs of lines that a side kept: where in *base*, where in *side*, how many.

    Where lines repeat, what was put in or taken out can stand at several places. It is taken at the last one,
    as git does: taken differently on two sides, the same insertion would come twice.
    """
    runs: list[tuple[int, int, int]] = []
    for at, there, size in _matching(base, side):
        moved = 0
        if runs:
            start, start_there, length = runs.pop()
            end, end_there = start + length, start_there + length
            if end == at:  # Only put in.
                moved = _common(side[end_there : end_there + size], side[there : there + size])
            elif end_there == there:  # Only taken out.
                moved = _common(base[end : end + size], base[at : at + size])
            runs.append((start, start_there, length + moved))
        if moved < size:
            runs.append((at + moved, there + moved, size - moved))
    return runs


def _matching(base: Sequence[str], side: Sequence[str]) -> Iterator[tuple[int, int, int]]:
    """Yield runs of equal lines, in order; in time by the length of the texts.

    The matcher takes time by its square. Long texts are cut first at lines that each has once, as in Bram
    Cohen's patience diff; what stays long between them counts as changed.
    """
    if len(base) * len(side) <= _SHORT:
        yield from difflib.SequenceMatcher(None, base, side).get_matching_blocks()
        return
    start, start_there = 0, 0
    for at, there in (*_once(base, side), (len(base), len(side))):
        if (at - start) * (there - start_there) <= _SHORT:
            matcher = difflib.SequenceMatcher(None, base[start:at], side[start_there:there])
            for inner, inner_there, size in matcher.get_matching_blocks()[:-1]:
                yield start + inner, start_there + inner_there, size
        if at < len(base):
            yield at, there, 1
        start, start_there = at + 1, there + 1


_SHORT = 250_000


def _once(base: Sequence[str], side: Sequence[str]) -> list[tuple[int, int]]:
    """Return places of lines that each text has once, as many as are in the same order in both."""
    counts, counts_there = Counter(base), Counter(side)
    places = {line: at for at, line in enumerate(side) if counts_there[line] == 1}
    pairs = [(at, places[line]) for at, line in enumerate(base) if counts[line] == 1 and line in places]
    ends: list[int] = []
    last: list[int] = []
    before: list[int] = []
    for number, (_, there) in enumerate(pairs):
        length = bisect.bisect_left(ends, there)
        before.append(last[length - 1] if length else -1)
        ends[length : length + 1], last[length : length + 1] = [there], [number]
    found = []
    number = last[-1] if last else -1
    while number >= 0:
        found.append(pairs[number])
        number = before[number]
    return found[::-1]
