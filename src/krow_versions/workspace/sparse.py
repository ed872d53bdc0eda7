"""Files that a sparse checkout leaves out of the working tree: git has them, and the disk has not.

A version file, a lock or a CHANGELOG that is left out would be passed over, and the next commit would have
two versions: git-sparse-checkout(1).
"""

from __future__ import annotations

import functools
import os
from typing import TYPE_CHECKING

from krow_versions import files, git
from krow_versions.errors import FileSystemError, KrowVersionsError, Unsupported
from krow_versions.git.opening import git_folder
from krow_versions.text.escaping import shell_word
from krow_versions.values import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_CONE = b"/*\n!/*/\n"  # How the patterns begin that name folders only.


@frozen
class LeftOut:
    """What is left out in a folder of a repository.

    Attributes:
        paths: relative to the folder.
        top: the top of the working tree.
        prefix: the path of the folder from there, empty or with a '/' at its end.
        by_folder: whether folders are chosen, not files.
    """

    paths: tuple[str, ...] = ()
    top: str = ""
    prefix: str = ""
    by_folder: bool = True

    def matching(self, patterns: Iterable[str]) -> tuple[str, ...]:
        """Return those that match any of some globs."""
        return git.matching(self.paths, [*patterns]) if self.paths else ()

    def beside(self, path: str, names: Iterable[str], *, above: bool = False) -> Iterator[str]:
        """Yield those with one of *names* in the folder of *path*, or also in those *above*."""
        wanted, (folder, _, _) = {*names}, path.rpartition("/")
        for each in self.paths:
            home, _, name = each.rpartition("/")
            if name in wanted and (home == folder or (above and (not home or folder.startswith(f"{home}/")))):
                yield each

    def error(self, path: str, shown: str) -> Unsupported:
        """Make the error for one of them, with the command that brings it."""
        whole = self.prefix + path
        added = (os.path.dirname(whole) or "/") if self.by_folder else f"/{whole}"
        return Unsupported(
            "is in git, and this sparse checkout leaves it out",
            path=shown,
            hint=f"bring it: git -C {shell_word(self.top)} sparse-checkout add {shell_word(added)}",
        )


def left_out(root: str) -> LeftOut:
    """Find what is left out below a folder: one process for a repository with a sparse checkout, else none.

    What git cannot say is not known; whoever asks it for more gets its error.
    """
    try:
        top = files.top_of(root)
        own = git_folder(top) if top else None
        if top is None or own is None or not files.exists(own, "info/sparse-checkout"):
            return LeftOut()
        index = files.status("index", root=own)
        if index is None:
            return LeftOut()
        by_folder = files.read(own, "info/sparse-checkout", limit=1 << 20).data.startswith(_CONE)
        skipped = _skipped(top, (index.st_ino, index.st_size, index.st_mtime_ns))
        inside = files.relative(root, top)
        prefix = "" if inside == "." else f"{inside}/"
        paths = (path.removeprefix(prefix) for path in skipped if path.startswith(prefix))
        gone = tuple(path for path in paths if files.status(path, root=root) is None)
        return LeftOut(gone, top, prefix, by_folder)
    except KrowVersionsError:
        return LeftOut()


def require(root: str, path: str) -> None:
    """Raise ``Unsupported`` if *path* below *root* is left out."""
    absent = left_out(root)
    if path in absent.paths:
        raise absent.error(path, path)


@functools.lru_cache(maxsize=16)
def _skipped(top: str, _index: tuple[int, int, int]) -> tuple[str, ...]:
    """List what the index marks so; kept for as long as the index is the same, for all products."""
    return git.skipped(top)


def as_fault(error: Unsupported, path: str) -> FileSystemError:
    """Make the error of an audit, which goes on with the other files."""
    return FileSystemError(error.message, path=path, hint=error.hint)
