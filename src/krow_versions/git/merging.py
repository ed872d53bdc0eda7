"""Merges of two commits: looked at, or made in a temporary working tree; the user's stays as it is."""

from __future__ import annotations

import contextlib
import functools
import os
import re
from typing import TYPE_CHECKING

from krow_versions import files
from krow_versions.errors import Conflict, GitError, KrowVersionsError
from krow_versions.git import validation
from krow_versions.git.configuration import flag
from krow_versions.git.inherited import hooks_path, inherited
from krow_versions.git.objects import read_objects, tree_entries
from krow_versions.git.own_folder import FOLDER, own_folder
from krow_versions.git.process import Reach, execute, failure, run, unexpected
from krow_versions.git.refs import EFFECT_LIMIT, committer
from krow_versions.regexes import regex
from krow_versions.text.escaping import quoted_whole
from krow_versions.text.words import listed
from krow_versions.values import frozen

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from krow_versions.git.objects import GitObject
    from krow_versions.git.process import Finished
    from krow_versions.git.repository import Repository


@frozen
class MergePreview:
    """What git makes of a merge.

    Attributes:
        tree: the id of the merged tree, in which files in conflict have marks.
        conflicts: the files in conflict: path to the object ids of the merge base (1), ours (2) and theirs
            (3), as far as they are regular files there.
        undecided: those of them about which a merge driver of the user decides, because none runs here.
        certain: whether the merge, when it is made, gives this tree.
    """

    tree: str
    conflicts: Mapping[str, Mapping[int, str]]
    undecided: frozenset[str] = frozenset()
    certain: bool = True


def preview_merge(repository: Repository, ours: str, theirs: str) -> MergePreview | None:
    """Merge two commits, full ids, in git's object database only; None if git is older than 2.38.

    One process, or two if the user has merge drivers and there are conflicts.

    Raises:
        UsageError: not a full id.
        GitError: git failed.
    """
    keys = (_DRIVER.fullmatch(each.key) for each in repository.settings())
    drivers = {key[1] for key in keys if key}
    off = {f"merge.{name}.driver": _NO_DRIVER for name in sorted(drivers)} | {"merge.renormalize": "false"}
    arguments = [
        "merge-tree",
        "--write-tree",
        "-z",
        "--no-messages",
        *map(validation.object_id, (ours, theirs)),
    ]
    finished = execute(arguments, cwd=repository.root, settings=off)
    if finished.returncode == _USAGE_ERROR:
        return None
    if finished.returncode not in {0, 1} or not finished.stdout:  # 1 also if a commit is not here.
        raise failure(arguments, finished, repository.root)
    tree, *entries = finished.stdout.split(b"\0")[:-1]
    conflicts: dict[str, dict[int, str]] = {}
    for entry in entries:
        match = _STAGE.fullmatch(entry)
        if match is None:
            raise unexpected(arguments, finished.stdout, repository.root)
        stages = conflicts.setdefault(os.fsdecode(match["path"]), {})
        if match["mode"].startswith(b"100"):
            stages[int(match["stage"])] = match["object"].decode("ascii")
    undecided = _undecided(repository, drivers, [*conflicts])
    certain = not undecided and not flag(repository.settings(), "merge.renormalize")
    return MergePreview(tree.decode("ascii"), conflicts, undecided, certain)


def merge_base(repository: Repository, ours: str, theirs: str) -> str | None:
    """Return the best common ancestor of two commits, full ids; None if there is none.

    Raises:
        GitError: git failed.
    """
    arguments = ["merge-base", *map(validation.object_id, (ours, theirs))]
    finished = execute(arguments, cwd=repository.root)
    if finished.returncode not in {0, 1}:
        raise failure(arguments, finished, repository.root)
    return finished.stdout.decode("ascii").strip() or None


