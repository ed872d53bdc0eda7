"""Insert a row into the version table of a CHANGELOG, as an edit of one line."""

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

# A heading's closing sequence, which would not be part of its text.
_CLOSING = re.compile(r"(?:^| )#+$")
_SAMPLE = 50  # Number of rows nearest to the new one that determine its style.


def _day(value: Any) -> Any:
    return value.date() if isinstance(value, dt.datetime) else value


@attrs.frozen
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


def insert_row(text: str, row: ChangelogRow, *, heading: str | None = None) -> str:
    r"""Insert *row* into the version table of *text*; return *text* itself if its version has a row.

    Arguments and errors are those of :func:`row_edit`.

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
    """Return the edit that inserts *row* into the version table; None if its version has a row.

    The new line is the first row, or the last one if the oldest row is first (a line without a pipe just
    below the table does not count as a row). It has the style of its neighbours: line end, indentation,
    outer pipes, padding, date. The result of the edit was parsed again and has exactly one more row.

    Args:
        text: the content of the CHANGELOG.
        row: the row to write.
        heading: search only under this heading.

    Raises:
        InputError: as :func:`krow_versions.changelog.find_table`; or the row has no date or text.
        InternalError: the result does not read back; a bug.
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


def copy_row(text: str, table: VersionTable, position: int, *, heading: str | None = None) -> str:
    """Insert a row of the version table of another text, as it is written there if the columns are the same.

    Args:
        text: the content of the CHANGELOG; it is returned itself if the row's version has a row.
        table: the table of the other text.
        position: the index of the row there; it must have a version.
        heading: search only under this heading.

    Raises:
        InputError, InternalError: as :func:`row_edit`.
    """
    row = table.row(position)
    if row.version is None:
        raise InputError("the row has no version", hint="insert it by hand")
    some_day = dt.date(2000, 1, 1)  # Never written: without a date, the line of the other text is.
    edit = row_edit(text, ChangelogRow(row.date or some_day, row.version, row.text), heading=heading)
    if edit is None:
        return text
    document = parse(text)
    found = choose(document, heading)
    rendered = edit.text.strip("\r\n")
    written = edit.text.replace(rendered, table.lines[2 + position].text)
    after = apply_edits(text, [Edit(edit.span, written)])
    at = 0 if found.newest_first else _row_count(found)
    if found.table.header == table.table.header and parse(after).is_with_row(
        document, found.table, at, row.cells
    ):
        return after
    if row.date is None and found.columns.date is not None:
        raise InputError(f"the row of {row.version} has no date that can be read", hint="insert it by hand")
    return apply_edits(text, [edit])


def new_changelog(title: str) -> str:
    r"""Return a new CHANGELOG: a heading and a version table without rows.

    >>> new_changelog("Worker Mobile")
    '# Worker Mobile\n\n| Date | Version | Change |\n| --- | --- | --- |\n'
    """
    heading = cell_text(title) or "Changelog"
    if _CLOSING.search(heading):
        heading = f"{heading[:-1]}\\#"
    return f"# {heading}\n\n| Date | Version | Change |\n| --- | --- | --- |\n"


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
