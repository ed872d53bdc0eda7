"""Exact bytes in, atomic bytes out: the one door to the files of a repository.

Reading is bounded and cannot hang: only regular files of bounded size, inside the repository, never
inside git's own folder. Writing is all or nothing: everything is staged beside its target, compared
with what was read, and only then renamed into place; an error on the way restores what was written.

Paths are relative to a root and '/'-separated. They are resolved first, and then walked again folder
by folder without following links, so that a link put there in between is an error, not a way out.

Not preserved or supported: the other names of a hard link (a warning tells), set-user-ID bits (a
warning tells), and a change that another program makes in the instant between the last comparison
and the rename. No signal handlers are installed: whatever exception a handler raises is undone too.
"""
# Folders are held open and their files named relative to them, which pathlib cannot do.

from __future__ import annotations

import contextlib
import errno
import os
import re
import stat
import sys
import time
from typing import TYPE_CHECKING, Self

import attrs

from krow_versions.errors import (
    Busy,
    ConcurrentEdit,
    FileSystemError,
    FileTooLarge,
    KrowVersionsError,
    NotRegularFile,
    SeveralErrors,
    UnsafePath,
    printable,
    raise_all,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

_FILE_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC
_FOLDER_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_NEW_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_LOCK_NAME = "krow-versions.lock"
_TEMPORARY = re.compile(r"\.krow-versions-[0-9a-f]{32}\.tmp")
_MAGIC = re.compile(r"[*?\[]")
# What HFS+ ignores in names, so that ".g\u200cit" would be ".git" there (git refuses these, too).
_IGNORED = re.compile("[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]")
_NOT_PERMITTED = {errno.EPERM, errno.EACCES, errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP}
# A name that led to a file, and now to nothing, through no folder, or to a link.
_ELSEWHERE = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP}
# Privileges and seals of the old bytes, which the new bytes must not inherit.
_NOT_COPIED = {"security.capability", "security.evm", "security.ima"}
_PRIVILEGES = stat.S_ISUID | stat.S_ISGID
_ACCESS_LIST = "system.posix_acl_access"
_KINDS = {
    stat.S_IFDIR: "a directory",
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFLNK: "a symbolic link that leads to itself",
}


@attrs.frozen
class Identity:
    """What tells one state of one file from every other: where it is, how big, when changed, whose.

    ``links`` counts its names, and is no part of equality: another name changes nothing in the file.
    """

    device: int
    inode: int
    size: int
    mtime_ns: int
    mode: int
    uid: int
    gid: int
    links: int = attrs.field(eq=False)

    @classmethod
    def of(cls, status: os.stat_result) -> Self:
        """Take the identity from a ``stat``; ``mode`` holds the permission bits alone."""
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
        """Device and inode: the file, whatever it holds and is called."""
        return (self.device, self.inode)


@attrs.frozen
class FileRead:
    """A file as it was read, with all that is needed to prove later that it is still the same.

    Attributes:
        path: as it was asked for, relative to the root, '/'-separated.
        root: absolute real path of the root.
        target: absolute real path of the regular file (links inside the repository resolved).
        data: every byte of it.
        identity: its state when it was read.
    """

    path: str
    root: str
    target: str
    data: bytes = attrs.field(repr=False)
    identity: Identity = attrs.field(repr=False)


@attrs.frozen
class Replacement:
    """New bytes for a file; the same bytes mean that it must stay as it is while others change."""

    read: FileRead
    data: bytes = attrs.field(repr=False)


