"""Texts about hotfixes in git's own folder, which all working trees share; never committed.

One kind is the configuration that a hotfix was started under, where the tag that it starts from has none
yet. The branch of a hotfix has the files of the production tag. A configuration that was committed after
that tag is gone from the working tree there, and with it products, contacts and the deploy command;
so ``hotfix start`` keeps what was in force, and it counts on that branch, and there only.
"""

from __future__ import annotations

import functools
import os
from typing import TYPE_CHECKING, Self

import attrs

from krow_versions import config, files
from krow_versions.encoding import decode, encode
from krow_versions.errors import UnsafePath
from krow_versions.formats import MIB
from krow_versions.git.folders import first_line, git_folder
from krow_versions.text.escaping import quoted

if TYPE_CHECKING:
    import contextlib

    from krow_versions.git import Repository
    from krow_versions.hotfix import Record
    from krow_versions.settings import Config

FOLDER = "krow-versions/hotfix"  # Below git's own folder.
_SUFFIX = ".config.toml"


@attrs.frozen
class TextStore:
    """The folder of these texts in one repository.

    Attributes:
        root: the real path of git's own folder, which all working trees share; nothing kept leaves it.
    """

    root: str

    @classmethod
    def of(cls, repository: Repository) -> Self:
        """Find it: beside all else that git keeps for this repository and its linked working trees."""
        return cls(files.real_path(repository.common_dir))

    def names(self) -> tuple[str, ...]:
        """List what is kept, sorted.

        Raises:
            UnsafePath: the folder leads out of git's own.
            FileSystemError: it cannot be listed.
        """
        with self._named():
            return files.names(self.root, FOLDER)

    def path(self, name: str) -> str:
        """Give the absolute path of a text, which may not be there."""
        return os.path.join(self.root, FOLDER, name)

    def read(self, name: str) -> str | None:
        """Read a text, or None when it is not there.

        Raises:
            InputError: it is no text, or leads elsewhere.
            FileSystemError: it cannot be read.
        """
        data = self.data(name)
        return None if data is None else decode(data)

    def data(self, name: str) -> bytes | None:
        """Read the bytes of a text; raises as :meth:`read` does."""
        with self._named():
            if not files.exists(self.root, f"{FOLDER}/{name}"):
                return None
            return files.read(self.root, f"{FOLDER}/{name}", limit=MIB).data

    def write(self, name: str, text: str) -> None:
        """Keep a text, whole or not at all, in place of an older one.

        Raises:
            UnsafePath: the folder leads out of git's own.
            ConcurrentEdit, Busy: somebody else is writing it.
            FileSystemError: it cannot be written; an older one is as it was.
        """
        path = f"{FOLDER}/{name}"
        with self._named():
            files.make_folder(self.root, FOLDER)
            if files.exists(self.root, path):
                read = files.read(self.root, path, limit=MIB)
                locks = [os.path.join(self.root, FOLDER)]
                files.replace_all([files.Replacement(read, encode(text))], locks=locks)
            else:
                files.create(self.root, path, encode(text))

    def remove(self, name: str) -> None:
        """Take away a text.

        Raises:
            UnsafePath: the folder leads out of git's own.
            FileSystemError: it is not there, or cannot be taken away.
        """
        files.remove(self.root, f"{FOLDER}/{name}")

    def _named(self) -> contextlib.AbstractContextManager[None]:
        """Name what cannot be read by its absolute path: nobody stands in git's own folder."""
        return files.called(functools.partial(os.path.join, self.root))


def config_name(record: Record) -> str:
    """Give the name of the text that holds the configuration for the branch of *record*."""
    return f"{record.slug}-v{record.version}{_SUFFIX}"


def config_text(record: Record, settings: Config, folder: str) -> str:
    """Write *settings* for the branch of *record*.

    Args:
        record: the hotfix.
        settings: what is in force.
        folder: where the configuration is, relative to the top of the working tree.
    """
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
    kept = TextStore(files.real_path(os.path.join(own, first_line(own, "commondir") or ".")))
    names = [name for name in kept.names() if name.endswith(_SUFFIX)]
    head = first_line(own, "HEAD").removeprefix("ref: ") if names else ""
    for name in names:
        data = kept.data(name) or b""
        ref, _, home = os.fsdecode(data.partition(b"\n")[0]).removeprefix("# ").partition(" ")
        if ref == head:
            path = kept.path(name)
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
