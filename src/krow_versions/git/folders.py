"""Git's own folders, as gitrepository-layout(5) has them, looked at without a process of git."""

from __future__ import annotations

import contextlib
import os
import stat

from krow_versions import files
from krow_versions.files.paths import open_folder
from krow_versions.files.reading import named, read_at

_LONGEST = 65_536  # Of a file of git that holds one branch or one path, in bytes.


def git_folder(top: str) -> str | None:
    """Give the real path of the git folder that ``.git`` in *top* is or names; None where there is none.

    Raises:
        FileSystemError: it cannot be told.
    """
    found = files.status(".git", root=top, follow=True)
    if found is None:
        return None
    names = first_line(top, ".git").removeprefix("gitdir:").strip() if stat.S_ISREG(found.st_mode) else ".git"
    return files.real_path(os.path.join(top, names))


def first_line(folder: str, name: str) -> str:
    """Read the first line of a small file of git's own, or nothing where there is no such file.

    Raises:
        FileSystemError: it cannot be read.
    """
    path = os.path.join(folder, name)
    if files.status(path) is None:
        return ""
    with named(path, "read"), contextlib.ExitStack() as held:
        opened = open_folder(folder, ())
        held.callback(os.close, opened)
        return os.fsdecode(read_at(name, opened, path, _LONGEST)[0].partition(b"\n")[0])


def holder(own: str) -> str | None:
    """Find the work tree that holds a git folder as plain files: a clone of the one brings the other.

    Git tracks nothing that is called ``.git`` (CVE-2014-9390 and verify_path() in read-cache.c), so
    what is below such a folder did not come from a clone. That includes submodules and linked worktrees.

    Args:
        own: the git folder.

    Returns:
        The top of that work tree, or None where there is none.

    Raises:
        FileSystemError: it cannot be told.
    """
    path = files.real_path(own)
    parts = path.split(os.sep)
    if ".git" in parts:
        return None
    for count in range(len(parts) - 1, 0, -1):
        folder = os.sep.join(parts[:count]) or os.sep
        found = git_folder(folder)
        if found is not None:
            # `.git` may name this very folder, as `git init --separate-git-dir` lets it.
            return None if files.below(found, path) is not None else folder
    return None


def require_readable_refs(common: str) -> None:
    """See that every folder of refs can be listed: git passes over those that it cannot open.

    Raises:
        FileSystemError: one cannot be, or a link in one leads nowhere that can be told.
    """
    waiting = [os.path.join(common, "refs")]
    while waiting:
        folder = waiting.pop()
        for entry in _listed(folder):
            if entry.is_symlink():
                # Not followed any further: it may lead anywhere, round in a circle too.
                if files.is_folder(entry.path):
                    _listed(entry.path)
            elif entry.is_dir():
                waiting.append(entry.path)


def _listed(folder: str) -> list[os.DirEntry[str]]:
    """List a folder; nothing where it is not, as git removes those that become empty."""
    with named(folder, "listed"):
        try:
            with os.scandir(folder) as entries:
                return list(entries)
        except FileNotFoundError:
            return []