class Disk:
    """Every operation of :func:`replace_all` on the world: the one seam for injecting faults.

    Folders and files come as open descriptors, names are relative to their folder. Each method may
    raise ``OSError``. A subclass that fails at the N-th call tests what a failure there leads to.
    """

    def lock(self, fd: int) -> bool:
        """Take the exclusive lock of an open file without waiting; False when another has it."""
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
        """Make up a name that nobody can guess, and that the next run recognises as ours."""
        return f".krow-versions-{os.urandom(16).hex()}.tmp"

    def create(self, name: str, folder: int) -> int:
        """Create a file that was not there, readable by its owner only, and open it for writing."""
        return os.open(name, _NEW_FLAGS, 0o600, dir_fd=folder)

    def write(self, fd: int, data: memoryview) -> int:
        """Write the beginning of *data*; return how much of it was written."""
        return os.write(fd, data)

    def chown(self, fd: int, uid: int, gid: int) -> None:
        """Give the file to a user and group; -1 keeps what is."""
        os.fchown(fd, uid, gid)

    def chmod(self, fd: int, mode: int) -> None:
        """Set the permission bits."""
        os.fchmod(fd, mode)

    def attributes(self, name: str, folder: int) -> dict[str, bytes]:
        """Read the extended attributes (access control lists included) of a file."""
        fd = os.open(name, _FILE_FLAGS, dir_fd=folder)
        try:
            return _attributes(fd)
        finally:
            os.close(fd)

    def set_attributes(self, fd: int, attributes: dict[str, bytes]) -> list[str]:
        """Give the file these extended attributes; return the names of those that it refused."""
        return _set_attributes(fd, attributes)

    def utime(self, fd: int, mtime_ns: int) -> None:
        """Set the time of the last change."""
        os.utime(fd, ns=(mtime_ns, mtime_ns))

    def fsync(self, fd: int) -> None:
        """Wait until the bytes are on the disk."""
        os.fsync(fd)

    def close(self, fd: int) -> None:
        """Close a file that was written."""
        os.close(fd)

    def read(self, name: str, folder: int, path: str, limit: int) -> tuple[bytes, Identity]:
        """Read a file again, to compare it with what was read before."""
        return _read_at(name, folder, path, limit)

    def stat(self, name: str, folder: int) -> os.stat_result:
        """Look at a file once more, immediately before it is replaced."""
        return os.stat(name, dir_fd=folder, follow_symlinks=False)

    def replace(self, source: str, name: str, folder: int) -> None:
        """Rename *source* to *name*, in place of what has that name."""
        os.replace(source, name, src_dir_fd=folder, dst_dir_fd=folder)

    def unlink(self, name: str, folder: int) -> None:
        """Remove a file."""
        os.unlink(name, dir_fd=folder)

    def fsync_folder(self, folder: int) -> None:
        """Wait until the names of a folder are on the disk, where its file system can do that."""
        try:
            os.fsync(folder)
        except OSError as error:
            if error.errno not in _NOT_PERMITTED:
                raise


DISK = Disk()


# --- reading --------------------------------------------------------------------------------


def read(root: str, path: str, *, limit: int) -> FileRead:
    """Read a regular file of a repository, at most *limit* bytes.

    Args:
        root: folder of the repository; may itself be reached through a link.
        path: relative to *root*, '/'-separated. Links are followed inside the repository.
        limit: largest size in bytes; a larger file is refused before it is read.

    Raises:
        UnsafePath: absolute, with '..', out of the repository through a link, or into ``.git``.
        NotRegularFile: a directory, pipe, socket or device.
        FileTooLarge: over the limit.
        ConcurrentEdit: it changed while it was being read.
        FileSystemError: it is not there, or cannot be read.
    """
    real_root, parts = _resolve(root, path)
    if not parts:
        _check_regular(stat.S_IFDIR, path)
    with _named(path, "read"):
        folder = _open_folder(real_root, parts[:-1])
        try:
            data, identity = _read_at(parts[-1], folder, path, limit)
        finally:
            os.close(folder)
    return FileRead(path, real_root, os.path.join(real_root, *parts), data, identity)


def exists(root: str, path: str) -> bool:
    """Tell whether there is anything at all at *path*, a dangling link included.

    What it is, and whether it may be read, :func:`read` tells, which says more than False can.

    Raises:
        UnsafePath: absolute, with '..', or into ``.git``.
    """
    return os.path.lexists(os.path.join(root, *_safe_parts(path)))


