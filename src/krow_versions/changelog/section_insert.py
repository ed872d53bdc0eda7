"""Insert the section of a release, and perhaps its link definition, and prove the result."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.changelog.cells import cell_text
from krow_versions.changelog.document import parse
from krow_versions.changelog.headings import read_heading
from krow_versions.changelog.links import NewDefinition, definition_of, place_definition
from krow_versions.changelog.rows import ChangelogRow
from krow_versions.changelog.section_style import Style
from krow_versions.changelog.sections import VersionSections, choose_sections
from krow_versions.edits import Edit, Span, apply_edits
from krow_versions.errors import InputError, InternalError
from krow_versions.regexes import regex
from krow_versions.text.escaping import quoted
from krow_versions.values import frozen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from krow_versions.changelog.find import VersionTable
    from krow_versions.changelog.sections import Section
    from krow_versions.version import Version

_BOX = regex(r"\[[ xX]\][ \t]")
_NUMBERED = regex(r"([0-9]{1,9})([.)])")


@frozen
class _Place:
    """Where a new section goes.

    Args:
        position: its index among all sections.
        near: the released sections, the nearest one first.
        index: the index of the line above which it is written.
        is_last: whether it is below its neighbour, instead of above.
    """

    position: int
    near: Sequence[Section]
    index: int
    is_last: bool


def section_edits(
    text: str, found: VersionSections, row: ChangelogRow, heading: str | None
) -> tuple[Edit, ...]:
    """Return the edits that insert the section of *row*, which has a date and a text.

    Raises:
        InputError: the style of the headings cannot be continued, or what is around the place, such as HTML
            without an end, would take in the section.
    """
    if row.date is None:
        raise InputError("a new section needs a date", hint="give it a date")
    place = _place(found)
    style = Style(found, place.near)
    change = bullet_text(row.text)
    base = _base(place.near, row.version)
    above, day = style.heading(row.version, row.date, base)
    group, bullet = style.group(), style.bullet()
    first = "paragraph" if group and group[0].lstrip()[:1] != "#" else "heading" if group else "bullet_list"
    lines = [*above, *day, *[""] * style.gap(first), *group, bullet + change]
    definition = _definition(found, place, style.model(row.version), row.version, base)
    draft = _Draft(found, place, lines, style.separator(), definition)
    after = apply_edits(text, draft.edits)
    if not _is_proven(draft, after, heading, row.version, change):
        if not _is_readable(lines, row.version):
            raise InputError(
                f"the heading {quoted(above[-1])} would not be read as one of {row.version}",
                hint="insert the section by hand",
            )
        raise _swallowed(row.version)
    return draft.edits


def copy_section(
    text: str,
    found: VersionSections,
    releases: VersionTable | VersionSections,
    position: int,
    *,
    version: Version,
    heading: str | None,
) -> str:
    """Insert the release *position* of *releases*, which is *version*, into the sections of *text*.

    It is copied as it is there, with its link definition, if *releases* are sections.

    Raises:
        InputError: it cannot be copied, and has no date.
        InternalError: as :func:`bullet_text`.
    """
    row = releases.row(position)
    if isinstance(releases, VersionSections):
        draft = _copied(found, releases, position)
        after = apply_edits(text, draft.edits)
        if _is_proven(draft, after, heading, version, row.summary):
            return after
    if row.date is None:
        raise InputError(f"the row of {version} has no date that can be read", hint="insert it by hand")
    new = ChangelogRow(row.date, version, row.summary)
    return apply_edits(text, section_edits(text, found, new, heading))


def bullet_text(text: str) -> str:
    r"""Make *text* fit into one item of a list; a text that fits is not changed.

    It is one line, as by :func:`cell_text`. What would begin another block, or a box to tick, gets
    a backslash.

    >>> bullet_text("Crash\non login"), bullet_text("# 1"), bullet_text("1. x"), bullet_text("[ ] x")
    ('Crash on login', '\\# 1', '1\\. x', '\\[ ] x')
    """
    line = cell_text(text)
    line = f"\\{line}" if _BOX.match(line) else line
    for attempt in (line, _NUMBERED.sub(r"\1\\\2", line, count=1), f"\\{line}"):
        if all(_is_item(marker, attempt) for marker in "-*+"):
            return attempt
    raise InternalError("the text does not fit into a list", before=text, after=line)


def _is_item(marker: str, line: str) -> bool:
    """Whether a line is the text of an item: with one marker ``**`` is, with another it is a break."""
    shapes = parse(f"{marker} {line}").shapes
    kinds = [shape[0] for shape in shapes[2:5]]
    is_text = kinds == ["paragraph_open", "inline", "paragraph_close"]
    return is_text and len(shapes) == 7 and bool(shapes[3][3] == line)


def _swallowed(version: object) -> InputError:
    return InputError(
        f"a section for {version} would be read as a part of what is around it, such as HTML or a comment",
        hint="insert the section by hand, with an empty line above and below it",
    )


# --- where ----------------------------------------------------------------------------------


def _place(found: VersionSections) -> _Place:
    """Return the place above the newest release, or below it if the oldest one is first."""
    sections = found.sections
    released = [section for section in sections if not section.release.is_later]
    if not released:
        raise InputError(
            f"no heading is one of a release: {quoted(sections[0].release.heading.text)} is still to come",
            hint="insert the section by hand",
        )
    if found.newest_first:
        return _Place(sections.index(released[0]), released, released[0].start, is_last=False)
    last = sections.index(released[-1]) + 1
    if last < len(sections):
        return _Place(last, released[::-1], sections[last].start, is_last=False)
    return _Place(last, released[::-1], released[-1].end, is_last=True)


def _definition(
    found: VersionSections, place: _Place, model: Section, version: Version, base: str | None
) -> NewDefinition | None:
    """Derive the link definition; None if there is none, or if it cannot be derived."""
    own = definition_of(found.document, model)
    new = str(version.with_build(None))
    text = own.moved(model.release.written, new, base) if own else None
    return place_definition(found.document, place.near, text, is_last=place.is_last) if text else None


def _base(near: Sequence[Section], version: Version) -> str | None:
    """Return the version below the new one, as it is written."""
    below = [
        (each.prerelease is None, each, section.release.written)
        for section in near
        if (each := section.release.version) is not None and each < version
    ]
    return max(below)[2] if below else None


def _is_readable(lines: list[str], version: Version) -> bool:
    """Whether the heading alone reads back: a version like 1.1.2000 may be read as a date."""
    headings = parse("\n".join(lines)).headings
    read = read_heading(headings[0]) if headings else None
    return read is not None and read.version == version.with_build(None)


# --- the edits and their proof --------------------------------------------------------------


@frozen
class _Draft:
    """A section that is about to be written.

    Args:
        found: the sections of the text.
        place: where it goes.
        lines: its lines.
        separator: the lines between it and its neighbour.
        definition: its link definition, or None.
    """

    found: VersionSections
    place: _Place
    lines: list[str]
    separator: list[str]
    definition: NewDefinition | None

    @property
    def text(self) -> str:
        """The section with the lines that separate it."""
        document, place = self.found.document, self.place
        lines = self.lines
        if self.definition is not None and self.definition.index is None:
            lines = [*lines, *[""] * self.definition.gap, self.definition.text]
        above = document.lines[place.index - 1].text.strip() if place.index else ""
        below = document.lines[place.index].text.lstrip() if place.index < len(document.lines) else ""
        # Only a heading with "#" may follow a text directly, if that is no HTML, or be followed by one.
        is_free = lines[0].lstrip().startswith("#") and not above.endswith(">")
        before = [""] if above and not is_free else []
        after = [] if not below or below.startswith("#") else [""]
        if place.is_last:
            lines = [*(self.separator or before), *lines, *after]
        else:
            lines = [*before, *lines, *(self.separator or after)]
        return "".join(line + self.ending for line in lines)

    @property
    def ending(self) -> str:
        """The line end of the neighbour."""
        lines = self.found.document.lines
        nearest = lines[self.place.near[0].release.heading.index].ending
        return nearest or next((line.ending for line in lines if line.ending), "\n")

    @property
    def edits(self) -> tuple[Edit, ...]:
        """The edits, all of which only insert."""
        edits = [self._above(self.place.index, self.text)]
        definition = self.definition
        if definition is not None and definition.index is not None:
            edits.append(self._above(definition.index, definition.text + self.ending))
        return tuple(edits)

    @property
    def shape(self) -> int:
        """The number of the parser's tokens above the section."""
        blocks = self.found.document.blocks
        return next((block.shape for block in blocks if block.index >= self.place.index), -1)

    def _above(self, index: int, text: str) -> Edit:
        """Return the edit that inserts lines above the line *index*."""
        lines = self.found.document.lines
        if index < len(lines):
            start = lines[index].start
            return Edit(Span(start, start), text)
        end = lines[-1].end
        if lines[-1].ending:
            return Edit(Span(end, end), text)
        return Edit(Span(end, end), self.ending + text.removesuffix(self.ending))


