"""What the modules of this room need of a workspace, so that none of them imports ``Workspace``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from krow_versions.planning.commands import Place
    from krow_versions.planning.plan import Plan
    from krow_versions.products import Catalog, Product, VersionFile
    from krow_versions.progress import Progress
    from krow_versions.settings import Config
    from krow_versions.snapshot import ChangelogState, ProductState, Snapshot
    from krow_versions.version import Version
    from krow_versions.workspace.clock import Clock
    from krow_versions.workspace.git_state import GitReader


class Named(Protocol):
    """One product of a workspace; see ``ProductView``."""

    @property
    def name(self) -> str: ...
    @property
    def product(self) -> Product: ...
    def find_changelog(self) -> ChangelogState | None: ...


class Opened(Protocol):
    """A workspace; see ``Workspace``."""

    @property
    def catalog(self) -> Catalog: ...
    @property
    def repos(self) -> Mapping[str, str]: ...
    @property
    def source(self) -> str | None: ...
    @property
    def config(self) -> Config: ...
    @property
    def found_at(self) -> str: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def place(self) -> Place: ...
    @property
    def progress(self) -> Progress: ...
    def __getitem__(self, name: str, /) -> Named: ...
    def __iter__(self) -> Iterator[str]: ...
    def snapshot(
        self, names: Iterable[str] | None = None, *, since: Version | None = None, log: bool = True
    ) -> Snapshot: ...
    def look(
        self, names: Iterable[str] | None = None, *, also: Sequence[str] = ()
    ) -> tuple[GitReader, tuple[ProductState, ...]]: ...
    def plan_bump(self, *products: str, message: str | None = None) -> Plan: ...
    def find_files(self, product: Product) -> tuple[VersionFile, ...]: ...
