"""What git tells of commits: plain data."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    import datetime as dt


@attrs.frozen
class Commit:
    """A commit as its author wrote it.

    Attributes:
        id: its full id.
        subject: the first paragraph of the message on one line.
        body: the rest of the message, undecodable bytes replaced.
        date: when it was written, in the author's zone; 1970-01-01 where git cannot read it, as
            ``git log`` shows it.
        parents: how many there are: more than one is a merge.
    """

    id: str
    subject: str
    body: str
    date: dt.datetime
    parents: int = 1


@attrs.frozen
class Change:
    """A path that differs between two commits.

    Attributes:
        path: from the top of the repository.
        added: lines that are new, None for a binary file.
        deleted: lines that are gone, None for a binary file.
    """

    path: str
    added: int | None
    deleted: int | None
