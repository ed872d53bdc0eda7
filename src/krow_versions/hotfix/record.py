"""The record of a hotfix: what only people can say, as entries from which the present is computed."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Self, TypeVar

import attrs

from krow_versions.errors import InputError
from krow_versions.hotfix.checklist import ITEMS, box
from krow_versions.hotfix.course import Course, Left, Rollback, attempts, undone_by
from krow_versions.hotfix.entries import (
    Abandoned,
    ActionItem,
    Amended,
    Approval,
    Decision,
    Declared,
    Deployment,
    Done,
    Entry,
    Merged,
    Said,
    Sent,
    kept,
)
from krow_versions.text.escaping import one_line
from krow_versions.values import evolve, field, frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from krow_versions.hotfix.severity import Severity
    from krow_versions.version import Version

_E = TypeVar("_E", bound=Entry)


def _version(version: Version) -> Version:
    if version.prerelease is not None:
        raise InputError(f"a hotfix ships a production version, and {version} is a pre-release")
    return version.with_build(None)


@frozen
class Declaration:
    """What was declared, with its corrections.

    Attributes:
        base: the production tag that the hotfix starts from.
        branch: its branch.
        issue: what is broken.
        severity: how bad it is.
        impact: who cannot do what.
        environment: where it is broken.
        who: who declared it.
        started: when it was declared.
        detected: when the fault was seen, if that was said.
    """

    base: str
    branch: str
    issue: str
    severity: Severity
    impact: str
    environment: str
    who: str
    started: dt.datetime
    detected: dt.datetime | None = None

    @property
    def zero(self) -> dt.datetime:
        """T-0, which the limits count from: when the fault was detected, or else declared."""
        return min(self.detected, self.started) if self.detected else self.started

    @property
    def holder(self) -> str:
        """Who has its branch, in one line, as far as the record says."""
        return one_line(self.who) or "who declared it"


def _canonical(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Sort entries by when they were recorded, and leave out repetitions."""
    ranked = sorted(entries, key=lambda each: (each.known, each.table, repr(each)))
    return tuple(dict.fromkeys(ranked))


