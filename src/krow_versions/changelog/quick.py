"""Read the blocks of a plain CHANGELOG without the parser, whose loading takes longer than most commands.

:func:`read_plain` answers only where the lines allow one reading, and then as the parser does; all else is
handed over to it. By `CommonMark <https://spec.commonmark.org/0.31.2/>`_ and
`GitHub Flavored Markdown <https://github.github.com/gfm/>`_:

- what goes on over blank lines is followed to its end (4.5 fenced code, 4.6 comments), or handed over (other
  HTML: it may go on, or be a paragraph with HTML in it);
- a line belongs to a list item (5.2) if it is indented as far as the item's text. The next line that is not
  ends the list, or is the next item, or continues a paragraph (5.1); it is taken to continue one only where
  nothing else can be open;
- a line of dashes or equal signs makes a heading (4.3) of one line of text; below more than that, below a
  quote, and below text that may be a definition, it is handed over;
- so are link definitions (4.7) that are not one plain line each, tabs that indent (2.2), empty items, and a
  delimiter row (GFM 4.10) that does not make a table of the line above.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from krow_versions.changelog.document import (
    MOST_LINES,
    MOST_TOKENS,
    Block,
    Heading,
    MarkdownDocument,
    lines_of,
)
from krow_versions.changelog.quick_table import NUMBERED, Unclear, is_delimiter, level_of, read_table
from krow_versions.regexes import regex

if TYPE_CHECKING:
    from krow_versions.changelog.document import Line, MarkdownTable

_NESTED = regex(r"(?:[-*+]|[0-9]{1,9}[.)]) {1,4}(?! )")
_ANCHOR = regex(r"<a [^<>]*></a>[ \t]*", re.IGNORECASE)
_DEFINITION = regex(
    r"\[([!-Z^-~]+(?: [!-Z^-~]+)*)\]: +(?:https?://[!#-&*-;=?-Z_a-~]+|[A-Za-z0-9./#][A-Za-z0-9./#_-]*)[ \t]*"
)
# As many markers a line may have: the parser takes deeper lists, but not of any depth.
_DEEPEST = 100
# The tokens of a list with one item and a paragraph.
_TOKENS = 7

# What the last line is part of. What is closed cannot be continued by a text.
_BLANK, _CLOSED, _PARAGRAPH, _LIST, _QUOTE, _CODE = range(6)


def read_plain(text: str) -> MarkdownDocument | None:
    r"""Read a text of plain lines as the parser does, but without ``shapes``; None to hand over.

    >>> read_plain("Date | Change\n---- | ------\nToday | All\n").tables
    (MarkdownTable(header=('Date', 'Change'), rows=(('Today', 'All'),), index=0),)
    >>> read_plain("<b>Is the next line a heading?\n# Today\n")
    """
    lines = tuple(lines_of(text)) if text.count("\n") + text.count("\r") <= MOST_LINES else ()
    # Some programs trim controls and other spaces than those of Markdown.
    if not lines or not all(line.text.replace("\t", " ").isprintable() for line in lines):
        return None
    try:
        return _Reader(lines).document()
    except Unclear:
        return None


class _Reader:
    """Goes through the lines from the top."""

    def __init__(self, lines: tuple[Line, ...]) -> None:
        self.lines = lines
        self.tables: list[MarkdownTable] = []
        self.headings: list[Heading] = []
        self.blocks: list[tuple[str, int, int]] = []
        self.links: dict[str, int] = {}
        self.tokens = 0  # As many as the parser makes, or more.
        self.last = _BLANK
        self.width = 0  # Where the text of the list item begins; 0 outside of lists.
        self.marker = ""  # What distinguishes the list from another.
        self.is_text = False  # Whether the list or quote ends with a paragraph that a line may continue.
        self.is_opaque = False  # Whether something else in it may reach over lines.

    def document(self) -> MarkdownDocument:
        at = 0
        while at < len(self.lines):
            at = self._block(at)
            if self.tokens > MOST_TOKENS:
                raise Unclear
        blocks = [block for block in self.blocks if not self._is_definitions(block)]
        return MarkdownDocument(
            self.lines,
            (),
            tuple(self.tables),
            tuple(self.headings),
            tuple(Block(kind, "", start, end, -1) for kind, start, end in blocks),
            self.links,
        )

    # --- lines ------------------------------------------------------------------------------

    def _block(self, at: int) -> int:
        """Read the line *at*, or all lines of what begins there, and return the index of the next one."""
        line = self.lines[at].text
        bare = line.lstrip(" ")
        if not bare.strip("\t "):
            self.last = _BLANK
            return at + 1
        if bare[0] == "\t":
            raise Unclear
        indent = len(line) - len(bare)
        if self.width and indent >= self.width:
            return self._list_line(at, bare, indent)
        self.tokens += _TOKENS
        if "|" in bare and at + 1 < len(self.lines) and is_delimiter(self.lines[at + 1].text):
            return self._table(at, indent)
        if indent > 3:
            return self._indented(at)
        if bare[0] in "-=" and self.last not in {_BLANK, _CLOSED, _CODE} and not bare.strip(f"{bare[0]} \t"):
            return self._underline(at, bare, indent)
        if (marker := _marker(bare)) is not None:
            return self._item(at, bare, indent, marker)
        return self._leaf(at, bare, indent)

    def _leaf(self, at: int, bare: str, indent: int) -> int:
        first = bare[0]
        if first == "#" and (level := level_of(bare)):
            return self._heading(at, bare, indent, level)
        if first == ">":
            return self._quote(at, bare, indent)
        if first in "`~" and bare.startswith(first * 3):
            return self._fence(at, bare, indent)
        if first in "-*_" and _is_rule(bare):
            return self._close("hr", at, at + 1, indent)
        if first == "<" and not _ANCHOR.fullmatch(bare):
            return self._comment(at, bare, indent)
        return self._text(at)

    def _add(self, kind: str, at: int, end: int, *, goes_on: bool = False) -> None:
        if goes_on:
            kind, at, _ = self.blocks.pop()
        self.blocks.append((kind, at, end))

    def _close(self, kind: str, at: int, end: int, indent: int) -> int:
        """Note a block that nothing continues, and that begins wherever it is not in a list."""
        if self.width and indent:
            raise Unclear
        self._add(kind, at, end)
        self.last, self.width = _CLOSED, 0
        return end

    def _text(self, at: int) -> int:
        if self.last in {_LIST, _QUOTE}:
            if not self.is_text:
                raise Unclear
            self._add("", at, at + 1, goes_on=True)
            return at + 1
        self._add("paragraph", at, at + 1, goes_on=self.last == _PARAGRAPH)
        self.last, self.width = _PARAGRAPH, 0
        return at + 1

    def _indented(self, at: int) -> int:
        if self.last in {_PARAGRAPH, _QUOTE}:
            return self._text(at)
        if self.width:
            raise Unclear
        goes_on = self.last != _CLOSED and self.blocks[-1:] and self.blocks[-1][0] == "code_block"
        self._add("code_block", at, at + 1, goes_on=bool(goes_on))
        self.last = _CODE
        return at + 1

    def _heading(self, at: int, bare: str, indent: int, level: int) -> int:
        text = bare[level:].strip(" \t")
        opening = text.rstrip("#")
        if not text or (opening != text and opening[-1:] in {"", " ", "\t"}):
            raise Unclear
        self.headings.append(Heading(at, level, text, at + 1, "#" * level))
        return self._close("heading", at, at + 1, indent)

    def _underline(self, at: int, bare: str, indent: int) -> int:
        """Read a line of dashes, equal signs and spaces below a text."""
        mark = bare[0]
        if mark == "-" and _is_rule(bare) and (self.last == _LIST or " " in bare.rstrip(" \t")):
            return self._close("hr", at, at + 1, indent)
        text = self.lines[at - 1].text.strip(" \t")
        if (
            self.blocks[-1] != ("paragraph", at - 1, at)
            or _may_define(text)
            or bare.rstrip(" \t").strip(mark)
        ):
            raise Unclear
        self.blocks.pop()
        self.headings.append(Heading(at - 1, 1 if mark == "=" else 2, text, at + 1, mark))
        return self._close("heading", at - 1, at + 1, indent)

    def _fence(self, at: int, bare: str, indent: int) -> int:
        mark = bare[0]
        length = len(bare) - len(bare.lstrip(mark))
        if mark == "`" and mark in bare[length:]:
            raise Unclear
        for end in range(at + 1, len(self.lines)):
            line = self.lines[end].text
            closing = line.lstrip(" ")
            if (
                len(line) - len(closing) <= 3
                and closing.startswith(mark * length)
                and not closing.lstrip(mark).strip(" \t")
            ):
                return self._close("fence", at, end + 1, indent)
        raise Unclear

    def _comment(self, at: int, bare: str, indent: int) -> int:
        if bare.startswith("<!--"):
            for end in range(at, len(self.lines)):
                if "-->" in self.lines[end].text:
                    return self._close("html_block", at, end + 1, indent)
        raise Unclear

    # --- lists and quotes -------------------------------------------------------------------

    def _item(self, at: int, bare: str, indent: int, marker: tuple[str, int]) -> int:
        kind, length = marker
        content = bare[length:].lstrip(" ")
        spaces = len(bare) - length - len(content)
        if not content or content[0] == "\t" or spaces > 4:
            raise Unclear
        if kind in {".", ")"} and self.last in {_PARAGRAPH, _QUOTE} and int(bare[: length - 1]) != 1:
            raise Unclear
        goes_on = bool(self.width) and kind == self.marker
        self._add("ordered_list" if kind in {".", ")"} else "bullet_list", at, at + 1, goes_on=goes_on)
        self.last, self.marker, self.width = _LIST, kind, indent + length + spaces
        self.is_opaque = False
        self._inside(content)
        return at + 1

    def _list_line(self, at: int, bare: str, indent: int) -> int:
        if self.last == _BLANK and indent >= self.width + 4:
            self.is_opaque = True
        self._add("", at, at + 1, goes_on=True)
        self.last = _LIST
        nested = _NESTED.match(bare)
        self._inside(bare[nested.end() :] if nested else bare, indent)
        return at + 1

    def _quote(self, at: int, bare: str, indent: int) -> int:
        if self.width and indent:
            raise Unclear
        self._add("blockquote", at, at + 1, goes_on=self.last == _QUOTE)
        content = bare[1:].lstrip(" ")
        is_code = len(bare) - len(content) > 5
        self.is_opaque = is_code or (self.is_opaque and self.last == _QUOTE)
        self.last, self.width = _QUOTE, 0
        self._inside(content)
        return at + 1

    def _inside(self, content: str, indent: int = 0) -> None:
        """Note what a line in a list or quote begins with."""
        core = content.lstrip(" >*+-0123456789.)")
        markers = len(content) - len(core)
        self.tokens += _TOKENS * (markers + 2)
        if (
            markers + indent > _DEEPEST
            or _may_define(core)
            or "\t" in content[:markers]
            or ("|" in content and not content.strip(" >*+-:|\t"))  # The delimiter row of a table.
        ):
            raise Unclear
        first = content[:1]
        is_text = first.isalnum() or (first in "*_[(\"'@!`" and content[1:2] not in {first, " ", "\t", ""})
        is_text = is_text or (content.startswith("**") and content[2:3] not in {"*", " ", "\t", ""})
        is_text = is_text and NUMBERED.match(content) is None
        self.is_opaque = self.is_opaque or not is_text
        self.is_text = not self.is_opaque

    # --- tables and link definitions --------------------------------------------------------

    def _table(self, at: int, indent: int) -> int:
        if self.last not in {_BLANK, _CLOSED} or indent > 3:
            raise Unclear
        table = read_table(self.lines, at)
        self.tables.append(table)
        self.tokens += 3 * (len(table.header) + 1) * len(table.lines)
        return self._close("table", at, at + len(table.lines), indent)

    def _is_definitions(self, block: tuple[str, int, int]) -> bool:
        """Whether a paragraph is nothing but link definitions, which are noted."""
        kind, start, end = block
        if kind != "paragraph" or not _may_define(self.lines[start].text.lstrip(" ")):
            return False
        for index in range(start, end):
            found = _DEFINITION.fullmatch(self.lines[index].text)
            if found is None:
                raise Unclear
            self.links.setdefault(found[1].upper(), index)
        return True


def _may_define(text: str) -> bool:
    """Whether a link definition may begin here: a label in brackets, maybe of several lines, and a colon."""
    if text[:1] != "[":
        return False
    label, bracket, rest = text[1:].partition("]")
    return "[" not in label and (not bracket or "\\" in label or rest[:1] == ":")


def _is_rule(bare: str) -> bool:
    marks = bare.replace(" ", "").replace("\t", "")
    return len(marks) > 2 and not marks.strip(marks[0])


def _marker(bare: str) -> tuple[str, int] | None:
    """Return what the marker of a list item ends with, and its length; None for another line."""
    if bare[0] in "-*+":
        return (bare[0], 1) if bare[1:2] in {"", " ", "\t"} and not _is_rule(bare) else None
    found = NUMBERED.match(bare)
    return (found[2], found.end()) if found else None
