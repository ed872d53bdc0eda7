"""Parse Markdown into lines, tables and headings.

Only blocks are parsed, by ``markdown-it-py`` without its inline rules, which is four times as fast. Its
line numbers refer to the original text, split at the line ends of
`CommonMark <https://spec.commonmark.org/0.31.2/#line-ending>`_: LF, CR LF and CR.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

from krow_versions.encoding import BOM
from krow_versions.errors import FileFormatError, FileTooLarge
from krow_versions.regexes import regex
from krow_versions.values import field, frozen

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from markdown_it.token import Token

_LINE_END = regex(r"\r\n|\n|\r")
# On GitHub, a line with only an HTML tag ends a table, because it begins a block; for the parser it is a row.
_HTML = regex(r" {0,3}</?[A-Za-z][^<>]*>[ \t]*")
# At its own limit, the parser would skip the rest of the text silently.
_NESTING = 100_000

# A parsed line takes up to half a kilobyte, a token up to one: a file of 4 MiB might take several
# gigabytes. A long CHANGELOG has some ten thousand lines, and for each up to a dozen tokens.
MOST_LINES = 500_000
MOST_TOKENS = 1_000_000

# The parser reads the rest of a line once for each list or quote that the line begins, and a line of text
# once for each quote around it, up to a blank line. Real files have 3 levels, not 8.
MOST_NESTED = 1_000_000
_MANY_MARKERS = regex(r"(?<![^\r\n])[ \t]*+(?:(?:>|(?:[-+*]|[0-9]{1,9}[.)])(?=[ \t]))[ \t]*+){8,}+")
_MARKER = regex(r"[>.)*+-]")
_BLANK = regex(r"(?>\r\n|\n|\r)[ \t]*+(?=[\r\n])")
_CHARACTERS = 8  # As many of a line take as long as a line.

# One token of the parser: type, nesting level, markup, content.
Shape = tuple[str, int, str, str]


@frozen
class Line:
    r"""A line of the text.

    Args:
        start: offset of its first character.
        text: the line without its line end.
        ending: ``\n``, ``\r\n``, ``\r``, or empty at the end of the text.
        number: its number from 1, counting only ``\n``, as all errors of this library do.
    """

    start: int
    text: str
    ending: str
    number: int

    @property
    def end(self) -> int:
        """The offset after the line end."""
        return self.start + len(self.text) + len(self.ending)


@frozen
class Heading:
    """A heading at the top level of the text.

    Args:
        index: the index of its first line.
        level: from 1 to 6.
        text: its content, with Markdown as written.
        end: the index of the line after it.
        markup: ``#`` as often as its level, or ``=`` or ``-`` of a Setext heading.
    """

    index: int
    level: int
    text: str
    end: int
    markup: str


@frozen
class Block:
    """A block at the top level: its token's type and markup, its lines, and how many tokens are before it."""

    kind: str
    markup: str
    index: int
    end: int
    shape: int


