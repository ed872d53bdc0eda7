"""Markdown, the only place that escapes for it: lines and tables that read as exactly their text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from krow_versions.tables.cells import number_columns, shown

if TYPE_CHECKING:
    from krow_versions.tables.cells import Grid

# What begins or ends code, emphasis, a link, HTML, an entity, a cell or a formula; an underscore ends
# nothing before a letter. GFM makes links of "://" and "www." as well.
_MARKUP = re.compile(r"[\\`*\[\]<&|~$]|_(?![0-9A-Za-z])|:(?=//)|(?<=www)\.", re.IGNORECASE)
# What has a meaning only where a line begins: headings, lists, quotes, rules, tables.
_OPENING = re.compile(r"[#>+=:-]")
_NUMBER = re.compile(r"([0-9]{1,9})([.)](?:\s|$))")
# A web address without anything that readers of Markdown decode or leave out of it.
_LINK = re.compile(r"(?<![\w<])(https?://[A-Za-z0-9._~/#?=:@+,;-]{0,500}[A-Za-z0-9/])(?![^\s)>,.;:])")
# GFM looks for addresses after it has taken the backslashes away, but not across a comment.
_ADDRESS = re.compile(r"@(?=\S)")
_EDGE = re.compile(r"^ | $")


def table_of(table: Grid, *, links: bool) -> str:
    """Give a GFM table whose cells are text to every reader, or *links* to what they say."""
    heading, *rows = [[_cell(shown(cell), links) for cell in row] for row in (table.columns, *table.rows)]
    delimiters = ["---:" if right else "---" for right in number_columns(table)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (heading, delimiters, *rows))


def line_of(text: str) -> str:
    r"""Write one line that begins no block; web addresses in it are links to themselves.

    >>> print(line_of("# a | <b> `c`, https://example.org"))
    \# a \| \<b> \`c\`, <https://example.org>
    """
    marked = _linked(text)
    if _OPENING.match(marked):
        return f"\\{marked}"
    return _NUMBER.sub(r"\1\\\2", marked, count=1) if _NUMBER.match(marked) else marked


def _cell(text: str, links: bool) -> str:
    escaped = _linked(text) if links else _ADDRESS.sub("@<!-- -->", _marked(text))
    return _EDGE.sub("&#32;", escaped)


def _linked(text: str) -> str:
    # Every other part is an address: it is set in <>, where Markdown changes nothing.
    parts = enumerate(_LINK.split(text))
    return "".join(f"<{part}>" if odd % 2 else _marked(part) for odd, part in parts)


def _marked(text: str) -> str:
    return _MARKUP.sub(r"\\\g<0>", text)
