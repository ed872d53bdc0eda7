"""Find the releases of a CHANGELOG, in a version table or under headings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.changelog.document import parse
from krow_versions.changelog.find import VersionTable, choose, choose_if_any
from krow_versions.changelog.sections import VersionSections, choose_sections

if TYPE_CHECKING:
    from krow_versions.changelog.document import MarkdownDocument
    from krow_versions.changelog.rows import ReadRow


def find_releases(text: str, *, heading: str | None = None) -> VersionTable | VersionSections:
    r"""Find the version table of a CHANGELOG, or else the sections of its version headings.

    Args:
        text: the content of the CHANGELOG.
        heading: search only under this heading (its text or anchor, ignoring case).

    Raises:
        InputError: there is neither, or no such heading, or there are several that fit.
        FileFormatError: the text is nested too deeply to be parsed.

    >>> find_releases("# Changelog\n\n## 0.1.1\n\n- Fix\n").row(0).text
    '- Fix'
    """
    return choose_releases(parse(text), heading)


def read_rows(text: str, *, heading: str | None = None) -> tuple[ReadRow, ...]:
    r"""Read the rows of the version table, or the releases under headings, from the top.

    Arguments and errors are those of :func:`find_releases`.

    >>> row, = read_rows("| Date | Version | Change |\n|---|---|---|\n| 2026-03-05 | v0.1.1 | Fix |\n")
    >>> row.version, row.text, row.line
    (Version('0.1.1'), 'Fix', 3)
    """
    return find_releases(text, heading=heading).rows


def choose_releases(document: MarkdownDocument, heading: str | None) -> VersionTable | VersionSections:
    """Find the releases of a parsed text, as :func:`find_releases`."""
    table = choose_if_any(document, heading)
    if table is not None:
        return table
    return choose_sections(document, heading) or choose(document, heading)
