"""Globs, sorted, which neither follow links to folders nor enter git's own."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

import attrs

from krow_versions.errors import FileSystemError
from krow_versions.files.paths import is_git_folder, resolve, safe_parts
from krow_versions.files.reading import named

if TYPE_CHECKING:
    from collections.abc import Callable

_MAGIC = re.compile(r"[*?\[]")


def find(root: str, pattern: str) -> tuple[str, ...]:
    """List what matches a glob: ``*``, ``?``, ``[...]``, and ``**`` for any number of folders.

    Wildcards match no name that begins with a dot unless they are written with one, no symbolic
    link to a folder, and neither ``.git`` nor ``node_modules``; a segment without wildcards names
    exactly what it says, a linked folder included. Directories do not count as matches, but pipes,
    devices and dangling links do, so that reading them reports them: nothing is skipped in silence.

    Returns:
        Paths relative to *root*, sorted; ``(pattern,)`` for a pattern without wildcards that exists.

    Raises:
        UnsafePath: the pattern is absolute, has '..', enters ``.git``, or names a link out of *root*.
        FileSystemError: a folder that might hold matches cannot be listed.
    """
    segments = safe_parts(pattern)
    if not _MAGIC.search(pattern):
        return (pattern,) if os.path.lexists(os.path.join(root, *segments)) else ()
    found: set[str] = set()
    todo = [("", 0)]
    seen = set(todo)
    while todo:
        folder, index = todo.pop()
        segment, last = segments[index], index == len(segments) - 1
        deep = segment == "**"
        steps = [(folder, index + 1)] if deep and not last else []
        for entry in _entries(root, folder, segment):
            if last and entry.matches:
                found.add(folder + entry.name)
            if entry.entered and (deep or not last):
                steps.append((f"{folder}{entry.name}/", index if deep else index + 1))
        todo += [step for step in steps if step not in seen]
        seen.update(steps)
    return tuple(sorted(found))


@attrs.frozen(eq=False, repr=False)  # Making these is most of what importing this room costs.
class _Entry:
    name: str
    entered: bool  # A folder that the search goes into.
    matches: bool  # Anything that is there and leads to no folder.


def _entries(root: str, folder: str, segment: str) -> list[_Entry]:
    """List what one segment of a pattern means in one folder."""
    if not _MAGIC.search(segment):
        full = os.path.join(root, folder, segment)
        is_folder = os.path.isdir(full)
        if is_folder and os.path.islink(full):
            resolve(root, folder + segment)
        return [_Entry(segment, is_folder, os.path.lexists(full) and not is_folder)]
    matcher = _matcher(segment)
    try:
        with named(folder or ".", "listed"), os.scandir(os.path.join(root, folder)) as entries:
            return [
                _Entry(entry.name, entry.is_dir(follow_symlinks=False), not os.path.isdir(entry.path))
                for entry in entries
                if matcher(entry.name) and entry.name != "node_modules" and not is_git_folder(entry.name)
            ]
    except FileSystemError as error:
        if folder and isinstance(error.__cause__, FileNotFoundError):
            return []  # It was removed while we looked.
        raise


def _matcher(segment: str) -> Callable[[str], object]:
    if segment == "**":
        return lambda name: not name.startswith(".")
    import fnmatch

    match = re.compile(fnmatch.translate(segment)).match
    if segment.startswith("."):
        return match
    return lambda name: not name.startswith(".") and match(name)
