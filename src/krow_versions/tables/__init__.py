"""One table, many renderings: every command and value that shows rows shows them through this value.

Text, Markdown, HTML and CSV show the same cells: what could mislead a reader is escaped in all of them.
``to_records`` gives the values themselves.
"""

from __future__ import annotations

import abc
import datetime as dt
from typing import TYPE_CHECKING

import attrs

from krow_versions.errors import InternalError
from krow_versions.tables import markup, plain
from krow_versions.tables.plain import Cell
from krow_versions.text.times import is_naive
from krow_versions.text.words import counted

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Cell", "Table", "Tabular"]


class Tabular(abc.ABC):
    """A value that shows itself as rows: whoever inherits says which, and has every rendering.

    >>> @attrs.frozen
    ... class Shipped(Tabular):
    ...     tags: tuple[str, ...]
    ...     def to_table(self) -> Table:
    ...         return Table(("tag",), tuple((tag,) for tag in self.tags))
    >>> print(Shipped(("prod-v0.1.0",)))
    tag
    prod-v0.1.0
    """

    __slots__ = ()

    @abc.abstractmethod
    def to_table(self) -> Table:
        """Give the rows."""

    def to_markdown(self, *, links: bool = False) -> str:
        r"""Give a GFM table whose cells are text to every reader: no HTML, no links, no emphasis.

        An ``@`` is followed by an empty comment, because GFM links addresses whatever is escaped.

        Args:
            links: whether addresses are links to themselves all the same.

        >>> print(Table(("a",), (("x|y",),)).to_markdown())
        | a |
        | --- |
        | x\|y |
        """
        return plain.markdown_of(self.to_table(), links=links)

    def to_csv(self) -> str:
        r"""Give a heading row and the rows as RFC 4180 says, every line ending in ``\r\n``.

        The cells are those of the text, a time to the minute. A cell that begins with ``=`` stays as
        it is, although a spreadsheet takes it for a formula: import it as text.

        >>> Table(("file", "build"), (("a, b", 6),)).to_csv()
        'file,build\r\n"a, b",6\r\n'
        """
        return plain.csv_of(self.to_table())

    def to_records(self) -> list[dict[str, Cell]]:
        """Give one dict per row, by heading; the values as they are, nothing escaped."""
        table = self.to_table()
        return [dict(zip(table.columns, row, strict=True)) for row in table.rows]

    def to_pandas(self) -> pd.DataFrame:
        """Give a data frame; text is escaped as in every rendering, because frames are printed.

        Whole numbers are ``Int64``, which knows what is missing. Times keep their zone.

        Raises:
            UsageError: pandas is not installed.
        """
        return plain.frame_of(self.to_table())

    def _repr_html_(self) -> str:
        return markup.display(self.to_table().to_html())

    def __str__(self) -> str:
        return self.to_table().to_text()


@attrs.frozen(repr=False)
class Table(Tabular):
    """Columns and rows; nothing in it is ever cut off or wrapped.

    Attributes:
        columns: the headings, no two the same.
        rows: one cell per column: text, a whole number, a day, a time with its zone, or None.
        caption: what the table shows, one line, or empty.

    Raises:
        InternalError: a row has more or fewer cells than there are columns, two headings are the
            same, or a time has no zone.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    caption: str = ""

    def __attrs_post_init__(self) -> None:
        if len(set(self.columns)) != len(self.columns):
            raise InternalError(f"two of the columns {self.columns} are the same")
        if any(len(row) != len(self.columns) for row in self.rows):
            raise InternalError(f"a row does not fit the columns {self.columns}")
        if any(isinstance(cell, dt.datetime) and is_naive(cell) for row in self.rows for cell in row):
            raise InternalError(f"a time in the columns {self.columns} has no zone")

    def to_text(self) -> str:
        """Give columns two spaces apart, without trailing spaces; numbers stand to the right.

        >>> print(Table(("tag", "build"), (("prod-v0.1.1", 16), ("prod-v0.1.0", 5))).to_text())
        tag          build
        prod-v0.1.1     16
        prod-v0.1.0      5
        """
        return plain.text_of(self)

    def to_html(self, most: int | None = markup.ROWS_SHOWN) -> str:
        """Give a ``<table>`` for a page of one's own: every value escaped, no script, no style.

        Args:
            most: how many rows are shown before "and n more"; None shows all.
        """
        return markup.table_of(self, most)

    def to_table(self) -> Table:
        """Give itself."""
        return self

    def __repr__(self) -> str:
        return f"<Table: {counted(len(self.rows), 'row')}, {counted(len(self.columns), 'column')}>"