def find(root: str, pattern: str) -> tuple[str, ...]:
    """List what matches a glob: ``*``, ``?``, ``[...]``, and ``**`` for any number of folders.

    Wildcards match no name that begins with a dot unless they are written with one, no symbolic
    link to a folder, and neither ``.git`` nor ``node_modules``; a segment without wildcards names
    exactly what it says, a linked folder included. Directories do not count as matches, but pipes,
    devices and dangling links do, so that reading them reports them: nothing is skipped in silence.

    Returns:
        Paths relative to *root*, sorted; ``(pattern,)`` for a pattern without wildcards that exists.

    Raises:
        UnsafePath: the pattern is absolute, has '..', enters ``.git``, or names a link out of *root*.
        FileSystemError: a folder that might hold matches cannot be listed.
    """
    segments = _safe_parts(pattern)
    if not _MAGIC.search(pattern):
        return (pattern,) if os.path.lexists(os.path.join(root, *segments)) else ()
    found: set[str] = set()
    todo = [("", 0)]
    seen = set(todo)
    while todo:
        folder, index = todo.pop()
        segment, last = segments[index], index == len(segments) - 1
        deep = segment == "**"
        steps = [(folder, index + 1)] if deep and not last else []
        for entry in _entries(root, folder, segment):
            if last and entry.matches:
                found.add(folder + entry.name)
            if entry.entered and (deep or not last):
                steps.append((f"{folder}{entry.name}/", index if deep else index + 1))
        todo += [step for step in steps if step not in seen]
        seen.update(steps)
    return tuple(sorted(found))


@attrs.frozen
class _Entry:
    name: str
    entered: bool  # A folder that the search goes into.
    matches: bool  # Anything that is there and leads to no folder.


def _entries(root: str, folder: str, segment: str) -> list[_Entry]:
    """List what one segment of a pattern means in one folder."""
    if not _MAGIC.search(segment):
        full = os.path.join(root, folder, segment)
        is_folder = os.path.isdir(full)
        if is_folder and os.path.islink(full):
            _resolve(root, folder + segment)
        return [_Entry(segment, is_folder, os.path.lexists(full) and not is_folder)]
    matcher = _matcher(segment)
    try:
        with _named(folder or ".", "listed"), os.scandir(os.path.join(root, folder)) as entries:
            return [
                _Entry(entry.name, entry.is_dir(follow_symlinks=False), not os.path.isdir(entry.path))
                for entry in entries
                if matcher(entry.name) and entry.name != "node_modules" and not _is_git_folder(entry.name)
            ]
    except FileSystemError as error:
        if folder and isinstance(error.__cause__, FileNotFoundError):
            return []  # It was removed while we looked.
        raise


def _matcher(segment: str) -> Callable[[str], object]:
    if segment == "**":
        return lambda name: not name.startswith(".")
    import fnmatch

    match = re.compile(fnmatch.translate(segment)).match
    if segment.startswith("."):
        return match
    return lambda name: not name.startswith(".") and match(name)


def _is_git_folder(name: str) -> bool:
    """Tell whether some file system takes *name* for ``.git``, as git's own checks do."""
    parts = _IGNORED.sub("", name).casefold().split("\\")
    return any(part.partition(":")[0].rstrip(". ") in {".git", "git~1"} for part in parts)


def _safe_parts(path: str) -> tuple[str, ...]:
    """Split a path, refusing by its spelling alone what may lead elsewhere."""
    parts = tuple(part for part in path.split("/") if part not in {"", "."})
    reason = None
    if path.startswith("/"):
        reason = "is absolute"
    elif ".." in parts:
        reason = "leaves its folder by '..'"
    elif any(_is_git_folder(part) for part in parts):
        reason = "enters git's own folder"
    elif not path or "\0" in path:
        reason = "is no file name"
    else:
        try:
            os.fsencode(path)
        except UnicodeEncodeError:
            reason = "is no file name"
    if reason:
        raise _unsafe(path, reason)
    return parts


