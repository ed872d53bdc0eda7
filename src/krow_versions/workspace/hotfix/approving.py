"""Note who approved which commit of a hotfix, or why it ships without an approval."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.hotfix import Approval, consent_of, is_out
from krow_versions.planning.actions import Tag
from krow_versions.text.escaping import one_line
from krow_versions.values import evolve

if TYPE_CHECKING:
    import datetime as dt

    from krow_versions.hotfix import Facts, HotfixState
    from krow_versions.planning.actions import Action
    from krow_versions.planning.plan import Plan
    from krow_versions.workspace.hotfix.context import HotfixContext


def lacks_consent(seen: HotfixState) -> bool:
    """Whether there is a commit to ship that is not out, and nobody said that it may."""
    found = consent_of(seen.facts, seen.record.approvals)
    return found.tip is not None and not found.given and not is_out(seen.facts)


def waiver(context: HotfixContext, facts: Facts, reason: str, now: dt.datetime) -> Approval:
    """Say why a hotfix ships without an approval of its tip."""
    tip = facts.tip or facts.tag_at or ""
    return Approval(tip=tip, at=now, who=context.who(), reason=reason)


def with_reason(plan: Plan, seen: HotfixState) -> Plan:
    """Show in a plan, and in the message of its tag, why the hotfix ships without an approval."""
    found = consent_of(seen.facts, seen.record.approvals)
    if found.approved or found.entry is None or is_out(seen.facts):
        return plan
    line = f"Without approval: {one_line(found.entry.reason)}\n"
    actions: tuple[Action, ...] = tuple(
        evolve(each, message=f"{each.message.rstrip()}\n{line}") if isinstance(each, Tag) else each
        for each in plan.actions
    )
    return evolve(plan, actions=actions, warnings=(*plan.warnings, str(found)))
