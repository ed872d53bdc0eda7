"""Run our code as if Python were on Windows: with its names, paths and pipes, on the real files and git.

Only the modules of ``krow_versions`` see it: the standard library and other libraries keep what they have.
They get an ``os`` without the names that Windows lacks, and with paths such as ``C:\\work``, which lead to
``/work``; a ``signal``, ``sys`` and ``subprocess`` of that kind; and no ``fcntl`` or ``resource``. A call
that would change a file is noted. What Windows has is in Python's documentation, where each name of ``os``
has its line "Availability": https://docs.python.org/3/library/os.html

It is not Windows: its kernel, its git and its locked files are not tried.
"""

from __future__ import annotations

import builtins
import contextlib
import datetime as dt
import io
import json
import ntpath
import os
import selectors
import signal
import subprocess
import sys
import types
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

MISSING = {"fcntl", "grp", "posix", "pty", "pwd", "readline", "resource", "syslog", "termios", "tty"}
# fmt: off
NOT_OF_OS = {
    "O_CLOEXEC", "O_DIRECTORY", "O_NDELAY", "O_NOCTTY", "O_NOFOLLOW", "O_NONBLOCK", "O_PATH", "O_SYNC",
    "chown", "chroot", "confstr", "ctermid", "eventfd", "fchdir", "fchmod", "fchown", "fdatasync", "fork",
    "forkpty", "fpathconf", "fstatvfs", "get_blocking", "getegid", "geteuid", "getgid", "getgrouplist",
    "getgroups", "getloadavg", "getpgid", "getpgrp", "getpriority", "getresgid", "getresuid", "getsid",
    "getuid", "getxattr", "initgroups", "killpg", "lchown", "listxattr", "lockf", "major", "makedev",
    "memfd_create", "minor", "mkfifo", "mknod", "nice", "openpty", "pathconf", "pipe2", "posix_fadvise",
    "posix_fallocate", "posix_spawn", "posix_spawnp", "pread", "preadv", "pwrite", "pwritev", "readv",
    "register_at_fork", "removexattr", "sched_getaffinity", "sched_setaffinity", "sched_yield",
    "sendfile", "set_blocking", "setegid", "seteuid", "setgid", "setgroups", "setpgid", "setpriority",
    "setregid", "setresgid", "setresuid", "setreuid", "setsid", "setuid", "setxattr", "splice", "statvfs",
    "sync", "sysconf", "tcgetpgrp", "tcsetpgrp", "uname", "unshare", "wait", "wait3", "wait4", "waitid",
    "writev",
}
NOT_OF_SIGNAL = {
    "SIGALRM", "SIGBUS", "SIGCHLD", "SIGCONT", "SIGHUP", "SIGIO", "SIGKILL", "SIGPIPE", "SIGPROF",
    "SIGQUIT", "SIGSTOP", "SIGSYS", "SIGTRAP", "SIGTSTP", "SIGTTIN", "SIGTTOU", "SIGURG", "SIGUSR1",
    "SIGUSR2", "SIGVTALRM", "SIGWINCH", "SIGXCPU", "SIGXFSZ", "alarm", "getitimer", "pause",
    "pthread_kill", "pthread_sigmask", "setitimer", "siginterrupt", "sigpending", "sigtimedwait",
    "sigwait", "sigwaitinfo",
}
CHANGES = {
    "chmod", "ftruncate", "link", "makedirs", "mkdir", "remove", "removedirs", "rename", "renames",
    "replace", "rmdir", "symlink", "truncate", "unlink", "utime",
}
# fmt: on
DRIVE = "C:"
_SECONDS = 300  # As in support.hang, which loads what is to be loaded later.
_GIT = """#!/bin/sh
# git.exe prints paths with a drive.
case " $* " in
*" --git-common-dir "*) printed=$(git "$@") || exit; printf '%s\\n' "$printed" | sed 's#^/#C:/#' ;;
*) exec git "$@" ;;
esac
"""


def windows_path(path: str) -> str:
    """The path of a file here, as it is there."""
    return DRIVE + path.replace("/", "\\") if path.startswith("/") else path.replace("/", "\\")


