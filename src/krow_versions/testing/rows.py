"""Laws of what puts a row into the version table of a CHANGELOG."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Protocol

import attrs

from krow_versions.changelog import ChangelogRow, cell_text, insert_row, read_rows
from krow_versions.testing.checks import must, must_equal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from krow_versions import Version
    from krow_versions.testing.changelog import ChangelogSample


class InsertsRow(Protocol):
    """A function that gives a text with one row more, unless that version has one."""

    def __call__(self, text: str, row: ChangelogRow, /, *, heading: str | None = None) -> str: ...


class RowLike(Protocol):
    """What a row that was read says."""

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
    """The rows that are read are those that stand in the version table, and in no other one."""
    rows = read(sample.text, heading=sample.heading)
    must_equal(_said(rows), _said(sample.rows), "the rows")


def law_insert_adds_one_line(
    sample: ChangelogSample, row: ChangelogRow, insert: InsertsRow = insert_row
) -> None:
    """One line is added, where the newest row belongs; deleting it gives the original text back.

    A text that ends without a line end goes on doing so.
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
    """A version that has a row gets no second one, whatever its build, day and text are."""
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
    """The new row says what went in: day, version without build, text; the others say what they said.

    The text of a cell is :func:`krow_versions.changelog.cell_text` of it. In a table without a date
    column there is no date.
    """
    after = _said(read(insert(sample.text, row, heading=sample.heading), heading=sample.heading))
    new = (row.date if sample.dated else None, row.version.with_build(None), cell_text(row.text))
    before = _said(sample.rows)
    expected = [*before[: sample.position], new, *before[sample.position :]]
    must_equal(after, expected, "the rows after the new one went in")


def _said(rows: Iterable[RowLike]) -> list[tuple[dt.date | None, Version | None, str]]:
    return [(row.date, row.version, row.text) for row in rows]


def _lines(text: str) -> list[str]:
    return re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+", text)


def _end(line: str) -> str:
    return line[len(line.rstrip("\r\n")) :]
