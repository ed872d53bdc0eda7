"""``init``: write a proposed configuration for a repository."""

from __future__ import annotations

import os

from krow_versions import config, files, git
from krow_versions.encoding import decode, encode
from krow_versions.errors import Conflict, FileSystemError, KrowVersionsError, UsageError
from krow_versions.formats import BUILT_IN, format_for
from krow_versions.text.escaping import quoted
from krow_versions.workspace.git_state import top_of


def init_workspace(folder: str) -> str:
    """Write a ``krow-versions.toml`` at the top of the repository around *folder*.

    Returns:
        The absolute path of the new file.

    Raises:
        Conflict: there is one; it is not changed.
        UsageError: no such folder, or no file in it carries a version.
        FileSystemError: a folder or file cannot be read, or the configuration cannot be written.
    """
    start = files.real_path(folder)
    if not files.is_folder(start):
        raise UsageError(f"there is no folder {quoted(folder)}", hint="name one with -C")
    root = top_of(start) or start
    path = os.path.join(root, config.FILE_NAME)
    if files.exists(root, config.FILE_NAME):
        raise Conflict("there is a configuration already", path=path, hint="it is left as it is")
    found = _found(root)
    if not found:
        raise UsageError(
            f"no file under {quoted(root)} carries a version",
            hint="write krow-versions.toml by hand: krow-versions config schema prints its schema",
        )
    repository = git.open_repository(root)
    tags = [tag.name for tag in repository.tags([""])] if repository else []
    text = config.propose(found, tags, files.find(root, "**/CHANGELOG.md"))
    files.create(root, config.FILE_NAME, encode(text))
    return path


def _found(root: str) -> list[config.FoundFile]:
    names = sorted({name for known in BUILT_IN.values() for name in known.filenames})
    paths = sorted({path for name in names for path in files.find(root, f"**/{name}")})
    return [_look(root, path) for path in paths]


def _look(root: str, path: str) -> config.FoundFile:
    chosen = format_for(path)
    try:
        return config.look(path, decode(files.read(root, path, limit=chosen.max_bytes).data))
    except FileSystemError:
        raise
    except KrowVersionsError as error:
        return config.FoundFile(path, chosen.name, fault=error.message)
