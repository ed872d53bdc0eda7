"""The configuration on disk: where it is, what it says, and what only the disk can tell of it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import attrs

from krow_versions import config, files
from krow_versions.config import FILE_NAME, SECTION, Config
from krow_versions.encoding import BOM, decode
from krow_versions.errors import KrowVersionsError, UsageError
from krow_versions.formats import MIB
from krow_versions.formats.toml import read_toml, value_at
from krow_versions.workspace.kept import kept_config
from krow_versions.workspace.witness import top_of, upwards

if TYPE_CHECKING:
    from collections.abc import Mapping

PYPROJECT = "pyproject.toml"


@attrs.frozen
class Found:
    """A configuration and the file that it is in.

    Attributes:
        path: absolute path of the file.
        config: what it says.
    """

    path: str
    config: Config

    @property
    def repos(self) -> Mapping[str, str]:
        """The folder of each repository: paths in the file are relative to its own folder."""
        folder = os.path.dirname(self.path)
        joined = {name: os.path.join(folder, path) for name, path in self.config.repos.items()}
        return {name: os.path.normpath(path) for name, path in joined.items()}


def above(start: str) -> Found | None:
    """Find the nearest configuration from the folder *start* upwards, or what was kept for its branch.

    Raises:
        UsageError: a folder has both forms, so that nobody can tell which one counts.
        ConfigError: it is wrong.
    """
    for folder in upwards(start):
        own, shared = os.path.join(folder, FILE_NAME), os.path.join(folder, PYPROJECT)
        found = [path for path, there in ((own, os.path.lexists), (shared, _has_section)) if there(path)]
        if len(found) > 1:
            raise UsageError(
                f"there are two configurations: {FILE_NAME} and [{'.'.join(SECTION)}] in {PYPROJECT}",
                path=folder,
                hint="keep one of the two",
            )
        if found:
            return at(found[0])
    top = top_of(start)
    kept = kept_config(top) if top else None
    if top is None or kept is None:
        return None
    folder, settings = kept
    return Found(os.path.normpath(os.path.join(top, folder, FILE_NAME)), settings)


def at(path: str) -> Found:
    """Read the configuration *path*, a ``pyproject.toml`` or any other TOML file.

    Raises:
        UsageError: it cannot be read.
        ConfigError: it is wrong.
    """
    path = os.path.abspath(path)
    section = SECTION if os.path.basename(path) == PYPROJECT else ()
    found = Found(path, config.load(_read(path), path=path, section=section))
    check(found.repos, path)
    return found


def check(repos: Mapping[str, str], path: str) -> None:
    """See that every repository is a folder.

    Raises:
        UsageError: it is not.
    """
    for name, folder in repos.items():
        if not os.path.isdir(folder):
            raise UsageError(
                f"there is no folder {folder}",
                path=path,
                key=f"repos.{name}",
                hint="clone the repository there, or correct its path",
            )


def _has_section(path: str) -> bool:
    """Tell whether a ``pyproject.toml`` speaks of us; one that cannot be read is others' to mend."""
    try:
        text = _read(path) if os.path.lexists(path) else ""
        # Most do not name us at all, and need not be parsed.
        return SECTION[-1] in text and value_at(read_toml(text.removeprefix(BOM)).data, SECTION) is not None
    except KrowVersionsError:
        return False


def _read(path: str) -> str:
    folder, name = os.path.split(path)
    try:
        return decode(files.read(folder, name, limit=MIB).data)
    except KrowVersionsError as error:
        raise UsageError(error.message, path=path, hint=error.hint) from None
