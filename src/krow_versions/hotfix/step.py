"""A step of one hotfix: how far it is, what it lacks, and what to do for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from krow_versions.values import frozen

if TYPE_CHECKING:
    import datetime as dt

    from krow_versions.hotfix.tasks import Task

DONE, NEXT, BLOCKED, OPEN = "done", "next", "blocked", "open"


@frozen
class Step:
    """A step of one hotfix.

    Attributes:
        number: 1 to 11.
        title: its name.
        state: ``done``, ``next``, ``blocked`` (next, but something prevents it) or ``open``.
        why: what is missing, or empty.
        task: what to do for it, or None if it is done.
        until: when that can be done, if that is not now, such as ``when ... is approved``.
        due: the moment before which it cannot be done, if that has not come.
    """

    number: int
    title: str
    state: str
    why: str = ""
    task: Task | None = None
    until: str = ""
    due: dt.datetime | None = None

    @property
    def command(self) -> str | None:
        """The command for it, or None if it is done."""
        return self.task.command if self.task else None

    def to_json(self) -> dict[str, Any]:
        """Give the step as a part of what ``hotfix status --json`` prints."""
        return {name: getattr(self, name) for name in ("number", "title", "state", "why", "command", "until")}
