"""The steps of writing one file: clear, stage beside it, compare, rename."""

from __future__ import annotations

import contextlib
import os
import re
import stat
from typing import TYPE_CHECKING, Self

import attrs

from krow_versions.errors import ConcurrentEdit, FileTooLarge, NotRegularFile, UnsafePath
from krow_versions.files.disk import NOT_PERMITTED, Disk
from krow_versions.files.paths import ELSEWHERE, open_folder, resolve
from krow_versions.files.reading import FileRead, Identity, changed, named
from krow_versions.text.escaping import printable, quoted_whole

if TYPE_CHECKING:
    from collections.abc import Sequence

_TEMPORARY = re.compile(r"\.krow-versions-[0-9a-f]{32}\.tmp")
_PRIVILEGES = stat.S_ISUID | stat.S_ISGID


@attrs.frozen
class Replacement:
    """New bytes for a file; the same bytes mean that it must stay as it is while others change."""

    read: FileRead
    data: bytes = attrs.field(repr=False)


@attrs.define(eq=False, repr=False)
class Work:
    """One file on its way, and all that undoing needs; it is noted before it is done."""

    read: FileRead
    data: bytes
    folder: int
    name: str
    attributes: dict[str, bytes] = attrs.field(factory=dict)
    temporaries: list[str] = attrs.field(factory=list)
    ours: set[tuple[int, int]] = attrs.field(factory=set)
    renaming: bool = False

    @classmethod
    def of(cls, replacement: Replacement, held: contextlib.ExitStack) -> Self:
        with named(replacement.read.path, "written"):
            folder = _enter(replacement.read)
        held.callback(os.close, folder)
        return cls(replacement.read, replacement.data, folder, os.path.basename(replacement.read.target))


def _enter(read: FileRead) -> int:
    """Open the folder of what was read, if its path still leads there."""
    try:
        root, parts = resolve(read.root, read.path)
        if parts and os.path.join(root, *parts) == read.target:
            return open_folder(root, parts[:-1])
    except UnsafePath:
        pass
    except OSError as error:
        if error.errno not in ELSEWHERE:
            raise
    raise changed(read.path)


def write(work: Work, data: bytes, mode: int, mtime_ns: int | None, disk: Disk) -> tuple[bool, Sequence[str]]:
    """Write a temporary, the last of ``work.temporaries``; tell about its owner and attributes."""
    fd = _create(work, disk)
    try:
        status = os.fstat(fd)
        work.ours.add(Identity.of(status).number)
        rest = memoryview(data)
        while rest:
            rest = rest[disk.write(fd, rest) :]
        kept = _keep_owner(fd, status, work.read.identity, disk)
        # Only now: a write or a new owner would clear bits of the mode, and a list replaces some.
        disk.chmod(fd, mode if kept else mode & ~_PRIVILEGES)
        refused = disk.set_attributes(fd, work.attributes)
        if mtime_ns is not None:
            disk.utime(fd, mtime_ns)
        disk.fsync(fd)
    except BaseException:
        with contextlib.suppress(OSError):  # The first error tells more, and this file goes away.
            disk.close(fd)
        raise
    disk.close(fd)
    return kept, refused


def _create(work: Work, disk: Disk) -> int:
    while True:
        work.temporaries.append(disk.temporary_name())
        try:
            return disk.create(work.temporaries[-1], work.folder)
        except FileExistsError:
            work.temporaries.pop()  # Somebody else's: neither written to nor removed.


def _keep_owner(fd: int, status: os.stat_result, identity: Identity, disk: Disk) -> bool:
    if (status.st_uid, status.st_gid) == (identity.uid, identity.gid):
        return True
    for uid in (identity.uid, -1):
        try:
            disk.chown(fd, uid, identity.gid)
        except OSError as error:
            if error.errno not in NOT_PERMITTED:
                raise
        else:
            return uid >= 0 or status.st_uid == identity.uid
    return False


def clear(work: Work, disk: Disk) -> None:
    """Remove temporaries of a dead run: we hold the lock, so no living run can own them."""
    with named(work.read.path, "written"):
        for name in filter(_TEMPORARY.fullmatch, disk.names(work.folder)):
            with contextlib.suppress(FileNotFoundError, IsADirectoryError, PermissionError):
                disk.unlink(name, work.folder)


def stage(work: Work, disk: Disk) -> list[str]:
    """Write the new bytes beside the target; tell what of the old file could not be kept."""
    identity = work.read.identity
    mode = identity.mode & ~_PRIVILEGES
    with named(work.read.path, "written"):
        try:
            work.attributes = disk.attributes(work.name, work.folder)
            kept, refused = write(work, work.data, mode, None, disk)
        except OSError as error:
            if error.errno in ELSEWHERE:
                raise changed(work.read.path) from error
            raise
    lost = [] if kept else [f"its owner and group {identity.uid}:{identity.gid}"]
    lost += [f"its attribute {quoted_whole(name)}" for name in refused]
    if mode != identity.mode:
        lost.append("its set-user-ID or set-group-ID bit")
    return [f"{printable(work.read.path)}: {what} was not kept" for what in lost]


def compare(work: Work, disk: Disk) -> ConcurrentEdit | None:
    """Prove that the path still leads to the very file that was read, with the same bytes."""
    read = work.read
    with named(read.path, "read"):
        try:
            folder = _enter(read)
            try:
                same = os.path.samestat(os.fstat(folder), os.fstat(work.folder))
            finally:
                os.close(folder)
            found = disk.read(work.name, work.folder, read.path, len(read.data))
            same = same and found == (read.data, read.identity)
        except (ConcurrentEdit, NotRegularFile, FileTooLarge, FileNotFoundError):
            same = False
    return None if same else changed(read.path)


def rename(work: Work, disk: Disk) -> None:
    with named(work.read.path, "written"):
        try:
            same = Identity.of(disk.stat(work.name, work.folder)) == work.read.identity
        except FileNotFoundError:
            same = False
        if not same:
            raise changed(work.read.path)
        work.renaming = True
        disk.replace(work.temporaries[-1], work.name, work.folder)
