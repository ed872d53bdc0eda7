"""Insert a release into a CHANGELOG: a row of its version table, or a section with a heading."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions import lazy
from krow_versions.changelog.cells import cell_text, empty_text
from krow_versions.changelog.document import parse
from krow_versions.changelog.find import VersionTable
from krow_versions.changelog.reading import choose_releases
from krow_versions.changelog.rows import ChangelogRow
from krow_versions.changelog.table_insert import copy_table_row, table_edit
from krow_versions.edits import apply_edits
from krow_versions.encoding import CHANGELOG_LIMIT, require_readable
from krow_versions.errors import InputError
from krow_versions.regexes import regex

if TYPE_CHECKING:
    from krow_versions.changelog import section_insert
    from krow_versions.changelog.sections import VersionSections
    from krow_versions.edits import Edit
else:
    (section_insert,) = lazy.modules("krow_versions.changelog", "section_insert")  # Most have a table.

# A heading's closing sequence, which would not be part of its text.
_CLOSING = regex(r"(?:^| )#+$")
_SHORTER = "move old releases to another file, or write a shorter text"


def insert_row(text: str, row: ChangelogRow, *, heading: str | None = None) -> str:
    r"""Insert *row* into *text*; return *text* itself if its version has a row or section.

    Arguments and errors are those of :func:`row_edits`; and :class:`FileTooLarge`, if the new text is longer
    than any that is read.

    >>> import datetime as dt
    >>> from krow_versions.changelog import ChangelogRow
    >>> from krow_versions.version import Version
    >>> row = ChangelogRow(dt.date(2026, 3, 5), Version(0, 1, 1), "HOTFIX: Crash on login")
    >>> print(insert_row(new_changelog("Web"), row))
    # Web
    <BLANKLINE>
    | Date | Version | Change |
    | --- | --- | --- |
    | 2026-03-05 | 0.1.1 | HOTFIX: Crash on login |
    <BLANKLINE>
    >>> print(insert_row("## 0.1.0 (2026-01-02)\n\n* Begin\n", row))
    ## 0.1.1 (2026-03-05)
    <BLANKLINE>
    * HOTFIX: Crash on login
    <BLANKLINE>
    ## 0.1.0 (2026-01-02)
    <BLANKLINE>
    * Begin
    <BLANKLINE>
    """
    if not isinstance(row, ChangelogRow):
        raise TypeError(f"row must be a ChangelogRow, not {type(row).__name__}")
    edits = row_edits(text, row, heading=heading)
    return require_readable(apply_edits(text, edits), CHANGELOG_LIMIT, hint=_SHORTER) if edits else text


def row_edits(text: str, row: ChangelogRow, *, heading: str | None = None) -> tuple[Edit, ...]:
    """Return the edits that insert *row*; none if its version has a row or section.

    All of them insert only. In a table, it is one line: the first row, or the last one if the oldest row is
    first (a line without a pipe just below the table does not count as a row). It has the style of its
    neighbours: line end, indentation, outer pipes, padding, date. Under headings, it is a section above the
    newest release, or at the end if the oldest one is first, and perhaps a link definition. The result of
    the edits was parsed again and has exactly one more row.

    Args:
        text: the content of the CHANGELOG.
        row: the row to write.
        heading: search only under this heading.

    Raises:
        InputError: as :func:`krow_versions.changelog.find_releases`; or the row has no date or text.
        InternalError: the result does not read back; a bug.
    """
    document = parse(text)
    found = choose_releases(document, heading)
    if found.has(row.version):
        return ()
    if row.date is None:
        raise InputError("a new row needs a date", hint="give it a date")
    if not cell_text(row.text):
        raise empty_text()
    if isinstance(found, VersionTable):
        return (table_edit(text, document, found, row, heading),)
    return section_insert.section_edits(text, found, row, heading)


def copy_row(
    text: str, releases: VersionTable | VersionSections, position: int, *, heading: str | None = None
) -> str:
    """Insert a row of another text, as it is written there if both texts are of one kind.

    Args:
        text: the content of the CHANGELOG; it is returned itself if the row's version has a row.
        releases: the table or the sections of the other text.
        position: the index of the row there; it must have a version.
        heading: search only under this heading.

    Raises:
        FileTooLarge, InputError, InternalError: as :func:`insert_row`.
    """
    version = releases.row(position).version
    if version is None:
        raise InputError("the row has no version", hint="insert it by hand")
    document = parse(text)
    found = choose_releases(document, heading)
    if found.has(version):
        return text
    if isinstance(found, VersionTable):
        after = copy_table_row(
            text, document, found, releases=releases, position=position, version=version, heading=heading
        )
    else:
        after = section_insert.copy_section(text, found, releases, position, version=version, heading=heading)
    return require_readable(after, CHANGELOG_LIMIT, hint=_SHORTER)


def new_changelog(title: str) -> str:
    r"""Return a new CHANGELOG: a heading and a version table without rows.

    >>> new_changelog("Worker Mobile")
    '# Worker Mobile\n\n| Date | Version | Change |\n| --- | --- | --- |\n'
    """
    heading = cell_text(title) or "Changelog"
    if _CLOSING.search(heading):
        heading = f"{heading[:-1]}\\#"
    return f"# {heading}\n\n| Date | Version | Change |\n| --- | --- | --- |\n"
