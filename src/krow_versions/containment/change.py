"""A change of one path, looked for in the states that a line was in."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import attrs

from krow_versions.containment.pieces import Piece, Places, State, hunks, is_alike
from krow_versions.text.three_way import three_way

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from krow_versions.commits import Entry, EntryChange


@attrs.frozen
class Texts:
    """The contents that were read, as lines.

    Attributes:
        contents: by id; None for what is too large.
    """

    contents: Mapping[str, bytes | None]
    _lines: dict[str, tuple[bytes, ...] | None] = attrs.field(factory=dict, init=False)

    def lines(self, entry: Entry | None) -> tuple[bytes, ...] | None:
        """Return the lines of a file without white space at their ends; None for what is no text."""
        if entry is None:
            return ()
        if not entry.mode.startswith("100"):  # A link or a submodule.
            return None
        if entry.id not in self._lines:
            data = self.contents.get(entry.id)
            text = data is not None and b"\0" not in data
            lines = data.removesuffix(b"\n").split(b"\n") if data and text else []
            self._lines[entry.id] = tuple(line.rstrip() for line in lines) if text else None
        return self._lines[entry.id]


@attrs.frozen
class Version:
    """A path in a state of a line.

    Attributes:
        entry: its entry there, or None if it is not there.
        made_by: the commit of the line that made it, or None for the oldest known.
    """

    entry: Entry | None
    made_by: str | None = None


def is_settled(change: EntryChange, now: Entry | None) -> bool:
    """Whether the state of a path is known without reading contents: it is as before or as after."""
    return now in (change.before, change.after)


def needed(change: EntryChange, entries: Iterable[Entry | None]) -> set[str]:
    """Return the ids of the contents that :class:`Sought` compares."""
    every = (change.before, change.after, *entries)
    return {entry.id for entry in every if entry is not None and entry.mode.startswith("100")}


@attrs.frozen
class Verdict:
    """The newest state that shows a piece.

    Attributes:
        state: that state; CHANGED if no state shows it.
        undone_by: the commit that undid it, if it was there before.
    """

    state: State
    undone_by: str | None = None


@attrs.frozen
class Sought:
    """A change of one path that is looked for in the states of a line.

    Attributes:
        change: the change.
        texts: the contents that it is compared with.
    """

    change: EntryChange
    texts: Texts
    _pieces: tuple[Piece, ...] = attrs.field(init=False)

    @_pieces.default
    def _found_pieces(self) -> tuple[Piece, ...]:
        before, after = self.change.before, self.change.after
        found = [_MODE] if before and after and before.mode != after.mode else []
        if before and after and before.id == after.id:
            return tuple(found)
        old, new = self.texts.lines(before), self.texts.lines(after)
        if old is None or new is None or after is None:
            return (*found, _WHOLE)
        return (*found, *(hunks(old, new) or [_WHOLE]))

    def states(self, now: Entry | None) -> tuple[State, ...]:
        """Judge every piece by the entry of the path in one state of a line."""
        before, after = self.change.before, self.change.after
        whole = _one_of(*(each.id if each else None for each in (now, before, after)))
        if whole is State.CHANGED and after is None:
            whole = State.UNDONE  # It was deleted, and is there again, or still.
        old, new, lines = (self.texts.lines(each) for each in (before, after, now))
        place = None
        if whole is State.CHANGED and now is not None and None not in (old, new, lines):
            place = Places(old or (), new or (), lines or ())
        found = []
        for piece in self._pieces:
            if piece is _MODE:
                found.append(_one_of(*(each.mode if each else None for each in (now, before, after))))
            else:
                found.append(place.state(piece) if place and piece is not _WHOLE else whole)
        return tuple(found)

    def verdicts(self, versions: Sequence[Version]) -> Iterator[Verdict]:
        """Judge every piece by the newest of some states, newest first, that shows it either way."""
        shown = [self.states(version.entry) for version in versions]
        for piece, found in zip(self._pieces, zip(*shown, strict=True), strict=True):
            at = next((index for index, state in enumerate(found) if state is not State.CHANGED), None)
            if at is None:
                yield Verdict(State.CHANGED)
            elif found[at] is State.APPLIED:
                gone = self._lost(piece, versions[: at + 1])
                yield Verdict(State.APPLIED) if gone is None else Verdict(State.UNDONE, gone.made_by)
            else:
                older = next((index for index in range(at, len(found)) if found[index] is State.APPLIED), 0)
                yield Verdict(State.UNDONE, versions[older - 1].made_by if older else None)

    def _lost(self, piece: Piece, versions: Sequence[Version]) -> Version | None:
        """Follow the lines of a piece from the oldest of some states on, and what became of them.

        Returns:
            The state in which the last of them went without a successor; None if some are left.
        """
        followed = set(piece.added)
        texts = [(version, self.texts.lines(version.entry)) for version in versions if version.entry]
        for (_, older), (version, newer) in itertools.pairwise(reversed(texts)):
            gone = followed.difference(newer or ())
            if not gone or older is None or newer is None:
                continue
            followed -= gone
            for hunk in hunks(older, newer):
                if gone & hunk.removed:
                    followed |= {line for line in hunk.added if any(is_alike(line, each) for each in gone)}
            if not followed:
                return version
        return None


def would_alter(change: EntryChange, now: Entry | None, texts: Texts) -> bool:
    """Whether a merge of a change into one state of a line gives another text, without a conflict.

    Then that state lacks a part of it: where the same lines stand at several places, they can look as if
    they were there.
    """
    if is_settled(change, now) or None in (change.before, change.after):
        return False
    old, new, lines = (texts.lines(each) for each in (change.before, change.after, now))
    if old is None or new is None or lines is None or max(map(len, (old, new, lines))) > _MOST_MERGED:
        return False
    before, after, mine = (b"\n".join(each).decode("latin-1") for each in (old, new, lines))
    return three_way(before, mine, after) not in (None, mine)


_MOST_MERGED = 5000  # Lines; the time grows faster than they.
_MODE, _WHOLE = Piece(-1), Piece(-2)


def _one_of(now: str | None, before: str | None, after: str | None) -> State:
    if now == after:
        return State.APPLIED
    return State.UNDONE if now == before else State.CHANGED
