"""Campaigns: the command line in a child that is killed, interrupted, or whose disk fails, at any moment."""

from __future__ import annotations

import datetime as dt
import functools
import mmap
import os
import shutil
import signal
import sys
from typing import TYPE_CHECKING, Any

from support import child
from support.krow import contents, package
from support.repositories import Repo

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from support.child import Result

CHANGING = ("open", "write", "fsync", "fchmod", "fchown", "setxattr", "replace", "link", "unlink", "mkdir")
LOOKING = ("close", "fstat", "stat", "lstat", "listdir", "read", "listxattr")
NAMES = ("a", "b", "c")
BUMP = ("bump-patch", *NAMES)


class Trap:
    """Does *fault* at the n-th call that the room ``files`` makes of the operating system.

    It is installed in the child that it is called in, and counts for its parent. The seam is the operating
    system: nothing of the package is replaced.

    Args:
        at: the number of the call, from 0; None for no fault.
        fault: what happens there.
        names: the functions of ``os`` that count; of ``open`` only what makes files, unless files are looked
            at, too.
        after: the call is made before *fault*, not in its place.
    """

    def __init__(
        self,
        at: int | None = None,
        fault: Callable[[], object] = lambda: None,
        names: Sequence[str] = CHANGING,
        *,
        after: bool = False,
    ) -> None:
        self.at = at
        self.fault = fault
        self.names = names
        self.after = after
        self._count = mmap.mmap(-1, 8)  # Shared with the child.

    @property
    def calls(self) -> int:
        return int.from_bytes(self._count[:], "little")

    def __call__(self) -> None:
        for name in self.names:
            setattr(os, name, functools.partial(self._call, getattr(os, name), name))

    def _call(self, real: Callable[..., Any], name: str, *args: Any, **more: Any) -> Any:
        room = str(sys._getframe(1).f_globals.get("__name__"))
        looks = name == "open" and "close" not in self.names and not args[1] & os.O_CREAT
        if not room.startswith("krow_versions.files") or looks:
            return real(*args, **more)
        number = self.calls
        self._count[:] = (number + 1).to_bytes(8, "little")
        if number == self.at and not self.after:
            self.fault()
        result = real(*args, **more)
        if number == self.at and self.after:
            self.fault()
        return result


def failure(code: int) -> Callable[[], object]:
    def fail() -> None:
        raise OSError(code, os.strerror(code))

    return fail


def send(number: int) -> Callable[[], object]:
    """Send a signal to the process that this is called in."""
    return lambda: os.kill(os.getpid(), number)


kill = send(signal.SIGKILL)


class Late:
    """Sends a signal at the n-th call of a Python function after the last rename of a run.

    It is installed as :class:`Trap` is.

    Args:
        renames: how many renames the run makes.
        at: the number of the call, from 0; None for no signal.
        number: the signal.
    """

    def __init__(self, renames: int, at: int | None, number: int) -> None:
        self.renames = renames
        self.at = at
        self.number = number
        self._count = mmap.mmap(-1, 8)

    @property
    def calls(self) -> int:
        return int.from_bytes(self._count[:], "little")

    def __call__(self) -> None:
        os.replace = functools.partial(self._replace, os.replace)

    def _replace(self, real: Callable[..., None], *args: Any, **more: Any) -> None:
        real(*args, **more)
        self.renames -= 1
        if not self.renames:
            sys.setprofile(self._watch)

    def _watch(self, _: object, event: str, __: object) -> None:
        if event == "call":
            call = self.calls
            self._count[:] = (call + 1).to_bytes(8, "little")
            if call == self.at:
                sys.setprofile(None)
                os.kill(os.getpid(), self.number)


def clock() -> dt.datetime:
    """A clock that stands still: what is written twice is the same."""
    return dt.datetime(2026, 3, 5, 12, tzinfo=dt.UTC)


def run(folder: Path, *args: str, first: Callable[[], object] = lambda: None, **more: Any) -> Result:
    return child.run(folder, *args, first=first, clock=clock, **more)


def workspace(folder: Path, files: int) -> Path:
    """Make a workspace of three repositories, each with one product and with files of it in several folders,
    one with a CHANGELOG; all of *files* version files are at 1.2.3, which is in production."""
    config = "".join(f'[products.{name}]\nrepo = "{name}"\nfiles = ["*/package.json"]\n' for name in NAMES)
    for number, name in enumerate(NAMES):
        repo = Repo(folder / name)
        for place in range(number, files, len(NAMES)):
            repo.write(f"{place:04}/package.json", package("1.2.3"))
        repo.commit("feat: first")
        repo.tag(f"{name}/prod-v1.2.3")
    (folder / "krow-versions.toml").write_text(
        "[repos]\n" + "".join(f'{n} = "{n}"\n' for n in NAMES) + config
    )
    return folder


def renewed(template: Path, place: Path) -> Path:
    """Copy a folder to a place, in place of what is there: the same paths, whatever happened before."""
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(template, place, symlinks=True)
    return place


def litter(folder: Path) -> list[str]:
    """The temporary files below a folder, in git's own too."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob(".krow-versions-*"))


def texts(folder: Path) -> dict[str, bytes]:
    """The files of a workspace, without temporaries."""
    return {path: data for path, data in contents(folder).items() if ".krow-versions-" not in path}
