"""A table as characters: text for terminals, and CSV."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.tables.cells import are_numbers, shown

if TYPE_CHECKING:
    from krow_versions.tables.cells import Grid


def text_of(table: Grid) -> str:
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


def csv_of(table: Grid) -> str:
    """Give a heading row and the rows as RFC 4180 says."""
    import csv
    from io import StringIO

    file = StringIO(newline="")
    csv.writer(file, lineterminator="\r\n").writerows(_lines(table))
    return file.getvalue()


def _lines(table: Grid) -> list[list[str]]:
    return [[shown(cell) for cell in row] for row in (table.columns, *table.rows)]


def _numeric(table: Grid) -> list[bool]:
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
