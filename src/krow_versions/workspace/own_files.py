"""The files of a product that every bump changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from krow_versions import git
from krow_versions.formats import companions

if TYPE_CHECKING:
    from collections.abc import Iterable

    from krow_versions.products import Product


@attrs.frozen
class OwnFiles:
    """The files of a product that every bump changes: they say nothing about a fix.

    Attributes:
        paths: its version files and its CHANGELOG, from the top of the repository; globs are allowed.
        locks: the names of the lock files that are beside them.
    """

    paths: tuple[str, ...] = ()
    locks: tuple[str, ...] = ()

    def have(self, path: str) -> bool:
        """Whether *path* is one of them."""
        if git.matching([path], self.paths):
            return True
        folder, slash, name = path.rpartition("/")
        beside = [f"{folder}{slash}{each.rpartition('/')[2]}" for each in self.paths]
        return name in self.locks and bool(git.matching(beside, self.paths))


NO_FILES = OwnFiles()


def own_files(product: Product, repo: str, prefix: str, also: Iterable[str] = ()) -> OwnFiles:
    """Return the own files of *product* in one repository.

    Args:
        product: the product.
        repo: the name of the repository.
        prefix: of the paths of that repository, from the top of git's working tree.
        also: further paths, such as those that were found on disk.
    """
    home = repo == product.repo
    files = [file for file in product.files if (file.repo or product.repo) == repo]
    named = (product.changelog or "").partition("#")[0]
    paths = [path for file in files for path in (file.path, file.otherwise) if path]
    beside = [f"{path.rpartition('/')[0]}/CHANGELOG.md".lstrip("/") for path in paths] if not named else []
    paths += [*beside, *([named or "CHANGELOG.md"] if home else []), *also]
    locks = (lock for file in files for lock in companions(file.path, file.format))
    names = dict.fromkeys(name for lock in locks for name in lock.filenames)
    return OwnFiles(tuple(prefix + path for path in dict.fromkeys(paths)), tuple(names))
