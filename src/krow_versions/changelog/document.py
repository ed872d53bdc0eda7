"""A Markdown text as a parser sees it: its lines, tables and headings.

Only the block structure is parsed (``markdown-it-py`` without its inline rules, which is four times
as fast); its line numbers lead back to the original text, which is split at the line ends that
`CommonMark <https://spec.commonmark.org/0.31.2/#line-ending>`_ knows: LF, CR LF and CR, no others.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import attrs

from krow_versions.encoding import BOM
from krow_versions.errors import FileFormatError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from markdown_it.token import Token

_LINE_END = re.compile(r"\r\n|\n|\r")
# The parser's own limit would make it skip the rest of the text without a word.
_NESTING = 100_000

# What the parser says of one token: type, nesting level, markup, content.
Shape = tuple[str, int, str, str]


@attrs.frozen
class Line:
    r"""A line of the text.

    Args:
        start: offset of its first character.
        text: the line without its end.
        ending: ``\n``, ``\r\n``, ``\r``, or nothing at the end of the text.
        number: counted from 1, where only ``\n`` ends a line, as in every error of this library.
    """

    start: int
    text: str
    ending: str
    number: int

    @property
    def end(self) -> int:
        """The offset behind the line's end."""
        return self.start + len(self.text) + len(self.ending)


@attrs.frozen
class Heading:
    """A heading at the top level of the text; ``index`` is that of its (first) line."""

    index: int
    level: int
    text: str


@attrs.frozen
class Table:
    """A table at the top level of the text; none that is in a list or a quote.

    Args:
        header: the header's cells, pipes unescaped, Markdown as written.
        rows: the cells of every row, as many as the header has.
        lines: the header's line, the delimiter's, and one per row.
        index: the index of the header's line in the document.
        start: the index of the header's row among the tokens.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[Line, ...] = attrs.field(repr=False)
    index: int
    start: int = attrs.field(repr=False)


@attrs.frozen
class Document:
    """What was found in a text; ``shapes`` is all that the parser said of it, line numbers aside."""

    lines: tuple[Line, ...] = attrs.field(repr=False)
    shapes: tuple[Shape, ...] = attrs.field(repr=False)
    tables: tuple[Table, ...]
    headings: tuple[Heading, ...]

    def with_row(self, table: Table, position: int, cells: tuple[str, ...]) -> tuple[Shape, ...]:
        """Give the shapes that this document must have once *cells* are row *position* of *table*."""
        row = tuple(_row_shapes(cells))
        size = len(row)
        at = table.start + size + 1 + (1 + position * size if table.rows else 0)
        if not table.rows:
            row = (("tbody_open", 1, "", ""), *row, ("tbody_close", 1, "", ""))
        return self.shapes[:at] + row + self.shapes[at:]


def parse(text: str) -> Document:
    r"""Parse a Markdown text; a byte order mark before it is set aside, for it would hide a table.

    Raises:
        FileFormatError: lists or quotes are nested too deeply.

    >>> parse("Date | Change\n---- | ------\nToday | All\n").tables
    (Table(header=('Date', 'Change'), rows=(('Today', 'All'),), index=0),)
    """
    lines = tuple(_lines(text))
    tokens = _tokens(text.removeprefix(BOM))
    tables = []
    headings = []
    for position, token in enumerate(tokens):
        if token.level == 0 and token.map is not None:
            if token.type == "heading_open":
                headings.append(Heading(token.map[0], int(token.tag[1:]), tokens[position + 1].content))
            elif token.type == "table_open":
                header, *rows = _rows(tokens, position)
                first, last = token.map
                tables.append(Table(header, tuple(rows), lines[first:last], first, position + 2))
    shapes = tuple((token.type, token.level, token.markup, token.content) for token in tokens)
    return Document(lines, shapes, tuple(tables), tuple(headings))


def _tokens(text: str) -> list[Token]:
    from markdown_it import MarkdownIt  # Only here: loading it takes longer than most commands.

    parser = MarkdownIt("commonmark", {"maxNesting": _NESTING}).enable("table")
    parser.core.ruler.enableOnly(["normalize", "block"])
    try:
        return parser.parse(text)
    except RecursionError:
        raise FileFormatError("the Markdown is nested too deeply to be parsed") from None


def _lines(text: str) -> Iterator[Line]:
    start = len(text) - len(text.removeprefix(BOM))
    number = 1
    for match in _LINE_END.finditer(text, start):
        yield Line(start, text[start : match.start()], match[0], number)
        start = match.end()
        number += match[0] != "\r"
    if start < len(text):
        yield Line(start, text[start:], "", number)


def _rows(tokens: list[Token], start: int) -> Iterator[tuple[str, ...]]:
    """Give the cells of each row of the table that opens at *start*, the header's first."""
    cells: list[str] = []
    for position in range(start, len(tokens)):
        kind = tokens[position].type
        if kind == "inline":
            cells.append(tokens[position].content)
        elif kind == "tr_close":
            yield tuple(cells)
            cells = []
        elif kind == "table_close":
            return


def _row_shapes(cells: Iterable[str]) -> Iterator[Shape]:
    yield ("tr_open", 2, "", "")
    for cell in cells:
        yield ("td_open", 3, "", "")
        yield ("inline", 4, "", cell)
        yield ("td_close", 3, "", "")
    yield ("tr_close", 2, "", "")
