"""The timeline of a hotfix: its milestones, planned against actual, and the time limits."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from krow_versions.hotfix.clock import times_of
from krow_versions.hotfix.ending import ended
from krow_versions.hotfix.limits import limits, seconds, wrong
from krow_versions.hotfix.milestones import (
    MILESTONES,
    Milestone,
    Times,
    between,
    closed,
    contradiction,
    milestone,
)
from krow_versions.pictures import PlannedMilestone, draw_milestones
from krow_versions.tables import Data, Table, Tabular
from krow_versions.text.times import at, iso, lasting
from krow_versions.values import frozen

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from matplotlib.axes import Axes

    from krow_versions.hotfix.facts import Facts
    from krow_versions.hotfix.limits import Limit
    from krow_versions.hotfix.milestones import Reached
    from krow_versions.hotfix.record import Record


@frozen
class Row:
    """A milestone of one hotfix.

    Attributes:
        milestone: the milestone.
        planned: when it is due.
        actual: when it was reached, or None.
        source: what says so: ``git``, ``server`` or ``record``; None if it was not reached.
        late: how far it is behind the plan, or was when it was reached; None if it is in time.
        before: the milestone that it cannot precede, and does precede; or None. Then there is no delay.
        over: why it is, or was, for nothing: ``rolled back`` or ``abandoned``; empty if it counts.
    """

    milestone: Milestone
    planned: dt.datetime
    actual: dt.datetime | None = None
    source: str | None = None
    late: dt.timedelta | None = None
    before: str | None = None
    over: str = ""

    @property
    def lateness(self) -> str:
        """The delay, or why there is none, as it is printed; empty if it is in time."""
        if self.before is not None:
            return wrong(self.before)
        late = "" if self.late is None else lasting(between(self.planned, self.planned + self.late))
        state = self.over or ("still open" if late and self.actual is None else "")
        return ", ".join(each for each in (late, state) if each)

    @property
    def due(self) -> str:
        """When it is due by the plan, as it is printed."""
        each = self.milestone
        start = "" if each.start == "detected" else f" from {milestone(each.start).label}"
        return f"+{lasting(each.after or dt.timedelta())}{start}"


@frozen
class Timeline(Tabular):
    """The milestones of one hotfix, and its limits; ``str`` shows both.

    Attributes:
        rows: the milestones that the process has a plan for.
        limits: every limit; the first is that of the severity.
        times: every milestone that was reached.
    """

    rows: tuple[Row, ...]
    limits: tuple[Limit, ...]
    times: Mapping[str, Reached]

    @property
    def limit(self) -> Limit:
        """The limit of the severity, which runs from the detection to the deployment."""
        return self.limits[0]

    def to_table(self) -> Table:
        """Show the milestones as rows."""
        cells = [
            (
                row.milestone.label,
                row.due,
                at(row.planned),
                at(row.actual) if row.actual else "",
                row.lateness,
                row.source or "",
            )
            for row in self.rows
        ]
        columns = ("milestone", "due", "planned", "actual", "behind plan", "source")
        return Table(columns, tuple(cells), "", Data.of(_MILESTONES, map(_document, self.rows)))

    def limits_table(self) -> Table:
        """Show the limits as rows."""
        return Table(
            ("limit", "from", "due", "actual", "state", "source"),
            tuple(
                (
                    f"{each.id}, {lasting(each.limit)}" if each.limit else each.id,
                    milestone(each.start).label,
                    at(each.due) if each.due else "",
                    at(each.ended.at) if each.ended else "",
                    each.state,
                    each.ended.source if each.ended else "",
                )
                for each in self.limits
            ),
            "",
            Data.of(_LIMITS, (each.to_json() for each in self.limits)),
        )

    def to_json(self) -> dict[str, Any]:
        """Give the timeline as data; durations in whole seconds."""
        limit = self.limit
        return {
            "milestones": [_document(row) for row in self.rows],
            "limits": [each.to_json() for each in self.limits],
            "limit_seconds": seconds(limit.limit),
            "elapsed_seconds": None if limit.contradicts else seconds(limit.elapsed),
            "remaining_seconds": None if limit.contradicts else seconds(limit.remaining),
            "exceeded": limit.exceeded,
        }

    def plot(self, title: str = "Hotfix", ax: Axes | None = None) -> Axes:
        """Draw the milestones against the plan and the limit.

        Args:
            title: above the picture.
            ax: where to draw, or None for a new figure, which is the ``.figure`` of the result.

        Raises:
            UsageError: matplotlib is not installed.
        """
        limit = None if self.limit.limit is None else _minutes(self.limit.limit)
        zero = self.rows[0].planned
        return draw_milestones([_stop(row, zero) for row in self.rows], limit, str(self.limit), title, ax)

    def __str__(self) -> str:
        return f"{self.to_table()}\n{self.limit}\n\n{self.limits_table()}"


def timeline(record: Record, facts: Facts | None, now: dt.datetime) -> Timeline | None:
    """Compare the milestones of a hotfix with the plan; None if it is not declared, as far as is known here.

    Args:
        record: what people said.
        facts: what git and the server say, or None if there is no hotfix that git knows.
        now: the present moment.
    """
    declared, end = record.declaration, ended(record, facts)
    if declared is None:
        return None
    until = min(now, end.at) if end else now  # The clock of an abandoned hotfix has stopped.
    unknown = ("tagged",) if facts and facts.tag_there else ()
    times, limit = times_of(record, facts), declared.severity.limit
    return measured(times, limit, until, unknown, abandoned=end is not None)


def measured(
    times: Times,
    severity: dt.timedelta | None,
    now: dt.datetime,
    unknown: Collection[str] = (),
    *,
    abandoned: bool = False,
) -> Timeline:
    """Compare milestones with the plan, which begins with the detection.

    Args:
        times: the milestones that were reached, the detection among them.
        severity: the limit of the severity; None if it has none.
        now: the present moment.
        unknown: the milestones that were reached at a moment that is not known here.
        abandoned: whether the hotfix was abandoned, at *now*.
    """
    over = closed(times, abandoned=abandoned)
    rows = []
    for each in MILESTONES:
        begun, reached = times.get(each.start), times.get(each.id)
        planned = (begun or times["detected"]).at + (each.after or dt.timedelta())
        before = contradiction(times, each.id)
        late = (reached.at if reached else now) - planned
        counts = begun is not None and (reached is not None or each.id not in over)
        # The plan is in minutes: a delay of seconds is in time.
        in_time = late <= each.grace or between(planned, planned + late) < dt.timedelta(minutes=1)
        rows.append(
            Row(
                each,
                planned,
                reached.at if reached else None,
                reached.source if reached else None,
                late if counts and before is None and not in_time and each.id not in unknown else None,
                before,
                "rolled back" if reached and reached.undone else over.get(each.id, ""),
            )
        )
    return Timeline(tuple(rows), limits(severity, times, now, abandoned=abandoned), times)


_MILESTONES = "id from planned:time actual:time source late_seconds:whole before"
_LIMITS = (
    "id from started:time limit_seconds:whole due:time until actual:time source late_seconds:whole "
    "left_seconds:whole contradicts:boolean"
)


def _document(row: Row) -> dict[str, Any]:
    return {
        "id": row.milestone.id,
        "from": row.milestone.start,
        "planned": iso(row.planned),
        "actual": iso(row.actual),
        "source": row.source,
        "late_seconds": seconds(row.late),
        "before": row.before,
    }


def _stop(row: Row, zero: dt.datetime) -> PlannedMilestone:
    until = row.actual or (row.planned + row.late if row.late else None)
    late = f"{row.lateness} behind the plan" if row.actual and row.late and not row.over else row.lateness
    return PlannedMilestone(
        label=row.milestone.label,
        state=late or ("in time" if row.actual else "open"),
        planned=_minutes(row.planned - zero),
        until=None if until is None else _minutes(until - zero),
        reached=row.actual is not None,
        late=row.late is not None or row.before is not None,
    )


def _minutes(duration: dt.timedelta) -> float:
    return duration.total_seconds() / 60
