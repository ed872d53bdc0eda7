"""A Markdown text as a parser sees it: its lines, tables and headings.

Only the block structure is parsed (``markdown-it-py`` without its inline rules, which is four times
as fast); its line numbers lead back to the original text, which is split at the line ends that
`CommonMark <https://spec.commonmark.org/0.31.2/#line-ending>`_ knows: LF, CR LF and CR, no others.
"""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

import attrs

from krow_versions.encoding import BOM
from krow_versions.errors import FileFormatError, FileTooLarge

if TYPE_CHECKING:
    from collections.abc import Iterator

    from markdown_it.token import Token

_LINE_END = re.compile(r"\r\n|\n|\r")
# A line that is one HTML tag ends a table for GitHub, as it begins another block; for the parser it is a row.
_HTML = re.compile(r" {0,3}</?[A-Za-z][^<>]*>[ \t]*")
# The parser's own limit would make it skip the rest of the text without a word.
_NESTING = 100_000

# A parsed line takes up to half a kilobyte, a token up to one: a file of 4 MiB might take several
# gigabytes. A long CHANGELOG has some ten thousand lines, and for each up to a dozen tokens.
MOST_LINES = 500_000
MOST_TOKENS = 1_000_000

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
class MarkdownTable:
    """A table at the top level of the text; none that is in a list or a quote.

    Args:
        header: the header's cells, pipes unescaped, Markdown as written.
        rows: the cells of every row, as many as the header has.
        lines: the header's line, the delimiter's, and one per row.
        index: the index of the header's line in the document.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[Line, ...] = attrs.field(repr=False)
    index: int


@attrs.frozen
class MarkdownDocument:
    """What was found in a text; ``shapes`` is what the parser said of all but the tables."""

    lines: tuple[Line, ...] = attrs.field(repr=False)
    shapes: tuple[Shape, ...] = attrs.field(repr=False)
    tables: tuple[MarkdownTable, ...]
    headings: tuple[Heading, ...]

    def is_with_row(
        self, before: MarkdownDocument, table: MarkdownTable, position: int, cells: tuple[str, ...]
    ) -> bool:
        """Tell whether this is *before* with *cells* as row *position* of *table*, and nothing else."""
        rows = (*table.rows[:position], cells, *table.rows[position:])
        expected = [(old.header, rows if old is table else old.rows) for old in before.tables]
        return self.shapes == before.shapes and expected == [(new.header, new.rows) for new in self.tables]


def parse(text: str) -> MarkdownDocument:
    r"""Parse a Markdown text; a byte order mark before it is set aside, for it would hide a table.

    Raises:
        FileFormatError: lists or quotes are nested too deeply.
        FileTooLarge: the text has more lines, or blocks and cells, than any CHANGELOG.

    >>> parse("Date | Change\n---- | ------\nToday | All\n").tables
    (Table(header=('Date', 'Change'), rows=(('Today', 'All'),), index=0),)
    """
    if text.count("\n") + text.count("\r") > MOST_LINES:
        raise _too_large(f"{MOST_LINES:,} lines")
    lines = tuple(_lines(text))
    tokens = _tokens(text.removeprefix(BOM))
    shapes: list[Shape] = []
    tables: list[MarkdownTable] = []
    headings: list[Heading] = []
    walk = iter(tokens)
    for token in walk:
        shapes.append((token.type, token.level, token.markup, token.content))
        if token.level or token.map is None:
            continue
        if token.type == "heading_open":
            content = next(walk)
            shapes.append((content.type, content.level, content.markup, content.content))
            headings.append(Heading(token.map[0], int(token.tag[1:]), content.content))
        elif token.type == "table_open":
            header, *rows = _rows(walk)
            first, last = token.map
            end = next((at for at in range(first + 2, last) if _HTML.fullmatch(lines[at].text)), last)
            tables.append(MarkdownTable(header, tuple(rows[: end - first - 2]), lines[first:end], first))
            shapes += [("cut_row", 1, "", "|".join(cells)) for cells in rows[end - first - 2 :]]
    return MarkdownDocument(lines, tuple(shapes), tuple(tables), tuple(headings))


def _too_large(what: str) -> FileTooLarge:
    return FileTooLarge(
        f"the CHANGELOG has more than {what}",
        hint="see whether this is the right file, or move old parts away",
    )


class _Tokens(list["Token"]):
    """The parser's list of tokens, which does not grow without end."""

    def append(self, token: Token) -> None:
        if len(self) == MOST_TOKENS:
            raise _too_large(f"{MOST_TOKENS:,} blocks and cells")
        super().append(token)


def _tokens(text: str) -> list[Token]:
    from markdown_it import MarkdownIt  # Only here: loading it takes longer than most commands.
    from markdown_it.rules_core import StateCore

    parser = MarkdownIt("commonmark", {"maxNesting": _NESTING}).enable("table")
    parser.core.ruler.enableOnly(["normalize", "block"])
    state = StateCore(text, parser, {})
    state.tokens = _Tokens()
    try:
        parser.core.process(state)
    except RecursionError:
        raise FileFormatError("the Markdown is nested too deeply to be parsed") from None
    return state.tokens


def _lines(text: str) -> Iterator[Line]:
    start = len(text) - len(text.removeprefix(BOM))
    number = 1
    for match in _LINE_END.finditer(text, start):
        yield Line(start, text[start : match.start()], match[0], number)
        start = match.end()
        number += match[0] != "\r"
    if start < len(text):
        yield Line(start, text[start:], "", number)


def _rows(walk: Iterator[Token]) -> Iterator[tuple[str, ...]]:
    """Give the cells of each row of the table that has just opened, the header's first."""
    cells: list[str] = []
    for token in itertools.takewhile(lambda token: token.type != "table_close", walk):
        if token.type == "inline":
            cells.append(token.content)
        elif token.type == "tr_close":
            yield tuple(cells)
            cells = []
