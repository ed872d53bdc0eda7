"""Insert a row into a version table, as an edit of one line, and prove the result."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from krow_versions.changelog.cells import cell_text
from krow_versions.changelog.document import MarkdownDocument, parse
from krow_versions.changelog.find import VersionTable, choose
from krow_versions.changelog.rows import ChangelogRow
from krow_versions.changelog.style import render_row
from krow_versions.edits import Edit, Span, apply_edits
from krow_versions.errors import InputError, InternalError

if TYPE_CHECKING:
    from krow_versions.changelog.sections import VersionSections
    from krow_versions.version import Version

_SAMPLE = 50  # Number of rows nearest to the new one that determine its style.


def table_edit(
    text: str, document: MarkdownDocument, found: VersionTable, row: ChangelogRow, heading: str | None
) -> Edit:
    """Return the edit that inserts *row*, which has a date and a text, into the table of *text*.

    Raises:
        InternalError: the result does not read back; a bug.
    """
    cells = [""] * len(found.table.header)
    if found.columns.date is not None and row.date is not None:
        cells[found.columns.date] = found.dates.write(row.date)
    cells[found.columns.version] = str(row.version.with_build(None))
    cells[found.columns.change] = cell_text(row.text)
    position = 0 if found.newest_first else _row_count(found)
    edit = _line_edit(text, found, position, cells)
    after = apply_edits(text, [edit])
    again = parse(after)
    if not again.is_with_row(document, found.table, position, tuple(cells)):
        raise InternalError("the new row changed more than one row of the table", before=text, after=after)
    if not _reads_back(again, heading, position, row, dated=found.columns.date is not None):
        raise InternalError("the new row does not read back", before=text, after=after)
    return edit


def copy_table_row(
    text: str,
    document: MarkdownDocument,
    found: VersionTable,
    *,
    releases: VersionTable | VersionSections,
    position: int,
    version: Version,
    heading: str | None,
) -> str:
    """Insert the row *position* of *releases*, which is that of *version*, into the table of *text*.

    It is written as it is there, if the columns of both tables are the same.

    Raises:
        InputError: the row has no date for the table's column.
        InternalError: as :func:`table_edit`.
    """
    row = releases.row(position)
    some_day = dt.date(2000, 1, 1)  # Never written: without a date, the line of the other text is.
    new = ChangelogRow(row.date or some_day, version, row.summary)
    edit = table_edit(text, document, found, new, heading)
    if isinstance(releases, VersionTable) and found.table.header == releases.table.header:
        rendered = edit.text.strip("\r\n")
        written = edit.text.replace(rendered, releases.lines[2 + position].text)
        after = apply_edits(text, [Edit(edit.span, written)])
        at = 0 if found.newest_first else _row_count(found)
        if parse(after).is_with_row(document, found.table, at, row.cells):
            return after
    if row.date is None and found.columns.date is not None:
        raise InputError(f"the row of {version} has no date that can be read", hint="insert it by hand")
    return apply_edits(text, [edit])


# --- where ----------------------------------------------------------------------------------


def _row_count(found: VersionTable) -> int:
    """Return the number of rows, without lines without a pipe at the end."""
    return max(
        (number for number, line in enumerate(found.lines[2:], start=1) if "|" in line.text), default=0
    )


def _line_edit(text: str, found: VersionTable, position: int, cells: list[str]) -> Edit:
    """Return the edit that inserts *cells* above row *position*."""
    rows = found.lines[2 : 2 + _row_count(found)]
    # The rows that determine the style, the nearest one first.
    near = rows[:_SAMPLE] if position == 0 else rows[: -_SAMPLE - 1 : -1]
    line = render_row(found.table, near, cells)
    above = found.lines[1 + position]
    if not above.ending:  # The text ends here without a line end, and must still do so.
        return Edit(Span(len(text), len(text)), found.lines[position].ending + line)
    ending = (near[0].ending if near else "") or above.ending
    return Edit(Span(above.end, above.end), line + ending)


def _reads_back(
    document: MarkdownDocument, heading: str | None, position: int, row: ChangelogRow, *, dated: bool
) -> bool:
    read = choose(document, heading).row(position)
    return read.version == row.version.with_build(None) and (read.date == row.date or not dated)
