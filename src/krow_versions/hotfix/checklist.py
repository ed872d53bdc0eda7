"""The 18 boxes of the checklist: what each says, and what shows that it is done."""

from __future__ import annotations

from krow_versions.errors import InputError, UsageError
from krow_versions.text.escaping import quoted
from krow_versions.text.words import as_compared, did_you_mean
from krow_versions.values import frozen

GIT, RECORD, PEOPLE = "git", "record", "people"


@frozen
class Item:
    """A part of a box that can be ticked by its own.

    Attributes:
        id: its name for ``hotfix status --done``.
        label: what is done.
    """

    id: str
    label: str


@frozen
class Box:
    """One box of the checklist.

    Attributes:
        id: its name for ``hotfix status --done``.
        label: what is done.
        step: the step of the process that it belongs to, 1 to 11, or 12 for what comes after.
        source: what shows that it is done: ``git`` (and files), ``record`` (commands note it) or ``people``.
        seen: where a box that is not a tick of a record is shown or recorded.
        items: its parts: it is done when all of them are; to tick it ticks all of them.
    """

    id: str
    label: str
    step: int
    source: str
    seen: str = ""
    items: tuple[Item, ...] = ()

    @property
    def tickable(self) -> bool:
        """Whether people may tick it by hand."""
        return self.source == PEOPLE


_CHECK = "krow-versions hotfix check shows it"
BOXES = (
    Box("severity", "severity documented", 1, RECORD, "krow-versions hotfix start records it"),
    Box("branch", "branch made from the production tag", 2, GIT, _CHECK),
    Box("tested", "fixed and tested", 3, GIT, "the fix: commit says it under Tested:"),
    Box("version", "version raised, PATCH only", 4, GIT, _CHECK),
    Box("changelog", "CHANGELOG row", 5, GIT, _CHECK),
    Box("commit-message", "commit message in its form", 3, GIT, _CHECK),
    Box("review", "review asked for, URGENT", 6, PEOPLE),
    Box("approval", "approved", 6, PEOPLE, "krow-versions hotfix status --done approval notes its commit"),
    Box("merged", "merged into main", 7, GIT, "main contains the branch after krow-versions hotfix finish"),
    Box("tag-created", "production tag made", 8, GIT, "krow-versions hotfix finish makes it"),
    Box("tag-pushed", "production tag pushed", 8, GIT, "krow-versions hotfix finish pushes it"),
    Box("deployed", "deployed", 9, PEOPLE),
    Box(
        *("smoke-tests", "smoke tests passed", 10, PEOPLE),
        items=(
            Item("launches", "the application launches"),
            Item("core-features", "core features work"),
            Item("no-new-errors", "no new errors"),
        ),
    ),
    Box(
        *("logs-watched", "logs watched for 2 hours", 10, PEOPLE),
        items=(
            Item("error-logs", "error logs watched"),
            Item("user-reports", "user reports watched"),
            Item("fix-verified", "the fix holds in production"),
        ),
    ),
    Box("users-notified", "users notified", 11, PEOPLE),
    Box("github-release", "GitHub Release made", 8, PEOPLE),
    Box("incident-documented", "incident documented", 12, PEOPLE),
    Box("total-time", "total time noted", 12, RECORD, "it is counted once the incident is resolved"),
)
ITEMS = {box.id: tuple(item.id for item in box.items) for box in BOXES if box.items}
TICKABLE = (*(box.id for box in BOXES if box.tickable), *(item for items in ITEMS.values() for item in items))
"""What ``hotfix status --done`` takes: boxes, and items of them."""
# The ticks of a record; the deployment is recorded with its exit code instead.
TICKS = tuple(each for each in TICKABLE if each != "deployed")
_BY_ID = {box.id: box for box in BOXES} | {item.id: box for box in BOXES for item in box.items}


def box(id: str) -> Box:  # noqa: A002 - A box has an "id".
    """Give the box called *id*, or that has an item of this name.

    Raises:
        UsageError: there is none; the hint has the nearest.
    """
    found = _BY_ID.get(as_compared(id))
    if found is None:
        raise UsageError(
            f"there is no box {quoted(id)} in the checklist", hint=did_you_mean(id, _BY_ID, "boxes")
        )
    return found


def require_tickable(id: str) -> tuple[Box, str]:  # noqa: A002 - A box has an "id".
    """Give the box that people tick by that name, and the exact name: that of the box, or of an item.

    Raises:
        UsageError: there is none; the hint has the nearest.
        InputError: people cannot tick it, since git shows it or a command records it.
    """
    found = box(id)
    if not found.tickable:
        why = "git shows it" if found.source == GIT else "a command records it"
        raise InputError(f"the box {found.id} is not ticked by hand: {why}", hint=found.seen)
    return found, as_compared(id)
