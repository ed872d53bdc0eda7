"""One process of git: a clean environment, no prompts, no stranger's programs, and an end if it hangs."""

from __future__ import annotations

import contextlib
import enum
import os
import re
import subprocess
from typing import TYPE_CHECKING

import attrs

from krow_versions import files
from krow_versions.errors import GitError, GitMissing, KrowVersionsError, Unsupported, UsageError
from krow_versions.git.pipes import OUTPUT_LIMIT, converse
from krow_versions.git.running import started
from krow_versions.text.escaping import printable, quoted, safe, shell_word, without_credentials

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

TIME_LIMIT = 60.0
"""Seconds that a process may take unless its caller knows better."""


class Reach(enum.Enum):
    """What a process of git may run beside git itself.

    A repository can name programs in its configuration and attributes, and can come from a stranger.
    """

    LOOK = "nothing: no hook, no filter, no remote"
    ASK = "what asking a remote takes, unless the repository names it; see `configuration`"
    ACT = "what plain git runs: hooks, filters, signing, credential helpers"


@attrs.frozen
class Finished:
    """What a git process left: its exit code, output and words, undecoded."""

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
    """Run git and give its output; like :func:`execute`, but a failure is an exception.

    Raises:
        GitError: git failed; the message holds its own last words.
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
) -> Finished:
    """Run git to its end, whatever its exit code.

    When it takes too long or the user interrupts, its whole process group is stopped: hooks and
    helpers too, which would otherwise outlive it (``subprocess.run`` ends only the first process).

    Args:
        args: subcommand and arguments. What comes from outside must be a full ref name, an object
            id, or stand behind ``--``.
        cwd: the folder to run in.
        stdin: what git reads; None for nothing at all.
        timeout: seconds after which the group is stopped.
        reach: what it may run.
        settings: configuration of this process alone, stronger than the repository's.
        limit: bytes that it may print.

    Raises:
        UsageError: an argument cannot be given to a program, or *cwd* is no folder.
        Unsupported: an object is missing in a partial clone, and *reach* forbids to fetch it.
        GitMissing: there is no git program.
        GitError: git could not be started or read, printed too much, or took too long.
    """
    command = [encoded(each) for each in ("git", *_ALWAYS, *args)]
    folder = files.absolute(os.fsdecode(encoded(cwd)))
    seen = environment(os.environ, reach, settings or {})
    try:
        with started(command, cwd=folder, env=seen, fed=stdin is not None) as process:
            if reach is Reach.LOOK:
                _bound(process.pid)
            output, words = _heard(process, args, stdin, timeout, limit)
    except OSError as error:
        raise _not_started(error, folder) from error
    if reach is Reach.LOOK and _LACKING.search(words):  # Some gits end with 0 and call the object missing.
        raise lacking(folder)
    return Finished(process.returncode, bytes(output), bytes(words))


def _heard(
    process: subprocess.Popen[bytes], args: Sequence[str], stdin: bytes | None, timeout: float, limit: int
) -> tuple[bytearray, bytearray]:
    """Give what a process prints until it ends, in time and without a failure of its pipes."""
    try:
        return converse(process, stdin, timeout, limit)
    except subprocess.TimeoutExpired as error:
        said = last_words(error.stderr or b"")
        raise GitError(
            f"git {_subcommand(args)} was stopped after {timeout:g} s{f': {said}' if said else ''}",
            hint="see whether a hook, a credential helper or the file system hangs",
        ) from error
    except OSError as error:
        raise GitError(
            f"git {_subcommand(args)} could not be read from: {error.strerror or error}",
            hint="run the same command again",
        ) from error


def _bound(pid: int) -> None:
    """Bound the memory of a process, where that can be done: a link to /dev/zero would make git take all."""
    with contextlib.suppress(
        ImportError, AttributeError, OSError, ValueError
    ):  # Not POSIX; not Linux; ended.
        import resource

        resource.prlimit(pid, resource.RLIMIT_DATA, (_MOST_MEMORY, _MOST_MEMORY))


def environment(
    inherited: Mapping[str, str], reach: Reach = Reach.ACT, settings: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Derive the variables that git may see.

    ``git rev-parse --local-env-vars`` names what belongs to one repository; git itself sets these
    for hooks, where they would turn every later ``git`` to the hook's repository.

    Configuration goes by ``GIT_CONFIG_KEY_n``, not by ``-c``, which takes a name apart at its first
    ``=``: a filter may be called ``a=b``.
    """
    kept = {
        name: value
        for name, value in inherited.items()
        if name not in LOCAL_VARIABLES and not name.startswith(("GIT_CONFIG_KEY_", "GIT_CONFIG_VALUE_"))
    }
    chosen = {**_NO_EXT, **(settings or {})}
    if reach is not Reach.ACT:
        chosen |= _NO_PROGRAMS
        kept |= {"GIT_NO_LAZY_FETCH": "1", "PATH": _absolute(inherited.get("PATH", os.defpath))}
        asked = inherited.get("GIT_ALLOW_PROTOCOL", _ASKED).split(":") if reach is Reach.ASK else ()
        kept["GIT_ALLOW_PROTOCOL"] = ":".join(each for each in _ASKED.split(":") if each in asked) or "none"
    for number, (key, value) in enumerate(chosen.items()):
        kept |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return kept | _FORCED | {"GIT_CONFIG_COUNT": str(len(chosen))}


