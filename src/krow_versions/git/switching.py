"""Local branches: create, switch to, bring forward. Refused before anything, or done and verified."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from krow_versions.errors import GitError, KrowVersionsError, RefConflict
from krow_versions.git import validation
from krow_versions.git.log import count, is_ancestor
from krow_versions.git.process import Reach, execute, failure, run
from krow_versions.git.refs import EFFECT_LIMIT, read_ref, require_commit, require_room, update_refs
from krow_versions.git.working_tree import (
    CheckoutResult,
    abandon,
    current,
    require_movable,
    require_nothing_under_way,
    require_unlocked,
    settle,
)
from krow_versions.text.escaping import quoted, quoted_whole
from krow_versions.text.words import counted

if TYPE_CHECKING:
    from krow_versions.git.ref_list import Ref
    from krow_versions.git.repository import Repository


def create_branch(
    repository: Repository, branch: str, commit: str, *, timeout: float = EFFECT_LIMIT
) -> CheckoutResult:
    """Create a branch at exactly a commit, without an upstream, and switch to it.

    The branch comes first and the working tree after it, since a hook that declines a branch
    would find the files already changed the other way round.

    Args:
        repository: where.
        branch: full name, ``refs/heads/…``.
        commit: full id of a commit.
        timeout: seconds for the switch.

    Returns:
        Where HEAD stands, and what a hook complained of when all was done.

    Raises:
        UsageError: a name or id of another form, or no such commit.
        RefConflict: the branch is there already, or another name excludes it.
        Conflict: git is in the middle of something here; or tracked files differ from HEAD.
        Busy: another git is at work, or one was killed.
        GitError: git failed; the branch is gone again.
    """
    short = validation.branch(branch)
    here = current(repository)
    found = read_ref(here, branch)
    if found is not None:
        raise RefConflict(
            f"the branch {quoted(short)} is there already, at {found.commit}",
            hint=f"git switch {short}" if found.commit == commit else "choose another name, or delete it",
        )
    if here.branch == branch:
        raise RefConflict(f"HEAD is on the branch {quoted(short)} already, which has no commit yet")
    require_room(here, branch)
    require_commit(here, commit)
    require_movable(here, [branch])
    try:
        creating = [*_CREATE, short, f"{commit}^{{commit}}"]  # A branch may be called like the id.
        run(creating, cwd=here.root, timeout=timeout, reach=Reach.ACT)
        return _go(here, branch, commit, timeout)
    except BaseException:
        _take_back(here, branch, commit)
        raise


def switch(repository: Repository, branch: str, *, timeout: float = EFFECT_LIMIT) -> CheckoutResult:
    """Switch to a local branch; nothing to do when HEAD is on it.

    Args:
        repository: where.
        branch: full name, ``refs/heads/…``.
        timeout: seconds for the switch.

    Raises:
        RefConflict: there is no such branch; or it is checked out in another working tree.
        KrowVersionsError: as :func:`create_branch`.
    """
    validation.branch(branch)
    here = current(repository)
    if here.branch == branch and here.head:
        return CheckoutResult(here)
    found, commit = _existing(here, branch)
    _require_not_elsewhere(branch, found)
    require_movable(here, ())
    return _go(here, branch, commit, timeout)


def fast_forward(
    repository: Repository, branch: str, commit: str, *, timeout: float = EFFECT_LIMIT
) -> CheckoutResult:
    """Bring a local branch forward to a descendant, as ``git merge --ff-only`` does.

    On the branch that HEAD is on, files, index and HEAD move together; another one moves alone.

    Args:
        repository: where.
        branch: full name, ``refs/heads/…``.
        commit: full id of a commit.
        timeout: seconds for the merge.

    Returns:
        Where HEAD stands, and what a person should know; nothing is done when the branch is there.

    Raises:
        UsageError: a name or id of another form, or no such commit.
        RefConflict: the branch has commits that the other one lacks; or there is no such branch; or it is
            checked out in another working tree.
        Unsupported: history is cut off, so it cannot be told.
        KrowVersionsError: as :func:`create_branch`.
    """
    short = validation.branch(branch)
    here = current(repository)
    found, old = _existing(here, branch)
    require_commit(here, commit)
    if old == commit:
        return CheckoutResult(here)
    if not is_ancestor(here, old, commit):
        ours, theirs = count(here, commit, old), count(here, old, commit)
        raise RefConflict(
            f"the branch {quoted(short)} cannot move forward from {old} to {commit}: it has "
            f"{counted(ours, 'commit')} that the other lacks, and lacks {counted(theirs, 'commit')} of the "
            "other",
            hint="rebase or merge first, then try again",
        )
    if here.branch == branch:
        require_movable(here, [branch])
        return _run(here, [*_MERGE, commit], branch, commit, timeout)
    _require_not_elsewhere(branch, found)
    require_nothing_under_way(here)  # A rebase keeps its branch, with HEAD on none.
    require_unlocked(here, [branch])
    moving = ["update-ref", "--no-deref", "-m", f"merge {commit}: Fast-forward", branch, commit, old]
    try:
        run(moving, cwd=here.root, timeout=timeout, reach=Reach.ACT)
    except GitError as error:
        with contextlib.suppress(GitError):
            if (now := read_ref(here, branch)) and now.commit == commit:
                return CheckoutResult(here, (error.message,))
        raise
    return CheckoutResult(here)


# `branch.<name>.*` and `submodule.propagateBranches` could make more than the one branch.
_CREATE = ("-c", "submodule.propagateBranches=false", "branch", "--quiet", "--no-track")
_SWITCH = ("switch", "--quiet", "--no-guess", "--no-overwrite-ignore")
# What `branch.<name>.mergeOptions` and `merge.*` could turn into something else than a fast-forward.
_MERGE = ("merge", "--quiet", "--ff-only", "--no-squash", "--no-autostash", "--no-overwrite-ignore")


def _existing(here: Repository, branch: str) -> tuple[Ref, str]:
    found = read_ref(here, branch)
    if found is None or not found.commit:
        short = validation.branch(branch)
        raise RefConflict(
            f"there is no branch {quoted(short)} here", hint=f"git branch {short} START creates it"
        )
    return found, found.commit


def _require_not_elsewhere(branch: str, found: Ref) -> None:
    if found.checked_out is not None:
        raise RefConflict(
            f"the branch {quoted(validation.branch(branch))} is checked out in "
            f"{quoted_whole(found.checked_out)}",
            hint="work there, or switch that working tree to another branch",
        )


def _go(here: Repository, branch: str, commit: str, timeout: float) -> CheckoutResult:
    """Run the switch itself."""
    return _run(here, [*_SWITCH, validation.branch(branch)], branch, commit, timeout)


def _run(here: Repository, arguments: list[str], branch: str, commit: str, timeout: float) -> CheckoutResult:
    """Run what moves the working tree, and judge by the state."""
    finished = error = None
    try:
        finished = execute(arguments, cwd=here.root, timeout=timeout, reach=Reach.ACT)
    except GitError as stopped:
        error = stopped
    except BaseException:
        abandon(here, commit)
        raise
    if finished and finished.returncode:
        error = failure(arguments, finished, here.root)
    return settle(here, branch, commit, finished, error)


def _take_back(here: Repository, branch: str, commit: str) -> None:
    """Delete the branch that was just made, unless HEAD is on it: then all was done."""
    with contextlib.suppress(KrowVersionsError):
        if current(here).branch != branch:
            update_refs(here, [f"delete {branch} {commit}"], message="branch: taken back")
