"""A new file, whole or not at all, that never replaces another."""

from __future__ import annotations

import contextlib
import os

from krow_versions.errors import Conflict
from krow_versions.files.disk import DISK, NEW_FLAGS, Disk
from krow_versions.files.paths import open_folder, resolve
from krow_versions.files.reading import named


def create(root: str, path: str, data: bytes, *, disk: Disk = DISK) -> None:
    """Make the file *path*, whose folder exists, with the mode that the user's umask gives.

    Args:
        root: folder of the repository.
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