@frozen
class Record:
    """What people said of one hotfix, in one or several clones.

    Everything but the entries is computed, from those of the newest round: a start after an abandoned hotfix
    of the same version begins a round. An entry whose time is more than a day ahead of the present moment is
    a mistake of a clock or of an editor: it stays, and does not count before that time comes.

    Attributes:
        product: the product's name in the catalog.
        slug: its name in tags and branches.
        version: the version that the hotfix ships, x.y.z.
        entries: everything that was said, in the order in which it was recorded.
        course: what the records of the other versions say of this one; it is not written.
        now: the present moment, when it was read; None if all entries count.

    Raises:
        InputError: the version is a pre-release.
    """

    product: str = field(converter=kept)
    slug: str = field(converter=kept)
    version: Version = field(converter=_version)
    entries: tuple[Entry, ...] = field(default=(), converter=_canonical)
    course: Course = field(default=Course(), eq=False, repr=False)
    now: dt.datetime | None = field(default=None, eq=False, repr=False)

    def adding(self, *entries: Entry, new_round: bool = False) -> Self:
        """Add entries to the newest round, or to a new one.

        What is added counts as later than all that is known here, also within one second, and where the
        clock of another machine is ahead.
        """
        number = self.rounds + new_round
        found = list(self.entries)
        last = max((each.known for each in self._counting if each.round == number), default=None)
        for each in entries:
            noted = each.noted
            if last is not None and each.known <= last:
                noted = last + _TICK
            found.append(evolve(each, round=number, noted=noted))
            last = found[-1].known
        return evolve(self, entries=tuple(found))

    def merged(self, other: Record) -> Self:
        """Give the record with all entries of both; in any order of merges the result is equal."""
        return evolve(self, entries=(*self.entries, *other.entries))

    @property
    def ahead(self) -> tuple[Entry, ...]:
        """The entries that do not count yet, since their time is more than a day ahead."""
        counting = {*self._counting}
        return tuple(each for each in self.entries if each not in counting)

    @property
    def _counting(self) -> tuple[Entry, ...]:
        if self.now is None:
            return self.entries
        most = self.now + _AHEAD
        return tuple(each for each in self.entries if each.latest <= most)

    @property
    def rounds(self) -> int:
        """The number of rounds, at least 1; none begins before the one before it is abandoned."""
        number, counting = 1, self._counting
        ended = {each.round for each in counting if isinstance(each, Abandoned)}
        begun = {each.round for each in counting}
        while number in ended and number + 1 in begun:
            number += 1
        return number

    def of(self, kind: type[_E]) -> tuple[_E, ...]:
        """Give the entries of one kind in the newest round, in the order in which they were recorded."""
        number = self.rounds
        return tuple(each for each in self._counting if isinstance(each, kind) and each.round == number)

    @property
    def is_tracked(self) -> bool:
        """Whether anything is recorded of its course: more than of its commits, and what was said afterwards.

        Anybody can approve it and document it, in a clone that knows no more.
        """
        return any(not isinstance(each, Approval | Merged | Said | ActionItem) for each in self._counting)

    @property
    def declaration(self) -> Declaration | None:
        """What was declared, with its corrections; None if nothing is declared, as far as is known here."""
        declared = next(iter(self.of(Declared)), None)
        if declared is None:
            return None
        fields = [field.name for field in attrs.fields(Declaration) if field.name != "started"]
        found = {name: getattr(declared, name) for name in fields}
        for each in self.of(Amended):
            said = {name: getattr(each, name, None) for name in fields if name != "who"}
            found |= {name: value for name, value in said.items() if value is not None}
        return Declaration(**found, started=declared.at)

    @property
    def rivals(self) -> tuple[Declared, ...]:
        """What others declared of the same version without knowing of it, if that is another fault."""
        found = self.of(Declared)
        return tuple(each for each in found[1:] if each.fault != found[0].fault)

    @property
    def ticks(self) -> Mapping[str, Done]:
        """The ticks that count, by box or item; to tick a box ticks its items, and all items make the box.

        What is ticked of a deployment counts only while that one does, and from its beginning: a clone that
        has not heard of its rollback may tick at any time. Users are notified of a rollback as well.
        """
        last: dict[str, Done] = {}
        decided = max((each.known for each in self.of(Decision)), default=None)
        began = self.last_deployment.at if self.last_deployment else None
        back = self.rollback.deployment if self.rollback and self.rollback.is_done else None
        was_deployed = decided or any(each.succeeded and not each.rollback for each in self.of(Deployment))
        for each in self.of(Done):
            name = box(each.box).id
            since = back.ended if back and name == "users-notified" else began
            counts = since is not None and each.at >= since and not (decided and each.known <= decided)
            if name in _OF_DEPLOYMENT and was_deployed and not counts:
                continue
            last |= dict.fromkeys((each.box, *ITEMS.get(each.box, ())), each)
        for name, items in ITEMS.items():
            found = [last[item] for item in items if item in last]
            if any(each.undone for each in found) or len(found) < len(items):
                last.pop(name, None)
            else:
                last[name] = max(found, key=lambda each: each.at)
        return {name: each for name, each in sorted(last.items()) if not each.undone}

    def is_ticked(self, name: str) -> bool:
        """Whether people ticked a box."""
        return name in self.ticks

    def _standing(self, kind: type[_E], name: str) -> tuple[_E, ...]:
        """Give the entries of one kind, except for those that are taken back by the box *name* later."""
        ends = [each.known for each in self.of(Done) if each.box == name and each.undone]
        return tuple(each for each in self.of(kind) if not ends or each.known > ends[-1])

    @property
    def approvals(self) -> tuple[Approval, ...]:
        """Who approved which commit, except for what was taken back."""
        return self._standing(Approval, "approval")

    def merge_of(self, tip: str | None) -> Merged | None:
        """Give what was said last of how main has this commit, or None."""
        return next((each for each in reversed(self.of(Merged)) if each.tip == tip), None)

    @property
    def deployments(self) -> tuple[Deployment, ...]:
        """Every attempt, in the order of their starts, except for ticks that were taken back.

        An attempt has an entry at its start, and another at its end.
        """
        standing = {*self._standing(Deployment, "deployed")}
        return attempts(each for each in self.of(Deployment) if not each.by_hand or each in standing)

    @property
    def last_attempt(self) -> Deployment | None:
        """The last attempt to deploy the hotfix itself, or None."""
        return next((each for each in reversed(self.deployments) if not each.rollback), None)

    @property
    def decision(self) -> Decision | None:
        """The decision to roll back that was made last, or None."""
        return max(self.of(Decision), key=lambda each: (each.at, each.known), default=None)

    def _after(self, decision: Decision | None) -> tuple[Deployment, ...]:
        """Give the attempts that began after a decision; two moments are equal within a second."""
        return tuple(
            each
            for each in self.deployments
            if decision is None or (each.at >= decision.at and each.known > decision.known)
        )

    @property
    def last_deployment(self) -> Deployment | None:
        """The first deployment that succeeded, since the last rollback; it may be over."""
        good = [each for each in self._after(self.decision) if each.succeeded and not each.rollback]
        since = self.course.since
        again = (each for each in good if since and each.ended and each.ended >= since)
        return next(again, next(iter(good), None))

    @property
    def deployment(self) -> Deployment | None:
        """The deployment that counts: :attr:`last_deployment`, unless production left it; or None."""
        return None if self.left else self.last_deployment

    @property
    def left(self) -> Left | None:
        """That production went to another version by what is in the record of that; or None."""
        return self.course.left if self.last_deployment else None

    @property
    def is_deployed(self) -> bool:
        """Whether the hotfix is in production, as far as is known here."""
        return self.deployment is not None

    @property
    def deployed(self) -> dt.datetime | None:
        """When the deployment that counts ended, or None."""
        return self.deployment.ended if self.deployment else None

    @property
    def rollback(self) -> Rollback | None:
        """The rollback that was decided last; None if there is none, or the hotfix was deployed after it."""
        decision = self.decision
        if decision is None or self.last_deployment:
            return None
        carried = [each for each in self._after(decision) if each.rollback]
        return Rollback(decision, carried[-1] if carried else None)

    @property
    def undone(self) -> Self | None:
        """What was recorded until the decision to roll the deployment back; None if none was."""
        if self.decision is None or self.last_deployment:
            return None
        good = [each for each in self.of(Deployment) if each.succeeded and not each.rollback]
        for known, gone in undone_by(self.of(Decision), good):
            left = (each for each in self.entries if each.known <= known and each not in gone)
            before = evolve(self, entries=tuple(left))
            if before.last_deployment:
                return before
        return None

    def sent(self, text: str) -> Sent | None:
        """Give the entry of a text that was sent, the first one; or None."""
        return next((each for each in self.of(Sent) if each.text == text), None)

    def fact(self, field: str) -> Said | None:
        """Give the last that was said about *field*, or None."""
        return next((each for each in reversed(self.of(Said)) if each.field == field), None)

    def said(self, field: str) -> str:
        """Give the text of :meth:`fact`, or an empty one."""
        found = self.fact(field)
        return found.text if found else ""

    @property
    def actions(self) -> tuple[ActionItem, ...]:
        """What is to be done after the incident, the last entry of each id."""
        return tuple({each.id: each for each in self.of(ActionItem)}.values())

    @property
    def abandoned(self) -> Abandoned | None:
        """The end of a hotfix that does not ship, or None."""
        return next(iter(self.of(Abandoned)), None)

    @property
    def left_behind(self) -> tuple[str, ...]:
        """The last commits of earlier rounds, which were abandoned: they are no part of the newest one."""
        ends = [each for each in self.entries if isinstance(each, Abandoned) and each.round < self.rounds]
        return tuple(dict.fromkeys(each.tip for each in ends if each.tip))


_OF_DEPLOYMENT = ("smoke-tests", "logs-watched", "users-notified")
_TICK = dt.timedelta(microseconds=1)
_AHEAD = dt.timedelta(days=1)  # Far more than the clocks of people who work together differ.
