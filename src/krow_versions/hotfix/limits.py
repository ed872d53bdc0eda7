"""The time limits of a hotfix; each has a start of its own."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from krow_versions.hotfix.milestones import (
    FOLLOW_UP_GRACE,
    FOLLOWED_UP_AFTER,
    POST_MORTEM,
    WATCH,
    Times,
    apart,
    between,
    closed,
    milestone,
)
from krow_versions.text.times import iso, lasting
from krow_versions.values import field, frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from krow_versions.hotfix.milestones import Reached


@frozen
class Limit:
    """A time limit of one hotfix, at one moment.

    Attributes:
        id: its name in data.
        start: the milestone that it runs from.
        ends: the milestones that end it; the first of them that was reached counts.
        limit: the time that it allows or asks for; None for no limit.
        times: the milestones that were reached.
        now: the moment that an open limit is measured at.
        least: whether the time is to pass, as for watching, instead of the most that may pass.
        strict: whether exactly the limit is too late: the process says *less than*.
        grace: if the time is to pass: how much later is in time; None if no time is too late.
        over: why its end cannot be reached any more; empty if it can.
    """

    id: str
    start: str
    ends: tuple[str, ...]
    limit: dt.timedelta | None
    times: Mapping[str, Reached] = field(repr=False)
    now: dt.datetime
    least: bool = False
    strict: bool = False
    grace: dt.timedelta | None = None
    over: str = ""

    @property
    def begun(self) -> Reached | None:
        """When it began to run; None if it does not run yet."""
        return self.times.get(self.start)

    @property
    def end(self) -> str:
        """The milestone that ends it, or has ended it."""
        return next((each for each in self.ends if each in self.times), self.ends[0])

    @property
    def ended(self) -> Reached | None:
        """When its end was reached; None if that is open."""
        return self.times.get(self.end)

    @property
    def stopped(self) -> bool:
        """Whether its end was reached."""
        return self.ended is not None

    @property
    def due(self) -> dt.datetime | None:
        """When its end is due; None if it does not run yet, or has no limit."""
        return None if self.begun is None or self.limit is None else self.begun.at + self.limit

    @property
    def contradicts(self) -> bool:
        """Whether its end, or now, is before its start, so that there is nothing to measure."""
        return self.begun is not None and self._until < self.begun.at

    @property
    def elapsed(self) -> dt.timedelta | None:
        """The time until its end, or until now; 0 if that is before its start; None if it does not run."""
        return None if self.begun is None else max(self._until - self.begun.at, dt.timedelta())

    @property
    def remaining(self) -> dt.timedelta | None:
        """The time left, or that was left; negative if it is exceeded; None if there is none to give."""
        return None if self.limit is None or self.elapsed is None else self.limit - self.elapsed

    @property
    def exceeded(self) -> bool:
        """Whether its end is late, or was."""
        remaining = self.remaining
        if remaining is None or self.contradicts or self.is_over or (self.least and self.grace is None):
            return False
        allowed = (self.grace or dt.timedelta()) if self.least else dt.timedelta()
        return remaining < -allowed or (self.strict and not remaining)

    @property
    def is_over(self) -> bool:
        """Whether its end was not reached, and cannot be reached any more."""
        return bool(self.over) and not self.stopped

    @property
    def _until(self) -> dt.datetime:
        return self.ended.at if self.ended else self.now

    @property
    def state(self) -> str:
        """Whether it is kept, how much is left, or by how much it is exceeded."""
        if self.begun is None:
            missing = f'not measured: no time is known for "{milestone(self.start).label}"'
            return "" if self.ended is None else missing
        if self.contradicts:
            other = milestone(self.start).label
            return wrong(self.start) if self.stopped else f"{other} is later than now: compare the clocks"
        if self.limit is None or self.due is None:
            return "no limit"
        if self.is_over:
            return self.over
        by = apart(self.due, self._until)
        if self.exceeded:
            return f"late by {by}" if self.stopped else f"late by {by}, still open"
        if self.stopped:
            return "reached" if self.least else "kept"
        return f"due since {by}" if self.now > self.due else f"{lasting(between(self.now, self.due))} left"

    def to_json(self) -> dict[str, Any]:
        """Give the limit as data; durations in whole seconds."""
        left = None if self.contradicts else self.remaining
        late = left is not None and self.exceeded
        is_running = (
            left is not None and left >= dt.timedelta() and not (late or self.stopped or self.is_over)
        )
        return {
            "id": self.id,
            "from": self.start,
            "started": iso(self.begun.at if self.begun else None),
            "limit_seconds": seconds(self.limit),
            "due": iso(self.due),
            "until": self.end,
            "actual": iso(self.ended.at if self.ended else None),
            "source": self.ended.source if self.ended else None,
            "late_seconds": seconds(-left) if late and left is not None else None,
            "left_seconds": seconds(left) if is_running else None,
            "contradicts": self.contradicts,
        }

    def __str__(self) -> str:
        if self.begun is None or self.elapsed is None or self.contradicts:
            return self.state or "not begun"
        taken = between(self.begun.at, self._until)
        until = f"until {milestone(self.end).label}" if self.stopped else "so far"
        if self.is_over:
            until = f"until it was {self.over}"
        # Seconds are not printed: 59 min 30 s may be between 14:00 and 15:00.
        just = "just under " if taken == self.limit and self.strict and not self.exceeded else ""
        said = f"{just}{lasting(taken)} {until}"
        if self.limit is None or self.due is None:
            return f"{said}, no limit"
        said += f", limit {lasting(self.limit)}"
        if self.exceeded:
            return f"{said}, EXCEEDED by {lasting(between(self.due, self._until))}"
        return (
            said if self.stopped or self.is_over else f"{said}, {lasting(between(self.now, self.due))} left"
        )


def limits(
    severity: dt.timedelta | None, times: Times, now: dt.datetime, *, abandoned: bool = False
) -> tuple[Limit, ...]:
    """Give every limit of the process; the first is that of the severity.

    Args:
        severity: the limit of the severity; None if it has none.
        times: the milestones that were reached.
        now: the present moment.
        abandoned: whether the hotfix was abandoned, at *now*.
    """
    over = closed(times, abandoned=abandoned)
    return (
        Limit("severity", "detected", _OUT, severity, times, now, strict=True, over=over.get(_OUT[-1], "")),
        *(
            Limit(name, start, ends, limit, times, now, least, grace=grace, over=over.get(ends[-1], ""))
            for name, start, ends, limit, least, grace in _LIMITS
        ),
    )


def wrong(other: str) -> str:
    """Say that a milestone was reached before *other*, which it cannot precede."""
    return f'one time is wrong: it is before "{milestone(other).label}"'


_OUT = ("deployed", "rolled-back")
_LIMITS = (
    ("approval", "review-requested", ("approved",), dt.timedelta(minutes=15), False, None),
    ("deployment", "approved", _OUT, dt.timedelta(minutes=30), False, None),
    ("watching", "deployed", ("watched",), WATCH, True, None),
    ("follow-up", "deployed", ("followed-up",), FOLLOWED_UP_AFTER, True, FOLLOW_UP_GRACE),
    ("post-mortem", "resolved", ("documented",), POST_MORTEM, False, None),
    ("total", "detected", ("resolved",), dt.timedelta(hours=4), False, None),
)


def seconds(duration: dt.timedelta | None) -> int | None:
    """Give a duration in whole seconds."""
    return None if duration is None else int(duration.total_seconds())
