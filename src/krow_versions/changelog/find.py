"""Find the version table of a CHANGELOG by its header, and read its rows."""

from __future__ import annotations

import itertools
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, NoReturn

from krow_versions.changelog.cells import cell_text, order_of, plain, versions_of
from krow_versions.changelog.dates import DateColumn, read_dates
from krow_versions.changelog.document import Heading, Line, MarkdownDocument, MarkdownTable, parse
from krow_versions.changelog.headers import COLUMNS, header_keys
from krow_versions.changelog.rows import ReadRow
from krow_versions.errors import InputError
from krow_versions.regexes import regex
from krow_versions.text.escaping import quoted
from krow_versions.text.words import listed
from krow_versions.values import frozen

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Sequence

    from krow_versions.version import Version

_CHOOSE = 'name the heading above the right one in the configuration, changelog = "CHANGELOG.md#Heading"'
_ELSEWHERE = 'or name another file or heading in the configuration, changelog = "CHANGELOG.md#Heading"'
_INIT = f"give the table columns called Date, Version and Change, {_ELSEWHERE}"
_MAKE = (
    'begin a table with the lines "| Date | Version | Change |" and "| --- | --- | --- |", or a section '
    f'with a heading such as "## 1.2.3", {_ELSEWHERE}'
)
_LISTED = 6  # Maximum number of tables or headings in an error.

_MARKS = regex(r"[*`~]+")
_NO_ANCHOR = regex(r"[^\w\s-]")


@frozen
class Columns:
    """The indexes of the columns; date is None in a table without dates."""

    date: int | None
    version: int
    change: int


@frozen
class VersionTable:
    """The table with the versions of a product.

    Args:
        table: its cells and lines.
        columns: the indexes of its columns.
    """

    noun: ClassVar[str] = "row"  # What a release is called here.

    table: MarkdownTable
    columns: Columns

    @property
    def lines(self) -> tuple[Line, ...]:
        """The line of the header, of the delimiter row, and of each row."""
        return self.table.lines

    @property
    def delimiter(self) -> Line:
        """The line of the delimiter row."""
        return self.table.lines[1]

    @cached_property
    def dates(self) -> DateColumn:
        """The dates, and the style in which to write another."""
        column = self.columns.date
        if column is None:
            return read_dates("" for _ in self.table.rows)
        return read_dates(cells[column] for cells in self.table.rows)

    @cached_property
    def newest_first(self) -> bool:
        """Whether the newest row is at the top, which is also the default."""
        orders = (order_of(cells[self.columns.version]) for cells in self.table.rows)
        return newest_first([order for order in orders if order], [date for date in self.dates.dates if date])

    @property
    def rows(self) -> tuple[ReadRow, ...]:
        """The rows, from the top."""
        return tuple(self.row(position) for position in range(len(self.table.rows)))

    def row(self, position: int) -> ReadRow:
        """Read the row with the index *position*."""
        cells = self.table.rows[position]
        version = next(iter(self._versions(cells)), None)
        line = self.lines[2 + position].number
        return ReadRow(line, version, self.dates.dates[position], cells[self.columns.change], cells)

    def has(self, version: Version) -> bool:
        """Whether there is a row for *version*, ignoring its build."""
        return version.with_build(None) in self._listed

    @cached_property
    def _listed(self) -> frozenset[Version]:
        """All versions without their builds: an audit asks for each of thousands of releases."""
        versions = (found for cells in self.table.rows for found in self._versions(cells))
        return frozenset(found.with_build(None) for found in versions)

    def _versions(self, cells: tuple[str, ...]) -> tuple[Version, ...]:
        return versions_of(cells[self.columns.version])


def find_table(text: str, *, heading: str | None = None) -> VersionTable:
    r"""Find the version table by its header.

    It has columns for the version, the change and the date. A table without a date column is used only
    if no table has all three, and if it has no other columns. Tables in lists, quotes, fences, HTML
    blocks and indented code are ignored.

    Args:
        text: the content of the CHANGELOG.
        heading: search only under this heading (its text or anchor, ignoring case).

    Raises:
        InputError: there is no version table, or no such heading, or there are several tables.
        FileFormatError: the text is nested too deeply to be parsed.

    >>> find_table("| Date | Version | Change |\n|---|---|---|\n").columns
    Columns(date=0, version=1, change=2)
    """
    return choose(parse(text), heading)


def choose(document: MarkdownDocument, heading: str | None) -> VersionTable:
    """Find the version table of a parsed text, as :func:`find_table`."""
    found = choose_if_any(document, heading)
    if found is None:
        _refuse_none(_tables(document, heading), _where(heading))
    return found


def choose_if_any(document: MarkdownDocument, heading: str | None) -> VersionTable | None:
    """Find the version table of a parsed text, as :func:`find_table`; None if there is none."""
    candidates = _candidates(_tables(document, heading))
    if len(candidates) > 1:
        _refuse_several(document, [table for table, _ in candidates], _where(heading))
    return VersionTable(*candidates[0]) if candidates else None