def here(path: Any) -> Any:
    """Where a path there leads to."""
    if isinstance(path, bytes):
        return os.fsencode(here(os.fsdecode(path)))
    if not isinstance(path, str):
        return path
    return path.removeprefix(DRIVE).replace("\\", "/")


class _Entry:
    """An entry of a folder, with a path of there."""

    def __init__(self, folder: str, entry: os.DirEntry[str]) -> None:
        self._entry, self.name, self.path = entry, entry.name, ntpath.join(folder, entry.name)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._entry, name)


def _os(changed: list[str]) -> types.ModuleType:
    double = types.ModuleType("os")
    vars(double).update({name: value for name, value in vars(os).items() if name not in NOT_OF_OS})
    vars(double).update({name: _translated(name) for name in ("stat", "lstat", "listdir", "access", "chdir")})
    vars(double).update({name: _changing(name, changed) for name in CHANGES})

    def opened(path: Any, flags: int, *args: Any, dir_fd: int | None = None) -> int:
        _require_no_folder(dir_fd)
        if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT) and path != "nul":
            changed.append(f"os.open{path, flags}")
        return os.open(os.devnull if path == "nul" else here(path), flags, *args)

    environ = {name.upper(): value for name, value in os.environ.items()}
    environ["PATH"] = ";".join(map(windows_path, environ["PATH"].split(":")))
    vars(double).update(
        name="nt",
        sep="\\",
        altsep="/",
        pathsep=";",
        devnull="nul",
        defpath=".;C:\\bin",
        linesep="\r\n",
        O_BINARY=0,
        O_NOINHERIT=0,
        environ=environ,
        open=opened,
        scandir=_scanned,
        getcwd=lambda: windows_path(os.getcwd()),
        readlink=_target,
        supports_dir_fd=set(),
        supports_fd=set(),
        path=_path(),
    )
    return double


def _require_no_folder(dir_fd: int | None) -> None:
    if dir_fd is not None:
        raise NotImplementedError("dir_fd unavailable on this platform")


def _translated(name: str) -> Callable[..., Any]:
    real = getattr(os, name)

    def call(path: Any = ".", *args: Any, dir_fd: int | None = None, **more: Any) -> Any:
        _require_no_folder(dir_fd)
        if isinstance(path, int) and name == "listdir":
            raise TypeError("listdir: path should be string, bytes, os.PathLike or None, not int")
        return real(here(path), *args, **more)

    return call


def _changing(name: str, changed: list[str]) -> Callable[..., Any]:
    def call(*args: Any, **_: Any) -> Any:
        changed.append(f"os.{name}{args}")
        raise PermissionError(13, f"os.{name} was called")

    return call


@contextlib.contextmanager
def _scanned(path: str = ".") -> Iterator[Iterator[_Entry]]:
    with os.scandir(here(path)) as entries:
        yield (_Entry(path, entry) for entry in entries)


def _target(link: str) -> str:
    return "\\\\?\\" + windows_path(os.path.join(os.path.dirname(here(link)), os.readlink(here(link))))


def _path() -> types.ModuleType:
    double = types.ModuleType("ntpath")
    vars(double).update(vars(ntpath))
    for name in ("exists", "lexists", "isfile", "isdir", "islink", "getsize"):
        real = getattr(os.path, name)
        setattr(double, name, lambda path, real=real: real(here(path)))

    def absolute(path: str) -> str:
        whole = ntpath.join(windows_path(os.getcwd()), path)
        return ntpath.normpath(whole if ntpath.splitdrive(whole)[0] else DRIVE + whole)

    def relative(path: str, start: str = ".") -> str:
        return ntpath.relpath(absolute(path), absolute(start))

    vars(double).update(
        abspath=absolute,
        relpath=relative,
        realpath=lambda path, **_: windows_path(os.path.realpath(here(absolute(path)))),
    )
    return double


