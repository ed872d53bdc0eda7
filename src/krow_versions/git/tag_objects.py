"""Read tag objects, in one process whatever their number."""

from __future__ import annotations

import contextlib
import zlib
from typing import TYPE_CHECKING

from krow_versions import files
from krow_versions.errors import KrowVersionsError
from krow_versions.evidence import TagObject, parse_tag_object
from krow_versions.git.objects import id_of, read_objects
from krow_versions.git.running import MESSAGE_LIMIT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from krow_versions.git.repository import Repository


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


def read_made_tag(repository: Repository, object_id: str) -> TagObject | None:
    """Read a tag object that git has just made; None if it is no tag.

    A new object is a file of its own: gitrepository-layout(5). So this takes no process, unless something
    has packed it meanwhile; that the file is the object, its id proves.

    Raises:
        GitError: git failed, or the object is corrupt.
    """
    with contextlib.suppress(KrowVersionsError, zlib.error):
        path = f"{object_id[:2]}/{object_id[2:]}"
        packed = files.read(f"{repository.common_dir}/objects", path, limit=MESSAGE_LIMIT).data
        data = zlib.decompressobj().decompress(packed, MESSAGE_LIMIT)
        kind, _, content = data.partition(b"\0")
        if kind.startswith(b"tag ") and id_of("tag", content, like=object_id) == object_id:
            return parse_tag_object(object_id, content)
    return read_tag_objects(repository.root, [object_id])[0]
