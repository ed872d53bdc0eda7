"""Commit exactly some files of the working tree; whatever else is staged or changed stays as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.errors import GitError
from krow_versions.git.locks import require_unlocked
from krow_versions.git.log import is_ancestor
from krow_versions.git.process import Reach, execute, failure, last_lines
from krow_versions.git.refs import EFFECT_LIMIT, committer, message_content
from krow_versions.git.working_tree import CheckoutResult, current, require_nothing_under_way
from krow_versions.values import evolve

if TYPE_CHECKING:
    from collections.abc import Sequence

    from krow_versions.git.repository import Repository


def commit(
    repository: Repository, paths: Sequence[str], message: str, *, timeout: float = EFFECT_LIMIT
) -> CheckoutResult:
    """Commit the present content of files that git tracks, and of no others, as ``git commit -- FILE`` does.

    Hooks, signing and identity are the user's. The message is kept as it is, unless a hook changes it.

    Args:
        repository: whose HEAD moves.
        paths: relative to the top of the working tree, one at least.
        message: the whole message.
        timeout: seconds.

    Returns:
        The new HEAD, and what git said.

    Raises:
        UsageError: an invalid message.
        Conflict: git is in the middle of a merge, rebase …
        Busy: another git is at work, or one was killed.
        InputError: git does not know who commits.
        GitError: git, a hook or signing failed, git tracks no such file, or the files are as they were
            committed; nothing is committed.
    """
    content = message_content(message)
    here = current(repository)
    require_nothing_under_way(here)
    require_unlocked(here, [here.branch] if here.branch else [])
    named = [f":(top,literal){path}" for path in paths]
    arguments = ["commit", "--quiet", "--only", "--cleanup=verbatim", "--file=-", "--", *named]
    error, said = None, ""
    try:
        finished = execute(arguments, cwd=here.root, stdin=content, timeout=timeout, reach=Reach.ACT)
        said = last_lines(finished.stderr)
        if finished.returncode:
            committer(here)
            # That there is nothing to commit is no error of git's: it is in the output.
            error = failure(arguments, evolve(finished, stderr=finished.stderr or finished.stdout), here.root)
    except GitError as stopped:
        error = stopped
    after = current(here)
    moved = after.head is not None and after.head != here.head and after.branch == here.branch
    if moved and (here.head is None or is_ancestor(after, here.head, str(after.head))):
        return CheckoutResult(after, tuple(filter(None, (error.message if error else said,))))
    if error is None:
        raise GitError("git reported success, but there is no new commit", hint="see git log and git status")
    raise error
