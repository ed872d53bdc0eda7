"""Render HTML from the templates of the package: displays for notebooks, and the pages of reports.

Jinja2 escapes all text. Before, characters that do not show are escaped, and passwords in URLs are hidden.
There are no scripts and no external resources. Each colour has a symbol and a word beside it, which remain
without styles. A browser breaks lines at spaces and behind the slashes of a path, not inside a name.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from krow_versions.regexes import regex
from krow_versions.tables.plain import are_numbers, shown
from krow_versions.text.escaping import printable, safe, without_credentials
from krow_versions.text.words import counted
from krow_versions.values import frozen

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable, Iterator, Sequence

    import jinja2
    from markupsafe import Markup

    from krow_versions.tables.plain import Cell, Grid

ROWS_SHOWN = 200
LINES_SHOWN = 1000
# Characters; a column with a longer cell is wrapped but has a minimum width, others are not wrapped.
SHORT = 24
# Characters of a name, or of a part of a path, that is kept on one line.
WHOLE = 40

# By the symbol that a cell or line begins with.
_COLORS = {"✓ ": "kv-good", "! ": "kv-doubt", "✗ ": "kv-bad"}
_CHANGES = {"+": ("ins", "kv-added"), "-": ("del", "kv-removed"), "@": ("span", "kv-where")}
# A word that a browser may break, behind one of these signs and beside others that are no letters.
_BREAKING = r"?!|}\]\-\u2010-\u2fff"
_WORD = regex(rf"(?<!\S)[^\s/{_BREAKING}]*[/{_BREAKING}]\S*")
_PART = regex(r"[^/]*/|[^/]+")
_INSIDE = regex(rf"[{_BREAKING}][^/]")
# The last part of the name of a tag or a branch, which is not broken behind its slashes either.
_OF_VERSION = regex(r"[^/]*[0-9]\.[0-9]+\.[0-9][^/]*")


@frozen
class Words:
    """Lines of words: each is a paragraph, in the colour of the symbol that it begins with."""

    lines: tuple[str, ...]


@frozen
class Diffs:
    """Unified diffs, one for each file. The CR of a CRLF is omitted, because HTML has no CR."""

    texts: tuple[str, ...]


def display(*parts: Grid | Words | Diffs) -> str:
    """Return a display for a notebook, with one style sheet; what is empty is left out, except a table."""
    shown_parts = [each for each in map(_part, parts) if each]
    return template("tables/markup/display.html").render(parts=shown_parts).removesuffix("\n")


def table_of(table: Grid, most: int | None = ROWS_SHOWN) -> str:
    """Return a ``<table>`` of at most *most* rows, and the number of the others."""
    macros: Any = template("tables/markup/parts.html").module
    return str(macros.table(view(table, most)))


def view(table: Grid, most: int | None = ROWS_SHOWN) -> dict[str, Any]:
    """Return what the macros ``table`` and ``scroll`` need: texts, and classes by what they are."""
    columns = list(zip(*table.rows, strict=True)) or [()] * len(table.columns)
    rows = table.rows if most is None else table.rows[:most]
    kinds = [_kind(column) for column in columns]
    return {
        "kind": "table",
        "caption": table.caption or counted(len(table.rows), "row"),
        "columns": [*zip(table.columns, kinds, strict=True)],
        "rows": [
            [(text, _class(kind, text)) for text, kind in zip(map(shown, row), kinds, strict=True)]
            for row in rows
        ],
        "more": len(table.rows) - len(rows),
    }


def template(name: str) -> jinja2.Template:
    """Load a template by its path in the package; pages extend ``tables/markup/page.html``."""
    return _environment().get_template(name)


def unbroken(text: str) -> Markup:
    """Escape a text so that a browser breaks its lines at spaces and behind the slashes of a path alone.

    >>> print(unbroken("<b> in apps/my-app/x"))
    &lt;b&gt; in apps/<wbr/><span class="kv-word">my-app/</span><wbr/>x
    """
    from markupsafe import Markup, escape

    escaped = str(escape(safe(text)))
    return Markup(_WORD.sub(_kept, escaped))  # noqa: S704 - Escaped, and what is added is our own.


def _kept(match: re.Match[str]) -> str:
    """Mark what stays on one line of an escaped word, and where else it may be broken."""
    word = match[0]
    if len(word) <= WHOLE and _OF_VERSION.fullmatch(word, word.rfind("/") + 1):
        return f'<span class="kv-word">{word}</span>'
    return "<wbr/>".join(
        f'<span class="kv-word">{part}</span>' if len(part) <= WHOLE and _INSIDE.search(part) else part
        for part in _PART.findall(word)
    )


@functools.cache
def _environment() -> jinja2.Environment:
    """Make the one environment. It keeps the templates that it has compiled."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("krow_versions", "."),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_final,
    )
    environment.filters["unbroken"] = unbroken
    return environment


def _final(value: Any) -> Any:
    """Escape what does not show in a text of a template; autoescape escapes HTML."""
    return safe(value) if isinstance(value, str) and not hasattr(value, "__html__") else value


def _part(part: Grid | Words | Diffs) -> dict[str, Any] | None:
    if isinstance(part, Words):
        words = [(line, _class("kv-words", line)) for line in part.lines]
        return {"kind": "words", "lines": words} if words else None
    if isinstance(part, Diffs):
        lines = [*_diff_lines(part.texts)]
        more = max(len(lines) - LINES_SHOWN, 0)
        return {"kind": "diff", "lines": lines[:LINES_SHOWN], "more": more} if lines else None
    return view(part)


def _kind(column: Sequence[Cell]) -> str:
    """Return the CSS class of the cells of a column."""
    if are_numbers(column):
        return "kv-number"
    return "kv-long" if any(len(shown(cell)) > SHORT for cell in column) else ""


def _class(name: str, text: str) -> str:
    return " ".join(filter(None, (name, _COLORS.get(text[:2]))))


def _diff_lines(diffs: Iterable[str]) -> Iterator[tuple[str, str, Markup]]:
    """Return the element of each line, its class, and its text, which keeps its tabs."""
    from markupsafe import escape

    for diff in diffs:
        for at, line in enumerate(diff.removesuffix("\n").split("\n")):
            heading = ("span", "kv-file") if at < len(("---", "+++")) else None
            element, name = heading or _CHANGES.get(line[:1], ("", ""))
            text = printable(without_credentials(line.removesuffix("\r")), keep="\t")
            yield element, name, escape(text)
