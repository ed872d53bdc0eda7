"""Find the repository around a folder, or say readably why git will not have it."""

from __future__ import annotations

import os
import re

from krow_versions import files
from krow_versions.errors import GitError, KrowVersionsError, Unsupported
from krow_versions.git.folders import git_folder, holder, require_readable_refs
from krow_versions.git.process import Finished, execute, failure, last_words, unexpected
from krow_versions.git.ref_list import WARNED
from krow_versions.git.repository import Repository
from krow_versions.text.escaping import printable, quoted

# `--revs-only` passes over a HEAD that has no commit instead of failing; `false` and `true` part the paths.
_LOOK = (
    "rev-parse",
    "--is-bare-repository",
    "--is-inside-git-dir",
    "--is-shallow-repository",
    "--path-format=absolute",
    "--git-common-dir",
    "--is-inside-git-dir",
    "--git-dir",
    "--is-inside-work-tree",
    "--show-toplevel",
    "--revs-only",
    "HEAD",
    "--symbolic-full-name",
    "HEAD",
)
_LOOKED = re.compile(
    rb"false\nfalse\n(?P<shallow>true|false)\n(?P<common>/.*?)\nfalse\n(?P<own>/.*?)\n(?P<inside>true|false)\n(?P<root>/.*?)\n"
    rb"(?:(?P<head>[0-9a-f]{40,64})\n(?:(?P<branch>HEAD|refs/[^\n]+)\n)?)?",
    re.DOTALL,
)


def open_repository(path: str) -> Repository | None:
    """Find the repository around a folder.

    One process, unless HEAD has no commit yet. Linked worktrees, submodules, a detached HEAD and
    a branch without a commit are all fine.

    Args:
        path: an existing folder.

    Returns:
        The repository; None when the folder is in none.

    Raises:
        UsageError: there is no such folder.
        Unsupported: the folder has no work tree: a bare repository, or git's own folder; or
            its repository lies as plain files inside another one.
        GitMissing: there is no git program.
        FileSystemError: a folder of refs cannot be listed.
        GitError: git refuses the repository (``safe.directory``) or cannot read it.
    """
    finished = execute(_LOOK, cwd=path)
    if finished.returncode:
        if b"not a git repository (or any" in finished.stderr:
            return None
        raise _refusal(finished, path)
    match = _LOOKED.fullmatch(finished.stdout)
    if match is None:
        raise unexpected(_LOOK, finished.stdout, path)
    root = os.fsdecode(match["root"])
    for folder in (os.fsdecode(match["common"]), os.fsdecode(match["own"])):
        if (outer := holder(folder)) is not None:
            raise _embedded(folder, outer)
    if match["inside"] != b"true" or git_folder(root) != files.real_path(os.fsdecode(match["own"])):
        raise Unsupported(
            f"the configuration of this repository (core.worktree) makes {quoted(root)} its work tree, and "
            "that folder has no .git of this repository",
            path=path,
            hint="git config --show-origin core.worktree shows where; without that setting it can be used",
        )
    require_readable_refs(os.fsdecode(match["common"]))
    found = match["head"] or b""
    head = found.decode("ascii") if found.strip(b"0") else None  # Zeros are what git takes for a broken ref.
    name = os.fsdecode(match["branch"] or b"") if head else ""
    if not name:
        name = _symbolic_head(root, born=head is not None)
    return Repository(
        root=root,
        common_dir=os.fsdecode(match["common"]),
        git_dir=os.fsdecode(match["own"]),
        head=head,
        branch=name if name.startswith("refs/heads/") else None,
        shallow=match["shallow"] == b"true",
    )


def _symbolic_head(root: str, *, born: bool) -> str:
    """Name the branch that HEAD is on; make sure that one without a commit is new, not broken."""
    arguments = ["symbolic-ref", "-q", "HEAD"]
    finished = execute(arguments, cwd=root)
    if born:
        if finished.returncode not in {0, 1}:
            raise failure(arguments, finished, root)
        return os.fsdecode(finished.stdout.removesuffix(b"\n"))  # Empty when detached.
    name = os.fsdecode(finished.stdout.removesuffix(b"\n"))
    if not finished.returncode:
        finished = execute(["for-each-ref", "--format=%(refname)", name], cwd=root)
        if not finished.stdout and not WARNED.search(finished.stderr):
            return name
    raise GitError(
        f"HEAD cannot be read: {last_words(finished.stderr) or quoted(name)}",
        hint="git fsck tells what is broken",
    )


def _refusal(finished: Finished, path: str) -> KrowVersionsError:
    """Tell why `rev-parse` found no work tree."""
    bare, _, rest = finished.stdout.partition(b"\n")
    is_bare, is_inside = bare == b"true", rest.startswith(b"true\n")
    refused = _NOT_EXPLICIT.search(finished.stderr)
    if refused is not None:  # Before it answered anything.
        folder = os.fsdecode(refused[1])
        if (outer := holder(folder)) is not None:
            return _embedded(folder, outer)
        is_inside = ".git" in folder.split(os.sep)
        is_bare = not is_inside
    if is_bare:
        return Unsupported(
            f"{quoted(path)} is a bare repository, without a work tree whose files could be read",
            hint="run this in a clone or a linked worktree of it (git worktree list)",
        )
    if refused is not None or b"must be run in a work tree" in finished.stderr:
        inside = "is inside git's own folder" if is_inside else "is outside the work tree"
        return Unsupported(
            f"{quoted(path)} {inside}, so there are no files to version",
            hint="run this in the repository's work tree",
        )
    if b"dubious ownership" in finished.stderr:
        advice = re.search(rb"git config --global --add safe\.directory .+", finished.stderr)
        command = printable(os.fsdecode(advice[0])) if advice else "see safe.directory in git help config"
        said = last_words(finished.stderr.partition(b"\n")[0])
        return GitError(f"git does not trust this repository: {said}", hint=f"if you do trust it: {command}")
    return failure(_LOOK, finished, path)


_NOT_EXPLICIT = re.compile(rb"cannot use bare repository '(.*)' \(safe\.bareRepository", re.DOTALL)


def _embedded(folder: str, holder: str) -> Unsupported:
    return Unsupported(
        f"this git repository lies as plain files inside another one, {quoted(holder)}: a clone can bring "
        "such files, and with them the programs that git would run, so it is not used",
        path=folder,
        hint="name another folder; if you need it, clone it to a folder of its own",
    )
