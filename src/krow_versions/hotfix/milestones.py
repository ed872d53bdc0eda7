"""The milestones of a hotfix: each has one definition, and one source that says when it was reached."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TypeAlias

from krow_versions.text.times import lasting
from krow_versions.values import frozen

GIT, SERVER, RECORD = "git", "server", "record"
WATCH = dt.timedelta(hours=2)
FOLLOWED_UP_AFTER = dt.timedelta(hours=24)
# The status update is no alarm: within the working day that follows, it is in time.
FOLLOW_UP_GRACE = dt.timedelta(hours=4)
POST_MORTEM = dt.timedelta(hours=24)


@frozen
class Milestone:
    """A milestone of the process.

    Attributes:
        id: its name in data.
        label: its name for people.
        meaning: what exactly its time is.
        after: when it is due, if the plan of the process says so.
        follows: the milestones that it cannot be reached before.
        start: the milestone that *after* is counted from.
        grace: how much later than that it is still in time.
    """

    id: str
    label: str
    meaning: str
    after: dt.timedelta | None = None
    follows: tuple[str, ...] = ()
    start: str = "detected"
    grace: dt.timedelta = dt.timedelta()


def _minutes(count: int) -> dt.timedelta:
    return dt.timedelta(minutes=count)


ALL = (
    Milestone("detected", "fault detected", "the record: --detected, else the declaration", _minutes(0)),
    Milestone(
        "declared",
        "severity known, branch made",
        "the record: hotfix start",
        _minutes(5),
        ("detected",),
    ),
    Milestone("fixed", "fix committed", "git: the oldest fix of the branch", _minutes(15), ("declared",)),
    Milestone(
        "review-requested",
        "review requested",
        "the server: the pull request was opened; else the box review",
        follows=("fixed",),
    ),
    Milestone(
        "approved",
        "approved",
        "the server: the review of the commit that ships; else the record's approval of it",
        follows=("review-requested",),
    ),
    Milestone(
        "tagged",
        "approved, merged, tagged",
        "git: the production tag was made",
        _minutes(30),
        ("approved",),
    ),
    Milestone(
        "deployed",
        "deployed",
        "the record: the end of the deployment that counts",
        _minutes(45),
        ("tagged",),
    ),
    Milestone("verified", "smoke tests passed", "the record: smoke-tests", _minutes(60), ("deployed",)),
    Milestone("watched", "logs watched", "the record: logs-watched", follows=("deployed",)),
    Milestone(
        "notified",
        "users notified",
        "the record: the announcement was sent, or the box users-notified",
        follows=("deployed", "rolled-back"),
    ),
    Milestone(
        "rolled-back",
        "rolled back",
        "the record: the end of the deployment of the older version",
        follows=("detected",),
    ),
    Milestone(
        "resolved",
        "resolved, users notified",
        "the later of watched and notified; after a rollback, of rolled back and notified",
        _minutes(120),
        ("watched", "notified", "rolled-back"),
    ),
    Milestone(
        "followed-up",
        "followed up",
        "the record: the status update was sent",
        FOLLOWED_UP_AFTER,
        ("deployed", "rolled-back"),
        "deployed",
        FOLLOW_UP_GRACE,
    ),
    Milestone(
        "documented",
        "incident documented",
        "the record: incident-documented",
        follows=("deployed", "rolled-back"),
    ),
)
"""Every milestone, in the order of the process."""
MILESTONES = tuple(each for each in ALL if each.after is not None)
"""Those for which the process has a plan."""
_BY_ID = {each.id: each for each in ALL}


@frozen
class Reached:
    """When a milestone was reached.

    Attributes:
        at: the moment.
        source: what says so: ``git``, ``server`` or ``record``.
        undone: whether it is of a deployment that is, or is to be, rolled back.
    """

    at: dt.datetime
    source: str
    undone: bool = False


Times: TypeAlias = Mapping[str, Reached]
"""The milestones that were reached, by id."""


def milestone(id: str) -> Milestone:  # noqa: A002 - A milestone has an "id".
    """Give the milestone called *id*."""
    return _BY_ID[id]


def whole(moment: dt.datetime) -> dt.datetime:
    """Give a moment as it is printed: to the minute.

    Printed durations are differences of such moments, so that none contradicts the times beside it.
    """
    return moment.replace(second=0, microsecond=0)


def between(start: dt.datetime, end: dt.datetime) -> dt.timedelta:
    """Give the time between two moments as they are printed."""
    return whole(end) - whole(start)


def apart(start: dt.datetime, end: dt.datetime) -> str:
    """Format the time between two moments as they are printed; seconds within a minute are said, too."""
    return lasting(between(start, end)) if between(start, end) else "less than 1 min"


def contradiction(times: Times, id: str) -> str | None:  # noqa: A002 - A milestone has an "id".
    """Give the milestone that a reached one cannot precede, and does precede; None if its time is possible.

    If there are several, the one that was reached last.
    """
    here = times.get(id)
    if here is None:
        return None
    later = [other for other in _before(id) if other in times and times[other].at > here.at]
    return max(later, key=lambda other: times[other].at, default=None)


def closed(times: Times, *, abandoned: bool = False) -> dict[str, str]:
    """Give the milestones that cannot be reached any more, each with the reason.

    Args:
        times: the milestones that were reached.
        abandoned: whether the hotfix was abandoned.
    """
    if abandoned:
        return {each.id: "abandoned" for each in ALL if each.id not in times}
    deployed, is_back = times.get("deployed"), "rolled-back" in times
    if not (is_back or (deployed and deployed.undone)):
        return {}
    why = "rolled back" if is_back else "to be rolled back"
    return {name: why for name in OF_DEPLOYMENT if name not in times}


OF_DEPLOYMENT = ("deployed", "verified", "watched", "followed-up")
"""What a rollback ends."""


def total(times: Times) -> str:
    """Say how long it took from the detection to the resolution; empty if one of them is not known."""
    detected, resolved = times.get("detected"), times.get("resolved")
    if detected is None or resolved is None:
        return ""
    if resolved.at < detected.at:
        return "resolved before it was detected"
    return lasting(between(detected.at, resolved.at))


def _before(id: str) -> list[str]:  # noqa: A002 - A milestone has an "id".
    found: list[str] = []
    for other in _BY_ID[id].follows:
        found += [other, *_before(other)]
    return found
