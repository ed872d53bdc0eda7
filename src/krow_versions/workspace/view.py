"""One product of a workspace, for those who ask from Python."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from krow_versions import files
from krow_versions.baseline import find_baseline
from krow_versions.errors import Conflict, raise_all

if TYPE_CHECKING:
    from krow_versions.baseline import Baseline
    from krow_versions.catalog import Product
    from krow_versions.snapshot import FileState, ProductState
    from krow_versions.version import Version
    from krow_versions.workspace import Workspace


@attrs.frozen
class ProductView:
    """One product of a workspace, as ``workspace["web"]`` gives it; every question looks anew."""

    workspace: Workspace = attrs.field(repr=False)
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
        """The path of its CHANGELOG in its repository, or None when there is none.

        The first that exists of: the one that its configuration names, ``CHANGELOG.md`` beside its
        first version file, the repository's ``CHANGELOG.md``.
        """
        first = self.paths[0].rpartition("/")
        candidates = [self.product.changelog, f"{first[0]}{first[1]}CHANGELOG.md", "CHANGELOG.md"]
        root = self.workspace.repos[self.product.repo]
        return next((path for path in candidates if path and files.exists(root, path)), None)

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
