"""Rows as data: one to write, and one that was read."""

from __future__ import annotations

import datetime as dt
from typing import Any

import attrs

from krow_versions.values import frozen
from krow_versions.version import Version


def _day(value: Any) -> Any:
    return value.date() if isinstance(value, dt.datetime) else value


@frozen
class ChangelogRow:
    """A row of a version table, as data.

    Args:
        date: the day of the release (a datetime is converted to its day); None only in a row that was
            read and has no readable date.
        version: the version; it is written without its build.
        text: the change, as Markdown; it is written as by :func:`cell_text`.

    >>> ChangelogRow(dt.date(2026, 3, 5), Version(0, 1, 1), "HOTFIX: Crash on login").text
    'HOTFIX: Crash on login'
    """

    date: dt.date | None = attrs.field(
        converter=_day, validator=attrs.validators.optional(attrs.validators.instance_of(dt.date))
    )
    version: Version = attrs.field(validator=attrs.validators.instance_of(Version))
    text: str = attrs.field(validator=attrs.validators.instance_of(str))


@frozen
class ReadRow:
    """A row of the version table, or the section of a release.

    Args:
        line: its line number, from 1; of a section, the line of its heading.
        version: the version, or None if there is none that is valid (``8.0.0 RC 1``).
        date: the date, or None if there is none, or if it is unreadable or ambiguous.
        text: the cell of the change, with Markdown as written; of a section, the lines below its heading.
        cells: all cells with pipes unescaped, as many as in the header; of a section, its heading.
        summary: the text in one line: of a section, its items without the headings of groups.
    """

    line: int
    version: Version | None
    date: dt.date | None
    text: str
    cells: tuple[str, ...]
    summary: str = attrs.field(default=attrs.Factory(lambda row: row.text, takes_self=True), repr=False)
