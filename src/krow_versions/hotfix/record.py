"""The record of a hotfix: what only people can say, as entries from which the present is computed."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Self, TypeVar

import attrs

from krow_versions.errors import InputError
from krow_versions.hotfix.checklist import ITEMS, box, require_tickable
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
    Said,
    Sent,
    kept,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from krow_versions.hotfix.severity import Severity
    from krow_versions.version import Version

_E = TypeVar("_E", bound=Entry)


def _version(version: Version) -> Version:
    if version.prerelease is not None:
        raise InputError(f"a hotfix ships a production version, and {version} is a pre-release")
    return version.with_build(None)


@attrs.frozen
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


@attrs.frozen
class Rollback:
    """A rollback that was decided, and not superseded by a later deployment of the hotfix.

    Attributes:
        decision: who decided it, and why.
        deployment: the last attempt to carry it out, or None.
    """

    decision: Decision
    deployment: Deployment | None = None

    @property
    def is_done(self) -> bool:
        """Whether the older version is deployed again."""
        return self.deployment is not None and self.deployment.succeeded


def _canonical(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Sort entries by when they were recorded, and leave out repetitions."""
    ranked = sorted(entries, key=lambda each: (each.known, each.table, repr(each)))
    return tuple(dict.fromkeys(ranked))


@attrs.frozen
class Record:
    """What people said of one hotfix, in one or several clones.

    Everything but the entries is computed, from those of the newest round: a start after an abandoned hotfix
    of the same version begins a round.

    Attributes:
        product: the product's name in the catalog.
        slug: its name in tags and branches.
        version: the version that the hotfix ships, x.y.z.
        entries: everything that was said, in the order in which it was recorded.

    Raises:
        InputError: the version is a pre-release.
    """

    product: str = attrs.field(converter=kept)
    slug: str = attrs.field(converter=kept)
    version: Version = attrs.field(converter=_version)
    entries: tuple[Entry, ...] = attrs.field(default=(), converter=_canonical)

    def adding(self, *entries: Entry, new_round: bool = False) -> Self:
        """Add entries to the newest round, or to a new one.

        What is added counts as later than all that is known here, also within one second, and where the
        clock of another machine is ahead.
        """
        number = self.rounds + new_round
        found = list(self.entries)
        last = max((each.known for each in found if each.round == number), default=None)
        for each in entries:
            noted = each.noted
            if last is not None and each.known <= last:
                noted = last + _TICK
            found.append(attrs.evolve(each, round=number, noted=noted))
            last = found[-1].known
        return attrs.evolve(self, entries=tuple(found))

    def merged(self, other: Record) -> Self:
        """Give the record with all entries of both; in any order of merges the result is equal."""
        return attrs.evolve(self, entries=(*self.entries, *other.entries))

    @property
    def rounds(self) -> int:
        """The number of rounds, at least 1."""
        return max((each.round for each in self.entries), default=1)

    def of(self, kind: type[_E]) -> tuple[_E, ...]:
        """Give the entries of one kind in the newest round, in the order in which they were recorded."""
        number = self.rounds
        return tuple(each for each in self.entries if isinstance(each, kind) and each.round == number)

    @property
    def is_tracked(self) -> bool:
        """Whether anything is recorded of its course: more than approvals and what was said afterwards.

        Anybody can approve it and document it, in a clone that knows no more.
        """
        return any(not isinstance(each, Approval | Said | ActionItem) for each in self.entries)

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
    def ticks(self) -> Mapping[str, Done]:
        """The ticks that count, by box or item; to tick a box ticks its items, and all items make the box.

        What is ticked of the deployment that counts does not count if it was before that began, and no more
        after the decision to roll it back.
        """
        last: dict[str, Done] = {}
        decided = max((each.known for each in self.of(Decision)), default=None)
        began = self.deployment.at if self.deployment else None
        for each in self.of(Done):
            is_of_another = (decided and each.known <= decided) or (began and each.at < began)
            if is_of_another and box(each.box).id in _OF_DEPLOYMENT:
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

    def _taken_back(self, name: str, entry: Entry) -> bool:
        return any(each.box == name and each.undone and each.known >= entry.known for each in self.of(Done))

    @property
    def approvals(self) -> tuple[Approval, ...]:
        """Who approved which commit, except for what was taken back."""
        return tuple(each for each in self.of(Approval) if not self._taken_back("approval", each))

    @property
    def deployments(self) -> tuple[Deployment, ...]:
        """Every attempt, in the order of their starts, except for ticks that were taken back.

        An attempt has an entry at its start, and another at its end.
        """
        found: list[Deployment] = []
        for each in self.of(Deployment):
            if each.by_hand and self._taken_back("deployed", each):
                continue
            begun = attrs.evolve(each, ended=None, exit_code=None, noted=None)
            same = [n for n, other in enumerate(found) if attrs.evolve(other, noted=None) == begun]
            if same and each.ended is not None:
                found[same[-1]] = each
            else:
                found.append(each)
        return tuple(sorted(found, key=lambda each: each.at))

    @property
    def last_attempt(self) -> Deployment | None:
        """The last attempt to deploy the hotfix itself, or None."""
        return next((each for each in reversed(self.deployments) if not each.rollback), None)

    def running(self, now: dt.datetime) -> Deployment | None:
        """Give the attempt that may still run: the last one, if nobody has said how it ended.

        Where its program or its machine was killed nobody ever says so, hence only for some hours.
        """
        last = next(reversed(self.deployments), None)
        if last is None or last.ended is not None or now - last.at >= _LONGEST_ATTEMPT:
            return None
        later = (each for each in self.deployments if each.by_hand and each.known > last.known)
        return None if any(later) else last

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
    def deployment(self) -> Deployment | None:
        """The deployment that counts: the first that succeeded, since the last rollback; or None."""
        found = self._after(self.decision)
        return next((each for each in found if each.succeeded and not each.rollback), None)

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
        if decision is None or self.is_deployed:
            return None
        carried = [each for each in self._after(decision) if each.rollback]
        return Rollback(decision, carried[-1] if carried else None)

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


_OF_DEPLOYMENT = ("smoke-tests", "logs-watched", "users-notified")
_TICK = dt.timedelta(microseconds=1)
_LONGEST_ATTEMPT = dt.timedelta(hours=2)


def tick(record: Record, id: str, now: dt.datetime, who: str = "", tag: str = "") -> Record:  # noqa: A002 - A box has an "id".
    """Tick a box or an item; what is ticked already keeps its time.

    Args:
        record: what was said before.
        id: the box, or an item of one.
        now: when it was done.
        who: who says so.
        tag: the production tag of the hotfix, for the deployment.

    Raises:
        UsageError: there is no such box.
        InputError: people cannot tick it, since git shows it or a command records it.
    """
    found, name = require_tickable(id)
    if name == "approval":
        raise InputError("an approval is of one commit, so it is no tick of a record", hint=found.seen)
    if name == "deployed":
        if record.is_deployed:
            return record
        return record.adding(Deployment(at=now, who=who, tag=tag, ended=now, by_hand=True))
    return record if record.is_ticked(name) else record.adding(Done(at=now, who=who, box=name))
