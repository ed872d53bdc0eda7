"""Find the sections of releases in a CHANGELOG with version headings, and read them."""

from __future__ import annotations

import bisect
import re
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

import attrs

from krow_versions.changelog.dates import DateColumn, read_dates
from krow_versions.changelog.document import MarkdownDocument
from krow_versions.changelog.find import newest_first
from krow_versions.changelog.headings import ReleaseHeading, read_heading
from krow_versions.changelog.rows import ReadRow

if TYPE_CHECKING:
    from krow_versions.version import Version

_ORDINAL = re.compile(r"(?<=[0-9])(?:st|nd|rd|th)\b", re.IGNORECASE)


@attrs.frozen
class Section:
    """The section of a release.

    Args:
        release: its heading.
        end: the index of the line after its last block.
    """

    release: ReleaseHeading
    end: int


@attrs.frozen
class VersionSections:
    """The sections with the releases of a product.

    Args:
        document: the text.
        sections: from the top.
    """

    noun: ClassVar[str] = "section"  # What a release is called here.

    document: MarkdownDocument = attrs.field(repr=False)
    sections: tuple[Section, ...]

    @cached_property
    def dates(self) -> DateColumn:
        """The dates of the headings."""
        return read_dates(_ORDINAL.sub("", section.release.date_text) for section in self.sections)

    @cached_property
    def newest_first(self) -> bool:
        """Whether the newest release is at the top, which is also the default."""
        orders = (section.release.order for section in self.sections)
        return newest_first([order for order in orders if order], [date for date in self.dates.dates if date])

    @property
    def rows(self) -> tuple[ReadRow, ...]:
        """The releases, from the top."""
        return tuple(self.row(position) for position in range(len(self.sections)))

    def row(self, position: int) -> ReadRow:
        """Read the release with the index *position*."""
        section = self.sections[position]
        release, heading = section.release, section.release.heading
        text = "\n".join(line.text for line in self.document.lines[heading.end : section.end]).strip()
        number = self.document.lines[heading.index].number
        return ReadRow(number, release.version, self.dates.dates[position], text, (heading.text,))

    def has(self, version: Version) -> bool:
        """Whether there is a section for *version*, ignoring its build."""
        without_build = version.with_build(None)
        found = (section.release.version for section in self.sections)
        return any(each is not None and each.with_build(None) == without_build for each in found)


def choose_sections(document: MarkdownDocument, heading: str | None) -> VersionSections | None:
    """Find the sections of releases; None if there are none."""
    releases = [found for each in document.headings if (found := read_heading(each)) is not None]
    if not releases:
        return None
    starts = [each.index for each in document.headings]
    ends = [block.end for block in document.blocks]
    indexes = [block.index for block in document.blocks]
    sections = []
    for release in releases:
        at = bisect.bisect_right(starts, release.heading.index)
        later = (
            each.index
            for each in document.headings[at:]
            if each.level <= release.heading.level or read_heading(each)
        )
        until = next(later, len(document.lines))
        last = bisect.bisect_left(indexes, until) - 1
        sections.append(Section(release, ends[last]))
    return VersionSections(document, tuple(sections))
