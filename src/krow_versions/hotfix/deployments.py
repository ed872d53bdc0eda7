"""How the attempts to deploy a hotfix are shown."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any

from krow_versions.errors import Conflict
from krow_versions.tables import Data, Table
from krow_versions.text.escaping import one_line
from krow_versions.text.times import at, iso

if TYPE_CHECKING:
    from krow_versions.hotfix.course import Left, Rollback
    from krow_versions.hotfix.entries import Deployment
    from krow_versions.hotfix.record import Record
    from krow_versions.planning.commands import Calls


def outcome(attempt: Deployment) -> str:
    """Say how an attempt ended.

    >>> import datetime as dt
    >>> from krow_versions.hotfix import Deployment
    >>> outcome(Deployment(at=dt.datetime(2026, 3, 5, 2, 30, tzinfo=dt.UTC), tag="web/prod-v1.4.1"))
    'how it ended is not known'
    """
    if attempt.ended is None:
        return "how it ended is not known"
    if attempt.by_hand:
        return "done by hand"
    if attempt.exit_code is None:
        return "ended, with an exit code that is not known"
    return "succeeded" if attempt.succeeded else f"ended with exit code {attempt.exit_code}"


def described(attempt: Deployment) -> str:
    """Describe an attempt in one sentence: when it started, by whom, how it ended."""
    who = f" by {one_line(attempt.who)}" if attempt.who else ""
    what = "rollback" if attempt.rollback else "deployment"
    return f"the {what} started {at(attempt.at)}{who}: {outcome(attempt)}"


def still_running(record: Record, now: dt.datetime) -> Deployment | None:
    """Give the attempt that may still run: the last one, if nobody has said how it ended.

    Where its program or its machine was killed nobody ever says so, hence only for some hours.
    """
    last = next(reversed(record.deployments), None)
    if last is None or last.ended is not None or now - last.at >= _LONGEST_ATTEMPT:
        return None
    later = (each for each in record.deployments if each.by_hand and each.known > last.known)
    return None if any(later) else last


_LONGEST_ATTEMPT = dt.timedelta(hours=2)


def require_not_running(
    record: Record,
    now: dt.datetime,
    calls: Calls,
    *,
    command: str = "deploy",
    tag: str = "",
    beyond: dt.datetime | None = None,
) -> None:
    """Refuse to deploy while an attempt may still run.

    Args:
        record: what people said.
        now: the present moment.
        calls: how people call krow-versions.
        command: the command that deploys.
        tag: the only tag whose deployment is in the way; empty: any.
        beyond: when the attempt was recorded that people know to be over; a later one counts.

    Raises:
        Conflict: one may.
    """
    found = still_running(record, now)
    if found is None or (beyond is not None and found.known <= beyond) or (tag and found.tag != tag):
        return
    ended = "rollback --done" if found.rollback else "status --done deployed"
    name, _, rest = ended.partition(" ")
    raise Conflict(
        f"{described(found)}; nothing was done",
        hint=f"wait for its end; if it died: {calls.hotfix(command, '--run --again')}; "
        f"if it succeeded: {calls.hotfix(name, rest)}",
    )


def version_in(tag: str) -> str:
    """Give the version in the name of a tag, or the whole name.

    >>> version_in("web/prod-v1.4.0")
    '1.4.0'
    """
    found = re.findall(r"[0-9]+\.[0-9]+\.[0-9]+", tag)
    return str(found[-1]) if found else one_line(tag)


def rolled_back(rolled: Rollback) -> str:
    """Say what was decided, by whom and why, and how far it came."""
    decision, deployment = rolled.decision, rolled.deployment
    decided = f"decided by {one_line(decision.decided_by)}: {one_line(decision.reason)}"
    if deployment is not None and deployment.succeeded and deployment.ended:
        return f"rolled back to {version_in(decision.to)} {at(deployment.ended)}, {decided}"
    so_far = described(deployment) if deployment is not None else "it is not carried out"
    return f"the rollback to {version_in(decision.to)} is {decided}; {so_far}"


def departed(left: Left) -> str:
    """Say what production went to, when, and who decided it, if that was a rollback."""
    other = version_in(left.tag)
    if left.decision is None:
        return f"not in production since {at(left.at)}: {other} was deployed"
    decided = f"decided by {one_line(left.decision.decided_by)}: {one_line(left.decision.reason)}"
    return f"not in production since {at(left.at)}: rolled back to {other}, {decided}"


def deployments_table(record: Record | None) -> Table:
    """Show every attempt as a row, in the order of their starts."""
    rows = [
        (
            one_line(each.tag),
            at(each.at),
            at(each.ended) if each.ended else "",
            f"{'rollback, ' if each.rollback else ''}{outcome(each)}",
            one_line(each.who),
        )
        for each in (record.deployments if record else ())
    ]
    data = Data.of(_COLUMNS, deployments_json(record))
    return Table(("tag", "started", "ended", "result", "who"), tuple(rows), "", data)


_COLUMNS = "tag started:time ended:time exit_code:whole by_hand:boolean rollback:boolean who"


def deployments_json(record: Record | None) -> list[dict[str, Any]]:
    """Give every attempt as data."""
    return [
        {
            "tag": each.tag,
            "started": iso(each.at),
            "ended": iso(each.ended),
            "exit_code": each.exit_code,
            "by_hand": each.by_hand,
            "rollback": each.rollback,
            "who": each.who,
        }
        for each in (record.deployments if record else ())
    ]


def rollback_json(record: Record) -> dict[str, Any] | None:
    """Give the rollback that counts as data; None if there is none."""
    if record.rollback is None:
        return None
    decision, deployment = record.rollback.decision, record.rollback.deployment
    return {
        "from": decision.from_,
        "to": decision.to,
        "reason": decision.reason,
        "decided_by": decision.decided_by,
        "decided": iso(decision.at),
        "done": record.rollback.is_done,
        "ended": iso(deployment.ended) if deployment else None,
    }
