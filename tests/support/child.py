"""The command line in a forked child, also of a user without privileges, or on a disk that fails."""

from __future__ import annotations

import errno
import functools
import gc
import importlib
import json
import os
import pkgutil
import resource
import signal
import sys
import tempfile
import time
import traceback
from typing import TYPE_CHECKING, Any

import attrs

import krow_versions
from krow_versions import files
from krow_versions.cli.app import app
from krow_versions.cli.commands import COMMANDS
from support.clocks import NOW, ahead
from support.hang import SECONDS

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from krow_versions.workspace.clock import Clock

ROOT = os.geteuid() == 0
NOBODY = 65534
OPERATIONS = [name for name in vars(files.Disk) if not name.startswith("_")]


@attrs.frozen
class Result:
    """How the program ended; what is no UTF-8 in its output is kept as lone surrogates."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        return json.loads(self.out)


def environment(changes: Mapping[str, str | None]) -> dict[str, str]:
    """The environment of this process with changes; None takes a variable out."""
    merged = {name: changes.get(name, value) for name, value in (os.environ | changes).items()}
    return {name: value for name, value in merged.items() if value is not None}


def run(
    folder: Path,
    *args: str,
    env: Mapping[str, str | None] | None = None,
    stdin: int | None = None,
    stderr: int | None = None,
    first: Callable[[], object] = lambda: None,
    meanwhile: Callable[[], object] = lambda: None,
    later: dt.timedelta = NOW,
    clock: Clock | None = None,
) -> Result:
    """Run a command in *folder*, in a child that does *first*, by a clock that is ahead by *later*.

    Here *meanwhile* is done. All its modules are loaded before: another user may not be able to read them.
    """
    for each in COMMANDS.values():
        importlib.import_module(f"krow_versions.cli.{each.module}")
    if first in {as_nobody, without_processes}:
        _load_what_comes_late()
    with (
        tempfile.TemporaryFile("w+b") as out,
        tempfile.TemporaryFile("w+b") as err,
        open(os.devnull) as nothing,
    ):

        def action() -> None:
            _begin(
                nothing.fileno() if stdin is None else stdin,
                out.fileno(),
                err.fileno() if stderr is None else stderr,
            )
            variables = environment(env or {})
            os.environ.clear()
            os.environ.update(variables)
            time.tzset()
            os.chdir(folder)
            first()
            app(list(args), prog_name="krow-versions", clock=clock or ahead(later))

        code = forked(action, meanwhile)
        return Result(code, *(_text(file) for file in (out, err)))


@functools.cache
def _load_what_comes_late() -> None:
    for each in pkgutil.walk_packages(krow_versions.__path__, "krow_versions."):
        if not each.name.endswith("__main__"):
            importlib.import_module(each.name)
    for library in (
        "attrs",
        "concurrent.futures",
        "difflib",
        "markdown_it",
        "ruamel.yaml",
        "semver",
        "shutil",
    ):
        importlib.import_module(library)


def forked(action: Callable[[], object], meanwhile: Callable[[], object] = lambda: None) -> int:
    """Do *action* in a child process and give its exit code, negative for a signal, 99 for an exception.

    The parent does *meanwhile* before it waits.
    """
    child = os.fork()
    if child == 0:
        code = 99
        try:
            action()
            code = 0
        except SystemExit as ended:
            code = int(ended.code or 0)
        except BaseException:  # noqa: BLE001 - a child must never return into pytest.
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
    meanwhile()
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _begin(*streams: int) -> None:
    """Begin as a new interpreter does: with streams of its own, and without what pytest has going on."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - for as long as the child lives.
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115
    tempfile.tempdir = None  # TMPDIR may be another.
    gc.freeze()  # What others have left lying about is not collected here, with a warning that is an error.
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(SECONDS)


def as_nobody() -> None:
    """Become a user without privileges, for whom permissions count."""
    if ROOT:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)


def without_processes() -> None:
    """Become that user, who may start no process at all."""
    as_nobody()
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))


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
    text: str = file.read().decode("utf-8", "surrogateescape")
    return text
