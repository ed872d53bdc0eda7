"""A new file, whole or not at all, that never replaces another; new folders; a file taken away."""

from __future__ import annotations

import contextlib
import os

from krow_versions.errors import Conflict
from krow_versions.files.disk import DISK, NEW_FLAGS, Disk
from krow_versions.files.paths import PASSING_FLAGS, open_folder, resolve
from krow_versions.files.reading import named


def create(root: str, path: str, data: bytes, *, disk: Disk = DISK) -> None:
    """Make the file *path*, whose folder exists, with the mode that the user's umask gives.

    Args:
        root: the real path of the repository's folder.
        path: relative to *root*, '/'-separated.
        data: the content.
        disk: the operations on the disk, for tests.

    Raises:
        UnsafePath: absolute, with '..', out of the repository through a link, or into ``.git``.
        Conflict: something of that name is there, and stays as it is.
        FileSystemError: an operation failed; nothing is left behind.
    """
    real_root, parts = resolve(root, path)
    with named(path, "made"), contextlib.ExitStack() as held:
        folder = open_folder(real_root, parts[:-1])
        held.callback(disk.close, folder)
        temporary = disk.temporary_name()
        fd = os.open(temporary, NEW_FLAGS, 0o666, dir_fd=folder)
        held.callback(disk.unlink, temporary, folder)
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[disk.write(fd, rest) :]
            disk.fsync(fd)
        finally:
            disk.close(fd)
        try:
            os.link(temporary, parts[-1], src_dir_fd=folder, dst_dir_fd=folder)
        except FileExistsError:
            raise Conflict("there is such a file already", path=path, hint="it is left as it is") from None
        disk.fsync_folder(folder)


def make_folder(root: str, path: str) -> None:
    """Make the folder *path*, and those above it below *root*, where they are not there.

    Raises:
        UnsafePath: as :func:`create`.
        FileSystemError: one cannot be made.
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
                os.close(outer)
        os.close(folder)


def remove(root: str, path: str) -> None:
    """Take away a file, or the link that it is.

    Raises:
        UnsafePath: as :func:`create`.
        FileSystemError: it is not there, or cannot be taken away.
    """
    folder_path, _, name = path.rpartition("/")
    real_root, parts = resolve(root, folder_path or ".")
    with named(path, "removed"):
        folder = open_folder(real_root, parts)
        try:
            os.unlink(name, dir_fd=folder)
        finally:
            os.close(folder)