def _subprocess() -> types.ModuleType:
    double = types.ModuleType("subprocess")
    vars(double).update(vars(subprocess))

    class Popen(subprocess.Popen[bytes]):
        """Starts the program here that has this path there."""

        def __init__(self, args: Sequence[Any], *, cwd: str, env: Mapping[str, str], **more: Any) -> None:
            more.pop("start_new_session", None)
            program, *rest = args
            found = here(program)
            if not os.path.isabs(found):
                raise AssertionError(f"{found!r} would be looked for in the current folder")
            env = {**env, "PATH": ":".join(map(here, env["PATH"].split(";")))}
            super().__init__([found, *rest], cwd=here(cwd), env=env, **more)

    vars(double)["Popen"] = Popen
    return double


class _Selector:
    """What waits for sockets, and for nothing else."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None: ...

    def register(self, *_: object) -> None:
        raise OSError(10038, "an operation was attempted on something that is not a socket")


class _Sys(types.ModuleType):
    """The ``sys`` of this process, on another platform."""

    platform = "win32"

    def __getattr__(self, name: str) -> Any:
        return getattr(sys, name)

    def __setattr__(self, name: str, value: object) -> None:
        setattr(sys, name, value)


def enter(changed: list[str]) -> None:
    """Give our modules that are loaded from now on what Windows has; note what would change files."""
    less = types.ModuleType("signal")
    vars(less).update({name: value for name, value in vars(signal).items() if name not in NOT_OF_SIGNAL})
    waiting = types.ModuleType("selectors")
    vars(waiting).update({**vars(selectors), "DefaultSelector": _Selector})
    doubles = {
        "os": _os(changed),
        "signal": less,
        "subprocess": _subprocess(),
        "selectors": waiting,
        "sys": _Sys("sys"),
    }
    real = builtins.__import__

    def imported(name: str, globals: Any = None, *args: Any, **more: Any) -> Any:  # noqa: A002
        importer = str((globals or {}).get("__name__", ""))
        if importer.partition(".")[0] == "krow_versions":
            if name in MISSING:
                raise ModuleNotFoundError(f"No module named {name!r}", name=name)
            if name in doubles:
                return doubles[name]
        return real(name, globals, *args, **more)

    builtins.__import__ = imported


def ask(folder: Path, **asked: Any) -> Any:
    """Run code, or commands, in a process that looks like one on Windows; a ``git.exe`` is put in *folder*.

    Args:
        folder: for the program.
        asked: ``code``: what to execute in order, each gives its ``answer``; ``commands``: each a folder and
            arguments, gives exit code, output and errors; ``now``: what the clock says.
    """
    folder.mkdir(exist_ok=True)
    program = folder / "git.exe"
    program.write_text(_GIT, encoding="utf-8")
    program.chmod(0o755)
    done = subprocess.run(
        [sys.executable, "-P", "-m", "support.windows"],
        env={
            **os.environ,
            "PATH": f"{folder}:{os.environ['PATH']}",
            "PYTHONPATH": os.pathsep.join(each for each in sys.path if each),
        },
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


def run(command: Sequence[str], folder: str, now: str) -> tuple[int, str, str]:
    """Run a command of ours in *folder*; return its exit code and what it prints."""
    from krow_versions.cli.app import app

    os.chdir(folder)
    out, err = io.TextIOWrapper(io.BytesIO()), io.TextIOWrapper(io.BytesIO())
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            app.main(list(command), prog_name="krow-versions", clock=lambda: dt.datetime.fromisoformat(now))
            code: Any = 0
        except SystemExit as ended:
            code = ended.code or 0
    said = []
    for each in (out, err):
        each.flush()
        said.append(each.buffer.getvalue().decode())
    return code, said[0], said[1]


def main() -> None:
    """Answer what standard input asks, as :func:`ask` says."""
    asked = json.load(sys.stdin)
    changed: list[str] = []
    enter(changed)
    answers: list[Any] = []
    for code in asked.get("code", ()):
        names: dict[str, Any] = {"__name__": "example"}
        exec(code, names)
        answers.append(names.get("answer"))
    for folder, *command in asked.get("commands", ()):
        answers.append(run(command, folder, asked["now"]))
    json.dump({"answers": answers, "changed": changed}, sys.stdout)


if __name__ == "__main__":
    main()