def _unsafe(path: str, reason: str) -> UnsafePath:
    hint = "name a file inside the repository, relative to its root"
    return UnsafePath(f"path {reason}", path=path, hint=hint)


def _resolve(root: str, path: str) -> tuple[str, tuple[str, ...]]:
    """Follow all links; give the real root and the real folders and name below it."""
    parts = _safe_parts(path)
    real_root = os.path.realpath(root)
    target = os.path.realpath(os.path.join(real_root, *parts))
    prefix = real_root.rstrip("/") + "/"
    if not f"{target}/".startswith(prefix):
        raise _unsafe(path, f"leads out of its repository, to {_shown(target)}")
    below = tuple(filter(None, target.removeprefix(prefix[:-1]).split("/")))
    if any(_is_git_folder(part) for part in below):
        raise _unsafe(path, "enters git's own folder through a link")
    return real_root, below


def _open_folder(root: str, parts: Sequence[str]) -> int:
    """Open a folder below *root*, one by one and never through a link."""
    folder = os.open(root, _FOLDER_FLAGS)
    for part in parts:
        outer = folder
        try:
            folder = os.open(part, _FOLDER_FLAGS, dir_fd=outer)
        finally:
            os.close(outer)
    return folder


def _read_at(name: str, folder: int, path: str, limit: int) -> tuple[bytes, Identity]:
    # Opening a device can have effects, so look before opening; and again after, for what it then is.
    _check_regular(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode, path)
    fd = os.open(name, _FILE_FLAGS, dir_fd=folder)
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
            raise _changed(path)
    finally:
        os.close(fd)
    return bytes(data), identity


def _check_regular(mode: int, path: str) -> None:
    if not stat.S_ISREG(mode):
        kind = _KINDS.get(stat.S_IFMT(mode), "something else")
        raise NotRegularFile(f"is {kind}, not a file", path=path, hint="name a regular file")


def _changed(path: str) -> ConcurrentEdit:
    hint = "let the other program finish, then run the same command again"
    return ConcurrentEdit("another program changed it meanwhile", path=path, hint=hint)


@contextlib.contextmanager
def _named(path: str, done: str) -> Iterator[None]:
    """Turn an ``OSError`` into one that says which file could not be *done* what."""
    try:
        yield
    except OSError as error:
        raise FileSystemError(f"cannot be {done}: {_reason(error)}", path=path) from error


def _shown(path: str) -> str:
    return f"'{printable(path)}'"  # Never cut, unlike ``quoted``: a path is there to be found.


def _reason(error: BaseException) -> str:
    if isinstance(error, KrowVersionsError):
        return error.message
    return getattr(error, "strerror", None) or type(error).__name__


# --- writing --------------------------------------------------------------------------------


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
        locks: folders that every run on these files locks, such as git's common directories.
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
        works = [_Work.of(one, held) for one in wanted]
        changing = [work for work in works if work.data != work.read.data]
        try:
            for work in works:
                _clear(work, disk)
            warnings = [warning for work in changing for warning in _stage(work, disk)]
            raise_all(error for work in works if (error := _compare(work, disk)))
            for work in changing:
                _rename(work, disk)
            for work in changing:
                with _named(work.read.path, "written"):
                    disk.fsync_folder(work.folder)
        except BaseException as error:
            _tell(error, _undo(changing, disk))
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
                f"is the same file as {_shown(first.read.path)}, and both get different texts",
                path=one.read.path,
                hint="name the file once",
            )
    return list(chosen.values())


def _refuse_read_only(changes: Iterable[Replacement]) -> None:
    paths = [one.read.path for one in changes if not one.read.identity.mode & 0o222]
    if paths:
        others = f", and so are {', '.join(map(_shown, paths[1:]))}" if paths[1:] else ""
        hint = "nothing was written; chmod u+w makes it writable"
        raise FileSystemError(f"is read-only{others}", path=paths[0], hint=hint)


