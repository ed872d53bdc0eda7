"""The folder in git's own one where a run keeps what it works with; one run at a time."""

from __future__ import annotations

import contextlib
import functools
import os
from typing import TYPE_CHECKING

from krow_versions import files
from krow_versions.git.opening import common_folder, git_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from krow_versions.git.repository import Repository

FOLDER = "krow-versions"
"""Its name, below git's common folder."""


@contextlib.contextmanager
def alone_in(folder: str) -> Iterator[None]:
    """Hold the repository around *folder*, if any, so that no other run moves its branches; no process.

    Linked working trees have one such lock. Git knows nothing of it: its own locks are looked at besides.

    Raises:
        Busy: another run, or another thread, holds it.
        FileSystemError: it cannot be locked.
    """
    top = files.top_of(folder)
    own = git_folder(top) if top else None
    with contextlib.ExitStack() as held:
        if own is not None:
            held.enter_context(files.locked(common_folder(own)))
        yield


@contextlib.contextmanager
def own_folder(repository: Repository) -> Iterator[str]:
    """Make the folder unless it exists, lock it, and give the real path of git's common folder.

    Raises:
        Busy: another run holds it.
        UnsafePath: it leads out of git's own folder.
        FileSystemError: it cannot be made or locked.
    """
    home = files.real_path(repository.common_dir)
    with files.called(functools.partial(os.path.join, home)):
        files.make_folder(home, FOLDER)
        with files.locked(os.path.join(home, FOLDER)):
            yield home
