"""Create workspaces in real repositories, and the laws of a bump."""

from __future__ import annotations

import contextlib
import datetime as dt
import itertools
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from krow_versions import Workspace, git
from krow_versions.testing.laws import must, must_equal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from krow_versions.testing.workspace import ProductSample, TagSample, WorkspaceSample

# Without the user's hooks and templates.
_GIT = ("-c", f"core.hooksPath={os.devnull}", "-c", "init.templateDir=", "-c", "init.defaultBranch=main")
_WHO = "KROW tests <tests@krow.invalid>"
_BEGUN = 1_767_225_600  # 2026-01-01, in seconds since 1970; every commit is a minute later.
_MAIN, _ASIDE = "refs/heads/main", "refs/heads/elsewhere"


def make(workspace: WorkspaceSample, folder: str | os.PathLike[str]) -> Path:
    """Create *workspace* in *folder* (new or empty) with the real git program: files, history, tags.

    Each release is a commit; those that HEAD does not contain are on the branch ``elsewhere``. HEAD is
    ``main``, and its last commit is a ``fix:``. CHANGELOGs have no row for the hotfix yet, also those in
    :attr:`WorkspaceSample.bumped`.

    Raises:
        FileExistsError: *folder* is not empty.
        KrowVersionsError: git is missing, or failed.
    """
    root = Path(folder).resolve()
    root.mkdir(parents=True, exist_ok=True)
    if any(root.iterdir()):
        raise FileExistsError(f"the folder {str(root)!r} is not empty")
    git.run([*_GIT, "init", "--quiet"], cwd=str(root))
    git.run([*_GIT, "fast-import", "--quiet"], cwd=str(root), stdin=b"".join(_history(workspace)))
    git.run([*_GIT, "read-tree", "HEAD"], cwd=str(root))
    for path, text in workspace.files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode())
    return root


def bump(workspace: WorkspaceSample, root: Path) -> bool:
    """Bump every product with this library; return whether there was anything to do."""
    opened = Workspace.open(root)
    plan = opened.plan_bump(*workspace.names, date=dt.date(2026, 3, 5))
    opened.apply(plan)
    opened.apply(plan)  # A plan that was applied does nothing.
    return not plan.is_empty


def law_bump_converges(
    workspace: WorkspaceSample,
    folder: str | os.PathLike[str],
    bump: Callable[[WorkspaceSample, Path], bool] = bump,
) -> None:
    """A second run after an interrupted bump gives the bytes of a complete one; a third has nothing to do.

    Args:
        workspace: the workspace to bump.
        folder: where to create it; it is removed afterwards.
        bump: bumps every product of the workspace in the given folder, and returns whether there was
            anything to do.
    """
    with _made(attrs.evolve(workspace, bumped=frozenset(), committed=False), folder) as root:
        bump(workspace, root)
        whole = _contents(root)
    with _made(workspace, folder) as root:
        for path in workspace.bumped & workspace.changelogs.keys():
            (root / path).write_bytes(whole[path])
        bump(workspace, root)
        _must_hold(_contents(root), whole, "after the second half of a bump")
        must(not bump(workspace, root), "a run after the bump found something to do")
        _must_hold(_contents(root), whole, "after a run with nothing to do")


def law_bump_is_patch_only(
    workspace: WorkspaceSample,
    folder: str | os.PathLike[str],
    bump: Callable[[WorkspaceSample, Path], bool] = bump,
) -> None:
    """A bump raises PATCH by one and the build above all shipped builds; no other byte changes.

    Except in CHANGELOGs, which may get a row. No file is created or removed. The arguments are those of
    :func:`law_bump_converges`.
    """
    with _made(workspace, folder) as root:
        bump(workspace, root)
        found = _contents(root)
    must_equal(sorted(found), sorted(workspace.files), "the files after a bump")
    expected = {path: text.encode() for path, text in {**workspace.others, **workspace.after}.items()}
    _must_hold({path: found[path] for path in expected}, expected, "after a bump")


def _must_hold(found: dict[str, bytes], expected: dict[str, bytes], when: str) -> None:
    must_equal(sorted(found), sorted(expected), f"the files {when}")
    for path, data in expected.items():
        must_equal(found[path], data, f"{path} {when}")


@contextlib.contextmanager
def _made(workspace: WorkspaceSample, folder: str | os.PathLike[str]) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir=folder) as made:
        yield make(workspace, made)


def _contents(root: Path) -> dict[str, bytes]:
    """Return the bytes of every file, except git's own."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and ".git" not in path.relative_to(root).parts
    }


# --- history --------------------------------------------------------------------------------


def _history(workspace: WorkspaceSample) -> Iterator[bytes]:
    """Yield the history for ``git fast-import`` (git-scm.com/docs/git-fast-import)."""
    marks = itertools.count(1)
    logs = {path: sample.text for path, sample in workspace.changelogs.items()}
    yield from _commit(_MAIN, next(marks), "feat: begin", {**workspace.others, **logs})
    aside = False
    for product in workspace.products:
        for tag in product.tags:
            mark, name = next(marks), product.tag_name(tag)
            branch = _MAIN if tag.reachable else _ASIDE
            yield from _commit(
                branch,
                mark,
                f"chore: release {name}",
                _released(product, tag),
                gone=_paths(product),
                parent=None if tag.reachable or aside else 1,
            )
            aside = aside or not tag.reachable
            yield _tag(name, mark, annotated=tag.annotated)
    now = workspace.files if workspace.committed else {**workspace.files, **workspace.before}
    gone = [path for product in workspace.products for path in _paths(product)]
    yield from _commit(_MAIN, next(marks), "fix: Crash on login", now, gone=gone)
    yield b"done\n"


def _paths(product: ProductSample) -> list[str]:
    """Return the present and former paths of the version files of *product*."""
    return [path for file in product.files for path in (file.path, file.moved_from) if path]


def _released(product: ProductSample, tag: TagSample) -> dict[str, str]:
    """Return the version files of *product* at *tag*."""
    if tag.files == "gone":
        return {}
    return {
        (tag.files == "moved" and file.moved_from) or file.path: file.at(tag.core, tag.build)
        for file in product.files
    }


def _commit(
    branch: str,
    mark: int,
    message: str,
    files: dict[str, str],
    *,
    gone: Iterable[str] = (),
    parent: int | None = None,
) -> Iterator[bytes]:
    who = f"committer {_WHO} {_BEGUN + 60 * mark} +0000\n"
    yield f"commit {branch}\nmark :{mark}\n{who}".encode() + _data(message)
    if parent is not None:
        yield f"from :{parent}\n".encode()
    for path in gone:
        yield f"D {path}\n".encode()
    for path, text in files.items():
        yield f"M 100644 inline {path}\n".encode() + _data(text)


def _tag(name: str, mark: int, *, annotated: bool) -> bytes:
    if not annotated:
        return f"reset refs/tags/{name}\nfrom :{mark}\n\n".encode()
    who = f"tagger {_WHO} {_BEGUN + 60 * mark} +0000\n"
    return f"tag {name}\nfrom :{mark}\n{who}".encode() + _data(f"Release {name}")


def _data(text: str) -> bytes:
    data = text.encode()
    return b"data %d\n%s\n" % (len(data), data)
