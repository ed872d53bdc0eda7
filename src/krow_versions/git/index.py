"""The index: the files that git tracks, matched by globs."""

from __future__ import annotations

import itertools
import os
from typing import TYPE_CHECKING

from krow_versions.files.paths import safe_parts
from krow_versions.git.process import run
from krow_versions.text.paths import has_wildcard, is_match

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from krow_versions.git.repository import Repository


def tracked(repository: Repository, patterns: Sequence[str]) -> tuple[str, ...]:
    """List the files in the index that match any of some paths or globs, by the rules of ``files.find``.

    Git's own globs, gitglossary(7) "pathspec", would match hidden files and everything below a folder
    of that name, ``node_modules`` too. Submodules and files outside a sparse checkout are left out.

    Raises:
        UnsafePath: a pattern leads out of the repository.
        GitError: git failed.
    """
    wanted = [safe_parts(pattern) for pattern in patterns]
    if not wanted:
        return ()
    listing = run(["ls-files", "-z", "-t", "--stage", "--", *map(_top, wanted)], cwd=repository.root)
    paths = []
    for entry in listing.split(b"\0")[:-1]:
        fields, _, path = entry.partition(b"\t")
        tag, mode, _ = fields.split(b" ", 2)
        if tag != b"S" and mode != b"160000":
            paths.append(os.fsdecode(path))
    return matching(dict.fromkeys(paths), patterns)  # A file in conflict is listed once for each side.


def present(repository: Repository) -> tuple[str, ...]:
    """List the files in the index, and those in the working tree that git neither tracks nor ignores.

    Submodules and files outside a sparse checkout are left out, but not files that were removed.

    Raises:
        GitError: git failed.
    """
    listing = run(["ls-files", "-z", "-t", "--cached", "--others", "--exclude-standard"], cwd=repository.root)
    entries = (entry.split(b" ", 1) for entry in listing.split(b"\0")[:-1])
    paths = dict.fromkeys(path for tag, path in entries if tag != b"S" and not path.endswith(b"/"))
    return tuple(map(os.fsdecode, paths))


def skipped(top: str) -> tuple[str, ...]:
    """List the files that a sparse checkout leaves out, or may: those that the index marks so.

    Raises:
        GitError: git failed.
    """
    listing = run(["ls-files", "-z", "-t", "--cached"], cwd=top)
    return tuple(os.fsdecode(each[2:]) for each in listing.split(b"\0") if each.startswith(b"S "))


def matching(paths: Iterable[str], patterns: Sequence[str]) -> tuple[str, ...]:
    """Return those of *paths* that match any of some globs, by the rules of :func:`tracked`.

    Raises:
        UnsafePath: a pattern leads out of the repository.
    """
    wanted = [safe_parts(pattern) for pattern in patterns]
    return tuple(path for path in paths if any(fits(path.split("/"), parts) for parts in wanted))


def _top(parts: Sequence[str]) -> str:
    """Return the pathspec of the longest folder, or the path, that a pattern names without a wildcard."""
    fixed = [*itertools.takewhile(lambda part: not has_wildcard(part), parts)]
    return f":(top,literal){'/'.join(fixed)}" if fixed else ":(top)"


def fits(path: Sequence[str], pattern: Sequence[str]) -> bool:
    """Return whether the parts of a path match the segments of a glob.

    Keeps the set of segments that can come next, so several ``**`` cause no backtracking: at most
    parts times segments steps.
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
