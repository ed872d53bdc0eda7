"""How a release and a line of commits stand to each other."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

from krow_versions.values import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable


class State(enum.Enum):
    """What a state of a line shows of a piece of a change."""

    APPLIED = "it is there"
    UNDONE = "what it replaced is there"
    CHANGED = "neither: something else was made of it"


@frozen
class Verdict:
    """The newest state that shows a piece.

    Attributes:
        state: that state; CHANGED if no state shows it.
        undone_by: the commit that undid it, if it was there before.
    """

    state: State
    undone_by: str | None = None


class Standing(enum.Enum):
    """How a release and a line stand to each other."""

    ANCESTOR = "the line contains its commit"
    EQUAL = "the line has its change under other commits"
    REVERTED = "the line had its change, and has undone it"
    ABSENT = "the line does not have its change, as far as contents show"


@frozen
class Answer:
    """Whether a line contains a release.

    Attributes:
        standing: how they stand to each other.
        undone_by: the commit of the line that undid it, if it is known.
        by_merge: whether that is a merge.
    """

    standing: Standing
    undone_by: str | None = None
    by_merge: bool = False

    @property
    def contained(self) -> bool:
        """Whether the line contains it."""
        return self.standing in {Standing.ANCESTOR, Standing.EQUAL}


def judge(verdicts: Iterable[Verdict]) -> Answer:
    """Decide whether a line has a change that it got, if at all, under other commits: every piece of it.

    Without a piece, the answer is no: of nothing it cannot be said where it is.
    """
    found = list(verdicts)
    if found and all(each.state is State.APPLIED for each in found):
        return Answer(Standing.EQUAL)
    undone_by = next((each.undone_by for each in found if each.undone_by), None)
    return Answer(Standing.REVERTED if undone_by else Standing.ABSENT, undone_by)


def is_undone(verdicts: Iterable[Verdict]) -> bool:
    """Decide whether a line that got a change with its commit has undone it: nothing of it is left."""
    shown = {each.state for each in verdicts} - {State.CHANGED}
    return shown == {State.UNDONE}
