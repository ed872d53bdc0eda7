"""Find the repository of a folder, or explain why it cannot be used; look at git's own folders."""

from __future__ import annotations

import os
import re
import stat

from krow_versions import files
from krow_versions.errors import GitError, KrowVersionsError, Unsupported
from krow_versions.git.process import Finished, execute, failure, last_lines, unexpected
from krow_versions.git.ref_files import SMALL, content, require_readable_refs
from krow_versions.git.ref_list import WARNED
from krow_versions.git.repository import Repository
from krow_versions.regexes import regex
from krow_versions.text.escaping import printable, quoted

# `--revs-only` ignores a HEAD without a commit instead of failing; `false` and `true` separate the paths.
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
_LOOKED = regex(
    rb"false\nfalse\n(?P<shallow>true|false)\n(?P<common>(?:[A-Z]:)?/.*?)\nfalse\n(?P<own>(?:[A-Z]:)?/.*?)\n"
    rb"(?P<inside>true|false)\n(?P<root>(?:[A-Z]:)?/.*?)\n"
    rb"(?:(?P<head>[0-9a-f]{40,64})\n(?:(?P<branch>HEAD|refs/[^\n]+)\n)?)?",
    re.DOTALL,
)


def open_repository(path: str) -> Repository | None:
    """Find the repository of a folder.

    One process, unless HEAD has no commit yet. Linked worktrees, submodules, a detached HEAD and
    a branch without a commit are supported. None when the folder is in no repository.

    Raises:
        UsageError: there is no such folder.
        Unsupported: the folder has no work tree: it is a bare repository or git's own folder; or
            its repository is plain files inside another one.
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
    root, common_dir, git_dir = (_native(match[each]) for each in ("root", "common", "own"))
    for folder in (common_dir, git_dir):
        if (outer := embedding_tree(folder)) is not None:
            raise _embedded(folder, outer)
    if match["inside"] != b"true" or git_folder(root) != files.real_path(git_dir):
        raise Unsupported(
            f"the configuration of this repository (core.worktree) makes {quoted(root)} its work tree, and "
            "that folder has no .git of this repository",
            path=path,
            hint="git config --show-origin core.worktree shows where; without that setting it can be used",
        )
    require_readable_refs(common_dir)
    found = match["head"] or b""
    head = found.decode("ascii") if found.strip(b"0") else None  # git prints zeros for a broken ref.
    name = os.fsdecode(match["branch"] or b"") if head else ""
    if not name:
        name = _symbolic_head(root, has_commit=head is not None)
    return Repository(
        root=root,
        common_dir=common_dir,
        git_dir=git_dir,
        head=head,
        branch=name if name.startswith("refs/heads/") else None,
        shallow=match["shallow"] == b"true",
    )


def _native(path: bytes) -> str:
    """Return a path as this system writes it: git writes ``C:/work``."""
    return os.path.normpath(os.fsdecode(path))


def git_folder(top: str) -> str | None:
    """Return the real path of the git folder of *top*: of ``.git``, or of the folder that this file names.

    Raises:
        FileSystemError: it cannot be read.
    """
    found = files.status(".git", root=top, follow=True)
    if found is None:
        return None
    path = first_line(top, ".git").removeprefix("gitdir:").strip() if stat.S_ISREG(found.st_mode) else ".git"
    return files.real_path(os.path.join(top, path))


def common_folder(own: str) -> str:
    """Return the git folder of all working trees, from that of one of them: gitrepository-layout(5).

    Raises:
        FileSystemError: it cannot be read.
    """
    return files.real_path(os.path.join(own, first_line(own, "commondir") or "."))


def first_line(folder: str, name: str) -> str:
    """Read the first line of a small file in a git folder; the empty string when there is no such file.

    Raises:
        FileSystemError: it cannot be read.
    """
    return os.fsdecode(content(folder, name, SMALL).partition(b"\n")[0])


def embedding_tree(own: str) -> str | None:
    """Find the work tree in which a git folder is plain files: a clone of that one brings this folder.

    Git tracks nothing with the name ``.git`` (CVE-2014-9390, verify_path() in read-cache.c), so a folder
    below one did not come from a clone. That includes submodules and linked worktrees. Returns the top of
    that work tree, or None.

    Raises:
        FileSystemError: a folder above cannot be read.
    """
    path = files.real_path(own)
    if ".git" in path.split(os.sep):
        return None
    for folder in files.upwards(os.path.dirname(path)):
        found = git_folder(folder)
        if found is not None:
            # `.git` may name this very folder: git-init(1), `--separate-git-dir`.
            return None if files.below(found, path) is not None else folder
    return None


def _symbolic_head(root: str, *, has_commit: bool) -> str:
    """Return the branch of HEAD; raise when a branch without a commit is broken, not new."""
    arguments = ["symbolic-ref", "-q", "HEAD"]
    finished = execute(arguments, cwd=root)
    name = os.fsdecode(finished.stdout.removesuffix(b"\n"))  # Empty when detached.
    if has_commit:
        if finished.returncode not in {0, 1}:
            raise failure(arguments, finished, root)
        return name
    if not finished.returncode:
        finished = execute(["for-each-ref", "--format=%(refname)", name], cwd=root)
        if not finished.stdout and not WARNED.search(finished.stderr):
            return name
    raise GitError(
        f"HEAD cannot be read: {last_lines(finished.stderr) or quoted(name)}",
        hint="git fsck shows what is broken",
    )


def _refusal(finished: Finished, path: str) -> KrowVersionsError:
    """Make the error for a `rev-parse` that found no work tree."""
    bare, _, rest = finished.stdout.partition(b"\n")
    is_bare, is_inside = bare == b"true", rest.startswith(b"true\n")
    refused = _NOT_EXPLICIT.search(finished.stderr)
    if refused is not None:  # Then nothing else was printed.
        folder = os.fsdecode(refused[1])
        if (outer := embedding_tree(folder)) is not None:
            return _embedded(folder, outer)
        is_inside = ".git" in folder.split(os.sep)
        is_bare = not is_inside
    if is_bare:
        return Unsupported(
            f"{quoted(path)} is a bare repository, without a work tree whose files could be read",
            hint="run this in a clone or a linked worktree of it (git worktree list)",
        )
    if refused is not None or b"must be run in a work tree" in finished.stderr:
        where = "is inside git's own folder" if is_inside else "is outside the work tree"
        return Unsupported(
            f"{quoted(path)} {where}, so there are no files to version",
            hint="run this in the repository's work tree",
        )
    if b"dubious ownership" in finished.stderr:
        advice = re.search(rb"git config --global --add safe\.directory .+", finished.stderr)
        command = printable(os.fsdecode(advice[0])) if advice else "see safe.directory in git help config"
        reason = last_lines(finished.stderr.partition(b"\n")[0])
        return GitError(
            f"git does not trust this repository: {reason}", hint=f"if you do trust it: {command}"
        )
    return failure(_LOOK, finished, path)


# git-config(1), safe.bareRepository.
_NOT_EXPLICIT = regex(rb"cannot use bare repository '(.*)' \(safe\.bareRepository", re.DOTALL)


def _embedded(folder: str, outer: str) -> Unsupported:
    return Unsupported(
        f"this git repository lies as plain files inside another one, {quoted(outer)}: a clone can bring "
        "such files, and with them the programs that git would run, so it is not used",
        path=folder,
        hint="name another folder; if you need it, clone it to a folder of its own",
    )
