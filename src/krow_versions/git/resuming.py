"""A switch that was killed half-way: recognise it by what it has left, and complete it; no edit is lost.

Git writes files first, then the index, and HEAD last. In between each file is the one of HEAD or the one of
the target, is missing, or is the beginning of the target's. What is none of these is somebody's work, and
stays.
"""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from krow_versions import files
from krow_versions.errors import KrowVersionsError
from krow_versions.git.configuration import flag, without_filters
from krow_versions.git.objects import id_of
from krow_versions.git.process import Reach, execute, failure, run
from krow_versions.git.refs import EFFECT_LIMIT
from krow_versions.git.repository import FILE_LIMIT
from krow_versions.values import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from krow_versions.git.repository import Repository


@frozen
class Unfinished:
    """What a switch that was killed has left.

    Attributes:
        begun: the paths that it had begun to change; empty if there was no such switch.
        written: those of them that the target has.
        edited: the tracked files that differ from HEAD for another reason: somebody works on them.
        in_the_way: files that git does not track where the target has others.
    """

    begun: tuple[str, ...] = ()
    written: tuple[str, ...] = ()
    edited: tuple[str, ...] = ()
    in_the_way: tuple[str, ...] = ()


def unfinished(repository: Repository, target: str, changed: Iterable[str], *, reach: Reach) -> Unfinished:
    """Explain why tracked files differ from HEAD by a switch to *target* that was killed.

    Args:
        repository: as it is now.
        target: the full id of the commit that the switch led to.
        changed: the tracked paths that differ from HEAD.
        reach: ``LOOK`` if no filter may run; then a file with a filter counts as edited.

    Returns:
        With *begun*, or else with *edited* alone.

    Raises:
        GitError: git failed.
    """
    if repository.head is None:
        return Unfinished(edited=tuple(changed))
    steps, staged = _steps(repository, target), _staged(repository)
    tracked = dict.fromkeys((*changed, *staged))
    added = [path for path, step in steps.items() if not step.before.mode and path not in tracked]
    known = [path for path in tracked if path in steps and staged.get(path) in {None, steps[path].after}]
    found = _states(repository, target, steps, (*known, *added), reach)
    begun = [path for path in known if found[path] != _OTHER]
    begun += [path for path in added if found[path] in {_AFTER, _PART}]
    if not begun:
        return Unfinished(edited=tuple(tracked))
    explained = {*begun}
    return Unfinished(
        tuple(begun),
        tuple(path for path in begun if steps[path].after.mode),
        tuple(path for path in tracked if path not in explained),
        tuple(path for path in added if found[path] == _OTHER),
    )


def complete(repository: Repository, target: str, found: Unfinished) -> None:
    """Bring exactly the paths that a killed switch had begun to *target*, in the index and on disk.

    Those that *target* does not have are left to the switch itself.

    Raises:
        GitError: git failed.
    """
    named = b"".join(os.fsencode(f":(top,literal){path}") + b"\0" for path in found.written)
    if named:
        arguments = ["restore", f"--source={target}", *_RESTORE]
        run(arguments, cwd=repository.root, stdin=named, timeout=EFFECT_LIMIT, reach=Reach.ACT)


_RESTORE = (
    "--staged",
    "--worktree",
    "--no-recurse-submodules",
    "--pathspec-from-file=-",
    "--pathspec-file-nul",
)


@frozen
class _Entry:
    """The mode and the object of a path in a tree or in the index; without a mode there is none."""

    mode: bytes = b""
    object_id: bytes = b""


@frozen
class _Step:
    """What a switch does with one path."""

    before: _Entry
    after: _Entry


_BEFORE, _AFTER, _MISSING, _PART, _OTHER = "before", "after", "missing", "part", "other"
_LINK, _SUBMODULE = b"120000", b"160000"
_RAW = ("-z", "--raw", "--no-abbrev", "--no-renames", "--ignore-submodules=none")


def _steps(repository: Repository, target: str) -> dict[str, _Step]:
    """Give what a switch from HEAD to *target* does, by path."""
    return _parsed(run(["diff-tree", "-r", *_RAW, str(repository.head), target, "--"], cwd=repository.root))


def _staged(repository: Repository) -> dict[str, _Entry]:
    """Give the entries of the index that differ from HEAD, by path."""
    arguments = ["diff-index", "--cached", *_RAW, str(repository.head), "--"]
    return {path: step.after for path, step in _parsed(run(arguments, cwd=repository.root)).items()}


