"""Find files by globs; links to folders and git's own folder are not entered."""

from __future__ import annotations

import os
import stat

from krow_versions.errors import FileSystemError
from krow_versions.files.paths import is_git_folder, resolve, safe_parts
from krow_versions.files.presence import exists, is_folder, status
from krow_versions.files.reading import named
from krow_versions.text.paths import has_wildcard, is_match
from krow_versions.values import frozen

_TWICE = ("**", "**")


def find(root: str, pattern: str, *, faults: list[FileSystemError] | None = None) -> tuple[str, ...]:
    """List the paths that match a glob: ``*``, ``?``, ``[...]``, and ``**`` for any number of folders.

    A wildcard matches no hidden name unless it is written with a dot, no symbolic link to a folder, and
    neither ``.git`` nor ``node_modules``; a segment without wildcards matches its exact name, also of a
    linked folder. Folders are no matches, but pipes, devices and dangling links are, so that reading them
    reports an error: nothing is skipped silently.

    Args:
        root: the real path of the repository's folder.
        pattern: relative to *root*, '/'-separated.
        faults: collects the errors of folders that cannot be listed, while the others are searched;
            without it, the first error is raised.

    Returns:
        Paths relative to *root*, sorted; ``(pattern,)`` for a pattern without wildcards that exists.

    Raises:
        UnsafePath: the pattern is absolute, has '..', enters ``.git``, or names a link out of *root*.
        FileSystemError: a folder that might hold matches cannot be listed.
    """
    parts = safe_parts(pattern)
    # `**/**` means `**`, and would list every folder twice.
    segments = [each for before, each in zip(("", *parts), parts, strict=False) if (before, each) != _TWICE]
    if not has_wildcard(pattern):
        try:
            return (pattern,) if exists(root, pattern) else ()
        except FileSystemError as error:
            collect(error, faults)
            return ()
    found: set[str] = set()
    todo = [("", 0)]
    seen = set(todo)
    while todo:
        folder, index = todo.pop()
        segment, last = segments[index], index == len(segments) - 1
        deep = segment == "**"
        steps = [(folder, index + 1)] if deep and not last else []
        try:
            entries = _entries(root, folder, segment, last=last)
        except FileSystemError as error:
            collect(error, faults)
            continue
        for entry in entries:
            if last and entry.matches:
                found.add(folder + entry.name)
            if entry.entered and (deep or not last):
                steps.append((f"{folder}{entry.name}/", index if deep else index + 1))
        todo += [step for step in steps if step not in seen]
        seen.update(steps)
    return tuple(sorted(found))


def collect(error: FileSystemError, faults: list[FileSystemError] | None) -> None:
    """Append an error to *faults*, or raise it when there is no list."""
    if faults is None:
        raise error
    faults.append(error)


@frozen(eq=False, repr=False)  # Generated methods are most of the import time of this room.
class _Entry:
    name: str
    entered: bool  # A folder that the search enters.
    matches: bool  # Anything but a folder or a link to one.


def _entries(root: str, folder: str, segment: str, *, last: bool) -> list[_Entry]:
    """List the entries of a folder that match one segment of a pattern."""
    if not has_wildcard(segment):
        path = folder + segment
        found = status(path, root=root)
        if found is None:
            return []
        leads = stat.S_ISDIR(found.st_mode)
        if stat.S_ISLNK(found.st_mode):
            leads = _leads_to_folder(root, path) if last else is_folder(path, root=root)
            if leads:
                resolve(root, path)
        return [_Entry(segment, leads, not leads)]
    try:
        with (
            named(folder.rstrip("/") or ".", "listed"),
            os.scandir(os.path.join(root, folder)) as entries,
        ):
            return [
                _entry(root, folder, entry)
                for entry in entries
                if is_match(entry.name, segment) and not is_git_folder(entry.name)
            ]
    except FileSystemError as error:
        if folder and isinstance(error.__cause__, FileNotFoundError | NotADirectoryError):
            return []  # It was removed meanwhile.
        raise


def _entry(root: str, folder: str, entry: os.DirEntry[str]) -> _Entry:
    entered = entry.is_dir(follow_symlinks=False)
    leads = entry.is_symlink() and _leads_to_folder(root, folder + entry.name)
    return _Entry(entry.name, entered, not entered and not leads)


def _leads_to_folder(root: str, path: str) -> bool:
    """Return whether a link leads to a folder; False also on an error, which reading will report."""
    try:
        return is_folder(path, root=root)
    except FileSystemError:
        return False
