"""Releases over time: one row per stage, one marker and one label per release.

Labels stand above their markers, or beside that with a line to them. If they do not fit, they are turned
upright, and then written in a smaller font. Only if there is still no room, those are labelled that have room
beside a newer one, and a line says how many.
"""

from __future__ import annotations

import datetime as dt
import math
from typing import TYPE_CHECKING, Any

from krow_versions.pictures.canvas import (
    DONE,
    DOUBT,
    GOOD,
    LINE,
    NEUTRAL,
    SIZES,
    Sheet,
    below_title,
    fitting,
    room_of,
    text_width,
)
from krow_versions.pictures.places import Labels, spread, ways
from krow_versions.values import field, frozen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from krow_versions.pictures.canvas import Size

_WIDTH, _WIDEST = 660.0, 1440.0
_ENOUGH = 80  # Labels of one row for which that width is enough.
_PLACE = 6.2  # What each further one adds to it, in points.
_NAMES, _LONGEST = 0.4, 0.5  # Of the width: names of stages, and of what they leave, a label.
_MARKS = {"production": GOOD, "staging": DOUBT, "development": DONE}
_MANY = 60  # Releases in a row above which markers are small.
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)  # Of the dates of matplotlib.
_DAY = dt.timedelta(days=1)
# What can be written; a release before or after is drawn where it is, and its date is cut.
_FIRST, _LAST = dt.datetime(1, 1, 1, tzinfo=dt.UTC), dt.datetime(9999, 12, 31, 23, 59, tzinfo=dt.UTC)


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


@frozen
class _Row:
    """A stage with its releases, oldest first, and how they are labelled."""

    stage: str
    points: list[Point] = field(hash=False)
    labels: Labels

    @property
    def fits(self) -> bool:
        return len(self.points) <= self.labels.most

    @property
    def height(self) -> float:
        return self.labels.height + LINE * self.labels.size  # The labels, and the markers below them.


def draw_releases(
    points: Sequence[Point],
    title: str,
    axes: Axes | None = None,
    *,
    figsize: Size | None = None,
    alt: str = "",
) -> Axes:
    """Draw releases; x is the time, as in other pictures of matplotlib with dates.

    Raises:
        UsageError: matplotlib is not installed, or both *axes* and *figsize* are given.
    """
    stages = _by_stage(points)
    most = max((len(found) for _, found in stages), default=0)
    wide = min(max(_WIDTH, _WIDTH - _PLACE * _ENOUGH + _PLACE * most), _WIDEST)
    width, height = room_of(axes, figsize, wide)
    rows, size, needed = _fitted(stages, width, height)
    sheet = Sheet.of(axes, (width, height or needed), size, title, alt)
    if not points:
        sheet.write_centred("no releases yet")
        return sheet.axes
    gutter = _gutter(stages, width, size)
    time = _Time.of(points, gutter, width, size)
    sheet.axes.set_xlim(time.number(0.0), time.number(width))
    y = below_title(size)
    labelled, place = 0, y + LINE * size / 2
    y += 0.0 if all(row.fits for row in rows) else LINE * size
    spare = max(sheet.height - needed, 0.0) / len(rows)
    for row in rows:
        y += row.height + spare
        labelled += _draw_row(sheet, row, y - 0.65 * size, time, gutter)
    if labelled < len(points):
        sheet.write(0.0, place, fitting(f"{labelled} of {len(points)} are labelled", width, size))
    _draw_dates(sheet, time, gutter)
    return sheet.axes


def _by_stage(points: Sequence[Point]) -> list[tuple[str, list[Point]]]:
    stages = [stage for stage in _MARKS if any(point.stage == stage for point in points)]
    stages += sorted({point.stage for point in points} - _MARKS.keys())
    rows: dict[str, list[Point]] = {stage: [] for stage in stages}
    for point in sorted(points, key=lambda each: each.date):
        rows[point.stage].append(point)
    return list(rows.items())


def _fitted(
    stages: list[tuple[str, list[Point]]], width: float, height: float | None
) -> tuple[list[_Row], float, float]:
    """Choose the font size and the ways of labelling; return the height that they need, too.

    If no size has room for all labels, it is the largest one with which some are written.
    """
    best = None
    for size in SIZES:
        around, room = _around(size), width - _gutter(stages, width, size)
        is_whole = _are_whole(stages, width, room, size) or size == SIZES[-1]
        for line in (0.0, LINE * size):  # A line that says how many are labelled.
            high = None if height is None else (height - around - line) / max(len(stages), 1)
            rows = [_row(stage, points, room, size, high) for stage, points in stages]
            found = rows, size, around + line + sum(row.height for row in rows)
            if is_whole and not line and all(row.fits for row in rows):
                return found
            if is_whole and best is None and line and all(row.labels.lanes for row in rows):
                best = found
    return best or found


def _are_whole(stages: list[tuple[str, list[Point]]], width: float, room: float, size: float) -> bool:
    """Whether no name of a stage and no label must be shortened."""
    longest = max((len(point.label) for _, points in stages for point in points), default=0)
    names = max((text_width(stage, size) for stage, _ in stages), default=0.0)
    return names <= _NAMES * width and text_width("x" * longest, size) <= _LONGEST * room


def _around(size: float) -> float:
    """Return the height of the title and of the dates; without releases there is nothing between them."""
    return below_title(size) + 2.2 * LINE * size


