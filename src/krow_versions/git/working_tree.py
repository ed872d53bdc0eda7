"""The working tree: list its changes, require a clean state, verify a checkout, roll back a partial one."""

from __future__ import annotations

import contextlib
import os
import stat
from typing import TYPE_CHECKING

from krow_versions import files
from krow_versions.errors import (
    Conflict,
    FileSystemError,
    GitError,
    KrowVersionsError,
    UnsafePath,
    Unsupported,
)
from krow_versions.git.configuration import filtered_paths, without_filters
from krow_versions.git.locks import require_unlocked
from krow_versions.git.opening import open_repository
from krow_versions.git.process import Reach, execute, failure, last_lines, run, unexpected
from krow_versions.text.escaping import quoted, quoted_whole
from krow_versions.text.words import listed
from krow_versions.values import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from krow_versions.git.process import Finished
    from krow_versions.git.repository import Repository


@frozen
class ChangedPaths:
    """The paths of a working tree that differ from its HEAD, relative to its top.

    Attributes:
        tracked: files that differ in the index or in the working tree, conflicts and submodules
            (another commit, or changed files in them) included.
        untracked: files that git neither tracks nor ignores; a folder with nothing else is one entry with
            a slash at its end. A submodule with such files is an entry too.
        unknown: tracked files with a filter that may not run, so whether they differ is not known.
    """

    tracked: tuple[str, ...]
    untracked: tuple[str, ...]
    unknown: tuple[str, ...] = ()


@frozen
class CheckoutResult:
    """The result of a checkout that succeeded.

    Attributes:
        repository: with the new HEAD.
        notes: problems that did not prevent it, such as a hook that failed afterwards.
    """

    repository: Repository
    notes: tuple[str, ...] = ()


def changed_paths(repository: Repository, *, reach: Reach = Reach.LOOK) -> ChangedPaths:
    """List the paths that differ from HEAD, whatever the user's settings for ``git status``.

    Limitations: files marked ``skip-worktree`` or ``assume-unchanged`` are left out, as everywhere in
    git. With ``LOOK``, no filter (``filter.NAME.clean``) runs, because a repository chooses it: a filtered
    file is unknown where the index does not show its state, as after a clone; ``git status`` updates the
    index. With ``LOOK``, only the commits of submodules are compared, not their files. ``ACT`` is for use
    before a command that runs filters anyway.

    Raises:
        GitError: git failed.
    """
    return _changed(repository, "dirty" if reach is Reach.LOOK else "none", reach)


def current(repository: Repository) -> Repository:
    """Open the repository again, to read its present HEAD.

    Raises:
        Unsupported: there is no repository any more, or HEAD cannot be read.
    """
    found = open_repository(repository.root)
    if found is None:
        raise Unsupported(f"{quoted(repository.root)} is no repository any more")
    return found


def require_movable(repository: Repository, refs: Iterable[str]) -> None:
    """Raise unless the working tree can be switched to another commit.

    Raises:
        Conflict: git is in the middle of a merge, rebase …; or tracked files differ from HEAD.
        Busy: see :func:`require_unlocked`.
    """
    require_nothing_under_way(repository)
    require_unlocked(repository, refs)
    if tracked := changed_paths(repository, reach=Reach.ACT).tracked:
        raise Conflict(
            f"tracked files differ from HEAD: {_some(tracked)}",
            hint="commit or stash them (a submodule: git submodule update)",
        )


def require_nothing_under_way(repository: Repository) -> None:
    """Raise while git is in the middle of a merge, rebase … here.

    Raises:
        Conflict: it is.
    """
    if operation := repository.under_way():
        verb = operation.split()[0]
        command = "git bisect reset" if verb == "bisect" else f"git {verb} --abort"
        raise Conflict(f"git is in the middle of a {operation} here", hint=f"end it first: {command}")


def _failed_hook(before: Repository, branch: str, finished: Finished | None) -> str:
    """Describe the failure of a hook after a checkout that is complete; empty if git was stopped."""
    if finished is None:
        return ""
    command, done = ("merge", "moved forward") if before.branch == branch else ("switch", "switched")
    ending = "exit code" if finished.returncode > 0 else "signal"
    said = last_lines(finished.stderr)
    return (
        f"a hook of git {command} failed with {ending} {abs(finished.returncode)}"
        f"{f': {said}' if said else ''}; the branch was {done}"
    )


def verify_checkout(
    before: Repository, branch: str, commit: str, finished: Finished | None, error: GitError | None
) -> CheckoutResult:
    """Verify a checkout by HEAD, whatever the exit code; roll back a partial one.

    Git writes files and index first and HEAD last: where HEAD has moved the checkout is complete, and an
    error came from a hook afterwards. Where it has not, files and index are restored as in *before*;
    what somebody else changed since stays. *finished* is None when the process was stopped, *error* when
    git reported success.

    Raises:
        GitError: HEAD is not where it should be.
    """
    after = current(before)
    if (after.branch, after.head) == (branch, commit):
        notes = [_failed_hook(before, branch, finished) or error.message] if error else []
        if error is None and finished and (said := last_lines(finished.stderr)):
            notes.append(said)
        try:
            if changed := _changed(after, "all").tracked:
                notes.append(f"a hook or filter left files that differ from the commit: {_some(changed)}")
        except GitError as unseen:
            notes.append(f"it is not known whether all files are those of the commit: {unseen.message}")
        return CheckoutResult(after, tuple(notes))
    where = quoted(after.branch) if after.branch else "no branch"
    reason = error.message if error else f"git reported success, but HEAD is on {where} at {after.head}"
    if (after.branch, after.head) != (before.branch, before.head):
        raise GitError(f"{reason}; HEAD was moved to {where} meanwhile", hint="see git reflog") from error
    try:
        _restore(before, commit, _changed(after, "all").tracked)
        left = _changed(after, "all").tracked
    except GitError as unseen:
        raise GitError(
            f"{reason}; HEAD is as before, but it is not known whether all files are: {unseen.message}",
            hint="see git status",
        ) from error
    if left:
        raise GitError(
            f"{reason}; HEAD is as before, but these files are not: {_some(left)}",
            hint="they were unchanged before; git diff shows them, git restore puts them back",
        ) from error
    raise error or GitError(reason)


