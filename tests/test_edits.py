"""Edits: spans of the original text, disjoint, in any order."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from krow_versions.edits import Edit, Span, apply_edits
from krow_versions.errors import InternalError
from krow_versions.testing import (
    EditSample,
    assert_only_version_changed,
    edit_samples,
    law_apply_edits_commutes,
    law_apply_edits_is_exact,
)


@given(edit_samples())
def test_edits_change_their_spans_and_nothing_else(sample: EditSample) -> None:
    """A text put together from pieces and edited in its gaps is the pieces with the gaps replaced."""
    law_apply_edits_is_exact(sample)


@given(edit_samples(), st.data())
def test_the_order_of_edits_does_not_matter(sample: EditSample, data: st.DataObject) -> None:
    """Edits are about the original text, so every order of them gives the same."""
    law_apply_edits_commutes(sample, data.draw(st.permutations(sample.edits)))


@given(edit_samples())
def test_a_span_holds_what_it_is_about(sample: EditSample) -> None:
    """A span of the text gives the characters that stand between its offsets."""
    assert [edit.span.of(sample.before) for edit in sample.edits] == [old for old, _ in sample.changes]


@given(st.text(max_size=20), st.integers(0, 20), st.integers(0, 20), st.integers(0, 20), st.integers(0, 20))
def test_edits_that_share_a_character_are_refused(text: str, a: int, b: int, c: int, d: int) -> None:
    """Two edits of one character, one place of insertion, or beyond the text, are our bug; others work."""
    first, second = sorted([tuple(sorted([a, b])), tuple(sorted([c, d]))])
    edits = [Edit(Span(*second), "x"), Edit(Span(*first), "y")]
    shared = range(max(first[0], second[0]), min(first[1], second[1]))
    inside = first[0] < second[0] < first[1]  # An insertion inside of another edit.
    if shared or inside or first == second or max(first[1], second[1]) > len(text):
        with pytest.raises(InternalError):
            apply_edits(text, edits)
    else:
        expected = text[: first[0]] + "y" + text[first[1] : second[0]] + "x" + text[second[1] :]
        assert apply_edits(text, edits) == expected


@pytest.mark.parametrize(
    ("spans", "message"),
    [
        ([(0, 3), (2, 4)], "edits overlap at 2"),
        ([(2, 2), (2, 2)], "edits overlap at 2"),
        ([(0, 1), (2, 9)], "reaches beyond the text, to 9"),
        ([(6, 9)], "reaches beyond the text, to 9"),
    ],
)
def test_edits_that_are_refused_name_the_offset(spans: list[tuple[int, int]], message: str) -> None:
    """Whoever gets the bug report finds the place."""
    with pytest.raises(InternalError, match=message):
        apply_edits("abcdef", [Edit(Span(*span), "x") for span in spans])


@pytest.mark.parametrize(("start", "end"), [(-1, 0), (2, 1), (-2, -1)])
def test_a_span_runs_forward(start: int, end: int) -> None:
    """A span that runs backwards or starts before the text is our bug."""
    with pytest.raises(InternalError, match=rf"nothing was written: span {start}\.\.{end} "):
        Span(start, end)


@given(
    edit_samples(), st.sampled_from(["0.1.0", "0.1.0+5", "1"]), st.sampled_from(["0.1.1", "0.1.1+6", "1.0"])
)
def test_the_law_of_one_change_sees_every_other_change(sample: EditSample, old: str, new: str) -> None:
    """`assert_only_version_changed` accepts a replaced version and refuses any other difference."""
    before, after = old.join(sample.kept), new.join(sample.kept)
    places = len(sample.kept) - 1
    assert_only_version_changed(before, after, old, new, places=places)
    for wrong in (after + "\n", "\ufeff" + after, after[:-1], after.replace("\n", "\r\n"), before + " "):
        if wrong != after:
            with pytest.raises(AssertionError, match="something other"):
                assert_only_version_changed(before, wrong, old, new, places=places)
