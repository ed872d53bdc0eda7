"""The command line in a child process: as a user without privileges, or on a disk that fails."""

from __future__ import annotations

import errno
import importlib
import os
import sys
import tempfile
import traceback
from typing import TYPE_CHECKING, Any

import attrs

from krow_versions import files
from krow_versions.cli.app import app
from krow_versions.cli.commands import COMMANDS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ROOT = os.geteuid() == 0
NOBODY = 65534
OPERATIONS = [name for name in vars(files.Disk) if not name.startswith("_")]


@attrs.frozen
class Result:
    """What a command left."""

    code: int
    out: str
    err: str


def run(folder: Path, *args: str, first: Callable[[], object] = lambda: None) -> Result:
    """Run a command in *folder*, in a child that does *first*.

    All its modules are loaded before: another user may not be able to read them.
    """
    for each in COMMANDS.values():
        importlib.import_module(f"krow_versions.cli.{each.module}")
    with tempfile.TemporaryFile("w+b") as out, tempfile.TemporaryFile("w+b") as err:
        child = os.fork()
        if child == 0:
            code = 99
            try:
                for number, file in ((1, out), (2, err)):
                    os.dup2(file.fileno(), number)
                sys.stdout, sys.stderr = (open(number, "w", closefd=False) for number in (1, 2))  # noqa: SIM115
                os.chdir(folder)
                first()
                app(list(args))
            except SystemExit as ended:
                code = int(ended.code or 0)
            except BaseException:  # noqa: BLE001 - a child must never return into pytest.
                traceback.print_exc()
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(code)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        return Result(code, *(_text(file) for file in (out, err)))


def as_nobody() -> None:
    """Become a user without privileges, for whom permissions count."""
    if ROOT:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)


def give_away(folder: Path) -> None:
    """Give a folder and all that is in it to that user."""
    for path in [folder, *folder.rglob("*")]:
        if ROOT:
            os.chown(path, NOBODY, NOBODY, follow_symlinks=False)


def failing(path: Path, code: int = errno.EIO) -> Callable[[], None]:
    """Become that user, for whom every look at *path* and at what is below it fails.

    The seam is the operating system: nothing of the package is replaced.
    """

    def install() -> None:
        as_nobody()
        for name in ("lstat", "stat", "scandir"):
            setattr(os, name, _failing(getattr(os, name), str(path), code))

    return install


def _failing(real: Any, path: str, code: int) -> Any:
    def look(asked: Any = ".", *args: Any, **more: Any) -> Any:
        if isinstance(asked, str) and f"{os.path.normpath(asked)}/".startswith(f"{path}/"):
            raise OSError(code, os.strerror(code), asked)
        return real(asked, *args, **more)

    return look


def _text(file: Any) -> str:
    file.seek(0)
    text: str = file.read().decode("utf-8", "replace")
    return text
