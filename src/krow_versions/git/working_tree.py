"""The working tree: what differs from HEAD, whether it may be moved, and whether it was."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
from typing import TYPE_CHECKING

import attrs

from krow_versions import files
from krow_versions.errors import Busy, Conflict, GitError, KrowVersionsError, Unsupported
from krow_versions.git.configuration import filtered_paths, without_filters
from krow_versions.git.opening import open_repository
from krow_versions.git.process import Reach, execute, failure, last_words, unexpected
from krow_versions.git.restoring import restore
from krow_versions.text.escaping import quoted, quoted_whole
from krow_versions.text.words import listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from krow_versions.git.process import Finished
    from krow_versions.git.repository import Repository


@attrs.frozen
class ChangedPaths:
    """How a working tree differs from its HEAD, as paths from its top.

    Attributes:
        tracked: files that differ in the index or in the working tree, conflicts and submodules
            (another commit, or changed files in them) included.
        untracked: files that git neither tracks nor ignores; a folder of nothing else is named
            once, with a slash behind it. A submodule that holds such files is named too.
        unknown: tracked files that only their filter could tell, where no filter may run.
    """

    tracked: tuple[str, ...]
    untracked: tuple[str, ...]
    unknown: tuple[str, ...] = ()


@attrs.frozen
class CheckoutResult:
    """The end of a move that succeeded.

    Attributes:
        repository: where HEAD stands now.
        notes: what a person should know all the same, such as a hook that failed afterwards.
    """

    repository: Repository
    notes: tuple[str, ...] = ()


def changed_paths(repository: Repository, *, reach: Reach = Reach.LOOK) -> ChangedPaths:
    """Find what differs from HEAD; users' settings for ``git status`` change nothing.

    Limitations: files marked ``skip-worktree`` or ``assume-unchanged`` are not looked at, as
    everywhere in git. While looking, no filter (``filter.NAME.clean``) runs, because a repository
    chooses it: a filtered file is unknown where git does not know it from the index, as after a
    clone; ``git status`` settles that. Files inside submodules are not looked at either, only the
    commits that they are at.

    Args:
        repository: where.
        reach: ``LOOK``, or ``ACT`` before something that runs filters anyway.

    Raises:
        GitError: git failed.
    """
    return _changed(repository, "dirty" if reach is Reach.LOOK else "none", reach)


def current(repository: Repository) -> Repository:
    """Look again where HEAD stands: what was opened may be long ago.

    Raises:
        Unsupported: there is no repository any more, or HEAD cannot be read.
    """
    found = open_repository(repository.root)
    if found is None:
        raise Unsupported(f"{quoted(repository.root)} is no repository any more")
    return found


def require_unlocked(repository: Repository, refs: Iterable[str] = ()) -> None:
    """Refuse while a lock of git stands in the way, and say since when; no lock is ever removed.

    Raises:
        Busy: the index, HEAD or one of the *refs* is locked.
    """
    locks = [os.path.join(repository.git_dir, f"{name}.lock") for name in ("index", "HEAD", "ORIG_HEAD")]
    locks += [os.path.join(repository.common_dir, f"{ref}.lock") for ref in refs]
    for lock in locks:
        found = files.status(lock)
        if found is not None:
            since = dt.datetime.fromtimestamp(found.st_mtime, dt.UTC)
            raise Busy(
                f"git's lock {quoted_whole(lock)} is there since {since:%Y-%m-%d %H:%M:%S} UTC: another git "
                "is at work, or one was killed",
                lock=lock,
                since=since,
                hint="wait for the other git (an editor may run one); if there is none, delete that file",
            )


def require_movable(repository: Repository, refs: Iterable[str]) -> None:
    """Refuse to move a working tree in which something is under way, locked or changed.

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
    """Refuse while git is in the middle of a merge, rebase … here.

    Raises:
        Conflict: it is.
    """
    if operation := repository.under_way():
        verb = operation.split()[0]
        raise Conflict(
            f"git is in the middle of a {operation} here",
            hint="end it first: git bisect reset"
            if verb == "bisect"
            else f"end it first: git {verb} --abort",
        )


