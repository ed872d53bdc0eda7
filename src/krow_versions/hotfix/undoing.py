"""What a rollback undoes, so that the Product Owner can decide: roll back, or fix forward."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from krow_versions import releases
from krow_versions.errors import KrowVersionsError
from krow_versions.text.words import counted, listed
from krow_versions.values import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable

    from krow_versions.hotfix.production import InProduction
    from krow_versions.hotfix.record import Record
    from krow_versions.snapshot import PastFile, TagState
    from krow_versions.version import Version


@frozen
class Undoing:
    """What a rollback undoes; ``str`` says it in one or two lines.

    Attributes:
        current: the version in production.
        tag: the production tag that is deployed instead.
        to: its version.
        releases: the versions between, the one in production included, highest first.
        commits: the number of commits that only the version in production has; None if that is not known.
        builds: the builds of the version in production and of the other one; None if they have none, or if
            that is not known.
    """

    current: Version
    tag: str
    to: Version
    releases: tuple[Version, ...]
    commits: int | None = None
    builds: tuple[int, int] | None = None

    @property
    def is_refused(self) -> bool:
        """Whether a store refuses it: it takes no build that is not above the last one."""
        return self.builds is not None and self.builds[1] <= self.builds[0]

    def to_json(self) -> dict[str, Any]:
        """Give it as data."""
        return {
            "from": str(self.current),
            "to": str(self.to),
            "tag": self.tag,
            "releases": [str(version) for version in self.releases],
            "commits": self.commits,
            "builds": None if self.builds is None else {"from": self.builds[0], "to": self.builds[1]},
            "store_refuses": self.is_refused,
        }

    def __str__(self) -> str:
        named = listed([str(version) for version in self.releases])
        commits = "" if self.commits is None else f" with {counted(self.commits, 'commit')}"
        count = counted(len(self.releases), "release")
        lines = [f"rolling back from {self.current} to {self.to} would undo {count} ({named}){commits}"]
        if self.builds is not None and self.is_refused:
            kept = f"users who have {self.current} keep it"
            lines.append(f"a store refuses build {self.builds[1]} after {self.builds[0]}: {kept}")
        return "\n".join(lines)


def targets(
    tags: Iterable[TagState], current: InProduction | None, records: Iterable[Record]
) -> tuple[TagState, ...]:
    """List the production tags to go back to, highest first, without those that were rolled back.

    Args:
        tags: all tags of the product.
        current: what is in production, or None if that is not known.
        records: those of all hotfixes of the product.
    """
    if current is None:
        return ()
    bad = {record.rollback.decision.from_ for record in records if record.rollback is not None}
    older = [
        tag
        for tag in releases.production(tags)
        if releases.core_of(tag) < current.version.core and tag.name not in bad and tag.commit
    ]
    return tuple(sorted(older, key=releases.core_of, reverse=True))


def undoing(
    tags: Iterable[TagState],
    current: InProduction,
    target: TagState,
    released: Iterable[PastFile],
    commits: int | None,
) -> Undoing:
    """Say what a rollback undoes.

    Args:
        tags: all tags of the product.
        current: what is in production.
        target: the production tag that is deployed instead.
        released: version files of the product at its tags.
        commits: the number of commits that only the version in production has, or None.
    """
    low, high = releases.core_of(target), current.version.core
    between = {
        tag.version.with_build(None)
        for tag in releases.production(tags)
        if tag.version and low < releases.core_of(tag) <= high
    }
    between.add(current.version)
    files = [*released]
    builds = (_build(files, current.tag), _build(files, target.name))
    return Undoing(
        current.version,
        target.name,
        (target.version or current.version).with_build(None),
        tuple(sorted(between, reverse=True)),
        commits,
        None if builds[0] is None or builds[1] is None else (builds[0], builds[1]),
    )


def _build(files: Iterable[PastFile], tag: str) -> int | None:
    """Give the highest build in the version files at a tag; None if they have none."""
    found = []
    for file in files:
        if file.revision == tag and file.build_bound >= 0:
            with contextlib.suppress(KrowVersionsError):  # Nobody knows the build of a file that is broken.
                found.append(file.highest_build())
    return max((build for build in found if build is not None), default=None)
