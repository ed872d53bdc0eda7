"""Samples of CHANGELOGs with known rows in their version table, and the laws of rows."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Protocol

import attrs
from hypothesis import strategies as st

from krow_versions import Version
from krow_versions.changelog import ChangelogRow, cell_text, insert_row, read_rows
from krow_versions.testing.laws import must, must_equal
from krow_versions.testing.texts import (
    AWKWARD,
    CHANGES,
    DATE_STYLES,
    HEADER_WORDS,
    HEADINGS,
    MONTHS,
    SECTION_BLOCKS,
    VERSION_STYLES,
    one,
    some,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hypothesis.strategies import DrawFn, SearchStrategy


@attrs.frozen
class ChangelogSample:
    r"""A CHANGELOG, with the place and content of its version table.

    Attributes:
        lines: the lines with their ends (``\n``, ``\r\n`` or ``\r``); a byte order mark is in the first.
        table: the index of the line with the table's header.
        rows: the rows from the top; the date is None in a table without a date column.
        dated: whether there is a date column.
        newest_first: whether the newest row is at the top, or the order is unknown.
        heading: the heading above the table if there are several version tables, else None.
    """

    lines: tuple[str, ...]
    table: int
    rows: tuple[ChangelogRow, ...]
    dated: bool
    newest_first: bool
    heading: str | None = None

    @property
    def text(self) -> str:
        """The CHANGELOG."""
        return "".join(self.lines)

    @property
    def position(self) -> int:
        """The index of the next row among the rows."""
        return 0 if self.newest_first else len(self.rows)

    @property
    def place(self) -> int:
        """The index of the line of the next row."""
        return self.table + 2 + self.position


def changelog_rows() -> SearchStrategy[ChangelogRow]:
    """Draw rows with difficult texts and versions from 1.0.0, above all those of samples."""
    texts = st.text(max_size=40) | st.lists(one(AWKWARD), max_size=8).map("".join) | one(CHANGES)
    numbers = st.integers(0, 10**6)
    versions = st.builds(Version, st.integers(1, 99), numbers, numbers, st.none(), st.none() | numbers)
    return st.builds(ChangelogRow, st.dates(), versions, texts.filter(_is_not_empty))


@st.composite
def changelogs(draw: DrawFn, *, heading: bool | None = None, dated: bool | None = None) -> ChangelogSample:
    """Draw CHANGELOGs in any style, with difficult text around the table.

    Args:
        draw: given by Hypothesis.
        heading: whether there are several version tables, of which a heading selects one; None for either.
        dated: whether the table has a date column; None for either.
    """
    if dated is None:
        dated = draw(st.integers(0, 4)) > 0
    if heading is None:
        heading = draw(st.integers(0, 2)) == 0
    newest_first = draw(st.booleans())
    rows, lines = _table(draw, newest_first, dated=dated)
    before, after = _blocks(draw), _blocks(draw)
    name = None
    if heading:
        name, *others = draw(st.permutations(HEADINGS))
        level = draw(one(["#", "##", "######"]))
        sections = [[f"{level} {other}", "\n".join(_table(draw, True)[1])] for other in others[:2]]
        # A heading between the table's own and the table would begin another section.
        own = [f"{level} {name}", *draw(some(SECTION_BLOCKS, 2))]
        at = draw(st.integers(0, 2))
        before += [block for section in sections[:at] for block in section] + own
        after += [block for section in sections[at:] for block in section]
    gap = draw(one(["", "", "  ", "\t"]))
    above = [line for block in before for line in (*block.split("\n"), gap)]
    below = [line for block in after for line in (gap, *block.split("\n"))]
    return ChangelogSample(
        _ended(draw, [*above, *lines, *below]),
        len(above),
        tuple(rows),
        dated,
        newest_first or len(rows) < 2,
        name,
    )


def _blocks(draw: DrawFn) -> list[str]:
    return [*draw(some((*SECTION_BLOCKS, "# Changelog", "Setext\n======"), 3))]


def _ended(draw: DrawFn, lines: Sequence[str]) -> tuple[str, ...]:
    """Add line ends, also mixed ones, or none to the last line, and perhaps a byte order mark."""
    ends = draw(one([["\n"], ["\n"], ["\r\n"], ["\r"], ["\n", "\r\n"]]))
    ended = [line + (draw(one(ends)) if len(ends) > 1 else ends[0]) for line in lines]
    if draw(st.booleans()):
        ended[-1] = lines[-1]
    ended[0] = draw(one(["", "", "\ufeff"])) + ended[0]
    return tuple(line for line in ended if line)


def _table(draw: DrawFn, newest_first: bool, *, dated: bool = True) -> tuple[list[ChangelogRow], list[str]]:
    """Draw rows, and the lines of a version table with them."""
    count = draw(st.integers(0, 5))
    # No day below 13, so day and month are unambiguous.
    day, month = dt.date(2020, 1, 20), dt.timedelta(days=31)
    rows = [
        ChangelogRow(
            day + month * number if dated else None,
            Version(0, number // 2, number, build=draw(one([None, None, number]))),
            draw(one(CHANGES)),
        )
        for number in range(1, count + 1)
    ]
    if newest_first:
        rows.reverse()
    date_style, padded = draw(one(DATE_STYLES)), draw(st.booleans())
    # A table without dates must not have other columns.
    extra = draw(some(HEADER_WORDS["other"], 2)) if dated else []
    columns = ["date"] * dated + ["version", "change", *extra]
    columns = draw(st.permutations(columns))
    header = [draw(one(HEADER_WORDS.get(column, [column]))) for column in columns]
    cells = []
    for row in rows:
        written = {
            "date": write_date(row.date, date_style, padded=padded) if row.date else "",
            "version": draw(one(VERSION_STYLES)).format(row.version),
            "change": row.text.replace("|", "\\|"),
        }
        cells.append([written[name] if name in written else draw(one(["me", ""])) for name in columns])
    return rows, _written(draw, header, cells)


def write_date(date: dt.date, style: str, *, padded: bool) -> str:
    """Write a date in a style of the letters ``Y M D`` (numbers), ``N`` (``March``) and ``n`` (``Mar``)."""
    width, name = 2 if padded else 1, MONTHS[date.month - 1]
    values = {
        "Y": f"{date.year:04d}",
        "M": str(date.month).zfill(width),
        "D": str(date.day).zfill(width),
        "N": name,
        "n": name[:3],
    }
    return "".join(values.get(letter, letter) for letter in style)


def _written(draw: DrawFn, header: list[str], rows: list[list[str]]) -> list[str]:
    """Write the lines of a table, with some style of pipes, margins, padding, indentation and alignment."""
    pipes = draw(one(["both", "both", "none", "left", "right"]))
    if any("" in {cells[0], cells[-1]} for cells in (header, *rows)):
        pipes = "both"  # An empty cell at an edge needs its pipe.
    widths = [0] * len(header)
    if draw(st.booleans()):
        widths = [max(3, *(len(cells[at]) for cells in (header, *rows))) for at in range(len(header))]
    delimiter = [draw(one(["---", "---", ":--", "--:", ":-:"])) for _ in header]
    delimiter = [
        mark[0] + "-" * (max(width, 3) - 2) + mark[-1] for mark, width in zip(delimiter, widths, strict=True)
    ]
    margin, indent = draw(one([" ", ""])), " " * draw(st.integers(0, 3))
    opens = f"|{margin}" if pipes in {"both", "left"} else ""
    closes = f"{margin}|" if pipes in {"both", "right"} else ""
    lines = []
    for cells in (header, delimiter, *rows):
        joined = f"{margin}|{margin}".join(
            cell.ljust(width) for cell, width in zip(cells, widths, strict=True)
        )
        lines.append(f"{indent}{opens}{joined if closes else joined.rstrip()}{closes}")
    return lines


def _is_not_empty(text: str) -> bool:
    return cell_text(text) != ""


# --- laws -----------------------------------------------------------------------------------


class InsertsRow(Protocol):
    """A function that returns a text with the row inserted, unless its version has one."""

    def __call__(self, text: str, row: ChangelogRow, /, *, heading: str | None = None) -> str: ...


class RowLike(Protocol):
    """A row that was read."""

    @property
    def date(self) -> dt.date | None: ...
    @property
    def version(self) -> Version | None: ...
    @property
    def text(self) -> str: ...


class ReadsRows(Protocol):
    """A function that reads the rows of the version table, from the top."""

    def __call__(self, text: str, /, *, heading: str | None = None) -> Sequence[RowLike]: ...


def law_read_sees_the_rows(sample: ChangelogSample, read: ReadsRows = read_rows) -> None:
    """The rows that are read are those of the version table, and of no other."""
    rows = read(sample.text, heading=sample.heading)
    must_equal(_values(rows), _values(sample.rows), "the rows")


def law_insert_adds_one_line(
    sample: ChangelogSample, row: ChangelogRow, insert: InsertsRow = insert_row
) -> None:
    """One line is added, where the newest row belongs; without it, the text is the original one.

    A text without a line end at its end still has none.
    """
    after = _lines(insert(sample.text, row, heading=sample.heading))
    must_equal(len(after), len(sample.lines) + 1, "the number of lines")
    new = after.pop(sample.place)
    ends = {_end(line) for line in sample.lines} - {""}
    if sample.place == len(sample.lines) and not _end(sample.lines[-1]):
        must(_end(after[-1]) in ends, "the line that was the last one needs a line end of the file's kind")
        after[-1] = after[-1].rstrip("\r\n")
        ends = {""}
    must_equal(tuple(after), sample.lines, f"the lines beside the new one, which is {new!r}")
    must(_end(new) in ends, f"the new line {new!r} must end in one of {sorted(ends)}")


def law_insert_is_idempotent(
    sample: ChangelogSample, row: ChangelogRow, insert: InsertsRow = insert_row
) -> None:
    """A version that has a row gets no second one, whatever its build, day and text."""
    once = insert(sample.text, row, heading=sample.heading)
    must(once != sample.text, f"the row of {row.version} was not written")
    other = ChangelogRow(dt.date(2020, 2, 29), row.version.with_build(7), "Another text")
    for again in (row, other):
        must_equal(insert(once, again, heading=sample.heading), once, "the text after a second row")
    for old in sample.rows:
        late = attrs.evolve(other, version=old.version)
        after = insert(sample.text, late, heading=sample.heading)
        must_equal(after, sample.text, f"the text after a second row of {old.version}")


def law_inserted_row_reads_back(
    sample: ChangelogSample,
    row: ChangelogRow,
    insert: InsertsRow = insert_row,
    read: ReadsRows = read_rows,
) -> None:
    """The new row reads back with its day, version without build, and text; the others are the same.

    The text of a cell is as by :func:`krow_versions.changelog.cell_text`. In a table without a date
    column, the date is lost.
    """
    after = _values(read(insert(sample.text, row, heading=sample.heading), heading=sample.heading))
    new = (row.date if sample.dated else None, row.version.with_build(None), cell_text(row.text))
    before = _values(sample.rows)
    expected = [*before[: sample.position], new, *before[sample.position :]]
    must_equal(after, expected, "the rows after the new one went in")


def _values(rows: Iterable[RowLike]) -> list[tuple[dt.date | None, Version | None, str]]:
    return [(row.date, row.version, row.text) for row in rows]


def _lines(text: str) -> list[str]:
    return re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+", text)


def _end(line: str) -> str:
    return line[len(line.rstrip("\r\n")) :]
