"""Globs, sorted, which neither follow links to folders nor enter git's own."""

from __future__ import annotations

import os
import stat

import attrs

from krow_versions.errors import FileSystemError
from krow_versions.files.paths import is_git_folder, resolve, safe_parts
from krow_versions.files.presence import exists, is_folder, status
from krow_versions.files.reading import named
from krow_versions.text.paths import has_wildcard, is_match

_TWICE = ("**", "**")


def find(root: str, pattern: str, *, faults: list[FileSystemError] | None = None) -> tuple[str, ...]:
    """List what matches a glob: ``*``, ``?``, ``[...]``, and ``**`` for any number of folders.

    Wildcards match no name that begins with a dot unless they are written with one, no symbolic
    link to a folder, and neither ``.git`` nor ``node_modules``; a segment without wildcards names
    exactly what it says, a linked folder included. Directories do not count as matches, but pipes,
    devices and dangling links do, so that reading them reports them: nothing is skipped in silence.

    Args:
        root: the real path of the repository's folder.
        pattern: relative to *root*, '/'-separated.
        faults: takes the folders that cannot be looked into, and the rest is searched all the same;
            without it, the first one is raised.

    Returns:
        Paths relative to *root*, sorted; ``(pattern,)`` for a pattern without wildcards that exists.

    Raises:
        UnsafePath: the pattern is absolute, has '..', enters ``.git``, or names a link out of *root*.
        FileSystemError: a folder that might hold matches cannot be looked into.
    """
    parts = safe_parts(pattern)
    # Of `**/**` one says all: each would list every folder again.
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
    """Keep an error where all are wanted, else raise it."""
    if faults is None:
        raise error
    faults.append(error)


@attrs.frozen(eq=False, repr=False)  # Making these is most of what importing this room costs.
class _Entry:
    name: str
    entered: bool  # A folder that the search goes into.
    matches: bool  # Anything that is there and leads to no folder.


def _entries(root: str, folder: str, segment: str, *, last: bool) -> list[_Entry]:
    """List what one segment of a pattern means in one folder."""
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
            return []  # It was removed while we looked.
        raise


def _entry(root: str, folder: str, entry: os.DirEntry[str]) -> _Entry:
    entered = entry.is_dir(follow_symlinks=False)
    leads = entry.is_symlink() and _leads_to_folder(root, folder + entry.name)
    return _Entry(entry.name, entered, not entered and not leads)


def _leads_to_folder(root: str, path: str) -> bool:
    """Tell whether a link is known to lead to a folder; else it is taken for a file, and reading says why."""
    try:
        return is_folder(path, root=root)
    except FileSystemError:
        return False
