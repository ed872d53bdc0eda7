"""Render a table as text, Markdown, CSV and a data frame."""

from __future__ import annotations

import datetime as dt
import re
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, Protocol

from krow_versions.errors import UsageError
from krow_versions.text.escaping import printable, safe
from krow_versions.text.markdown import cell_of
from krow_versions.text.times import at

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import pandas as pd


Cell = str | int | dt.date | dt.datetime | None


class Grid(Protocol):
    """The part of a table that is rendered."""

    @property
    def columns(self) -> tuple[str, ...]: ...
    @property
    def rows(self) -> tuple[tuple[Cell, ...], ...]: ...
    @property
    def caption(self) -> str: ...


def shown(cell: Cell) -> str:
    r"""Return the escaped text of a cell, without passwords in URLs; empty for None.

    >>> shown("a\nb"), shown(None), shown(6), shown(dt.date(2026, 3, 5))
    ('a\\nb', '', '6', '2026-03-05')
    >>> shown(dt.datetime(2026, 3, 5, 14, 2, tzinfo=dt.UTC))
    '2026-03-05 14:02 +00:00'
    """
    if isinstance(cell, dt.datetime):
        return at(cell)
    return "" if cell is None else safe(str(cell))


def are_numbers(cells: Iterable[Cell]) -> bool:
    """Whether the cells that are not None are whole numbers, at least one of them."""
    present = [cell for cell in cells if cell is not None]
    return bool(present) and all(isinstance(cell, int) for cell in present)


def number_columns(table: Grid) -> list[bool]:
    """Return for each column whether its cells are whole numbers."""
    return [are_numbers(row[index] for row in table.rows) for index in range(len(table.columns))]


_LONGEST = 63  # Bits of an Int64 without its sign; a build in a file may have 255 digits.


def text_of(table: Grid, most: int | None = None, below: Sequence[tuple[str, ...]] = ()) -> str:
    """Return the columns two spaces apart, without trailing spaces; numbers are right-aligned.

    Args:
        table: the table.
        most: the number of terminal columns that the text may have: then cells are wrapped; None for any.
        below: for each row, lines below it, as they are but escaped.
    """
    rows = _lines(table)
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    if most is not None:
        widths = _narrowed(rows, widths, most - 2 * (len(widths) - 1))
    columns = list(zip(widths, number_columns(table), strict=True))

    def line(row: Iterable[str]) -> str:
        cells = zip(row, columns, strict=True)
        padded = ((text, " " * (width - _width(text)), right) for text, (width, right) in cells)
        return "  ".join(space + text if right else text + space for text, space, right in padded).rstrip(" ")

    lines: list[str] = []
    for index, row in enumerate(rows):
        lines += map(line, [row] if most is None else _wrapped_row(row, widths))
        lines += map(printable, below[index - 1] if index and below else ())
    return "\n".join(lines)


def wrapped(text: str, width: int) -> list[str]:
    """Break *text* into lines of at most *width* terminal columns: at spaces, or else in paths and names.

    >>> wrapped("web/prod-v0.1.1 is not tagged", 12)
    ['web/prod-', 'v0.1.1 is', 'not tagged']
    >>> wrapped("not pushed; git push origin main", 12)
    ['not pushed;', 'git push origin main']
    """
    if _width(text) <= width:
        return [text]
    lines, line = [], ""
    for word in _words(text, width):
        joined = line + word
        if line and _width(joined.rstrip(" ")) > width:
            lines.append(line.rstrip(" "))
            joined = word
        line = joined
    return [*lines, line.rstrip(" ")]


def csv_of(table: Grid) -> str:
    """Return a heading row and the rows by RFC 4180."""
    import csv
    from io import StringIO

    file = StringIO(newline="")
    csv.writer(file, lineterminator="\r\n").writerows(_lines(table))
    return file.getvalue()


def frame_of(table: Grid) -> pd.DataFrame:
    """Return the rows as a data frame with escaped text.

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
    """Return a GFM table whose cells are plain text; web addresses become links if *links*."""
    heading, *rows = [
        [cell_of(shown(cell), links=links) for cell in row] for row in (table.columns, *table.rows)
    ]
    delimiters = ["---:" if right else "---" for right in number_columns(table)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (heading, delimiters, *rows))


_NARROWEST = 8  # Terminal columns of a wrapped cell.


def _narrowed(rows: list[list[str]], widths: list[int], most: int) -> list[int]:
    """Make columns narrower, until all have *most* together; first those that cost the fewest lines."""
    known: dict[tuple[str, int], int] = {}

    def lines(cell: str, width: int) -> int:
        if (cell, width) not in known:
            known[cell, width] = len(wrapped(cell, width))
        return known[cell, width]

    def cost(narrow: int) -> tuple[int, int]:
        changed = [width - (index == narrow) for index, width in enumerate(widths)]
        high = sum(max(map(lines, row, changed)) for row in rows)
        return high, -widths[narrow]

    if sum(widths) > most:
        widths = [min(width, max(most, _NARROWEST)) for width in widths]
    while sum(widths) > most and (wide := [at for at, width in enumerate(widths) if width > _NARROWEST]):
        widths[min(wide, key=cost)] -= 1
    return widths


def _wrapped_row(row: list[str], widths: list[int]) -> Iterator[tuple[str, ...]]:
    cells = [wrapped(cell, width) for cell, width in zip(row, widths, strict=True)]
    return zip_longest(*cells, fillvalue="")


_COMMAND = (
    "(?:krow-versions [a-z]|git (?:-C|add|branch|commit|fetch|log|merge|push|rebase|reset|revert|show|stash|"
    "status|switch) )[^;,)]*[;,)]* *"
)


def _words(text: str, width: int) -> Iterator[str]:
    """Split *text* behind its spaces, and what is still too wide behind a slash, a hyphen, or anywhere.

    A command stays whole, so that people can type it.
    """
    for word in filter(None, re.findall(rf"{_COMMAND}|[^ ]* *", text)):
        if _width(word.rstrip(" ")) <= width or re.match(_COMMAND, word):
            yield word
        else:
            for part in re.findall(r"[^/-]*[/-]?", word):
                yield from [part] if _width(part.rstrip(" ")) <= width else part


def _lines(table: Grid) -> list[list[str]]:
    return [[shown(cell) for cell in row] for row in (table.columns, *table.rows)]


def _width(text: str) -> int:
    """Return the number of terminal columns of *text*: 2 for wide characters, 0 for combining ones."""
    if text.isascii():
        return len(text)
    import unicodedata

    return sum(
        0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1
        for character in text
    )


def _value(cell: Cell) -> Cell:
    return safe(cell) if isinstance(cell, str) else cell


def _dtype(cells: list[Cell]) -> Any:
    """Return the dtype of a column; None lets pandas choose, which it does well for text."""
    present = [cell for cell in cells if cell is not None]
    if are_numbers(present):
        fits = all(isinstance(cell, int) and cell.bit_length() <= _LONGEST for cell in present)
        return "Int64" if fits else object
    zones = {cell.tzinfo for cell in present if isinstance(cell, dt.datetime)}
    return object if len(zones) > 1 else None
