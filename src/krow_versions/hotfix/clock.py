"""The clock of a hotfix: when each milestone was reached, from git, the server and the record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.hotfix.approval import consent_of
from krow_versions.hotfix.entries import FOLLOW_UP, ROLLBACK_NOTICE
from krow_versions.hotfix.messages import fixes
from krow_versions.hotfix.milestones import GIT, OF_DEPLOYMENT, RECORD, SERVER, Reached

if TYPE_CHECKING:
    import datetime as dt

    from krow_versions.hotfix.facts import Facts
    from krow_versions.hotfix.milestones import Times
    from krow_versions.hotfix.record import Record


def times_of(record: Record, facts: Facts | None) -> Times:
    """Give the milestones that were reached, each by its definition in ``milestones.ALL``.

    Args:
        record: what people said.
        facts: what git and the server say, or None if there is no hotfix that git knows.
    """
    sources = ((RECORD, _recorded(record, facts)), (GIT, _by_git(facts)), (SERVER, _by_server(facts)))
    found = {
        name: Reached(at, source) for source, given in sources for name, at in given.items() if at is not None
    }
    before = record.undone
    undone = _recorded(before, facts) if before else {}
    return {
        name: Reached(at, RECORD, undone=True)
        for name in OF_DEPLOYMENT
        if (at := undone.get(name)) is not None
    } | found


def _recorded(record: Record, facts: Facts | None) -> dict[str, dt.datetime | None]:
    declared, rollback = record.declaration, record.rollback
    ticks = {name: each.at for name, each in record.ticks.items()}
    watched, notified = ticks.get("logs-watched"), ticks.get("users-notified")
    rolled_back = rollback.deployment.ended if rollback and rollback.is_done and rollback.deployment else None
    if rollback is not None:
        notice = record.sent(ROLLBACK_NOTICE)
        watched, notified = rolled_back, notice.at if notice else notified
    followed_up, consent = record.sent(FOLLOW_UP), consent_of(facts, record.approvals) if facts else None
    return {
        "detected": declared.zero if declared else None,
        "declared": declared.started if declared else None,
        "review-requested": ticks.get("review"),
        "approved": consent.entry.at if consent and consent.approved and consent.entry else None,
        "deployed": record.last_deployment.ended if record.last_deployment else None,
        "verified": ticks.get("smoke-tests"),
        "watched": ticks.get("logs-watched"),
        "notified": notified,
        "rolled-back": rolled_back,
        "resolved": max(watched, notified) if watched and notified else None,
        "followed-up": followed_up.at if followed_up else None,
        "documented": ticks.get("incident-documented"),
    }


def _by_git(facts: Facts | None) -> dict[str, dt.datetime | None]:
    # Git reads a date that it cannot understand as the first second of 1970.
    dates = [fix.date for fix in fixes(facts) if fix.date.timestamp()] if facts else []
    tagged = facts.tagged if facts and facts.finished else None
    return {"fixed": min(dates, default=None), "tagged": tagged}


def _by_server(facts: Facts | None) -> dict[str, dt.datetime | None]:
    found = facts.pull_request if facts else None
    if facts is None or found is None or not found.asks:
        return {}
    is_tip = found.approved_head == (facts.tip or facts.tag_at)
    return {"review-requested": found.created, "approved": found.approved if is_tip else None}
