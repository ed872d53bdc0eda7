"""Write a row of a table in the style of the rows around it: outer pipes, margins, padding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.regexes import regex
from krow_versions.values import frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from krow_versions.changelog.document import Line, MarkdownTable

_BLANK = " \t"
# GFM splits a row at every pipe without a backslash before it, also inside code spans.
_PIPE = regex(r"(?<!\\)\|")
# The beginning of a row without an outer pipe, which must not begin a list, heading, quote, fence or HTML.
_HARMLESS_START = regex(r"(?![0-9]{1,9}[.)](?:\s|$))[^\W_]")


def render_row(table: MarkdownTable, near: Sequence[Line], cells: Sequence[str]) -> str:
    """Write one line of a table, without its line end.

    An outer pipe is added against the style of the table if the line would not be a row without it:
    before a first cell that is empty or could begin another block, and after an empty last cell.

    Args:
        table: the table.
        near: rows that determine the style, the nearest to the new row first.
        cells: the texts of the cells, with pipes not escaped.
    """
    header, delimiter = table.lines[0].text, table.lines[1].text
    written = [cell.replace("|", r"\|") for cell in cells]
    opens = _agreed(_opens(header), (_opens(line.text) for line in near))
    closes = _agreed(_closes(header), (_closes(line.text) for line in near))
    rows = [parts for line in near if len(parts := _split(line.text)) == len(cells)]
    shown = [*rows, _split(header), _split(delimiter)]
    style = _Style(shown, rows or [_split(header)], _split(delimiter), opens, closes)
    nearest = near[0].text if near else delimiter
    indent = nearest[: len(nearest) - len(nearest.lstrip(_BLANK))]
    line = "|".join(style.part(column, cell) for column, cell in enumerate(written))
    if opens:
        line = f"|{line}"
    elif _HARMLESS_START.match(written[0]):
        line = line.lstrip(_BLANK)
    else:
        line = f"|{style.margins(0)[1] if written[0] else ''}{line}"
    return indent + (f"{line}|" if closes or not written[-1] else line.rstrip(_BLANK))


@frozen
class _Style:
    """The style of the cells of a table.

    Args:
        shown: rows as raw parts between pipes, the best ones for margins first.
        measured: the rows whose widths show the padding, or the header if there are no rows.
        delimiter: the parts of the delimiter row.
        opens: whether rows begin with a pipe.
        closes: whether rows end with a pipe.
    """

    shown: list[list[str]]
    measured: list[list[str]]
    delimiter: list[str]
    opens: bool
    closes: bool

    def part(self, column: int, cell: str) -> str:
        """Write one cell with its margins and padding."""
        left, right = self.margins(column)
        if cell.endswith("\\"):
            right = " "  # Otherwise the backslash would escape the pipe after it.
        text = f"{left}{cell}{right}" if cell else left or right
        slack = self._width(column) - len(text)
        return self._justify(column)(text, slack) if slack > 0 else text

    def margins(self, column: int) -> tuple[str, str]:
        """Return the left and right margin of a cell's text: a space or nothing."""
        beside = 1 if column == 0 and not self.opens and self._width(0) else column
        for parts in self.shown:
            part = parts[column]  # An edge without a pipe has no margin, because the line was trimmed.
            if part.strip(_BLANK) and parts[beside].strip(_BLANK):
                left, right = part[0] in _BLANK, part[-1] in _BLANK
                if self._width(column):  # A space may be padding, so both sides count.
                    left = left and right
                    right = left if beside == column else parts[beside][0] in _BLANK
                return " " * left, " " * right
        return " ", " "

    def _width(self, column: int) -> int:
        """Return the width to which the column is padded, or 0."""
        if column == len(self.delimiter) - 1 and not self.closes:
            return 0
        width = len(self.delimiter[column])
        as_wide = sum(len(parts[column]) == width for parts in self.measured)
        return width if 2 * as_wide > len(self.measured) else 0

    def _justify(self, column: int) -> Callable[[str, int], str]:
        """Return the alignment of the column, by the nearest cell with padding."""
        for parts in self.measured:
            part = parts[column]
            before = len(part) - len(part.lstrip(_BLANK))
            after = len(part) - len(part.rstrip(_BLANK))
            if part.strip(_BLANK) and before + after > 2:
                if before > 1:
                    return _centred if after > 1 else _right
                break
        return _left


def _left(text: str, slack: int) -> str:
    return text + " " * slack


def _right(text: str, slack: int) -> str:
    return " " * slack + text


def _centred(text: str, slack: int) -> str:
    return " " * (slack // 2) + text + " " * (slack - slack // 2)


def _agreed(header: bool, rows: Iterable[bool]) -> bool:
    """Return the header's style, or its opposite if all rows differ from the header."""
    differing = [row != header for row in rows]
    return not header if differing and all(differing) else header


def _opens(line: str) -> bool:
    return line.lstrip(_BLANK).startswith("|")


def _closes(line: str) -> bool:
    stripped = line.rstrip(_BLANK)
    return stripped.endswith("|") and not stripped.endswith("\\|")


def _split(line: str) -> list[str]:
    """Split a line into the raw texts of its cells."""
    parts = _PIPE.split(line.strip(_BLANK))
    if parts and not parts[0]:
        parts.pop(0)
    if parts and not parts[-1]:
        parts.pop()
    return parts
