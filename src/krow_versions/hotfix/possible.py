"""When a box of the checklist can be true: nobody ticks what has not happened yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.errors import Conflict
from krow_versions.hotfix.landing import unfetched
from krow_versions.hotfix.milestones import WATCH, Times, apart, between
from krow_versions.text.times import at, lasting
from krow_versions.values import frozen

if TYPE_CHECKING:
    import datetime as dt

    from krow_versions.hotfix.facts import Facts
    from krow_versions.planning.commands import Calls


@frozen
class Possible:
    """When a box can be true.

    Attributes:
        lacks: what must be there first; empty if all is there.
        todo: the command that brings it there.
        since: the earliest moment; None if that is not known, or if something is missing.
        after: what that moment is, such as "2 h after the deployment".
        takes_time: whether time must pass: then it may be possible only later than now.
    """

    lacks: str = ""
    todo: str = ""
    since: dt.datetime | None = None
    after: str = ""
    takes_time: bool = False


def possible(box: str, times: Times, facts: Facts | None, calls: Calls) -> Possible:
    """Say when a box can be true, as far as is known here.

    Args:
        box: the box, or that of an item.
        times: the milestones that were reached.
        facts: what git and the server say, or None if there is no hotfix that git knows.
        calls: how krow-versions is called.
    """
    if box in ("review", "approval"):
        return _reviewed(times, facts, calls)
    if box in ("deployed", "github-release"):
        return _shipped(box, facts, calls)
    deploying = f"{calls.hotfix('deploy', '--run')}; where it was deployed by hand: {calls.tick('deployed')}"
    deployed = times.get("deployed")
    deployed = None if deployed and deployed.undone else deployed
    if box in ("smoke-tests", "logs-watched"):
        if deployed is None:
            return Possible("it is not deployed, as far as is recorded here", deploying)
        if box == "logs-watched":
            after = f"{lasting(WATCH)} after the deployment"
            return Possible(since=deployed.at + WATCH, after=after, takes_time=True)
        return Possible(since=deployed.at, after="the end of the deployment")
    # Users hear, and the incident document may be filed, while the logs are still watched, but not
    # before production works again.
    out = deployed or times.get("rolled-back")
    if out is None:
        return Possible("it is neither deployed nor rolled back, as far as is recorded here", deploying)
    return Possible(since=out.at, after="the end of the deployment")


def require_possible(
    name: str, said: dt.datetime | None, now: dt.datetime, found: Possible
) -> dt.datetime | None:
    """Refuse a tick that cannot be true.

    Args:
        name: the box, or an item of it.
        said: when it happened, if that was said.
        now: the present moment.
        found: when it can be true.

    Returns:
        When it happened, if that was said: people say it in minutes, so it may be some seconds later.

    Raises:
        Conflict: it is not possible yet, or was not at that moment.
    """
    if found.lacks:
        raise Conflict(f"{name} cannot be true yet: {found.lacks}; nothing was noted", hint=found.todo)
    if found.since is None:
        return said
    why = f"{name} cannot be true before {at(found.since)}, {found.after}; nothing was noted"
    if found.takes_time and now < found.since:
        raise Conflict(why, hint=f"run it again in {apart(now, found.since)}")
    # What is there now is true now, whatever the clock of the machine that made it says.
    if said is None or said >= found.since:
        return said
    if between(said, found.since):
        raise Conflict(why, hint="give a later time, or none for the present moment")
    return found.since


def _reviewed(times: Times, facts: Facts | None, calls: Calls) -> Possible:
    seeing = f"{calls.hotfix('status')} shows what is next"
    if facts is None or (facts.tip is None and facts.tag_at is None):
        return Possible("there is no commit of it", seeing)
    # Whether the branch is on the server does not matter: a review can be asked for at one desk.
    if not (facts.commits or facts.merged or facts.tag or facts.tag_there):
        return Possible("there is no commit on its branch", seeing)
    fixed = times.get("fixed")
    return Possible(since=fixed.at, after="the commit of the fix") if fixed else Possible()


def _shipped(box: str, facts: Facts | None, calls: Calls) -> Possible:
    finish = calls.hotfix("finish")
    if facts is not None and (lacking := unfetched(facts)):
        return Possible(lacking.why, lacking.task.command)
    if facts is None or not facts.finished:
        return Possible("there is no production tag of it", finish)
    if box == "github-release" and facts.remote and facts.tag_pushed is False:
        return Possible(f"its tag is not on {facts.remote}", finish)
    return Possible(since=facts.tagged, after="its tag") if facts.tagged else Possible()
