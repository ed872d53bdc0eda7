"""One product of a workspace, for importers."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from krow_versions import changelog, files, lazy
from krow_versions.baseline import find_baseline
from krow_versions.encoding import encode
from krow_versions.errors import Conflict, Unsupported, raise_all
from krow_versions.planning.changelog_row import no_changelog
from krow_versions.planning.commands import Calls
from krow_versions.products import repo_path
from krow_versions.values import field, frozen
from krow_versions.version import Version, build_of, with_highest
from krow_versions.workspace import file_state

if TYPE_CHECKING:
    from krow_versions.baseline import Baseline
    from krow_versions.products import Product
    from krow_versions.snapshot import ChangelogState, FileState, ProductState
    from krow_versions.workspace import display
    from krow_versions.workspace.protocols import Opened
else:
    (display,) = lazy.modules("krow_versions.workspace", "display")


@frozen
class ProductView:
    """One product of a workspace, as ``workspace["web"]`` returns it.

    The first attribute that is used reads files and git once; the others come from the same reading.
    ``workspace["web"]`` again makes a new one. Methods read anew.
    """

    workspace: Opened = field(repr=False)
    product: Product

    @property
    def name(self) -> str:
        """Its name in commands."""
        return self.product.name

    @functools.cached_property
    def state(self) -> ProductState:
        """Its state when it was first used; raises as :meth:`Workspace.snapshot` does."""
        return self.workspace.snapshot([self.name]).products[0]

    @property
    def files(self) -> tuple[FileState, ...]:
        """Its version files."""
        return self.state.files

    @property
    def paths(self) -> tuple[str, ...]:
        """The paths of its version files, each in its repository."""
        return tuple(file.path for file in self.state.files)

    @property
    def changelog(self) -> str | None:
        """The path of its CHANGELOG in its repository, or None if there is none."""
        return self.state.changelog.path if self.state.changelog else None

    @property
    def version(self) -> Version:
        """The version in its files.

        Raises:
            Conflict: its files disagree.
            KrowVersionsError: a file has no readable version.
        """
        raise_all(file.error for file in self.files if file.error is not None)
        held = [file.located.held for file in self.files if file.located is not None]
        versions = [each for each in held if isinstance(each, Version)]
        builds = {build_of(each) for each in held} - {None}
        if len({version.with_build(None) for version in versions}) != 1 or len(builds) > 1:
            listed = ", ".join(f"{file.path} is {file.shown}" for file in self.files)
            raise Conflict(
                f"the files of {self.name} disagree: {listed}",
                hint=f"see {Calls(self.name).other('show')}",
            )
        return with_highest(versions[0], held)

    @property
    def baseline(self) -> Baseline:
        """What is in production, and the source of that."""
        return find_baseline(self.state)

    def _repr_html_(self) -> str:
        """Show its versions; reads as the first attribute does, and shows an error instead of raising it."""
        return display.display_of_product(self.workspace.catalog, lambda: self.state)

    def find_changelog(self) -> ChangelogState | None:
        """Read the CHANGELOG that is found for it, which may be of something else if it is *assumed*."""
        first = file_state.first_of(self.workspace.find_files(self.product))
        return file_state.read_changelog(self.workspace.repos, self.product, first)

    def read_changelog(self) -> ChangelogState:
        """Read its CHANGELOG as it is now.

        Raises:
            InputError: it has none.
        """
        state = self._own_changelog()
        if state is None:
            raise no_changelog(self.state, optional=False)
        return state

    def _own_changelog(self) -> ChangelogState | None:
        state = self.find_changelog()
        return self.state.changelog if state and state.assumed else state

    def init_changelog(self) -> str:
        """Make a CHANGELOG with an empty table, at the configured path or beside its first file.

        A CHANGELOG at the top of the repository that is not its own is no obstacle.

        Returns:
            The path, in its repository.

        Raises:
            Conflict: it has one already.
            FileSystemError: it could not be made.
        """
        found = self._own_changelog()
        if found and isinstance(found.error, Unsupported):  # A sparse checkout leaves it out.
            raise found.error
        if found and files.exists(self.workspace.repos[found.repo], found.path):
            files.clear_beside(self.workspace.repos[found.repo], [found.path])
            raise Conflict(
                f"{self.name} has a CHANGELOG already",
                path=repo_path(found.repo, found.path),
                hint=f"it is left as it is; add to it with {Calls(self.name).other('changelog add')}",
            )
        file = file_state.first_of(self.workspace.find_files(self.product))
        folder, slash, _ = file.path.rpartition("/")
        named = (self.product.changelog or "").partition("#")[0]
        repo = self.product.repo if named else file.repo or self.product.repo
        path = named or f"{folder}{slash}CHANGELOG.md"
        text = changelog.new_changelog(self.product.title or self.name)
        files.create(self.workspace.repos[repo], path, encode(text))
        return path
