"""Which version of a product is in production: by the records of its hotfixes, and by its tags."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions import releases
from krow_versions.errors import Conflict
from krow_versions.hotfix.course import Course, Left
from krow_versions.hotfix.deployments import version_in
from krow_versions.hotfix.entries import Decision
from krow_versions.planning.commands import DECIDING
from krow_versions.text.times import at
from krow_versions.values import evolve, frozen

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator

    from krow_versions.hotfix.entries import Deployment
    from krow_versions.hotfix.facts import Facts
    from krow_versions.hotfix.record import Record
    from krow_versions.names import NameReader
    from krow_versions.planning.commands import Calls
    from krow_versions.snapshot import TagState
    from krow_versions.version import Version


@frozen
class InProduction:
    """The version in production, as far as is known.

    Attributes:
        tag: its production tag.
        version: x.y.z.
        since: when its deployment ended, or the last attempt began; None if only its tag says so.
    """

    tag: str
    version: Version
    since: dt.datetime | None = None

    def __str__(self) -> str:
        if self.since is None:
            return f"{self.tag}, the highest production tag, is in production"
        return f"{self.tag} is in production since {at(self.since)}, as far as is recorded"


def in_production(
    tags: Iterable[TagState], records: Iterable[Record], reader: NameReader
) -> InProduction | None:
    """Say what is in production; None if there is no production tag.

    What was deployed last counts, a failed attempt of a hotfix too, since nobody knows how far it came. A
    production tag that is higher than all of which an attempt is recorded was deployed by other means, unless
    anything else is recorded of it: then it is a hotfix that is not deployed yet.

    Args:
        tags: all tags of the product.
        records: those of all its hotfixes.
        reader: reads the tags of the product.
    """
    records = [*records]
    attempts: list[InProduction] = []
    for _, each in _attempts(records):
        parsed = reader.read(each.tag)
        if parsed is not None and (each.succeeded or not each.rollback):
            attempts.append(InProduction(each.tag, parsed[2].with_build(None), each.ended or each.at))
    last = attempts[-1] if attempts else None
    known = [each.version.core for each in attempts]
    known += [parsed[2].core for tag in _left(records) if (parsed := reader.read(tag))]
    own = {record.version.core for record in records if record.is_tracked}
    others = [each for each in tags if releases.core_of(each) not in own]
    highest = releases.highest(others)
    if highest is not None and highest.version and all(highest.version.core > each for each in known):
        return InProduction(highest.name, highest.version.with_build(None))
    return last


def placed(record: Record, others: Iterable[Record]) -> Record:
    """Add to a record what those of the other versions say of it: what is in production is one fact.

    Args:
        record: of one version.
        others: those of all other versions of the product.
    """
    history = [(by, each) for by, each in _attempts([record, *others]) if each.succeeded]
    own = [n for n, (_, each) in enumerate(history) if _is_of(record, each)]
    if not own:
        return record
    last = own[-1]
    before = [each.ended for by, each in history[:last] if by is not record and not _is_of(record, each)]
    after, left = history[last + 1 :], None
    if after and after[0][0] is not record:
        # A newer version has its fix, too; an older one that came since has not.
        by, each = after[-1] if _core(after[-1][1].tag) < record.version.core else after[0]
        left = Left(each.ended or each.at, each.tag, by.version, by.decision if each.rollback else None)
    return evolve(record, course=Course(left, before[-1] if before else None))


def _attempts(records: Iterable[Record]) -> list[tuple[Record, Deployment]]:
    """Give every attempt with its record, in the order of their ends; within a second in that of versions."""
    ordered = sorted(records, key=lambda each: each.version)
    found = [(record, each) for record in ordered for each in record.deployments]
    return sorted(found, key=lambda each: each[1].ended or each[1].at)


def _is_of(record: Record, attempt: Deployment) -> bool:
    return version_in(attempt.tag) == str(record.version)


def _core(tag: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version_in(tag).split(".") if part.isdigit())


def _left(records: Iterable[Record]) -> Iterator[str]:
    """Give the production tags that rollbacks took out of production."""
    for record in records:
        done = [each for each in record.deployments if each.rollback and each.succeeded]
        for decided in record.of(Decision):
            if any(each.at >= decided.at and each.tag == decided.to for each in done):
                yield decided.from_


def deciding(calls: Calls, current: InProduction, rest: str) -> str:
    """Give the command that rolls production back: the decision is about what is in production.

    Args:
        calls: how people call krow-versions for any hotfix of the product.
        current: what is in production.
        rest: further words, quoted for the shell.
    """
    return evolve(calls, version=str(current.version)).hotfix("rollback", rest)


def require_not_older(facts: Facts, found: InProduction | None, calls: Calls) -> None:
    """Refuse to deploy a hotfix that is older than what is in production: that is a rollback.

    Args:
        facts: of the hotfix.
        found: what is in production, or None if that is not known.
        calls: how people call krow-versions for it.

    Raises:
        Conflict: it is older.
    """
    if found is None or found.version.core <= facts.version.core:
        return
    raise Conflict(
        f"{found}, and {facts.version} is older; nothing was done",
        hint="an older version is deployed only by a rollback, which the Product Owner decides: "
        f"{deciding(calls, found, f'--to {facts.version} {DECIDING}')}",
    )
