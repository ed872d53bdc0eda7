"""How the attempts to deploy a hotfix are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from krow_versions.tables import Table
from krow_versions.text.escaping import one_line
from krow_versions.text.times import at, iso

if TYPE_CHECKING:
    from krow_versions.hotfix.entries import Deployment
    from krow_versions.hotfix.record import Record


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
    return "succeeded" if attempt.succeeded else f"ended with exit code {attempt.exit_code}"


def described(attempt: Deployment) -> str:
    """Describe an attempt in one sentence: when it started, by whom, how it ended."""
    who = f" by {one_line(attempt.who)}" if attempt.who else ""
    what = "rollback" if attempt.rollback else "deployment"
    return f"the {what} started {at(attempt.at)}{who}: {outcome(attempt)}"


def deployments_table(record: Record) -> Table:
    """Show every attempt as a row, in the order of their starts."""
    rows = [
        (
            one_line(each.tag),
            at(each.at),
            at(each.ended) if each.ended else "",
            f"{'rollback, ' if each.rollback else ''}{outcome(each)}",
            one_line(each.who),
        )
        for each in record.deployments
    ]
    return Table(("tag", "started", "ended", "result", "who"), tuple(rows))


def deployments_json(record: Record) -> list[dict[str, Any]]:
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
        for each in record.deployments
    ]
