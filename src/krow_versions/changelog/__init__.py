"""Find the releases of a Markdown CHANGELOG, read them, and insert one.

A release is a row of *the* version table, or, in a file without such a table, a section under a heading with
the version. The tables are those of
`GitHub Flavored Markdown <https://github.github.com/gfm/#tables-extension->`_.
``markdown-it-py`` finds tables, headings and lists, and proves the result; an edit only inserts. Where
nothing is written, a plain file is read without it, with the same result. The laws:

- one row or section is added, and perhaps a link definition; deleting them gives the original text back;
- a version that has a row or section gets no second one, whatever its day and text;
- it reads back, with its text as by :func:`cell_text` in a table, and as by :func:`bullet_text` in a section;
- everything else that the parser sees (other tables, headings, code, lists) stays the same;
- what is not clear is refused: several tables, several products, versions on several levels.

Limits: tables and headings in lists and block quotes are ignored. Rows are not realigned if the new one is
wider. Without a date column, or a date in the headings, dates are lost. Of a section, only heading, date,
group, one item and link definition are written: a table of contents, a link below the heading, a note after
the version and the link of ``[Unreleased]`` stay as they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.lazy import attributes

if TYPE_CHECKING:
    from krow_versions.changelog.cells import cell_text, hotfix_text
    from krow_versions.changelog.document import Line
    from krow_versions.changelog.find import Columns, VersionTable, find_table
    from krow_versions.changelog.insert import copy_row, insert_row, new_changelog, row_edits
    from krow_versions.changelog.reading import find_in_full, find_releases, read_rows
    from krow_versions.changelog.rows import ChangelogRow, ReadRow
    from krow_versions.changelog.section_insert import bullet_text
    from krow_versions.changelog.sections import VersionSections

__all__ = [
    "ChangelogRow",
    "Columns",
    "Line",
    "ReadRow",
    "VersionSections",
    "VersionTable",
    "bullet_text",
    "cell_text",
    "copy_row",
    "find_in_full",
    "find_releases",
    "find_table",
    "hotfix_text",
    "insert_row",
    "new_changelog",
    "read_rows",
    "row_edits",
]

# Who only reads needs few of the modules, and in a table none of those for sections.
if not TYPE_CHECKING:  # A checker sees the imports above, so that a name which is not there is an error.
    __getattr__ = attributes(
        __name__,
        {
            "cells": "cell_text hotfix_text",
            "document": "Line",
            "find": "Columns VersionTable find_table",
            "insert": "copy_row insert_row new_changelog row_edits",
            "reading": "find_in_full find_releases read_rows",
            "rows": "ChangelogRow ReadRow",
            "section_insert": "bullet_text",
            "sections": "VersionSections",
        },
    )
