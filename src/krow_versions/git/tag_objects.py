"""Read tag objects, in one process whatever their number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.evidence import TagObject, parse_tag_object
from krow_versions.git.objects import read_objects

if TYPE_CHECKING:
    from collections.abc import Sequence


def read_tag_objects(folder: str, names: Sequence[str]) -> tuple[TagObject | None, ...]:
    """Read tag objects in the repository of a folder; None for each that does not exist, or is no tag.

    Args:
        folder: a folder of the repository.
        names: full names of refs, or full ids.

    Raises:
        GitError: git failed, an object is corrupt, or they are over the limit of ``read_objects``.
    """
    found = read_objects(folder, names) if names else ()
    return tuple(
        parse_tag_object(each.object_id, each.data) if each is not None and each.kind == "tag" else None
        for each in found
    )
