"""Pictures of a repository, to prove that what was refused has changed nothing."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.repositories import Repo

Picture = dict[str, tuple[object, ...]]


@contextlib.contextmanager
def untouched(*repos: Repo) -> Iterator[None]:
    """Fail unless every file, git's own among them, is the same bytes, mode and time afterwards.

    Objects that nothing names are no change; git leaves some behind.
    """
    before = [_files(repo.path) for repo in repos]
    yield
    assert [_files(repo.path) for repo in repos] == before


@contextlib.contextmanager
def as_before(repo: Repo) -> Iterator[None]:
    """Fail unless refs, HEAD, index and files hold the same afterwards, whatever was written meanwhile."""
    before = contents(repo)
    yield
    assert contents(repo) == before


@contextlib.contextmanager
def same_working_tree(repo: Repo) -> Iterator[None]:
    """Fail unless HEAD, index and files of this working tree are the same; refs may be others."""
    before = contents(repo)
    yield
    after = contents(repo)
    assert (after[0], after[2:4]) == (before[0], before[2:4])


def contents(repo: Repo) -> tuple[object, ...]:
    """What refs, HEAD, index and files hold, and what git makes of them."""
    files = {path: each[:2] for path, each in _files(repo.path).items() if not path.startswith(".git/")}
    ask = ("--no-optional-locks", "-c", "core.fsmonitor=false")
    return (
        files,
        repo.git("for-each-ref", "--format=%(refname) %(objectname) %(upstream)"),
        (repo.path / ".git/HEAD").read_bytes() if (repo.path / ".git").is_dir() else b"",
        repo.git("ls-files", "--stage"),
        repo.git(*ask, "status", "--porcelain=v2", "--ignored", "--untracked-files=all"),
    )


def state(repo: Repo | Path) -> dict[str, object]:
    """All that a run could touch: bytes, mode and time of every file, the index, the refs."""
    root = repo if isinstance(repo, Path) else repo.path
    found: dict[str, object] = {}
    for path in sorted(root.rglob("*")):
        name = str(path.relative_to(root))
        if not name.startswith(".git/") or name == ".git/index":
            status = path.lstat()
            data = path.read_bytes() if path.is_file() else None
            found[name] = (data, status.st_mode, path.is_file() and status.st_mtime_ns)
    if not isinstance(repo, Path):
        found["refs"] = repo.git("for-each-ref")
    return found


def everything(root: Path) -> dict[str, tuple[object, ...]]:
    """Every name below a folder, with all that must stay as it is when nothing is written."""
    state: dict[str, tuple[object, ...]] = {}
    for file in root.rglob("*"):
        status = file.lstat()
        if stat.S_ISDIR(status.st_mode):
            state[str(file)] = ("folder", status.st_mode)
            continue
        content: object = file.read_bytes() if stat.S_ISREG(status.st_mode) else None
        content = str(file.readlink()) if stat.S_ISLNK(status.st_mode) else content
        state[str(file)] = (content, status.st_mode, status.st_mtime_ns, status.st_uid, status.st_gid)
    return state


def _files(folder: Path) -> Picture:
    picture: Picture = {}
    for parent, folders, names in os.walk(folder):
        if parent.endswith("/.git") or (parent == str(folder) and "HEAD" in names):
            folders.remove("objects")
        for name in names:
            path = os.path.join(parent, name)
            status = os.lstat(path)
            data: object = os.readlink(path) if os.path.islink(path) else _bytes(path)
            picture[os.path.relpath(path, folder)] = (data, status.st_mode, status.st_mtime_ns)
    return picture


def _bytes(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()
