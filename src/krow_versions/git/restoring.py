"""Half of a checkout, undone: only files that hold what git itself was writing go back."""

from __future__ import annotations

import contextlib
import os
import stat
from typing import TYPE_CHECKING

from krow_versions import files
from krow_versions.errors import FileSystemError, GitError, UnsafePath
from krow_versions.git.process import Reach, run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from krow_versions.git.repository import Repository


def restore(before: Repository, commit: str, changed: Sequence[str]) -> None:
    """Bring index and files back to HEAD after git stopped on its way to another commit.

    The tree was clean before, so what holds the other commit's content was written by git. All
    else stays as it is: what somebody edited meanwhile, and a file that git had written in part.

    Args:
        before: the repository with HEAD where it still is.
        commit: where git was on its way to.
        changed: the tracked files that differ from HEAD now; none means that git had not begun.
    """
    if not changed or before.head is None:
        return
    with contextlib.suppress(GitError):  # The index was written already: git takes both back, with care.
        run(["read-tree", "-m", "-u", commit, before.head], cwd=before.root, reach=Reach.ACT)
    with contextlib.suppress(GitError):  # It was not: the index still has what the files had.
        differing = run([*_DIFFER, commit, "--"], cwd=before.root, reach=Reach.ACT).split(b"\0")
        theirs = {os.fsdecode(entry.split(b"\t", 2)[2]) for entry in differing[:-1]}
        ours = b"".join(os.fsencode(path) + b"\0" for path in changed if path not in theirs)
        arguments = ["checkout-index", "--force", "-z", "--stdin"]
        run(arguments, cwd=before.root, stdin=ours, reach=Reach.ACT)
    with contextlib.suppress(GitError, FileSystemError, UnsafePath):
        _remove_added(before, commit)


_DIFFER = (
    "diff-index",
    "--numstat",  # Makes git compare contents, where it otherwise trusts the times of files.
    "-z",
    "--no-ext-diff",
    "--no-textconv",
    "--no-renames",
    "--ignore-submodules=all",
)


def _remove_added(before: Repository, commit: str) -> None:
    """Remove the files that only the other commit has; git had made sure that nothing was there."""
    arguments = ["diff-tree", "-r", "-z", "--no-renames", "--diff-filter=A", str(before.head), commit, "--"]
    fields = run(arguments, cwd=before.root).split(b"\0")[:-1]
    for entry, path in zip(fields[::2], fields[1::2], strict=True):
        _, mode, _, object_id, _ = entry.split(b" ")
        place = os.fsdecode(path)
        found = files.status(place, root=before.root)
        if (
            mode.startswith(b"100")
            and found is not None
            and stat.S_ISREG(found.st_mode)
            and b"\n" not in path
        ):
            asked = ["hash-object", "--stdin-paths"]
            if run(asked, cwd=before.root, stdin=path + b"\n", reach=Reach.ACT).strip() == object_id:
                files.remove(before.root, place)
