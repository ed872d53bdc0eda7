"""Errors: few classes, with their facts, alone or in a group that ``except*`` takes apart."""

from __future__ import annotations

import datetime as dt
import pickle
from typing import TYPE_CHECKING

import pytest

import krow_versions as kv
from krow_versions import errors
from krow_versions.errors import KrowVersionsError, Problems, members, raise_all

if TYPE_CHECKING:
    from collections.abc import Iterator

FAMILIES = (errors.InputError, errors.Unsupported, errors.OperationFailed, errors.InternalError)
EXAMPLES: tuple[KrowVersionsError, ...] = (
    errors.UsageError("no such product", key="products", hint="name another"),
    errors.InvalidVersion("no version").located("version: x\n", 9).in_file("pubspec.yaml", "version"),
    errors.Conflict(
        "neither", baseline=kv.Version(0, 1, 0), target=kv.Version(0, 1, 1), found=kv.Version(0, 3, 0)
    ),
    errors.PushRejected("refused", reasons={"refs/heads/main": "protected"}, hint="open a pull request"),
    errors.Busy("locked", lock=".git/index.lock", since=dt.datetime(2026, 3, 5, tzinfo=dt.UTC)),
    errors.InternalError("two places changed", before="a", after="b"),
)


def classes(of: type[KrowVersionsError] = KrowVersionsError) -> Iterator[type[KrowVersionsError]]:
    """Every class of errors, the base first."""
    yield of
    for each in of.__subclasses__():
        yield from classes(each)


def facts(error: KrowVersionsError) -> tuple[object, ...]:
    """All that an error holds, those of a group included."""
    inner = tuple(map(facts, members(error))) if isinstance(error, Problems) else ()
    return type(error), str(error), error.__dict__, inner


def test_errors_are_few_and_in_families() -> None:
    """Every error is of one family, or a group; a class that nobody needs to catch is not made."""
    found = {each for each in classes() if each.__module__.startswith("krow_versions")}
    assert len(found) <= 26
    for each in found - {KrowVersionsError, Problems}:
        assert sum(issubclass(each, family) for family in FAMILIES) == 1, each


@pytest.mark.parametrize("error", [*EXAMPLES, Problems(EXAMPLES)], ids=lambda error: type(error).__name__)
def test_errors_can_be_pickled(error: KrowVersionsError) -> None:
    """A process pool gives back what was raised in it, with every fact and note."""
    error.add_note("while planning")
    assert facts(pickle.loads(pickle.dumps(error))) == facts(error)


def test_a_group_is_taken_apart_by_its_kinds() -> None:
    """``except*`` takes the conflicts, and leaves the others to the next."""
    conflict, usage, other = errors.RefConflict("tag"), errors.UsageError("option"), errors.Conflict("file")
    taken: list[tuple[Exception, ...]] = []
    try:
        raise_all([conflict, usage, other])
    except* kv.Conflict as found:
        taken.append(found.exceptions)
    except* kv.UsageError as found:
        taken.append(found.exceptions)
    assert taken == [(conflict, other), (usage,)]


def test_one_error_is_taken_in_the_same_way() -> None:
    """One error comes alone, and ``except*`` takes it, too."""
    taken = []
    try:
        raise_all([errors.Conflict("file")])
    except* kv.Conflict as found:
        taken.append(found.exceptions)
    assert [len(each) for each in taken] == [1]


def test_a_group_is_caught_whole_by_the_base_class() -> None:
    """Who catches ``KrowVersionsError`` catches several as well, and a group in a group is flat."""
    inner = Problems([errors.UsageError("a"), errors.UsageError("b")])
    with pytest.raises(KrowVersionsError) as caught:
        raise_all([inner, errors.Conflict("c")])
    assert [str(each) for each in members(caught.value)] == ["a", "b", "c"]
    assert str(caught.value) == "a\nb\nc"


def test_a_conflict_says_its_versions() -> None:
    """A file that is neither at the baseline nor at the target says so by attributes."""
    held = kv.Version.parse("0.3.0+9")
    outcome = kv.bump(kv.Version.parse("0.1.0+5"), [held])
    conflict = outcome.files[0]
    assert isinstance(conflict, kv.Conflict)
    assert (str(conflict.baseline), str(conflict.target), conflict.found) == ("0.1.0+5", "0.1.1", held)


def test_advice_is_replaced_or_continued() -> None:
    """A later hint replaces the first, or follows it."""
    error = errors.UsageError("x", hint="first")
    assert error.advise("second", keep=True).hint == "first; second"
    assert error.advise("third").hint == "third"
    assert errors.UsageError("x").advise("only", keep=True).hint == "only"


def test_a_group_passes_advice_and_path_to_its_members() -> None:
    """The advice for a group, and the file that it is about, are shown with each of its errors."""
    group = Problems([errors.InputError("one", hint="mend it"), errors.InputError("two", path="b")])
    assert group.advise("then again", keep=True).in_file("a") is group
    assert str(group) == "a: one\n  hint: mend it; then again\nb: two\n  hint: then again"


def test_a_group_has_no_place_and_is_never_empty() -> None:
    """What makes no sense for a group is refused as the programming error that it is."""
    group = Problems([errors.InputError("one"), errors.InputError("two")])
    with pytest.raises(TypeError, match="not at one place"):
        group.located("text", 0)
    with pytest.raises(ValueError, match="at least one error"):
        Problems([])


def test_the_caret_is_below_its_column_in_a_line_with_tabs() -> None:
    """A tab, as every Xcode project is indented with, is shown as a blank."""
    error = errors.InvalidVersion("no version").located("\t\tA = 1.4;\x1b\n", 6).in_file("a", "A")
    assert str(error).splitlines()[1:3] == ["      A = 1.4;\\x1b", "          ^"]
