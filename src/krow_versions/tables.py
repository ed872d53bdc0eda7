"""One table, many renderings: every command that shows rows shows them through this value."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from krow_versions.errors import InternalError, printable

if TYPE_CHECKING:
    from collections.abc import Iterable


@attrs.frozen
class Table:
    """Columns and rows of plain text; nothing in it is ever cut off or wrapped.

    Attributes:
        columns: the headings.
        rows: one cell per column.
        caption: what the table shows, one line, or empty.

    Raises:
        InternalError: a row has more or fewer cells than there are columns.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str = ""

    def __attrs_post_init__(self) -> None:
        if any(len(row) != len(self.columns) for row in self.rows):
            raise InternalError(f"a row does not fit the columns {self.columns}")

    def to_text(self) -> str:
        """Give left-aligned columns, two spaces apart, without trailing spaces.

        >>> print(Table(("product", "next"), (("web", "1.4.1"),)).to_text())
        product  next
        web      1.4.1
        """
        lines = [[printable(cell) for cell in row] for row in (self.columns, *self.rows)]
        widths = [max(map(_width, column)) for column in zip(*lines, strict=True)]
        return "\n".join(
            "  ".join(
                cell + " " * (width - _width(cell)) for cell, width in zip(line, widths, strict=True)
            ).rstrip()
            for line in lines
        )

    def to_markdown(self) -> str:
        r"""Give a GFM table; ``|`` in cells is escaped.

        >>> print(Table(("a",), (("x|y",),)).to_markdown())
        | a |
        | --- |
        | x\|y |
        """
        return "\n".join(
            f"| {' | '.join(cells)} |"
            for cells in (
                _markdown(self.columns),
                ["---"] * len(self.columns),
                *(_markdown(row) for row in self.rows),
            )
        )

    def to_records(self) -> list[dict[str, str]]:
        """Give one dict per row, by heading."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]

    def __str__(self) -> str:
        return self.to_text()


def _markdown(cells: Iterable[str]) -> list[str]:
    return [printable(cell).replace("\\", "\\\\").replace("|", "\\|") for cell in cells]


def _width(text: str) -> int:
    """Columns that a terminal needs for *text*: wide characters take two, combining ones none."""
    if text.isascii():
        return len(text)
    import unicodedata

    return sum(
        0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1
        for character in text
    )
