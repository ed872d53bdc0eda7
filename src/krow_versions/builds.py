"""The builds that a product has shipped, and what a store that counts by them would refuse."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from krow_versions import releases
from krow_versions.bump_rule import Shipped
from krow_versions.errors import AmbiguousVersion, KrowVersionsError
from krow_versions.snapshot import tag_state

if TYPE_CHECKING:
    from collections.abc import Iterator

    from krow_versions.products import Catalog
    from krow_versions.snapshot import PastFile, ProductState
    from krow_versions.version import Version


def shipped_builds(
    catalog: Catalog, state: ProductState, target: Version | None = None
) -> tuple[list[Shipped], list[KrowVersionsError]]:
    """Find the builds that set the lowest build of *target*, highest first; parse as few files as possible.

    A build in the name of a tag counts, too. Without a target, it is the lowest build of a version that
    nothing shipped under.

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
            build = past.highest_build()
        except KrowVersionsError as error:
            unreadable.append(error)
            continue
        if build is not None:
            release = Shipped(_released_as(catalog, state, past), build)
            floor = max(floor, _lowest_after(release, target))
            found.append(release)
    found += [Shipped(tag.version, tag.build) for tag in state.tags if tag.build is not None]
    return sorted(found, key=lambda release: release.build, reverse=True), unreadable


def refused_after(catalog: Catalog, state: ProductState, version: Version) -> Shipped | None:
    """Return the release after which a store refuses the build of *version*, or None if it takes the build.

    A build that is in production under this very version is not the next one to ship, so it is not judged.
    """
    build = version.build
    if build is None or state.is_packaged:
        return None
    shipped, _ = shipped_builds(catalog, state, version)
    above = (each for each in shipped if _lowest_after(each, version) > build)
    after = max(above, key=lambda release: release.build, default=None)
    if after is None or build <= max(_in_production(state, version), default=-1):
        return None
    return after


def shipped_as(release: Shipped) -> str:
    """Say which build has shipped, and as what."""
    name = "" if release.version is None else f" as {release.version.with_build(None)}"
    return f"build {release.build} has shipped{name}"


def _lowest_after(release: Shipped, version: Version | None) -> int:
    """Return the lowest build of *version* that a store takes after a release."""
    same = version is not None and release.version is not None and release.version.core == version.core
    return release.build if same else release.build + 1


def _in_production(state: ProductState, version: Version) -> Iterator[int]:
    """Yield the builds at the tags of a version, if one of these is a production tag."""
    tags = [tag for tag in state.tags if releases.core_of(tag) == version.core]
    names = {tag.name for tag in tags} if releases.production(tags) else set()
    for past in state.released:
        if past.revision in names:
            with contextlib.suppress(KrowVersionsError):  # Reported by KV301.
                build = past.highest_build()
                yield -1 if build is None else build


def _released_as(catalog: Catalog, state: ProductState, past: PastFile) -> Version | None:
    """Return the version that a tag's name says, or else its file; None if neither does."""
    named = tag_state(catalog.tag_reader(state.product), past.revision).version
    try:
        return named or past.version()
    except AmbiguousVersion:
        return None