def _gutter(stages: list[tuple[str, list[Point]]], width: float, size: float) -> float:
    """Return the width of the names of the stages, at the left."""
    return min(max((text_width(stage, size) for stage, _ in stages), default=0.0), _NAMES * width) + size


def _row(stage: str, points: list[Point], width: float, size: float, high: float | None) -> _Row:
    longest = sorted({_label(point, width, size) for point in points}, key=len)[-1:]
    rows = [_Row(stage, points, each) for each in ways(longest, width, size)]
    rows = [row for row in rows if high is None or row.height <= high] or rows[-1:]
    return next((row for row in rows if row.fits), max(rows, key=lambda row: row.labels.most))


def _draw_row(sheet: Sheet, row: _Row, y: float, time: _Time, gutter: float) -> int:
    """Draw a row with its markers at *y*; return the number of labels."""
    mark, size, labels = _MARKS.get(row.stage, NEUTRAL), sheet.size, row.labels
    sheet.write(0.0, y, fitting(row.stage, gutter - size, size))
    sheet.line([gutter, sheet.width], [y, y], mark.color, linewidth=0.8, alpha=0.5, zorder=1)
    numbers = [time.number(time.at(point.date)) for point in row.points]
    small = size * (0.5 if len(row.points) > _MANY else 0.9)
    look: dict[str, Any] = {"color": mark.color, "markersize": small, "linestyle": "none"}
    sheet.axes.plot(numbers, [y] * len(numbers), marker=mark.marker, zorder=3, clip_on=False, **look)
    half = (LINE * size if labels.upright else labels.length) / 2
    shown = row.points if row.fits else _newest(row, time)
    wanted = [time.at(point.date) for point in shown]
    base = y - 0.55 * size
    places = spread(wanted, labels.pitch, gutter + half, sheet.width - half)
    leaders = []
    for index, (point, x, place) in enumerate(zip(shown, wanted, places, strict=True)):
        bottom = base - labels.fan - (index % labels.lanes) * labels.lane
        leaders.append([(x, base), (place, base - labels.fan + 1.0), (place, bottom + 1.0)])
        turned = {"rotation": 90} if labels.upright else {}
        text = _label(point, sheet.width - gutter, size)
        sheet.write(place, bottom, text, ha="center", va="bottom", **turned)
    sheet.lines(leaders, mark.color)
    return len(shown)


def _newest(row: _Row, time: _Time) -> list[Point]:
    """Return the releases whose labels have room beside a newer one, the newest among them."""
    shown: list[Point] = []
    free = math.inf
    for point in reversed(row.points[: None if row.labels.most else 0]):
        x = time.at(point.date)
        if x <= free and len(shown) < row.labels.most:
            shown.append(point)
            free = x - row.labels.pitch
    return shown[::-1]


@frozen
class _Time:
    """Where moments are between the left and the right.

    Attributes:
        first: the day of the leftmost marker, in days since 1970.
        days: days per point; of one moment, so that it is in the middle.
        left: the points at the left of the first marker.
        right: the points of the last marker.
        is_long: whether dates without a time are enough to distinguish the moments.
    """

    first: float
    days: float
    left: float
    right: float
    is_long: bool

    @classmethod
    def of(cls, points: Sequence[Point], gutter: float, width: float, size: float) -> _Time:
        numbers = [_days(point.date) for point in points]
        first, last = min(numbers), max(numbers)
        left, right = gutter + size, width - size
        if first == last:
            left = right = (left + right) / 2
        return cls(first, (last - first or 1.0) / max(right - left, width / 4), left, right, last - first > 3)

    def at(self, date: dt.datetime) -> float:
        """Return where a moment is, in points."""
        return self.left + (_days(date) - self.first) / self.days

    def number(self, x: float) -> float:
        """Return the date of a place in points, as a number of matplotlib."""
        return self.first + (x - self.left) * self.days

    def text(self, x: float) -> str:
        """Write the date of a place."""
        days = min(max(self.number(x), _days(_FIRST)), _days(_LAST))
        moment = _EPOCH + dt.timedelta(seconds=round(days * _DAY.total_seconds()))
        return moment.isoformat(" ", "minutes")[: len("2026-03-05" if self.is_long else "2026-03-05 14:02")]


def _draw_dates(sheet: Sheet, time: _Time, gutter: float) -> None:
    """Write as many dates below a line as have room, the first and the last among them."""
    size, y = sheet.size, sheet.height - 1.6 * LINE * sheet.size
    zone = " UTC"
    room = text_width(time.text(time.left) + zone, size) + 2 * size
    number = max(min(int((time.right - time.left + room) / room), 6), 1)
    sheet.line([gutter, sheet.width], [y, y], sheet.ink, linewidth=0.8)
    for index in range(number):
        x = time.left + (time.right - time.left) * index / max(number - 1, 1)
        sheet.line([x, x], [y, y + 0.4 * size], sheet.ink, linewidth=0.8)
        shown = fitting(time.text(x) + (zone if index == 0 else ""), sheet.width, size)
        sheet.write_within(x, y + 0.9 * LINE * size, shown)


def _label(point: Point, width: float, size: float) -> str:
    return fitting(point.label, _LONGEST * width, size)


def _days(date: dt.datetime) -> float:
    """Return the days since 1970, as matplotlib counts them."""
    return (date - _EPOCH) / _DAY
