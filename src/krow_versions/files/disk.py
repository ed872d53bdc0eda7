"""The operations on the disk for writing, which tests replace to inject faults."""

from __future__ import annotations

import errno
import os
import sys

from krow_versions.files.paths import NO_LINK, close
from krow_versions.files.reading import FILE_FLAGS, Identity, read_at

NEW_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | NO_LINK
# Privileges and signatures of the old bytes, which the new bytes must not get: capabilities(7).
_NOT_COPIED = {"security.capability", "security.evm", "security.ima"}
NOT_PERMITTED = {errno.EPERM, errno.EACCES, errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP}
_ACCESS_LIST = "system.posix_acl_access"


class Disk:
    """Every operation on the disk of what writes files; tests use a subclass that fails at the n-th call.

    Folders and files are open descriptors, names are relative to their folder. Each method may raise
    ``OSError``.
    """

    def lock(self, fd: int) -> bool:
        """Take the exclusive lock of an open file without waiting; False when another process has it."""
        if sys.platform != "win32":  # Where nothing is written, as below.
            import fcntl

            try:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
        return True

    def names(self, folder: int) -> list[str]:
        """List a folder."""
        return os.listdir(folder)

    def temporary_name(self) -> str:
        """Return a name that nobody can guess and that the next run recognises."""
        return f".krow-versions-{os.urandom(16).hex()}.tmp"

    def create(self, name: str, folder: int, mode: int = 0o600) -> int:
        """Create a new file, as far as the umask allows *mode*, and open it for writing."""
        return os.open(name, NEW_FLAGS, mode, dir_fd=folder)

    def write(self, fd: int, data: memoryview) -> int:
        """Write the beginning of *data*; return the number of bytes written."""
        return os.write(fd, data)

    def chown(self, fd: int, uid: int, gid: int) -> None:
        """Set the owner and group; -1 keeps the present one."""
        if sys.platform != "win32":
            os.fchown(fd, uid, gid)

    def chmod(self, fd: int, mode: int) -> None:
        """Set the permission bits."""
        if sys.platform != "win32":
            os.fchmod(fd, mode)

    def attributes(self, name: str, folder: int) -> dict[str, bytes]:
        """Read the extended attributes (access control lists included) of a file."""
        fd = os.open(name, FILE_FLAGS, dir_fd=folder)
        try:
            return _attributes(fd)
        finally:
            close(fd)

    def set_attributes(self, fd: int, attributes: dict[str, bytes]) -> list[str]:
        """Set these extended attributes; return the names of those that failed."""
        refused = list[str]()
        if sys.platform == "linux":
            present = _attributes(fd)
            for name, value in attributes.items():
                try:
                    if present.get(name) != value:
                        os.setxattr(fd, name, value)
                except OSError:
                    refused.append(name)
            if _ACCESS_LIST in present and _ACCESS_LIST not in attributes:
                os.removexattr(fd, _ACCESS_LIST)  # Inherited from the folder; the old file had none.
        return refused

    def utime(self, fd: int, mtime_ns: int) -> None:
        """Set the time of the last change."""
        os.utime(fd, ns=(mtime_ns, mtime_ns))

    def fsync(self, fd: int) -> None:
        """Flush the bytes to the disk."""
        os.fsync(fd)

    def close(self, fd: int) -> None:
        """Close a file that was written."""
        os.close(fd)

    def read(self, name: str, folder: int, path: str, limit: int) -> tuple[bytes, Identity]:
        """Read a file again, to compare it."""
        return read_at(name, folder, path, limit)

    def stat(self, name: str, folder: int) -> os.stat_result:
        """Return the status of a file, immediately before it is replaced."""
        return os.stat(name, dir_fd=folder, follow_symlinks=False)

    def replace(self, source: str, name: str, folder: int) -> None:
        """Rename *source* to *name*, which it replaces."""
        os.replace(source, name, src_dir_fd=folder, dst_dir_fd=folder)

    def link(self, source: str, name: str, folder: int) -> None:
        """Give *source* the second name *name*, unless there is such a file."""
        os.link(source, name, src_dir_fd=folder, dst_dir_fd=folder)

    def unlink(self, name: str, folder: int) -> None:
        """Remove a file."""
        os.unlink(name, dir_fd=folder)

    def fsync_folder(self, folder: int) -> None:
        """Flush the names of a folder to the disk, if its file system supports it."""
        try:
            os.fsync(folder)
        except OSError as error:
            if error.errno not in NOT_PERMITTED:
                raise


def _attributes(fd: int) -> dict[str, bytes]:
    found = dict[str, bytes]()
    if sys.platform == "linux":
        try:
            names = os.listxattr(fd)
        except OSError as error:
            if error.errno in NOT_PERMITTED:
                return {}
            raise
        found = {name: os.getxattr(fd, name) for name in names if name not in _NOT_COPIED}
    return found


DISK = Disk()
