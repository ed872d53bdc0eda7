"""Run one git process: clean environment, no prompts, no programs that the repository names, a time limit."""

from __future__ import annotations

import contextlib
import enum
import os
import subprocess
import sys
from typing import TYPE_CHECKING

from krow_versions import files, lazy
from krow_versions.errors import GitError, GitMissing, KrowVersionsError, Unsupported, UsageError
from krow_versions.git.running import NOWHERE, OUTPUT_LIMIT, TooMuch, communicate, find_program, started
from krow_versions.regexes import regex
from krow_versions.text.escaping import printable, quoted, safe, shell_word, without_credentials
from krow_versions.values import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from krow_versions.git import locks
else:
    (locks,) = lazy.modules("krow_versions.git", "locks")  # Only where git fails.

TIME_LIMIT = 60.0
"""Seconds that a process may take by default."""


class Reach(enum.Enum):
    """The programs that a git process may run besides git itself.

    The configuration and the attributes of a repository can name programs, and a stranger may have written
    them: git(1), section "Security".
    """

    LOOK = "nothing: no hook, no filter, no remote"
    ASK = "what it takes to ask a remote, unless the repository names it; see `configuration`"
    ACT = "everything that git runs: hooks, filters, signing, credential helpers"


@frozen
class Finished:
    """The exit code, output and errors of a git process, as bytes."""

    returncode: int
    stdout: bytes
    stderr: bytes


def run(
    args: Sequence[str],
    *,
    cwd: str,
    stdin: bytes | None = None,
    timeout: float = TIME_LIMIT,
    reach: Reach = Reach.LOOK,
    limit: int = OUTPUT_LIMIT,
) -> bytes:
    """Run git and return its output; like :func:`execute`, but raise on a failure.

    Raises:
        GitError: git failed; the message has the last lines of its errors.
    """
    finished = execute(args, cwd=cwd, stdin=stdin, timeout=timeout, reach=reach, limit=limit)
    if finished.returncode:
        raise failure(args, finished, cwd)
    return finished.stdout


def execute(
    args: Sequence[str],
    *,
    cwd: str,
    stdin: bytes | None = None,
    timeout: float = TIME_LIMIT,
    reach: Reach = Reach.LOOK,
    settings: Mapping[str, str] | None = None,
    limit: int = OUTPUT_LIMIT,
    variables: Mapping[str, str] | None = None,
) -> Finished:
    """Run git and return its result, whatever the exit code.

    On a timeout or an interrupt the whole process group is stopped, hooks and helpers included
    (``subprocess.run`` ends only the first process).

    Args:
        args: subcommand and arguments. A value from outside must be a full ref name or an object id, or
            follow ``--``.
        cwd: the folder to run in.
        stdin: the input of git; None for no input.
        timeout: seconds after which the group is stopped.
        reach: the programs that it may run.
        settings: configuration for this process only; it overrides the repository's.
        limit: bytes that it may print.
        variables: further variables, such as ``GIT_DIR`` for a repository that we have made ourselves.

    Raises:
        UsageError: an argument cannot be passed to a program, or *cwd* is not a folder.
        Unsupported: an object is missing in a partial clone, and *reach* forbids to fetch it; or *reach* is
            ``ACT``, and nothing can be written on this system.
        GitMissing: there is no git program.
        GitError: git could not be started or read, printed too much, or took too long.
    """
    if reach is Reach.ACT:
        files.require_writing()
    folder = files.absolute(os.fsdecode(encoded(cwd)))
    env = environment(os.environ, reach, settings) | dict(variables or {})
    command = [encoded(each) for each in (_program(env, reach), *_ALWAYS, *args)]
    try:
        with started(command, cwd=folder, env=env, has_input=stdin is not None) as process:
            if reach is Reach.LOOK:
                _limit_memory(process.pid)
            output, errors = _communicate(process, args, stdin, timeout, limit)
    except OSError as error:
        raise _not_started(error, folder) from error
    if reach is Reach.LOOK and _NOT_FETCHED.search(errors):  # Some versions exit with 0 here.
        raise _objects_missing(folder)
    return Finished(process.returncode, bytes(output), bytes(errors))