def _link_warnings(changes: Sequence[Replacement]) -> Iterator[str]:
    numbers = [one.read.identity.number for one in changes]
    for one in changes:
        others = one.read.identity.links - numbers.count(one.read.identity.number)
        if others > 0:
            names = "another name" if others == 1 else f"{others} other names"
            yield f"{printable(one.read.path)}: {names} of this file (hard links) will keep the old content"


def _lock_all(folders: Iterable[str], deadline: float, disk: Disk, held: contextlib.ExitStack) -> None:
    """Lock in one order, so that two runs never hold what the other waits for."""
    locked = set()
    for folder in sorted({os.path.realpath(folder) for folder in folders}):
        with _named(folder, "locked"):
            fd = os.open(folder, _FOLDER_FLAGS)
            held.callback(os.close, fd)
            number = Identity.of(os.fstat(fd)).number
            if number not in locked:
                locked.add(number)
                _lock(fd, folder, deadline, disk, held)


def _lock(fd: int, folder: str, deadline: float, disk: Disk, held: contextlib.ExitStack) -> None:
    name, pause = folder, 0.01
    while True:
        try:
            if disk.lock(fd):
                return
        except OSError as error:
            if name != folder or error.errno not in {errno.EBADF, *_NOT_PERMITTED}:
                raise
            name = os.path.join(folder, _LOCK_NAME)
            flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
            fd = os.open(name, flags, 0o666)
            held.callback(os.close, fd)
            continue
        left = deadline - time.monotonic()
        if left <= 0:
            hint = "wait until it has finished, then run the same command again"
            raise Busy(f"another run holds the lock of {_shown(name)}", hint=hint)
        time.sleep(min(pause, left))
        pause = min(2 * pause, 0.1)


@attrs.define
class _Work:
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
        with _named(replacement.read.path, "written"):
            folder = _enter(replacement.read)
        held.callback(os.close, folder)
        return cls(replacement.read, replacement.data, folder, os.path.basename(replacement.read.target))


def _enter(read: FileRead) -> int:
    """Open the folder of what was read, if its path still leads there."""
    try:
        root, parts = _resolve(read.root, read.path)
        if parts and os.path.join(root, *parts) == read.target:
            return _open_folder(root, parts[:-1])
    except UnsafePath:
        pass
    except OSError as error:
        if error.errno not in _ELSEWHERE:
            raise
    raise _changed(read.path)


def _clear(work: _Work, disk: Disk) -> None:
    """Remove temporaries of a dead run: we hold the lock, so no living run can own them."""
    with _named(work.read.path, "written"):
        for name in filter(_TEMPORARY.fullmatch, disk.names(work.folder)):
            with contextlib.suppress(FileNotFoundError, IsADirectoryError, PermissionError):
                disk.unlink(name, work.folder)


def _stage(work: _Work, disk: Disk) -> list[str]:
    """Write the new bytes beside the target; tell what of the old file could not be kept."""
    identity = work.read.identity
    mode = identity.mode & ~_PRIVILEGES
    with _named(work.read.path, "written"):
        try:
            work.attributes = disk.attributes(work.name, work.folder)
            kept, refused = _write(work, work.data, mode, None, disk)
        except OSError as error:
            if error.errno in _ELSEWHERE:
                raise _changed(work.read.path) from error
            raise
    lost = [] if kept else [f"its owner and group {identity.uid}:{identity.gid}"]
    lost += [f"its attribute {_shown(name)}" for name in refused]
    if mode != identity.mode:
        lost.append("its set-user-ID or set-group-ID bit")
    return [f"{printable(work.read.path)}: {what} was not kept" for what in lost]


def _write(
    work: _Work, data: bytes, mode: int, mtime_ns: int | None, disk: Disk
) -> tuple[bool, Sequence[str]]:
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


