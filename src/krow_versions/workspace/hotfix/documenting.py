"""The incident document of a hotfix, and the plan of what people say in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import attrs

from krow_versions import git
from krow_versions.errors import InputError, UsageError
from krow_versions.hotfix import Said, incident_of
from krow_versions.hotfix.postmortem import DOCUMENTED, FINAL, WRITTEN, recorded, remarked
from krow_versions.hotfix.report import written
from krow_versions.planning.plan import HotfixStep, Plan
from krow_versions.workspace.hotfix.records import Records
from krow_versions.workspace.hotfix.ticking import Ticking
from krow_versions.workspace.user_input import given_text

if TYPE_CHECKING:
    import datetime as dt

    from krow_versions.hotfix import HotfixState, Incident
    from krow_versions.hotfix.postmortem import Remarks
    from krow_versions.workspace.hotfix.context import HotfixContext
    from krow_versions.workspace.protocols import Opened

# A record is read up to a size: one text must not make it unreadable.
_LONGEST = 10_000


class Viewed(Protocol):
    """What a hotfix with a document has."""

    @property
    def workspace(self) -> Opened: ...
    @property
    def context(self) -> HotfixContext: ...
    def look(self) -> HotfixState: ...
    def records(self) -> Records: ...
    def incident(self, now: dt.datetime | None = None, seen: HotfixState | None = None) -> Incident: ...


class Documents:
    """The part of :class:`HotfixView` that is about the incident document."""

    __slots__ = ()

    def incident(self: Viewed, now: dt.datetime | None = None, seen: HotfixState | None = None) -> Incident:
        """Give its incident, with everything that the document shows, at the present moment, or at *now*."""
        seen, context = seen or self.look(), self.context
        return incident_of(
            seen.facts,
            seen.record,
            seen.gates,
            catalog=context.catalog,
            settings=context.settings,
            now=now or self.workspace.clock(),
            templates=context.settings.texts,
        )

    def report(
        self: Viewed,
        now: dt.datetime | None = None,
        seen: HotfixState | None = None,
        *,
        format: str = "markdown",  # noqa: A002 - As the option.
    ) -> str:
        """Write the incident document, ``markdown`` or ``json``, made at the present moment, or at *now*.

        Raises:
            UsageError: there is no such format.
        """
        return written(self.incident(now, seen), format)

    def plan_remarks(
        self: Viewed, remarks: Remarks, now: dt.datetime | None = None, seen: HotfixState | None = None
    ) -> Plan:
        """Plan to record what somebody says in the document; the notes say what that is, and what lacks.

        Raises:
            UsageError: there is no such fact or action item, or a text is too long.
            InputError: nothing is known here of the hotfix.
            Conflict: the document is to be final, and lacks something, or the incident is not over.
        """
        return _plan_remarks(self.context, seen or self.look(), remarks, now or self.workspace.clock())

    def note_written(self: Viewed, now: dt.datetime, seen: HotfixState) -> None:
        """Note when the document was first written to a file."""
        record, who = seen.record, git.committer(self.context.repository)
        if record.is_tracked and record.fact(WRITTEN) is None:
            self.records().write(record.adding(Said(at=now, who=who, field=WRITTEN, text="")))


def _plan_remarks(context: HotfixContext, seen: HotfixState, remarks: Remarks, now: dt.datetime) -> Plan:
    facts = seen.facts
    if not (seen.record.is_tracked or facts.tip or facts.tag):
        raise InputError(
            f"nothing is known here of the hotfix {facts.version} of {facts.product}",
            hint=f"declare it: {context.calls.start()}",
        )
    who = git.committer(context.repository)
    given = attrs.evolve(
        remarks,
        facts={name: _text(text, name, may_be_empty=True) for name, text in remarks.facts.items()},
        action=None if remarks.action is None else _text(remarks.action, "action item"),
        owner=None if remarks.owner is None else _text(remarks.owner, "owner", may_be_empty=True),
    )
    record = remarked(seen.record, given, now, who, context.calls)
    if given.state == FINAL:
        record = Ticking(context, facts, who, now).tick(record, [DOCUMENTED])
    writing = Records.of(context).writing(context.product.repo, record)
    step = HotfixStep("report", facts.product, facts.version)
    return Plan(actions=(writing,), step=step, notes=recorded(given, record))


def _text(text: str, name: str, *, may_be_empty: bool = False) -> str:
    found = given_text(text, name, may_be_empty=may_be_empty)
    if len(found) > _LONGEST:
        raise UsageError(
            f"the {name} has {len(found)} characters, and a record is for short texts",
            hint=f"say it in at most {_LONGEST} characters, and the rest in a file of your own",
        )
    return found
