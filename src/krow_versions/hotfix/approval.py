"""Approvals of a hotfix: each is of one commit, so that another commit needs another approval."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.errors import Conflict
from krow_versions.text.escaping import one_line
from krow_versions.values import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable

    from krow_versions.hotfix.entries import Approval
    from krow_versions.hotfix.facts import Facts


@frozen
class Consent:
    """Whether exactly one commit may ship.

    Attributes:
        tip: the full id of that commit, or None if there is none.
        entry: what was said of it: that it is approved, or else why it ships without; None if nothing.
        there: whether the server has an approval of it.
        other: the full id of the commit that was approved instead, empty if that is not known; or None.
    """

    tip: str | None
    entry: Approval | None = None
    there: bool = False
    other: str | None = None

    @property
    def given(self) -> bool:
        """Whether the commit may ship."""
        return self.there or self.entry is not None

    @property
    def approved(self) -> bool:
        """Whether it is approved; it may also ship without, for a reason."""
        return self.there or (self.entry is not None and not self.entry.reason)

    def __str__(self) -> str:
        tip = (self.tip or "")[:12]
        if self.there:
            return f"{tip} is approved on the server"
        if self.entry is not None:
            reason, who = one_line(self.entry.reason), one_line(self.entry.who)
            if reason:
                return f"{tip} ships without approval: {reason}{f' ({who})' if who else ''}"
            return f"{tip} is approved{f' by {who}' if who else ''}"
        if self.other is None:
            return f"{tip} is not approved, as far as is known here" if tip else "there is no commit"
        if not self.other:
            return f"the approval that is recorded names no commit, so {tip} is not approved"
        return f"approved was {self.other[:12]}, the tip is {tip}"


def consent(approvals: Iterable[Approval], head: str | None, tip: str | None) -> Consent:
    """Decide whether *tip* may ship: only what was said of exactly this commit counts.

    Args:
        approvals: what people said here, of any commit.
        head: the full id of the commit that is approved on the server, or None if that is not known.
        tip: the full id of the commit, or None if there is none.

    >>> import datetime as dt
    >>> from krow_versions.hotfix.entries import Approval
    >>> day = dt.datetime(2026, 3, 5, tzinfo=dt.UTC)
    >>> said = (Approval(tip="a" * 40, at=day, who="Ada"),)
    >>> str(consent(said, None, "a" * 40)), str(consent(said, None, "b" * 40))
    ('aaaaaaaaaaaa is approved by Ada', 'approved was aaaaaaaaaaaa, the tip is bbbbbbbbbbbb')
    """
    if tip is None:
        return Consent(None)
    # The first that was said counts, and an approval before a reason to ship without one.
    ranked = sorted(approvals, key=lambda each: (bool(each.reason), each.at))
    entry = next((each for each in ranked if each.tip == tip), None)
    others = [each.tip for each in ranked if each.tip != tip and not each.reason]
    others += [head] if head and head != tip else []
    return Consent(tip, entry, head == tip, others[-1] if others else None)


def consent_of(facts: Facts, approvals: Iterable[Approval]) -> Consent:
    """Decide whether the commit that the hotfix ships may ship: its tip, or what its tag names."""
    head = facts.pull_request.approved_head if facts.pull_request else None
    return consent(approvals, head, facts.tip or facts.tag_at)


def is_out(facts: Facts) -> bool | None:
    """Whether the hotfix is tagged where it is deployed from; None if that is not known."""
    if not facts.finished:
        return facts.finished_there
    return facts.tag_pushed if facts.remote else True


def require_consent(facts: Facts, approvals: Iterable[Approval]) -> None:
    """Refuse to ship a commit that nobody approved, unless it is out.

    Raises:
        Conflict: there is no approval of exactly this commit.
    """
    found = consent_of(facts, approvals)
    if found.given or is_out(facts):
        return
    raise Conflict(
        f"{found}; nothing was changed",
        hint=f"when exactly this commit is approved: {facts.calls.tick('approval')}; "
        f"to ship without: {facts.calls.hotfix('finish', '--without-approval REASON')}",
    )
