"""Texts about hotfixes in git's own folder, which all working trees share; never committed.

One kind is the saved configuration for hotfix branches whose base tag has no configuration file. A hotfix
branch has the files of its production tag, so a configuration committed after that tag is missing there,
and with it products, contacts and the deploy command. ``hotfix start`` saves the configuration in force;
it is used on that branch only.
"""

from __future__ import annotations

import contextlib
import functools
import os
from typing import TYPE_CHECKING, Self

from krow_versions import config, files
from krow_versions.encoding import decode, encode
from krow_versions.errors import ConcurrentEdit, Conflict, KrowVersionsError, UnsafePath
from krow_versions.formats import MIB
from krow_versions.git.opening import common_folder, first_line, git_folder
from krow_versions.names import BRANCH_PATTERN, HEADS, file_slug
from krow_versions.text.escaping import quoted
from krow_versions.values import frozen

if TYPE_CHECKING:
    from collections.abc import Callable

    from krow_versions.git import Repository
    from krow_versions.hotfix import Record
    from krow_versions.settings import Config

FOLDER = "krow-versions/hotfix"  # Below git's own folder.
TEMPLATE = ".commit.txt"
"""How the name of the template for the fix commit ends, which ``hotfix start`` writes."""
RECORD = ".toml"
"""How the name of a record ends."""
_SUFFIX = ".config.toml"
_TRIES = 50


@frozen
class TextStore:
    """The folder of these texts in one repository.

    Attributes:
        root: the real path of git's own folder, which all working trees share.
    """

    root: str

    @classmethod
    def of(cls, repository: Repository) -> Self:
        """Give the store in the common folder of the repository and its linked working trees."""
        return cls(files.real_path(repository.common_dir))

    def names(self) -> tuple[str, ...]:
        """List the names of the texts, sorted.

        Raises:
            UnsafePath: the folder leads out of git's own folder.
            FileSystemError: it cannot be listed.
        """
        with self._named():
            return files.names(self.root, FOLDER)

    def path(self, name: str) -> str:
        """Give the absolute path of a text, which need not exist."""
        return os.path.join(self.root, FOLDER, name)

    def read(self, name: str) -> str | None:
        """Read a text, or None when it is not there.

        Raises:
            InputError: it is not UTF-8, or its path leaves git's own folder.
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
        """Write a text atomically, replacing an older one; raises as :meth:`change` does."""
        self.change(name, lambda _: text)

    def change(self, name: str, change: Callable[[str | None], str]) -> None:
        """Write what *change* makes of the present text, atomically; nothing that others write is lost.

        Raises:
            UnsafePath: the folder leads out of git's own folder.
            InputError: the text is not UTF-8.
            ConcurrentEdit, Conflict, Busy: others write it all the time.
            FileSystemError: it cannot be written; the older one is unchanged.
        """
        path = f"{FOLDER}/{name}"
        with self._named():
            files.make_folder(self.root, FOLDER)
            for left in reversed(range(_TRIES)):
                try:
                    if files.exists(self.root, path):
                        read = files.read(self.root, path, limit=MIB)
                        new = encode(change(decode(read.data)))
                        files.replace_all([files.Replacement(read, new)])
                    else:
                        files.create(self.root, path, encode(change(None)))
                except (ConcurrentEdit, Conflict):  # Somebody else was faster.
                    if not left:
                        raise
                else:
                    return

    def remove(self, name: str) -> None:
        """Remove a text.

        Raises:
            UnsafePath: the folder leads out of git's own folder.
            FileSystemError: it does not exist or cannot be removed.
        """
        files.remove(self.root, f"{FOLDER}/{name}")

    def _named(self) -> contextlib.AbstractContextManager[None]:
        """Show absolute paths in errors, because nobody works inside git's own folder."""
        return files.called(functools.partial(os.path.join, self.root))


def clear(folder: str) -> None:
    """Remove what killed runs have left beside the texts of the repository around *folder*, without git."""
    with contextlib.suppress(KrowVersionsError):
        store, _ = _look(files.top_of(folder) or folder)
        if store is not None:
            files.clear_beside(store.root, [f"{FOLDER}/{RECORD}"])


def is_record(name: str) -> bool:
    """Whether a text is the record of a hotfix, by its name."""
    return name.endswith(RECORD) and not name.endswith((".approvals.toml", _SUFFIX))


def config_name(record: Record) -> str:
    """Give the name of the text with the saved configuration for the branch of *record*."""
    return f"{file_slug(record.slug)}-v{record.version}{_SUFFIX}"


def config_text(branch: str, settings: Config, folder: str) -> str:
    """Give the saved configuration for a branch: its name and folder, then *settings*.

    Args:
        branch: the branch of the hotfix, as people write it.
        settings: the configuration in force.
        folder: the folder of the configuration file, relative to the top of the working tree.
    """
    return f"# refs/heads/{branch} {folder}\n{config.render(settings)}"


def kept_config(top: str) -> tuple[str, Config] | None:
    """Read the saved configuration for the branch checked out in the working tree *top*, without git.

    Or for the one branch that a start was killed on its way to: it has no record yet, and git may have
    removed the file of the branch that HEAD is still on.

    Returns:
        The folder of its original file, relative to *top*, and the configuration; or None.

    Raises:
        ConfigError: it was edited since, and is wrong.
        UnsafePath: its path leaves git's own folder, or its folder leaves the working tree.
        FileSystemError: it, or the folder that it would be in, cannot be read.
    """
    store, head = _look(top)
    if store is None:
        return None
    names, begun = store.names(), []
    for name in names:
        if not name.endswith(_SUFFIX):
            continue
        data = store.data(name) or b""
        ref, _, home = os.fsdecode(data.partition(b"\n")[0]).removeprefix("# ").partition(" ")
        if ref == head:
            return _loaded(top, home, store.path(name), data)
        is_made = ref.startswith(HEADS) and first_line(store.root, ref)
        if is_made and name.removesuffix(_SUFFIX) + RECORD not in names:
            begun.append((home, store.path(name), data))
    return _loaded(top, *begun[0]) if len(begun) == 1 else None


def was_started(top: str) -> bool:
    """Whether the hotfix branch checked out at *top*, of the usual name, was made by ``start`` in this clone.

    Raises:
        UnsafePath, FileSystemError: as :func:`kept_config`.
    """
    store, head = _look(top)
    found = BRANCH_PATTERN.parse(head.removeprefix(HEADS))
    return store is not None and found is not None and f"{found[0]}-v{found[1]}{TEMPLATE}" in store.names()


def _look(top: str) -> tuple[TextStore | None, str]:
    """Give the store of the repository at *top*, if any, and the full name of its branch, without git."""
    own = git_folder(top)
    if own is None:
        return None, ""
    return TextStore(common_folder(own)), first_line(own, "HEAD").removeprefix("ref: ")


def _loaded(top: str, home: str, path: str, data: bytes) -> tuple[str, Config]:
    return _home(top, home, path), config.load(decode(data), path=path)


def _home(top: str, folder: str, path: str) -> str:
    """Refuse a folder outside the working tree, which only an edit by hand can name."""
    try:
        return "/".join(files.resolve(top, folder)[1])
    except UnsafePath as error:
        said = f"its first line names the folder {quoted(folder)}: {error.message}"
        hint = "it was changed since it was kept: delete it, then start the hotfix again"
        raise UnsafePath(said, path=path, line=1, hint=hint) from None