def _copied(found: VersionSections, releases: VersionSections, position: int) -> _Draft:
    """Return the draft of a section as it is in another text."""
    place = _place(found)
    section = releases.sections[position]
    source = releases.document
    lines = [line.text for line in source.lines[section.start : section.end]]
    definition = definition_of(source, section)
    new = None
    if definition is not None and not section.end <= definition.index < section.until:
        new = place_definition(found.document, place.near, definition.text, is_last=place.is_last)
    if place.is_last:
        above = releases.sections[position - 1] if position else None
        between = source.lines[above.end : section.start] if above else ()
    else:
        between = source.lines[section.end : section.until]
    return _Draft(found, place, lines, [line.text for line in between], new)


def _is_proven(draft: _Draft, after: str, heading: str | None, version: Version, summary: str) -> bool:
    """Whether the text has one section more, which reads back, and is the same elsewhere."""
    before, place = draft.found, draft.place
    again, section = parse(after), parse(draft.text)
    shape = draft.shape if draft.shape >= 0 else len(before.document.shapes)
    labels = set(section.links) | ({draft.definition.label} if draft.definition else set())
    if not again.is_with_section(before.document, section, shape, labels):
        return False
    found = choose_sections(again, heading)
    if found is None or len(found.sections) != len(before.sections) + 1:
        return False
    rows = [(row.version, row.text, row.cells) for row in found.rows]
    new = found.row(place.position)
    del rows[place.position]
    return (new.version, new.summary) == (version.with_build(None), summary) and rows == [
        (row.version, row.text, row.cells) for row in before.rows
    ]
