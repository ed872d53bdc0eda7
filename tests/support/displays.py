"""Readers of what is shown: hostile texts, the cells that a table must show, a page as a browser reads it."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from krow_versions.text.escaping import safe

if TYPE_CHECKING:
    from krow_versions.tables import Cell, Table

HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror='alert(1)'>",
    "</td></tr></table></style><b>",
    "\"><a href='javascript:x'>",
    "&lt;b&gt; &amp; &#60;",
    "\x1b[2J\x1b]0;x\x07",
    "\u202etxt.exe\u2066",
    "a|b\\|c\\",
    "a\nb\r\nc\u2028d\te",
    "`code` ``c`` **b** _e_ __e__ ~~d~~ $m$",
    "![i](https://x.org) [l](https://x.org) [r][r] [^1]",
    "https://x.org http://www.x.org/a?b=c ftp://x.org WWW.x.org www.x.org",
    "a@x.org mailto:a@x.org xmpp:a@x.org/b a@_x.org @krow/web",
    "<https://x.org> <a@x.org> <!-- c --> <?p?> <![CDATA[x]]>",
    '=cmd|"/c calc"!A1, and "quotes"',
    "---",
    "# - 1. > x",
    "\udcff\x00\x85",
    " two  spaces ",
    "\u00a0",
    "日本 e\u0301 👩\u200d👧",
    "x" * 10_000,
    "",
)
VOID = {"meta", "input", "wbr"}


class Page(HTMLParser):
    """A page as a browser reads it; it fails where an element is not closed in its place.

    Attributes:
        names: the elements, in their order.
        attributes: element, name and value of all attributes.
        tables: of each table its rows, headings first, each a list of cells.
        captions: the caption of each table.
        headings: level and text.
        text: all that is shown, without styles.
        styles: the style sheets.
    """

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.names: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.tables: list[list[list[str]]] = []
        self.captions: list[str] = []
        self.headings: list[tuple[int, str]] = []
        self.styles: list[str] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in VOID:
            self._open.append(tag)
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in {"td", "th"}:
            self.tables[-1][-1].append("")
        elif tag == "caption":
            self.captions.append("")
        elif tag == "style":
            self.styles.append("")
        elif re.fullmatch("h[1-6]", tag):
            self.headings.append((int(tag[1]), ""))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" in self._open:
            self.styles[-1] += data
            return
        self.text += data
        if {"td", "th"} & set(self._open):
            self.tables[-1][-1][-1] += data
        elif "caption" in self._open:
            self.captions[-1] += data
        elif any(re.fullmatch("h[1-6]", each) for each in self._open):
            level, text = self.headings[-1]
            self.headings[-1] = (level, text + data)

    def values(self, name: str) -> list[str]:
        return [value for _, attribute, value in self.attributes if attribute == name]

    @property
    def named(self) -> dict[str, list[list[str]]]:
        """The tables by their captions."""
        return dict(zip(self.captions, self.tables, strict=True))


def expected(cell: Cell) -> str:
    """What any rendering must show, said once more and in another way."""
    if isinstance(cell, dt.datetime):
        zone = re.sub(r"(..)$", r":\1", f"{cell:%z}")
        return f"{cell.year:04}-{cell:%m-%d %H:%M} {zone}"
    return safe(cell) if isinstance(cell, str) else "" if cell is None else f"{cell}"


def lines_of(table: Table) -> list[list[str]]:
    return [[expected(cell) for cell in row] for row in (table.columns, *table.rows)]


def assert_nothing_raw(text: str, *, lines: str = "\n") -> None:
    """No control, bidi, invisible or lone surrogate character, those that end lines aside."""
    for character in set(text) - set(lines):
        assert unicodedata.category(character) not in {"Cc", "Cs", "Zl", "Zp"}, repr(character)
        assert unicodedata.bidirectional(character) not in {
            "LRE", "LRO", "RLE", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"
        }, repr(character)  # fmt: skip


def assert_a_good_display(html: str) -> Page:
    """One style sheet of our own names, nothing from elsewhere, no script, well-formed to a second reader."""
    page = Page(html)
    assert ET.fromstring(html).tag == "div"
    assert page.names.count("style") == 1
    assert not {"script", "link", "img", "iframe", "a", "svg"} & set(page.names)
    assert {name for _, name, _ in page.attributes} <= {"class", "scope", "role", "aria-label", "tabindex"}
    classes = {each for _, name, value in page.attributes if name == "class" for each in value.split()}
    assert classes
    assert all(each.startswith("kv-") for each in classes)
    (style,) = page.styles
    assert not re.search(r"url\(|@import|expression|https?:", style)
    selectors = re.findall(r"([^{};]+)\{", style.replace("@media (prefers-color-scheme: dark) {", ""))
    assert selectors
    assert all(part.strip().startswith(".kv-display") for each in selectors for part in each.split(","))
    assert len(page.captions) == len(page.tables)
    assert all(page.captions)
    assert page.names.count("th") == page.attributes.count(("th", "scope", "col"))
    return page
