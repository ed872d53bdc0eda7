"""The versions of files against production: one row per product, one cell per file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.pictures.canvas import LINE, SIZES, Sheet, below_title, fitting, room_of
from krow_versions.values import frozen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from krow_versions.pictures.canvas import Mark, Size

_CELL, _LABELS = 230.0, 120.0
_MOST = 3  # Cells per line; a product with more files has several lines.
_NARROWEST = 20.0  # Of a cell, in font sizes.


@frozen
class Entry:
    """The cell of a file.

    Attributes:
        version: its version.
        state: how that compares to production, in a few words.
        file: its path.
        mark: the mark of that state.
    """

    version: str
    state: str
    file: str
    mark: Mark


_Line = tuple[str, "Sequence[Entry]"]


def draw_matrix(
    rows: Sequence[tuple[str, Sequence[Entry]]],
    title: str,
    axes: Axes | None = None,
    *,
    figsize: Size | None = None,
    alt: str = "",
) -> Axes:
    """Draw the entries of each product; if there is no room for all, the last line counts the others.

    Raises:
        UsageError: matplotlib is not installed, or both *axes* and *figsize* are given.
    """
    columns = min(max((len(entries) for _, entries in rows), default=0), _MOST)
    width, height = room_of(axes, figsize, _LABELS + _CELL * max(columns, 2))
    for size in SIZES:
        labels = min(_LABELS, 0.3 * width)
        columns = min(max(int((width - labels) / (_NARROWEST * size)), 1), max(columns, 1))
        lines = _lines(rows, columns)
        needed = below_title(size) + max(len(lines), 1) * _high(size)
        if height is None or needed <= height:
            break
    sheet = Sheet.of(axes, (width, height or needed), size, title, alt)
    if not lines:
        sheet.write_centred("no product")
        return sheet.axes
    top = below_title(size)
    shown = lines
    if needed > sheet.height:
        shown = lines[: max(int((sheet.height - top - LINE * size) / _high(size)), 0)]
        left_out = sum(len(entries) for _, entries in lines[len(shown) :])
        last = fitting(f"and {left_out} more, for which there is no room", width, size)
        sheet.write(0.0, sheet.height - LINE * size / 2, last)
    wide = (width - labels) / columns
    for index, (name, entries) in enumerate(shown):
        y = top + (index + 0.5) * _high(size)
        sheet.write(0.0, y, fitting(name, labels - size, size))
        for column, entry in enumerate(entries):
            _draw(sheet, (labels + column * wide, y), wide, entry)
    return sheet.axes


def _lines(rows: Sequence[tuple[str, Sequence[Entry]]], columns: int) -> list[_Line]:
    return [
        (name if start == 0 else "", entries[start : start + columns])
        for name, entries in rows
        for start in range(0, max(len(entries), 1), columns)
    ]


def _high(size: float) -> float:
    return 3.6 * LINE * size


def _draw(sheet: Sheet, place: tuple[float, float], wide: float, entry: Entry) -> None:
    from matplotlib.patches import Rectangle

    size, high = sheet.size, 0.92 * _high(sheet.size)
    x, y = place[0], place[1] - high / 2
    # A translucent background is readable on light and dark pages.
    color = entry.mark.color
    sheet.axes.add_patch(Rectangle((x, y), wide - 0.6 * size, high, facecolor=color, alpha=0.18, linewidth=0))
    sheet.axes.add_patch(Rectangle((x, y), 0.4 * size, high, facecolor=color, linewidth=0))
    sheet.line([x + 1.4 * size], [place[1]], color, marker=entry.mark.marker, markersize=size)
    room = wide - 3.3 * size
    for line, text in enumerate((entry.version, entry.state, entry.file)):
        sheet.write(x + 2.4 * size, place[1] + (line - 1) * LINE * size, fitting(text, room, size))
