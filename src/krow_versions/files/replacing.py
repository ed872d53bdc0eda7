"""Atomic bytes out: every file of a change, or none."""

from __future__ import annotations

import contextlib
import errno
import os
import time
from typing import TYPE_CHECKING

from krow_versions.errors import Busy, ConcurrentEdit, FileSystemError, raise_all
from krow_versions.files.disk import DISK, NOT_PERMITTED, Disk
from krow_versions.files.paths import absolute, open_folder
from krow_versions.files.reading import Identity, named
from krow_versions.files.rollback import tell, undo
from krow_versions.files.staging import Replacement, Work, clear, compare, rename, stage
from krow_versions.text.escaping import printable, quoted_whole
from krow_versions.text.words import by_number

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_LOCK_NAME = "krow-versions.lock"


def replace_all(
    replacements: Sequence[Replacement], *, locks: Sequence[str], wait: float = 5.0, disk: Disk = DISK
) -> tuple[str, ...]:
    """Replace all files or none, each atomically, and only if all are exactly what was read.

    The lock is a ``flock`` on each folder itself, not on a file in it: nothing is left behind in a
    worktree without git, nothing can be planted in its place, a folder has one lock under all of
    its names, and the system frees it when the process dies. Only where a file system locks no
    folders (NFS), it is a file ``krow-versions.lock`` in there.

    A file whose new bytes are its old bytes is compared like the others, and not touched. Pass the
    files that are already right, too: then temporaries of a killed run are cleared beside them.

    Args:
        replacements: what was read, and the new bytes; nothing to change does nothing at all.
        locks: real paths of folders that every run on these files locks, such as the tops of working
            trees.
        wait: seconds to wait for other runs, for all locks together.
        disk: the operations on the disk, for tests.

    Returns:
        Warnings, escaped: hard links that keep the old bytes; an owner, attribute or set-user-ID
        bit that was not kept.

    Raises:
        ConcurrentEdit: a file is not what was read, or is to get two different texts; nothing was written.
        Busy: another run held the lock for *wait* seconds; nothing was written.
        FileSystemError: a file is read-only (renaming would bypass that), or an operation failed. Its
            hint says that what was written has been restored, or which file could not be.
        ValueError: there is something to write and no folder to lock.

    Any other exception, ``KeyboardInterrupt`` included, is raised again after the same restoration,
    with a note that says the same. Restored are bytes, mode, owner, attributes and time.
    """
    wanted = _distinct(replacements)
    changes = [one for one in wanted if one.data != one.read.data]
    if not changes:
        return ()
    if not locks:
        raise ValueError("replace_all() needs at least one folder to lock")
    _refuse_read_only(changes)
    with contextlib.ExitStack() as held:
        _lock_all(locks, time.monotonic() + wait, disk, held)
        works = [Work.of(one, held) for one in wanted]
        changing = [work for work in works if work.data != work.read.data]
        try:
            for work in works:
                clear(work, disk)
            warnings = [warning for work in changing for warning in stage(work, disk)]
            raise_all(error for work in works if (error := compare(work, disk)))
            for work in changing:
                rename(work, disk)
            for work in changing:
                with named(work.read.path, "written"):
                    disk.fsync_folder(work.folder)
        except BaseException as error:
            tell(error, undo(changing, disk))
            raise
    return (*_link_warnings(changes), *warnings)


def _distinct(replacements: Iterable[Replacement]) -> list[Replacement]:
    """Merge what names one file twice: by a link, or in another case where case does not count."""
    chosen: dict[tuple[object, ...], Replacement] = {}
    for one in replacements:
        identity = one.read.identity
        name = one.read.target if identity.links > 1 else ""
        first = chosen.setdefault((*identity.number, name), one)
        if first.data != one.data:
            raise ConcurrentEdit(
                f"is the same file as {quoted_whole(first.read.path)}, and both get different texts",
                path=one.read.path,
                hint="name the file once",
            )
    return list(chosen.values())


def _refuse_read_only(changes: Iterable[Replacement]) -> None:
    paths = [one.read.path for one in changes if not one.read.identity.mode & 0o222]
    if paths:
        others = f", and so are {', '.join(map(quoted_whole, paths[1:]))}" if paths[1:] else ""
        hint = "nothing was written; chmod u+w makes it writable"
        raise FileSystemError(f"is read-only{others}", path=paths[0], hint=hint)


def _link_warnings(changes: Sequence[Replacement]) -> Iterator[str]:
    numbers = [one.read.identity.number for one in changes]
    for one in changes:
        others = one.read.identity.links - numbers.count(one.read.identity.number)
        if others > 0:
            names = by_number(others, "another name", f"{others} other names")
            yield f"{printable(one.read.path)}: {names} of this file (hard links) will keep the old content"


def _lock_all(folders: Iterable[str], deadline: float, disk: Disk, held: contextlib.ExitStack) -> None:
    """Lock in one order, so that two runs never hold what the other waits for."""
    locked = set()
    for folder in sorted({absolute(folder) for folder in folders}):
        with named(folder, "locked"):
            fd = open_folder(folder, ())
            held.callback(os.close, fd)
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
            name = os.path.join(folder, _LOCK_NAME)
            flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
            fd = os.open(_LOCK_NAME, flags, 0o666, dir_fd=place)
            held.callback(os.close, fd)
            continue
        left = deadline - time.monotonic()
        if left <= 0:
            hint = "wait until it has finished, then run the same command again"
            raise Busy(f"another run holds the lock of {quoted_whole(name)}", hint=hint)
        time.sleep(min(pause, left))
        pause = min(2 * pause, 0.1)
