"""Where the records of hotfixes are kept: in git's own folder, one for all working trees, never committed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import attrs

from krow_versions import files
from krow_versions.encoding import decode, encode
from krow_versions.errors import FileSystemError, quoted
from krow_versions.formats import MIB
from krow_versions.hotfix import Record

if TYPE_CHECKING:
    from krow_versions.version import Version
    from krow_versions.workspace.facts import Place

_SUFFIX = ".toml"


@attrs.frozen
class Records:
    """The records of one product, in the repository that its tags are in.

    Attributes:
        folder: absolute; it may not exist yet.
        slug: the product's.
    """

    folder: str
    slug: str

    @classmethod
    def of(cls, place: Place) -> Records:
        """Find them: beside all else that git keeps for this repository and its linked working trees."""
        return cls(os.path.join(place.repository.common_dir, "krow-versions", "hotfix"), place.product.slug)

    def path(self, version: Version) -> str:
        """Give the absolute path of a record."""
        return os.path.join(self.folder, self._name(version))

    def versions(self) -> tuple[str, ...]:
        """List the versions that have a record, as text, in no order."""
        try:
            names = os.listdir(self.folder)
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise _failed(self.folder, "listed", error) from None
        start = f"{self.slug}-v"
        return tuple(
            name.removeprefix(start).removesuffix(_SUFFIX)
            for name in names
            if name.startswith(start) and name.endswith(_SUFFIX)
        )

    def read(self, version: Version) -> Record | None:
        """Read the record of *version*, or None when there is none.

        Raises:
            InputError: it is not as a record must be; every mistake at once.
            FileSystemError: it cannot be read.
        """
        name = self._name(version)
        if not os.path.isdir(self.folder) or not files.exists(self.folder, name):
            return None
        read = files.read(self.folder, name, limit=MIB)
        return Record.from_toml(decode(read.data), path=self.path(version))

    def write(self, record: Record) -> str:
        """Keep *record*, in place of an older one; give its path.

        Raises:
            ConcurrentEdit, Busy: somebody else is writing it.
            FileSystemError: it cannot be written; an older one is as it was.
        """
        return self.keep(self._name(record.version), record.to_toml())

    def keep(self, name: str, text: str) -> str:
        """Keep a text beside the records, whole or not at all; give its path."""
        try:
            os.makedirs(self.folder, exist_ok=True)
        except OSError as error:
            raise _failed(self.folder, "made", error) from None
        if files.exists(self.folder, name):
            read = files.read(self.folder, name, limit=MIB)
            files.replace_all([files.Replacement(read, encode(text))], locks=[self.folder])
        else:
            files.create(self.folder, name, encode(text))
        return os.path.join(self.folder, name)

    def find(self, name: str) -> str:
        """Give the path of a text that is kept beside the records, or nothing where it is not there."""
        path = os.path.join(self.folder, name)
        return path if os.path.exists(path) else ""

    def _name(self, version: Version) -> str:
        return f"{self.slug}-v{version.with_build(None)}{_SUFFIX}"


def _failed(folder: str, done: str, error: OSError) -> FileSystemError:
    return FileSystemError(
        f"the folder of hotfix records {quoted(folder)} cannot be {done}: {error.strerror}",
        path=folder,
        hint="see its permissions and the free space",
    )
