"""The gate of the review: exactly this commit is approved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.hotfix.approval import consent_of
from krow_versions.hotfix.gates.model import PASSED, UNKNOWN, WARNING, GateKind, Ruling

if TYPE_CHECKING:
    from krow_versions.hotfix.gates.model import Subject


def _approval(subject: Subject) -> Ruling:
    """Only warn: the gates are checked before the review, too; ``finish`` refuses without an approval."""
    facts = subject.facts
    found = consent_of(facts, subject.approvals)
    if found.approved:
        return Ruling(PASSED, str(found))
    if found.given:
        return Ruling(WARNING, str(found))
    if facts.finished and found.other is None:
        return Ruling(UNKNOWN, "no approval is recorded here")
    return Ruling(WARNING, str(found), f"when it is: {facts.calls.tick('approval')}")


GATES = (GateKind("approval", "exactly this commit is approved", 6, _approval),)
