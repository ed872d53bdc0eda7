"""Insert the section of a release, and prove the result."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.changelog.cells import cell_text
from krow_versions.changelog.rows import ChangelogRow
from krow_versions.edits import Edit, Span, apply_edits
from krow_versions.errors import InputError

if TYPE_CHECKING:
    from krow_versions.changelog.find import VersionTable
    from krow_versions.changelog.rows import ReadRow
    from krow_versions.changelog.sections import VersionSections


def section_edits(
    text: str, found: VersionSections, row: ChangelogRow, heading: str | None
) -> tuple[Edit, ...]:
    """Return the edits that insert the section of *row*, which has a date and a text."""
    section = found.sections[0]
    release = section.release
    line = found.document.lines[release.heading.index]
    written = release.heading.text[: release.span[0]] + str(row.version.with_build(None))
    if release.date and row.date:
        written += release.heading.text[release.span[1] : release.date[0]] + found.dates.write(row.date)
        written += release.heading.text[release.date[1] :]
    end = line.ending or "\n"
    new = f"{release.heading.markup} {written}{end}{end}* {cell_text(row.text)}{end}{end}"
    return (Edit(Span(line.start, line.start), new),)


def copy_section(
    text: str,
    found: VersionSections,
    row: ReadRow,
    releases: VersionTable | VersionSections,
    position: int,
    heading: str | None,
) -> str:
    """Insert the release *position* of *releases*, which is *row*, into the sections of *text*."""
    if row.version is None or row.date is None:
        raise InputError("the row has no version", hint="insert it by hand")
    return apply_edits(
        text, section_edits(text, found, ChangelogRow(row.date, row.version, row.summary), heading)
    )
