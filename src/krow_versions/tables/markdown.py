"""A table in Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.tables.cells import number_columns, shown
from krow_versions.text.markdown import cell_of

if TYPE_CHECKING:
    from krow_versions.tables.cells import Grid


def table_of(table: Grid, *, links: bool) -> str:
    """Give a GFM table whose cells are text to every reader, or *links* to what they say."""
    heading, *rows = [
        [cell_of(shown(cell), links=links) for cell in row] for row in (table.columns, *table.rows)
    ]
    delimiters = ["---:" if right else "---" for right in number_columns(table)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (heading, delimiters, *rows))
