"""A hotfix in time: when each milestone was due and when it was reached, and the limit.

The first half hour is drawn to scale, what follows is not: a hotfix takes an hour and is followed up
after a day.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from krow_versions.pictures.canvas import (
    LINE,
    SIZE,
    axes_for,
    fitting,
    label_rows,
    prepare,
    say,
    style,
    width_of,
)
from krow_versions.pictures.marks import BAD, DOUBT, GOOD, PLANNED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

_WIDTH, _ROW, _LABELS = 520.0, 2.6 * LINE, 230.0
_TICKS = {
    0: "0", 5: "5 min", 15: "15 min", 30: "30 min", 60: "1 h", 120: "2 h", 240: "4 h", 720: "12 h",
    1440: "1 d", 4320: "3 d", 10080: "1 w", 43200: "30 d", 525600: "1 y", 5256000: "10 y",
}  # fmt: skip
_TO_SCALE = 30.0


@attrs.frozen
class PlannedMilestone:
    """A milestone; times are minutes since the fault was detected.

    Attributes:
        label: what it is.
        told: how it stands, in a few words.
        planned: when it is due.
        until: when it was reached; of one that is late and not yet reached, now; else None.
        reached: whether it was.
        late: whether it was reached late, or is late by now.
    """

    label: str
    told: str
    planned: float
    until: float | None
    reached: bool
    late: bool


def draw_milestones(
    stops: Sequence[PlannedMilestone], limit: float | None, told: str, title: str, axes: Axes | None = None
) -> Axes:
    """Draw the milestones, and the limit as a line.

    Args:
        stops: in their order.
        limit: in minutes, or None.
        told: how the limit stands, in words.
        title: above the picture.
        axes: where to draw.

    Raises:
        UsageError: matplotlib is not installed.
    """
    axes = axes_for(axes, _WIDTH, _ROW * max(len(stops), 2), left=_LABELS + 2 * SIZE, bottom=5 * SIZE)
    ink = prepare(axes, title)
    if not stops:
        say(axes, told, ink)
        return axes
    label_rows(axes, [f"{fitting(stop.label, _LABELS)}\n{fitting(stop.told, _LABELS)}" for stop in stops])
    moments = [each for stop in stops for each in (stop.planned, stop.until) if each is not None]
    last = max([*moments, limit or 0.0, _TO_SCALE])
    axes.set_xscale("symlog", linthresh=_TO_SCALE, linscale=1.0)
    axes.set_xlim(min(*moments, 0.0) - 2.0, last * 1.6)
    shown = {at: name for at, name in _TICKS.items() if at <= last * 1.6}
    axes.set_xticks([], minor=True)
    axes.set_xticks([*shown], [*shown.values()])
    outside = {**style(ink), "color": axes.spines["bottom"].get_edgecolor()}
    axes.tick_params(axis="x", length=3, color=outside["color"])
    said = fitting(f"since the fault was detected; {told}", width_of(axes))
    axes.set_xlabel(said, loc="left", **outside)
    for row, stop in enumerate(stops):
        _draw(axes, row, stop)
    if limit is not None:
        axes.axvline(limit, color=BAD.color, linewidth=1.2, linestyle="--", zorder=0)
        place: dict[str, Any] = {"xycoords": ("data", "axes fraction"), "textcoords": "offset points"}
        axes.annotate("limit", (limit, 1.0), xytext=(0, 2), ha="center", va="bottom", **place, **outside)
    return axes


def _draw(axes: Axes, row: int, stop: PlannedMilestone) -> None:
    mark = (DOUBT if stop.late else GOOD) if stop.reached else BAD
    axes.plot([stop.planned], [row], PLANNED.marker, color=PLANNED.color, markersize=1.6 * SIZE, zorder=2)
    if stop.until is not None:
        axes.plot([stop.planned, stop.until], [row, row], color=mark.color, linewidth=3, alpha=0.4, zorder=1)
        axes.plot([stop.until], [row], mark.marker, color=mark.color, markersize=SIZE, zorder=3)
