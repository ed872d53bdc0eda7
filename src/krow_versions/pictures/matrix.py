"""The versions of files against production: one row per product, one cell per file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from krow_versions.pictures.canvas import (
    LINE,
    SIZE,
    axes_for,
    fitting,
    label_rows,
    prepare,
    style,
    width_of,
    write_centred,
)
from krow_versions.values import frozen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from krow_versions.pictures.canvas import Mark

_CELL = (230.0, 3.9 * LINE)
_LABELS = 110.0
_MOST = 3  # Cells per line; a product with more files has several lines.


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


def draw_matrix(rows: Sequence[tuple[str, Sequence[Entry]]], title: str, axes: Axes | None = None) -> Axes:
    """Draw the entries of each product.

    Raises:
        UsageError: matplotlib is not installed.
    """
    lines = [
        (name if start == 0 else "", entries[start : start + _MOST])
        for name, entries in rows
        for start in range(0, max(len(entries), 1), _MOST)
    ]
    columns = max((len(entries) for _, entries in lines), default=0)
    size = (_CELL[0] * max(columns, 2), _CELL[1] * max(len(lines), 1))
    axes = axes_for(axes, *size, left=_LABELS + 2 * SIZE, bottom=SIZE)
    ink = prepare(axes, title)
    if not lines:
        write_centred(axes, "no product", ink)
        return axes
    label_rows(axes, [fitting(name, _LABELS) for name, _ in lines])
    axes.set_xticks([])
    axes.set_xlim(0, max(columns, 1))
    axes.spines["bottom"].set_visible(False)
    width = width_of(axes) / max(columns, 1)
    for row, (_, entries) in enumerate(lines):
        for column, entry in enumerate(entries):
            _draw(axes, (column, row), entry, width, ink)
    return axes


def _draw(axes: Axes, where: tuple[int, int], entry: Entry, width: float, ink: str) -> None:
    from matplotlib.patches import Rectangle

    column, row = where
    corner, shape = (column + 0.02, row - 0.46), (0.96, 0.92)
    # A translucent background is readable on light and dark pages.
    axes.add_patch(Rectangle(corner, *shape, facecolor=entry.mark.color, alpha=0.18, linewidth=0))
    axes.add_patch(Rectangle(corner, 0.02, shape[1], facecolor=entry.mark.color, linewidth=0))
    side = SIZE * 2 / width  # Width of the marker's margin at the left.
    axes.plot(
        [column + 0.02 + side], [row - 0.05], entry.mark.marker, color=entry.mark.color, markersize=SIZE
    )
    start = column + 0.02 + 2 * side
    room = (column + 0.97 - start) * width
    at: dict[str, Any] = {"textcoords": "offset points", "ha": "left", "va": "center"}
    for line, (text, size) in enumerate(
        ((entry.version, SIZE * 1.15), (entry.state, SIZE), (entry.file, SIZE))
    ):
        below = (0, LINE * (1 - line))
        axes.annotate(fitting(text, room, size), (start, row), xytext=below, **at, **style(ink, size))
