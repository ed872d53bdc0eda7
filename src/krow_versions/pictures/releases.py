"""Releases over time: one row per stage, one marker per release, and the labels that fit."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from krow_versions.pictures.canvas import (
    DONE,
    DOUBT,
    GOOD,
    LINE,
    NEUTRAL,
    SIZE,
    axes_for,
    fitting,
    label_rows,
    prepare,
    style,
    text_width,
    width_of,
    write_centred,
)
from krow_versions.values import frozen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from krow_versions.pictures.canvas import Mark

_WIDTH, _ROW, _LABELS = 560.0, 40.0, 80.0
_SHORTEST = 1 / 24  # Days on the axis.
_GAP = 4.0  # Between two labels, in points.
_MARKS = {"production": GOOD, "staging": DOUBT, "development": DONE}
# The dates that matplotlib can format; others are drawn at the edge.
_CALENDAR = (dt.datetime(1, 1, 2, tzinfo=dt.UTC), dt.datetime(9999, 12, 30, tzinfo=dt.UTC))
_MANY = 60  # Releases in a row above which markers are small.


@frozen
class Point:
    """A release.

    Attributes:
        stage: its row.
        date: its date, with its zone.
        label: the text above its marker.
    """

    stage: str
    date: dt.datetime
    label: str


def draw_releases(points: Sequence[Point], title: str, axes: Axes | None = None) -> Axes:
    """Draw releases; where labels would overlap, only the newest are written.

    Raises:
        UsageError: matplotlib is not installed.
    """
    stages = [stage for stage in _MARKS if any(point.stage == stage for point in points)]
    stages += sorted({point.stage for point in points} - _MARKS.keys())
    axes = axes_for(axes, _WIDTH, _ROW * max(len(stages), 1), left=_LABELS + 2 * SIZE, bottom=4 * SIZE)
    ink = prepare(axes, title)
    if not points:
        write_centred(axes, "no releases yet", ink)
        return axes
    label_rows(axes, [fitting(stage, _LABELS) for stage in stages])
    axes.set_ylim(len(stages) - 0.5, -0.8)
    scale = _set_time(axes, points)
    for row, stage in enumerate(stages):
        own = sorted((point for point in points if point.stage == stage), key=lambda each: each.date)
        _draw_row(axes, row, own, _MARKS.get(stage, NEUTRAL), days=scale, ink=ink)
    return axes


def _set_time(axes: Axes, points: Sequence[Point]) -> float:
    """Set the time axis, with room for half a label at its ends; return the days per point."""
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    first, last = (_number(each(point.date for point in points)) for each in (min, max))
    width = width_of(axes)
    longest = max(points, key=lambda point: len(point.label))
    room = text_width(_shown(longest, width)) / 2 + _GAP
    # A single release is in the middle of a day.
    days = (max(last - first, _SHORTEST) if last > first else 1.0) / max(width - 2 * room, width / 4)
    calendar = [_number(each) for each in _CALENDAR]
    center = (first + last) / 2
    half = max(days * width / 2, (last - first) / 2)
    axes.set_xlim(max(center - half, calendar[0]), min(center + half, calendar[1]))
    locator = AutoDateLocator(tz=dt.UTC, minticks=3, maxticks=7)  # type: ignore[no-untyped-call]  # No types.
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator, tz=dt.UTC))  # type: ignore[no-untyped-call]  # No types.
    outside = axes.spines["bottom"].get_edgecolor()
    words = {**style(""), "color": outside}
    axes.set_xlabel("UTC", loc="left", **words)
    axes.xaxis.get_offset_text().set(**words)
    return days


def _draw_row(axes: Axes, row: int, points: list[Point], mark: Mark, *, days: float, ink: str) -> None:
    start, end = axes.get_xlim()
    numbers = [min(max(_number(point.date), start), end) for point in points]
    size = SIZE * (0.5 if len(points) > _MANY else 1.0)
    axes.axhline(row, color=mark.color, linewidth=0.8, alpha=0.5, zorder=1)
    axes.plot(
        numbers, [row] * len(points), mark.marker, color=mark.color, markersize=size, zorder=2, clip_on=False
    )
    width = width_of(axes)
    free = float("inf")  # The row has labels to the right of this date.
    for number, point in zip(reversed(numbers), reversed(points), strict=True):
        if number > free:
            continue  # Measuring 20,000 labels would take longer than drawing.
        label = _shown(point, width)
        half = (text_width(label) / 2 + _GAP / 2) * days
        if number + half <= free:
            above: dict[str, Any] = {"xytext": (0, LINE), "textcoords": "offset points"}
            axes.annotate(
                label, (number, row), ha="center", va="center", annotation_clip=False, **above, **style(ink)
            )
            free = number - half


def _shown(point: Point, width: float) -> str:
    return fitting(point.label, width / 3)


def _number(date: dt.datetime) -> float:
    from matplotlib.dates import date2num

    return float(date2num(date))  # type: ignore[no-untyped-call]  # No types.
