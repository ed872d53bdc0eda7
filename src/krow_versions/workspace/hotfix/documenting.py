"""The incident document of a hotfix, and plans of what people say in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.errors import InputError, UsageError
from krow_versions.hotfix import incident_of
from krow_versions.hotfix.postmortem import DOCUMENTED, FINAL, recorded, remarked
from krow_versions.planning.plan import HotfixStep, Plan
from krow_versions.values import evolve
from krow_versions.workspace.hotfix.records import Records
from krow_versions.workspace.hotfix.ticking import Ticking
from krow_versions.workspace.user_input import given_text

if TYPE_CHECKING:
    import datetime as dt

    from krow_versions.hotfix import HotfixState, Incident
    from krow_versions.hotfix.postmortem import Remarks
    from krow_versions.workspace.hotfix.context import HotfixContext

# A record is read up to a size: one text must not make it unreadable.
_LONGEST = 10_000


def incident(context: HotfixContext, seen: HotfixState, now: dt.datetime) -> Incident:
    """Give the incident of *seen*."""
    settings = context.settings
    return incident_of(
        seen.facts,
        seen.record,
        seen.gates,
        catalog=context.catalog,
        settings=settings,
        now=now,
        templates=settings.texts,
    )


def plan_remarks(context: HotfixContext, seen: HotfixState, remarks: Remarks, now: dt.datetime) -> Plan:
    """Plan to record what somebody says; the notes of the plan say what that is, and what still lacks.

    Raises:
        UsageError: there is no such fact or action item, or a text is too long.
        InputError: nothing is known here of the hotfix.
        Conflict: the document is to be final, and lacks something, or the incident is not over.
    """
    facts = seen.facts
    if not (seen.record.is_tracked or facts.is_known):
        raise InputError(
            f"nothing is known here of the hotfix {facts.version} of {facts.product}",
            hint=f"declare it: {context.calls.start()}",
        )
    who = context.who()
    given = evolve(
        remarks,
        facts={name: _text(text, name, may_be_empty=True) for name, text in remarks.facts.items()},
        action=None if remarks.action is None else _text(remarks.action, "action item"),
        owner=None if remarks.owner is None else _text(remarks.owner, "owner", may_be_empty=True),
    )
    record = remarked(seen.record, given, now, who, context.calls)
    if given.state == FINAL:
        record = Ticking(context, facts, who, now).tick(record, [DOCUMENTED])
    writing = Records.of(context).writing(context.product.repo, record)
    step = HotfixStep("report", facts.product, facts.version, context.calls)
    return Plan(actions=(writing,), step=step, notes=recorded(given, record))


def _text(text: str, name: str, *, may_be_empty: bool = False) -> str:
    found = given_text(text, name, may_be_empty=may_be_empty)
    if len(found) > _LONGEST:
        raise UsageError(
            f"the {name} has {len(found)} characters, and a record is for short texts",
            hint=f"say it in at most {_LONGEST} characters, and the rest in a file of your own",
        )
    return found