def _parsed(output: bytes) -> dict[str, _Step]:
    """Parse git-diff-tree(1), "RAW OUTPUT FORMAT"."""
    fields = output.split(b"\0")[:-1]
    found = {}
    for entry, path in zip(fields[::2], fields[1::2], strict=True):
        *modes, before, after, _ = entry.removeprefix(b":").split(b" ")
        old, new = (
            _Entry(mode, object_id) if mode.strip(b"0") else _Entry()
            for mode, object_id in zip(modes, (before, after), strict=True)
        )
        found[os.fsdecode(path)] = _Step(old, new)
    return found


def _states(
    repository: Repository, target: str, steps: Mapping[str, _Step], paths: Iterable[str], reach: Reach
) -> dict[str, str]:
    """Compare files on disk with both commits, by path.

    Of *steps* there are all: a file may become a folder.
    """
    found: dict[str, str] = {}
    regular: dict[str, os.stat_result] = {}
    for path in paths:
        step = steps[path]
        modes = {step.before.mode, step.after.mode}
        outer = _not_a_folder(repository, path)
        status = files.status(path, root=repository.root) if outer is None else None
        if outer is not None and not (outer in steps and steps[outer].before.mode):
            found[path] = _OTHER
        elif status is None:
            found[path] = _MISSING
        elif stat.S_ISREG(status.st_mode):
            regular[path] = status
        elif stat.S_ISLNK(status.st_mode):
            found[path] = _state_of(step, _LINK, _link_id(repository, path, step))
        elif stat.S_ISDIR(status.st_mode):  # Git leaves a submodule as it is, and checks a folder itself.
            inner = any(each.startswith(f"{path}/") for each in steps)
            found[path] = _BEFORE if inner or _SUBMODULE in modes else _OTHER
        else:
            found[path] = _OTHER
    return found | _states_of_files(repository, target, steps, regular, reach)


def _states_of_files(
    repository: Repository,
    target: str,
    steps: Mapping[str, _Step],
    regular: Mapping[str, os.stat_result],
    reach: Reach,
) -> dict[str, str]:
    settings = _settings(repository, reach)
    named = [path for path in regular if "\n" not in path]  # One on each line.
    arguments = ["hash-object", "--stdin-paths"]
    stdin = b"".join(os.fsencode(path) + b"\n" for path in named)
    finished = execute(arguments, cwd=repository.root, stdin=stdin, reach=reach, settings=settings)
    if finished.returncode:
        raise failure(arguments, finished, repository.root)
    ids = dict(zip(named, finished.stdout.split(), strict=True))
    has_modes = flag(repository.settings(), "core.filemode") is not False
    found = {}
    for path, status in regular.items():
        mode = b"100755" if status.st_mode & stat.S_IXUSR else b"100644"
        found[path] = _state_of(steps[path], mode if has_modes else b"", ids.get(path, b""))
    strange = [path for path, state in found.items() if state == _OTHER and path in named]
    # Git writes one file after the other: no more than one can be there in part.
    if len(strange) == 1 and _is_begun(repository, f"{target}:{strange[0]}", strange[0], reach):
        found[strange[0]] = _PART
    return found


def _settings(repository: Repository, reach: Reach) -> dict[str, str]:
    return without_filters(repository.settings()) if reach is Reach.LOOK else {}


def _state_of(step: _Step, mode: bytes, object_id: bytes) -> str:
    """Give whose content this is; without a *mode* only the content counts."""
    for state, entry in ((_BEFORE, step.before), (_AFTER, step.after)):
        if entry.object_id == object_id and mode in {b"", entry.mode}:
            return state
    return _OTHER


def _is_begun(repository: Repository, name: str, path: str, reach: Reach) -> bool:
    """Whether a file holds the beginning of the object that git was to write there."""
    settings = _settings(repository, reach)
    arguments = ["cat-file", "--filters", name]
    try:
        data = files.read(repository.root, path, limit=FILE_LIMIT).data
        whole = execute(arguments, cwd=repository.root, reach=reach, settings=settings)
    except KrowVersionsError:
        return False
    return not whole.returncode and len(data) < len(whole.stdout) and whole.stdout.startswith(data)


def _not_a_folder(repository: Repository, path: str) -> str | None:
    """Give the first part of a path that should be a folder and is a file or a link."""
    parts = path.split("/")
    for end in range(1, len(parts)):
        outer = "/".join(parts[:end])
        status = files.status(outer, root=repository.root)
        if status is None:
            return None
        if not stat.S_ISDIR(status.st_mode):
            return outer
    return None


def _link_id(repository: Repository, path: str, step: _Step) -> bytes:
    """Compute the object id of a symbolic link: git-hash-object(1) would follow it."""
    try:
        text = os.fsencode(os.readlink(os.path.join(repository.root, path)))
    except OSError:
        return b""
    like = (step.before.object_id or step.after.object_id).decode("ascii")
    return id_of("blob", text, like=like).encode("ascii")
