"""A change of one path, looked for in the states that a line was in."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from krow_versions.containment.pieces import Piece, Places, anchors, hunks
from krow_versions.containment.standing import State, Verdict
from krow_versions.text.three_way import three_way
from krow_versions.values import field, frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from krow_versions.commits import Entry, EntryChange


@frozen
class Texts:
    """The contents that were read, as lines.

    Attributes:
        contents: by id; None for what is too large. What has very many lines is no text, either.
    """

    contents: Mapping[str, bytes | None]
    _lines: dict[str, tuple[bytes, ...] | None] = field(factory=dict, init=False)
    _removed: dict[tuple[str, str], dict[bytes, frozenset[bytes]]] = field(factory=dict, init=False)
    _sought: dict[EntryChange, Sought] = field(factory=dict, init=False)

    def sought(self, change: EntryChange) -> Sought:
        """Return the search for a change, which keeps what it found: many lines have the same states."""
        if change not in self._sought:
            self._sought[change] = Sought(change, self)
        return self._sought[change]

    def lines(self, entry: Entry | None) -> tuple[bytes, ...] | None:
        """Return the lines of a file without white space at their ends; None for what is no text."""
        if entry is None:
            return ()
        if not entry.mode.startswith("100"):  # A link or a submodule.
            return None
        if entry.id not in self._lines:
            data = self.contents.get(entry.id)
            text = data is not None and b"\0" not in data and data.count(b"\n") <= _MOST_LINES
            lines = data.removesuffix(b"\n").split(b"\n") if data and text else []
            self._lines[entry.id] = tuple(line.rstrip() for line in lines) if text else None
        return self._lines[entry.id]

    def removed(self, older: Entry, newer: Entry) -> dict[bytes, frozenset[bytes]]:
        """Return the lines that only the older of two texts has, each with what came in its place."""
        key = older.id, newer.id
        if key not in self._removed:
            old, new = self.lines(older), self.lines(newer)
            left = frozenset(new or ())
            self._removed[key] = {
                line: hunk.added
                for hunk in (hunks(old, new) if old and new else ())
                for line in hunk.removed
                if line not in left
            }
        return self._removed[key]


@frozen
class Version:
    """A path in a state of a line.

    Attributes:
        entry: its entry there, or None if it is not there.
        made_by: the commit of the line that made it, or None for the oldest known.
        is_origin: whether it is that of before the line got the release by a merge: it shows nothing of the
            change, but where it is back later, the merge is undone.
    """

    entry: Entry | None
    made_by: str | None = None
    is_origin: bool = False


def needed(change: EntryChange, entries: Iterable[Entry | None]) -> set[str]:
    """Return the ids of the contents that :class:`Sought` compares."""
    every = (change.before, change.after, *entries)
    return {entry.id for entry in every if entry is not None and entry.mode.startswith("100")}


@frozen
class Sought:
    """A change of one path that is looked for in the states of a line.

    Attributes:
        change: the change.
        texts: the contents that it is compared with.
    """

    change: EntryChange
    texts: Texts
    _shown: dict[Entry | None, tuple[State, ...]] = field(factory=dict, init=False)
    _pieces: tuple[Piece, ...] = field(init=False)

    @_pieces.default
    def _found_pieces(self) -> tuple[Piece, ...]:
        before, after = self.change.before, self.change.after
        found = [_MODE] if before and after and before.mode != after.mode else []
        if before and after and before.id == after.id:
            return tuple(found)
        old, new = self.texts.lines(before), self.texts.lines(after)
        if old is None or new is None or after is None:
            return (*found, _WHOLE)
        runs = hunks(old, new)
        return (*found, *(runs if 0 < len(runs) <= _MOST_HUNKS else [_WHOLE]))

    @functools.cached_property
    def _anchors(self) -> list[tuple[int, int]]:
        old, new = (self.texts.lines(each) for each in (self.change.before, self.change.after))
        return anchors(old or (), new or ())

    def states(self, now: Entry | None) -> tuple[State, ...]:
        """Judge every piece by the entry of the path in one state of a line."""
        if now not in self._shown:
            self._shown[now] = self._states(now)
        return self._shown[now]

    def _states(self, now: Entry | None) -> tuple[State, ...]:
        before, after = self.change.before, self.change.after
        whole = _one_of(*(each.id if each else None for each in (now, before, after)))
        if whole is State.CHANGED and after is None:
            whole = State.UNDONE  # It was deleted, and is there again, or still.
        old, new, lines = (self.texts.lines(each) for each in (before, after, now))
        place = None
        if whole is State.CHANGED and now is not None and None not in (old, new, lines):
            place = Places(old or (), new or (), lines or (), self._anchors)
        found = []
        for piece in self._pieces:
            if piece is _MODE:
                found.append(_one_of(*(each.mode if each else None for each in (now, before, after))))
            else:
                found.append(place.state(piece) if place and piece is not _WHOLE else whole)
        return tuple(found)

    def verdicts(self, versions: Sequence[Version]) -> Iterator[Verdict]:
        """Judge every piece by the newest of some states, newest first, that shows it either way."""
        origins = [version.entry for version in versions if version.is_origin]
        versions = [version for version in versions if not version.is_origin]
        shown = [self.states(version.entry) for version in versions]
        for piece, found in zip(self._pieces, zip(*shown, strict=True), strict=True):
            at = next((index for index, state in enumerate(found) if state is not State.CHANGED), None)
            if at is None:
                yield Verdict(State.CHANGED)
            elif found[at] is State.APPLIED:
                older = next(
                    (index for index in range(at, len(found)) if found[index] is not found[at]), None
                )
                before = [*origins, *([] if older is None else [versions[older].entry])]
                gone = self._gone(piece, versions[: at + 1], before)
                yield Verdict(State.UNDONE, gone.made_by) if gone else Verdict(State.APPLIED)
            else:
                older = next((index for index in range(at, len(found)) if found[index] is State.APPLIED), 0)
                first = max((index for index in range(at, older) if found[index] is State.UNDONE), default=at)
                yield Verdict(State.UNDONE, versions[first].made_by if older else None)

    def _gone(
        self, piece: Piece, versions: Sequence[Version], before: Sequence[Entry | None]
    ) -> Version | None:
        """Return the first state without a piece, which the last of *versions* has; None if there is none.

        It has the content of before the piece came to the line, or its step removed the piece.
        """
        *later, applied = versions
        back = next((each for each in reversed(later) if each.entry in before), None)
        is_removed = later and self._is_removed(piece, applied.entry, later[-1].entry)
        return back or (later[-1] if is_removed else None)

    def _is_removed(self, piece: Piece, older: Entry | None, newer: Entry | None) -> bool:
        """Whether a step of the line removed all lines of a piece and put nothing there.

        The lines around them may be others than before the change, so the old content need not be back.
        """
        if not piece.added or older is None or newer is None:
            return False
        step = self.texts.removed(older, newer)
        return all(line in step and step[line] <= piece.removed for line in piece.added)


def would_alter(change: EntryChange, now: Entry | None, texts: Texts) -> bool:
    """Whether a merge of a change into one state of a line gives another text, without a conflict.

    Then that state lacks a part of it: where the same lines stand at several places, they can look as if
    they were there.
    """
    sides = (change.before, change.after)
    if now in sides or None in sides:
        return False
    old, new, lines = (texts.lines(each) for each in (*sides, now))
    if old is None or new is None or lines is None or max(map(len, (old, new, lines))) > _MOST_MERGED:
        return False
    before, after, mine = (b"\n".join(each).decode("latin-1") for each in (old, new, lines))
    return three_way(before, mine, after) not in (None, mine)


_MOST_MERGED = 5000  # Lines; the time grows faster than they.
_MODE, _WHOLE = Piece(-1), Piece(-2)
_MOST_LINES = (
    50_000  # A file of more is compared as a whole; so is a change of more hunks: both are generated.
)
_MOST_HUNKS = 1_000


def _one_of(now: str | None, before: str | None, after: str | None) -> State:
    if now == after:
        return State.APPLIED
    return State.UNDONE if now == before else State.CHANGED
