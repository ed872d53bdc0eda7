"""Find the releases of a CHANGELOG, in a version table or under headings.

Where nothing is written, a plain text is read without the parser; errors are always those of the parser.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions import lazy
from krow_versions.changelog.document import parse
from krow_versions.changelog.find import VersionTable, choose, choose_if_any
from krow_versions.changelog.quick import read_plain
from krow_versions.errors import InputError

if TYPE_CHECKING:
    from krow_versions.changelog import sections
    from krow_versions.changelog.document import MarkdownDocument
    from krow_versions.changelog.rows import ReadRow
    from krow_versions.changelog.sections import VersionSections
else:
    (sections,) = lazy.modules("krow_versions.changelog", "sections")  # Most have a table.


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
    plain = read_plain(text)
    if plain is not None:
        try:
            return choose_releases(plain, heading)
        except InputError:
            pass
    return find_in_full(text, heading=heading)


def find_in_full(text: str, *, heading: str | None = None) -> VersionTable | VersionSections:
    """Find the same by the parser, for what is written."""
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
    return sections.choose_sections(document, heading) or choose(document, heading)