@frozen
class MarkdownTable:
    """A table at the top level of the text, not in a list or quote.

    Args:
        header: the cells of the header, with pipes unescaped and Markdown as written.
        rows: the cells of every row, as many as in the header.
        lines: the line of the header, of the delimiter row, and of each row.
        index: the index of the header's line in the document.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[Line, ...] = field(repr=False)
    index: int


@frozen
class MarkdownDocument:
    """A parsed text.

    Args:
        lines: all lines.
        shapes: the parser's tokens outside of tables.
        tables: the tables at the top level.
        headings: the headings at the top level.
        blocks: all blocks at the top level.
        links: the index of the line of each link definition, by its label as CommonMark compares it.
    """

    lines: tuple[Line, ...] = field(repr=False)
    shapes: tuple[Shape, ...] = field(repr=False)
    tables: tuple[MarkdownTable, ...]
    headings: tuple[Heading, ...]
    blocks: tuple[Block, ...] = field(repr=False)
    links: Mapping[str, int] = field(repr=False)

    def is_with_row(
        self, before: MarkdownDocument, table: MarkdownTable, position: int, cells: tuple[str, ...]
    ) -> bool:
        """Whether this is exactly *before* with *cells* inserted as row *position* of *table*."""
        rows = (*table.rows[:position], cells, *table.rows[position:])
        expected = [(old.header, rows if old is table else old.rows) for old in before.tables]
        return self.shapes == before.shapes and expected == [(new.header, new.rows) for new in self.tables]

    def is_with_section(
        self, before: MarkdownDocument, section: MarkdownDocument, at: int, labels: set[str]
    ) -> bool:
        """Whether this is exactly *before* with *section* at token *at*, and with these link definitions."""
        expected = (*before.shapes[:at], *section.shapes, *before.shapes[at:])
        rows = [(table.header, table.rows) for table in (*before.tables, *section.tables)]
        return (
            self.shapes == expected
            and sorted(rows) == sorted((table.header, table.rows) for table in self.tables)
            and self.links.keys() == before.links.keys() | labels
        )


def parse(text: str) -> MarkdownDocument:
    r"""Parse a Markdown text, without its byte order mark, which would hide a table at the beginning.

    Raises:
        FileFormatError: lists or quotes are nested too deeply.
        FileTooLarge: the text has too many lines, or blocks and cells.
        TypeError: it is no text.

    >>> parse("Date | Change\n---- | ------\nToday | All\n").tables
    (MarkdownTable(header=('Date', 'Change'), rows=(('Today', 'All'),), index=0),)
    """
    if not isinstance(text, str):
        raise TypeError(f"the text of a CHANGELOG must be a str, not {type(text).__name__}")
    if text.count("\n") + text.count("\r") > MOST_LINES:
        raise _too_large(f"{MOST_LINES:,} lines")
    _require_shallow(text)
    lines = tuple(lines_of(text))
    tokens, links = _tokens(text.removeprefix(BOM))
    shapes: list[Shape] = []
    tables: list[MarkdownTable] = []
    headings: list[Heading] = []
    blocks: list[Block] = []
    walk = iter(tokens)
    for token in walk:
        shapes.append((token.type, token.level, token.markup, token.content))
        if token.level or token.map is None:
            continue
        first, last = token.map
        blocks.append(Block(token.type.removesuffix("_open"), token.markup, first, last, len(shapes) - 1))
        if token.type == "heading_open":
            content = next(walk)
            shapes.append((content.type, content.level, content.markup, content.content))
            headings.append(Heading(first, int(token.tag[1:]), content.content, last, token.markup))
        elif token.type == "table_open":
            header, *rows = _rows(walk)
            end = next((at for at in range(first + 2, last) if _HTML.fullmatch(lines[at].text)), last)
            tables.append(MarkdownTable(header, tuple(rows[: end - first - 2]), lines[first:end], first))
            shapes += [("cut_row", 1, "", "|".join(cells)) for cells in rows[end - first - 2 :]]
    return MarkdownDocument(
        lines, tuple(shapes), tuple(tables), tuple(headings), tuple(blocks), _links(links)
    )


def _too_large(what: str) -> FileTooLarge:
    return FileTooLarge(
        f"the CHANGELOG has more than {what}",
        hint="check whether this is the right file, or move old parts to another file",
    )


def _require_shallow(text: str) -> None:
    """Refuse lists and quotes whose nesting would take the parser minutes."""
    if _MANY_MARKERS.search(text) is None:
        return
    work = 0
    for part in _BLANK.split(text):
        deepest = 0
        for match in _MANY_MARKERS.finditer(part):
            depth = len(_MARKER.findall(match[0]))
            deepest = max(deepest, depth)
            line = _LINE_END.search(part, match.end())
            work += depth * ((line.start() if line else len(part)) - match.start()) // _CHARACTERS
        work += deepest * (part.count("\n") + part.count("\r"))
    if work > MOST_NESTED:
        raise FileFormatError("lists or quotes are nested too deeply for a text this long", hint=_SHALLOW)


_SHALLOW = "check whether this is the right file, or put a blank line below what is nested"


class _Tokens(list["Token"]):
    """The parser's list of tokens, with a maximum length."""

    def append(self, token: Token) -> None:
        if len(self) == MOST_TOKENS:
            raise _too_large(f"{MOST_TOKENS:,} blocks and cells")
        super().append(token)


def _tokens(text: str) -> tuple[list[Token], dict[str, Any]]:
    from markdown_it import MarkdownIt  # Only here: loading it takes longer than most commands.
    from markdown_it.rules_core import StateCore

    parser = MarkdownIt("commonmark", {"maxNesting": _NESTING}).enable("table")
    parser.core.ruler.enableOnly(["normalize", "block"])
    found: dict[str, Any] = {}
    state = StateCore(text, parser, found)
    state.tokens = _Tokens()
    try:
        parser.core.process(state)
    except RecursionError:
        raise FileFormatError("the Markdown is nested too deeply to be parsed") from None
    return state.tokens, found.get("references", {})


def _links(references: dict[str, Any]) -> dict[str, int]:
    return {label: found["map"][0] for label, found in references.items()}


def lines_of(text: str) -> Iterator[Line]:
    """Split a text at the line ends of CommonMark; a BOM is part of no line."""
    start = len(text) - len(text.removeprefix(BOM))
    number = 1
    for match in _LINE_END.finditer(text, start):
        yield Line(start, text[start : match.start()], match[0], number)
        start = match.end()
        number += match[0] != "\r"
    if start < len(text):
        yield Line(start, text[start:], "", number)


def _rows(walk: Iterator[Token]) -> Iterator[tuple[str, ...]]:
    """Yield the cells of each row of the table that has just been opened, the header first."""
    cells: list[str] = []
    for token in itertools.takewhile(lambda token: token.type != "table_close", walk):
        if token.type == "inline":
            cells.append(token.content)
        elif token.type == "tr_close":
            yield tuple(cells)
            cells = []
