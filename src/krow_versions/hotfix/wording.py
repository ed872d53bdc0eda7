"""A table in Markdown whose web addresses are links."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.text.escaping import linked_cell

if TYPE_CHECKING:
    from krow_versions.tables import Table


def markdown_table(table: Table) -> str:
    """Write *table* in Markdown; every cell reads as exactly its text, on one line."""
    lines = [table.columns, ("---",) * len(table.columns)]
    rows = [[linked_cell(str(cell)) for cell in row] for row in table.rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (*lines, *rows))
