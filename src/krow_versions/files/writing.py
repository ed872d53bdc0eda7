"""Replace all of some files, or none."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from krow_versions.errors import ConcurrentEdit, FileSystemError, raise_all
from krow_versions.files.disk import DISK, Disk
from krow_versions.files.leftovers import clear_folders
from krow_versions.files.locking import WAIT, locked_for
from krow_versions.files.outcome import NOT_WRITTEN, WRITTEN, add_outcome, twice
from krow_versions.files.reading import Identity, changed, named
from krow_versions.files.staging import (
    OpenFolders,
    Replacement,
    StagedFile,
    clear,
    compare,
    rename,
    stage,
    write,
)
from krow_versions.text.escaping import printable, quoted_whole
from krow_versions.text.words import by_number

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


def replace_all(
    replacements: Sequence[Replacement], *, wait: float = WAIT, disk: Disk = DISK
) -> tuple[str, ...]:
    """Replace all files or none, each atomically, and only if none has changed since it was read.

    The locks of all their folders are held meanwhile, as :mod:`krow_versions.files.locking` says.

    A file whose new bytes are its old bytes is compared like the others, and not written. Pass files that
    are already right too: temporary files of a killed run are removed beside them, also if nothing changes.

    Args:
        replacements: the files that were read, with their new bytes; without a change nothing is done.
        wait: seconds to wait for other runs, for all locks together.
        disk: the operations on the disk, for tests.

    Returns:
        Warnings, escaped: hard links that keep the old bytes; an owner, attribute or set-user-ID
        bit that was not kept.

    Raises:
        ConcurrentEdit: a file has changed, or would get two different texts; nothing was written.
        Busy: another run held a lock for *wait* seconds; nothing was written.
        FileSystemError: a file is read-only (renaming would bypass that), or an operation failed. Its
            hint says that the old bytes were restored, or which file could not be restored.

    Any other exception, ``KeyboardInterrupt`` included, is raised again after the same rollback, with a
    note of its outcome. Bytes, mode, owner, attributes and time are restored. But an interrupt after the last
    rename comes too late: everything is written then, stays, and the note says so.
    """
    wanted = _distinct(replacements)
    changes = [one for one in wanted if one.data != one.read.data]
    folders = {os.path.dirname(one.read.target) for one in replacements}
    if not changes:
        clear_folders(folders)
        return ()
    _refuse_read_only(changes)
    with locked_for(folders, wait=wait, disk=disk), contextlib.closing(OpenFolders()) as opened:
        files = [StagedFile(one.read, one.data, opened) for one in wanted]
        changing = [file for file in files if file.data != file.read.data]
        try:
            for file in {os.path.dirname(file.read.target): file for file in files}.values():
                with named(file.read.path, "written"):
                    clear(file.folder, disk)
            warnings = [warning for file in changing for warning in stage(file, disk)]
            raise_all(error for file in files if (error := compare(file, disk)))
            for file in changing:
                rename(file, disk)
            for file in changing:
                with named(file.read.path, "written"):
                    disk.fsync_folder(file.folder)
        except BaseException as error:
            add_outcome(error, _end(error, changing, disk))
            raise
    return (*_link_warnings(changes), *warnings)


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


def _end(error: BaseException, files: Sequence[StagedFile], disk: Disk) -> str:
    """Undo what was done; but keep it if it is complete and *error* is an interrupt. Return the outcome."""
    if not isinstance(error, Exception) and not any(twice(_require_written, file, disk) for file in files):
        for file in files:
            twice(_sync, file, disk)
        return WRITTEN
    return _roll_back(files, disk)


def _require_written(file: StagedFile, disk: Disk) -> None:
    """Raise unless the new bytes are in place: an interrupt can come between a step and its note."""
    if not file.renaming or Identity.of(disk.stat(file.name, file.folder)).number not in file.ours:
        raise changed(file.read.path)


def _sync(file: StagedFile, disk: Disk) -> None:
    disk.fsync_folder(file.folder)


def _roll_back(files: Sequence[StagedFile], disk: Disk) -> str:
    """Restore replaced files and remove temporary ones, from the disk state; return the outcome."""
    problems = []
    for file in reversed(files):
        path = quoted_whole(file.read.path)
        if reason := twice(_restore, file, disk):
            problems.append(f"{path} could not be restored ({reason}), compare it with git")
        if reason := twice(_remove_temporaries, file, disk):
            problems.append(f"a temporary beside {path} is left ({reason}), the next run removes it")
    if problems:
        return "; ".join(problems)
    return "what was written has been restored" if any(file.renaming for file in files) else NOT_WRITTEN


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
