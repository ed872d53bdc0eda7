"""Where the records of hotfixes are kept: in git's own folder, one for all working trees, never committed."""

from __future__ import annotations

import functools
import os
from typing import TYPE_CHECKING

import attrs

from krow_versions import files
from krow_versions.encoding import decode, encode
from krow_versions.formats import MIB
from krow_versions.hotfix import Record
from krow_versions.workspace.kept import FOLDER

if TYPE_CHECKING:
    import contextlib

    from krow_versions.version import Version
    from krow_versions.workspace.facts import Place

_SUFFIX = ".toml"


@attrs.frozen
class Records:
    """The records of one product, in the repository that its tags are in.

    Attributes:
        root: the real path of git's own folder, which all working trees share; records do not leave it.
        slug: the product's.
    """

    root: str
    slug: str

    @classmethod
    def of(cls, place: Place) -> Records:
        """Find them: beside all else that git keeps for this repository and its linked working trees."""
        return cls(files.real_path(place.repository.common_dir), place.product.slug)

    @property
    def folder(self) -> str:
        """The absolute path of the folder that they are in; it may not exist yet."""
        return os.path.join(self.root, FOLDER)

    def path(self, version: Version) -> str:
        """Give the absolute path of a record."""
        return os.path.join(self.folder, self._name(version))

    def versions(self) -> tuple[str, ...]:
        """List the versions that have a record, as text, in no order.

        Raises:
            UnsafePath: the folder of records leads out of git's own.
            FileSystemError: it cannot be listed.
        """
        start = f"{self.slug}-v"
        with self._named():
            names = files.names(self.root, FOLDER)
        return tuple(
            name.removeprefix(start).removesuffix(_SUFFIX)
            for name in names
            if name.startswith(start) and name.endswith(_SUFFIX)
        )

    def read(self, version: Version) -> Record | None:
        """Read the record of *version*, or None when there is none.

        Raises:
            InputError: it is not as a record must be, every mistake at once; or it leads elsewhere.
            FileSystemError: it cannot be read.
        """
        path = f"{FOLDER}/{self._name(version)}"
        with self._named():
            if not files.exists(self.root, path):
                return None
            read = files.read(self.root, path, limit=MIB)
        return Record.from_toml(decode(read.data), path=self.path(version))

    def write(self, record: Record) -> str:
        """Keep *record*, in place of an older one; give its path.

        Raises:
            ConcurrentEdit, Busy: somebody else is writing it.
            FileSystemError: it cannot be written; an older one is as it was.
        """
        return self.keep(self._name(record.version), record.to_toml())

    def keep(self, name: str, text: str) -> str:
        """Keep a text beside the records, whole or not at all; give its path.

        Raises:
            UnsafePath: the folder of records leads out of git's own.
            FileSystemError: it cannot be written.
        """
        path = f"{FOLDER}/{name}"
        with self._named():
            files.make_folder(self.root, FOLDER)
            if files.exists(self.root, path):
                read = files.read(self.root, path, limit=MIB)
                files.replace_all([files.Replacement(read, encode(text))], locks=[self.folder])
            else:
                files.create(self.root, path, encode(text))
        return os.path.join(self.root, path)

    def forget(self, name: str) -> None:
        """Take away a text that is kept beside the records.

        Raises:
            UnsafePath: the folder of records leads out of git's own.
            FileSystemError: it is not there, or cannot be taken away.
        """
        files.remove(self.root, f"{FOLDER}/{name}")

    def find(self, name: str) -> str:
        """Give the path of a text that is kept beside the records, or nothing where it is not there."""
        with self._named():
            return os.path.join(self.folder, name) if files.exists(self.root, f"{FOLDER}/{name}") else ""

    def _named(self) -> contextlib.AbstractContextManager[None]:
        """Name a record that cannot be read by its absolute path: nobody stands in git's own folder."""
        return files.called(functools.partial(os.path.join, self.root))

    def _name(self, version: Version) -> str:
        return f"{self.slug}-v{version.with_build(None)}{_SUFFIX}"
