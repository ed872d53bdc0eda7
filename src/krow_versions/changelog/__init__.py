"""Find the version table of a Markdown CHANGELOG, read its rows, and insert one.

The tables are those of `GitHub Flavored Markdown <https://github.github.com/gfm/#tables-extension->`_.
``markdown-it-py`` finds them and proves the result; an edit inserts one line. The laws:

- exactly one line is added, and deleting it gives the original text back;
- a version that has a row gets no second one, whatever its day and text;
- the inserted row reads back, with its text as by :func:`cell_text`;
- everything else that the parser sees (other tables, headings, code, lists) stays the same.

Limits: tables in lists and block quotes are ignored. Rows are not realigned if the new one is wider. In
a table without a date column, dates are lost.
"""

from __future__ import annotations

from krow_versions.changelog.cells import cell_text, hotfix_text
from krow_versions.changelog.document import Line
from krow_versions.changelog.find import Columns, VersionTable, find_table
from krow_versions.changelog.insert import copy_row, insert_row, new_changelog, row_edits
from krow_versions.changelog.reading import find_releases, read_rows
from krow_versions.changelog.rows import ChangelogRow, ReadRow
from krow_versions.changelog.sections import VersionSections

__all__ = [
    "ChangelogRow",
    "Columns",
    "Line",
    "ReadRow",
    "VersionSections",
    "VersionTable",
    "cell_text",
    "copy_row",
    "find_releases",
    "find_table",
    "hotfix_text",
    "insert_row",
    "new_changelog",
    "read_rows",
    "row_edits",
]
