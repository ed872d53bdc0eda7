"""Check whether a path exists: any failure but "does not exist" is an error.

``os.path.exists``, ``isfile`` and ``isdir`` return False on every failure: files in a folder without
permission, or on a broken disk, would be ignored silently.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import sys
from typing import TYPE_CHECKING

from krow_versions.errors import FileSystemError, UnsafePath
from krow_versions.files.paths import close, open_folder, resolve, safe_parts
from krow_versions.files.reading import named, require_unlinked, why
from krow_versions.text.escaping import shell_word

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def status(path: str, *, root: str = "", follow: bool = False) -> os.stat_result | None:
    """Return the status of *path*, absolute or relative to *root*; None only when it does not exist.

    That is ENOENT or ENOTDIR; with *follow*, also a dangling link.

    Raises:
        FileSystemError: any other failure.
    """
    try:
        return (os.stat if follow else os.lstat)(os.path.join(root, path))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except PermissionError as error:
        folder = _closed(root, path, follow=follow)
        hint = f"see who may enter it: ls -ld {shell_word(os.path.join(root, folder))}"
        raise FileSystemError(f"cannot be entered: {why(error)}", path=folder, hint=hint) from error
    except OSError as error:
        hint = (
            "name another path"
            if error.errno in {errno.ELOOP, errno.ENAMETOOLONG}
            else "see whether its disk works; the file may exist"
        )
        raise FileSystemError(f"cannot be looked at: {why(error)}", path=path, hint=hint) from error


@contextlib.contextmanager
def called(name: Callable[[str], str]) -> Iterator[None]:
    """Replace the relative path in errors by ``name(path)``."""
    try:
        yield
    except FileSystemError as error:
        if error.path is not None and not os.path.isabs(error.path):
            error.path = name(error.path)
        raise


def exists(root: str, path: str) -> bool:
    """Return whether anything exists at *path*, a dangling link included.

    True also for a path that leads out of its repository through a link: :func:`read` reports that.

    Raises:
        UnsafePath: absolute, with '..', or into ``.git``.
        FileSystemError: as :func:`status`.
    """
    parts = safe_parts(path)
    try:
        resolve(root, "/".join(parts[:-1]) or ".")
    except UnsafePath:
        return True
    return status("/".join(parts), root=root) is not None


def is_folder(path: str, *, root: str = "") -> bool:
    """Return whether *path*, absolute or relative to *root*, is a folder, or leads to one.

    Raises:
        FileSystemError: as :func:`status`.
    """
    found = status(path, root=root, follow=True)
    return found is not None and stat.S_ISDIR(found.st_mode)


def top_of(folder: str) -> str | None:
    """Return the top of the working tree around *folder*, without calling git."""
    return next((each for each in upwards(folder) if status(".git", root=each) is not None), None)


def upwards(folder: str) -> Iterator[str]:
    """Yield *folder* and every folder above it."""
    yield folder
    while (parent := os.path.dirname(folder)) != folder:
        folder = parent
        yield folder


def names(root: str, path: str) -> tuple[str, ...]:
    """List the names in a folder, sorted; empty when there is no folder.

    Raises:
        UnsafePath: as :func:`exists`, or out of *root* through a link.
        FileSystemError: it cannot be listed.
    """
    if not exists(root, path):
        return ()
    real_root, parts = resolve(root, path)
    with named(path, "listed"):
        if sys.platform == "win32":
            folder = os.path.join(real_root, *parts)
            require_unlinked(folder)
            return tuple(sorted(os.listdir(folder)))
        else:  # noqa: RET505  So that type checkers leave out the other one.
            opened = open_folder(real_root, parts)
            try:
                return tuple(sorted(os.listdir(opened)))
            finally:
                close(opened)


def _closed(root: str, path: str, *, follow: bool) -> str:
    """Find the folder without permission: the nearest one with a readable status, or the link."""
    path = path if follow else os.path.dirname(path)
    while path.strip("/"):
        with contextlib.suppress(OSError):
            os.lstat(os.path.join(root, path))
            break
        path = os.path.dirname(path)
    return path or root
