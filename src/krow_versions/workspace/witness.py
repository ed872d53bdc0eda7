"""What git says of a product at one moment: the one place where its answers become plain data."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import attrs

from krow_versions import files, git, releases
from krow_versions.errors import FileTooLarge, GitMissing, KrowVersionsError, Unsupported
from krow_versions.formats import MIB, format_for, format_named, known_by_name
from krow_versions.names import HEADS, TAGS
from krow_versions.snapshot import PastFile, ProductState, RepoState, tag_state

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from krow_versions.catalog import Catalog, Product
    from krow_versions.snapshot import ChangelogState, FileState, TagState
    from krow_versions.version import Version


@attrs.frozen
class Witness:
    """Asks each repository once, whatever the number of products in it.

    Attributes:
        catalog: the products and the patterns of their tags.
        repos: the folder of each repository, by its name.
        auditing: whether a file that may have lost its build is read at its tags, too.
    """

    catalog: Catalog
    repos: Mapping[str, str]
    auditing: bool = False
    _seen: dict[str, tuple[RepoState, git.Repository | None]] = attrs.field(factory=dict, init=False)

    def state(
        self,
        product: Product,
        files: tuple[FileState, ...],
        changelog: ChangelogState | None,
        *,
        since: Version | None,
        whole: bool = False,
    ) -> ProductState:
        """Give all that is known of *product*; its files and CHANGELOG have been read before.

        Commits are listed from the production tag of *since*, or else from the highest. With *whole*,
        its version files are read at every tag, not only those that carry builds.

        Raises:
            GitError: git failed.
        """
        home, repository = self.look(product.repo)
        building = {file.path for file in self._building(product, files)}
        patterns = self.catalog.tags.values()
        tags: list[TagState] = []
        past: list[PastFile] = []
        for name in dict.fromkeys([product.repo, *(file.repo for file in files)]):
            _, there = self.look(name)
            if there is None:
                continue
            found = there.tags([product.slug, *{each.folder(product.slug) for each in patterns}])
            found = tuple(tag for tag in found if self._is_of(product, tag.name))
            if there is repository:
                tags += [self._tag(product, tag) for tag in found]
            past += self._past(product, there, found, [file for file in files if file.repo == name], whole)
        start = releases.highest(
            tag for tag in releases.contained(tags) if since is None or releases.core_of(tag) == since.core
        )
        log: tuple[str, ...] | None = None
        if changelog and start and repository:
            log = git.subjects(repository, TAGS + start.name)
        committed = tuple(file for file in past if file.revision == "HEAD")
        past = [file for file in past if file.revision != "HEAD"]
        released = tuple(file for file in past if file.path in building)
        kept = tuple(past) if whole else ()
        return ProductState(product, home, files, tuple(tags), committed, released, changelog, log, kept)

    def look(self, name: str) -> tuple[RepoState, git.Repository | None]:
        """Open a repository, once; None where git knows none there."""
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
        readable = bool(tag.commit)
        return tag_state(
            self.catalog,
            product.slug,
            tag.name,
            reachable=tag.reachable,
            readable=readable,
            annotated=tag.object_type == "tag",
            commit=tag.commit,
            dated=tag.dated,
            subject=tag.subject,
        )

    def _past(
        self,
        product: Product,
        repository: git.Repository,
        tags: Sequence[git.Tag],
        files: Sequence[FileState],
        whole: bool,
    ) -> Iterator[PastFile]:
        """Read files as they are at HEAD, and at tags those that carry builds; one process of git."""
        heads = [("HEAD", repository.head)] if repository.head else []
        commits = [(tag.name, tag.object_id) for tag in tags if tag.commit]
        at_tags = _own(product, files) if whole else self._building(product, files)
        wanted = [
            (name, object_id, file, path)
            for names, kinds in ((heads, files), (commits, at_tags))
            for file, path in [(file, self._inside(repository, file)) for file in kinds]
            for name, object_id in names
        ]
        limits = {path: size_limit(file) for _, _, file, path in wanted}
        contents = repository.blobs([(object_id, path) for _, object_id, _, path in wanted], limits=limits)
        for (name, _, file, _), data in zip(wanted, contents, strict=True):
            if data is not None:
                yield past_file(name, file, data)

    def _building(self, product: Product, files: Iterable[FileState]) -> list[FileState]:
        """List the files that carry a build."""
        found = [
            file
            for file in files
            if (found := file.located) is not None
            and (found.version.build is not None or (self.auditing and found.format.has_build))
        ]
        return _wherever(product, found)

    def _inside(self, repository: git.Repository, file: FileState) -> str:
        """Give the file's path as git knows it: the catalog's folder may be below the top."""
        return below_top(repository, self.repos[file.repo]) + (file.real_path or file.path)


def size_limit(file: FileState) -> int:
    """Give the largest size of a version file, in bytes."""
    try:
        return (format_named(file.format) if file.format else format_for(file.path)).max_bytes
    except KrowVersionsError:  # What cannot be read on disk has no format, if its name is of none.
        return MIB


def past_file(revision: str, file: FileState, data: bytes | FileTooLarge) -> PastFile:
    """Make the state of *file* in a commit; that it is too large to be read is part of it."""
    if isinstance(data, FileTooLarge):
        error = data.in_file(f"{revision}:{file.path}")
        error.advise("the committed file is meant; name what is in production with --from VERSION")
        return PastFile(revision, file.path, file.format, file.key, error=error)
    return PastFile(revision, file.path, file.format, file.key, data)


def below_top(repository: git.Repository, folder: str) -> str:
    """Give what git puts before the paths of *folder*: nothing at the top, else its path and a '/'."""
    below = os.path.relpath(folder, repository.root)
    return "" if below == "." else f"{below}/"


def top_of(folder: str) -> str | None:
    """Give the top of the working tree around *folder*, without a process of git."""
    return next((each for each in upwards(folder) if files.status(".git", root=each) is not None), None)


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
        branch = repository.branch.removeprefix(HEADS) if repository.branch else None
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
    unknown = Unsupported(
        "there is a .git here that git does not recognise",
        path=root,
        hint="run git status there; git fsck may tell more",
    )
    return RepoState(name, root, error=error or unknown), None


def _own(product: Product, files: Iterable[FileState]) -> list[FileState]:
    """Leave out lock files: they say what another file says."""
    return _wherever(product, [file for file in files if not _is_lock(file)])


def _is_lock(file: FileState) -> bool:
    known = known_by_name(file.path, file.format)
    return known is not None and known.is_lock


def _wherever(product: Product, files: Sequence[FileState]) -> list[FileState]:
    """Add the other place of a file that has two: older tags may have it there."""
    places = {file.path: file for file in files}
    for each in product.files:
        for here, there in ((each.path, each.otherwise), (each.otherwise, each.path)):
            if here in places and there is not None:
                places.setdefault(there, attrs.evolve(places[here], path=there, real_path=there))
    return list(places.values())
