"""Commit exactly some files of the working tree; whatever else is staged or changed stays as it is."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from krow_versions.errors import Busy, GitError
from krow_versions.git.locks import require_unlocked
from krow_versions.git.log import is_ancestor
from krow_versions.git.process import Reach, execute, failure, last_lines, run
from krow_versions.git.refs import EFFECT_LIMIT, committer, message_content
from krow_versions.git.working_tree import CheckoutResult, current, require_nothing_under_way
from krow_versions.text.escaping import quoted
from krow_versions.text.words import listed
from krow_versions.values import evolve

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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
        The new HEAD, and what git said. Where an earlier run has made the commit, and its git was killed
        before it wrote the index, only the index is brought to HEAD.

    Raises:
        UsageError: an invalid message.
        Conflict: git is in the middle of a merge, rebase …
        Busy: another git is at work, or one was killed; the commit may be made, which the error says.
        InputError: git does not know who commits.
        GitError: git, a hook or signing failed, git tracks no such file, or the files are as they were
            committed; nothing is committed. Or a hook has changed what is in the commit.
    """
    content = message_content(message)
    here = current(repository)
    require_nothing_under_way(here)
    require_unlocked(here, [here.branch] if here.branch else [])
    named = [f":(top,literal){path}" for path in paths]
    planned = run(["hash-object", "--", *paths], cwd=here.root, reach=Reach.ACT).decode().split()
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
    moved = moved and (here.head is None or is_ancestor(after, here.head, str(after.head)))
    if not moved and error is None:
        raise GitError("git reported success, but there is no new commit", hint="see git log and git status")
    committed = _committed(after, paths)
    changed = [path for path, id_ in zip(paths, planned, strict=True) if committed.get(path) not in {id_, ""}]
    notes = [said]
    if error is not None:
        brought = _bring_index(after, named, committed) if moved or not changed else ""
        if not moved and not brought:
            raise error
        notes = [error.message if moved else "", brought]
    if changed:
        raise GitError(
            f"the commit is made, but a hook has changed in it: {listed(map(quoted, changed), 5)}",
            hint="look at it with git show; if it is right, run this again: it goes on",
        )
    return CheckoutResult(after, tuple(filter(None, notes)))


def _committed(repository: Repository, paths: Sequence[str]) -> dict[str, str]:
    """Return the id of the content that each path has in HEAD; an empty text for a link."""
    if repository.head is None:
        return {}
    listing = run(["ls-tree", "-z", "--full-tree", repository.head, "--", *paths], cwd=repository.root)
    return _ids_by_path(listing, 1)


def _bring_index(repository: Repository, named: Sequence[str], committed: Mapping[str, str]) -> str:
    """Bring what the index has of the paths to HEAD, if a git that was killed has left it behind.

    HEAD moves before the index is written: the next commit of the user would take this one back.

    Returns:
        What was done, or an empty text.

    Raises:
        Busy: the lock of that git is there.
    """
    listing = run(["ls-files", "-z", "--stage", "--", *named], cwd=repository.root)
    if _ids_by_path(listing, 0) == committed:
        return ""
    try:
        require_unlocked(repository)
    except Busy as busy:
        busy.advise(
            "the commit is made, but the index does not have it: if there is no other git, delete that "
            "file, and run this again"
        )
        raise
    run(["reset", "--quiet", "HEAD", "--", *named], cwd=repository.root, reach=Reach.ACT)
    return "the commit was made by a git that was killed before it wrote the index: the index has it now"


def _ids_by_path(listing: bytes, column: int) -> dict[str, str]:
    found = {}
    for entry in listing.split(b"\0")[:-1]:
        facts, _, path = entry.partition(b"\t")
        mode, *others = facts.decode().split()
        found[os.fsdecode(path)] = "" if mode == _LINK else others[column]
    return found


_LINK = "120000"