def abandon(before: Repository, commit: str) -> None:
    """Undo half of a move that the user interrupted, as far as that can be done."""
    with contextlib.suppress(KrowVersionsError):
        after = current(before)
        if (after.branch, after.head) == (before.branch, before.head):
            restore(before, commit, _changed(after, "all").tracked)


def settle(
    before: Repository, branch: str, commit: str, finished: Finished | None, error: GitError | None
) -> CheckoutResult:
    """Judge a move by the state that it left, whatever its exit code, and undo half of one.

    Git writes files and index first and HEAD last, so where HEAD has moved all is done, and a
    failure came from a hook afterwards. Where it has not, files and index go back to *before*,
    in which nothing was changed; what somebody changed meanwhile stays.

    Args:
        before: the repository as it was, nothing changed in it.
        branch: the full name of the branch that HEAD should be on.
        commit: the commit that it should be at.
        finished: what the process left, if it came to its end.
        error: why the move failed, None when git reported success.

    Raises:
        GitError: HEAD is not where it should be.
    """
    after = current(before)
    if (after.branch, after.head) == (branch, commit):
        notes = [error.message] if error else []
        if error is None and finished and (said := last_words(finished.stderr)):
            notes.append(said)
        try:
            if changed := _changed(after, "all").tracked:
                notes.append(f"a hook or filter left files that differ from the commit: {_some(changed)}")
        except GitError as unseen:
            notes.append(f"whether all files are those of the commit cannot be told: {unseen.message}")
        return CheckoutResult(after, tuple(notes))
    where = quoted(after.branch) if after.branch else "no branch"
    told = error.message if error else f"git reported success, but HEAD is on {where} at {after.head}"
    if (after.branch, after.head) != (before.branch, before.head):
        raise GitError(f"{told}; HEAD was moved to {where} meanwhile", hint="see git reflog") from error
    try:
        restore(before, commit, _changed(after, "all").tracked)
        left = _changed(after, "all").tracked
    except GitError as unseen:
        raise GitError(
            f"{told}; HEAD is as before, but whether all files are cannot be told: {unseen.message}",
            hint="see git status",
        ) from error
    if left:
        raise GitError(
            f"{told}; HEAD is as before, but these files are not: {_some(left)}",
            hint="they were unchanged before; git diff shows them, git restore puts them back",
        ) from error
    raise error or GitError(told)


_TRACKED = {b"1": 8, b"2": 9, b"u": 10}  # spaces before the path, git-status(1), "Porcelain Format Version 2"


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
    settings = without_filters(repository) if reach is Reach.LOOK else {}
    finished = execute(arguments, cwd=repository.root, reach=reach, settings=settings)
    if finished.returncode:
        raise failure(arguments, finished, repository.root)
    output = finished.stdout
    tracked: list[str] = []
    untracked: list[str] = []
    for entry in output.split(b"\0")[:-1]:
        kind = entry[:1]
        if kind in _TRACKED:
            fields = entry.split(b" ", _TRACKED[kind])
            # A submodule in which there are only files that it does not track.
            unknown_only = fields[1] == b".M" and fields[2] == b"S..U"
            (untracked if unknown_only else tracked).append(os.fsdecode(fields[-1]))
        elif kind == b"?":
            untracked.append(os.fsdecode(entry[2:]))
        elif kind != b"#":  # A header, which `status.showStash` adds.
            raise unexpected(arguments, output, repository.root)
    filtered = filtered_paths(repository, tracked) if settings else frozenset()
    return ChangedPaths(
        tuple(path for path in tracked if path not in filtered),
        tuple(untracked),
        tuple(path for path in tracked if path in filtered),
    )


def _some(paths: Sequence[str]) -> str:
    return listed(map(quoted_whole, paths))
