"""One product of a workspace, for those who ask from Python."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from krow_versions import files
from krow_versions.baseline import find_baseline
from krow_versions.catalog import place
from krow_versions.changelog import new_changelog
from krow_versions.encoding import encode
from krow_versions.errors import Conflict, InputError, KrowVersionsError, UsageError, raise_all
from krow_versions.version import Version

if TYPE_CHECKING:
    from krow_versions.baseline import Baseline
    from krow_versions.catalog import Product
    from krow_versions.snapshot import ChangelogState, FileState, ProductState
    from krow_versions.workspace.opened import Opened


@attrs.frozen
class ProductView:
    """One product of a workspace, as ``workspace["web"]`` gives it; every question looks anew."""

    workspace: Opened = attrs.field(repr=False)
    product: Product

    @property
    def name(self) -> str:
        """How commands call it."""
        return self.product.name

    @property
    def state(self) -> ProductState:
        """All that is known of it now."""
        return self.workspace.snapshot([self.name]).products[0]

    @property
    def files(self) -> tuple[FileState, ...]:
        """Its version files as they are now."""
        return self.workspace.read_files(self.product)

    @property
    def paths(self) -> tuple[str, ...]:
        """The paths of its version files, each in its repository."""
        return tuple(file.path for file in self.workspace.find_files(self.product))

    @property
    def changelog(self) -> str | None:
        """The path of its CHANGELOG in its repository, or None when there is none."""
        place = self.changelog_place
        return place[1] if place else None

    @property
    def changelog_place(self) -> tuple[str, str, str | None] | None:
        """Repository, path and heading of its CHANGELOG, or None when there is none.

        The first that exists of: the one that its configuration names, ``CHANGELOG.md`` beside its
        first version file, the repository's ``CHANGELOG.md``.
        """
        named, _, heading = (self.product.changelog or "").partition("#")
        if named:  # Told to be there, it is an error when it is not.
            return (self.product.repo, named, heading or None)
        file = self.workspace.find_files(self.product)[0]
        repo = file.repo or self.product.repo
        folder, slash, _ = file.path.rpartition("/")
        for home, path in ((repo, f"{folder}{slash}CHANGELOG.md"), (self.product.repo, "CHANGELOG.md")):
            if files.exists(self.workspace.repos[home], path):
                return (home, path, heading or None)
        return None

    def read_changelog(self) -> ChangelogState:
        """Read its CHANGELOG as it is now.

        Raises:
            InputError: it has none.
        """
        state = self.workspace.read_changelog(self.product)
        if state is None:
            raise InputError(
                f"{self.name} has no CHANGELOG", hint=f"make one: krow-versions changelog init {self.name}"
            )
        return state

    def init_changelog(self) -> str:
        """Make a CHANGELOG with an empty table, where its configuration says or beside its first file.

        Returns:
            The path, in its repository.

        Raises:
            Conflict: it has one already, which it would be taken away from.
            FileSystemError: it could not be made.
        """
        found = self.changelog_place
        if found and files.exists(self.workspace.repos[found[0]], found[1]):
            raise Conflict(
                f"{self.name} has a CHANGELOG already", path=place(*found[:2]), hint="it is left as it is"
            )
        file = self.workspace.find_files(self.product)[0]
        folder, slash, _ = file.path.rpartition("/")
        named = (self.product.changelog or "").partition("#")[0]
        repo = self.product.repo if named else file.repo or self.product.repo
        path = named or f"{folder}{slash}CHANGELOG.md"
        text = new_changelog(self.product.title or self.name)
        files.create(self.workspace.repos[repo], path, encode(text))
        return path

    @property
    def version(self) -> Version:
        """The version in its files.

        Raises:
            Conflict: its files disagree.
            KrowVersionsError: a file has no version that could be read.
        """
        states = self.files
        raise_all(state.error for state in states if state.error is not None)
        versions = sorted({state.version for state in states if state.version is not None})
        if len(versions) != 1:
            listed = ", ".join(f"{state.path} is {state.version}" for state in states)
            raise Conflict(
                f"the files of {self.name} disagree: {listed}",
                hint=f"see krow-versions show {self.name}",
            )
        return versions[0]

    @property
    def baseline(self) -> Baseline:
        """What is in production, and who says so."""
        return find_baseline(self.state)


def given_version(version: Version | str, option: str) -> Version:
    """Read a version that a caller gave.

    Raises:
        UsageError: it is no version.
    """
    if not isinstance(version, str):
        return version
    try:
        return Version.parse(version)
    except KrowVersionsError as error:
        raise UsageError(f"{option}: {error.message}", hint=error.hint) from None