def _absolute(search_path: str) -> str:
    """Leave out the folders that depend on where one stands: a clone can hold a program called git."""
    kept = os.pathsep.join(each for each in search_path.split(os.pathsep) if os.path.isabs(each))
    return kept or _NOWHERE  # An empty one would stand for the current folder.


def failure(args: Sequence[str], finished: Finished, cwd: str) -> GitError:
    """Make the error for a process that failed, in git's own words."""
    said = last_words(finished.stderr)
    if not said:
        ending = "signal" if finished.returncode < 0 else "exit code"
        said = f"{ending} {abs(finished.returncode)}, without a word"
    message = f"git {_subcommand(args)} failed: {said}"
    if finished.returncode == _USAGE or _TOO_OLD.search(finished.stderr):
        return GitError(f"{message} ({_version(cwd)})", hint=_UPDATE)
    return GitError(message)


def lacking(cwd: str) -> Unsupported:
    """Make the error for objects that a partial clone has not fetched.

    Git would fetch them now, and run whatever program the repository's configuration names for that.
    """
    asked = ["config", "--get-regexp", "--name-only", "-z", r"^remote\..*\.promisor$"]
    key = os.fsdecode(execute(asked, cwd=cwd).stdout.partition(b"\0")[0])
    name = key.removeprefix("remote.").removesuffix(".promisor")
    here = shell_word(cwd)
    remote = name if _PLAIN_NAME.fullmatch(name) else "REMOTE"  # It is there to be typed.
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
_MOST_MEMORY = 4 << 30
_NOWHERE = f"{os.devnull}/none"
_FORCED = {
    "LC_ALL": "C",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_EDITOR": "false",
    "GIT_PAGER": "cat",
    # Never a file: `info/grafts` forges ancestry as replacements do, and has no switch.
    "GIT_GRAFT_FILE": _NOWHERE,
}
# git-remote-ext(1) runs any command that a URL holds; a repository can allow it for itself.
_NO_EXT = {"protocol.ext.allow": "never"}
_NO_PROGRAMS = {
    "core.hooksPath": os.devnull,
    # A folder of plain files can be a repository, and a clone can hold such a folder; see `opening`.
    "safe.bareRepository": "explicit",
    # A blank line of 200 MB is a few bytes in a pack: what is larger than this is not taken apart for a diff.
    "core.bigFileThreshold": "16m",
}
_ASKED = "file:git:http:https:ssh"  # Not `NAME::`, which runs `git-remote-NAME`.
_LACKING = re.compile(rb"from promisor remote|lazy fetching disabled|transport '[^']*' not allowed")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./-]*")
_ALWAYS = ("-c", "core.fsmonitor=false", "--no-replace-objects", "--no-optional-locks")
_UPDATE = "krow-versions needs git 2.31 or newer (2.38 for file names with a line break)"
_TOO_OLD = re.compile(rb"unknown (?:option|switch)|is not a git command")
_USAGE = 129  # and when it does not understand its arguments
_SHOWN_LINES = 6
_SHOWN_BYTES = 2000


def _not_started(error: OSError, folder: str) -> KrowVersionsError:
    """Tell why no process came to be; the same error stands for a missing program or folder."""
    if error.filename == folder:
        if isinstance(error, FileNotFoundError | NotADirectoryError):
            return UsageError(f"there is no folder {quoted(folder)}")
        return GitError(f"git cannot be run in {quoted(folder)}: {error.strerror}")
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return GitMissing("there is no git program on PATH", hint=f"install git; {_UPDATE}")
    return GitError(f"git cannot be started: {error.strerror}")


def _subcommand(args: Sequence[str]) -> str:
    """Give the subcommand, which stands behind the ``-c name=value`` pairs."""
    return printable(
        next(each for before, each in zip(("", *args), args, strict=False) if "-c" not in {before, each})
    )


def last_words(stderr: bytes) -> str:
    """Give the end of what git said, on one line and safe to show."""
    text = stderr[-_SHOWN_BYTES:].decode("utf-8", "replace")
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    return safe("; ".join(lines[-_SHOWN_LINES:]))


def _version(cwd: str) -> str:
    """Say which git this is, for an error message: in its own words, whatever they are."""
    try:
        said = execute(["--version"], cwd=cwd, timeout=5).stdout
    except KrowVersionsError:
        said = b""
    return f"git --version says {quoted(said.decode('utf-8', 'replace').strip())}"


def encoded(argument: str) -> bytes:
    """Encode what a program is given, as the operating system wants it."""
    try:
        encoded = os.fsencode(argument)
    except UnicodeEncodeError:
        raise UsageError(f"{quoted(argument)} holds a character that no program can be given") from None
    if b"\0" in encoded:
        raise UsageError(f"{quoted(argument)} holds a NUL, which no program can be given")
    return encoded


def unexpected(args: Sequence[str], output: bytes, cwd: str) -> GitError:
    """Make the error for an answer of a form that no supported git gives."""
    said = quoted(without_credentials(output[:_SHOWN_BYTES].decode("utf-8", "replace")))
    return GitError(f"git {args[0]} gave an answer of another form: {said} ({_version(cwd)})", hint=_UPDATE)
