"""Find the repository around a folder, or say readably why git will not have it."""

from __future__ import annotations

import os
import re
import stat

from krow_versions.errors import (
    GitError,
    KrowVersionsError,
    UnsupportedRepository,
    printable,
    quoted,
)
from krow_versions.git.process import Finished, execute, failure, last_words, unexpected
from krow_versions.git.repository import WARNED, Repository

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
        UnsupportedRepository: the folder has no work tree: a bare repository, or git's own folder; or
            its repository lies as plain files inside another one.
        GitMissing: there is no git program.
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
        if (holder := _holder(folder)) is not None:
            raise _embedded(folder, holder)
    if match["inside"] != b"true" or _git_folder(root) != os.path.realpath(os.fsdecode(match["own"])):
        raise UnsupportedRepository(
            f"the configuration of this repository (core.worktree) makes {quoted(root)} its work tree, and "
            "that folder has no .git of this repository",
            path=path,
            hint="git config --show-origin core.worktree shows where; without that setting it can be used",
        )
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
    refused = _NOT_EXPLICIT.search(finished.stderr)
    if refused is not None:
        folder = os.fsdecode(refused[1])
        if (holder := _holder(folder)) is not None:
            return _embedded(folder, holder)
        bare, rest = (b"", b"true\n") if ".git" in folder.split(os.sep) else (b"true", b"")
    if bare == b"true":
        return UnsupportedRepository(
            f"{quoted(path)} is a bare repository, without a work tree whose files could be read",
            hint="run this in a clone or a linked worktree of it (git worktree list)",
        )
    if refused is not None or b"must be run in a work tree" in finished.stderr:
        inside = "is inside git's own folder" if rest.startswith(b"true\n") else "is outside the work tree"
        return UnsupportedRepository(
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


def _embedded(folder: str, holder: str) -> UnsupportedRepository:
    return UnsupportedRepository(
        f"this git repository lies as plain files inside another one, {quoted(holder)}: whoever wrote those "
        "files chose the programs that git would run, so it is not used",
        path=folder,
        hint="name another folder; if you need it, clone it to a folder of its own",
    )


def _holder(git_folder: str) -> str | None:
    """Find the work tree that holds a git folder as plain files: a clone of the one brings the other.

    Git tracks nothing that is called ``.git`` (CVE-2014-9390 and verify_path() in read-cache.c), so
    what is below such a folder did not come from a clone. That includes submodules and linked worktrees.
    """
    path = os.path.realpath(git_folder)
    parts = path.split(os.sep)
    if ".git" in parts:
        return None
    for count in range(len(parts) - 1, 0, -1):
        folder = os.sep.join(parts[:count]) or os.sep
        own = _git_folder(folder)
        if own is not None:
            # `.git` may name this very folder, as `git init --separate-git-dir` lets it.
            return None if f"{path}/".startswith(f"{own}/") else folder
    return None


def _git_folder(folder: str) -> str | None:
    """Give the real path of the git folder that ``.git`` in *folder* is or names, None without one."""
    found = os.path.join(folder, ".git")
    try:
        kind = os.stat(found).st_mode
    except (FileNotFoundError, NotADirectoryError):
        return None
    if not stat.S_ISREG(kind):
        return os.path.realpath(found)
    with open(found, "rb") as file:  # gitrepository-layout(5)
        named = os.fsdecode(file.readline(_LONGEST).removeprefix(b"gitdir:").strip())
    return os.path.realpath(os.path.join(folder, named))


_LONGEST = 4096 + 16  # The longest path of Linux, and what stands before it.
