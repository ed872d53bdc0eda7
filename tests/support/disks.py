"""A disk that fails at any operation, and a repository with all that replacing files can spoil."""

from __future__ import annotations

import contextlib
import errno
import functools
import os
import shutil
import signal
import stat
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from krow_versions import files
from support.child import NOBODY, OPERATIONS, ROOT

if TYPE_CHECKING:
    from pathlib import Path

LIMIT = 1 << 20
Fault = Callable[[], None]


def io_error() -> None:
    raise OSError(errno.EIO, "Input/output error")


def interrupt() -> None:
    raise KeyboardInterrupt


def leave() -> None:
    raise SystemExit(143)


def kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def refuse(*_: object) -> None:
    raise OSError(errno.EPERM, "Operation not permitted")


class FaultyDisk(files.Disk):
    """A disk that does *fault* at the operations numbered *at*, before them or after."""

    def __init__(self, fault: Fault, at: range, *, after: bool = False) -> None:
        self.fault = fault
        self.at = at
        self.after = after
        self.done: list[str] = []

    def __getattribute__(self, name: str) -> Any:
        found = object.__getattribute__(self, name)
        return functools.partial(self.perform, name, found) if name in OPERATIONS else found

    def perform(self, name: str, operation: Callable[..., Any], *arguments: Any) -> Any:
        number = len(self.done)
        self.done.append(name)
        if number in self.at and not self.after:
            self.fault()
        result = operation(*arguments)
        if number in self.at and self.after:
            self.fault()
        return result


PATHS = ("a/one", "a/two", "b/three", "b/link")


def make_repo(root: Path) -> Path:
    """Make a repository with all that can go wrong: modes, attributes, owners, links, leftovers."""
    (root / ".git").mkdir(parents=True)  # What marks a working tree, which has one lock.
    for path, mode in {"a/one": 0o755, "a/two": 0o640, "b/three": 0o644, "c/real": 0o4755}.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"old " + path.encode())
        if ROOT:
            os.chown(file, NOBODY, NOBODY)
        with contextlib.suppress(OSError, AttributeError):
            os.setxattr(file, "user.kept", path.encode())
        file.chmod(mode)
        os.utime(file, ns=(1, 10**18 + 12345))
    (root / "b/link").symlink_to("../c/real")
    (root / "a" / files.DISK.temporary_name()).write_bytes(b"left by a killed run")
    return root


def changes(root: Path) -> list[files.Replacement]:
    found = [files.read(str(root), path, limit=LIMIT) for path in PATHS]
    return [files.Replacement(one, b"new, and longer: " + one.target.encode()) for one in found]


def replace(root: Path, disk: files.Disk = files.DISK, wait: float = 5.0) -> tuple[str, ...]:
    return files.replace_all(changes(root), wait=wait, disk=disk)


def remake(root: Path) -> Path:
    shutil.rmtree(root)
    return make_repo(root)


def state(root: Path) -> dict[str, tuple[object, ...]]:
    """All that must be as it was; without leftovers, which are looked at by ``leftovers``."""
    found: dict[str, tuple[object, ...]] = {}
    for file in root.rglob("*"):
        status = file.lstat()
        if not stat.S_ISREG(status.st_mode):
            found[str(file)] = (status.st_mode,)
        elif not file.name.startswith(".krow-versions-"):
            attributes = {name: os.getxattr(file, name) for name in os.listxattr(file)}
            owner = (status.st_uid, status.st_gid)
            found[str(file)] = (file.read_bytes(), status.st_mode, status.st_mtime_ns, owner, attributes)
    return found


def leftovers(root: Path) -> list[str]:
    return [file.name for file in root.rglob(".krow-versions*")]


def texts(root: Path) -> list[bytes]:
    return [(root / path).read_bytes() for path in PATHS]


def notes_of(error: BaseException) -> str:
    return f"{getattr(error, 'hint', None)} {getattr(error, '__notes__', '')}"


def late(operations: list[str]) -> int:
    """The number of the first operation after the last rename."""
    return len(operations) - operations[::-1].index("replace")


def count_operations(root: Path) -> list[str]:
    disk = FaultyDisk(interrupt, range(0))
    replace(root, disk)
    remake(root)
    return disk.done
