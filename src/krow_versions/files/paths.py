"""Resolve paths: inside their repository, outside of git's own folder, with all links followed."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from typing import TYPE_CHECKING

from krow_versions.errors import UnsafePath, Unsupported, UsageError
from krow_versions.regexes import regex
from krow_versions.text.escaping import quoted_whole
from krow_versions.text.paths import parts_of

if TYPE_CHECKING:
    from collections.abc import Sequence

# Characters that HFS+ ignores in names: ".g\u200cit" is ".git" there (CVE-2014-9390, utf8.c of git).
_IGNORED = regex("[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]")
# Windows separates names by a backslash, too; a colon is behind a drive or before a stream of a file.
_NOT_ON_WINDOWS = regex(r"[\\:]")
# A file that is written beside the one that it will replace.
TEMPORARY = regex(r"\.krow-versions-[0-9a-f]{32}\.tmp")
# The errors of a path that no longer leads to its file: nothing there, no folder, or a link.
ELSEWHERE = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP}
_MOST_LINKS = 40  # Of Linux, for one path: path_resolution(7).


def safe_parts(path: str) -> tuple[str, ...]:
    """Split a path; raise ``UnsafePath``, from its spelling alone, if it can lead out of its folder."""
    parts = tuple(parts_of(path))
    reason = None
    if path.startswith("/"):
        reason = "is absolute"
    elif ".." in parts:
        reason = "leaves its folder by '..'"
    elif any(is_git_folder(part) for part in parts):
        reason = "enters git's own folder"
    elif not path or "\0" in path or (os.sep != "/" and _NOT_ON_WINDOWS.search(path)):
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
    """Make a path absolute from its spelling alone, without following links.

    Raises:
        UsageError: it is relative, and the current folder is gone.
    """
    return os.path.normpath(os.path.join(_here(path), path))


def real_path(path: str) -> str:
    """Follow all links of a path; parts that do not exist stay as they are.

    Raises:
        UsageError: it is relative, and the current folder is gone.
        UnsafePath: its links cannot be followed.
    """
    try:
        return os.path.realpath(os.path.join(_here(path), path))
    except (OSError, ValueError) as error:  # A link was replaced by a file meanwhile; a NUL in the path.
        reason = getattr(error, "strerror", None) or "it is no path"
        hint = "another program may be changing links there: run the same command again"
        raise UnsafePath(f"its links cannot be followed: {reason}", path=path, hint=hint) from error


def links_on(path: str) -> tuple[str, ...]:
    """Return the links that a path leads through, each by its place: none of its folders is a link.

    Raises:
        UsageError: it is relative, and the current folder is gone.
    """
    at, rest = _from_top(os.path.join(_here(path), path))
    found = list[str]()
    while rest and len(found) <= _MOST_LINKS:
        at = os.path.normpath(os.path.join(at, rest.pop()))
        try:
            target = os.readlink(at).removeprefix(_EXTENDED)
        except OSError:  # It is no link.
            continue
        found.append(at)
        at, names = _from_top(os.path.join(os.path.dirname(at), target))
        rest.extend(names)
    return tuple(found)


def _from_top(path: str) -> tuple[str, list[str]]:
    """Split an absolute path into the top of its file system, and the names below it, the last one first."""
    drive, below_it = os.path.splitdrive(path)
    return drive + os.sep, [*reversed(below_it.lstrip(os.sep).split(os.sep))]


# Before the targets of links, on Windows: os.readlink() in the documentation of Python.
_EXTENDED = "\\\\?\\"


def below(root: str, target: str) -> tuple[str, ...] | None:
    """Return the parts of *target* below *root*, both real paths; None when it is not below."""
    prefix = root.rstrip(os.sep) + os.sep
    if not f"{target}{os.sep}".startswith(prefix):
        return None
    return tuple(filter(None, target.removeprefix(prefix[:-1]).split(os.sep)))


def relative(path: str, start: str) -> str:
    """Return a path as git writes it from the folder *start*, '/'-separated; both are absolute, or neither.

    A path on another drive of Windows has none from there, and stays absolute.
    """
    try:
        return os.path.relpath(path, start).replace(os.sep, "/")
    except ValueError:
        return path.replace(os.sep, "/")


def resolve(root: str, path: str) -> tuple[str, tuple[str, ...]]:
    """Follow the links of *path*, but none of *root*; return the absolute root and the real parts below it.

    Args:
        root: a real path; a root that has become a link is refused.
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


def require_writing() -> None:
    """Refuse where the system lacks what writing needs: folders that are opened, without following links.

    Windows has neither those nor a lock of a folder that ends with its process, and a file that any program
    reads cannot be replaced there. So nothing could keep that all files are written, or none.

    Raises:
        Unsupported: this is Windows.
    """
    if sys.platform == "win32":
        raise Unsupported(
            "writing is not supported on Windows: after a crash there, some files could be changed "
            "and others not",
            hint="run this in WSL, or in CI on Linux; what only looks works here, and so does a dry run",
        )


if sys.platform == "win32":
    NO_LINK = NO_WAIT = PASSING_FLAGS = 0

    def open_folder(root: str, parts: Sequence[str]) -> int:
        """Refuse: every write begins here."""
        require_writing()
        raise UnsafePath("folders cannot be opened here", path=os.path.join(root, *parts))

else:
    NO_LINK = os.O_NOFOLLOW | os.O_CLOEXEC
    NO_WAIT = os.O_NONBLOCK
    _FOLDER_FLAGS = os.O_RDONLY | os.O_DIRECTORY | NO_LINK
    # Passing through a folder needs the permission to search it, not to read it: open(2), O_PATH.
    PASSING_FLAGS = _FOLDER_FLAGS | getattr(os, "O_PATH", 0)

    def open_folder(root: str, parts: Sequence[str]) -> int:
        """Open a folder below *root*, folder by folder from the top of the file system, never through a link.

        What is read and written through the descriptor is in the folder that was checked, whatever was
        replaced.
        """
        names = [*filter(None, root.split("/")), *parts]
        folder = os.open("/", PASSING_FLAGS if names else _FOLDER_FLAGS)
        for number, name in enumerate(names, start=1):
            outer = folder
            try:
                folder = os.open(name, PASSING_FLAGS if number < len(names) else _FOLDER_FLAGS, dir_fd=outer)
            finally:
                close(outer)
        return folder


def close(fd: int) -> None:
    """Close what was only read, locked or passed through: that fails for no byte that was written."""
    with contextlib.suppress(OSError):
        os.close(fd)


def is_git_folder(name: str) -> bool:
    """Return whether some file system reads *name* as ``.git``: verify_path() in read-cache.c of git."""
    parts = _IGNORED.sub("", name).casefold().split("\\")
    return any(part.partition(":")[0].rstrip(". ") in {".git", "git~1"} for part in parts)


def _here(path: str) -> str:
    """Return the folder that a path is relative to; the empty string for an absolute path."""
    if os.path.isabs(path):
        return ""
    try:
        return os.getcwd()
    except OSError:
        raise UsageError("the current folder is gone", hint="go to one that exists") from None
