"""What git tells of commits and their times: plain data."""

from __future__ import annotations

import re
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


def moment(raw: str) -> dt.datetime | None:
    """Read a time as git keeps it: seconds since 1970 and the zone; None for what is none.

    Git keeps times that it cannot write in any other form itself: before 1970, or beyond the calendar.

    >>> str(moment("1772708520 +0200"))
    '2026-03-05 13:02:00+02:00'
    """
    import datetime as dt

    match = _RAW.fullmatch(raw)
    if match is None:
        return None
    offset = dt.timedelta(hours=int(match[3]), minutes=int(match[4]))
    try:
        zone = dt.timezone(offset if match[2] == "+" else -offset)
        return dt.datetime.fromtimestamp(int(match[1]), zone)
    except (ValueError, OverflowError, OSError):
        return None


_RAW = re.compile(r"(-?[0-9]{1,18}) ([+-])([0-9]{2})([0-9]{2})")
