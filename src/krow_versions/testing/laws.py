"""Laws of versions, of edits, and of what reads or sets a version in a text.

The function under test is the last argument of a law, this library's own unless another is given::

    testing.law_set_is_exact(sample, new, my_set_version)
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, Protocol

import attrs
from hypothesis import strategies as st

from krow_versions import (
    Edit,
    KrowVersionsError,
    Span,
    Unsupported,
    Version,
    apply_edits,
    read_version,
    set_version,
)
from krow_versions.encoding import decode, encode

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hypothesis.strategies import DrawFn

    from krow_versions.testing.sample import Sample


class ReadsVersion(Protocol):
    """A function that reads the version of a text in a named format, and at a ``key`` if a sample has one."""

    def __call__(self, text: str, /, *, format: str) -> Version | str: ...  # noqa: A002 - The name in the API.


class SetsVersion(Protocol):
    """A function that sets the version of a text in a named format, and at a ``key`` if a sample has one."""

    def __call__(self, text: str, version: Version | str, /, *, format: str) -> str: ...  # noqa: A002 - The name in the API.


class Ordered(Protocol):
    """A value that can be compared with others of its kind."""

    def __lt__(self, other: Any, /) -> bool: ...
    def __le__(self, other: Any, /) -> bool: ...
    def __gt__(self, other: Any, /) -> bool: ...
    def __ge__(self, other: Any, /) -> bool: ...


def law_read_sees_the_version(sample: Sample, read: ReadsVersion = read_version) -> None:
    """The version that is read is the one in the text, as it is written, wherever its build stands.

    A sample that has only a build has no version to read.
    """
    must_equal(str(read(sample.text, **_named(sample))), sample.written, "the version that is read")


def law_set_is_exact(sample: Sample, new: Version, set_to: SetsVersion = set_version) -> None:
    """Setting a version changes only its characters, and only its bytes."""
    new = _settable(sample, sample.text, new)
    after = set_to(sample.text, new, **_named(sample))
    must_equal(after, sample.with_version(new), "the text with the new version")
    must_equal(encode(after), sample.with_version(new).encode(), "its bytes")
    must_equal(decode(encode(after)), after, "the text of these bytes")


def law_set_is_idempotent(sample: Sample, new: Version, set_to: SetsVersion = set_version) -> None:
    """Setting the version that a text has returns an equal text; this library returns the same object."""
    new = _settable(sample, sample.text, new)
    once = set_to(sample.text, new, **_named(sample))
    again = set_to(once, new, **_named(sample))
    must_equal(again, once, "the text after setting a version twice")
    must(again is once or set_to is not set_version, "the text is another object, although nothing changed")
    same = set_to(sample.text, _old(sample), **_named(sample))
    must_equal(same, sample.text, "the text after setting the version that it has")


def law_set_can_be_undone(sample: Sample, new: Version, set_to: SetsVersion = set_version) -> None:
    """Setting a version and then the old one restores the text.

    Except for the zeros of a build of its own that another one left no room for: its width is then unknown;
    and for a build that stood behind a plus where it has a key of its own: without it, it has no place.
    """
    digits = sample.written.partition("+")[2]
    if "build" in sample.kinds and digits.startswith("0") and len(str(new.build or 0)) >= len(digits):
        return
    new = _settable(sample, sample.text, new)
    once = set_to(sample.text, new, **_named(sample))
    old = Version.parse(_old(sample))
    if _settable(sample, once, old) == old:
        must_equal(set_to(once, old, **_named(sample)), sample.text, "the text set back")


def law_places_agree(sample: Sample, read: ReadsVersion = read_version) -> None:
    """A text is refused if one place of the version or of the build has another value than the others.

    A sample that has only a build has no version to read.
    """
    kinds = ["version" if kind in {"full", "version"} else "build" for kind in sample.place_kinds]
    other = Version.parse(_old(sample)).next_patch()
    for index, kind in enumerate(kinds):
        if kinds.count(kind) > 1:
            try:
                found = read(sample.with_place(index, other), **_named(sample))
            except KrowVersionsError:
                continue
            must(False, f"the places of the {kind} disagree, and {found} is read")


def _named(sample: Sample) -> dict[str, Any]:
    """Return the arguments that name the format of *sample*, and its key if it has one."""
    return {"format": sample.format} | ({} if sample.key is None else {"key": sample.key})


def _settable(sample: Sample, text: str, new: Version) -> Version:
    """Return *new* without its build if *text* has no place for one, such as no CFBundleVersion."""
    try:
        set_version(text, new, **_named(sample))
    except Unsupported:
        return new.with_build(None)
    except KrowVersionsError:  # The format is not registered, or the edit under test is wrong.
        pass
    return new


def _old(sample: Sample) -> str:
    """Return the version that a sample has; of one that has only a build, the numbers do not matter."""
    return f"0.0.0{sample.written}" if sample.alone else sample.written


def assert_only_version_changed(before: str, after: str, old: str, new: str, *, places: int = 1) -> None:
    """Assert that *after* is *before* with *old* replaced by *new* in exactly that number of *places*."""
    must(_replaced(before, after, old, new, places), "something other than the version has changed")


def _replaced(before: str, after: str, old: str, new: str, places: int) -> bool:
    if places == 0 or old == new:
        return before == after
    different = (
        index for index, (left, right) in enumerate(zip(before, after, strict=False)) if left != right
    )
    same = next(different, min(len(before), len(after)))
    for start in range(max(0, same - len(old) - len(new)), same + 1):
        if before.startswith(old, start) and after.startswith(new, start):
            rest = before[start + len(old) :], after[start + len(new) :]
            if _replaced(*rest, old, new, places - 1):
                return True
    return False


def law_next_patch_raises_only_patch(
    version: Version, next_patch: Callable[[Version], Version] = Version.next_patch
) -> None:
    """A hotfix raises PATCH and the build, if any, by one, and is newer; nothing else changes."""
    after = next_patch(version)
    kept = after.major, after.minor, after.prerelease
    must_equal(kept, (version.major, version.minor, None), "major, minor and pre-release")
    must_equal(after.patch, version.patch + 1, "the patch")
    must_equal(after.build, None if version.build is None else version.build + 1, "the build")
    must(after > version, f"{after} must be newer than {version}")


def law_order_is_total(first: Ordered, second: Ordered, third: Ordered) -> None:
    """Any two versions are in exactly one order, and the order is transitive."""
    answers = [first < second, first == second, first > second]
    must_equal(answers.count(True), 1, f"how many of <, == and > hold between {first!r} and {second!r}")
    must_equal(first <= second, not first > second, f"{first!r} <= {second!r}")
    must_equal(second >= first, first <= second, f"{second!r} >= {first!r}")
    low, middle, high = sorted([first, second, third])
    must(low <= middle <= high, f"{low!r}, {middle!r} and {high!r} must be in order once they are sorted")
    must(low <= high, f"{low!r} must not come after {high!r}")


# --- edits ----------------------------------------------------------------------------------


@attrs.frozen
class EditSample:
    """A text made of kept pieces, and of pairs of old and new text between them."""

    kept: tuple[str, ...]
    changes: tuple[tuple[str, str], ...]

    @property
    def before(self) -> str:
        """The text before the edits."""
        return self._joined(0)

    @property
    def after(self) -> str:
        """The text after the edits."""
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
    """Draw texts with disjoint edits: insertions, deletions, replacements, also at both ends."""
    changes = draw(st.lists(st.tuples(st.text(max_size=5), st.text(max_size=5)), max_size=5))
    inner = [draw(st.text(min_size=1, max_size=5)) for _ in changes[1:]]
    ends = [draw(st.text(max_size=5)) for _ in range(2 if changes else 1)]
    return EditSample((ends[0], *inner, *ends[1:]), tuple(changes))


def law_apply_edits_is_exact(
    sample: EditSample, apply: Callable[[str, Sequence[Edit]], str] = apply_edits
) -> None:
    """Edits replace the characters in their spans and keep all others."""
    must_equal(apply(sample.before, sample.edits), sample.after, "the text after the edits")
    must_equal(apply(sample.before, ()), sample.before, "the text after no edits")


def law_apply_edits_commutes(
    sample: EditSample, order: Sequence[Edit], apply: Callable[[str, Sequence[Edit]], str] = apply_edits
) -> None:
    """The *order* of disjoint edits does not matter."""
    must_equal(apply(sample.before, order), sample.after, "the text after the edits in another order")


# --- what a broken law says -----------------------------------------------------------------


def must(condition: bool, message: str) -> None:
    """Raise an AssertionError with *message* unless *condition* holds."""
    if not condition:
        raise AssertionError(message)


def must_equal(actual: object, expected: object, what: str) -> None:
    """Raise an AssertionError that shows both values unless they are equal."""
    must(actual == expected, f"{what}:\n  it is      {actual!r}\n  it must be {expected!r}")
