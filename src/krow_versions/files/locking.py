"""The lock that every write into a folder holds: one for all folders of a working tree.

It is flock(2) on the folder itself, not on a file in it: no file is left behind or can be put in its place,
a folder has the same lock under all of its names, and the system releases it when the process dies. On a
file system that cannot lock folders (NFS), it is a file ``krow-versions.lock`` there.
"""

from __future__ import annotations

import contextlib
import errno
import os
import time
from typing import TYPE_CHECKING

from krow_versions.errors import Busy
from krow_versions.files.disk import DISK, NOT_PERMITTED, Disk
from krow_versions.files.paths import NO_LINK, NO_WAIT, absolute, close, open_folder
from krow_versions.files.presence import top_of
from krow_versions.files.reading import Identity, named
from krow_versions.text.escaping import quoted_whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

WAIT = 5.0  # Seconds.
_NAME = "krow-versions.lock"


@contextlib.contextmanager
def locked(folder: str, *, wait: float = WAIT, disk: Disk = DISK) -> Iterator[None]:
    """Lock a folder itself, whatever tree it is in; the system releases the lock when the process dies.

    Raises:
        Busy: another run held the lock for *wait* seconds.
        FileSystemError: it cannot be locked.
    """
    with contextlib.ExitStack() as held:
        _lock_all([folder], time.monotonic() + wait, disk, held)
        yield


@contextlib.contextmanager
def locked_for(folders: Iterable[str], *, wait: float = WAIT, disk: Disk = DISK) -> Iterator[None]:
    """Hold all locks that writing into *folders* needs; raises as :func:`locked` does.

    Each is that of the working tree around the folder, or of the folder where there is none. So whoever may
    write into a folder knows that no other run does, and that the temporary files in it are of dead ones.
    """
    with contextlib.ExitStack() as held:
        tops = {top_of(folder) or folder for folder in folders}
        _lock_all(tops, time.monotonic() + wait, disk, held)
        yield


def _lock_all(folders: Iterable[str], deadline: float, disk: Disk, held: contextlib.ExitStack) -> None:
    """Lock in a fixed order, so that two runs cannot block each other."""
    locked = set()
    for folder in sorted({absolute(folder) for folder in folders}):
        with named(folder, "locked"):
            fd = open_folder(folder, ())
            held.callback(close, fd)
            number = Identity.of(os.fstat(fd)).number
            if number not in locked:
                locked.add(number)
                _lock(fd, folder, deadline, disk, held)


def _lock(fd: int, folder: str, deadline: float, disk: Disk, held: contextlib.ExitStack) -> None:
    name, pause, place = folder, 0.01, fd
    while True:
        try:
            if disk.lock(fd):
                return
        except OSError as error:
            if name != folder or error.errno not in {errno.EBADF, *NOT_PERMITTED}:
                raise
            name = os.path.join(folder, _NAME)
            flags = os.O_RDWR | os.O_CREAT | NO_WAIT | NO_LINK
            fd = os.open(_NAME, flags, 0o666, dir_fd=place)
            held.callback(close, fd)
            continue
        left = deadline - time.monotonic()
        if left <= 0:
            hint = "wait until it has finished, then run the same command again"
            raise Busy(f"another run holds the lock of {quoted_whole(name)}", hint=hint)
        time.sleep(min(pause, left))
        pause = min(2 * pause, 0.1)
