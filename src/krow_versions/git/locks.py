"""Git's locks: which files they are, since when they are there, and what to do; none is ever removed.

A git that is killed leaves its locks, and every later git that needs one fails. Only people can know whether
another git is at work, so each lock is named, with the time when it was made and the command that removes
exactly that file.
"""

from __future__ import annotations

import datetime as dt
import os
import re
from typing import TYPE_CHECKING, Protocol

from krow_versions import files
from krow_versions.errors import Busy
from krow_versions.regexes import regex
from krow_versions.text.escaping import quoted_whole, safe, shell_command
from krow_versions.values import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Folders(Protocol):
    """What a ``Repository`` says of its folders; that module needs this one."""

    @property
    def root(self) -> str:
        """The top of the working tree."""

    @property
    def common_dir(self) -> str:
        """Git's own folder, of all working trees."""

    @property
    def git_dir(self) -> str:
        """Git's own folder of this working tree."""


@frozen
class Lock:
    """A lock file of git.

    Attributes:
        path: its absolute path.
        shown: its path as people know it: from the top of the working tree, if it is below that.
        since: when it was made.
    """

    path: str
    shown: str
    since: dt.datetime

    def __str__(self) -> str:
        return (
            f"git's lock {quoted_whole(self.shown)} has been there since {self.since:%Y-%m-%d %H:%M:%S} UTC"
        )


def standing(repository: Folders, refs: Iterable[str] = ()) -> tuple[Lock, ...]:
    """Find every lock here that can stop a command of git, those of *refs* included.

    Raises:
        FileSystemError: git's own folder cannot be looked at.
    """
    return _found(repository, [*_paths(repository, refs, _OF_TREE), *_paths(repository, (), _OF_ALL)])


def require_unlocked(repository: Folders, refs: Iterable[str] = ()) -> None:
    """Raise while git holds a lock that is needed; a lock is never removed.

    Raises:
        Busy: the index, HEAD or one of the *refs* is locked.
    """
    if locks := _found(repository, _paths(repository, refs, _OF_TREE)):
        raise Busy(
            f"{'; '.join(map(str, locks))}: {KILLED}",
            lock=locks[0].path,
            since=locks[0].since,
            hint=remedy(locks),
        )


def named_in(errors: bytes, cwd: str) -> Lock | None:
    """Find the lock of this machine that a git in *cwd* says it could not take."""
    match = _LOCKED.search(errors)
    if match is None:
        return None
    name = os.fsdecode(match[1] or match[2] + b".lock")
    return seen(os.path.normpath(os.path.join(cwd, name)), cwd)


def seen(path: str, top: str) -> Lock | None:
    """Look at a lock; None if it is not there any more. Paths below *top* are shown from there."""
    found = files.status(path)
    if found is None:
        return None
    since = dt.datetime.fromtimestamp(found.st_mtime, dt.UTC)
    shown = files.relative(path, top) if path.startswith(os.path.join(top, "")) else path
    return Lock(path, shown, since)


def named_there(errors: bytes) -> str | None:
    """Find the path of the lock that the git of a remote says it could not take."""
    match = _LOCKED_THERE.search(errors)
    return safe(os.path.normpath(os.fsdecode(match[1]))) if match else None


def remedy(locks: Sequence[Lock]) -> str:
    """Say what to do about locks here: what each command removes is exactly these files."""
    removing = shell_command(["rm", *(lock.path for lock in locks)])
    which = "that file" if len(locks) == 1 else "those files"
    return (
        f"wait for the other git (an editor may run one); if there is none, delete {which}: {removing}; "
        "then run it again"
    )


KILLED = "another git is at work, or one was killed"
REMEDY_THERE = (
    "wait a moment, then run it again; if the lock stays, whoever runs the server removes exactly that file, "
    "once no git runs there"
)
_OF_TREE = ("index", "HEAD", "ORIG_HEAD")
_OF_ALL = ("packed-refs", "config", "shallow")
# lockfile.c and config.c; the lines of a remote begin with `remote:`.
_LOCKED = regex(
    rb"^(?!remote:)[^\n]*(?:Unable to create '([^\n]*\.lock)': File exists"
    rb"|could not lock config file ([^\n]*): File exists)",
    re.MULTILINE,
)
_LOCKED_THERE = regex(rb"^remote:[^\n]*Unable to create '([^\n]*\.lock)'", re.MULTILINE)


def _paths(repository: Folders, refs: Iterable[str], names: Iterable[str]) -> list[str]:
    own = set(_OF_ALL)
    found = [
        os.path.join(repository.common_dir if name in own else repository.git_dir, f"{name}.lock")
        for name in names
    ]
    return found + [os.path.join(repository.common_dir, f"{ref}.lock") for ref in refs]


def _found(repository: Folders, paths: Iterable[str]) -> tuple[Lock, ...]:
    return tuple(lock for path in dict.fromkeys(paths) if (lock := seen(path, repository.root)) is not None)
