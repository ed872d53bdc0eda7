"""The files of a product that every bump changes."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from krow_versions import git
from krow_versions.formats import Package, companions
from krow_versions.text.paths import has_wildcard, parts_of
from krow_versions.values import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from krow_versions.products import Product, VersionFile
    from krow_versions.snapshot import PinState


@frozen
class OwnFiles:
    """The files of a product that every bump changes: they say nothing about a fix.

    Attributes:
        paths: its version files, its CHANGELOG and the files that pin it, from the top of the repository;
            globs are allowed.
        locks: its lock files, in the same form.
    """

    paths: tuple[str, ...] = ()
    locks: tuple[str, ...] = ()

    def have(self, path: str) -> bool:
        """Whether *path* is one of them."""
        fixed, globs, locks = self._patterns
        name = path.rpartition("/")[2]
        return path in fixed or bool(git.matching([path], [*globs, *locks.get(name, ())]))

    @functools.cached_property
    def _patterns(self) -> tuple[frozenset[str], list[str], dict[str, list[str]]]:
        """Those without wildcards, other paths, and other locks by name: a release may change many paths."""
        fixed = [each for each in (*self.paths, *self.locks) if not has_wildcard(each)]
        locks: dict[str, list[str]] = {}
        for each in filter(has_wildcard, self.locks):
            locks.setdefault(each.rpartition("/")[2], []).append(each)
        kept = frozenset("/".join(parts_of(each)) for each in fixed)
        return kept, [*filter(has_wildcard, self.paths)], locks


NO_FILES = OwnFiles()


def own_files(product: Product, repo: str, prefix: str, pins: Iterable[PinState] = ()) -> OwnFiles:
    """Return the own files of *product* in one repository.

    Args:
        product: the product.
        repo: the name of the repository.
        prefix: of the paths of that repository, from the top of git's working tree.
        pins: the places where other packages require its version.
    """
    home = repo == product.repo
    files = [file for file in product.files if (file.repo or product.repo) == repo]
    named = (product.changelog or "").partition("#")[0]
    paths = [path for file in files for path in (file.path, file.otherwise) if path]
    locks = [lock for file in files for path in (file.path, file.otherwise) for lock in _locks(file, path)]
    beside = [f"{path.rpartition('/')[0]}/CHANGELOG.md".lstrip("/") for path in paths] if not named else []
    paths += [*beside, *([named or "CHANGELOG.md"] if home else [])]
    paths += [each.path for pin in pins for each in (pin.place, *pin.copies) if each.repo == repo]
    return OwnFiles(
        tuple(prefix + path for path in dict.fromkeys(paths)),
        tuple(prefix + lock for lock in dict.fromkeys(locks)),
    )


def _locks(file: VersionFile, path: str | None) -> Iterator[str]:
    """Yield the locks beside a version file, and in the folders above where packages may share one."""
    folders = (path or "").split("/")[:-1]
    for lock in companions(file.path, file.format) if path else ():
        for depth in range(len(folders), -1, -1):
            if depth == len(folders) or lock.entry(Package("/".join(folders[depth:]), "any name")):
                yield from ("/".join([*folders[:depth], name]) for name in lock.filenames)
