"""The members of the workspaces of package managers, in the working tree."""

from __future__ import annotations

import contextlib
import itertools
from typing import TYPE_CHECKING

from krow_versions import files
from krow_versions.encoding import decode
from krow_versions.errors import KrowVersionsError, UnsafePath
from krow_versions.formats import MIB, format_named, parse
from krow_versions.regexes import regex
from krow_versions.text.paths import parts_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from krow_versions.snapshot import FileState


def members_of(
    root: str, path: str, text: str, name: str, globs_of: Callable[[str], Iterable[str]]
) -> frozenset[str]:
    """List the manifests of the members that a file names, and the one beside it.

    So that no file takes forever, at most 1000 globs count, with those that braces stand for, and none with
    more than 20 braces.

    Args:
        root: the folder of the repository.
        path: the file, relative to it.
        text: its text.
        name: the base name of manifests.
        globs_of: returns the globs of the members' folders; one with a leading ``!`` excludes.
    """
    folder = path.rpartition("/")[0]
    found: set[str] = set()
    left_out: set[str] = set()
    try:
        globs = [*itertools.islice(_expanded(globs_of(text)), _MOST)]
    except (KrowVersionsError, ValueError):  # What names no members that anybody can read has none.
        return frozenset()
    for some, pattern in ((left_out if excludes else found, glob) for excludes, glob in globs):
        with contextlib.suppress(UnsafePath):  # Members out of the repository are not its packages.
            some.update(files.find(root, "/".join([*parts_of(f"{folder}/{pattern}"), name])))
    beside = files.find(root, "/".join([*parts_of(folder), name])) if found else ()
    return frozenset(found - left_out) | frozenset(beside)


def inheriting(root: str, file: FileState) -> Iterator[str]:
    """Yield the names of the packages that take their version from *file*, the root of a workspace.

    Args:
        root: the folder of the repository.
        file: a version file of it.
    """
    chosen = format_named(file.format)
    packaging, located = chosen.packaging, file.located
    if packaging is None or located is None or not packaging.gives(located.outline):
        return
    name = file.path.rpartition("/")[2]
    for globs in (globs for root_name, globs in packaging.roots if root_name == name):
        members = members_of(root, file.path, located.text, name, globs)
        for path in sorted(members - {file.path}):
            with contextlib.suppress(KrowVersionsError):  # Its package manager reports a broken one.
                data = parse(decode(files.read(root, path, limit=MIB).data), chosen)
                member = packaging.name(data)
                if member is not None and packaging.takes(data):
                    yield member


def _expanded(globs: Iterable[str]) -> Iterator[tuple[bool, str]]:
    """Yield globs without braces, and whether they exclude."""
    for glob in globs:
        if glob.count("{") <= _MOST_BRACES:
            yield from ((glob.startswith("!"), each) for each in _without_braces(glob.removeprefix("!")))


def _without_braces(pattern: str) -> Iterator[str]:
    """Yield the globs that one with braces stands for.

    >>> list(_without_braces("{apps,libs/{a,b}}/*"))
    ['apps/*', 'libs/a/*', 'apps/*', 'libs/b/*']
    """
    found = _BRACES.search(pattern)
    if found is None:
        yield pattern
        return
    for each in found[1].split(","):
        yield from _without_braces(pattern[: found.start()] + each + pattern[found.end() :])


_MOST, _MOST_BRACES = 1000, 20
_BRACES = regex(r"\{([^{}]*)\}")