def merge(
    repository: Repository,
    ours: str,
    theirs: str,
    message: str,
    texts: Mapping[str, bytes],
    *,
    tree: str = "",
    timeout: float = EFFECT_LIMIT,
) -> str:
    """Make a merge commit of two commits, full ids, in a temporary working tree; no ref names it yet.

    The working tree is below git's common folder. Hooks, filters, merge drivers and signing run as the user
    has them. It is removed afterwards, whatever happens, and one that a killed run has left, before. Only one
    run merges at a time.

    Args:
        repository: the repository.
        ours: the first parent.
        theirs: the second parent.
        message: the whole message.
        texts: the content of files, by path from the top, that git must not decide about.
        tree: the tree of :func:`preview_merge`; if given, all other files must be as in it.
        timeout: seconds for each process.

    Returns:
        The id of the commit. Its parents, *texts* and *tree* were compared with what was asked for.

    Raises:
        Conflict: other files are in conflict; the message names them.
        InputError: git does not know who the committer is.
        Busy: another run merges here.
        UnsafePath: the folder leads out of git's own folder.
        GitError: git or a hook failed, or changed something else.
    """
    validation.object_id(ours), validation.object_id(theirs)
    with own_folder(repository) as home:
        _remove(home)
        work = _Work(repository, os.path.join(home, FOLDER, _NAME), timeout)
        try:
            work.check_out(ours)
            work.merge(theirs, message, texts)
            commit = work.verified([ours, theirs], texts, tree)
        except BaseException:
            with contextlib.suppress(KrowVersionsError):  # The next merge tries again, and says why.
                _remove(home)
            raise
        _remove(home)
        return commit


# What git keeps about a working tree has the name of its folder, and a number if that is taken.
_NAME = "krow-versions-merge"
_KEPT = regex(rf"{_NAME}[0-9]*")
_DRIVER = regex(r"merge\.(.*)\.driver", re.DOTALL)
_NO_DRIVER = "exit 1"  # An empty one would be a success that keeps ours.
_STAGE = regex(rb"(?P<mode>[0-7]{6}) (?P<object>[0-9a-f]{40,64}) (?P<stage>[123])\t(?P<path>.+)", re.DOTALL)
_USAGE_ERROR = 129
_COMMON = {
    "core.sparseCheckout": "false",  # Hooks may need every file.
    "submodule.recurse": "false",  # In a new working tree there are none to update.
    "rerere.enabled": "false",  # It would keep this merge in the user's repository.
    "gc.auto": "0",
    "maintenance.auto": "false",
}


@frozen
class _Work:
    """The temporary working tree of one merge."""

    repository: Repository
    folder: str
    timeout: float

    @functools.cached_property
    def _settings(self) -> dict[str, str]:
        """The configuration of all processes, the user's hooks included.

        A relative ``core.hooksPath`` begins at the top of each working tree, githooks(5). Hook managers put
        files there that git does not track, so that a new working tree has none.
        """
        settings, hooks = {**inherited(self.repository), **_COMMON}, hooks_path(self.repository)
        if not hooks:
            return settings
        if not (hooks.startswith(("/", "~")) or files.is_folder(hooks, root=self.folder)):
            hooks = os.path.join(self.repository.root, hooks)
        return {**settings, "core.hooksPath": hooks}

    def check_out(self, commit: str) -> None:
        arguments = ["worktree", "add", "--quiet", "--detach", "--", self.folder, commit]
        finished = self._execute(arguments, cwd=self.repository.root)
        # Without its `.git` it was not made; with it, only the hook `post-checkout` can have failed.
        if finished.returncode and (
            finished.returncode < 0 or files.status(".git", root=self.folder) is None
        ):
            raise failure(arguments, finished, self.repository.root)

    def merge(self, theirs: str, message: str, texts: Mapping[str, bytes]) -> None:
        how = ["--no-commit"] if texts else ["--cleanup=verbatim", f"--message={message}"]
        arguments = [*_MERGE, *how, theirs]
        finished = self._execute(arguments)
        if finished.returncode not in ({0, 1} if texts else {0}):
            raise self._failed(arguments, finished, texts)
        if texts:
            for path, data in texts.items():
                read = files.read(self.folder, path, limit=_FILE_LIMIT)
                files.replace_all([files.Replacement(read, data)])
            paths = [f":(top,literal){path}" for path in texts]
            arguments = [*_COMMIT, "--include", "--", *paths]
            finished = self._execute(arguments, stdin=message.encode("utf-8"))
            if finished.returncode:
                raise self._failed(arguments, finished, texts)

    def verified(self, parents: Sequence[str], texts: Mapping[str, bytes], tree: str) -> str:
        """Return the commit at HEAD, compared with what was asked for."""
        folders = sorted({"", *(folder for path in texts for folder in _folders(path))}) if tree else []
        wanted = ["HEAD", *(f"HEAD:{path}" for path in texts)]
        wanted += [f"{root}:{folder}" for folder in folders for root in ("HEAD", tree)]
        head, *found = read_objects(self.folder, wanted)
        if head is None:
            raise GitError("the merge commit cannot be read", hint="git fsck shows what is broken")
        made = _PARENTS.findall(head.data.partition(b"\n\n")[0])
        if [each.decode("ascii") for each in made] != [*parents]:
            raise GitError(f"git or a hook made another commit than the merge: {head.object_id}")
        contents, trees = found[: len(texts)], iter(found[len(texts) :])
        held = {path: each.data if each else None for path, each in zip(texts, contents, strict=True)}
        own = {*texts, *(folder for path in texts for folder in _folders(path))}
        same = all(_same_beside(own, folder, next(trees), next(trees)) for folder in folders)
        wrong = [path for path in texts if held[path] != texts[path]]
        if not same:
            arguments = ["diff-tree", "-r", "-z", "--name-only", "--no-renames", tree, head.object_id]
            differing = map(os.fsdecode, run(arguments, cwd=self.folder).split(b"\0")[:-1])
            wrong += [path for path in differing if path not in texts]
        if wrong:
            raise GitError(f"a hook, a filter or an attribute changed what is merged: {_some(wrong)}")
        return head.object_id

    def _failed(
        self, arguments: Sequence[str], finished: Finished, texts: Collection[str]
    ) -> GitError | Conflict:
        """Make the error for a failure: other files in conflict, an unknown committer, or what git says."""
        entries = run(["ls-files", "--unmerged", "-z"], cwd=self.folder).split(b"\0")[:-1]
        paths = dict.fromkeys(os.fsdecode(entry.partition(b"\t")[2]) for entry in entries)
        if others := [path for path in paths if path not in texts]:
            return Conflict(f"git cannot merge {_some(others)}; nothing was changed")
        committer(self.repository)
        return failure(arguments, finished, self.folder)

    def _execute(
        self, arguments: Sequence[str], *, cwd: str | None = None, stdin: bytes | None = None
    ) -> Finished:
        return execute(
            arguments,
            cwd=cwd or self.folder,
            stdin=stdin,
            timeout=self.timeout,
            reach=Reach.ACT,
            settings=self._settings if cwd is None else {**inherited(self.repository), **_COMMON},
        )


