"""Note who approved which commit of a hotfix, or why it ships without an approval."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions import git
from krow_versions.errors import Conflict
from krow_versions.hotfix import Approval, consent, consent_of

if TYPE_CHECKING:
    import datetime as dt

    from krow_versions.hotfix import Facts, HotfixState
    from krow_versions.workspace.hotfix.context import HotfixContext
    from krow_versions.workspace.hotfix.records import Records


def approve(context: HotfixContext, records: Records, facts: Facts, now: dt.datetime) -> None:
    """Note that the tip is approved, or what the tag names if the branch is gone; once is enough.

    Raises:
        Conflict: there is no commit that could be approved.
    """
    tip = facts.tip or facts.tag_at
    if tip is None:
        raise Conflict(
            f"there is no branch {facts.branch}, so there is nothing to approve",
            hint=f"krow-versions hotfix start {facts.product}",
        )
    if not consent(records.approvals(facts.version), None, tip).approved:
        said = Approval(tip, now, git.committer(context.repository))
        records.add_approval(facts.version, said)


def lacks_consent(seen: HotfixState) -> bool:
    """Whether there is a commit to ship, and nobody said that it may."""
    found = consent_of(seen.facts, seen.approvals)
    return found.tip is not None and not found.given


def waiver(context: HotfixContext, facts: Facts, reason: str, now: dt.datetime) -> Approval:
    """Say why a hotfix ships without an approval of its tip."""
    return Approval(facts.tip or facts.tag_at or "", now, git.committer(context.repository), reason)
