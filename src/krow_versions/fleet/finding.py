"""Find every workspace below some folders, one after the other: nothing that was found is kept."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from krow_versions import files
from krow_versions.config import FILE_NAME
from krow_versions.errors import FileSystemError, KrowVersionsError, UsageError, raise_all
from krow_versions.files import top_of, upwards
from krow_versions.git.opening import first_line, git_folder
from krow_versions.products import KROW
from krow_versions.text.escaping import quoted, quoted_whole, shell_word
from krow_versions.values import evolve, frozen
from krow_versions.workspace.discovery import has_products, is_configured
from krow_versions.workspace.main_config import PYPROJECT

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

NOT_ENTERED = frozenset(
    {
        *("__pycache__", "bower_components", "node_modules", "Pods", "site-packages", "venv", ".cache"),
        *(".cargo", ".dart_tool", ".gradle", ".nox", ".npm", ".pub-cache", ".symlinks", ".tox", ".venv"),
    }
)
"""Folders of what was installed or built, which no workspace is looked for in; nor is it in git's own."""
_BARE = {"HEAD", "objects", "refs"}
_KROW = {file.path.partition("/")[0] for product in KROW.products for file in product.files}


@frozen
class Root:
    """A folder to look in.

    Attributes:
        path: as it was given.
        real: its real path.
    """

    path: str
    real: str

    @property
    def around(self) -> str | None:
        """The workspace that this folder is inside of, or None."""
        above = [*upwards(self.real)][1:]
        configured = next((folder for folder in above if is_configured(folder)), None)
        top = top_of(self.real)
        return configured or (top if top in above and has_products(top) else None)


@frozen
class Found:
    """A place below a root.

    Attributes:
        root: the root.
        path: the folder, which begins as its root was given.
        skipped: why it is not a workspace to audit, although it looks like one; else empty.
        error: why it is not known whether there are workspaces in it; else empty.
    """

    root: Root
    path: str
    skipped: str = ""
    error: str = ""


@frozen
class _Folder:
    path: str
    real: str
    inside: str = ""  # The workspace that it is in.
    configured: bool = False  # Whether a folder above has a configuration, which is then that of this one.
    tracked: bool = False  # Whether it is in a working tree of git.


def roots_of(paths: Sequence[str]) -> tuple[Root, ...]:
    """Return the folders to look in, each once.

    Raises:
        UsageError: there is no such folder.
        FileSystemError: one cannot be looked at.
    """
    found: dict[str, Root] = {}
    errors: list[KrowVersionsError] = []
    for path in paths:
        try:
            real = files.real_path(path)
            if not path or not files.is_folder(real):
                raise UsageError(f"there is no folder {quoted(path)}", hint="name a folder with workspaces")
            found.setdefault(real, Root(path, real))
        except KrowVersionsError as error:
            errors.append(error)
    raise_all(errors)
    return tuple(found.values())


def find_workspaces(roots: Sequence[Root]) -> Iterator[Found | None]:
    """Yield the workspaces below each root, and what only looks like one, in the order of their names.

    A workspace is what :meth:`Workspace.open` takes for one when it is given that very folder: it has a
    configuration, or KROW's products without one. Skipped are those inside another one, linked working
    trees unless they are a root, and bare repositories. Links to folders are not followed. After each folder
    comes a None, so that others can do something meanwhile.
    """
    for root in roots:
        above = [*upwards(root.real)][1:]
        start = _Folder(
            root.path,
            root.real,
            configured=any(map(is_configured, above)),
            tracked=any(files.status(".git", root=folder) is not None for folder in above),
        )
        yield from _walk(root, start, {each.real for each in roots} - {root.real})


def empty(roots: Sequence[Root], found: Collection[Root]) -> list[UsageError]:
    """Make the errors of the roots that no workspace was found in; one that holds another root may be so."""
    errors = []
    for root in roots:
        holds = any(files.below(root.real, each.real) for each in roots)
        if root not in found and not holds:
            around = root.around
            hint = (
                f"it is inside the workspace {quoted_whole(around)}: name that"
                if around
                else "name a folder with workspaces, or describe one: krow-versions init"
            )
            errors.append(UsageError(f"there is no workspace in or below {quoted(root.path)}", hint=hint))
    return errors


