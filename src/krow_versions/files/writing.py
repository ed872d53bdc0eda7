"""Write files: replace all of them or none, create one, remove one; make folders."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import time
from typing import TYPE_CHECKING

from krow_versions.errors import (
    Busy,
    ConcurrentEdit,
    Conflict,
    FileSystemError,
    KrowVersionsError,
    Problems,
    raise_all,
)
from krow_versions.files.disk import DISK, NEW_FLAGS, NOT_PERMITTED, Disk
from krow_versions.files.paths import PASSING_FLAGS, absolute, open_folder, resolve
from krow_versions.files.reading import Identity, changed, named, why
from krow_versions.files.staging import Replacement, StagedFile, clear, compare, rename, stage, write
from krow_versions.text.escaping import printable, quoted_whole
from krow_versions.text.words import by_number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

_LOCK_NAME = "krow-versions.lock"


def replace_all(
    replacements: Sequence[Replacement], *, locks: Sequence[str], wait: float = 5.0, disk: Disk = DISK
) -> tuple[str, ...]:
    """Replace all files or none, each atomically, and only if none has changed since it was read.

    The lock is flock(2) on each folder itself, not on a file in it: no file is left behind or can be put
    in its place, a folder has the same lock under all of its names, and the system releases it when the
    process dies. On a file system that cannot lock folders (NFS), it is a file ``krow-versions.lock`` there.

    A file whose new bytes are its old bytes is compared like the others, and not written. Pass files that
    are already right too: temporary files of a killed run are removed beside them.

    Args:
        replacements: the files that were read, with their new bytes; without a change nothing is done.
        locks: real paths of folders that every run on these files locks, such as the tops of working
            trees.
        wait: seconds to wait for other runs, for all locks together.
        disk: the operations on the disk, for tests.

    Returns:
        Warnings, escaped: hard links that keep the old bytes; an owner, attribute or set-user-ID
        bit that was not kept.

    Raises:
        ConcurrentEdit: a file has changed, or would get two different texts; nothing was written.
        Busy: another run held the lock for *wait* seconds; nothing was written.
        FileSystemError: a file is read-only (renaming would bypass that), or an operation failed. Its
            hint says that the old bytes were restored, or which file could not be restored.
        ValueError: there is something to write and no folder to lock.

    Any other exception, ``KeyboardInterrupt`` included, is raised again after the same rollback, with a
    note of its outcome. Bytes, mode, owner, attributes and time are restored.
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
        files = [StagedFile.of(one, held) for one in wanted]
        changing = [file for file in files if file.data != file.read.data]
        try:
            for file in files:
                clear(file, disk)
            warnings = [warning for file in changing for warning in stage(file, disk)]
            raise_all(error for file in files if (error := compare(file, disk)))
            for file in changing:
                rename(file, disk)
            for file in changing:
                with named(file.read.path, "written"):
                    disk.fsync_folder(file.folder)
        except BaseException as error:
            _add_outcome(error, _roll_back(changing, disk))
            raise
    return (*_link_warnings(changes), *warnings)


def create(root: str, path: str, data: bytes, *, disk: Disk = DISK) -> None:
    """Create the file *path* in an existing folder, whole or not at all, with the mode of the umask.

    Raises:
        UnsafePath: absolute, with '..', out of the repository through a link, or into ``.git``.
        Conflict: the path exists; it stays as it is.
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
                os.close(outer)
        os.close(folder)


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
            os.close(folder)


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
            os.close(folder)


@contextlib.contextmanager
def locked(folder: str, *, wait: float = 5.0, disk: Disk = DISK) -> Iterator[None]:
    """Lock a folder, as :func:`replace_all` does; the system releases the lock when the process dies.

    Raises:
        Busy: another run held the lock for *wait* seconds.
        FileSystemError: it cannot be locked.
    """
    with contextlib.ExitStack() as held:
        _lock_all([folder], time.monotonic() + wait, disk, held)
        yield


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


def _distinct(replacements: Iterable[Replacement]) -> list[Replacement]:
    """Merge replacements of the same file: by a link, or in another case on such a file system."""
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
    """Lock in a fixed order, so that two runs cannot block each other."""
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


def _roll_back(files: Sequence[StagedFile], disk: Disk) -> str:
    """Restore replaced files and remove temporary ones, from the disk state; return the outcome as a text.

    An interrupt can come between a step and its note, so the disk decides what has to be restored.
    """
    problems = []
    for file in reversed(files):
        path = quoted_whole(file.read.path)
        if reason := _twice(_restore, file, disk):
            problems.append(f"{path} could not be restored ({reason}), compare it with git")
        if reason := _twice(_remove_temporaries, file, disk):
            problems.append(f"a temporary beside {path} is left ({reason}), the next run removes it")
    if problems:
        return "; ".join(problems)
    written = any(file.renaming for file in files)
    return "what was written has been restored" if written else "nothing was written"


def _add_outcome(error: BaseException, outcome: str) -> None:
    if isinstance(error, KrowVersionsError) and not isinstance(error, Problems):
        error.advise(f"{outcome}; {error.hint}" if error.hint else outcome)
    else:
        error.add_note(printable(outcome))


def _twice(action: Callable[[StagedFile, Disk], None], file: StagedFile, disk: Disk) -> str | None:
    """Run *action*, and again if it fails: a second Ctrl-C must not stop the rollback after the first."""
    reason = None
    for _ in range(2):
        try:
            action(file, disk)
        except BaseException as error:  # noqa: BLE001 - the first error is raised again, this one is reported.
            reason = why(error)
        else:
            return None
    return reason


def _restore(file: StagedFile, disk: Disk) -> None:
    """Restore the old bytes if the file holds the new ones."""
    read = file.read
    if not file.renaming:
        return
    data, identity = disk.read(file.name, file.folder, read.path, max(len(read.data), len(file.data)))
    ours = identity.number in file.ours
    if identity == read.identity or (ours and data == read.data):
        return
    if not ours or data != file.data:
        raise changed(read.path)
    write(file, read.data, read.identity.mode, read.identity.mtime_ns, disk)
    disk.replace(file.temporaries[-1], file.name, file.folder)
    with contextlib.suppress(OSError):
        disk.fsync_folder(file.folder)


def _remove_temporaries(file: StagedFile, disk: Disk) -> None:
    # Listed first: on a read-only disk, removing a missing file fails with another error.
    for name in set(file.temporaries).intersection(disk.names(file.folder)):
        disk.unlink(name, file.folder)
