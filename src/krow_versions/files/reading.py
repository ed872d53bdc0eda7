"""Read regular files of bounded size, with an identity that later proves them unchanged."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import sys
from typing import TYPE_CHECKING, Self

from krow_versions.errors import (
    ConcurrentEdit,
    FileSystemError,
    FileTooLarge,
    KrowVersionsError,
    NotRegularFile,
)
from krow_versions.files.paths import NO_LINK, NO_WAIT, close, open_folder, real_path, resolve
from krow_versions.values import field, frozen

if TYPE_CHECKING:
    from collections.abc import Iterator

FILE_FLAGS = os.O_RDONLY | NO_WAIT | NO_LINK
if sys.platform == "win32":
    FILE_FLAGS |= os.O_BINARY | os.O_NOINHERIT
_KINDS = {
    stat.S_IFDIR: "a directory",
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFLNK: "a symbolic link that leads to itself",
}


@frozen
class Identity:
    """The state of a file: device, inode, size, time, mode and owner.

    ``links``, the number of names, is not compared: another name does not change the file.
    """

    device: int
    inode: int
    size: int
    mtime_ns: int
    mode: int
    uid: int
    gid: int
    links: int = field(eq=False)

    @classmethod
    def of(cls, status: os.stat_result) -> Self:
        """Make the identity from a ``stat``; ``mode`` holds only the permission bits."""
        return cls(
            status.st_dev,
            status.st_ino,
            status.st_size,
            status.st_mtime_ns,
            stat.S_IMODE(status.st_mode),
            status.st_uid,
            status.st_gid,
            status.st_nlink,
        )

    @property
    def number(self) -> tuple[int, int]:
        """Device and inode: the file, whatever its content and names."""
        return (self.device, self.inode)


@frozen
class FileRead:
    """A file as it was read, with its identity at that time.

    Attributes:
        path: as it was given, relative to the root, '/'-separated.
        root: absolute real path of the root.
        target: absolute real path of the regular file (links inside the repository resolved).
        data: its bytes.
        identity: its state when it was read.
    """

    path: str
    root: str
    target: str
    data: bytes = field(repr=False)
    identity: Identity = field(repr=False)


def read(root: str, path: str, *, limit: int) -> FileRead:
    """Read a regular file of a repository, at most *limit* bytes.

    Args:
        root: the real path of the repository's folder.
        path: relative to *root*, '/'-separated. Links are followed inside the repository.
        limit: largest size in bytes; a larger file is refused before it is read.

    Raises:
        UnsafePath: absolute, with '..', out of the repository through a link, or into ``.git``.
        NotRegularFile: a directory, pipe, socket or device.
        FileTooLarge: over the limit.
        ConcurrentEdit: it changed while it was being read.
        FileSystemError: it does not exist, or cannot be read.
    """
    real_root, parts = resolve(root, path)
    if not parts:
        _check_regular(stat.S_IFDIR, path)
    with named(path, "read"):
        data, identity = read_in(os.path.join(real_root, *parts[:-1]), parts[-1], path, limit)
    return FileRead(path, real_root, os.path.join(real_root, *parts), data, identity)


def read_in(folder: str, name: str, path: str, limit: int) -> tuple[bytes, Identity]:
    """Read the file *name* in a folder, a real path, through no link; raises as :func:`read`."""
    if sys.platform == "win32":
        return read_unlinked(folder, name, path, limit)
    else:  # noqa: RET505  So that type checkers leave out the other one.
        opened = open_folder(folder, ())
        try:
            return read_at(name, opened, path, limit)
        finally:
            close(opened)


def read_at(name: str, folder: int, path: str, limit: int) -> tuple[bytes, Identity]:
    # Opening a device can have effects, so check before opening; and after, for what was opened.
    _check_regular(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode, path)
    return _read(os.open(name, FILE_FLAGS, dir_fd=folder), path, limit)


def read_unlinked(folder: str, name: str, path: str, limit: int) -> tuple[bytes, Identity]:
    """Read as :func:`read_in` does where no folder can be opened: look for links before and after.

    A link that was there only in between led to another file than is there now, and that is seen.
    """
    whole = os.path.join(folder, name)
    require_unlinked(folder)
    before = os.lstat(whole)
    _check_regular(before.st_mode, path)
    data, identity = _read(os.open(whole, FILE_FLAGS), path, limit)
    require_unlinked(folder)
    if not identity.number == Identity.of(before).number == Identity.of(os.lstat(whole)).number:
        raise changed(path)
    return data, identity


def require_unlinked(folder: str) -> None:
    """Raise the ``OSError`` that opening gives, unless a real path still is one."""
    if real_path(folder) != folder:
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), folder)


def _read(fd: int, path: str, limit: int) -> tuple[bytes, Identity]:
    """Read an open file, and close it."""
    try:
        status = os.fstat(fd)
        _check_regular(status.st_mode, path)
        data = bytearray()
        if status.st_size <= limit:
            while len(data) <= limit and (chunk := os.read(fd, min(status.st_size, limit) + 1)):
                data += chunk
        if max(len(data), status.st_size) > limit:
            raise FileTooLarge(f"over {limit} bytes, which is the limit for such a file", path=path)
        identity = Identity.of(status)
        if Identity.of(os.fstat(fd)) != identity:
            raise changed(path)
    finally:
        close(fd)
    return bytes(data), identity


def _check_regular(mode: int, path: str) -> None:
    if not stat.S_ISREG(mode):
        kind = _KINDS.get(stat.S_IFMT(mode), "something else")
        raise NotRegularFile(f"is {kind}, not a file", path=path, hint="name a regular file")


def changed(path: str) -> ConcurrentEdit:
    hint = "let the other program finish, then run the same command again"
    return ConcurrentEdit("another program changed it meanwhile", path=path, hint=hint)


@contextlib.contextmanager
def named(path: str, done: str) -> Iterator[None]:
    """Turn an ``OSError`` into one that names the file and the operation that failed: "cannot be *done*"."""
    try:
        yield
    except OSError as error:
        raise FileSystemError(f"cannot be {done}: {why(error)}", path=path, hint=_remedy(error)) from error


def _remedy(error: OSError) -> str:
    if sys.platform != "win32" and error.errno == errno.EMFILE:
        limit = os.sysconf("SC_OPEN_MAX")
        return (
            f"a process may have {limit} files open here: ulimit -n {max(1024, 2 * limit)} allows more, "
            "then run the same command again"
        )
    return "see whether it is there and who may touch it"


def why(error: BaseException) -> str:
    if isinstance(error, KrowVersionsError):
        return error.message
    return getattr(error, "strerror", None) or type(error).__name__
