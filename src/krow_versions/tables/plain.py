"""A table as text for terminals, Markdown, CSV and a data frame, and the text that each cell shows there."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Protocol

from krow_versions.errors import UsageError
from krow_versions.text.escaping import printable
from krow_versions.text.markdown import cell_of
from krow_versions.text.times import at

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd


Cell = str | int | dt.date | dt.datetime | None


class Grid(Protocol):
    """What is rendered: headings, rows of as many cells, and what they show."""

    @property
    def columns(self) -> tuple[str, ...]: ...
    @property
    def rows(self) -> tuple[tuple[Cell, ...], ...]: ...
    @property
    def caption(self) -> str: ...


def shown(cell: Cell) -> str:
    r"""Give the text of a cell, escaped; None is empty.

    >>> shown("a\nb"), shown(None), shown(6), shown(dt.date(2026, 3, 5))
    ('a\\nb', '', '6', '2026-03-05')
    >>> shown(dt.datetime(2026, 3, 5, 14, 2, tzinfo=dt.UTC))
    '2026-03-05 14:02 +00:00'
    """
    if isinstance(cell, dt.datetime):
        return at(cell)
    return "" if cell is None else printable(str(cell))


def are_numbers(cells: Iterable[Cell]) -> bool:
    """Whether a column holds whole numbers, at least one, and nothing else."""
    held = [cell for cell in cells if cell is not None]
    return bool(held) and all(isinstance(cell, int) for cell in held)


def number_columns(table: Grid) -> list[bool]:
    """Say of each column whether it holds whole numbers."""
    return [are_numbers(row[index] for row in table.rows) for index in range(len(table.columns))]


_LONGEST = 63  # Bits of a number beside its sign; whatever a file says, a build may have 255 digits.


def text_of(table: Grid) -> str:
    """Give columns two spaces apart, without trailing spaces; numbers stand to the right."""
    lines = _lines(table)
    widths = [max(map(_width, column)) for column in zip(*lines, strict=True)]
    columns = list(zip(widths, number_columns(table), strict=True))
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


def frame_of(table: Grid) -> pd.DataFrame:
    """Give the rows as a frame, text escaped.

    Raises:
        UsageError: pandas is not installed.
    """
    try:
        import pandas as pd
    except ModuleNotFoundError:
        raise UsageError(
            "a data frame needs pandas, which is not installed",
            hint="pip install 'krow-versions[pandas]'",
        ) from None
    columns = [[row[index] for row in table.rows] for index in range(len(table.columns))]
    series = (pd.Series([_value(cell) for cell in cells], dtype=_dtype(cells)) for cells in columns)
    frame = pd.DataFrame(dict(enumerate(series)))
    frame.columns = pd.Index([printable(heading) for heading in table.columns])
    return frame


def markdown_of(table: Grid, *, links: bool) -> str:
    """Give a GFM table whose cells are text to every reader, or *links* to what they say."""
    heading, *rows = [
        [cell_of(shown(cell), links=links) for cell in row] for row in (table.columns, *table.rows)
    ]
    delimiters = ["---:" if right else "---" for right in number_columns(table)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (heading, delimiters, *rows))


def _lines(table: Grid) -> list[list[str]]:
    return [[shown(cell) for cell in row] for row in (table.columns, *table.rows)]


def _width(text: str) -> int:
    """Columns that a terminal needs for *text*: wide characters take two, combining ones none."""
    if text.isascii():
        return len(text)
    import unicodedata

    return sum(
        0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1
        for character in text
    )


def _value(cell: Cell) -> Cell:
    return printable(cell) if isinstance(cell, str) else cell


def _dtype(cells: list[Cell]) -> Any:
    """Give the type of a column; None lets pandas choose, which it does well for text."""
    held = [cell for cell in cells if cell is not None]
    if are_numbers(held):
        fits = all(isinstance(cell, int) and cell.bit_length() <= _LONGEST for cell in held)
        return "Int64" if fits else object
    zones = {cell.tzinfo for cell in held if isinstance(cell, dt.datetime)}
    return object if len(zones) > 1 else None
