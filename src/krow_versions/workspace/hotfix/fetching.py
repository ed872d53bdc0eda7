"""Bringing what the remote has of a product's hotfixes: main, the branches of hotfixes, the tags."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from krow_versions import git
from krow_versions.errors import GitError, GitMissing
from krow_versions.names import HEADS, TAGS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from krow_versions.version import Version
    from krow_versions.workspace.hotfix.gathering import HotfixContext


@attrs.frozen
class Fetched:
    """What a fetch has found.

    Attributes:
        differing: the names of tags that are not the same here and there; ours were kept.
        there: what the remote has of main and of the hotfix that was asked for, by full name.
    """

    differing: tuple[str, ...] = ()
    there: Mapping[str, git.RemoteRef] = attrs.field(factory=dict)


def fetch(place: HotfixContext, version: Version | None = None) -> Fetched:
    """Bring main, the hotfix branches and the product's tags from the remote, where there is one.

    Args:
        place: the repository and its remote.
        version: of the hotfix whose branch and tag are asked for.

    Raises:
        GitError: the remote cannot be asked.
    """
    if place.remote is None:
        return Fetched()
    try:
        return _fetch(place, place.remote, version)
    except GitMissing:
        raise
    except GitError as error:
        error.advise("try again, or add --no-fetch to go by what is known here of the remote")
        raise


def _fetch(place: HotfixContext, remote: str, version: Version | None) -> Fetched:
    refs = [f"{HEADS}{folder}/*" for folder in [place.catalog.branch.home] if folder]
    folders = {pattern.folder(place.product.slug) for pattern in place.catalog.tags.values()}
    refs += [f"{TAGS}{folder}/*" if folder else f"{TAGS}*" for folder in sorted(folders)]
    asked = [place.main, *((place.branch(version), place.tag(version)) if version else ())]
    there = git.remote_refs(place.repository, remote, asked, reach=git.Reach.ACT)
    if place.main in there:
        refs.append(place.main)
    differing = git.fetch(place.repository, remote, refs)
    return Fetched(tuple(tag.ref.removeprefix(TAGS) for tag in differing), there)
