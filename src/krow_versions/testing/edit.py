"""Texts with edits that are known to give another text, and the laws of applying edits."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import attrs
from hypothesis import strategies as st

from krow_versions import Edit, Span, apply_edits
from krow_versions.testing.checks import must_equal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hypothesis.strategies import DrawFn


@attrs.frozen
class EditSample:
    """A text made of pieces: kept ones, and between them what is to be replaced by what."""

    kept: tuple[str, ...]
    changes: tuple[tuple[str, str], ...]

    @property
    def before(self) -> str:
        """The text before the edits."""
        return self._joined(0)

    @property
    def after(self) -> str:
        """The text that the edits must give."""
        return self._joined(1)

    @property
    def edits(self) -> tuple[Edit, ...]:
        """The edits, from left to right."""
        pairs = zip(self.kept, self.changes, strict=False)
        ends = list(itertools.accumulate(len(piece) for kept, (old, _) in pairs for piece in (kept, old)))
        return tuple(
            Edit(Span(ends[2 * index], ends[2 * index + 1]), new)
            for index, (_, new) in enumerate(self.changes)
        )

    def _joined(self, side: int) -> str:
        return "".join(
            kept + change[side] for kept, change in zip(self.kept, (*self.changes, ("", "")), strict=True)
        )


@st.composite
def edit_samples(draw: DrawFn) -> EditSample:
    """Draw texts with disjoint edits: insertions, deletions, replacements, at the very ends too."""
    changes = draw(st.lists(st.tuples(st.text(max_size=5), st.text(max_size=5)), max_size=5))
    inner = [draw(st.text(min_size=1, max_size=5)) for _ in changes[1:]]
    ends = [draw(st.text(max_size=5)) for _ in range(2 if changes else 1)]
    return EditSample((ends[0], *inner, *ends[1:]), tuple(changes))


def law_apply_edits_is_exact(
    sample: EditSample, apply: Callable[[str, Sequence[Edit]], str] = apply_edits
) -> None:
    """Edits replace what is in their spans and keep every character outside of them."""
    must_equal(apply(sample.before, sample.edits), sample.after, "the text after the edits")
    must_equal(apply(sample.before, ()), sample.before, "the text after no edits")


def law_apply_edits_commutes(
    sample: EditSample, order: Sequence[Edit], apply: Callable[[str, Sequence[Edit]], str] = apply_edits
) -> None:
    """The *order* in which disjoint edits are given does not matter."""
    must_equal(apply(sample.before, order), sample.after, "the text after the edits in another order")
