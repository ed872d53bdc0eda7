"""One cell: what it may hold, and the text that every rendering shows of it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Protocol

from krow_versions.text.escaping import printable
from krow_versions.text.times import at

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
        return at(cell)
    return "" if cell is None else printable(str(cell))


def are_numbers(cells: Iterable[Cell]) -> bool:
    """Whether a column holds whole numbers, at least one, and nothing else."""
    held = [cell for cell in cells if cell is not None]
    return bool(held) and all(isinstance(cell, int) for cell in held)


def number_columns(table: Grid) -> list[bool]:
    """Say of each column whether it holds whole numbers."""
    return [are_numbers(row[index] for row in table.rows) for index in range(len(table.columns))]