def _create(work: _Work, disk: Disk) -> int:
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
            if error.errno not in _NOT_PERMITTED:
                raise
        else:
            return uid >= 0 or status.st_uid == identity.uid
    return False


def _compare(work: _Work, disk: Disk) -> ConcurrentEdit | None:
    """Prove that the path still leads to the very file that was read, with the same bytes."""
    read = work.read
    with _named(read.path, "read"):
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
    return None if same else _changed(read.path)


def _rename(work: _Work, disk: Disk) -> None:
    with _named(work.read.path, "written"):
        try:
            same = Identity.of(disk.stat(work.name, work.folder)) == work.read.identity
        except FileNotFoundError:
            same = False
        if not same:
            raise _changed(work.read.path)
        work.renaming = True
        disk.replace(work.temporaries[-1], work.name, work.folder)


# --- undoing --------------------------------------------------------------------------------


def _undo(works: Sequence[_Work], disk: Disk) -> str:
    """Restore what was replaced, remove what was staged; say how that went."""
    problems = []
    for work in reversed(works):
        path = _shown(work.read.path)
        if reason := _twice(_restore, work, disk):
            problems.append(f"{path} could not be restored ({reason}), compare it with git")
        if reason := _twice(_sweep, work, disk):
            problems.append(f"a temporary beside {path} is left ({reason}), the next run removes it")
    if problems:
        return "; ".join(problems)
    written = any(work.renaming for work in works)
    return "what was written has been restored" if written else "nothing was written"


def _tell(error: BaseException, outcome: str) -> None:
    if isinstance(error, KrowVersionsError) and not isinstance(error, SeveralErrors):
        error.hint = f"{outcome}; {error.hint}" if error.hint else outcome
    else:
        error.add_note(printable(outcome))


def _twice(action: Callable[[_Work, Disk], None], work: _Work, disk: Disk) -> str | None:
    """Do it, and once more if that fails: a second Ctrl-C must not stop the repair after the first."""
    reason = None
    for _ in range(2):
        try:
            action(work, disk)
        except BaseException as error:  # noqa: BLE001 - the first error is raised again, this one is told.
            reason = _reason(error)
        else:
            return None
    return reason


def _restore(work: _Work, disk: Disk) -> None:
    """Put the old bytes back, if the file holds ours; it is looked at, since a note may lag behind."""
    read = work.read
    if not work.renaming:
        return
    data, identity = disk.read(work.name, work.folder, read.path, max(len(read.data), len(work.data)))
    ours = identity.number in work.ours
    if identity == read.identity or (ours and data == read.data):
        return
    if not ours or data != work.data:
        raise _changed(read.path)
    _write(work, read.data, read.identity.mode, read.identity.mtime_ns, disk)
    disk.replace(work.temporaries[-1], work.name, work.folder)
    with contextlib.suppress(OSError):
        disk.fsync_folder(work.folder)


def _sweep(work: _Work, disk: Disk) -> None:
    # Looked up first, since removing what is not there fails in other ways on a read-only disk.
    for name in set(work.temporaries).intersection(disk.names(work.folder)):
        disk.unlink(name, work.folder)


def _attributes(fd: int) -> dict[str, bytes]:
    if sys.platform != "linux":
        return {}
    try:
        names = os.listxattr(fd)
    except OSError as error:
        if error.errno in _NOT_PERMITTED:
            return {}
        raise
    return {name: os.getxattr(fd, name) for name in names if name not in _NOT_COPIED}


def _set_attributes(fd: int, attributes: dict[str, bytes]) -> list[str]:
    if sys.platform != "linux":
        return []
    present = _attributes(fd)
    refused = []
    for name, value in attributes.items():
        try:
            if present.get(name) != value:
                os.setxattr(fd, name, value)
        except OSError:
            refused.append(name)
    if _ACCESS_LIST in present and _ACCESS_LIST not in attributes:
        os.removexattr(fd, _ACCESS_LIST)  # Inherited from the folder; the old file had none.
    return refused
