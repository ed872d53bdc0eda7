"""Clear the temporary files that killed runs have left, also where there is nothing to write."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from krow_versions.errors import KrowVersionsError
from krow_versions.files.paths import TEMPORARY, close, open_folder, resolve

if TYPE_CHECKING:
    from collections.abc import Iterable


def clear_beside(root: str, paths: Iterable[str]) -> None:
    """Clear the folders of some files, which need not exist, as :func:`clear_folders` does."""
    folders = set()
    for path in paths:
        with contextlib.suppress(KrowVersionsError):
            real_root, parts = resolve(root, path)
            folders.add(os.path.join(real_root, *parts[:-1]))
    clear_folders(folders)


def clear_folders(folders: Iterable[str]) -> None:
    """Remove the temporary files in folders, but none that a running process may need.

    What cannot be removed now is left for a later run: this never fails, and never waits.
    """
    for folder in folders:
        with contextlib.suppress(KrowVersionsError, OSError):
            if any(map(TEMPORARY.fullmatch, os.listdir(folder))):
                _clear(folder)


def _clear(folder: str) -> None:
    from krow_versions.files import disk, locking, staging  # Only here: most runs find nothing to clear.

    opened = open_folder(folder, ())
    try:
        with locking.locked_for([folder], wait=0):
            staging.clear(opened, disk.DISK)
    finally:
        close(opened)
