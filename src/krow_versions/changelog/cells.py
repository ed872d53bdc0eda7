"""Cells of a version table: the text to write, and the version to read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from krow_versions.errors import InputError, InvalidVersion
from krow_versions.regexes import regex
from krow_versions.text.escaping import HIDDEN
from krow_versions.version import Version

if TYPE_CHECKING:
    from collections.abc import Callable

# Every character that some program takes for a line end, and the tab.
_BREAK = regex("[\t\n\x0b\x0c\r\x1c-\x1e\x85\u2028\u2029]")
# What does not show, and tag characters. The joiners U+200C and U+200D are kept: Persian, Indic scripts and
# emoji need them.
_HARMFUL = regex(rf"(?![\u200c\u200d])[{HIDDEN}\U000e0000-\U000e007f]")
_SURROGATE = regex("[\ud800-\udfff]")
# Unicode's spaces, and the joiners, which have no effect at an edge.
_EDGES = (
    " \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u202f\u205f\u3000\u200c\u200d"
)

_HOTFIX = regex("(?:hot[\\s-]?fix\\s*:[\\s\u200c\u200d]*)+", re.IGNORECASE)

_MARKUP = regex(r"[^0-9A-Za-z .,+/*`~_-]")
# What is not closed is matched to the end of the text, and kept: it is not looked for again and again.
_COMMENT = regex(r"<!--.*?(-->|\Z)", re.DOTALL)
_TAG = regex(r"</?[A-Za-z][A-Za-z0-9-]*(?:\s[^>]*+(>|\Z)|(/?>))")
_LINK_TARGET = regex(r"\](?:\([^)]*+(\)|\Z)|\[[^\]]*+(\]|\Z))")
_REFERENCE = regex(r"\]\[[^\]]*+(\]|\Z)")
_ESCAPE = regex(r"\\([!-/:-@\[-`{-~])")
_LONGEST = 2000  # Characters of a cell that are searched for a version or a date.

_LETTER = regex(r"[^\W_]")
_VERSION = regex(
    r"""
    (?: (?<![A-Za-z]) (?:version|release|ver|rev|v|r) [.:-]? \s? | (?<![0-9A-Za-z.+-]) )
    (?P<core> [0-9]{1,250} (?: \.[0-9]{1,250} ){1,2} )
    (?P<prerelease> - [0-9A-Za-z-]+ (?: \.[0-9A-Za-z-]+ )* )?
    (?P<build> \+ [0-9A-Za-z-]+ (?: \.[0-9A-Za-z-]+ )* )?
    (?! [0-9A-Za-z+] | [._-][0-9A-Za-z] )
    (?! \s*+ (?: [(\[] \s*+ )?+ (?: rc|alpha|beta|preview|pre|dev|snapshot|nightly|canary ) [.-]? [0-9]* \b )
    """,
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)
_WORD = regex(r"[^\W\d_]")


def cell_text(text: str) -> str:
    r"""Make *text* fit into one cell of a table; a text that fits is not changed.

    A line break or tab and the spaces around it become one space; control, invisible and
    bidirectional characters are removed; a lone surrogate becomes U+FFFD; the text is trimmed.
    Markdown is kept. Pipes are escaped only when the line is written.

    >>> cell_text("Crash on login\r\n  (see `a|b`)\x1b[2K ")
    'Crash on login (see `a|b`)[2K'
    """
    parts = _BREAK.split(_SURROGATE.sub("\ufffd", text))
    pieces = (_HARMFUL.sub("", part).strip(_EDGES) for part in parts)
    return " ".join(piece for piece in pieces if piece)


def hotfix_text(message: str) -> str:
    """Return the text of a hotfix's row: one line with the prefix ``HOTFIX:``.

    Raises:
        InputError: *message* is empty, or only the prefix.

    >>> hotfix_text("hotfix : Crash on login")
    'HOTFIX: Crash on login'
    """
    text = cell_text(message)
    prefix = _HOTFIX.match(text)
    rest = (text[prefix.end() :] if prefix else text).strip(_EDGES)
    if not rest:
        raise empty_text()
    return f"HOTFIX: {rest}"


def empty_text() -> InputError:
    """Make the error for a row without a text."""
    return InputError("the text of the change is empty", hint='say what changed, such as "Crash on login"')


def plain(cell: str) -> str:
    """Remove link targets, HTML tags, entities and backslash escapes from a cell's Markdown.

    >>> plain("**[0.1.1](https://example.org/compare/0.1.0...0.1.1)**")
    '**[0.1.1]**'
    """
    if not _MARKUP.search(cell):
        return cell[:_LONGEST].strip()
    import html  # Only here: its table of entities is long.

    text = _TAG.sub(_if_closed(""), _COMMENT.sub(_if_closed(""), cell[:_LONGEST]))
    text = _LINK_TARGET.sub(_link_text, text)
    return _HARMFUL.sub("", html.unescape(_ESCAPE.sub(r"\1", text))).strip()


def _if_closed(instead: str) -> Callable[[re.Match[str]], str]:
    return lambda match: instead if match[match.lastindex or 0] else match[0]


def _link_text(match: re.Match[str]) -> str:
    """Remove the target of a link; behind a parenthesis that is not closed, only references are left."""
    closed = _if_closed("]")(match)
    return closed if closed == "]" else match[0][:2] + _REFERENCE.sub(_if_closed("]"), match[0][2:])


def bare(cell: str) -> str:
    """Return the :func:`plain` text from its first to its last letter or digit.

    >>> bare("**`2026-03-05`**")
    '2026-03-05'
    """
    text = plain(cell)
    first, last = _LETTER.search(text), _LETTER.search(text[::-1])
    return text[first.start() : len(text) - last.start()] if first and last else ""


def versions_of(cell: str) -> tuple[Version, ...]:
    """Read the versions in a version cell, whatever its Markdown.

    Two numbers get a patch of 0. A build that is not a number is ignored. In a cell with other words,
    only the first version counts (``1.0.13 with SDK 1.1.14``).

    >>> versions_of("[v0.1.1](https://example.org)"), versions_of("**0.1.1+6**"), versions_of("TBD")
    ((Version('0.1.1'),), (Version('0.1.1+6'),), ())
    """
    text = plain(cell)
    matches = list(_VERSION.finditer(text))
    versions = tuple(version for version in map(_parsed, matches) if version is not None)
    return versions if len(matches) < 2 or not _WORD.search(_VERSION.sub("", text)) else versions[:1]


def order_of(cell: str) -> tuple[int, ...] | None:
    """Return a sort key of a version cell, also if it has no valid version; None if it has no number.

    >>> order_of("v1.2"), order_of("Rev 7"), order_of("0.1.0+5"), order_of("-")
    ((1, 2, 0, 0, -1), (7, 0, 0, 0, -1), (0, 1, 0, 0, 5), None)
    """
    match = _ORDER.search(plain(cell))
    if match is None:
        return None
    numbers = [int(number) for number in match[1].split(".")]
    return (*numbers, *[0] * (4 - len(numbers)), int(match[2]) if match[2] else -1)


_ORDER = regex(r"(?<![0-9.])([0-9]{1,18}(?:\.[0-9]{1,18}){0,3})(?:\+([0-9]{1,18}))?")


def _parsed(match: re.Match[str]) -> Version | None:
    core = match["core"] + (".0" if match["core"].count(".") == 1 else "")
    prerelease = match["prerelease"] or ""
    for build in (match["build"] or "", ""):
        try:
            return Version.parse(f"{core}{prerelease}{build}")
        except InvalidVersion:
            continue
    return None
