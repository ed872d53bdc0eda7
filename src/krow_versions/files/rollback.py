"""Undoing: the disk is looked at, not a record of what was done, so that no interrupt can fool it."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from krow_versions.errors import KrowVersionsError, Problems
from krow_versions.files.reading import changed, why
from krow_versions.files.staging import Work, write
from krow_versions.text.escaping import printable, quoted_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from krow_versions.files.disk import Disk


def undo(works: Sequence[Work], disk: Disk) -> str:
    """Restore what was replaced, remove what was staged; say how that went."""
    problems = []
    for work in reversed(works):
        path = quoted_whole(work.read.path)
        if reason := _twice(_restore, work, disk):
            problems.append(f"{path} could not be restored ({reason}), compare it with git")
        if reason := _twice(_sweep, work, disk):
            problems.append(f"a temporary beside {path} is left ({reason}), the next run removes it")
    if problems:
        return "; ".join(problems)
    written = any(work.renaming for work in works)
    return "what was written has been restored" if written else "nothing was written"


def tell(error: BaseException, outcome: str) -> None:
    if isinstance(error, KrowVersionsError) and not isinstance(error, Problems):
        error.advise(f"{outcome}; {error.hint}" if error.hint else outcome)
    else:
        error.add_note(printable(outcome))


def _twice(action: Callable[[Work, Disk], None], work: Work, disk: Disk) -> str | None:
    """Do it, and once more if that fails: a second Ctrl-C must not stop the repair after the first."""
    reason = None
    for _ in range(2):
        try:
            action(work, disk)
        except BaseException as error:  # noqa: BLE001 - the first error is raised again, this one is told.
            reason = why(error)
        else:
            return None
    return reason


def _restore(work: Work, disk: Disk) -> None:
    """Put the old bytes back, if the file holds ours; it is looked at, since a note may lag behind."""
    read = work.read
    if not work.renaming:
        return
    data, identity = disk.read(work.name, work.folder, read.path, max(len(read.data), len(work.data)))
    ours = identity.number in work.ours
    if identity == read.identity or (ours and data == read.data):
        return
    if not ours or data != work.data:
        raise changed(read.path)
    write(work, read.data, read.identity.mode, read.identity.mtime_ns, disk)
    disk.replace(work.temporaries[-1], work.name, work.folder)
    with contextlib.suppress(OSError):
        disk.fsync_folder(work.folder)


def _sweep(work: Work, disk: Disk) -> None:
    # Looked up first, since removing what is not there fails in other ways on a read-only disk.
    for name in set(work.temporaries).intersection(disk.names(work.folder)):
        disk.unlink(name, work.folder)
