"""The milestones of a hotfix, planned against actual, and the time limit of its severity."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import attrs

from krow_versions.hotfix.entries import FOLLOW_UP
from krow_versions.hotfix.messages import fixes
from krow_versions.pictures import PlannedMilestone, draw_milestones
from krow_versions.tables import Table, Tabular
from krow_versions.text.times import at, iso, lasting

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from krow_versions.hotfix.facts import Facts
    from krow_versions.hotfix.record import Declaration, Record


@attrs.frozen
class Milestone:
    """A milestone of the process, and when it is due after the detection."""

    id: str
    label: str
    after: dt.timedelta


MILESTONES = (
    Milestone("detected", "fault detected", dt.timedelta()),
    Milestone("declared", "severity known, branch made", dt.timedelta(minutes=5)),
    Milestone("fixed", "fix committed, review begun", dt.timedelta(minutes=15)),
    Milestone("tagged", "approved, merged, tagged", dt.timedelta(minutes=30)),
    Milestone("deployed", "deployed", dt.timedelta(minutes=45)),
    Milestone("verified", "smoke tests passed, logs being watched", dt.timedelta(minutes=60)),
    Milestone("resolved", "resolved, users notified", dt.timedelta(minutes=120)),
    Milestone("followed-up", "followed up", dt.timedelta(days=1)),
)


@attrs.frozen
class Row:
    """A milestone of one hotfix.

    Attributes:
        milestone: the milestone.
        planned: when it is due.
        actual: when it was reached, or None.
        late: the delay, until it was reached or until now; None if it is in time.
    """

    milestone: Milestone
    planned: dt.datetime
    actual: dt.datetime | None
    late: dt.timedelta | None


@attrs.frozen
class Limit:
    """The limit of the severity, which runs from the detection to the deployment.

    Attributes:
        limit: the time allowed, or None for no limit.
        elapsed: the time until the deployment, or until now.
        stopped: whether it is deployed.
    """

    limit: dt.timedelta | None
    elapsed: dt.timedelta
    stopped: bool

    @property
    def remaining(self) -> dt.timedelta | None:
        """The time left, negative if exceeded; None without a limit."""
        return None if self.limit is None else self.limit - self.elapsed

    @property
    def exceeded(self) -> bool:
        """Whether the limit is reached: the process says *less than*."""
        return self.limit is not None and self.elapsed >= self.limit

    def __str__(self) -> str:
        taken = f"{lasting(self.elapsed)} {'until deployed' if self.stopped else 'so far'}"
        if self.limit is None or self.remaining is None:
            return f"{taken}, no limit"
        if self.exceeded:
            return f"{taken}, limit {lasting(self.limit)}, EXCEEDED by {lasting(self.remaining).lstrip('-')}"
        left = "" if self.stopped else f", {lasting(self.remaining)} left"
        return f"{taken}, limit {lasting(self.limit)}{left}"


@attrs.frozen
class Timeline(Tabular):
    """The milestones of one hotfix, and its limit; ``str`` shows both."""

    rows: tuple[Row, ...]
    limit: Limit

    def to_table(self) -> Table:
        """Show the milestones as rows."""
        cells = [
            (
                row.milestone.label,
                f"+{lasting(row.milestone.after)}",
                at(row.planned),
                at(row.actual) if row.actual else "",
                _lateness(row),
            )
            for row in self.rows
        ]
        return Table(("milestone", "due", "planned", "actual", "late by"), tuple(cells))

    def to_json(self) -> dict[str, Any]:
        """Give the timeline as data; durations in whole seconds."""
        limit = self.limit
        return {
            "milestones": [
                {
                    "id": row.milestone.id,
                    "planned": iso(row.planned),
                    "actual": iso(row.actual),
                    "late_seconds": _seconds(row.late),
                }
                for row in self.rows
            ],
            "limit_seconds": _seconds(limit.limit),
            "elapsed_seconds": _seconds(limit.elapsed),
            "remaining_seconds": _seconds(limit.remaining),
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
        return draw_milestones([_stop(row) for row in self.rows], limit, str(self.limit), title, ax)

    def __str__(self) -> str:
        return f"{self.to_table()}\n{self.limit}"


def timeline(record: Record, facts: Facts | None, now: dt.datetime) -> Timeline | None:
    """Compare the milestones with the plan; None if nothing is declared.

    The times of the fix and of the tag come from git, the others from the record.

    Args:
        record: what people said.
        facts: what git says, or None if there is no hotfix that it knows.
        now: the present moment.
    """
    declared = record.declaration
    if declared is None:
        return None
    zero = declared.zero
    actual = _actual(record, declared, facts)
    rows = []
    for milestone in MILESTONES:
        planned, reached = zero + milestone.after, actual.get(milestone.id)
        late = (reached or now) - planned
        # The plan is in minutes: a delay of seconds is in time.
        rows.append(Row(milestone, planned, reached, late if late >= dt.timedelta(minutes=1) else None))
    end = record.deployed
    elapsed = max((end or now) - zero, dt.timedelta())
    return Timeline(tuple(rows), Limit(declared.severity.limit, elapsed, end is not None))


def _actual(record: Record, declared: Declaration, facts: Facts | None) -> dict[str, dt.datetime | None]:
    ticks = {name: each.at for name, each in record.ticks.items()}
    followed_up = record.sent(FOLLOW_UP)
    found = fixes(facts) if facts else ()
    watched, notified = ticks.get("logs-watched"), ticks.get("users-notified")
    return {
        "detected": declared.zero,
        "declared": declared.started,
        "fixed": found[0].date if found else ticks.get("review"),
        "tagged": facts.tagged if facts and facts.tag else None,
        "deployed": record.deployed,
        "verified": ticks.get("smoke-tests"),
        "resolved": max(watched, notified) if watched and notified else None,
        "followed-up": followed_up.at if followed_up else None,
    }


def _lateness(row: Row) -> str:
    if row.late is None:
        return ""
    return lasting(row.late) if row.actual else f"{lasting(row.late)}, still open"


def _stop(row: Row) -> PlannedMilestone:
    due = row.milestone.after
    until = row.actual - row.planned if row.actual else row.late
    lateness = f"{_lateness(row)}{'' if row.actual is None else ' late'}" if row.late else ""
    return PlannedMilestone(
        label=row.milestone.label,
        state=lateness or ("in time" if row.actual else "open"),
        planned=_minutes(due),
        until=None if until is None else _minutes(due + until),
        reached=row.actual is not None,
        late=row.late is not None,
    )


def _minutes(duration: dt.timedelta) -> float:
    return duration.total_seconds() / 60


def _seconds(duration: dt.timedelta | None) -> int | None:
    return None if duration is None else int(duration.total_seconds())
