"""Objects of git by their names, in one process; and the entries of a tree."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from krow_versions.git.process import encoded, execute, failure, unexpected
from krow_versions.regexes import regex
from krow_versions.values import field, frozen

if TYPE_CHECKING:
    from collections.abc import Sequence

OBJECTS_LIMIT = 128 << 20
"""Bytes of all objects that are read together."""


@frozen
class GitObject:
    """An object.

    Attributes:
        object_id: its full id.
        kind: ``commit``, ``tree``, ``blob`` or ``tag``.
        data: its content.
    """

    object_id: str
    kind: str
    data: bytes = field(repr=False)


def read_objects(folder: str, names: Sequence[str]) -> tuple[GitObject | None, ...]:
    """Read objects in the repository of a folder; None for each that does not exist.

    Args:
        folder: a folder of the repository.
        names: ``HEAD``, full names of refs or full ids, each alone or followed by ``:`` and a path from the
            top. A path with a line break, or a carriage return at its end, needs git 2.38.

    Raises:
        GitError: git failed, an object is corrupt, or they are over :data:`OBJECTS_LIMIT` bytes together.
    """
    requests = [encoded(name) for name in names]
    needs_nul = any(b"\n" in request or request.endswith(b"\r") for request in requests)
    end, options = (b"\0", ["-z"]) if needs_nul else (b"\n", [])
    arguments = ["cat-file", "--batch", "--buffer", *options]
    stdin = b"".join(request + end for request in requests)
    finished = execute(arguments, cwd=folder, stdin=stdin, limit=OBJECTS_LIMIT)
    output = finished.stdout
    if finished.returncode or _ERROR.search(finished.stderr):  # `missing` may mean corrupt.
        raise failure(arguments, finished, folder)
    found: list[GitObject | None] = []
    at = 0
    for request in requests:
        absent = re.compile(rb"(?:%s missing|[0-9a-f]{40,64} submodule)\n" % re.escape(request))
        if header := _HEADER.match(output, at):
            object_id, kind, size = (header[name].decode("ascii") for name in ("id", "kind", "size"))
            at = header.end() + int(size) + 1
            found.append(GitObject(object_id, kind, output[header.end() : at - 1]))
        elif nothing := absent.match(output, at):
            at = nothing.end()
            found.append(None)
        else:
            raise unexpected(arguments, output, folder)
    return tuple(found)


def id_of(kind: str, content: bytes, *, like: str) -> str:
    """Compute the full id of an object, by the hash that made the id *like*.

    >>> id_of("blob", b"", like="0" * 40)
    'e69de29bb2d1d6434b8b29ae775ad8c2e48c5391'
    """
    import hashlib  # Only here: most commands compute no id.

    new = hashlib.sha256 if is_sha256(like) else hashlib.sha1
    whole = b"%s %d\0%s" % (kind.encode("ascii"), len(content), content)
    return new(whole, usedforsecurity=False).hexdigest()


def is_sha256(object_id: str) -> bool:
    """Whether a full id is of a repository with the longer ones."""
    return len(object_id) > _SHA1


def tree_entries(tree: GitObject) -> dict[str, tuple[bytes, bytes]]:
    r"""Parse a tree: name to mode and binary id.

    >>> tree_entries(GitObject("0" * 40, "tree", b"100644 a\0" + b"x" * 20))
    {'a': (b'100644', b'xxxxxxxxxxxxxxxxxxxx')}
    """
    entry = re.compile(rb"([0-7]+) ([^\0]+)\0(.{%d})" % (len(tree.object_id) // 2), re.DOTALL)
    return {os.fsdecode(name): (mode, object_id) for mode, name, object_id in entry.findall(tree.data)}


_SHA1 = 40  # Digits.
_HEADER = regex(rb"(?P<id>[0-9a-f]{40,64}) (?P<kind>commit|tree|blob|tag) (?P<size>[0-9]+)\n")
_ERROR = regex(rb"^(?:error|fatal): ", re.MULTILINE)
