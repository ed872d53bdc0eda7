"""Derive the link of a new release from the link of its neighbour.

A link to a comparison gets both versions: ``/compare/v1.2.1...v1.2.2`` becomes ``/compare/v1.2.2...v1.2.3``.
Any other link with the version, such as one to a tag, gets the new one. If that is not possible, there is no
link. The link of ``[Unreleased]`` is left as it is.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from krow_versions.regexes import regex
from krow_versions.values import frozen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from krow_versions.changelog.document import MarkdownDocument
    from krow_versions.changelog.sections import Section

_LONGEST = 2000  # Characters of an address that is taken apart.
_SAMPLE = 30  # Number of nearest sections whose link definitions are looked at.
_COMPARE = regex(
    r"(?P<start>.*?/compare/)(?P<left>.+?)(?P<dots>\.\.\.?)(?P<right>[^?#]+)(?P<rest>[?#].*)?", re.DOTALL
)
_VERSION_LIKE = regex(r"[0-9]++(?:\.[0-9]++)++[0-9A-Za-z.+-]*+")
_DEFINITION = regex(r"( {0,3}\[)((?:[^\[\]\\]|\\.)+)(\]:[ \t]*<?)([^\s<>]+)(>?.*)")
_LABEL = regex(r"\[((?:[^\[\]\\]|\\.)+)\]")


def with_version(text: str, old: str, new: str) -> str:
    """Replace a version wherever it is not a part of another number."""
    return re.sub(rf"(?<![0-9])(?<![0-9]\.){re.escape(old)}(?!\.?[0-9])", lambda _: new, text)


def moved_url(url: str, old: str, new: str, base: str | None) -> str | None:
    """Derive the link of version *new* from that of *old*; None if that is not possible.

    Args:
        url: the link of *old*.
        old: the version that it is about, as written in its heading.
        new: the new version.
        base: the version below the new one, as written, with which it is compared.

    >>> moved_url("https://x.org/r/compare/a-v1.2.1...a-v1.2.2", "1.2.2", "1.2.3", "1.2.2")
    'https://x.org/r/compare/a-v1.2.2...a-v1.2.3'
    >>> moved_url("https://x.org/r/compare/0a1b2c3...v1.2.2", "1.2.2", "1.2.3", "1.2.2")
    """
    match = _COMPARE.fullmatch(url) if len(url) <= _LONGEST else None
    if match is None:
        changed = with_version(url, old, new)
        return changed if changed != url and "/compare/" not in url else None
    sides = [match["left"], match["right"]]
    # Bitbucket writes the new version first.
    for at in (1, 0):
        before, found, after = sides[at].rpartition(old)
        other = sides[1 - at]
        middle = other.removeprefix(before).removesuffix(after)
        if (
            found
            and base is not None
            and before + middle + after == other
            and _VERSION_LIKE.fullmatch(middle)
        ):
            sides[at], sides[1 - at] = before + new + after, before + base + after
            return match["start"] + sides[0] + match["dots"] + sides[1] + (match["rest"] or "")
    return None


@frozen
class Definition:
    """A link definition of a release: the index of its line, and the line."""

    index: int
    text: str

    def moved(self, old: str, new: str, base: str | None) -> str | None:
        """Derive the definition of version *new*; None if that is not possible."""
        match = _DEFINITION.fullmatch(self.text)
        url = moved_url(match[4], old, new, base) if match else None
        if match is None or url is None:
            return None
        return match[1] + with_version(match[2], old, new) + match[3] + url + match[5].rstrip()


def definition_of(document: MarkdownDocument, section: Section) -> Definition | None:
    """Return the link definition to which the heading of a section refers."""
    label = _label_of(section)
    if label is None:
        return None
    found = document.links.get(_key(label))
    if found is None:
        return None
    text = document.lines[found].text
    match = _DEFINITION.fullmatch(text)
    return Definition(found, text) if match and _key(match[2]) == _key(label) else None


@frozen
class NewDefinition:
    """A link definition to write.

    Args:
        text: its line.
        label: its label, as CommonMark compares it.
        index: the index of the line above which it goes; None if it is a part of the section.
        gap: the number of blank lines above it in the section.
    """

    text: str
    label: str
    index: int | None
    gap: int = 0


def place_definition(
    document: MarkdownDocument, near: Sequence[Section], text: str, *, is_last: bool
) -> NewDefinition | None:
    """Place a link definition beside those of the nearest sections; None if its label has one.

    Args:
        document: the text.
        near: the sections that are released, the nearest to the new one first.
        text: the line of the definition.
        is_last: whether the new section is below its neighbour, instead of above.
    """
    match = _DEFINITION.fullmatch(text)
    known = [
        (section, found.index)
        for section in near[:_SAMPLE]
        if (found := definition_of(document, section)) is not None
    ]
    if match is None or not known or (label := _key(match[2])) in document.links:
        return None
    inside = [section.release.heading.index < index < section.until for section, index in known[:2]]
    section, index = known[0]
    if len(known) > 1 and all(inside):
        return NewDefinition(text, label, None, index - section.end if index >= section.end else 1)
    rises = known[1][1] > index if len(known) > 1 else not is_last
    return NewDefinition(text, label, index if rises else index + 1)


def _label_of(section: Section) -> str | None:
    """Return the label of the reference in a heading that has the version in it."""
    release = section.release
    text = release.heading.text
    labels = [match[1] for match in _LABEL.finditer(text) if text[match.end() : match.end() + 1] != "("]
    return next((label for label in reversed(labels) if release.written in label), None)


def _key(label: str) -> str:
    """Reduce a label to what CommonMark compares."""
    return " ".join(label.split()).lower().upper()
