"""Make folders; remove files and folders."""

from __future__ import annotations

import contextlib
import os
import stat
import time

from krow_versions.files.paths import PASSING_FLAGS, close, open_folder, resolve
from krow_versions.files.reading import named


def make_folder(root: str, path: str) -> None:
    """Create the folder *path*, and those between it and *root*, unless they exist.

    Raises:
        UnsafePath: as :func:`create`.
        FileSystemError: a folder cannot be created.
    """
    real_root, parts = resolve(root, path)
    with named(path, "made"):
        folder = open_folder(real_root, ())
        for part in parts:
            outer = folder
            try:
                with contextlib.suppress(FileExistsError):
                    os.mkdir(part, dir_fd=outer)
                folder = os.open(part, PASSING_FLAGS, dir_fd=outer)
            finally:
                close(outer)
        close(folder)


def remove(root: str, path: str) -> None:
    """Remove a file or a link.

    Raises:
        UnsafePath: as :func:`create`.
        FileSystemError: it does not exist, or cannot be removed.
    """
    folder_path, _, name = path.rpartition("/")
    real_root, parts = resolve(root, folder_path or ".")
    with named(path, "removed"):
        folder = open_folder(real_root, parts)
        try:
            os.unlink(name, dir_fd=folder)
        finally:
            close(folder)


def remove_folder(root: str, path: str) -> None:
    """Remove a folder with all that is in it, or a link in its place; do nothing if it does not exist.

    No link is followed.

    Raises:
        UnsafePath: as :func:`create`.
        FileSystemError: something cannot be removed.
    """
    folder_path, _, name = path.rpartition("/")
    real_root, parts = resolve(root, folder_path or ".")
    with named(path, "removed"), contextlib.suppress(FileNotFoundError):
        folder = open_folder(real_root, parts)
        try:
            if stat.S_ISDIR(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
                _remove_all(name, folder)
            else:
                os.unlink(name, dir_fd=folder)
        finally:
            close(folder)


def _remove_all(name: str, folder: int) -> None:
    """Remove a folder, and try again: a program of a killed run may still write there."""
    import shutil  # Only here: it loads what packs archives, too.

    for left in (2, 1, 0):
        try:
            shutil.rmtree(name, dir_fd=folder)
        except FileNotFoundError:
            return
        except OSError:
            if not left:
                raise
            time.sleep(0.1)
        else:
            return
