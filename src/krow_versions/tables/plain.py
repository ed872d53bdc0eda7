"""A table as characters: text for terminals, Markdown, CSV."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.tables.cells import are_numbers, shown
from krow_versions.text.escaping import plain_cell

if TYPE_CHECKING:
    from krow_versions.tables import Table


def text_of(table: Table) -> str:
    """Give columns two spaces apart, without trailing spaces; numbers stand to the right."""
    lines = _lines(table)
    widths = [max(map(_width, column)) for column in zip(*lines, strict=True)]
    columns = list(zip(widths, _numeric(table), strict=True))
    return "\n".join(
        "  ".join(
            " " * (width - _width(text)) + text if right else text + " " * (width - _width(text))
            for text, (width, right) in zip(line, columns, strict=True)
        ).rstrip(" ")
        for line in lines
    )


def markdown_of(table: Table) -> str:
    """Give a GFM table whose cells are text to every reader."""
    heading, *rows = [[plain_cell(text) for text in line] for line in _lines(table)]
    delimiters = ["---:" if right else "---" for right in _numeric(table)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (heading, delimiters, *rows))


def csv_of(table: Table) -> str:
    """Give a heading row and the rows as RFC 4180 says."""
    import csv
    from io import StringIO

    file = StringIO(newline="")
    csv.writer(file, lineterminator="\r\n").writerows(_lines(table))
    return file.getvalue()


def _lines(table: Table) -> list[list[str]]:
    return [[shown(cell) for cell in row] for row in (table.columns, *table.rows)]


def _numeric(table: Table) -> list[bool]:
    return [are_numbers(row[index] for row in table.rows) for index in range(len(table.columns))]


def _width(text: str) -> int:
    """Columns that a terminal needs for *text*: wide characters take two, combining ones none."""
    if text.isascii():
        return len(text)
    import unicodedata

    return sum(
        0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1
        for character in text
    )
