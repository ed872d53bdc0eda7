"""Rows as data: one to write, and one that was read."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from krow_versions.values import Factory, field, frozen
from krow_versions.version import Version

if TYPE_CHECKING:
    from collections.abc import Callable

    import attrs


def _day(value: dt.date | None) -> dt.date | None:
    return value.date() if isinstance(value, dt.datetime) else value


def _is_a(*kinds: type) -> Callable[[object, attrs.Attribute[Any], Any], None]:
    def check(_: object, attribute: attrs.Attribute[Any], value: Any) -> None:
        if not isinstance(value, kinds):
            raise TypeError(f"{attribute.name} is a {kinds[0].__name__}, not a {type(value).__name__}")

    return check


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

    date: dt.date | None = field(converter=_day, validator=_is_a(dt.date, type(None)))
    version: Version = field(validator=_is_a(Version))
    text: str = field(validator=_is_a(str))


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
    summary: str = field(default=Factory(lambda row: row.text, takes_self=True), repr=False)