_FILE_LIMIT = 64 << 20
_MERGE = ("merge", "--quiet", "--no-ff", "--no-squash", "--no-edit", "--no-stat", "--no-autostash")
_COMMIT = ("commit", "--quiet", "--cleanup=verbatim", "--file=-")
_PARENTS = regex(rb"^parent ([0-9a-f]{40,64})$", re.MULTILINE)


def _remove(home: str) -> None:
    """Remove the working tree, and what git keeps about it: also of a run that was killed at any moment.

    ``git worktree remove`` and ``prune`` leave one whose making was interrupted.
    """
    folder = f"{FOLDER}/{_NAME}"
    files.remove_folder(home, folder)
    for name in files.names(home, "worktrees"):
        if _KEPT.fullmatch(name):
            place = f"worktrees/{name}/gitdir"
            named = files.read(home, place, limit=1 << 16).data.strip() if files.exists(home, place) else b""
            # Newer versions of git can write it relative to the folder of that file.
            of = os.path.normpath(os.path.join(home, f"worktrees/{name}", os.fsdecode(named)))
            if not named or of == os.path.join(home, folder, ".git"):
                files.remove_folder(home, f"worktrees/{name}")


def _same_beside(
    own: Collection[str], folder: str, made: GitObject | None, planned: GitObject | None
) -> bool:
    """Whether a folder has the same in two trees, beside the paths in *own*."""
    one, other = (tree_entries(each) if each else {} for each in (made, planned))
    names = {name for name in one.keys() | other.keys() if one.get(name) != other.get(name)}
    return {f"{folder}/{name}".lstrip("/") for name in names} <= {*own}


def _folders(path: str) -> list[str]:
    parts = path.split("/")[:-1]
    return ["/".join(parts[:end]) for end in range(1, len(parts) + 1)]


def _undecided(repository: Repository, drivers: set[str], paths: Sequence[str]) -> frozenset[str]:
    """Return those of *paths* that a merge driver of the user merges."""
    if not drivers or not paths:
        return frozenset()
    default = next(
        (each.value for each in reversed(repository.settings()) if each.key == "merge.default"), ""
    )
    arguments = ["check-attr", "-z", "--stdin", "merge"]
    stdin = b"".join(os.fsencode(path) + b"\0" for path in paths)
    fields = run(arguments, cwd=repository.root, stdin=stdin).split(b"\0")[:-1]
    values = (
        (os.fsdecode(path), os.fsdecode(value)) for path, value in zip(fields[::3], fields[2::3], strict=True)
    )
    return frozenset(
        path for path, value in values if (default if value == "unspecified" else value) in drivers
    )


def _some(paths: Sequence[str]) -> str:
    return listed(map(quoted_whole, paths))