def _communicate(
    process: subprocess.Popen[bytes], args: Sequence[str], stdin: bytes | None, timeout: float, limit: int
) -> tuple[bytearray, bytearray]:
    """Call :func:`communicate`, and turn a timeout, a broken pipe or a flood into a ``GitError``."""
    try:
        return communicate(process, stdin, timeout, limit)
    except subprocess.TimeoutExpired as error:
        said = last_lines(error.stderr or b"")
        raise GitError(
            f"git {_subcommand(args)} was stopped after {timeout:g} s{f': {said}' if said else ''}",
            hint="see whether a hook, a credential helper or the file system hangs",
        ) from error
    except TooMuch as error:
        raise GitError(
            f"git printed {error}, which no sound repository makes it do",
            hint="look for a tag or commit with a huge message: "
            "git cat-file --batch-check --batch-all-objects",
        ) from error
    except OSError as error:
        raise GitError(
            f"git {_subcommand(args)} could not be read from: {error.strerror or error}",
            hint="run the same command again",
        ) from error


def _limit_memory(pid: int) -> None:
    """Limit the memory of a process where the system can: for a link to /dev/zero git would take all."""
    if sys.platform == "linux":
        import resource

        with contextlib.suppress(OSError, ValueError):  # The process has ended.
            resource.prlimit(pid, resource.RLIMIT_DATA, (_MEMORY_LIMIT, _MEMORY_LIMIT))


