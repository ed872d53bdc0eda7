"""What is there: only what does not exist is absent; not to be able to look is an error.

``os.path.exists``, ``isfile`` and ``isdir`` take every failure for absence. What is in a folder
without permission, or on a disk that fails, would be passed over in silence.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat

from krow_versions.errors import FileSystemError, UnsafePath
from krow_versions.files.paths import open_folder, resolve, safe_parts
from krow_versions.files.reading import named, why


def status(path: str, *, root: str = "", follow: bool = False) -> os.stat_result | None:
    """Look at what has the name *path*; None only where nothing has it (ENOENT, ENOTDIR).

    Args:
        path: absolute, or relative to *root*; errors name it as it is given.
        root: an absolute folder.
        follow: whether to look at what a link leads to; None where that is nothing.

    Raises:
        FileSystemError: it cannot be looked at.
    """
    try:
        return (os.stat if follow else os.lstat)(os.path.join(root, path))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except PermissionError as error:
        folder = path if follow else _closed(root, path)
        hint = f"see who may enter it: ls -ld {folder}"
        raise FileSystemError(f"cannot be entered: {why(error)}", path=folder, hint=hint) from error
    except OSError as error:
        hint = (
            "name another path"
            if error.errno in {errno.ELOOP, errno.ENAMETOOLONG}
            else "see whether its disk works; it may be there all the same"
        )
        raise FileSystemError(f"cannot be looked at: {why(error)}", path=path, hint=hint) from error


def exists(root: str, path: str) -> bool:
    """Tell whether there is anything at all at *path*, a dangling link included.

    What it is, and whether it may be read, :func:`read` tells, which says more than False can; so a
    path that leads out of its repository exists, whatever is there.

    Raises:
        UnsafePath: absolute, with '..', or into ``.git``.
        FileSystemError: it cannot be told.
    """
    parts = safe_parts(path)
    try:
        resolve(root, "/".join(parts[:-1]) or ".")
    except UnsafePath:
        return True
    return status("/".join(parts), root=root) is not None


def is_folder(path: str) -> bool:
    """Tell whether an absolute path is a folder, or leads to one.

    Raises:
        FileSystemError: it cannot be told.
    """
    found = status(path, follow=True)
    return found is not None and stat.S_ISDIR(found.st_mode)


def names(root: str, path: str) -> tuple[str, ...]:
    """List a folder, sorted; nothing where there is none.

    Raises:
        UnsafePath: as :func:`exists`, or out of *root* through a link.
        FileSystemError: it cannot be listed.
    """
    if not exists(root, path):
        return ()
    real_root, parts = resolve(root, path)
    with named(path, "listed"):
        folder = open_folder(real_root, parts)
        try:
            return tuple(sorted(os.listdir(folder)))
        finally:
            os.close(folder)


def _closed(root: str, path: str) -> str:
    """Find the folder that does not let us look at *path*: the nearest that can be looked at itself."""
    while path.strip("/"):
        path = os.path.dirname(path)
        with contextlib.suppress(OSError):
            os.lstat(os.path.join(root, path))
            break
    return path or root
