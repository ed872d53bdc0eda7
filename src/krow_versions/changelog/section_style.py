"""Write the section of a release in the style of the sections around it.

Where neighbours differ, the two nearest decide if they agree, and else the most frequent of the nearest five.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from krow_versions.changelog.dates import read_dates
from krow_versions.changelog.groups import LISTS, group_lines
from krow_versions.changelog.headings import DATE, shown_as
from krow_versions.changelog.links import moved_url, with_version
from krow_versions.changelog.sections import NEAR, ORDINAL, typical
from krow_versions.errors import InputError
from krow_versions.regexes import regex
from krow_versions.text.escaping import quoted
from krow_versions.values import frozen

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Sequence

    from krow_versions.changelog.document import Line
    from krow_versions.changelog.headings import ReleaseHeading
    from krow_versions.changelog.sections import Section, VersionSections
    from krow_versions.version import Version

_MOST_LEVELS = 2
_FAR = 30  # Number of sections that are searched for a bullet and for the heading of fixes.
_BULLET = regex(r"( {0,3}(?:[-*+]|1[.)])[ \t]{1,4})(?=\S)")
_CLOSERS = regex(r"[\]\)}>*_`~\"':]*(?:\([^()]*(?:\([^()]*\)[^()]*)*\)|\[[^\[\]]*\])?[\]\)}*_`~:]*")
_LINK = regex(r"\[([^\[\]]*+)\]\(([^()\s]*+(?:\([^()]*+\)[^()\s]*+)*+)([^()]*+)\)")
_EMPTY_ANCHOR = regex(r"<a\s[^<>]*>\s*</a>", re.IGNORECASE)
_MONTH_ONLY = regex(r"([A-Za-z]+)(\.?,? )([0-9]{4})")
_RULE = frozenset("-*_ \t")
_DIGIT = regex("[0-9]")


@frozen
class Style:
    """The style of a section.

    Args:
        found: all sections.
        near: the sections that are released, the nearest to the new one first.
    """

    found: VersionSections
    near: Sequence[Section]

    def heading(self, version: Version, date: dt.date, base: str | None) -> tuple[list[str], list[str]]:
        """Return the lines of the heading, and those of a date below it."""
        model = self.model(version)
        release = model.release
        lines = self._texts(model.start, release.heading.end)
        text = self._heading_text(model, str(version.with_build(None)), date, base)
        raw = lines[release.heading.index - model.start]
        old = release.heading.text
        at = raw.index(old) if old in raw else None
        if at is None:  # An escaped tab or the like; never seen.
            raise InputError(f"the heading {quoted(old)} cannot be read", hint="insert the section by hand")
        written = raw[:at] + text + raw[at + len(old) :].rstrip()
        above = [
            with_version(line, release.written, str(version.with_build(None)))
            for line in lines[: release.heading.index - model.start]
        ]
        new = [*above, written]
        if release.heading.markup in {"=", "-"}:
            new.append(self._underline(model, lines[-1], len(written.strip()) - len(raw.strip())))
        dated = typical([section.date_line is not None for section in self.near])
        if not dated:
            return new, []
        section = next(section for section in self.near if section.date_line is not None)
        line = self.found.document.lines[section.date_line or 0].text
        match = DATE.search(line)
        day = line[: match.start()] + self.date(date) + line[match.end() :] if match else line
        return new, [""] * self._blank(section.release.heading.end) + [day.rstrip()]

    def date(self, date: dt.date) -> str:
        """Write a date as the nearest sections do; as ISO if that is not clear."""
        texts = [text for section in self.near[:200] if (text := self.found.date_text(section))]
        for text in texts[:NEAR]:
            written = _as_in(text, texts, date)
            if written and self._reads_as(written, date):
                return written
        return date.isoformat()

    def group(self) -> list[str]:
        """Return the lines of the heading of fixes, with the blank lines below; none without groups."""
        return group_lines(self.found.document, self.near[:_FAR])

    def bullet(self) -> str:
        """Return what is before the text of an item."""
        found = [
            match[1]
            for section in self.near
            for block in section.body
            if block.kind in LISTS and (match := _BULLET.match(self.found.document.lines[block.index].text))
        ][: 4 * NEAR]
        return typical(found) if found else "- "

    def gap(self, kind: str) -> int:
        """Return the number of blank lines below the heading, above a block of this kind."""
        gaps = [
            (section.body[0].kind, self._blank(self._top(section))) for section in self.near if section.body
        ]
        alike = [count for found, count in gaps if found == kind]
        return typical(alike or [count for _, count in gaps] or [1])

    def separator(self) -> list[str]:
        """Return the lines between two sections: blank ones and perhaps a rule."""
        lines = self.found.document.lines
        between: list[tuple[str, ...]] = []
        starts = {section.start for section in self.found.sections}
        followed = [section for section in self.near if section.until in starts]
        with_list = [section for section in followed if section.body and section.body[-1].kind in LISTS]
        for section in (with_list or followed)[:NEAR]:
            texts = [line.text.strip() for line in lines[section.end : section.until]]
            others = [at for at, text in enumerate(texts) if not set(text) <= _RULE]
            between.append(tuple(texts[others[-1] + 1 :] if others else texts))
        if between:
            return list(typical(between))
        above = self._blank_above(self.near[0].start)
        return [""] * (above or 1)

    # --- helpers ---

    def _reads_as(self, written: str, date: dt.date) -> bool:
        if _MONTH_ONLY.fullmatch(written):
            return True
        texts = [self.found.date_text(section) for section in self.found.sections]
        return read_dates(ORDINAL.sub("", each) for each in (*texts, written)).dates[-1] == date

    def model(self, version: Version) -> Section:
        """Return the section whose heading is the pattern."""
        near: Sequence[Section] = self.near
        levels = {section.release.heading.level for section in near[: 2 * NEAR]}
        if len(levels) > _MOST_LEVELS:
            raise InputError(
                f"the newest version headings are on {len(levels)} levels", hint="insert the section by hand"
            )
        patches = {
            section.release.heading.level
            for section in near[: 4 * NEAR]
            if section.release.version is not None and section.release.version.patch > 0
        }
        if (
            len(patches) == 1 and version.patch > 0
        ):  # Some tools write minor releases as "#", patches as "##".
            near = [section for section in near if section.release.heading.level in patches]
        shapes = [_shape(section) for section in near[: 2 * NEAR]]
        return near[shapes.index(typical(shapes))]

    def _heading_text(self, model: Section, version: str, date: dt.date, base: str | None) -> str:
        release = model.release
        text = release.heading.text
        spans = sorted([release.span, release.date] if release.date else [release.span])
        end = _end(release)
        between = text[spans[0][1] : spans[-1][0]] if len(spans) > 1 else ""
        rest = text[end:]
        notes = {section.release.note for section in self.near[: 4 * NEAR]}
        if release.note and len(notes) == 1 and len(self.near) > 1 and not _DIGIT.search(release.note):
            end = len(text)
        elif release.note and (
            any(word in between for word in release.note.split()) or _has_numbers(self.near, rest)
        ):
            raise InputError(
                f"the version headings have words or numbers that a new one cannot have, such as "
                f"{quoted(release.note)}",
                hint="insert the section by hand",
            )
        pieces = []
        done = 0
        for span in spans:
            pieces.append(text[done : span[0]])
            pieces.append("\1" if span == release.span else "\2")
            done = span[1]
        pieces.append(text[done:end])
        return (
            _linked("".join(pieces).rstrip(), release.written, version, base)
            .replace("\1", version)
            .replace("\2", self.date(date))
        )

    def _underline(self, model: Section, line: str, longer: int) -> str:
        """Return the underline of a Setext heading that is *longer* than that of the model."""
        lines = self.found.document.lines
        lengths = {
            (len(lines[heading.index].text.strip()), len(lines[heading.end - 1].text.strip()))
            for heading in (section.release.heading for section in self.near[: 2 * NEAR])
            if heading.markup == model.release.heading.markup
        }
        text = line.rstrip()
        length = len(text.lstrip())
        if len({title for title, _ in lengths}) > 1 and len({under for _, under in lengths}) == 1:
            longer = 0  # All are of one length.
        return text[: len(text) - length] + model.release.heading.markup * max(2, length + longer)

    def _top(self, section: Section) -> int:
        return section.release.heading.end if section.date_line is None else section.date_line + 1

    def _texts(self, start: int, end: int) -> list[str]:
        return [line.text for line in self.found.document.lines[start:end]]

    def _blank(self, index: int) -> int:
        """Return the number of blank lines from a line on."""
        return _count(self.found.document.lines[index : index + 20])

    def _blank_above(self, index: int) -> int:
        return _count(self.found.document.lines[max(0, index - 20) : index][::-1])


def _count(lines: Iterable[Line]) -> int:
    count = 0
    for line in lines:
        if line.text.strip():
            break
        count += 1
    return count


def _end(release: ReleaseHeading) -> int:
    """Return where the part of a heading ends that a new one has, too: after version and date."""
    last = max(release.span, release.date or release.span)[1]
    keep = _CLOSERS.match(release.heading.text, last)
    return keep.end() if keep else last


def _shape(section: Section) -> tuple[object, ...]:
    """Return what two headings of one style have in common."""
    release = section.release
    text = release.heading.text[: _end(release)]
    marks = {release.span: "V"} | ({release.date: "D"} if release.date else {})
    for span in sorted(marks, reverse=True):
        text = text[: span[0]] + marks[span] + text[span[1] :]
    text = shown_as(text, lambda hidden: hidden[0])
    return release.heading.level, release.heading.markup, text


def _has_numbers(near: Sequence[Section], rest: str) -> bool:
    """Whether most headings have a number at their end, such as a build, which is not known."""
    with_numbers = sum(bool(_DIGIT.search(section.release.note)) for section in near[:NEAR])
    return bool(_DIGIT.search(rest)) and 2 * with_numbers > len(near[:NEAR])


def _linked(text: str, old: str, new: str, base: str | None) -> str:
    """Move the links and anchors of a heading to the new version, or remove them."""

    def link(match: re.Match[str]) -> str:
        url = moved_url(match[2], old, new, base)
        return match[1] if url is None else f"[{match[1]}]({url}{match[3]})"

    def anchor(match: re.Match[str]) -> str:
        changed = with_version(match[0], old, new)
        return changed if changed != match[0] else ""

    text = _EMPTY_ANCHOR.sub(anchor, _LINK.sub(link, text))
    return re.sub(r"(?<=\])\[[^\[\]]+\]", lambda match: with_version(match[0], old, new), text)


def _as_in(text: str, texts: Sequence[str], date: dt.date) -> str | None:
    """Write a date like *text*; None if its style is not clear."""
    month = _MONTH_ONLY.fullmatch(text)
    if month:
        name = f"{date:%B}" if len(month[1]) > 4 else f"{date:%b}"
        return f"{name}{month[2]}{date.year:04d}"
    plain = [ORDINAL.sub("", each) for each in (text, *texts)]
    for count in (len(plain), 10, 3, 1):
        column = read_dates(plain[:count])
        found = column.dates[0]
        if found is not None and column.write(found) == plain[0]:
            written = column.write(date)
            return _with_ordinal(written, date.day) if plain[0] != text else written
    return None


def _with_ordinal(text: str, day: int) -> str:
    ending = "th" if day in {11, 12, 13} else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return re.sub(r"\b[0-9]{1,2}\b", lambda match: match[0] + ending, text, count=1)
