"""Read the version and the date in a heading, such as ``## [1.2.3](url) (2026-03-05)``.

A heading is one of a release if it has a version of two to four numbers, after at most six words. Its text,
as written, is also the pattern of the next heading.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from krow_versions.changelog.cells import order_of
from krow_versions.errors import InvalidVersion
from krow_versions.regexes import regex
from krow_versions.values import frozen
from krow_versions.version import Version

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from krow_versions.changelog.document import Heading

_MONTH = (
    "(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    "|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
DATE = regex(
    rf"""
    (?<![0-9A-Za-z.]) (?:
      [0-9]{{4}} (?P<s1>[-/.]) [0-9]{{1,2}} (?P=s1) [0-9]{{1,2}}
    | [0-9]{{1,2}} (?P<s2>[-/.]) [0-9]{{1,2}} (?P=s2) [0-9]{{4}}
    | {_MONTH} \.?\x20 [0-9]{{1,2}} (?:st|nd|rd|th)? ,?\x20 [0-9]{{4}}
    | [0-9]{{1,2}} (?:st|nd|rd|th)? [\x20-] {_MONTH} (?:\.?,?\x20|-) [0-9]{{4}}
    | {_MONTH} \.?,?\x20 [0-9]{{4}}
    ) (?! [0-9A-Za-z] | [.-][0-9] )
    """,
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)
_VERSION = regex(
    r"""
    (?P<sign> (?<![A-Za-z0-9]) (?:version|release|ver|rev|v|r) [.:-]? \s?
      | (?<![0-9A-Za-z.+-]) | (?<=[A-Za-z]-) )
    (?P<text>
      (?P<core> [0-9]{1,250} (?: \.[0-9]{1,250} ){1,3} )
      (?P<prerelease>
        - [0-9A-Za-z-]+ (?: \.[0-9A-Za-z-]+ )*
      | [-._\ ]? (?: a|b|c|rc|alpha|beta|pre|preview|dev|post|snapshot|nightly|canary|final|ga )
        [-.\ ]? [0-9]*
      )?
      (?P<build> \+ [0-9A-Za-z-]+ (?: \.[0-9A-Za-z-]+ )* )?
    )
    (?! [0-9A-Za-z+] | [._-][0-9A-Za-z] )
    """,
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)
# What is not shown: link targets, HTML tags and comments. They are masked, so that offsets stay.
_TARGET = r"</?[A-Za-z][^<>]*>|(?<=\])(?:\([^()]*+(?:\([^()]*+\)[^()]*+)*+\)|\[[^\[\]]*\])"
# A comment without an end is matched to the end of the text, so that no other is looked for.
_HIDDEN = regex(rf"<!--.*?(?:-->|(?P<open>\Z))|{_TARGET}")
_HIDDEN_BEHIND = regex(_TARGET)
_MASK = "\0"
_WORDS = regex(r"[^\s\[\](){}`*,:;|\"'\x00]+")
_MARKS = "-_.@:/#\u2013\u2014~!"
# Words that do not name a product.
_NEUTRAL = frozenset(("version", "release", "ver", "rev", "v", "r", "tag", "revision"))
_MOST_WORDS = 6
_LONGEST = 1000
# Words of a release that is still to come.
_LATER = regex(
    r"\b(?:unreleased|upcoming|not (?:yet )?released|tb[acd]|planned|next|wip|in progress|in development)\b"
    r"|\b(?:[0-9]{4}|yyyy)-(?:[0-9]{2}|xx|mm|\?\?)-(?:xx|dd|\?\?)",
    re.IGNORECASE,
)
# Words after a number that make it a group of releases, as in "v2.16 series"; and a number that is one.
_SERIES = regex(r"(?:series|branch|line|releases|and (?:older|earlier|below|newer))\b", re.IGNORECASE)
_OF_SERIES = regex(
    r"(?:\bv|\b(?<![0-9]\.))[0-9]++(?:\.[0-9]++)*+(?:\.[x*](?![0-9A-Za-z])|\s+(?:series|branch|line)\b)",
    re.IGNORECASE,
)


@frozen
class ReleaseHeading:
    """A heading with a version.

    Args:
        heading: the heading.
        version: its version, or None if it is no semantic version (``1.2.3.4``, ``2.0.0b7``).
        others: further versions that it names, as in ``0.6.2 - 0.6.5``.
        written: the version as written, without a ``v``.
        span: where the version begins and ends in the heading's text.
        date: where the date is in the heading's text, or None.
        name: the words before the version in lower case, which name a product; mostly empty.
        note: the other words, such as ``YANKED``.
    """

    heading: Heading
    version: Version | None
    others: tuple[Version, ...]
    written: str
    span: tuple[int, int]
    date: tuple[int, int] | None
    name: str
    note: str

    @property
    def date_text(self) -> str:
        """The date as written, or nothing."""
        return self.heading.text[slice(*self.date)] if self.date else ""

    @property
    def is_later(self) -> bool:
        """Whether the heading says that this version is not released yet."""
        return bool(_LATER.search(self.note))

    @property
    def order(self) -> tuple[int, ...] | None:
        """A sort key of the version."""
        return order_of(self.written)


def read_heading(heading: Heading) -> ReleaseHeading | None:
    """Read a heading; None if it is not one of a release."""
    text = heading.text
    if "\n" in text or len(text) > _LONGEST:
        return None
    shown = shown_as(text, lambda hidden: _MASK * len(hidden))
    # 1.0.1000 may also be a version, so that another date counts first.
    dates = sorted(DATE.finditer(shown), key=lambda match: ("." in match[0], -match.start()))[:1]
    without = _masked(shown, dates)
    found = list(_VERSION.finditer(without))
    if not found and dates:  # 2026.3.5 may also be a version.
        dates, found = [], list(_VERSION.finditer(shown))
        without = shown
    if not found:
        return None
    first = found[0]
    named = _named(without[: first.start()])
    note = " ".join(_named(_masked(without, found)[first.end() :], fold=False))
    # Words after a plain number of two parts: a numbered chapter.
    is_plain = first["core"].count(".") == 1 and not (first["sign"] or dates or "[" in text or "+" in text)
    if len(named) > _MOST_WORDS or _SERIES.match(note) or (is_plain and note and not _LATER.search(note)):
        return None
    return ReleaseHeading(
        heading,
        _version(first),
        tuple(version for match in found[1:] if (version := _version(match)) is not None),
        first["text"],
        first.span("text"),
        dates[0].span() if dates else None,
        " ".join(word for word in named if word not in _NEUTRAL),
        note,
    )


def shown_as(text: str, instead: Callable[[str], str]) -> str:
    """Replace what of the Markdown of one line is not shown."""

    def of(match: re.Match[str]) -> str:
        if match.re.groups and match["open"] is not None:
            return _HIDDEN_BEHIND.sub(of, match[0])
        return instead(match[0])

    return _HIDDEN.sub(of, text)


def is_date(heading: Heading) -> bool:
    """Whether a heading consists of a date only."""
    found = DATE.search(heading.text)
    rest = heading.text[: found.start()] + heading.text[found.end() :] if found else heading.text
    return found is not None and not any(map(str.isalnum, rest))


def is_series(heading: Heading) -> bool:
    """Whether a heading is one of a group of releases, such as ``1.2.x``."""
    return _OF_SERIES.search(heading.text) is not None


def _named(text: str, *, fold: bool = True) -> list[str]:
    words = (word.strip(_MARKS) for word in _WORDS.findall(text))
    return [word.casefold() if fold else word for word in words if any(map(str.isalnum, word))]


def _masked(text: str, found: Iterable[re.Match[str]]) -> str:
    for match in found:
        text = text[: match.start()] + _MASK * len(match[0]) + text[match.end() :]
    return text


def _version(found: re.Match[str]) -> Version | None:
    core = found["core"] + (".0" if found["core"].count(".") == 1 else "")
    for build in (found["build"] or "", ""):
        try:
            return Version.parse(f"{core}{found['prerelease'] or ''}{build}")
        except InvalidVersion:
            continue
    return None
