"""Find the sections of releases in a CHANGELOG with version headings, and read them."""

from __future__ import annotations

import bisect
import re
from collections import Counter
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, TypeVar

from krow_versions.changelog.dates import DateColumn, read_dates
from krow_versions.changelog.document import Line
from krow_versions.changelog.find import newest_first, sections_called
from krow_versions.changelog.headings import DATE, ReleaseHeading
from krow_versions.changelog.one_product import releases_of_one_product
from krow_versions.changelog.rows import ReadRow
from krow_versions.regexes import regex
from krow_versions.values import field, frozen

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from krow_versions.changelog.document import Block, MarkdownDocument
    from krow_versions.version import Version

_T = TypeVar("_T")
NEAR = 5  # Number of nearest sections that determine a style.
ORDINAL = regex(r"(?<=[0-9])(?:st|nd|rd|th)\b", re.IGNORECASE)
_ANCHOR = regex(r"\s*<a\s[^<>]*>\s*</a>\s*", re.IGNORECASE)
_DATE_LINE = regex(r"[\s*_>(]*(?:(?:release date|released(?: on)?|date)\b[\s:*_]*)?", re.IGNORECASE)
_BULLET = regex(r"(?:[-*+]|[0-9]{1,9}[.)])[ \t]+(?:\[[ xX]\][ \t]+)?")
_LABEL = regex(r"(?:\*\*|__)[^*_]+(?:\*\*|__):?|[^.!?]{1,60}:")
_RULE = regex(r"(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,}")
_NO_LINE = Line(0, "", "", 0)


@frozen
class Section:
    """The section of a release.

    Args:
        release: its heading.
        start: the index of its first line, which may be an HTML anchor above the heading.
        blocks: its blocks, without a rule at the end.
        date_line: the index of the line below the heading that consists of the date, or None.
        end: the index of the line after its last block.
        until: the index of the line where the next section begins; the end of the text, if there is none.
    """

    release: ReleaseHeading
    start: int
    blocks: tuple[Block, ...]
    date_line: int | None
    end: int
    until: int

    @property
    def body(self) -> tuple[Block, ...]:
        """The blocks below heading and date."""
        return self.blocks if self.date_line is None else self.blocks[1:]


@frozen
class VersionSections:
    """The sections with the releases of a product.

    Args:
        document: the text.
        sections: from the top.
    """

    noun: ClassVar[str] = "section"  # What a release is called here.

    document: MarkdownDocument = field(repr=False)
    sections: tuple[Section, ...]

    @cached_property
    def dates(self) -> DateColumn:
        """The dates of the headings."""
        return read_dates(ORDINAL.sub("", self.date_text(section)) for section in self.sections)

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
        lines = [
            self.document.lines[index].text
            for index in range(heading.end, section.end)
            if index not in self._definitions
        ]
        items = [
            line.text
            for block in section.body
            if block.kind != "heading"
            for line in (*self.document.lines[block.index : block.end], _NO_LINE)
        ]
        return ReadRow(
            self.document.lines[heading.index].number,
            release.version,
            self.dates.dates[position],
            "\n".join(lines).strip(),
            (heading.text,),
            _summary(items),
        )

    def has(self, version: Version) -> bool:
        """Whether there is a section for *version*, ignoring its build."""
        return version.with_build(None) in self._listed

    @cached_property
    def _listed(self) -> frozenset[Version]:
        """All versions without their builds: an audit asks for each of thousands of releases."""
        releases = (section.release for section in self.sections)
        found = (each for release in releases for each in (release.version, *release.others))
        return frozenset(each.with_build(None) for each in found if each is not None)

    @cached_property
    def _definitions(self) -> frozenset[int]:
        """The lines of link definitions, which belong to no section."""
        return frozenset(self.document.links.values())

    def date_text(self, section: Section) -> str:
        """Return the date as written, or nothing."""
        if section.date_line is None:
            return section.release.date_text
        found = DATE.search(self.document.lines[section.date_line].text)
        return found[0] if found else ""


def choose_sections(document: MarkdownDocument, heading: str | None) -> VersionSections | None:
    """Find the sections of releases of a parsed text; None if there are none.

    Raises:
        InputError: there is no such heading, or they are not those of one product.
    """
    scope = None if heading is None else sections_called(document, heading, deep=True)
    releases, ends = releases_of_one_product(document, scope)
    return VersionSections(document, tuple(_sections(document, releases, ends))) if releases else None


def typical(values: Sequence[_T]) -> _T:
    """Return the value of the two nearest if they agree, else the most frequent of the nearest five.

    >>> typical([1, 1, 2, 2, 2]), typical([1, 2, 2]), typical([1, 2])
    (1, 2, 1)
    """
    near = values[:NEAR]
    if len(near) > 1 and near[0] == near[1]:
        return near[0]
    counted = Counter(near)
    return max(near, key=lambda value: counted[value])


def _sections(
    document: MarkdownDocument, releases: list[ReleaseHeading], ends: list[int]
) -> Iterator[Section]:
    """Read the sections; *ends* are where they end at the latest."""
    firsts = [block.index for block in document.blocks]
    starts = [_start(document, firsts, release) for release in releases]
    for at, (release, end) in enumerate(zip(releases, ends, strict=True)):
        until = min(end, starts[at + 1]) if at + 1 < len(starts) else end
        first = bisect.bisect_right(firsts, release.heading.index)
        blocks = document.blocks[first : bisect.bisect_left(firsts, until)]
        if blocks and blocks[-1].kind == "hr":
            blocks = blocks[:-1]
        date_line = None
        if blocks and not release.date and _is_date_line(document, blocks[0]):
            date_line = blocks[0].index
        last = blocks[-1].end if blocks else release.heading.end
        yield Section(release, starts[at], blocks, date_line, _trimmed(document, last), until)


def _start(document: MarkdownDocument, firsts: list[int], release: ReleaseHeading) -> int:
    """Return the index of the heading's line, or of the HTML anchor above it."""
    at = bisect.bisect_left(firsts, release.heading.index)
    above = document.blocks[at - 1] if at else None
    if above is not None and above.kind == "paragraph" and above.end == above.index + 1:
        between = document.lines[above.end : release.heading.index]
        if _ANCHOR.fullmatch(document.lines[above.index].text) and not any(
            line.text.strip() for line in between
        ):
            return above.index
    return release.heading.index


def _is_date_line(document: MarkdownDocument, block: Block) -> bool:
    text = document.lines[block.index].text
    found = DATE.search(text)
    if block.kind != "paragraph" or block.end != block.index + 1 or found is None:
        return False
    rest = text[found.end() :]
    return bool(_DATE_LINE.fullmatch(text[: found.start()])) and not any(map(str.isalnum, rest))


def _trimmed(document: MarkdownDocument, end: int) -> int:
    """Return *end* without blank lines before it, which are part of a list's block."""
    while end and not document.lines[end - 1].text.strip():
        end -= 1
    return end


def _summary(lines: list[str]) -> str:
    """Join the items of a section, without the headings of groups, to one line."""
    items: list[str] = []
    ends_item = True
    for line in (line.strip() for line in lines):
        bullet = _BULLET.match(line)
        if not line or _RULE.fullmatch(line) or (bullet is None and _LABEL.fullmatch(line)):
            ends_item = True
            continue
        text = line[bullet.end() :] if bullet else line
        if bullet or ends_item:
            items.append(text)
        else:
            items[-1] += f" {text}"
        ends_item = False
    return "; ".join(items)
