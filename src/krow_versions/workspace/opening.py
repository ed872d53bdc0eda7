"""Finding a workspace without a configuration: KROW's own products in the folders around."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from krow_versions import files, git
from krow_versions.errors import GitMissing, UsageError
from krow_versions.products import HOME, KROW
from krow_versions.text.escaping import quoted
from krow_versions.workspace import discovery, file_state
from krow_versions.workspace.git_state import top_of, upwards

if TYPE_CHECKING:
    from krow_versions.errors import FileSystemError


def folder_of(path: str) -> str:
    """Give the real path of the folder to look from.

    Raises:
        UsageError: there is no such folder.
    """
    start = files.real_path(path)
    if not path or not files.is_folder(start):
        raise UsageError(f"there is no folder {quoted(path)}", hint="name one with -C")
    return start


def find_krow(start: str) -> str:
    """Find the folder of KROW's products: the top of the repository around *start*, or one without git.

    Raises:
        UsageError: none of the products is there.
        UnsafePath: the folder became a link meanwhile.
        Unsupported: the repository is bare, or *start* is inside git's own folder.
        GitError: git refuses to read the repository.
    """
    top = top_of(start)
    if ".git" in start.split(os.sep):
        _ask_git(start)  # Git refuses its own folder, and says so better.
    for root in [top] if top else upwards(start):
        repos = discovery.real({HOME: root})
        discovery.require_same({HOME: root}, repos)
        faults: list[FileSystemError] = []  # What cannot be looked into may hold some.
        if any(
            file_state.find_files(repos, product, None, faults=faults) or faults for product in KROW.products
        ):
            return root
    if top is None:
        _ask_git(start)  # A bare repository has something to say of its own.
    looked = ", ".join(file.path for product in KROW.products for file in product.files)
    raise UsageError(
        f"there is no workspace at {quoted(top or start)}: none of these files is there: {looked}",
        hint="go into a KROW checkout, name one with -C, or describe this one: krow-versions init",
    )


def _ask_git(folder: str) -> None:
    """Let git say why *folder* has no working tree, if it has something to say."""
    with contextlib.suppress(GitMissing):
        git.open_repository(folder)
