"""The configuration that a hotfix was started under, where the tag that it starts from has none yet.

The branch of a hotfix has the files of the production tag. A configuration that was committed after
that tag is gone from the working tree there, and with it products, contacts and the deploy command;
so ``hotfix start`` keeps what was in force, and it counts on that branch, and there only.
"""

from __future__ import annotations

import functools
import os
from typing import TYPE_CHECKING

from krow_versions import config, files
from krow_versions.encoding import decode
from krow_versions.errors import UnsafePath, quoted
from krow_versions.formats import MIB
from krow_versions.git.folders import first_line, git_folder

if TYPE_CHECKING:
    from krow_versions.config import Config
    from krow_versions.hotfix import Record

FOLDER = "krow-versions/hotfix"  # Below git's own folder.
_SUFFIX = ".config.toml"


def config_name(record: Record) -> str:
    """Give the name, beside the record, of what is kept for the branch of *record*."""
    return f"{record.slug}-v{record.version}{_SUFFIX}"


def config_text(record: Record, settings: Config, folder: str) -> str:
    """Write *settings* for the branch of *record*; *folder* is relative to the top of the working tree."""
    return f"# refs/heads/{record.branch} {folder}\n{config.render(settings)}"


def kept_config(top: str) -> tuple[str, Config] | None:
    """Give what was kept for the branch that is checked out in the working tree *top*, without git.

    Returns:
        The folder that it was in, relative to *top*, and the configuration.

    Raises:
        ConfigError: it was changed since, and is wrong.
        UnsafePath: it leads elsewhere.
        FileSystemError: it cannot be read, or whether there is one cannot be told.
    """
    own = git_folder(top)
    if own is None:
        return None
    common = files.real_path(os.path.join(own, first_line(own, "commondir") or "."))
    with files.called(functools.partial(os.path.join, common)):
        names = [name for name in files.names(common, FOLDER) if name.endswith(_SUFFIX)]
    head = first_line(own, "HEAD").removeprefix("ref: ") if names else ""
    for name in names:
        with files.called(functools.partial(os.path.join, common)):
            data = files.read(common, f"{FOLDER}/{name}", limit=MIB).data
        ref, _, home = _line(data).removeprefix("# ").partition(" ")
        if ref == head:
            path = os.path.join(common, FOLDER, name)
            return _home(top, home, path), config.load(decode(data), path=path)
    return None


def _home(top: str, folder: str, path: str) -> str:
    """Refuse a folder that somebody wrote into what was kept, and that is not in the working tree."""
    try:
        return "/".join(files.resolve(top, folder)[1])
    except UnsafePath as error:
        said = f"its first line names the folder {quoted(folder)}: {error.message}"
        hint = "it was changed since it was kept: delete it, then start the hotfix again"
        raise UnsafePath(said, path=path, line=1, hint=hint) from None


def _line(data: bytes) -> str:
    return os.fsdecode(data.partition(b"\n")[0])
