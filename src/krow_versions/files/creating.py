"""Create a file, whole or not at all."""

from __future__ import annotations

import contextlib
import os

from krow_versions.errors import Conflict
from krow_versions.files.disk import DISK, Disk
from krow_versions.files.locking import WAIT, locked_for
from krow_versions.files.outcome import NOT_WRITTEN, WRITTEN, add_outcome, twice
from krow_versions.files.paths import close, open_folder, resolve
from krow_versions.files.reading import Identity, named
from krow_versions.files.staging import clear, write_all
from krow_versions.values import define


def create(root: str, path: str, data: bytes, *, wait: float = WAIT, disk: Disk = DISK) -> None:
    """Create the file *path* in an existing folder, whole or not at all, with the mode of the umask.

    The lock of its folder is held meanwhile, and temporary files of a killed run are removed beside it.

    Raises:
        UnsafePath: absolute, with '..', out of the repository through a link, or into ``.git``.
        Conflict: the path exists; it stays as it is.
        Busy: another run held the lock for *wait* seconds.
        FileSystemError: an operation failed; its hint says that nothing was written.

    Any other exception is raised again after the same undoing. But an interrupt that comes when the file is
    there comes too late: the file stays, and the note says so.
    """
    real_root, parts = resolve(root, path)
    home, name = os.path.join(real_root, *parts[:-1]), parts[-1]
    with contextlib.ExitStack() as held:
        with named(path, "made"):
            folder = open_folder(home, ())
        held.callback(close, folder)
        held.enter_context(locked_for([home], wait=wait, disk=disk))
        file = _NewFile(name, folder, disk)
        try:
            with named(path, "made"):
                clear(folder, disk)
                file.make(data)
            file.tidy()
        except Conflict as error:
            twice(file.tidy)
            raise error.in_file(path) from None
        except BaseException as error:
            add_outcome(error, file.end(error))
            raise


@define(eq=False, repr=False)
class _NewFile:
    """A file that is being made, and what an undoing needs; noted before each step."""

    name: str
    folder: int
    disk: Disk
    temporary: str | None = None
    number: tuple[int, int] | None = None

    def make(self, data: bytes) -> None:
        fd = self._create()
        try:
            self.number = Identity.of(os.fstat(fd)).number
            write_all(fd, data, self.disk)
            self.disk.fsync(fd)
        except BaseException:
            with contextlib.suppress(OSError):  # The first error matters, and this file is removed.
                self.disk.close(fd)
            raise
        self.disk.close(fd)
        try:
            self.disk.link(self.temporary or "", self.name, self.folder)
        except FileExistsError:
            hint = "it is left as it is"
            raise Conflict("there is such a file already", hint=hint) from None
        self.disk.fsync_folder(self.folder)

    def _create(self) -> int:
        while True:
            self.temporary = self.disk.temporary_name()
            try:
                return self.disk.create(self.temporary, self.folder, 0o666)
            except FileExistsError:
                self.temporary = None  # Of another program: neither written to nor removed.

    def tidy(self) -> None:
        """Remove the temporary file; one that cannot be removed is left for the next run."""
        if self.temporary is not None:
            with contextlib.suppress(OSError):
                self.disk.unlink(self.temporary, self.folder)

    def end(self, error: BaseException) -> str:
        """Remove what was made; but keep a whole file if *error* is an interrupt. Return the outcome."""
        is_there = not twice(self._require_there)
        reason = None
        if is_there and isinstance(error, Exception):
            reason = twice(self.disk.unlink, self.name, self.folder)
            is_there = False
        twice(self.tidy)
        if reason:
            return f"it is there and could not be removed ({reason})"
        return WRITTEN if is_there else NOT_WRITTEN

    def _require_there(self) -> None:
        """Raise unless the file is in place: an interrupt can come between a step and its note."""
        if Identity.of(self.disk.stat(self.name, self.folder)).number != self.number:
            raise FileNotFoundError(self.name)