def environment(
    inherited: Mapping[str, str], reach: Reach = Reach.ACT, settings: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Build the environment of a git process.

    Variables that belong to one repository (``git rev-parse --local-env-vars``) are removed: git sets them
    for hooks, githooks(5), and with them every ``git`` that a hook starts would use the hook's repository.

    Configuration is passed in ``GIT_CONFIG_KEY_n``, git-config(1), not by ``-c``, which splits at the first
    ``=``: a filter may have the name ``a=b``.
    """
    kept = {
        name: value
        for name, value in inherited.items()
        if name not in LOCAL_VARIABLES and not name.startswith(("GIT_CONFIG_KEY_", "GIT_CONFIG_VALUE_"))
    }
    config = {**_NO_EXT, **(settings or {})}
    if reach is not Reach.ACT:
        config |= _NO_PROGRAMS
        kept |= {"GIT_NO_LAZY_FETCH": "1", "PATH": _absolute_folders(inherited.get("PATH", os.defpath))}
        allowed = inherited.get("GIT_ALLOW_PROTOCOL", _PROTOCOLS).split(":") if reach is Reach.ASK else ()
        protocols = ":".join(each for each in _PROTOCOLS.split(":") if each in allowed)
        kept["GIT_ALLOW_PROTOCOL"] = protocols or "none"
    for number, (key, value) in enumerate(config.items()):
        kept |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return kept | _FORCED | {"GIT_CONFIG_COUNT": str(len(config))}


def _program(env: Mapping[str, str], reach: Reach) -> str:
    """Find git for what keeps the user's PATH: hooks may need its relative folders, and git is in none."""
    if reach is not Reach.ACT and sys.platform != "win32":
        return "git"
    return find_program("git", _absolute_folders(env.get("PATH", os.defpath))) or f"{NOWHERE}/git"


def _absolute_folders(search_path: str) -> str:
    """Remove relative folders from a search path: a clone can hold a program with the name git."""
    kept = os.pathsep.join(each for each in search_path.split(os.pathsep) if os.path.isabs(each))
    return kept or NOWHERE  # An empty one would mean the current folder.


def failure(args: Sequence[str], finished: Finished, cwd: str) -> GitError:
    """Make the error for a process that failed, from what git printed."""
    said = last_lines(finished.stderr)
    if not said:
        ending = "signal" if finished.returncode < 0 else "exit code"
        said = f"{ending} {abs(finished.returncode)}, without a message"
    if lock := locks.named_in(finished.stderr, cwd):
        return GitError(f"git {_subcommand(args)} failed: {lock}: {locks.KILLED}", hint=locks.remedy([lock]))
    message = f"git {_subcommand(args)} failed: {said}"
    if finished.returncode == _USAGE_ERROR or _TOO_OLD.search(finished.stderr):
        return GitError(f"{message} ({_version(cwd)})", hint=_UPDATE)
    return GitError(message)


def _objects_missing(cwd: str) -> Unsupported:
    """Make the error for objects that a partial clone has not fetched.

    Git would fetch them now, with whatever program the repository's configuration names for that.
    """
    arguments = ["config", "--get-regexp", "--name-only", "-z", r"^remote\..*\.promisor$"]
    key = os.fsdecode(execute(arguments, cwd=cwd).stdout.partition(b"\0")[0])
    name = key.removeprefix("remote.").removesuffix(".promisor")
    here = shell_word(cwd)
    remote = name if _PLAIN_NAME.fullmatch(name) else "REMOTE"  # Users copy it into a shell.
    return Unsupported(
        "this clone is partial: objects that are needed here are not in it",
        path=cwd,
        hint="fetch them, once for all, with: "
        f"git -C {here} config --unset-all remote.{remote}.partialclonefilter; "
        f"git -C {here} fetch --refetch {remote} (git 2.36 or newer); or clone anew without --filter",
    )


LOCAL_VARIABLES = frozenset(
    {
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_COMMON_DIR",
        "GIT_CONFIG",
        "GIT_CONFIG_COUNT",
        "GIT_CONFIG_PARAMETERS",
        "GIT_DIR",
        "GIT_GRAFT_FILE",
        "GIT_IMPLICIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_INTERNAL_SUPER_PREFIX",
        "GIT_NAMESPACE",
        "GIT_NO_REPLACE_OBJECTS",
        "GIT_OBJECT_DIRECTORY",
        "GIT_PREFIX",
        "GIT_REPLACE_REF_BASE",
        "GIT_SHALLOW_FILE",
        "GIT_WORK_TREE",
    }
)
_MEMORY_LIMIT = 4 << 30
_FORCED = {
    "LC_ALL": "C",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_EDITOR": "false",
    "GIT_PAGER": "cat",
    # Never a file: `info/grafts` changes ancestry as git-replace(1) does, and has no switch.
    "GIT_GRAFT_FILE": NOWHERE,
}
# git-remote-ext(1) runs any command that is in a URL, and the repository's configuration can allow it.
_NO_EXT = {"protocol.ext.allow": "never"}
_NO_PROGRAMS = {
    "core.hooksPath": os.devnull,
    # git-config(1): a clone can hold a folder that is a bare repository; see `opening`.
    "safe.bareRepository": "explicit",
    # A blank line of 200 MB is a few bytes in a pack; git does not diff files over this size.
    "core.bigFileThreshold": "16m",
}
_PROTOCOLS = "file:git:http:https:ssh"  # Not `NAME::`, which runs git-remote-NAME, gitremote-helpers(7).
_NOT_FETCHED = regex(rb"from promisor remote|lazy fetching disabled|transport '[^']*' not allowed")
_PLAIN_NAME = regex(r"[A-Za-z0-9_][A-Za-z0-9_./-]*")
_ALWAYS = ("-c", "core.fsmonitor=false", "--no-replace-objects", "--no-optional-locks")
_UPDATE = "krow-versions needs git 2.31 or newer (2.38 for file names with a line break)"
_TOO_OLD = regex(rb"unknown (?:option|switch)|is not a git command")
_USAGE_ERROR = 129  # usage() in usage.c
_SHOWN_LINES = 6
_SHOWN_BYTES = 2000


def _not_started(error: OSError, folder: str) -> KrowVersionsError:
    """Make the error for a process that did not start: a missing folder and program raise the same one."""
    if error.filename == folder:
        if isinstance(error, FileNotFoundError | NotADirectoryError):
            return UsageError(f"there is no folder {quoted(folder)}")
        return GitError(f"git cannot be run in {quoted(folder)}: {error.strerror}")
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return GitMissing("there is no git program on PATH", hint=f"install git; {_UPDATE}")
    return GitError(f"git cannot be started: {error.strerror}")


def _subcommand(args: Sequence[str]) -> str:
    """Return the subcommand, which follows the ``-c name=value`` pairs."""
    return printable(
        next(each for before, each in zip(("", *args), args, strict=False) if "-c" not in {before, each})
    )


def last_lines(stderr: bytes) -> str:
    """Return the end of git's errors, on one line and safe to show."""
    text = stderr[-_SHOWN_BYTES:].decode("utf-8", "replace")
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    return safe("; ".join(lines[-_SHOWN_LINES:]))


def _version(cwd: str) -> str:
    """Return what ``git --version`` prints, for an error message."""
    try:
        said = execute(["--version"], cwd=cwd, timeout=5).stdout
    except KrowVersionsError:
        said = b""
    return f"git --version says {quoted(said.decode('utf-8', 'replace').strip())}"


def encoded(argument: str) -> bytes:
    """Encode an argument or input for a program, as the operating system does."""
    try:
        encoded = os.fsencode(argument)
    except UnicodeEncodeError:
        raise UsageError(f"{quoted(argument)} holds a character that cannot be passed to a program") from None
    if b"\0" in encoded:
        raise UsageError(f"{quoted(argument)} holds a NUL, which cannot be passed to a program")
    return encoded


def unexpected(args: Sequence[str], output: bytes, cwd: str) -> GitError:
    """Make the error for output that no supported git prints."""
    said = quoted(without_credentials(output[:_SHOWN_BYTES].decode("utf-8", "replace")))
    return GitError(f"git {args[0]} gave an unexpected answer: {said} ({_version(cwd)})", hint=_UPDATE)
