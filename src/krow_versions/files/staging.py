"""The steps of replacing one file: clear, stage beside it, compare, rename."""

from __future__ import annotations

import contextlib
import os
import stat
from typing import TYPE_CHECKING

from krow_versions.errors import ConcurrentEdit, FileTooLarge, NotRegularFile, UnsafePath
from krow_versions.files.disk import NOT_PERMITTED, Disk
from krow_versions.files.paths import ELSEWHERE, TEMPORARY, close, open_folder, resolve
from krow_versions.files.reading import FileRead, Identity, changed, named
from krow_versions.text.escaping import printable, quoted_whole
from krow_versions.values import define, field, frozen

if TYPE_CHECKING:
    from collections.abc import Sequence

_MOST = 64  # Far below any limit of a process, and more folders than most changes have.
_PRIVILEGES = stat.S_ISUID | stat.S_ISGID


@frozen
class Replacement:
    """New bytes for a file; with its old bytes, the file must not change while others are written."""

    read: FileRead
    data: bytes = field(repr=False)


class OpenFolders:
    """The open folders of a run: at most ``_MOST`` descriptors, however many folders it writes to.

    The one that was used longest ago is closed, and opened again when it is needed: from the top of the file
    system, through no link, and only if it still is the same folder.
    """

    def __init__(self) -> None:
        self._open: dict[str, int] = {}
        self._numbers: dict[str, tuple[int, int]] = {}

    def at(self, folder: str) -> int:
        """Give the descriptor of a folder, which stays open until ``_MOST`` others were used."""
        fd = self._open.pop(folder, None)
        if fd is None:
            if len(self._open) == _MOST:
                close(self._open.pop(next(iter(self._open))))
            fd = open_folder(folder, ())
            number = Identity.of(os.fstat(fd)).number
            if self._numbers.setdefault(folder, number) != number:
                close(fd)
                raise changed(folder)
        self._open[folder] = fd
        return fd

    def close(self) -> None:
        """Close all."""
        while self._open:
            close(self._open.popitem()[1])


@define(eq=False, repr=False)
class StagedFile:
    """A file that is being replaced, and everything that a rollback needs; noted before each step."""

    read: FileRead
    data: bytes
    folders: OpenFolders
    attributes: dict[str, bytes] = field(factory=dict)
    temporaries: list[str] = field(factory=list)
    ours: set[tuple[int, int]] = field(factory=set)
    renaming: bool = False

    @property
    def name(self) -> str:
        return os.path.basename(self.read.target)

    @property
    def folder(self) -> int:
        try:
            return self.folders.at(os.path.dirname(self.read.target))
        except OSError as error:
            if error.errno not in ELSEWHERE:
                raise
            raise changed(self.read.path) from error


def _enter(read: FileRead) -> int:
    """Open the folder of the file that was read, if its path still leads there."""
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


def write(
    file: StagedFile, data: bytes, mode: int, mtime_ns: int | None, disk: Disk
) -> tuple[bool, Sequence[str]]:
    """Write a temporary file, the last of ``file.temporaries``.

    Returns:
        Whether the owner was kept, and the names of the attributes that were not.
    """
    fd = _create(file, disk)
    try:
        status = os.fstat(fd)
        file.ours.add(Identity.of(status).number)
        write_all(fd, data, disk)
        kept = _keep_owner(fd, status, file.read.identity, disk)
        # After the writes and chown(2), which clear bits of the mode; before the access list, acl(5).
        disk.chmod(fd, mode if kept else mode & ~_PRIVILEGES)
        refused = disk.set_attributes(fd, file.attributes)
        if mtime_ns is not None:
            disk.utime(fd, mtime_ns)
        disk.fsync(fd)
    except BaseException:
        with contextlib.suppress(OSError):  # The first error matters, and this file is removed.
            disk.close(fd)
        raise
    disk.close(fd)
    return kept, refused


def write_all(fd: int, data: bytes, disk: Disk) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[disk.write(fd, rest) :]


def _create(file: StagedFile, disk: Disk) -> int:
    while True:
        file.temporaries.append(disk.temporary_name())
        try:
            return disk.create(file.temporaries[-1], file.folder)
        except FileExistsError:
            file.temporaries.pop()  # Of another program: neither written to nor removed.


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


def clear(folder: int, disk: Disk) -> None:
    """Remove the temporary files of a killed run: with the lock held, no other run can own them."""
    for name in filter(TEMPORARY.fullmatch, disk.names(folder)):
        with contextlib.suppress(FileNotFoundError, IsADirectoryError, PermissionError):
            disk.unlink(name, folder)


def stage(file: StagedFile, disk: Disk) -> list[str]:
    """Write the new bytes beside the target; return warnings about properties that were not kept."""
    identity = file.read.identity
    mode = identity.mode & ~_PRIVILEGES
    with named(file.read.path, "written"):
        try:
            file.attributes = disk.attributes(file.name, file.folder)
            kept, refused = write(file, file.data, mode, None, disk)
        except OSError as error:
            if error.errno in ELSEWHERE:
                raise changed(file.read.path) from error
            raise
    lost = [] if kept else [f"its owner and group {identity.uid}:{identity.gid}"]
    lost += [f"its attribute {quoted_whole(name)}" for name in refused]
    if mode != identity.mode:
        lost.append("its set-user-ID or set-group-ID bit")
    return [f"{printable(file.read.path)}: {what} was not kept" for what in lost]


def compare(file: StagedFile, disk: Disk) -> ConcurrentEdit | None:
    """Return an error unless the path still leads to the file that was read, with the same bytes."""
    read = file.read
    with named(read.path, "read"):
        try:
            folder = _enter(read)
            try:
                same = os.path.samestat(os.fstat(folder), os.fstat(file.folder))
            finally:
                close(folder)
            found = disk.read(file.name, file.folder, read.path, len(read.data))
            same = same and found == (read.data, read.identity)
        except (ConcurrentEdit, NotRegularFile, FileTooLarge, FileNotFoundError):
            same = False
    return None if same else changed(read.path)


def rename(file: StagedFile, disk: Disk) -> None:
    with named(file.read.path, "written"):
        try:
            same = Identity.of(disk.stat(file.name, file.folder)) == file.read.identity
        except FileNotFoundError:
            same = False
        if not same:
            raise changed(file.read.path)
        file.renaming = True
        disk.replace(file.temporaries[-1], file.name, file.folder)
