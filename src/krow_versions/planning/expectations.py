"""What a plan was made from, and what must still be so when it is applied: else nothing is done."""

from __future__ import annotations

import attrs


@attrs.frozen
class FileHolds:
    """A file that was looked at and needs no change.

    Attributes:
        repo: the repository's name.
        path: relative to it.
        text: what it holds.
    """

    repo: str
    path: str
    text: str = attrs.field(repr=False)


@attrs.frozen
class HeadAt:
    """Where HEAD is.

    Attributes:
        repo: the repository's name.
        branch: full name of the branch that it is on, or None when it is detached.
        commit: full id, or None on a branch without a commit.
    """

    repo: str
    branch: str | None
    commit: str | None


@attrs.frozen
class RefAt:
    """What a branch or tag names.

    Attributes:
        repo: the repository's name.
        ref: its full name.
        commit: the full id of the commit that it leads to, or None when there must be no such ref.
    """

    repo: str
    ref: str
    commit: str | None


Expectation = FileHolds | HeadAt | RefAt
