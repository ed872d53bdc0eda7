"""Commits and their times as plain data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.regexes import regex
from krow_versions.values import frozen

if TYPE_CHECKING:
    import datetime as dt


@frozen
class Commit:
    """A commit as its author wrote it.

    Attributes:
        id: its full id.
        subject: the first paragraph of the message, on one line.
        body: the rest of the message, undecodable bytes replaced.
        date: the author date, in the author's zone; 1970-01-01 if git cannot read it, as in
            ``git log``.
        parents: their number; a merge has more than one.
    """

    id: str
    subject: str
    body: str
    date: dt.datetime
    parents: int = 1


@frozen
class Change:
    """A path that differs between two commits.

    Attributes:
        path: relative to the top of the repository.
        added: number of lines added, None for a binary file.
        deleted: number of lines deleted, None for a binary file.
    """

    path: str
    added: int | None
    deleted: int | None


@frozen
class Entry:
    """A path in the tree of a commit.

    Attributes:
        mode: as git writes it: ``100644``, ``100755``, ``120000`` a symbolic link, ``160000`` a submodule.
        id: the id of its content.
    """

    mode: str
    id: str


@frozen
class EntryChange:
    """A path whose entry differs between two commits.

    Attributes:
        path: from the top of the repository.
        before: its entry in the first commit, or None if it is not there.
        after: its entry in the second commit, or None.
    """

    path: str
    before: Entry | None
    after: Entry | None


def moment(raw: str) -> dt.datetime | None:
    """Parse git's raw date, seconds since 1970 and the zone; None if *raw* is no date.

    The raw form is the only one in which git can print every date that it stores, also those before 1970.

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


def kind_of_subject(subject: str) -> str:
    """Return the type of a commit in lower case, by conventionalcommits.org; empty if it has none.

    >>> kind_of_subject("fix(login)!: ask first"), kind_of_subject("Merge branch 'main'")
    ('fix', '')
    """
    found = SUBJECT.fullmatch(subject.strip())
    return found["kind"].lower() if found else ""


# A subject as conventionalcommits.org defines it: type, optional scope, optional "!".
SUBJECT = regex(r"(?P<kind>[A-Za-z]+)(?:\([^()]*\))?!?:\s*(?P<text>\S.*)")
_RAW = regex(r"(-?[0-9]{1,18}) ([+-])([0-9]{2})([0-9]{2})")
