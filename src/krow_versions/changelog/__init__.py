"""Version tables in Markdown: find *the* table of a CHANGELOG, read its rows, put one row in.

The tables are those of `GitHub Flavored Markdown <https://github.github.com/gfm/#tables-extension->`_.
``markdown-it-py`` finds them and proves the result; what changes is one line of the original text.
The laws:

- exactly one line is added, and deleting it gives the original text back;
- a version that has a row gets no second one, on whatever day and with whatever text;
- what went in reads back, the text as :func:`cell_text` of it;
- all that the parser sees elsewhere (other tables, headings, code, lists) stays as it was.

Limits: a table inside a list or a block quote is not looked at. Rows of a table are not re-aligned
when the new one is wider. A table without a date column keeps no date.
"""

from __future__ import annotations

from krow_versions.changelog.cells import cell_text, hotfix_text
from krow_versions.changelog.document import Line
from krow_versions.changelog.find import Columns, ReadRow, VersionTable, find_table, read_rows
from krow_versions.changelog.insert import ChangelogRow, insert_row, new_changelog, row_edit

__all__ = [
    "ChangelogRow",
    "Columns",
    "Line",
    "ReadRow",
    "VersionTable",
    "cell_text",
    "find_table",
    "hotfix_text",
    "insert_row",
    "new_changelog",
    "read_rows",
    "row_edit",
]
