"""Put one row into the version table of a CHANGELOG, as an edit of one line."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import attrs

from krow_versions.changelog.cells import cell_text, empty_text
from krow_versions.changelog.document import MarkdownDocument, parse
from krow_versions.changelog.find import VersionTable, choose
from krow_versions.changelog.style import render_row
from krow_versions.edits import Edit, Span, apply_edits
from krow_versions.errors import InputError, InternalError
from krow_versions.version import Version

# A heading's closing sequence, which would vanish.
_CLOSING = re.compile(r"(?:^| )#+$")
_SAMPLE = 50  # Rows nearest to the new one whose style counts.


def _day(value: Any) -> Any:
    return value.date() if isinstance(value, dt.datetime) else value


@attrs.frozen
class ChangelogRow:
    """One row of a version table, as data.

    Args:
        date: the day of the release (of a time with its zone, the day there); None only in a row
            that was read and has no readable date.
        version: the version; it is written without its build.
        text: what changed, as Markdown; it is written as :func:`cell_text` of it.

    >>> ChangelogRow(dt.date(2026, 3, 5), Version(0, 1, 1), "HOTFIX: Crash on login").text
    'HOTFIX: Crash on login'
    """

    date: dt.date | None = attrs.field(
        converter=_day, validator=attrs.validators.optional(attrs.validators.instance_of(dt.date))
    )
    version: Version = attrs.field(validator=attrs.validators.instance_of(Version))
    text: str = attrs.field(validator=attrs.validators.instance_of(str))


def insert_row(text: str, row: ChangelogRow, *, heading: str | None = None) -> str:
    r"""Put *row* into the version table of *text*, or give *text* itself back when it is there.

    Args and errors are those of :func:`plan_row`.

    >>> row = ChangelogRow(dt.date(2026, 3, 5), Version(0, 1, 1), "HOTFIX: Crash on login")
    >>> print(insert_row(new_changelog("Web"), row))
    # Web
    <BLANKLINE>
    | Date | Version | Change |
    | --- | --- | --- |
    | 2026-03-05 | 0.1.1 | HOTFIX: Crash on login |
    <BLANKLINE>
    """
    edit = row_edit(text, row, heading=heading)
    return text if edit is None else apply_edits(text, [edit])


def row_edit(text: str, row: ChangelogRow, *, heading: str | None = None) -> Edit | None:
    """Plan the edit that puts *row* into the version table; None when that version has a row.

    The new line goes directly under the delimiter row; where the table runs oldest first, after its
    last row (a line without any pipe that is glued to the table is no row in this sense). It is
    written as its neighbours are: line end, indentation, outer pipes, padding, date. The text that
    the edit leads to has been parsed again, and holds one row more and nothing else.

    Args:
        text: the content of the CHANGELOG.
        row: what to write.
        heading: take the table under this heading only.

    Raises:
        InputError: as :func:`krow_versions.changelog.find_table` says.
        InputError: the row has no date, or its text says nothing.
        InternalError: the result did not read back; a bug.
    """
    document = parse(text)
    found = choose(document, heading)
    if found.has(row.version):
        return None
    if row.date is None:
        raise InputError("a new row needs a date", hint="give it one with --date")
    change = cell_text(row.text)
    if not change:
        raise empty_text()
    cells = [""] * len(found.table.header)
    if found.columns.date is not None:
        cells[found.columns.date] = found.dates.write(row.date)
    cells[found.columns.version] = str(row.version.with_build(None))
    cells[found.columns.change] = change
    position = 0 if found.newest_first else _row_count(found)
    edit = _line_edit(text, found, position, cells)
    after = apply_edits(text, [edit])
    again = parse(after)
    if not again.is_with_row(document, found.table, position, tuple(cells)):
        raise InternalError("the new row changed more than one row of the table", before=text, after=after)
    if not _reads_back(again, heading, position, row, dated=found.columns.date is not None):
        raise InternalError("the new row does not read back", before=text, after=after)
    return edit


def new_changelog(title: str) -> str:
    r"""Give the content of a new CHANGELOG: a heading and a version table without rows.

    >>> new_changelog("Worker Mobile")
    '# Worker Mobile\n\n| Date | Version | Change |\n| --- | --- | --- |\n'
    """
    heading = cell_text(title) or "Changelog"
    if _CLOSING.search(heading):
        heading = f"{heading[:-1]}\\#"
    return f"# {heading}\n\n| Date | Version | Change |\n| --- | --- | --- |\n"


# --- where ----------------------------------------------------------------------------------


def _row_count(found: VersionTable) -> int:
    """Count the rows down to the last one that is written as a row."""
    return max(
        (number for number, line in enumerate(found.lines[2:], start=1) if "|" in line.text), default=0
    )


def _line_edit(text: str, found: VersionTable, position: int, cells: list[str]) -> Edit:
    """Make the edit that puts *cells* above row *position*."""
    rows = found.lines[2 : 2 + _row_count(found)]
    # The rows that show the style, the nearest one first.
    near = rows[:_SAMPLE] if position == 0 else rows[: -_SAMPLE - 1 : -1]
    line = render_row(found.table, near, cells)
    above = found.lines[1 + position]
    if not above.ending:  # The text ends here, and goes on ending without a line end.
        return Edit(Span(len(text), len(text)), found.lines[position].ending + line)
    ending = (near[0].ending if near else "") or above.ending
    return Edit(Span(above.end, above.end), line + ending)


def _reads_back(
    document: MarkdownDocument, heading: str | None, position: int, row: ChangelogRow, *, dated: bool
) -> bool:
    read = choose(document, heading).row(position)
    return read.version == row.version.with_build(None) and (read.date == row.date or not dated)
