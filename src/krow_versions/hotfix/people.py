"""Whom to call, and what each does; what each severity means, and what a hotfix is for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.text.escaping import one_line
from krow_versions.text.words import as_compared
from krow_versions.values import frozen

if TYPE_CHECKING:
    from krow_versions.settings import Hotfix

ROLES = {
    "Release Engineer": "executes the hotfix",
    "Product Owner": "decides: rollback or hotfix",
    "DevOps": "monitors production",
    "Affected team": "is informed",
}
"""The roles of the process, by what each does."""

CHANNEL = "#emergency-releases"
"""Where hotfixes are announced, if no channel is configured."""

ADVICE = (
    "severities: CRITICAL < 1 h, HIGH < 4 h, MEDIUM: the next release is fine, without a hotfix",
    "a hotfix is for broken production: crashes, lost data, security holes, dead core features",
    "no hotfix for features, refactoring, cosmetic faults, or where a workaround will do",
)
"""What each severity means, and what a hotfix is for, one line each."""

UNSET = "not configured"


@frozen
class Contact:
    """Somebody to call.

    Attributes:
        role: a role of the process, or as it is configured.
        does: what the role does in the process, or empty.
        reach: how to reach them, or None if that is not configured.
    """

    role: str
    does: str
    reach: str | None

    def __str__(self) -> str:
        does = f" ({self.does})" if self.does else ""
        return f"{one_line(self.role)}: {one_line(self.reach or UNSET)}{does}"


def contacts(settings: Hotfix) -> tuple[Contact, ...]:
    """Give whom to call: those that are configured, then the roles of the process that are not."""
    found = [Contact(role, _does(role), reach) for role, reach in settings.contacts.items()]
    filled = {each.does for each in found}
    return (*found, *(Contact(role, does, None) for role, does in ROLES.items() if does not in filled))


def channel_of(channel: str | None) -> str:
    """Give the configured channel, or the one of the process, marked as such."""
    return channel or f"{CHANNEL} (the default: {UNSET})"


def _does(role: str) -> str:
    """Give what a role does; ``DevOps on call`` does what DevOps does."""
    name = as_compared(role)
    return next((does for known, does in ROLES.items() if name.startswith(as_compared(known))), "")
