"""What git says of a product at one moment: the one place where its answers become plain data."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import attrs

from krow_versions import git
from krow_versions.baseline import production_tag
from krow_versions.errors import GitMissing, KrowVersionsError, UnsupportedRepository
from krow_versions.snapshot import PastFile, ProductState, RepoState, tag_state

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from krow_versions.catalog import Catalog, Product
    from krow_versions.snapshot import ChangelogState, FileState, TagState
    from krow_versions.version import Version

_COMMITS = {"commit", "tag"}
_HEADS = "refs/heads/"


@attrs.frozen
class Witness:
    """Asks each repository once, whatever the number of products in it.

    Attributes:
        catalog: the products and the patterns of their tags.
        repos: the folder of each repository, by its name.
    """

    catalog: Catalog
    repos: Mapping[str, str]
    _seen: dict[str, tuple[RepoState, git.Repository | None]] = attrs.field(factory=dict, init=False)

    def state(
        self,
        product: Product,
        files: tuple[FileState, ...],
        changelog: ChangelogState | None,
        *,
        since: Version | None,
    ) -> ProductState:
        """Give all that is known of *product*; its files and CHANGELOG have been read before.

        Commits are listed from the production tag of *since*, or else from the highest.

        Raises:
            GitError: git failed.
        """
        home, repository = self._look(product.repo)
        patterns = self.catalog.tags.values()
        tags: list[TagState] = []
        past: list[PastFile] = []
        for name in dict.fromkeys([product.repo, *(file.repo for file in files)]):
            _, there = self._look(name)
            if there is None:
                continue
            found = there.tags([product.slug, *{each.folder(product.slug) for each in patterns}])
            found = tuple(tag for tag in found if self._is_of(product, tag.name))
            if there is repository:
                tags += [self._tag(product, tag) for tag in found]
            past += self._past(product, there, found, [file for file in files if file.repo == name])
        start = production_tag(tag for tag in tags if since is None or _is_at(tag, since))
        log: tuple[str, ...] | None = None
        if changelog and start and repository:
            log = git.subjects(repository, f"refs/tags/{start.name}")
        committed = tuple(file for file in past if file.revision == "HEAD")
        released = tuple(file for file in past if file.revision != "HEAD")
        return ProductState(product, home, files, tuple(tags), committed, released, changelog, log)

    def _look(self, name: str) -> tuple[RepoState, git.Repository | None]:
        if name not in self._seen:
            self._seen[name] = _look(name, self.repos[name])
        return self._seen[name]

    def _is_of(self, product: Product, name: str) -> bool:
        """Tell whether a tag is of the product: in its folder, or called as one of its releases."""
        if name.startswith(f"{product.slug}/"):
            return True
        found = (pattern.parse(name) for pattern in self.catalog.tags.values())
        return any(each is not None and each[0] == product.slug for each in found)

    def _tag(self, product: Product, tag: git.Tag) -> TagState:
        readable = tag.object_type in _COMMITS
        return tag_state(self.catalog, product.slug, tag.name, reachable=tag.reachable, readable=readable)

    def _past(
        self,
        product: Product,
        repository: git.Repository,
        tags: Sequence[git.Tag],
        files: Sequence[FileState],
    ) -> Iterator[PastFile]:
        """Read files as they are at HEAD, and at tags where they carry builds; one process of git."""
        heads = [("HEAD", repository.head)] if repository.head else []
        commits = [(tag.name, tag.object_id) for tag in tags if tag.object_type in _COMMITS]
        building = [file for file in files if file.version is not None and file.version.build is not None]
        wanted = [
            (name, object_id, file, self._inside(repository, file))
            for names, kinds in ((heads, files), (commits, _wherever(product, building)))
            for name, object_id in names
            for file in kinds
        ]
        contents = repository.blobs([(object_id, path) for _, object_id, _, path in wanted])
        for (name, _, file, _), data in zip(wanted, contents, strict=True):
            if data is not None:
                yield PastFile(name, file.path, file.format, file.key, data)

    def _inside(self, repository: git.Repository, file: FileState) -> str:
        """Give the file's path as git knows it: the catalog's folder may be below the top."""
        folder = os.path.relpath(os.path.realpath(self.repos[file.repo]), repository.root)
        path = file.real_path or file.path
        return path if folder == "." else f"{folder}/{path}"


def top_of(folder: str) -> str | None:
    """Give the top of the working tree around *folder*, without a process of git."""
    return next((each for each in upwards(folder) if os.path.lexists(os.path.join(each, ".git"))), None)


def upwards(folder: str) -> Iterator[str]:
    """Give *folder* and every folder above it."""
    yield folder
    while (parent := os.path.dirname(folder)) != folder:
        folder = parent
        yield folder


def _look(name: str, root: str) -> tuple[RepoState, git.Repository | None]:
    """Open a repository; that git cannot be asked about one is part of the answer."""
    error: KrowVersionsError | None = None
    try:
        repository = git.open_repository(root)
    except GitMissing as missing:
        repository, error = None, missing
    if repository is not None:
        branch = repository.branch.removeprefix(_HEADS) if repository.branch else None
        state = RepoState(
            name,
            root,
            head=repository.head,
            branch=branch,
            shallow=repository.shallow,
            under_way=repository.under_way,
        )
        return state, repository
    if top_of(root) is None:
        return RepoState(name, root), None
    unknown = UnsupportedRepository(
        "there is a .git here that git does not recognise",
        path=root,
        hint="run git status there; git fsck may tell more",
    )
    return RepoState(name, root, error=error or unknown), None


def _is_at(tag: TagState, version: Version) -> bool:
    return tag.version is not None and tag.version.core == version.core


def _wherever(product: Product, files: Sequence[FileState]) -> list[FileState]:
    """Add the other place of a file that has two: older tags may have it there."""
    places = {file.path: file for file in files}
    for each in product.files:
        for here, there in ((each.path, each.otherwise), (each.otherwise, each.path)):
            if here in places and there is not None:
                places.setdefault(there, attrs.evolve(places[here], path=there, real_path=there))
    return list(places.values())
