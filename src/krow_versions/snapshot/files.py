"""Version files: in the working tree, and in commits."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from krow_versions.encoding import decode
from krow_versions.errors import AmbiguousVersion, KrowVersionsError
from krow_versions.formats import find_version, format_for, format_named, highest_build
from krow_versions.products import repo_path
from krow_versions.values import field, frozen
from krow_versions.version import build_of, written

if TYPE_CHECKING:
    from krow_versions.formats import Format, Located
    from krow_versions.version import Held, Version

_ANY_BUILD = 10**256  # Above every valid build.


@frozen
class FileState:
    """A version file in the working tree.

    Attributes:
        repo: name of its repository.
        path: relative to that repository.
        format: the name of its format.
        key: the key of its version, or None for the usual one of the format.
        located: its version and build with their places, or None if it has none that can be read.
        error: why the version cannot be read, or None.
        real_path: *path* with links inside the repository resolved.
        follows: as in :class:`krow_versions.VersionFile`.
        missing: whether the configuration or git names it, but it does not exist.
        closed: whether it is a folder that cannot be read and may contain version files.
    """

    repo: str
    path: str
    format: str
    key: str | None = None
    located: Located | None = None
    error: KrowVersionsError | None = None
    real_path: str = ""
    follows: str | None = None
    missing: bool = False
    closed: bool = False

    @property
    def version(self) -> Version | None:
        """The version, or None if it could not be read or there is only a build."""
        return self.located.version if self.located else None

    @property
    def build(self) -> int | None:
        """The build, wherever it stands, or None."""
        return self.located.build if self.located else None

    @property
    def shown(self) -> str:
        """What it holds, for people and for JSON; empty if it could not be read."""
        return written(self.located.held) if self.located else ""


@frozen
class PinState:
    """A place where a package of the repository requires one exact version of a product's package.

    Attributes:
        package: the name of the product's package; empty if the pins of a file are not known.
        of: the path of that package's version file, in the same repository.
        place: the pin, as a version that is a part of a file.
        copies: where locks repeat it.
    """

    package: str
    of: str
    place: FileState
    copies: tuple[FileState, ...] = ()


@frozen
class PastFile:
    """A version file in a commit, parsed on demand.

    Attributes:
        revision: ``HEAD`` or the tag's name.
        path: relative to its repository.
        format: the name of its format.
        key: as in :class:`FileState`.
        data: its bytes; empty if it could not be read.
        error: why it could not be read, or None.
        known: what it holds, if the same bytes were parsed before, or None.
    """

    revision: str
    path: str
    format: str
    key: str | None
    data: bytes = field(repr=False, default=b"")
    error: KrowVersionsError | None = None
    known: Held | None = field(repr=False, default=None, eq=False)

    @property
    def build_bound(self) -> int:
        """An upper bound of the file's build, found without parsing; -1 if it has none.

        With it, the highest build of 20,000 tags is found by parsing very few of their files.
        """
        if self.error is not None:
            return _ANY_BUILD
        try:
            return self._format.build_bound(self.data)
        except KrowVersionsError:
            return _ANY_BUILD

    def held(self) -> Held:
        """Return what it holds, parsing the file at the first call.

        Raises:
            KrowVersionsError: as :meth:`located`.
        """
        return self._parsed if self.known is None else self.known

    def version(self) -> Version | None:
        """Return its version, or None if it has only a build.

        Raises:
            KrowVersionsError: as :meth:`located`.
        """
        held = self.held()
        return None if isinstance(held, int) else held

    def highest_build(self) -> int | None:
        """Return its build, the highest if its places disagree; None if it has none.

        Raises:
            KrowVersionsError: as :meth:`located`.
        """
        try:
            return build_of(self.held())
        except AmbiguousVersion as error:
            try:
                return highest_build(decode(self.data), self._format)
            except KrowVersionsError:
                raise error from None

    @functools.cached_property
    def _parsed(self) -> Held:
        return self.located().held

    @property
    def _format(self) -> Format:
        # A file that could not be read on disk has no format yet, so take the one of its name.
        return format_named(self.format or format_for(self.path).name, self.key)

    def located(self) -> Located:
        """Parse the file.

        Raises:
            KrowVersionsError: its version cannot be read; the path names the revision.
        """
        try:
            if self.error is not None:
                raise self.error
            return find_version(decode(self.data), self._format)
        except KrowVersionsError as error:
            raise error.in_file(f"{self.revision}:{self.path}") from None

    def state(self, repo: str) -> FileState:
        """Return the state of such a file in the working tree of *repo*; errors are stored, not raised."""
        try:
            return FileState(repo, self.path, self.format, self.key, self.located())
        except KrowVersionsError as error:
            return FileState(repo, self.path, self.format, self.key, error=error)


def read_file(repo: str, path: str, data: bytes, format: str, key: str | None) -> FileState:  # noqa: A002 - As FileState calls it.
    """Make the state of a version file from its bytes; errors are stored, not raised."""
    try:
        located = find_version(decode(data), format_named(format, key))
    except KrowVersionsError as error:
        return FileState(repo, path, format, key, error=error.in_file(repo_path(repo, path)))
    return FileState(repo, path, format, key, located)
