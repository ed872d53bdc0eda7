"""Edits as values: a span of the original text and its replacement.

Offsets count characters (code points) of the text *before* any edit, so edits can be computed
independently and in any order. The laws, which ``krow_versions.testing`` exports:

- no edits change nothing;
- every character outside the spans is kept;
- disjoint edits commute.
"""

from __future__ import annotations

import bisect
import itertools
import re
from typing import TYPE_CHECKING

from krow_versions.errors import InternalError
from krow_versions.values import frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


@frozen(order=True)
class Span:
    """A half-open range of characters: ``start`` is in it, ``end`` is not."""

    start: int
    end: int

    def __attrs_post_init__(self) -> None:
        if not 0 <= self.start <= self.end:
            raise InternalError(f"span {self.start}..{self.end} runs backwards")

    def of(self, text: str) -> str:
        """Return the characters of *text* in this span."""
        return text[self.start : self.end]


@frozen(order=True)
class Edit:
    """Replace the characters in ``span`` by ``text``."""

    span: Span
    text: str


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """Apply disjoint *edits* to *text*, in any order.

    Raises:
        InternalError: edits overlap, insert at the same offset, or reach beyond the text.

    >>> apply_edits("version: 0.1.0", [Edit(Span(9, 14), "0.1.1")])
    'version: 0.1.1'
    """
    ordered = sorted(edits)
    for left, right in itertools.pairwise(ordered):
        if left.span.end > right.span.start or left.span == right.span:
            raise InternalError(f"edits overlap at {right.span.start}")
    if ordered and ordered[-1].span.end > len(text):
        raise InternalError(f"edit reaches beyond the text, to {ordered[-1].span.end}")
    parts = []
    done = 0
    for edit in ordered:
        parts += [text[done : edit.span.start], edit.text]
        done = edit.span.end
    return "".join([*parts, text[done:]])


def lines_in(text: str) -> Callable[[int], int]:
    r"""Return a function that gives the line of an offset, from 1; only ``\n`` ends a line.

    It reads the text once for any number of offsets.

    >>> line_of = lines_in("a\nb\n")
    >>> [line_of(offset) for offset in range(4)]
    [1, 1, 2, 2]
    """
    ends = [match.start() for match in re.finditer("\n", text)]
    return lambda offset: bisect.bisect_left(ends, offset) + 1
