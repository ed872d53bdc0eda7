"""One cell: what it may hold, and the text that every rendering shows of it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Protocol

from krow_versions.errors import printable

if TYPE_CHECKING:
    from collections.abc import Iterable

Cell = str | int | dt.date | dt.datetime | None


class Grid(Protocol):
    """What is rendered: headings, rows of as many cells, and what they show."""

    @property
    def columns(self) -> tuple[str, ...]: ...
    @property
    def rows(self) -> tuple[tuple[Cell, ...], ...]: ...
    @property
    def caption(self) -> str: ...


_MINUTES = len("2026-03-05 14:02")


def shown(cell: Cell) -> str:
    r"""Give the text of a cell, escaped; None is empty.

    >>> shown("a\nb"), shown(None), shown(6), shown(dt.date(2026, 3, 5))
    ('a\\nb', '', '6', '2026-03-05')
    >>> shown(dt.datetime(2026, 3, 5, 14, 2, tzinfo=dt.UTC))
    '2026-03-05 14:02 +00:00'
    """
    if isinstance(cell, dt.datetime):
        text = cell.isoformat(" ", "minutes")
        return f"{text[:_MINUTES]} {text[_MINUTES:]}"
    return "" if cell is None else printable(str(cell))


def are_numbers(cells: Iterable[Cell]) -> bool:
    """Whether a column holds whole numbers, at least one, and nothing else."""
    held = [cell for cell in cells if cell is not None]
    return bool(held) and all(isinstance(cell, int) for cell in held)


def number_columns(table: Grid) -> list[bool]:
    """Say of each column whether it holds whole numbers."""
    return [are_numbers(row[index] for row in table.rows) for index in range(len(table.columns))]


def without_zone(cell: Cell) -> bool:
    """Whether it is a time of which nobody knows where."""
    return isinstance(cell, dt.datetime) and cell.utcoffset() is None


def counted(number: int, noun: str) -> str:
    """Say how many there are of what.

    >>> counted(1, "file"), counted(0, "repository")
    ('1 file', '0 repositories')
    """
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{number} {noun if number == 1 else plural}"
