"""A hotfix over time: when each milestone was due and when it was reached, and the limit.

The first half hour has a linear scale, the rest a logarithmic one: a hotfix takes an hour, and its
follow-up is a day later.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from krow_versions.pictures.canvas import (
    BAD,
    DOUBT,
    GOOD,
    LINE,
    PLANNED,
    SIZES,
    Sheet,
    below_title,
    fitting,
    room_of,
    text_width,
)
from krow_versions.values import frozen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from krow_versions.pictures.canvas import Size

_WIDTH = 700.0
_LEAST, _MOST = 0.35, 0.65  # Of the width, for labels.
_TICKS = {
    0: "0", 5: "5 min", 15: "15 min", 30: "30 min", 60: "1 h", 120: "2 h", 240: "4 h", 720: "12 h",
    1440: "1 d", 4320: "3 d", 10080: "1 w", 43200: "30 d", 525600: "1 y", 5256000: "10 y",
}  # fmt: skip
_LINEAR = 30.0  # Minutes.


@frozen
class PlannedMilestone:
    """A milestone; times are minutes since the fault was detected.

    Attributes:
        label: its name.
        state: its state, in a few words.
        planned: when it is due.
        until: when it was reached; now if it is late and not yet reached; else None.
        reached: whether it was reached.
        late: whether it was reached late, or is late now.
    """

    label: str
    state: str
    planned: float
    until: float | None
    reached: bool
    late: bool


def draw_milestones(
    milestones: Sequence[PlannedMilestone],
    limit: float | None,
    state: str,
    title: str,
    axes: Axes | None = None,
    *,
    figsize: Size | None = None,
    alt: str = "",
) -> Axes:
    """Draw the milestones, and the limit as a line.

    Args:
        milestones: from top to bottom.
        limit: in minutes, or None.
        state: the state of the limit, in words.
        title: above the picture.
        axes: where to draw.
        figsize: of a new figure, in inches.
        alt: the alternative text of a new figure.

    Raises:
        UsageError: matplotlib is not installed, or both *axes* and *figsize* are given.
    """
    width, height = room_of(axes, figsize, _WIDTH)
    size = next((each for each in SIZES if height is None or _needed(milestones, each) <= height), SIZES[-1])
    sheet = Sheet.of(axes, (width, height or _needed(milestones, size)), size, title, alt)
    if not milestones:
        sheet.write_centred(state)
        return sheet.axes
    labels = _labels(milestones, width, size)
    scale = _Scale.of(milestones, limit, sheet, labels)
    top, bottom = below_title(size), sheet.height - 3.4 * LINE * size
    row = (bottom - top) / len(milestones)
    if limit is not None:
        x = scale.at(limit)
        # The last line is its label, below the axis.
        sheet.line([x, x], [top, bottom], BAD.color, linewidth=1.2, linestyle="--", zorder=0)
    for index, each in enumerate(milestones):
        _draw(sheet, each, top + (index + 0.5) * row, scale, (labels, row))
    _draw_axis(sheet, scale, bottom, limit)
    sheet.write(
        0.0,
        sheet.height - 0.6 * LINE * size,
        fitting(f"since the fault was detected; {state}", width, size),
    )
    return sheet.axes


@frozen
class _Scale:
    """Where minutes are between the left and the right, in points."""

    left: float
    points: float
    first: float
    last: float

    @classmethod
    def of(
        cls, milestones: Sequence[PlannedMilestone], limit: float | None, sheet: Sheet, labels: float
    ) -> _Scale:
        moments = [at for each in milestones for at in (each.planned, each.until) if at is not None]
        first, last = min(*moments, 0.0), max([*moments, limit or 0.0, _LINEAR])
        left, right = labels + sheet.size, sheet.width - 2.5 * sheet.size
        return cls(left, (right - left) / (_scaled(last) - _scaled(first)), first, last)

    def at(self, minutes: float) -> float:
        return self.left + (_scaled(minutes) - _scaled(self.first)) * self.points


def _labels(milestones: Sequence[PlannedMilestone], width: float, size: float) -> float:
    """Return the width of the labels, with a gap behind them."""
    longest = max(text_width(_line(each), size) for each in milestones)
    return min(max(longest + size, _LEAST * width), _MOST * width)


def _line(each: PlannedMilestone) -> str:
    return f"{each.label}: {each.state}"


def _scaled(minutes: float) -> float:
    if abs(minutes) <= _LINEAR:
        return minutes / _LINEAR
    return math.copysign(1 + math.log10(abs(minutes) / _LINEAR), minutes)


def _needed(milestones: Sequence[PlannedMilestone], size: float) -> float:
    """Return the height of a picture: the title, the rows, and three lines below."""
    rows = max(len(milestones), 2) * _row(size)
    return below_title(size) + rows + 3.4 * LINE * size


def _row(size: float) -> float:
    return LINE * size if size < SIZES[0] else 2.2 * LINE * size


def _draw(sheet: Sheet, each: PlannedMilestone, y: float, scale: _Scale, room: Size) -> None:
    size, (labels, row) = sheet.size, room
    if row >= 2 * LINE * size:
        sheet.write(0.0, y - LINE * size / 2, fitting(each.label, labels - size, size))
        sheet.write(0.0, y + LINE * size / 2, fitting(each.state, labels - size, size))
    else:
        sheet.write(0.0, y, fitting(_line(each), labels - size, size))
    mark = (DOUBT if each.late else GOOD) if each.reached else BAD
    planned = scale.at(each.planned)
    sheet.line(
        [planned], [y], PLANNED.color, marker=PLANNED.marker, markersize=min(1.6 * size, row), zorder=2
    )
    if each.until is not None:
        until = scale.at(each.until)
        sheet.line([planned, until], [y, y], mark.color, linewidth=3, alpha=0.4, zorder=1)
        sheet.line([until], [y], mark.color, marker=mark.marker, markersize=0.9 * size, zorder=3)


def _draw_axis(sheet: Sheet, scale: _Scale, y: float, limit: float | None) -> None:
    """Draw the axis, with the times that have room below it, and below these the word for the limit."""
    size = sheet.size
    sheet.line([scale.left, sheet.width], [y, y], sheet.ink, linewidth=0.8)
    free = scale.left - 2 * size
    for minutes, name in _TICKS.items():
        x, half = scale.at(minutes), text_width(name, size) / 2
        if x - half >= free and x + half <= sheet.width and scale.first <= minutes <= scale.last:
            sheet.line([x, x], [y, y + 0.4 * size], sheet.ink, linewidth=0.8)
            sheet.write(x, y + 0.9 * LINE * size, name, ha="center")
            free = x + half + size
    if limit is not None:
        sheet.write_within(scale.at(limit), y + 1.9 * LINE * size, "limit")
