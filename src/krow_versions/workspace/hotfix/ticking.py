"""Tick boxes of the checklist, and take ticks back: entries of the record, as far as they can be true."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.errors import Conflict, InputError
from krow_versions.hotfix import (
    ITEMS,
    Approval,
    Deployment,
    Done,
    consent_of,
    possible,
    require_possible,
    require_tickable,
    times_of,
    version_in,
)
from krow_versions.names import TAGS
from krow_versions.values import evolve, frozen

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from krow_versions.hotfix import Facts, Record
    from krow_versions.workspace.hotfix.context import HotfixContext


@frozen
class Ticking:
    """Who ticks boxes of one hotfix, and when.

    Attributes:
        context: the repository of the product.
        facts: what git, the files and the remote say.
        who: who ticks.
        now: the present moment.
        at: when it happened, if that is said; otherwise now.
    """

    context: HotfixContext
    facts: Facts
    who: str
    now: dt.datetime
    at: dt.datetime | None = None

    def tick(self, record: Record, names: Iterable[str]) -> Record:
        """Add ticks; one that is there keeps its time, unless another time is said.

        Raises:
            UsageError: there is no such box.
            InputError: it is not one that people tick, or a command has noted it.
            Conflict: it cannot be true yet, or was not at that moment.
        """
        for box, name in [require_tickable(each) for each in names]:
            is_there = self._is_there(record, name)
            if is_there and self.at is None:
                continue
            found = possible(box.id, times_of(record, self._known), self._known, self.facts.calls)
            if name == "deployed" and record.rollback and not found.lacks:
                decided = record.rollback.decision.at
                found = evolve(found, since=decided, after="the decision to roll it back")
            if name == "deployed" and record.left and not found.lacks:
                went = f"when production went to {version_in(record.left.tag)}"
                found = evolve(found, since=record.left.at, after=went)
            at = require_possible(name, self.at, self.now, found)
            if name == "deployed" and record.deployment and not record.deployment.by_hand:
                raise _noted_by_command()
            if is_there and name in ("deployed", "approval"):
                record = record.adding(self._done(name, undone=True))
            record = record.adding(*(self._entry(each, at) for each in self._left(record, name)))
        return record

    def undo(self, record: Record, names: Iterable[str]) -> Record:
        """Take ticks back; nothing is deleted.

        Raises:
            UsageError: there is no such box.
            InputError: it is not ticked, not one that people tick, or a command has noted it.
            Conflict: a tick that depends on it is there.
        """
        for _, name in [require_tickable(each) for each in names]:
            if not self._is_there(record, name):
                raise InputError(
                    f"{name} is not ticked, so there is nothing to take back",
                    hint=f"{self.facts.calls.hotfix('status')} shows which boxes are",
                )
            if name == "deployed":
                if record.deployment is None or not record.deployment.by_hand:
                    raise _noted_by_command()
                later = _needing_deployment(record)
                if later:
                    undoing = " ".join(f"--undo {box}" for box in (*later, name))
                    raise Conflict(
                        f"{', '.join(later)} cannot be true without the deployment; nothing was noted",
                        hint=f"take back those, too: {self.facts.calls.hotfix('status', undoing)}",
                    )
            record = record.adding(self._done(name, undone=True))
        return record

    @property
    def _known(self) -> Facts | None:
        return self.facts if self.facts.is_known else None

    def _is_there(self, record: Record, name: str) -> bool:
        if name == "deployed":
            return record.is_deployed
        if name == "approval":
            entry = consent_of(self.facts, record.approvals).entry
            return entry is not None and not entry.reason
        return record.is_ticked(name)

    def _left(self, record: Record, name: str) -> tuple[str, ...]:
        """Give what is to be ticked for a box: its items, where some of them have times already."""
        items = ITEMS.get(name, ()) if self.at is None else ()
        left = tuple(item for item in items if not record.is_ticked(item))
        return left if len(left) < len(items) else (name,)

    def _entry(self, name: str, at: dt.datetime | None) -> Approval | Deployment | Done:
        said = at or self.now
        noted = None if at is None else self.now
        if name == "approval":
            tip = self.facts.tip or self.facts.tag_at or ""
            return Approval(at=said, noted=noted, who=self.who, tip=tip)
        if name == "deployed":
            tag = self.context.tag(self.facts).removeprefix(TAGS)
            return Deployment(at=said, noted=noted, who=self.who, tag=tag, ended=said, by_hand=True)
        return evolve(self._done(name), at=said, noted=noted)

    def _done(self, name: str, *, undone: bool = False) -> Done:
        return Done(at=self.now, who=self.who, box=name, undone=undone)


def _noted_by_command() -> InputError:
    return InputError(
        "krow-versions hotfix deploy has noted when the deployment ended; nothing was noted",
        hint="only what was ticked by hand is ticked again or taken back",
    )


def _needing_deployment(record: Record) -> list[str]:
    """List the ticks that cannot be true without the deployment; a box stands for its items."""
    found: list[str] = []
    for box in ("smoke-tests", "logs-watched", "users-notified", "incident-documented"):
        names = [box] if record.is_ticked(box) else ITEMS.get(box, ())
        found += [name for name in names if record.is_ticked(name)]
    return found
