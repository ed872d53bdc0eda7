"""The timeline of an incident: every event in the order of time, each with what says that it happened."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from krow_versions.hotfix.checklist import box
from krow_versions.hotfix.clock import times_of
from krow_versions.hotfix.deployments import departed, outcome
from krow_versions.hotfix.entries import (
    ANNOUNCEMENT,
    FOLLOW_UP,
    ROLLBACK_NOTICE,
    Amended,
    Approval,
    Decision,
    Declared,
    Done,
    Merged,
    Said,
    Sent,
)
from krow_versions.hotfix.milestones import GIT, RECORD, SERVER, milestone
from krow_versions.hotfix.postmortem import IN_REVIEW, STATE
from krow_versions.text.escaping import one_line
from krow_versions.text.times import at
from krow_versions.values import evolve, frozen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from krow_versions.hotfix.entries import Deployment, Entry
    from krow_versions.hotfix.facts import Facts
    from krow_versions.hotfix.record import Record

SOURCES = (GIT, SERVER, RECORD)
SENT = {
    ANNOUNCEMENT: "announcement",
    FOLLOW_UP: "status update",
    ROLLBACK_NOTICE: "notice of the rollback",
}
DECISIONS = (ROLLBACK, WAIVER, ABANDONED) = ("rollback", "without-approval", "abandoned")
"""What people decide, by its name in data."""
_LATE = dt.timedelta(minutes=1)


@frozen
class Event:
    """One event of an incident.

    Attributes:
        at: when it happened.
        source: what says so: ``git``, ``server`` or ``record``.
        what: what happened, on one line.
        who: who did or said it, or empty.
        noted: when it was recorded, if that was a minute later or more; else None.
    """

    at: dt.datetime
    source: str
    what: str
    who: str = ""
    noted: dt.datetime | None = None


@frozen
class Decided:
    """A decision of people.

    Attributes:
        at: when it was taken.
        kind: one of :data:`DECISIONS`.
        what: what was decided, for people.
        reason: why.
        who: who decided.
    """

    at: dt.datetime
    kind: str
    what: str
    reason: str
    who: str


def events_of(facts: Facts, record: Record) -> tuple[Event, ...]:
    """Give all events of an incident, the earliest first."""
    found = [*_declared(record), *_of_git(facts), *_said(record), *_deployments(record), *_left(record)]
    for name, reached in times_of(record, facts).items():
        found += [Event(reached.at, SERVER, milestone(name).label)] if reached.source == SERVER else []
    return tuple(sorted(found, key=lambda each: each.at))


def decisions_of(record: Record) -> tuple[Decided, ...]:
    """Give all decisions, the earliest first."""
    return tuple(sorted(_decisions(record), key=lambda each: each.at))


def _decisions(record: Record) -> Iterator[Decided]:
    for each in record.of(Decision):
        source = f" from {one_line(each.from_)}" if each.from_ else ""
        yield Decided(
            each.at, ROLLBACK, f"rollback{source} to {one_line(each.to)}", each.reason, each.decided_by
        )
    for waiver in record.approvals:
        if waiver.reason:
            yield Decided(waiver.at, WAIVER, "shipped without approval", waiver.reason, waiver.who)
    if end := record.abandoned:
        yield Decided(end.at, ABANDONED, "abandoned", end.reason, end.who)


def _declared(record: Record) -> Iterator[Event]:
    declared = record.declaration
    if declared is None:
        return
    if declared.zero < declared.started:
        yield Event(declared.zero, RECORD, "fault detected")
    first, *others = record.of(Declared)  # As it was said then: corrections are events of their own.
    yield _event(first, f"declared: {first.severity.name}, {first.issue}")
    for other in others:
        yield _event(other, f"declared in another clone, too: {other.severity.name}, {other.issue}")


def _of_git(facts: Facts) -> Iterator[Event]:
    for commit in reversed(facts.commits):
        yield Event(commit.date, GIT, f"commit {commit.id[:12]}: {one_line(commit.subject)}")
    if facts.tag is not None and facts.tagged is not None:
        yield Event(facts.tagged, GIT, f"production tag {one_line(facts.tag.name)} made")


def _said(record: Record) -> Iterator[Event]:
    for entry in record.of(Amended):
        yield _event(entry, f"corrected: {'; '.join(_corrections(entry))}")
    for done in record.of(Done):
        label = _label(done.box)
        yield _event(done, f"taken back: {label}" if done.undone else label)
    for approval in record.of(Approval):
        if not approval.reason:
            yield _event(approval, f"approved: {approval.tip[:12] or 'a commit that is not known'}")
    for merged in record.of(Merged):
        yield _event(merged, f"{merged.tip[:12]} is merged as {merged.commit[:12]}")
    for decided in decisions_of(record):
        yield Event(decided.at, RECORD, one_line(f"{decided.what}: {decided.reason}"), one_line(decided.who))
    for sent in record.of(Sent):
        errors = f", errors: {sent.errors}" if sent.errors.strip() else ""
        yield _event(sent, f"{SENT[sent.text]} sent{errors}")
    for said in record.of(Said):
        if (said.field, said.text) == (STATE, IN_REVIEW):
            yield _event(said, "incident document in review")


def _label(name: str) -> str:
    """Give what a box, or an item of one, says."""
    found = box(name)
    return next((item.label for item in found.items if item.id == name), found.label)


def _corrections(entry: Amended) -> Iterator[str]:
    texts = {name: getattr(entry, name) for name in ("issue", "impact", "environment")}
    texts["severity"] = entry.severity.name if entry.severity else None
    texts["detected"] = at(entry.detected) if entry.detected else None
    yield from (f"{name} {value}" for name, value in texts.items() if value is not None)


def _deployments(record: Record) -> Iterator[Event]:
    for each in record.deployments:
        what = deployed(each)
        if each.ended is None or each.ended > each.at:
            yield _event(each, f"{what} begun")
        if each.ended is not None:
            yield evolve(_event(each, f"{what} {outcome(each)}"), at=each.ended)


def _left(record: Record) -> Iterator[Event]:
    if left := record.left:
        who = one_line(left.decision.who) if left.decision else ""
        yield Event(left.at, RECORD, departed(left), who, None)


def deployed(each: Deployment) -> str:
    """Say what an attempt deployed."""
    name = one_line(each.tag)
    kind = "rollback" if each.rollback else "deployment"
    return f"{kind} to {name}" if each.rollback and name else f"{kind} of {name}" if name else kind


def _event(entry: Entry, what: str) -> Event:
    noted = entry.noted if entry.noted and entry.noted - entry.at >= _LATE else None
    return Event(entry.at, RECORD, one_line(what), one_line(entry.who), noted)
