"""Generated and hostile files are compared with bounded work."""

from __future__ import annotations

import pytest

from krow_versions.commits import Entry, EntryChange
from krow_versions.containment import Sought, State, Texts, Version
from krow_versions.containment.pieces import Places, anchors, hunks
from krow_versions.git import Graph


class Line(bytes):
    """A line that counts how often it is hashed or compared."""

    used = 0

    def __hash__(self) -> int:
        Line.used += 1
        return super().__hash__()

    def __eq__(self, other: object) -> bool:
        Line.used += 1
        return super().__eq__(other)


def table(size: int, kind: str, *, every: int = 2) -> tuple[Line, ...]:
    """Lines of a generated file, of which each second one is of some kind."""
    return tuple(
        Line(b"  key%d: text %d," % (at, at) if at % every else b"  key%d: %s %d," % (at, kind.encode(), at))
        for at in range(size)
    )


def work(size: int, new: str, now: str, *, alike: bool) -> int:
    """How much is hashed and compared to judge all hunks of a change of a generated file."""
    old, after = table(size, "old"), table(size, new)
    found = hunks(old, after)
    assert len(found) == size // 2
    held = table(size, now) if alike else tuple(Line(b"other %d" % at) for at in range(size))
    Line.used = 0
    places = Places(old, after, held, anchors(old, after))
    for hunk in found:
        places.state(hunk)
    return Line.used


@pytest.mark.parametrize("now", ["old", "new", "third"])
@pytest.mark.parametrize("alike", [True, False])
def test_twice_the_lines_are_twice_the_work(now: str, alike: bool) -> None:
    """Whether hunks have places of their own or share one, no text is gone through once for each of them."""
    assert work(800, "new", now, alike=alike) < 2.5 * work(400, "new", now, alike=alike)


def test_insertions_that_share_a_place_are_twice_the_work_for_twice_the_lines() -> None:
    """Where no line is left to find the place by, the neighbours of each insertion are not searched anew."""

    def used(size: int) -> int:
        old = tuple(Line(b"old %d" % at) for at in range(size))
        new = tuple(Line(line) for at, each in enumerate(old) for line in (each, b"new %d" % at))
        now = tuple(Line(b"%s of now" % line) for line in old)
        found = hunks(old, new)
        Line.used = 0
        places = Places(old, new, now, anchors(old, new))
        assert {places.state(hunk) for hunk in found} == {State.CHANGED}
        return Line.used

    assert used(800) < 2.5 * used(400)


def sought(before: bytes, after: bytes, now: bytes) -> tuple[Sought, Entry]:
    entries = [Entry("100644", name) for name in ("before", "after", "now")]
    texts = Texts({"before": before, "after": after, "now": now})
    return Sought(EntryChange("file", entries[0], entries[1]), texts), entries[2]


@pytest.mark.parametrize("size", [2_500, 60_000])
def test_what_is_too_large_is_compared_as_a_whole(size: int) -> None:
    """Of more hunks than a person makes, or more lines than a person writes, the whole file is one piece."""
    before, after, now = (b"\n".join(table(size, kind, every=2)) + b"\n" for kind in ("old", "new", "third"))
    found, entry = sought(before, after, now)
    assert found.states(entry) == (State.CHANGED,)
    assert found.states(found.change.after) == (State.APPLIED,)
    assert found.states(found.change.before) == (State.UNDONE,)


def test_long_lines_of_numbers_are_compared_by_equality_only() -> None:
    """A table in one line, as a data file has it, is one line: what replaced it was made of it."""
    texts = [b"%d" % at * 20_000 + b"\n" for at in (1, 2, 3)]
    found, entry = sought(*texts)
    versions = [Version(entry, "n"), Version(found.change.after, "a"), Version(found.change.before)]
    assert [each.state for each in found.verdicts(versions)] == [State.APPLIED]


def test_a_change_is_judged_once_by_each_content() -> None:
    """Many lines have the same states of a file: its texts are compared once for all of them."""
    found, entry = sought(*(b"\n".join(table(100, kind)) + b"\n" for kind in ("old", "new", "third")))
    first = found.texts.sought(found.change)
    assert first.states(entry) is found.texts.sought(found.change).states(entry)
    assert first.states(entry) == found.states(entry)


class Commits(dict[str, tuple[str, ...]]):
    """Commits and their parents, which count how often parents are looked up."""

    walked = 0

    def __getitem__(self, commit: str) -> tuple[str, ...]:
        self.walked += 1
        return super().__getitem__(commit)


def test_the_history_of_a_line_is_walked_once_for_all_products() -> None:
    """What a line contains is asked for each product, and found once; of many lines, the last are kept."""
    commits = Commits({str(at): (str(at - 1),) if at else () for at in range(100)})
    graph = Graph(commits)
    every = graph.ancestors(["99"])
    assert len(every) == commits.walked == 100
    assert graph.ancestors(["99"]) == graph.ancestors(iter(["99", "unknown"])) == every
    assert commits.walked == 100
    for tip in range(50):
        assert graph.ancestors([str(tip)]) == {str(at) for at in range(tip + 1)}
    assert graph.ancestors(["99"]) == every
    assert commits.walked == 200 + sum(range(51))