def roll_back_interrupted(before: Repository, commit: str) -> None:
    """Roll back a checkout that the user interrupted, as far as possible."""
    with contextlib.suppress(KrowVersionsError):
        after = current(before)
        if (after.branch, after.head) == (before.branch, before.head):
            _restore(before, commit, _changed(after, "all").tracked)


# The number of spaces before the path: git-status(1), "Porcelain Format Version 2".
_TRACKED = {b"1": 8, b"2": 9, b"u": 10}


def _changed(repository: Repository, ignored_submodules: str, reach: Reach = Reach.ACT) -> ChangedPaths:
    arguments = [
        "status",
        "--porcelain=v2",
        "-z",
        "--untracked-files=normal",
        "--ignored=no",
        "--no-renames",
        f"--ignore-submodules={ignored_submodules}",
    ]
    settings = without_filters(repository.settings()) if reach is Reach.LOOK else {}
    finished = execute(arguments, cwd=repository.root, reach=reach, settings=settings)
    if finished.returncode:
        raise failure(arguments, finished, repository.root)
    tracked: list[str] = []
    untracked: list[str] = []
    for entry in finished.stdout.split(b"\0")[:-1]:
        kind = entry[:1]
        if kind in _TRACKED:
            fields = entry.split(b" ", _TRACKED[kind])
            # A submodule with untracked files and no other change.
            unknown_only = fields[1] == b".M" and fields[2] == b"S..U"
            (untracked if unknown_only else tracked).append(os.fsdecode(fields[-1]))
        elif kind == b"?":
            untracked.append(os.fsdecode(entry[2:]))
        elif kind != b"#":  # A header, which `status.showStash` adds.
            raise unexpected(arguments, finished.stdout, repository.root)
    filtered = filtered_paths(repository.root, tracked) if settings else frozenset()
    return ChangedPaths(
        tuple(path for path in tracked if path not in filtered),
        tuple(untracked),
        tuple(path for path in tracked if path in filtered),
    )


def _restore(before: Repository, commit: str, changed: Sequence[str]) -> None:
    """Restore index and files to HEAD after a checkout of *commit* stopped half-way.

    The tree was clean before, so git wrote every file that has the content of *commit*. All other files
    stay as they are: what somebody edited since, and a file that git wrote in part. *changed* are the
    tracked files that differ from HEAD now; without any, git had not begun.
    """
    if not changed or before.head is None:
        return
    with contextlib.suppress(GitError):  # Where the index was written: git restores both, with its checks.
        run(["read-tree", "-m", "-u", commit, before.head], cwd=before.root, reach=Reach.ACT)
    with contextlib.suppress(GitError):  # Where it was not: the index still has the old content.
        differing = run([*_DIFFER, commit, "--"], cwd=before.root, reach=Reach.ACT).split(b"\0")
        theirs = {os.fsdecode(entry.split(b"\t", 2)[2]) for entry in differing[:-1]}
        ours = b"".join(os.fsencode(path) + b"\0" for path in changed if path not in theirs)
        arguments = ["checkout-index", "--force", "-z", "--stdin"]
        run(arguments, cwd=before.root, stdin=ours, reach=Reach.ACT)
    with contextlib.suppress(GitError, FileSystemError, UnsafePath):
        _remove_added(before, commit)


_DIFFER = (
    "diff-index",
    "--numstat",  # Makes git compare contents; otherwise it trusts the times of files.
    "-z",
    "--no-ext-diff",
    "--no-textconv",
    "--no-renames",
    "--ignore-submodules=all",
)


def _remove_added(before: Repository, commit: str) -> None:
    """Remove the files that only *commit* has; git had checked that nothing was in their place."""
    arguments = ["diff-tree", "-r", "-z", "--no-renames", "--diff-filter=A", str(before.head), commit, "--"]
    fields = run(arguments, cwd=before.root).split(b"\0")[:-1]
    for entry, path in zip(fields[::2], fields[1::2], strict=True):
        _, mode, _, object_id, _ = entry.split(b" ")
        found = files.status(os.fsdecode(path), root=before.root)
        is_file = mode.startswith(b"100") and found is not None and stat.S_ISREG(found.st_mode)
        if is_file and b"\n" not in path:
            hashing = ["hash-object", "--stdin-paths"]
            if run(hashing, cwd=before.root, stdin=path + b"\n", reach=Reach.ACT).strip() == object_id:
                files.remove(before.root, os.fsdecode(path))


def _some(paths: Sequence[str]) -> str:
    return listed(map(quoted_whole, paths))
