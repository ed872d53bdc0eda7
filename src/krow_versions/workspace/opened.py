"""What the parts of a workspace ask of it: they are made for it, so none of them imports it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from krow_versions.catalog import Catalog, Product, VersionFile
    from krow_versions.config import Config
    from krow_versions.snapshot import ChangelogState, FileState, Snapshot


class Named(Protocol):
    """One product of a workspace; ``ProductView`` says more."""

    @property
    def product(self) -> Product: ...
    @property
    def changelog(self) -> str | None: ...


class Opened(Protocol):
    """A workspace that was found; ``Workspace`` says what each of these is."""

    @property
    def catalog(self) -> Catalog: ...
    @property
    def repos(self) -> Mapping[str, str]: ...
    @property
    def source(self) -> str | None: ...
    @property
    def config(self) -> Config: ...
    def __getitem__(self, name: str, /) -> Named: ...
    def __iter__(self) -> Iterator[str]: ...
    def snapshot(self, names: Iterable[str] | None = None) -> Snapshot: ...
    def find_files(self, product: Product) -> tuple[VersionFile, ...]: ...
    def read_files(self, product: Product) -> tuple[FileState, ...]: ...
    def read_changelog(self, product: Product) -> ChangelogState | None: ...
