"""The configuration that a hotfix was started under, where the tag that it starts from has none yet.

The branch of a hotfix has the files of the production tag. A configuration that was committed after
that tag is gone from the working tree there, and with it products, contacts and the deploy command;
so ``hotfix start`` keeps what was in force, and it counts on that branch, and there only.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from krow_versions import config, files
from krow_versions.encoding import decode
from krow_versions.formats import MIB

if TYPE_CHECKING:
    from krow_versions.config import Config
    from krow_versions.hotfix import Record
    from krow_versions.workspace.records import Records

FOLDER = ("krow-versions", "hotfix")
_SUFFIX = ".config.toml"
_LONGEST = 4096  # Of a line, in bytes: a branch, or a path.


def keep_config(records: Records, record: Record, settings: Config) -> None:
    """Keep *settings* for the branch of *record*; raises as :meth:`Records.keep` does."""
    text = f"# refs/heads/{record.branch}\n{config.render(settings)}"
    records.keep(f"{record.slug}-v{record.version}{_SUFFIX}", text)


def kept_config(top: str) -> Config | None:
    """Give what was kept for the branch that is checked out in the working tree *top*, without git.

    Raises:
        ConfigError: it was changed since, and is wrong.
    """
    own = _git_folder(top)
    folder = os.path.join(_common(own), *FOLDER)
    try:
        names = sorted(name for name in os.listdir(folder) if name.endswith(_SUFFIX))
    except OSError:  # No hotfix was ever started here.
        return None
    head = _first_line(own, "HEAD").removeprefix("ref: ")
    name = next((name for name in names if _first_line(folder, name) == f"# {head}"), None)
    if name is None:
        return None
    return config.load(decode(files.read(folder, name, limit=MIB).data), path=os.path.join(folder, name))


def _first_line(folder: str, name: str) -> str:
    path = os.path.join(folder, name)
    if not os.path.isfile(path):
        return ""
    try:
        with open(path, "rb") as file:
            return os.fsdecode(file.readline(_LONGEST)).removesuffix("\n")
    except OSError:
        return ""


def _git_folder(top: str) -> str:
    """Give git's own folder of a working tree; of a linked one or a submodule, where its file points."""
    path = os.path.join(top, ".git")
    if os.path.isfile(path):
        return os.path.join(top, _first_line(top, ".git").removeprefix("gitdir: "))
    return path


def _common(own: str) -> str:
    """Give the folder that all working trees of a repository share."""
    return os.path.join(own, _first_line(own, "commondir") or ".")
