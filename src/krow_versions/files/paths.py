"""Paths that stay inside their repository and out of git's own folder, and what links make of them."""

from __future__ import annotations

import errno
import os
import re
from typing import TYPE_CHECKING

from krow_versions.errors import UnsafePath, UsageError
from krow_versions.text.escaping import quoted_whole
from krow_versions.text.paths import parts_of

if TYPE_CHECKING:
    from collections.abc import Sequence

FOLDER_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# Going through a folder takes the permission to search it; to read it is not needed.
PASSING_FLAGS = FOLDER_FLAGS | getattr(os, "O_PATH", 0)
# What HFS+ ignores in names, so that ".g\u200cit" would be ".git" there (git refuses these, too).
_IGNORED = re.compile("[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]")
# A name that led to a file, and now to nothing, through no folder, or to a link.
ELSEWHERE = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP}


def safe_parts(path: str) -> tuple[str, ...]:
    """Split a path, refusing by its spelling alone what may lead elsewhere."""
    parts = tuple(parts_of(path))
    reason = None
    if path.startswith("/"):
        reason = "is absolute"
    elif ".." in parts:
        reason = "leaves its folder by '..'"
    elif any(is_git_folder(part) for part in parts):
        reason = "enters git's own folder"
    elif not path or "\0" in path:
        reason = "is no file name"
    else:
        try:
            os.fsencode(path)
        except UnicodeEncodeError:
            reason = "is no file name"
    if reason:
        raise _unsafe(path, reason)
    return parts


def _unsafe(path: str, reason: str) -> UnsafePath:
    hint = "name a file inside the repository, relative to its root"
    return UnsafePath(f"path {reason}", path=path, hint=hint)


def absolute(path: str) -> str:
    """Make a path absolute by its spelling alone: no link is followed.

    Raises:
        UsageError: it is relative, and the current folder is gone.
    """
    return os.path.normpath(os.path.join(_here(path), path))


def real_path(path: str) -> str:
    """Follow all links of a path; what is not there stays as it is named.

    Raises:
        UsageError: it is relative, and the current folder is gone.
        UnsafePath: it leads nowhere that can be told.
    """
    try:
        return os.path.realpath(os.path.join(_here(path), path))
    except (OSError, ValueError) as error:  # A link was swapped for a file just now; a NUL in the path.
        reason = getattr(error, "strerror", None) or "it is no path"
        hint = "another program may be changing links there: run the same command again"
        raise UnsafePath(f"where it leads cannot be told: {reason}", path=path, hint=hint) from error


def below(root: str, target: str) -> tuple[str, ...] | None:
    """Split what of *target* is below *root*, both real paths; None where it is elsewhere."""
    prefix = root.rstrip("/") + "/"
    if not f"{target}/".startswith(prefix):
        return None
    return tuple(filter(None, target.removeprefix(prefix[:-1]).split("/")))


def resolve(root: str, path: str) -> tuple[str, tuple[str, ...]]:
    """Follow the links of *path*, and none of *root*; give the real folders and name below it.

    Args:
        root: a real path: a root that has become a link leads elsewhere, and is refused.
        path: relative to *root*, '/'-separated.

    Raises:
        UnsafePath: absolute, with '..', out of *root*, or into ``.git``.
    """
    parts = safe_parts(path)
    root = absolute(root)
    target = real_path(os.path.join(root, *parts))
    found = below(root, target)
    if found is None:
        raise _unsafe(path, f"leads out of its repository, to {quoted_whole(target)}")
    if any(is_git_folder(part) for part in found):
        raise _unsafe(path, "enters git's own folder through a link")
    return root, found


def open_folder(root: str, parts: Sequence[str]) -> int:
    """Open a folder below *root*, one by one from the top of the file system, never through a link.

    So what is written through the descriptor lies where it was checked, whatever was swapped since.
    """
    names = [*filter(None, root.split("/")), *parts]
    folder = os.open("/", PASSING_FLAGS if names else FOLDER_FLAGS)
    for number, name in enumerate(names, start=1):
        outer = folder
        try:
            folder = os.open(name, PASSING_FLAGS if number < len(names) else FOLDER_FLAGS, dir_fd=outer)
        finally:
            os.close(outer)
    return folder


def is_git_folder(name: str) -> bool:
    """Tell whether some file system takes *name* for ``.git``, as git's own checks do."""
    parts = _IGNORED.sub("", name).casefold().split("\\")
    return any(part.partition(":")[0].rstrip(". ") in {".git", "git~1"} for part in parts)


def _here(path: str) -> str:
    """Give the folder that a path is relative to; nothing, for one that is absolute."""
    if os.path.isabs(path):
        return ""
    try:
        return os.getcwd()
    except OSError:
        raise UsageError("the current folder is gone", hint="go to one that exists") from None
