"""Local branches: create, switch, fast-forward; preconditions first, and each result is verified."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from krow_versions.errors import GitError, KrowVersionsError, RefConflict
from krow_versions.git import validation
from krow_versions.git.locks import remedy, require_unlocked, standing
from krow_versions.git.log import count, is_ancestor
from krow_versions.git.process import Reach, execute, failure, run
from krow_versions.git.refs import EFFECT_LIMIT, read_ref, require_commit, require_room, update_refs
from krow_versions.git.resuming import complete, unfinished
from krow_versions.git.working_tree import (
    CheckoutResult,
    changed_paths,
    current,
    require_movable,
    require_nothing_under_way,
    roll_back_interrupted,
    verify_checkout,
)
from krow_versions.text.escaping import quoted, quoted_whole, shell_word
from krow_versions.text.words import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from krow_versions.git.ref_list import Ref
    from krow_versions.git.repository import Repository


def create_branch(
    repository: Repository, branch: str, commit: str, *, timeout: float = EFFECT_LIMIT
) -> CheckoutResult:
    """Create a branch (full name) at exactly a commit (full id), without an upstream, and switch to it.

    The branch is created before the working tree changes, so that a hook can decline the branch without
    any changed file.

    Returns:
        The new HEAD, and the errors of a hook that ran afterwards.

    Raises:
        UsageError: a name or id of another form, or no such commit.
        RefConflict: the branch exists already, or another ref needs the same path.
        Conflict: git is in the middle of an operation here; or tracked files differ from HEAD.
        Busy: another git is at work, or one was killed.
        GitError: git failed; the branch was deleted again.
    """
    short = validation.branch(branch)
    here = current(repository)
    found = read_ref(here, branch)
    if found is not None:
        raise RefConflict(
            f"the branch {quoted(short)} is there already, at {found.commit}",
            hint=f"git switch {shell_word(short)}"
            if found.commit == commit
            else "choose another name, or delete it",
        )
    if here.branch == branch:
        raise RefConflict(f"HEAD is on the branch {quoted(short)} already, which has no commit yet")
    require_room(here, branch)
    require_commit(here, commit)
    require_movable(here, [branch])
    try:
        creating = [*_CREATE, short, f"{commit}^{{commit}}"]  # A branch may be called like the id.
        run(creating, cwd=here.root, timeout=timeout, reach=Reach.ACT)
        return _run(here, [*_SWITCH, short], branch, commit, timeout)
    except BaseException as error:
        if not _has_begun(here, commit):
            _delete_created(here, branch, commit)
        elif isinstance(error, GitError):
            waiting = remedy(locks) if (locks := standing(here, [branch])) else "run it again"
            error.advise(f"files were written, and the branch {short} is kept; {waiting}, which completes it")
        raise


def switch(repository: Repository, branch: str, *, timeout: float = EFFECT_LIMIT) -> CheckoutResult:
    """Switch to a local branch (full name); do nothing when HEAD is on it.

    What a switch to it that was killed had begun to change is completed.

    Raises:
        RefConflict: there is no such branch; or it is checked out in another working tree.
        KrowVersionsError: as :func:`create_branch`.
    """
    short = validation.branch(branch)
    here = current(repository)
    if here.branch == branch and here.head:
        return CheckoutResult(here)
    found, commit = _existing(here, branch)
    _require_not_elsewhere(branch, found)
    _complete(here, (), commit)
    return _run(here, [*_SWITCH, short], branch, commit, timeout)


def fast_forward(
    repository: Repository, branch: str, commit: str, *, timeout: float = EFFECT_LIMIT
) -> CheckoutResult:
    """Move a local branch (full name) forward to a descendant (full id), as ``git merge --ff-only`` does.

    When HEAD is on the branch, files, index and HEAD move too; what a killed run had begun is completed.

    Returns:
        The new HEAD, and errors that did not prevent it; nothing is done when the branch is at *commit*.

    Raises:
        UsageError: a name or id of another form, or no such commit.
        RefConflict: the branch has commits that *commit* does not contain; or there is no such branch; or
            it is checked out in another working tree.
        Unsupported: a shallow clone, in which ancestry is not known.
        KrowVersionsError: as :func:`create_branch`.
    """
    short = validation.branch(branch)
    here = current(repository)
    found, old = _existing(here, branch)
    if old == commit:
        return CheckoutResult(here)
    validation.object_id(commit)
    if here.branch == branch:
        require_commit(here, commit)  # Git would merge the commit of a tag; `update-ref` refuses a tag.
    if not is_ancestor(here, old, commit):
        ours, theirs = count(here, commit, old), count(here, old, commit)
        raise RefConflict(
            f"the branch {quoted(short)} cannot move forward from {old} to {commit}: it has "
            f"{counted(ours, 'commit')} that the other lacks, and lacks {counted(theirs, 'commit')} of the "
            "other",
            hint="rebase or merge first, then try again",
        )
    if here.branch == branch:
        _complete(here, [branch], commit)
        return _run(here, [*_MERGE, commit], branch, commit, timeout)
    _require_not_elsewhere(branch, found)
    require_nothing_under_way(here)  # During a rebase of the branch HEAD is detached.
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


# git-config(1): `branch.autoSetupMerge` and `submodule.propagateBranches` would do more than create a branch.
_CREATE = ("-c", "submodule.propagateBranches=false", "branch", "--quiet", "--no-track")
_SWITCH = ("switch", "--quiet", "--no-guess", "--no-overwrite-ignore")
# git-config(1): `branch.<name>.mergeOptions` and `merge.*` would do other merges than a fast-forward.
_MERGE = ("merge", "--quiet", "--ff-only", "--no-squash", "--no-autostash", "--no-overwrite-ignore")


def _complete(here: Repository, refs: Sequence[str], commit: str) -> None:
    """Complete a killed switch to *commit*, if it is all that differs from HEAD."""
    require_nothing_under_way(here)
    require_unlocked(here, refs)
    found = unfinished(here, commit, changed_paths(here, reach=Reach.ACT).tracked, reach=Reach.ACT)
    if found.edited or (found.begun and found.in_the_way):
        require_movable(here, refs)
    complete(here, commit, found)


def _existing(here: Repository, branch: str) -> tuple[Ref, str]:
    found = read_ref(here, branch)
    if found is None or not found.commit:
        short = validation.branch(branch)
        raise RefConflict(
            f"there is no branch {quoted(short)} here",
            hint=f"git branch {shell_word(short)} START creates it",
        )
    return found, found.commit


def _require_not_elsewhere(branch: str, found: Ref) -> None:
    if found.checked_out is not None:
        raise RefConflict(
            f"the branch {quoted(validation.branch(branch))} is checked out in "
            f"{quoted_whole(found.checked_out)}",
            hint="work there, or switch that working tree to another branch",
        )


def _run(here: Repository, arguments: list[str], branch: str, commit: str, timeout: float) -> CheckoutResult:
    """Run a checkout, and verify it."""
    finished = error = None
    try:
        finished = execute(arguments, cwd=here.root, timeout=timeout, reach=Reach.ACT)
    except GitError as stopped:
        error = stopped
    except BaseException:
        roll_back_interrupted(here, commit)
        raise
    if finished and finished.returncode:
        error = failure(arguments, finished, here.root)
    return verify_checkout(here, branch, commit, finished, error)


def _has_begun(here: Repository, commit: str) -> bool:
    """Whether a switch to *commit* that failed has left files, which another one completes."""
    with contextlib.suppress(KrowVersionsError):
        after = current(here)
        if (after.branch, after.head) == (here.branch, here.head):
            changed = changed_paths(after, reach=Reach.ACT).tracked
            return bool(unfinished(after, commit, changed, reach=Reach.ACT).begun)
    return False


def _delete_created(here: Repository, branch: str, commit: str) -> None:
    """Delete the branch that was just created, unless HEAD is on it: then the switch was complete."""
    with contextlib.suppress(KrowVersionsError):
        if current(here).branch != branch:
            update_refs(here, [f"delete {branch} {commit}"], message="branch: taken back")
