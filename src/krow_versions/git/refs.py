"""Single refs: what they name, whether there is room for them, and moving them in one go."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from krow_versions.errors import GitError, RefConflict, UsageError
from krow_versions.git import validation
from krow_versions.git.process import Reach, run
from krow_versions.git.ref_list import list_refs
from krow_versions.text.escaping import quoted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from krow_versions.git.ref_list import Ref
    from krow_versions.git.repository import Repository

EFFECT_LIMIT = 300.0
"""Seconds for what changes a repository or asks a remote: hooks, filters, signing, networks."""


def read_ref(repository: Repository, ref: str) -> Ref | None:
    """Look at one branch or tag, by its full name.

    Returns:
        What it names; None when there is none of that name.

    Raises:
        UsageError, GitError: as :func:`read_refs` says.
    """
    return read_refs(repository, [ref]).get(ref)


def read_refs(repository: Repository, refs: Iterable[str]) -> dict[str, Ref]:
    """Look at branches and tags, by their full names; one process.

    Returns:
        What each names; those that are not there are left out.

    Raises:
        UsageError: no full ref name.
        GitError: git failed, or a ref is there but cannot be read.
    """
    found = {each.ref: each for each in list_refs(repository.root, map(validation.full, refs))}
    for ref, each in found.items():
        if each.object_type == "missing":
            raise GitError(f"{quoted(ref)} cannot be read", hint="git fsck tells what is broken")
    return found


def resolve(repository: Repository, ref: str) -> str | None:
    """Give the id of the commit that a branch or tag leads to.

    Returns:
        The id; None when there is no ref of that name.

    Raises:
        UsageError: no full ref name.
        GitError: git failed, or the ref leads to no commit.
    """
    found = read_ref(repository, ref)
    if found is not None and not found.commit:
        raise GitError(f"{quoted(ref)} names a {found.object_type} that leads to no commit")
    return found.commit if found else None


def object_ids(repository: Repository, patterns: Iterable[str]) -> dict[str, str]:
    """List refs by full names, or folders with ``/*`` behind them: full name to object id."""
    wanted = tuple(validation.full(each.removesuffix("/*")) for each in patterns)
    if not wanted:
        return {}
    lines = run(["for-each-ref", "--format=%(objectname) %(refname)", *wanted], cwd=repository.root)
    pairs = (line.split(b" ", 1) for line in lines.split(b"\n") if line)
    return {os.fsdecode(ref): object_id.decode("ascii") for object_id, ref in pairs}


def require_commit(repository: Repository, commit: str) -> None:
    """Refuse an object id that is no commit of this repository."""
    validation.object_id(commit)
    if _peeled(repository, commit) != commit:
        raise UsageError(f"{quoted(commit)} is no commit of this repository")


def require_room(repository: Repository, ref: str) -> None:
    """Refuse a name that git cannot keep beside those that are there: refs are files and folders."""
    parts = ref.split("/")
    above = ["/".join(parts[:end]) for end in range(3, len(parts))]
    for found in object_ids(repository, [ref, *above]):
        if found in above or found.startswith(f"{ref}/"):
            raise RefConflict(
                f"{quoted(ref)} cannot be made: {quoted(found)} is there, and git keeps one as the folder "
                "of the other",
                hint="rename or delete the one that is there, or choose another name",
            )


def update_refs(
    repository: Repository, commands: Iterable[str], *, message: str, timeout: float = EFFECT_LIMIT
) -> None:
    """Create, move or delete refs together, all or none; each only from the value that is expected.

    Args:
        repository: where.
        commands: lines of ``git update-ref --stdin``, made of checked names.
        message: what the reflog says.
        timeout: seconds, hooks included.

    Raises:
        GitError: a ref was not as expected, or is locked, or a hook declined.
    """
    stdin = b"".join(os.fsencode(line) + b"\n" for line in commands)
    run(
        ["update-ref", "--no-deref", "-m", message, "--stdin"],
        cwd=repository.root,
        stdin=stdin,
        timeout=timeout,
        reach=Reach.ACT,
    )


_CHECKED = re.compile(rb"([0-9a-f]{40,64}) commit [0-9]+\n")


def _peeled(repository: Repository, object_id: str) -> str | None:
    """Give the id of the commit behind an object; None when there is none."""
    request = f"{object_id}^{{commit}}\n".encode("ascii")
    answer = run(["cat-file", "--batch-check"], cwd=repository.root, stdin=request)
    found = _CHECKED.fullmatch(answer)
    return found[1].decode("ascii") if found else None
