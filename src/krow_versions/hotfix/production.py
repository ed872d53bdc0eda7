"""Which version of a product is in production: by the records of its hotfixes, and by its tags."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from krow_versions import releases
from krow_versions.errors import Conflict
from krow_versions.hotfix.entries import Decision
from krow_versions.text.times import at

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator

    from krow_versions.hotfix.facts import Facts
    from krow_versions.hotfix.record import Record
    from krow_versions.names import NamePattern
    from krow_versions.snapshot import TagState
    from krow_versions.version import Version


@attrs.frozen
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
    tags: Iterable[TagState], records: Iterable[Record], pattern: NamePattern, *, own: Version | None = None
) -> InProduction | None:
    """Say what is in production; None if there is no production tag.

    What was deployed last counts, a failed attempt of a hotfix too, since nobody knows how far it came. A
    production tag that is higher than all of which an attempt is recorded was deployed by other means.

    Args:
        tags: all tags of the product.
        records: those of all its hotfixes.
        pattern: of production tags.
        own: the version of a hotfix whose tag alone does not mean that it is deployed, or None.
    """
    records = [*records]
    attempts: list[InProduction] = []
    for each in (entry for record in records for entry in record.deployments):
        parsed = pattern.parse(each.tag)
        if parsed is not None and (each.succeeded or not each.rollback):
            attempts.append(InProduction(each.tag, parsed[1].with_build(None), each.ended or each.at))
    last = max(enumerate(attempts), key=lambda each: (each[1].since, each[0]), default=(0, None))[1]
    known = [each.version.core for each in attempts]
    known += [parsed[1].core for tag in _left(records) if (parsed := pattern.parse(tag))]
    others = [each for each in tags if own is None or releases.core_of(each) != own.core]
    highest = releases.highest(others)
    if highest is not None and highest.version and all(highest.version.core > each for each in known):
        return InProduction(highest.name, highest.version.with_build(None))
    return last


def _left(records: Iterable[Record]) -> Iterator[str]:
    """Give the production tags that rollbacks took out of production."""
    for record in records:
        done = [each for each in record.deployments if each.rollback and each.succeeded]
        for decided in record.of(Decision):
            if any(each.at >= decided.at and each.tag == decided.to for each in done):
                yield decided.from_


def require_not_older(facts: Facts, found: InProduction | None, rollback: str) -> None:
    """Refuse to deploy a hotfix that is older than what is in production: that is a rollback.

    Args:
        facts: of the hotfix.
        found: what is in production, or None if that is not known.
        rollback: the command that rolls back to it.

    Raises:
        Conflict: it is older.
    """
    if found is None or found.version.core <= facts.version.core:
        return
    raise Conflict(
        f"{found}, and {facts.version} is older; nothing was done",
        hint=f"an older version is deployed only by a rollback, which the Product Owner decides: {rollback}",
    )
