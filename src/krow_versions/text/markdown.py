"""Escape text for Markdown, so that it is rendered as exactly that text."""

from __future__ import annotations

import re

from krow_versions.regexes import regex
from krow_versions.text.escaping import one_line, several_lines

# What begins or ends code, emphasis, a link, HTML, an entity, a cell or a formula. An underscore before
# a letter never ends emphasis. GFM also links "://" and "www.".
_MARKUP = regex(r"[\\`*\[\]<&|~$]|_(?![0-9A-Za-z])|:(?=//)|(?<=www)\.", re.IGNORECASE)
# What is special only at the beginning of a line: headings, lists, quotes, rules, tables.
_OPENING = regex(r"[#>+=:-]")
_NUMBER = regex(r"([0-9]{1,9})([.)](?:\s|$))")
# A web address without anything that Markdown would decode or exclude from it.
_LINK = regex(r"(?<![\w<])(https?://[A-Za-z0-9._~/#?=:@+,;-]{0,500}[A-Za-z0-9/])(?![^\s)>,.;:])")
# GFM looks for addresses after it has removed backslashes, but not across a comment.
_ADDRESS = regex(r"@(?=\S)")
_EDGE = regex(r"^ | $")


def inline(text: str) -> str:
    r"""Write *text* as one line of Markdown.

    >>> print(inline("# a | <b> `c`\n- d"))
    \# a \| \<b> \`c\` - d
    """
    return line_of(one_line(text))


def paragraphs(text: str) -> str:
    """Write *text* as lines of Markdown, none of which begins a block."""
    return "\n".join(map(line_of, several_lines(text).split("\n")))


def line_of(text: str) -> str:
    r"""Write one line that begins no block; web addresses in it become links.

    >>> print(line_of("# a | <b> `c`, https://example.org"))
    \# a \| \<b> \`c\`, <https://example.org>
    """
    marked = _linked(text)
    if _OPENING.match(marked):
        return f"\\{marked}"
    return _NUMBER.sub(r"\1\\\2", marked, count=1) if _NUMBER.match(marked) else marked


def cell_of(text: str, *, links: bool) -> str:
    """Write one cell of a table; web addresses in it become links only if *links*."""
    escaped = _linked(text) if links else _ADDRESS.sub("@<!-- -->", _marked(text))
    return _EDGE.sub("&#32;", escaped)


def _linked(text: str) -> str:
    # Every other part is an address, which is put in <>, where Markdown changes nothing.
    parts = enumerate(_LINK.split(text))
    return "".join(f"<{part}>" if odd % 2 else _marked(part) for odd, part in parts)


def _marked(text: str) -> str:
    return _MARKUP.sub(r"\\\g<0>", text)