def sections_called(document: MarkdownDocument, name: str, *, deep: bool) -> list[range]:
    """Return the lines of the sections whose heading has this text or anchor.

    Args:
        document: the text.
        name: the text or the anchor.
        deep: whether subsections are part of them.

    Raises:
        InputError: there is none.
    """
    chosen = [found for found in document.headings if _is_called(found, name)]
    if not chosen:
        names = listed([quoted(found.text) for found in document.headings], _LISTED)
        raise InputError(
            f"there is no heading {quoted(name)}",
            hint=f"the headings of the file are {names}: write one of them in the configuration, such as "
            f'changelog = "CHANGELOG.md#{document.headings[0].text}"'
            if names
            else f"the file has no headings; {_MAKE}",
        )
    sections = []
    for heading in chosen:
        later = (
            other.index
            for other in document.headings
            if other.index > heading.index and (not deep or other.level <= heading.level)
        )
        sections.append(range(heading.index, next(later, len(document.lines))))
    return sections


# --- choosing -------------------------------------------------------------------------------


def _tables(document: MarkdownDocument, heading: str | None) -> Sequence[MarkdownTable]:
    if heading is None:
        return document.tables
    direct = _inside(document, sections_called(document, heading, deep=False))
    return direct if _candidates(direct) else _inside(document, sections_called(document, heading, deep=True))


def _where(heading: str | None) -> str:
    return f" under the heading {quoted(heading)}" if heading is not None else ""


def _candidates(tables: Iterable[MarkdownTable]) -> list[tuple[MarkdownTable, Columns]]:
    """Return the tables with the header of a version table: those with dates, or else those without."""
    found = [(table, columns) for table in tables if isinstance(columns := _columns(table.header), Columns)]
    dated = [(table, columns) for table, columns in found if columns.date is not None]
    return dated or found


def _columns(header: Sequence[str]) -> Columns | str:
    """Return the columns, or the reason why this is not a version table."""
    keys = header_keys(header)
    ranked = [
        sorted((rank, at) for at, key in enumerate(keys) if (rank := column.rank(key)) is not None)
        for column in COLUMNS
    ]
    for column, found in zip(COLUMNS, ranked, strict=True):
        if len(found) > 1 and found[0][0] == found[1][0]:
            same = dict.fromkeys(quoted(header[at]) for rank, at in found if rank == found[0][0])
            return f"has several columns {' and '.join(same)}"
        if not found and column.name != "Date":
            return f"has no {column.name} column"
    date, version, change = (found[0][1] if found else None for found in ranked)
    if version is None or change is None or (date is None and not _all_known(keys)):
        return "has no Date column, but columns beside Version and Change"
    return Columns(date, version, change)


def _all_known(keys: Iterable[str]) -> bool:
    return all(any(column.rank(key) is not None for column in COLUMNS) for key in keys)


def _inside(document: MarkdownDocument, sections: Sequence[range]) -> list[MarkdownTable]:
    return [table for table in document.tables if any(table.index in section for section in sections)]


def _is_called(heading: Heading, name: str) -> bool:
    """Whether *name* is the text of the heading or its anchor on GitHub."""
    key = _heading_key(heading.text)
    anchor = _NO_ANCHOR.sub("", key).replace(" ", "-")
    return not {key, anchor}.isdisjoint({_heading_key(name), _heading_key(name.lstrip("# "))})


def _heading_key(text: str) -> str:
    return " ".join(
        _MARKS.sub("", plain(cell_text(text))).replace("[", "").replace("]", "").split()
    ).casefold()


# --- refusing -------------------------------------------------------------------------------


def _refuse_none(tables: Sequence[MarkdownTable], where: str) -> NoReturn:
    reasons = [f"the one in line {table.lines[0].number} {_columns(table.header)}" for table in tables]
    others = f"; of the tables there, {listed(reasons, _LISTED)}" if reasons else ", and no other table"
    error = InputError(
        f"there is no version table{where} (its columns are Date, Version and Change, or Version and Change "
        f"alone){others}",
        hint=_INIT if tables else _MAKE,
    )
    if len(tables) == 1:
        _point(error, tables[0].lines[0])
    raise error


def _refuse_several(document: MarkdownDocument, tables: Sequence[MarkdownTable], where: str) -> NoReturn:
    lines = listed([str(table.lines[0].number) for table in tables], _LISTED)
    error = InputError(
        f"{len(tables)} tables{where} look like the version table, in lines {lines}",
        hint=f"{_CHOOSE}: {listed([_heading_above(document, table) for table in tables], _LISTED)}",
    )
    _point(error, tables[0].lines[0])
    raise error


def _heading_above(document: MarkdownDocument, table: MarkdownTable) -> str:
    above = [found.text for found in document.headings if found.index < table.index]
    return quoted(above[-1]) if above else f"none above line {table.lines[0].number}"


def _point(error: InputError, line: Line) -> None:
    error.line, error.column, error.excerpt = line.number, 1, line.text


# --- direction ------------------------------------------------------------------------------


def newest_first(orders: Sequence[tuple[int, ...]], dates: Sequence[dt.date]) -> bool:
    """Decide by the pairs of neighbouring rows, with versions and dates counting equally.

    At a tie, the dates of the first and last row decide, then their versions; by default, the newest row
    is at the top.
    """
    days = [(date.toordinal(),) for date in dates]
    votes = _falls(orders) + _falls(days)
    return (votes or _falls(_ends(days)) or _falls(_ends(orders))) >= 0


def _falls(values: Sequence[tuple[int, ...]]) -> int:
    """Return the number of steps down minus the number of steps up."""
    return sum((above > below) - (above < below) for above, below in itertools.pairwise(values))


def _ends(values: Sequence[tuple[int, ...]]) -> Sequence[tuple[int, ...]]:
    return [values[0], values[-1]] if values else []
