"""Tables, and their renderings as text, Markdown, HTML, CSV and data frames.

Every command that prints rows prints a table. Text, Markdown and HTML are for people, and show the same
cells. CSV, records and data frames are for programs, and have the same rows as data: one fact per column,
no symbols. All but records escape characters that do not show, and hide passwords in URLs.
"""

from __future__ import annotations

import abc
import datetime as dt
from typing import TYPE_CHECKING

from krow_versions.errors import InternalError
from krow_versions.tables import markup, plain
from krow_versions.tables.plain import Cell, Data
from krow_versions.text.times import is_naive
from krow_versions.text.words import counted
from krow_versions.values import field, frozen

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

__all__ = ["Cell", "Data", "Table", "Tabular"]


class Tabular(abc.ABC):
    """Base of values that are shown as a table; subclasses define :meth:`to_table`.

    >>> import attrs
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
        """Return the table that shows this value to people."""

    def to_data(self) -> Data:
        """Return the rows of :meth:`to_table` for programs."""
        table = self.to_table()
        return plain.data_of(table) if table.data is None else table.data

    def to_markdown(self, *, links: bool = False) -> str:
        r"""Return a GFM table whose cells are plain text: no HTML, no links, no emphasis.

        An ``@`` is followed by an empty comment, because GFM links mail addresses even if escaped.

        Args:
            links: whether web addresses become links.

        >>> print(Table(("a",), (("x|y",),)).to_markdown())
        | a |
        | --- |
        | x\|y |
        """
        return plain.markdown_of(self.to_table(), links=links)

    def to_csv(self) -> str:
        r"""Return the names of the columns and the rows of :meth:`to_data`, by RFC 4180.

        Every line ends in ``\r\n``. A time is written by ISO 8601, a boolean as ``true`` or ``false``, and
        what is missing as nothing. A cell that begins with ``=`` is not changed, although a spreadsheet reads
        it as a formula: import it as text.

        >>> Table(("file", "build"), (("a, b", 6),)).to_csv()
        'file,build\r\n"a, b",6\r\n'
        """
        return plain.csv_of(self.to_data())

    def to_records(self) -> list[dict[str, Cell]]:
        """Return one dict per row of :meth:`to_data`, by column, with the values unescaped."""
        data = self.to_data()
        names = [name for name, _ in data.columns]
        return [dict(zip(names, row, strict=True)) for row in data.rows]

    def to_pandas(self) -> pd.DataFrame:
        """Return the rows of :meth:`to_data` as a data frame; text is escaped, because frames are printed.

        The dtype of a column does not depend on its values: frames of several values can be joined, and
        an empty one has the same columns. Times are in UTC. Only a number of more than 63 bits, or a time on
        the first or the last day of the calendar, makes its column one of objects.

        Raises:
            UsageError: pandas is not installed.
        """
        return plain.frame_of(self.to_data())

    def _repr_html_(self) -> str:
        return markup.display(self.to_table())

    def __str__(self) -> str:
        return self.to_table().to_text()


@frozen(repr=False)
class Table(Tabular):
    """Columns and rows; cells are never truncated, and wrapped only in a text of a given width.

    Attributes:
        columns: the headings, without duplicates.
        rows: one cell per column: text, a whole number, a day, a time with its zone, or None.
        caption: one line, or empty.
        data: the same rows for programs; None if that is the cells, by heading.

    Raises:
        InternalError: a row does not have one cell per column, two headings are the same, a time
            has no zone, or the data has another number of rows.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    caption: str = ""
    data: Data | None = field(default=None, repr=False)

    def __attrs_post_init__(self) -> None:
        if len(set(self.columns)) != len(self.columns):
            raise InternalError(f"two of the columns {self.columns} are the same")
        if any(len(row) != len(self.columns) for row in self.rows):
            raise InternalError(f"a row does not fit the columns {self.columns}")
        if any(isinstance(cell, dt.datetime) and is_naive(cell) for row in self.rows for cell in row):
            raise InternalError(f"a time in the columns {self.columns} has no zone")
        if self.data is not None and len(self.data.rows) != len(self.rows):
            raise InternalError(f"the data of the columns {self.columns} has other rows")

    def to_text(self, most: int | None = None, below: Sequence[tuple[str, ...]] = ()) -> str:
        """Return the columns two spaces apart, without trailing spaces; numbers are right-aligned.

        Args:
            most: the number of terminal columns that the text may have; None for as many as it needs.
            below: for each row, lines that are printed below it and never broken.

        >>> print(Table(("tag", "build"), (("prod-v0.1.1", 16), ("prod-v0.1.0", 5))).to_text())
        tag          build
        prod-v0.1.1     16
        prod-v0.1.0      5
        """
        return plain.text_of(self, most, below)

    def without(self, *columns: str) -> Table:
        """Return the table without some of its columns; the data keeps them.

        >>> print(Table(("tag", "build"), (("prod-v0.1.1", 16),)).without("build"))
        tag
        prod-v0.1.1
        """
        kept = [at for at, column in enumerate(self.columns) if column not in columns]
        rows = tuple(tuple(row[at] for at in kept) for row in self.rows)
        return Table(tuple(self.columns[at] for at in kept), rows, self.caption, self.data)

    def first(self, number: int) -> Table:
        """Return the table with its first rows only.

        >>> print(Table(("tag", "build"), (("prod-v0.1.1", 16), ("prod-v0.1.0", 5))).first(1))
        tag          build
        prod-v0.1.1     16
        """
        data = None if self.data is None else Data(self.data.columns, self.data.rows[:number])
        return Table(self.columns, self.rows[:number], self.caption, data)

    def to_html(self, most: int | None = markup.ROWS_SHOWN) -> str:
        """Return a ``<table>`` to put into a page: every value escaped, no script, no style.

        Args:
            most: number of rows shown before "and n more"; None for all.
        """
        return markup.table_of(self, most)

    def to_table(self) -> Table:
        """Return this table itself."""
        return self

    def __repr__(self) -> str:
        return f"<Table: {counted(len(self.rows), 'row')}, {counted(len(self.columns), 'column')}>"
