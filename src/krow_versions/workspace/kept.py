"""The configuration that a hotfix was started under, where the tag that it starts from has none yet.

The branch of a hotfix has the files of the production tag. A configuration that was committed after
that tag is gone from the working tree there, and with it products, contacts and the deploy command;
so ``hotfix start`` keeps what was in force, and it counts on that branch, and there only.
"""

from __future__ import annotations

import contextlib
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


def keep_config(records: Records, record: Record, settings: Config, folder: str) -> None:
    """Keep *settings* for the branch of *record*; raises as :meth:`Records.keep` does.

    Args:
        records: where.
        record: the hotfix.
        settings: what is in force.
        folder: where the configuration is, relative to the top of the working tree.
    """
    text = f"# refs/heads/{record.branch} {folder}\n{config.render(settings)}"
    records.keep(_name(record), text)


def forget_config(records: Records, record: Record) -> None:
    """Take away what was kept for the branch of *record*, where there is no such branch after all."""
    with contextlib.suppress(OSError):  # It counts on that branch only.
        os.unlink(os.path.join(records.folder, _name(record)))


def kept_config(top: str) -> tuple[str, Config] | None:
    """Give what was kept for the branch that is checked out in the working tree *top*, without git.

    Returns:
        The folder that it was in, relative to *top*, and the configuration.

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
    for name in names:
        ref, _, home = _first_line(folder, name).removeprefix("# ").partition(" ")
        if ref == head:
            text = decode(files.read(folder, name, limit=MIB).data)
            return home, config.load(text, path=os.path.join(folder, name))
    return None


def _name(record: Record) -> str:
    return f"{record.slug}-v{record.version}{_SUFFIX}"


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
