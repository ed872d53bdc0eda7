"""A hotfix over time: when each milestone was due and when it was reached, and the limit.

The first half hour has a linear scale, the rest a logarithmic one: a hotfix takes an hour, and its
follow-up is a day later.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from krow_versions.pictures.canvas import (
    BAD,
    DOUBT,
    GOOD,
    LINE,
    PLANNED,
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

_WIDTH, _ROW, _LABELS = 520.0, 2.6 * LINE, 230.0
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
) -> Axes:
    """Draw the milestones, and the limit as a line.

    Args:
        milestones: from top to bottom.
        limit: in minutes, or None.
        state: the state of the limit, in words.
        title: above the picture.
        axes: where to draw.

    Raises:
        UsageError: matplotlib is not installed.
    """
    axes = axes_for(axes, _WIDTH, _ROW * max(len(milestones), 2), left=_LABELS + 2 * SIZE, bottom=5 * SIZE)
    ink = prepare(axes, title)
    if not milestones:
        write_centred(axes, state, ink)
        return axes
    label_rows(
        axes, [f"{fitting(each.label, _LABELS)}\n{fitting(each.state, _LABELS)}" for each in milestones]
    )
    moments = [at for each in milestones for at in (each.planned, each.until) if at is not None]
    last = max([*moments, limit or 0.0, _LINEAR])
    axes.set_xscale("symlog", linthresh=_LINEAR, linscale=1.0)
    axes.set_xlim(min(*moments, 0.0) - 2.0, last * 1.6)
    shown = {at: name for at, name in _TICKS.items() if at <= last * 1.6}
    axes.set_xticks([], minor=True)
    axes.set_xticks([*shown], [*shown.values()])
    outside = {**style(ink), "color": axes.spines["bottom"].get_edgecolor()}
    axes.tick_params(axis="x", length=3, color=outside["color"])
    label = fitting(f"since the fault was detected; {state}", width_of(axes))
    axes.set_xlabel(label, loc="left", **outside)
    for row, each in enumerate(milestones):
        _draw(axes, row, each)
    if limit is not None:
        axes.axvline(limit, color=BAD.color, linewidth=1.2, linestyle="--", zorder=0)
        text: dict[str, Any] = {"xycoords": ("data", "axes fraction"), "textcoords": "offset points"}
        axes.annotate("limit", (limit, 1.0), xytext=(0, 2), ha="center", va="bottom", **text, **outside)
    return axes


def _draw(axes: Axes, row: int, each: PlannedMilestone) -> None:
    mark = (DOUBT if each.late else GOOD) if each.reached else BAD
    axes.plot([each.planned], [row], PLANNED.marker, color=PLANNED.color, markersize=1.6 * SIZE, zorder=2)
    if each.until is not None:
        axes.plot(
            [each.planned, each.until],
            [row, row],
            color=mark.color,
            linewidth=3,
            alpha=0.4,
            zorder=1,
        )
        axes.plot([each.until], [row], mark.marker, color=mark.color, markersize=SIZE, zorder=3)