def _walk(root: Root, start: _Folder, others: Collection[str]) -> Iterator[Found | None]:
    waiting = [start]
    while waiting:
        here = waiting.pop()
        try:
            with os.scandir(here.real) as listed:
                entries = sorted(listed, key=lambda entry: entry.name)
        except OSError as error:
            if here is start or not isinstance(error, FileNotFoundError | NotADirectoryError):
                yield Found(root, here.path, error=_closed(here.real, error))
            continue  # If it is gone, it was removed meanwhile.
        names = {entry.name for entry in entries}
        seen = _seen(here, names, is_root=here is start)
        if seen.skipped or seen.is_workspace:
            yield Found(root, here.path, skipped=seen.skipped)
        for entry in entries if seen.below else ():
            if _is_linked_workspace(entry):
                reason = "it is a link to a folder, which is not followed; name it to have it audited"
                yield Found(root, _joined(here, entry), skipped=reason)
        waiting += [
            evolve(seen.below, path=_joined(here, entry), real=entry.path)
            for entry in reversed(entries)
            if seen.below and _is_entered(entry) and entry.path not in others
        ]
        yield None


@frozen
class _Seen:
    skipped: str = ""
    is_workspace: bool = False
    below: _Folder | None = None  # What holds in the folders in it; None if they are not entered.


def _seen(here: _Folder, names: set[str], *, is_root: bool) -> _Seen:
    """Judge a folder by the names in it."""
    is_top = ".git" in names
    if not is_top and names >= _BARE:
        return _Seen("it is a bare repository, or git's own folder of another one")
    if is_top and not is_root and (main := _main_of_linked(here.real)):
        return _Seen(f"it is a linked working tree, of {quoted_whole(main)}")
    has_file = not names.isdisjoint((FILE_NAME, PYPROJECT)) and is_configured(here.real)
    below = evolve(here, configured=here.configured or has_file, tracked=here.tracked or is_top)
    if not (has_file or _is_described(here, names)):
        return _Seen(below=below)
    if here.inside:
        return _Seen(f"it is inside the workspace {quoted_whole(here.inside)}", below=below)
    return _Seen(is_workspace=True, below=evolve(below, inside=here.path))


def _is_described(here: _Folder, names: Collection[str]) -> bool:
    """Whether a folder without a configuration of its own, or above it, is a workspace all the same."""
    if here.configured:
        return False
    if ".git" in names:
        return has_products(here.real)
    return not here.tracked and not _KROW.isdisjoint(names) and has_products(here.real)


def _main_of_linked(top: str) -> str | None:
    """Return the working tree, or the bare repository, of a linked working tree; None for any other."""
    try:
        own = git_folder(top)
        folder = os.path.dirname(own or "")
        if own and (first_line(own, "commondir") or os.path.basename(folder) == "worktrees"):
            return os.path.dirname(folder).removesuffix(f"{os.sep}.git")
    except KrowVersionsError:
        pass  # Opening it says why.
    return None


def _closed(folder: str, error: OSError) -> str:
    hint = f"see who may enter it: ls -ld {shell_word(folder)}"
    return f"this folder cannot be listed: {error.strerror}; hint: {hint}"


def _joined(here: _Folder, entry: os.DirEntry[str]) -> str:
    return os.path.normpath(os.path.join(here.path, entry.name))


def _is_entered(entry: os.DirEntry[str]) -> bool:
    if entry.name in NOT_ENTERED or files.is_git_folder(entry.name):
        return False
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return True  # Entering it says why.


def _is_linked_workspace(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_symlink() and any(
            files.status(os.path.join(entry.path, name)) is not None for name in (".git", FILE_NAME)
        )
    except (OSError, FileSystemError):
        return False  # A link that leads nowhere, or in a circle.
