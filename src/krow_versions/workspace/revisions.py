"""Version files as they are in commits: at HEAD, at tags, and where else somebody asks."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import attrs

from krow_versions.errors import FileTooLarge, KrowVersionsError
from krow_versions.formats import MIB, format_for, format_named
from krow_versions.snapshot import FileState, PastFile
from krow_versions.workspace.reading import CHANGELOG_LIMIT, LOCK_FILES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from krow_versions import git
    from krow_versions.catalog import Product
    from krow_versions.snapshot import ProductState


CHANGELOG = "changelog"
"""What a past file has instead of a format when it is a CHANGELOG."""


@attrs.frozen
class Revisions:
    """Collects the files that products need in commits, and reads those of one repository together.

    Attributes:
        repos: the folder of each repository, by its name.
        auditing: whether a pubspec without a build is read at its tags, too: it may have lost its build.
        whole: whether all files are read at tags, lock files aside, not only those that carry builds.
    """

    repos: Mapping[str, str]
    auditing: bool = False
    whole: bool = False
    _wanted: dict[git.Repository, list[_Wanted]] = attrs.field(factory=dict, init=False)

    def add(
        self,
        draft: ProductState,
        repo: str,
        repository: git.Repository,
        tags: Sequence[git.Ref],
        beside: Mapping[str, str],
    ) -> None:
        """Take up the files of one product in one repository.

        Args:
            draft: the product and its files.
            repo: the name of the repository.
            repository: the repository.
            tags: the product's, in that repository.
            beside: further commits by what they are called; the CHANGELOG is read there, too.
        """
        product, files = draft.product, [file for file in draft.files if file.repo == repo]
        folder = os.path.relpath(self.repos[repo], repository.root)
        wanted = self._wanted.setdefault(repository, [])

        def want(file: FileState, limit: int, revision: str, object_id: str, *fields: str) -> None:
            path = file.real_path or file.path
            inside = path if folder == "." else f"{folder}/{path}"
            wanted.append(_Wanted(product.name, fields, file, limit, revision, object_id, inside))

        for file in files if repository.head else ():
            want(file, _size_limit(file), "HEAD", repository.head or "", "committed")
        building = self._building(product, files)
        paths = {file.path for file in building}
        for file in _own(product, files) if self.whole else building:
            fields = ["released"] if file.path in paths else []
            fields += ["past"] if self.whole else []
            for tag in tags:
                if tag.commit:
                    want(file, _size_limit(file), tag.ref.removeprefix("refs/tags/"), tag.object_id, *fields)
        for name, commit in beside.items():
            for file in files:
                want(file, _size_limit(file), name, commit, "beside")
            if draft.changelog is not None and draft.changelog.repo == repo:
                changelog = FileState(repo, draft.changelog.path, CHANGELOG)
                want(changelog, CHANGELOG_LIMIT, name, commit, "beside")

    def read(self) -> dict[str, dict[str, list[PastFile]]]:
        """Read them; two processes for each repository.

        Returns:
            By the name of the product and the attribute of :class:`ProductState` that they are for.

        Raises:
            GitError: git failed.
        """
        found: dict[str, dict[str, list[PastFile]]] = {}
        for repository, wanted in self._wanted.items():
            limits: dict[str, int] = {}
            for each in wanted:
                limits[each.path] = max(each.limit, limits.get(each.path, 0))
            contents = repository.blobs([(each.object_id, each.path) for each in wanted], limits=limits)
            for each, data in zip(wanted, contents, strict=True):
                if data is not None:
                    read = _past_file(each.revision, each.file, data)
                    for field in each.fields:
                        found.setdefault(each.product, {}).setdefault(field, []).append(read)
        return found

    def _building(self, product: Product, files: Iterable[FileState]) -> list[FileState]:
        """List the files that carry a build."""
        found = [
            file
            for file in files
            if file.version is not None
            and (file.version.build is not None or (self.auditing and file.format == "pubspec"))
        ]
        return _wherever(product, found)


@attrs.frozen
class _Wanted:
    """A file in a commit.

    Attributes:
        product: the name of its product.
        fields: the attributes of :class:`ProductState` that it is for.
        file: as it is on disk.
        limit: its largest size in bytes.
        revision: what the commit is called: ``HEAD``, or a tag's name.
        object_id: the commit, or a tag that leads to it.
        path: from the top of its repository.
    """

    product: str
    fields: tuple[str, ...]
    file: FileState
    limit: int
    revision: str
    object_id: str
    path: str


def _size_limit(file: FileState) -> int:
    """Give the largest size of a version file, in bytes."""
    try:
        return (format_named(file.format) if file.format else format_for(file.path)).max_bytes
    except KrowVersionsError:  # What cannot be read on disk has no format, if its name is of none.
        return MIB


def _past_file(revision: str, file: FileState, data: bytes | FileTooLarge) -> PastFile:
    """Make the state of *file* in a commit; that it is too large to be read is part of it."""
    if isinstance(data, FileTooLarge):
        hint = "the committed file is meant; name what is in production with --from VERSION"
        error = FileTooLarge(data.message, path=f"{revision}:{file.path}", hint=hint)
        return PastFile(revision, file.path, file.format, file.key, error=error)
    return PastFile(revision, file.path, file.format, file.key, data)


def _own(product: Product, files: Iterable[FileState]) -> list[FileState]:
    """Leave out lock files: they say what another file says."""
    return _wherever(product, [file for file in files if file.path.rpartition("/")[2] not in LOCK_FILES])


def _wherever(product: Product, files: Sequence[FileState]) -> list[FileState]:
    """Add the other place of a file that has two: older tags may have it there."""
    places = {file.path: file for file in files}
    for each in product.files:
        for here, there in ((each.path, each.otherwise), (each.otherwise, each.path)):
            if here in places and there is not None:
                places.setdefault(there, attrs.evolve(places[here], path=there, real_path=there))
    return list(places.values())
