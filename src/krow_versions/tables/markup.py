"""Write HTML: tables, lines of words and diffs, for notebooks and pages.

All text is escaped; there are no scripts and no external resources. Each colour has a symbol and a word
beside it, which remain without styles.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.tables.plain import are_numbers, shown
from krow_versions.text.escaping import html_text
from krow_versions.text.words import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from krow_versions.tables.plain import Cell, Grid

ROWS_SHOWN = 200
LINES_SHOWN = 1000
# Characters; a column with a longer cell is wrapped but has a minimum width, others are not wrapped.
SHORT = 24

# By the symbol that a cell or line begins with.
_COLORS = {"✓ ": "kv-good", "! ": "kv-doubt", "✗ ": "kv-bad"}
_CHANGES = {"+": ("ins", "kv-added"), "-": ("del", "kv-removed"), "@": ("span", "kv-where")}

# Text has the colour of the page and coloured backgrounds are translucent, so both are readable on light
# and dark pages, whatever scheme the browser reports.
STYLE = """\
.kv-display {
  --kv-line: var(--jp-border-color2, #c8ccd1);
  --kv-good: var(--jp-success-color0, #1a7f37);
  --kv-doubt: var(--jp-warn-color0, #9a6700);
  --kv-bad: var(--jp-error-color0, #b3261e);
  color: var(--jp-content-font-color1, inherit);
  overflow-x: auto;
}
@media (prefers-color-scheme: dark) {
  .kv-display {
    --kv-line: var(--jp-border-color2, #4a4f55);
    --kv-good: var(--jp-success-color0, #56d364);
    --kv-doubt: var(--jp-warn-color0, #e3b341);
    --kv-bad: var(--jp-error-color0, #ff8a80);
  }
}
.kv-display .kv-table { border-collapse: collapse; margin: 0.5em 0; background: transparent; }
.kv-display .kv-table caption { caption-side: top; text-align: left; font-weight: bold; padding: 0.25em 0; }
.kv-display .kv-table th, .kv-display .kv-table td {
  border: 1px solid var(--kv-line); padding: 0.25em 0.6em; text-align: left; vertical-align: top;
  white-space: pre; color: inherit;
}
.kv-display .kv-table td.kv-long {
  min-width: 12em; max-width: 40em; white-space: pre-wrap; overflow-wrap: anywhere;
}
.kv-display .kv-table .kv-number { text-align: right; }
.kv-display .kv-table th { background: rgba(127, 127, 127, 0.15); }
.kv-display .kv-table .kv-good { box-shadow: inset 3px 0 var(--kv-good); }
.kv-display .kv-table .kv-doubt { box-shadow: inset 3px 0 var(--kv-doubt); }
.kv-display .kv-table .kv-bad { box-shadow: inset 3px 0 var(--kv-bad); }
.kv-display .kv-words { margin: 0.25em 0; padding-left: 0.6em; border-left: 3px solid var(--kv-line); }
.kv-display .kv-words.kv-good { border-color: var(--kv-good); }
.kv-display .kv-words.kv-doubt { border-color: var(--kv-doubt); }
.kv-display .kv-words.kv-bad { border-color: var(--kv-bad); }
.kv-display .kv-diff {
  margin: 0.5em 0; padding-left: 0.5em; white-space: pre-wrap; overflow-wrap: anywhere; color: inherit;
  font-family: var(--jp-code-font-family, monospace); line-height: 1.4;
}
.kv-display .kv-diff ins, .kv-display .kv-diff del { color: inherit; text-decoration: none; }
.kv-display .kv-diff .kv-added { background: rgba(46, 160, 67, 0.2); box-shadow: -3px 0 var(--kv-good); }
.kv-display .kv-diff .kv-removed { background: rgba(248, 81, 73, 0.2); box-shadow: -3px 0 var(--kv-bad); }
.kv-display .kv-diff .kv-where { font-style: italic; }
.kv-display .kv-diff .kv-file { font-weight: bold; }
"""


def display(*parts: str) -> str:
    """Join HTML of this module into one display with one style sheet."""
    shown_parts = "\n".join(part for part in parts if part)
    return f'<div class="kv-display">\n<style>\n{STYLE}</style>\n{shown_parts}\n</div>'


def table_of(table: Grid, most: int | None = ROWS_SHOWN) -> str:
    """Return a ``<table>`` of at most *most* rows, and the number of the others."""
    columns = list(zip(*table.rows, strict=True)) or [()] * len(table.columns)
    rows = table.rows if most is None else table.rows[:most]
    kinds = [_kind(column) for column in columns]
    caption = html_text(table.caption or counted(len(table.rows), "row"))
    lines = ['<table class="kv-table">', f"<caption>{caption}</caption>", "<thead>"]
    heads = (_cell("th", text, kind) for text, kind in zip(table.columns, kinds, strict=True))
    lines += [f"<tr>{' '.join(heads)}</tr>", "</thead>", "<tbody>"]
    for row in rows:
        cells = (_cell("td", shown(cell), kind) for cell, kind in zip(row, kinds, strict=True))
        lines.append(f"<tr>{' '.join(cells)}</tr>")
    lines += ["</tbody>", "</table>"]
    if len(rows) < len(table.rows):
        lines.append(f'<p class="kv-more">and {len(table.rows) - len(rows)} more</p>')
    return "\n".join(lines)


def words_of(lines: Iterable[str]) -> str:
    """Return one paragraph per line, in the colour of the symbol that the line begins with."""
    return "\n".join(f'<p class="{_class("kv-words", line)}">{html_text(line)}</p>' for line in lines)


def diff_of(diffs: Sequence[str]) -> str:
    r"""Return coloured unified diffs, one per file.

    The CR of a CRLF is omitted, because HTML has no CR.
    """
    lines = [
        _diff_line(line.removesuffix("\r"), heading=at < len(("---", "+++")))
        for diff in diffs
        for at, line in enumerate(diff.removesuffix("\n").split("\n"))
    ]
    if not lines:
        return ""
    shown_lines = "\n".join(lines[:LINES_SHOWN])
    more = f'\n<p class="kv-more">and {len(lines) - LINES_SHOWN} more</p>' if len(lines) > LINES_SHOWN else ""
    return f'<pre class="kv-diff">{shown_lines}\n</pre>{more}'


def _kind(column: Sequence[Cell]) -> str:
    """Return the CSS class of the cells of a column."""
    if are_numbers(column):
        return "kv-number"
    return "kv-long" if any(len(shown(cell)) > SHORT for cell in column) else ""


def _cell(element: str, text: str, kind: str) -> str:
    names = _class(kind, text)
    attributes = ' scope="col"' * (element == "th") + (f' class="{names}"' if names else "")
    return f"<{element}{attributes}>{html_text(text)}</{element}>"


def _class(name: str, text: str) -> str:
    return " ".join(filter(None, (name, _COLORS.get(text[:2]))))


def _diff_line(line: str, *, heading: bool) -> str:
    text = html_text(line, keep="\t")
    if heading:
        return f'<span class="kv-file">{text}</span>'
    element, name = _CHANGES.get(line[:1], ("", ""))
    return f'<{element} class="{name}">{text}</{element}>' if element else text
