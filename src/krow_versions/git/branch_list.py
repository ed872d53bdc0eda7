"""Where branches stand, and which files git tracks: what an audit asks of git."""

from __future__ import annotations

import itertools
import os
from typing import TYPE_CHECKING

from krow_versions.files.paths import safe_parts
from krow_versions.git.process import run
from krow_versions.git.ref_list import list_refs
from krow_versions.text.paths import has_wildcard, is_match

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from krow_versions.git.ref_list import Ref
    from krow_versions.git.repository import Repository


def branches(repository: Repository, refs: Sequence[str]) -> tuple[Ref, ...]:
    """List the branches that are called as one of *refs*, or are below one that ends in ``/``.

    In order of their names; what is no branch at a commit that is here is left out.

    Raises:
        UsageError: a name that no ref can have.
        GitError: git failed.
    """
    return tuple(each for each in list_refs(repository.root, refs) if each.object_type == "commit")


def tracked(repository: Repository, patterns: Sequence[str]) -> tuple[str, ...]:
    """List the files in the index that match any of some globs, as ``files.find`` reads them.

    Git's own globs would see hidden files, ``node_modules`` and all that is below a folder called
    so. What a sparse checkout leaves out, and submodules, do not count.

    Args:
        repository: whose index.
        patterns: paths or globs from the top of the repository.

    Raises:
        UnsafePath: a pattern leads elsewhere.
        GitError: git failed.
    """
    wanted = [safe_parts(pattern) for pattern in patterns]
    if not wanted:
        return ()
    listing = run(["ls-files", "-z", "-t", "--stage", "--", *map(_top, wanted)], cwd=repository.root)
    paths = []
    for entry in listing.split(b"\0")[:-1]:
        told, _, path = entry.partition(b"\t")
        tag, mode, _ = told.split(b" ", 2)
        if tag != b"S" and mode != b"160000":
            paths.append(os.fsdecode(path))
    return matching(dict.fromkeys(paths), patterns)  # A file in conflict is there once for each side.


def matching(paths: Iterable[str], patterns: Sequence[str]) -> tuple[str, ...]:
    """Give those of some paths that match any of some globs, as :func:`tracked` reads them.

    Raises:
        UnsafePath: a pattern leads elsewhere.
    """
    wanted = [safe_parts(pattern) for pattern in patterns]
    return tuple(path for path in paths if any(fits(path.split("/"), parts) for parts in wanted))


def _top(parts: Sequence[str]) -> str:
    """Write the folder that a pattern is below, or the path that it is, as git takes it literally."""
    fixed = [*itertools.takewhile(lambda part: not has_wildcard(part), parts)]
    return f":(top,literal){'/'.join(fixed)}" if fixed else ":(top)"


def fits(path: Sequence[str], pattern: Sequence[str]) -> bool:
    """Tell whether the parts of a path fit the segments of a glob.

    Keeps the set of segments that can come next, so that no way of sharing out the parts between
    several ``**`` is tried twice: at most as many steps as parts times segments.
    """
    end = len(pattern)
    following = {0}
    for name in path:
        reached, following = following, set()
        for index, segment in enumerate(pattern):
            if index in reached:
                deep, last = segment == "**", index == end - 1
                if deep and not last:
                    reached.add(index + 1)  # It stands for no folder.
                if is_match(name, segment):
                    following.update({index} if deep else (), () if deep and not last else {index + 1})
    return end in following
