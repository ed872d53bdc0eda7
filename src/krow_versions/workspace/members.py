"""The members of the workspaces of package managers, in the working tree."""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING

from krow_versions import files
from krow_versions.encoding import decode
from krow_versions.errors import KrowVersionsError, UnsafePath
from krow_versions.formats import MIB, format_named, parse
from krow_versions.text.paths import parts_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from krow_versions.snapshot import FileState


def members_of(root: str, path: str, name: str, globs_of: Callable[[str], Iterable[str]]) -> Iterator[str]:
    """Yield the manifests of the members that the file at *path* names, and the one beside it."""
    if not files.exists(root, path):
        return
    folder = path.rpartition("/")[0]
    try:
        globs = [*globs_of(decode(files.read(root, path, limit=MIB).data))]
    except (KrowVersionsError, ValueError):  # What names no members that anybody can read has none.
        return
    found: set[str] = set()
    left_out: set[str] = set()
    for each in globs:
        some = left_out if each.startswith("!") else found
        for pattern in _without_braces(each.removeprefix("!")):
            with contextlib.suppress(UnsafePath):  # Members out of the repository are not its packages.
                some.update(files.find(root, "/".join([*parts_of(f"{folder}/{pattern}"), name])))
    beside = "/".join([*parts_of(folder), name])
    if found:
        yield from {*found, *({beside} if files.exists(root, beside) else ())} - left_out


def inheriting(root: str, file: FileState) -> Iterator[str]:
    """Yield the names of the packages that take their version from *file*, the root of a workspace.

    Args:
        root: the folder of the repository.
        file: a version file of it.
    """
    chosen = format_named(file.format)
    packaging, located = chosen.packaging, file.located
    if packaging is None or located is None or not packaging.gives(located.data):
        return
    folder, _, name = file.path.rpartition("/")
    for root_name, globs in packaging.roots:
        for path in sorted(members_of(root, f"{folder}/{root_name}".lstrip("/"), name, globs)):
            if path == file.path:
                continue
            with contextlib.suppress(KrowVersionsError):  # Its package manager reports a broken one.
                data = parse(decode(files.read(root, path, limit=MIB).data), chosen)
                member = packaging.name(data)
                if member is not None and packaging.takes(data):
                    yield member


def _without_braces(pattern: str) -> Iterator[str]:
    """Yield the globs that one with braces stands for.

    >>> list(_without_braces("{apps,libs/{a,b}}/*"))
    ['apps/*', 'libs/a/*', 'libs/b/*']
    """
    found = _BRACES.search(pattern)
    if found is None:
        yield pattern
        return
    for each in found[1].split(","):
        yield from _without_braces(pattern[: found.start()] + each + pattern[found.end() :])


_BRACES = re.compile(r"\{([^{}]*)\}")
