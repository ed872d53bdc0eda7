"""The builds that a product has shipped, and what a store that counts by them would refuse."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions import releases
from krow_versions.bump_rule import Shipped
from krow_versions.errors import KrowVersionsError
from krow_versions.snapshot import tag_state

if TYPE_CHECKING:
    from collections.abc import Iterable

    from krow_versions.products import Catalog
    from krow_versions.snapshot import PastFile, ProductState
    from krow_versions.version import Version


def shipped_builds(
    catalog: Catalog, state: ProductState, target: Version | None = None
) -> tuple[list[Shipped], list[KrowVersionsError]]:
    """Find the builds that set the lowest build of *target*, highest first; parse as few files as possible.

    Without a target, it is the lowest build of a version that nothing shipped under.

    Returns:
        The builds, and why those of some tags cannot be read.
    """
    found: list[Shipped] = []
    unreadable: list[KrowVersionsError] = []
    floor = -1
    bounded = [(past.build_bound, past) for past in state.released]
    for bound, past in sorted(bounded, key=lambda pair: pair[0], reverse=True):
        if bound < 0 or bound + 1 <= floor:
            break
        try:
            version = past.version()
        except KrowVersionsError as error:
            unreadable.append(error)
            continue
        if version.build is not None:
            named = tag_state(catalog, state.product.slug, past.revision).version
            release = Shipped(named or version, version.build)
            floor = max(floor, release.build + 1 - _is_of(release, target))
            found.append(release)
    return found, unreadable


def refused_after(catalog: Catalog, state: ProductState, version: Version) -> Shipped | None:
    """Return the release after which a store refuses the build of *version*, or None if it takes the build.

    A build that is in production under this very version is not the next one to ship, so it is not judged.
    """
    build = version.build
    if build is None:
        return None
    shipped, _ = shipped_builds(catalog, state, version)
    above = (each for each in shipped if each.build + 1 - _is_of(each, version) > build)
    after = max(above, key=lambda release: release.build, default=None)
    if after is None or build <= _highest(_released_as(state, version)):
        return None
    return after


def _is_of(release: Shipped, version: Version | None) -> bool:
    return version is not None and release.version.core == version.core


def _released_as(state: ProductState, version: Version) -> list[PastFile]:
    """Return the files at the tags of a version, if one of these is a production tag."""
    tags = [tag for tag in state.tags if releases.core_of(tag) == version.core]
    names = {tag.name for tag in tags} if releases.production(tags) else set()
    return [past for past in state.released if past.revision in names]


def _highest(files: Iterable[PastFile]) -> int:
    highest = -1
    for past in files:
        try:
            build = past.version().build
        except KrowVersionsError:  # Reported by KV301.
            continue
        highest = max(highest, -1 if build is None else build)
    return highest
