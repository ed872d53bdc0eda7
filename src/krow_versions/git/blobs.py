"""Files as they are in commits: their sizes first, then the contents that are not too large."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import attrs

from krow_versions.errors import FileTooLarge
from krow_versions.git.pipes import OUTPUT_LIMIT
from krow_versions.git.process import execute, failure, unexpected

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

FILE_LIMIT = 64 << 20
"""Bytes of one file at one commit, unless the caller knows better."""
TOTAL_LIMIT = OUTPUT_LIMIT - (1 << 20)
"""Bytes of all files that are read at once."""


def read(
    root: str, requests: Mapping[tuple[str, str], bytes], limits: Mapping[str, int]
) -> dict[tuple[str, str], bytes | FileTooLarge | None]:
    """Read files; see :meth:`Repository.blobs`.

    Args:
        root: the work tree to ask in.
        requests: pairs of revision and path, and how ``cat-file`` calls each.
        limits: the largest size in bytes by path.
    """
    if not requests:
        return {}
    objects = dict(zip(requests, _objects(root, requests.values()), strict=True))
    found: dict[tuple[str, str], bytes | FileTooLarge | None] = dict.fromkeys(requests)
    fitting: dict[tuple[str, str], _Object] = {}
    for pair, known in objects.items():
        limit = limits.get(pair[1], FILE_LIMIT)
        if known is not None and known.size > limit:
            found[pair] = FileTooLarge(f"{known.size} bytes, over the limit of {limit} for such a file")
        elif known is not None:
            fitting[pair] = known
    contents = _contents(root, dict.fromkeys(fitting.values()))
    return found | {pair: contents[known] for pair, known in fitting.items()}


@attrs.frozen
class _Object:
    """A file of a commit; files that are equal in many commits are one object."""

    object_id: bytes
    size: int


def _objects(root: str, requests: Collection[bytes]) -> list[_Object | None]:
    """Ask for id and size of each file; None where there is no such file."""
    # Only where it must be: `-z` takes git 2.38.
    awkward = any(b"\n" in request or request.endswith(b"\r") for request in requests)
    end, options = (b"\0", ["-z"]) if awkward else (b"\n", [])
    arguments = ["cat-file", "--batch-check", "--buffer", *options]
    output = _answered(root, arguments, b"".join(request + end for request in requests))
    objects = _taken_apart(output, requests)
    if objects is None:
        raise unexpected(arguments, output, root)
    return objects


def _taken_apart(output: bytes, requests: Collection[bytes]) -> list[_Object | None] | None:
    """Take the answers of `cat-file --batch-check` apart; None when they are not of its form."""
    objects: list[_Object | None] = []
    at = 0
    for request in requests:
        known = None
        if header := _HEADER.match(output, at):
            object_id, kind, size = header.groups()
            known = _Object(object_id, int(size)) if kind == b"blob" else None
            at = header.end()
        elif output.startswith(missing := request + b" missing\n", at):
            at += len(missing)
        elif submodule := _SUBMODULE.match(output, at):
            at = submodule.end()
        else:
            return None
        objects.append(known)
    return objects if at == len(output) else None


def _contents(root: str, objects: Collection[_Object]) -> dict[_Object, bytes]:
    """Read each object once."""
    if not objects:
        return {}
    if (total := sum(known.size for known in objects)) > TOTAL_LIMIT:
        raise FileTooLarge(
            f"{len(objects)} versions of the files that are needed hold {total >> 20} MiB together, over the "
            f"limit of {TOTAL_LIMIT >> 20} MiB",
            path=root,
            hint="name one product at a time; git log --stat shows which file is so large",
        )
    arguments = ["cat-file", "--batch", "--buffer"]
    output = _answered(root, arguments, b"".join(known.object_id + b"\n" for known in objects))
    contents: dict[_Object, bytes] = {}
    at = 0
    for known in objects:
        header = b"%s blob %d\n" % (known.object_id, known.size)
        start = at + len(header)
        end = start + known.size
        if not output.startswith(header, at) or output[end : end + 1] != b"\n":
            raise unexpected(arguments, output, root)
        contents[known] = output[start:end]
        at = end + 1
    return contents


def _answered(root: str, arguments: Sequence[str], stdin: bytes) -> bytes:
    """Ask ``cat-file``, to which a corrupt object is `missing`, with exit code 0 and an error beside it."""
    finished = execute(arguments, cwd=root, stdin=stdin)
    if finished.returncode or _COMPLAINT.search(finished.stderr):
        raise failure(arguments, finished, root)
    return finished.stdout


_HEADER = re.compile(rb"([0-9a-f]{40,64}) ([a-z]+) ([0-9]+)\n")
_SUBMODULE = re.compile(rb"[0-9a-f]{40,64} submodule\n")  # Newer gits; others call it missing.
_COMPLAINT = re.compile(rb"^(?:error|fatal): ", re.MULTILINE)
