"""Render a table as text and Markdown, and its data as CSV and a data frame."""

from __future__ import annotations

import datetime as dt
import re
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, Literal, Protocol

from krow_versions.errors import InternalError, UsageError
from krow_versions.text.escaping import printable, safe
from krow_versions.text.markdown import cell_of
from krow_versions.text.times import at, is_naive
from krow_versions.values import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import pandas as pd


Cell = str | int | float | dt.date | dt.datetime | None
Kind = Literal["text", "whole", "number", "boolean", "time", "day", "any"]
# The dtype of each kind in a data frame. All of them have missing values. A time has a zone, which is the
# same in every frame, so that frames can be joined; a day has none, because it is no moment.
DTYPES: dict[Kind, str] = {
    "text": "string",
    "whole": "Int64",
    "number": "float64",
    "boolean": "boolean",
    "time": "datetime64[us, UTC]",
    "day": "datetime64[us]",
    "any": "object",
}


@frozen
class Data:
    """The rows of a table for programs: one fact per column, no symbols, and durations as numbers.

    Attributes:
        columns: name and kind of each column; a kind is a key of :data:`DTYPES`. None is a missing value.
        rows: one value per column.

    Raises:
        InternalError: a row does not have one value per column, two names are the same, or a time has no
            zone.
    """

    columns: tuple[tuple[str, Kind], ...]
    rows: tuple[tuple[Cell, ...], ...]

    @classmethod
    def of(cls, columns: str, documents: Iterable[Mapping[str, Any]]) -> Data:
        """Take the columns from the objects of a JSON document, one object per row.

        Args:
            columns: the names, separated by spaces, each with ``:`` and its kind if that is not text.
            documents: the objects. A key that one lacks is a missing value; other keys are not taken.

        >>> Data.of("tag build:whole", [{"tag": "prod-v0.1.1", "build": 16, "more": {}}]).rows
        (('prod-v0.1.1', 16),)
        """
        kinds = {name: kind or "text" for name, _, kind in (each.partition(":") for each in columns.split())}
        rows = (tuple(_read(each.get(name), kind) for name, kind in kinds.items()) for each in documents)
        return cls(tuple(kinds.items()), tuple(rows))  # type: ignore[arg-type]  # Checked below.

    def __attrs_post_init__(self) -> None:
        names = tuple(name for name, _ in self.columns)
        if unknown := {kind for _, kind in self.columns} - DTYPES.keys():
            raise InternalError(f"the columns {names} have the kinds {unknown}, which do not exist")
        if len(set(names)) != len(names):
            raise InternalError(f"two of the columns {names} are the same")
        if any(len(row) != len(names) for row in self.rows):
            raise InternalError(f"a row does not fit the columns {names}")
        if any(isinstance(cell, dt.datetime) and is_naive(cell) for row in self.rows for cell in row):
            raise InternalError(f"a time in the columns {names} has no zone")


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


def data_of(table: Grid) -> Data:
    """Return the cells of a table as data: the headings are the names, and the cells show the kinds."""
    cells = list(zip(*table.rows, strict=True)) or [()] * len(table.columns)
    return Data(tuple(zip(table.columns, map(_kind, cells), strict=True)), table.rows)


def csv_of(data: Data) -> str:
    """Return the names of the columns and the rows by RFC 4180."""
    import csv
    from io import StringIO

    file = StringIO(newline="")
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow([printable(name) for name, _ in data.columns])
    writer.writerows([_written(cell) for cell in row] for row in data.rows)
    return file.getvalue()


def frame_of(data: Data) -> pd.DataFrame:
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
    columns: list[pd.Series[Any]] = []
    for index, (_, kind) in enumerate(data.columns):
        cells = [_value(row[index]) for row in data.rows]
        if kind in {"time", "whole"} and not all(map(_fits, cells)):
            columns.append(pd.Series(cells, dtype="object"))
            continue
        if kind == "time":
            cells = [cell.astimezone(dt.UTC) if isinstance(cell, dt.datetime) else cell for cell in cells]
        # Not the storage that is chosen by what else is installed: frames of two machines can be joined.
        dtype: Any = pd.StringDtype("python") if kind == "text" else DTYPES[kind]
        columns.append(pd.Series(cells, dtype=dtype))
    frame = pd.DataFrame(dict(enumerate(columns)))
    frame.columns = pd.Index([printable(name) for name, _ in data.columns])
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


def _read(value: Any, kind: str) -> Any:
    """Read a value of a JSON document, which has moments and days as text."""
    if value is None or kind not in {"time", "day"}:
        return value
    return dt.datetime.fromisoformat(value) if kind == "time" else dt.date.fromisoformat(value)


def _kind(cells: Iterable[Cell]) -> Kind:
    present = [cell for cell in cells if cell is not None]
    for kind, types in _KINDS.items():
        if present and all(type(cell) in types for cell in present):
            return kind
    return "any" if present else "text"


_KINDS: dict[Kind, set[type]] = {
    "text": {str},
    "boolean": {bool},
    "whole": {int},
    "number": {int, float},
    "time": {dt.datetime},
    "day": {dt.date},
}


def _written(cell: Cell) -> str:
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, dt.date):
        return cell.isoformat()
    return "" if cell is None else safe(str(cell))


def _value(cell: Cell) -> Cell:
    return safe(cell) if isinstance(cell, str) else cell


def _fits(cell: Cell) -> bool:
    """Whether a number has 64 bits, and a moment of the first or last day of the calendar is one in UTC."""
    if isinstance(cell, dt.datetime):
        return dt.date.min < cell.date() < dt.date.max
    return not isinstance(cell, int) or cell.bit_length() <= _LONGEST
