"""The default branch of a repository, as far as this clone knows it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from krow_versions import files, lazy
from krow_versions.git import validation
from krow_versions.git.configuration import read_settings
from krow_versions.git.opening import common_folder, embedding_tree, first_line, git_folder
from krow_versions.git.process import execute, run
from krow_versions.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Sequence

    from krow_versions.git import objects, remotes
    from krow_versions.git.repository import Repository
else:
    objects, remotes = lazy.modules("krow_versions.git", "objects remotes")

USUAL = ("main", "master", "trunk")
"""Names of default branches that need no configuration."""


def default_branch(repository: Repository, remote: str | None) -> str:
    """Return the short name of the default branch; one process, or two.

    The first that applies: the branch that the remote's HEAD named when this repository was cloned; the
    only branch called ``main``, ``master`` or ``trunk``, here or on the remote; the branch that
    ``init.defaultBranch`` names; the first of the usual names; the only branch, unless a version is in its
    name, as in that of a hotfix of which CI has nothing else; ``main``, which is then no branch here.

    Raises:
        GitError: git failed.
    """
    return evident_branch(repository, remote)[0]


def evident_branch(repository: Repository, remote: str | None) -> tuple[str, bool]:
    """Return :func:`default_branch`, and whether the remote, a usual name or the configuration says so.

    Raises:
        GitError: git failed.
    """
    folders = ["refs/heads/"]
    if remote is not None:
        folders.append(validation.full(f"refs/remotes/{remote}") + "/")
    output = run(["for-each-ref", "--format=%(refname) %(symref)", *folders], cwd=repository.root)
    names = set()
    for line in output.split(b"\n")[:-1]:
        ref, symref = (os.fsdecode(part) for part in line.split(b" ", 1))
        folder = next(each for each in folders if ref.startswith(each))
        if ref != f"{folders[-1]}HEAD" or remote is None:
            names.add(ref.removeprefix(folder))
        elif symref.startswith(folder):
            return symref.removeprefix(folder), True
    return _chosen(names, repository)


def read_on_main(top: str, paths: Sequence[str]) -> tuple[tuple[str, str, bytes], ...]:
    """Read files of the default branches: first those of remotes, as last fetched, then ours.

    One process. Nothing is read in a repository that is plain files of another one.

    Args:
        top: the top of the working tree.
        paths: relative to it.

    Returns:
        For each file that exists, by branch and in the order of *paths*: the full name of the branch, the
        path, and the content.

    Raises:
        GitError: git failed, or the files are too large.
        FileSystemError: git's own folder cannot be read.
    """
    own = git_folder(top)
    if own is None or embedding_tree(own) is not None:
        return ()
    # Git's list of remotes would be one more process for every command on such a branch.
    known = dict.fromkeys(["origin", *files.names(common_folder(own), "refs/remotes")])
    refs = [f"refs/remotes/{remote}/{name}" for remote in known for name in ("HEAD", *USUAL)]
    refs += [f"refs/heads/{name}" for name in USUAL]
    wanted = [(ref, path) for ref in refs for path in paths]
    found = zip(wanted, objects.read_objects(top, [f"{ref}:{path}" for ref, path in wanted]), strict=True)
    return tuple((*pair, each.data) for pair, each in found if each is not None and each.kind == "blob")


def fetched_remotes(top: str) -> tuple[str, ...]:
    """List the remotes that something was fetched from, in order of their names.

    No process, unless there are some and none of them is ``origin``: their names may have slashes.

    Args:
        top: the top of the working tree.

    Raises:
        FileSystemError: git's own folder cannot be read.
        GitError: git failed.
    """
    own = git_folder(top)
    if own is None or embedding_tree(own) is not None:
        return ()
    folders = files.names(common_folder(own), "refs/remotes")
    if not folders or "origin" in folders:
        return tuple(sorted(folders))
    return remotes.names_of_remotes(read_settings(top))


def refs_of_head(top: str) -> tuple[str, ...]:
    """Give the full name of the branch of HEAD, or those of all branches and tags at a detached HEAD.

    The first takes no process, the second one. Refs that git cannot read are left out. None are given in a
    repository that is plain files of another one.

    Args:
        top: the top of the working tree.

    Raises:
        FileSystemError: git's own folder cannot be read.
    """
    own = git_folder(top)
    if own is None or embedding_tree(own) is not None:
        return ()
    head = first_line(own, "HEAD")
    if not validation.is_object_id(head):
        return (head.removeprefix("ref: "),)
    listing = execute(["for-each-ref", "--format=%(refname)", f"--points-at={head}", *_NAMED], cwd=top)
    return tuple(os.fsdecode(listing.stdout).splitlines())


_NAMED = ("refs/heads/", "refs/remotes/", "refs/tags/")


def _chosen(names: set[str], repository: Repository) -> tuple[str, bool]:
    usual = [each for each in USUAL if each in names]
    if len(usual) == 1:
        return usual[0], True
    configured = [each.value for each in repository.settings() if each.key == "init.defaultbranch"]
    if configured and configured[-1] in names:
        return configured[-1], True
    if usual:
        return usual[0], False
    only = next(iter(names)) if len(names) == 1 else None
    return (only, True) if only and not _VERSION.search(only) else (USUAL[0], False)


_VERSION = regex(r"[0-9]\.[0-9]+\.[0-9]")
