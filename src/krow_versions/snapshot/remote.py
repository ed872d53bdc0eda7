"""What a remote has, as it was asked."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from krow_versions.names import TAGS
from krow_versions.values import field, frozen

if TYPE_CHECKING:
    from krow_versions.errors import KrowVersionsError


@frozen
class RemoteState:
    """The branches and tags of a remote, as it listed them when it was asked.

    Attributes:
        name: the remote's name.
        refs: each ref by its full name, with the id of its object and of the commit that it leads to;
            the two ids differ for an annotated tag.
        stale: the branches, without ``refs/heads/``, that have moved there since they were last fetched.
        error: why the remote did not answer, or None.
    """

    name: str
    refs: tuple[tuple[str, str, str], ...] = field(default=(), repr=False)
    stale: tuple[str, ...] = ()
    error: KrowVersionsError | None = None

    @functools.cached_property
    def tags(self) -> dict[str, tuple[str, str]]:
        """The ids of the object and of the commit of each tag, by its name without ``refs/tags/``."""
        return {
            ref.removeprefix(TAGS): (object_id, commit)
            for ref, object_id, commit in self.refs
            if ref.startswith(TAGS)
        }
