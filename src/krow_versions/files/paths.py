"""Paths that stay inside their repository and out of git's own folder."""

from __future__ import annotations

import errno
import os
import re
from typing import TYPE_CHECKING

from krow_versions.errors import UnsafePath, printable

if TYPE_CHECKING:
    from collections.abc import Sequence

FOLDER_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# What HFS+ ignores in names, so that ".g\u200cit" would be ".git" there (git refuses these, too).
_IGNORED = re.compile("[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]")
# A name that led to a file, and now to nothing, through no folder, or to a link.
ELSEWHERE = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP}


def safe_parts(path: str) -> tuple[str, ...]:
    """Split a path, refusing by its spelling alone what may lead elsewhere."""
    parts = tuple(part for part in path.split("/") if part not in {"", "."})
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


def resolve(root: str, path: str) -> tuple[str, tuple[str, ...]]:
    """Follow all links; give the real root and the real folders and name below it."""
    parts = safe_parts(path)
    real_root = os.path.realpath(root)
    target = os.path.realpath(os.path.join(real_root, *parts))
    prefix = real_root.rstrip("/") + "/"
    if not f"{target}/".startswith(prefix):
        raise _unsafe(path, f"leads out of its repository, to {shown(target)}")
    below = tuple(filter(None, target.removeprefix(prefix[:-1]).split("/")))
    if any(is_git_folder(part) for part in below):
        raise _unsafe(path, "enters git's own folder through a link")
    return real_root, below


def open_folder(root: str, parts: Sequence[str]) -> int:
    """Open a folder below *root*, one by one and never through a link."""
    folder = os.open(root, FOLDER_FLAGS)
    for part in parts:
        outer = folder
        try:
            folder = os.open(part, FOLDER_FLAGS, dir_fd=outer)
        finally:
            os.close(outer)
    return folder


def is_git_folder(name: str) -> bool:
    """Tell whether some file system takes *name* for ``.git``, as git's own checks do."""
    parts = _IGNORED.sub("", name).casefold().split("\\")
    return any(part.partition(":")[0].rstrip(". ") in {".git", "git~1"} for part in parts)


def shown(path: str) -> str:
    return f"'{printable(path)}'"  # Never cut, unlike ``quoted``: a path is there to be found.
