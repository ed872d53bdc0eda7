"""Version files in commits: at HEAD, at tags, and at further commits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions import releases
from krow_versions.encoding import CHANGELOG_LIMIT, encode
from krow_versions.errors import FileTooLarge, KrowVersionsError, VersionNotFound
from krow_versions.files import relative
from krow_versions.formats import MIB, format_for, format_named, known_by_name
from krow_versions.names import TAGS
from krow_versions.progress import Progress, steps_of, unseen
from krow_versions.snapshot import FileState, PastFile
from krow_versions.values import evolve, field, frozen

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from krow_versions import git
    from krow_versions.formats import Format
    from krow_versions.products import Product
    from krow_versions.snapshot import ProductState


CHANGELOG = "changelog"
"""The format of a past file that is a CHANGELOG."""


@frozen
class Revisions:
    """Collects the files of products in commits, and reads those of one repository together.

    Attributes:
        repos: the folder of each repository, by its name.
        auditing: whether a file that may have lost its build is read at its tags, too, and every file at the
            newest production tag.
        whole: whether all files are read at tags, lock files aside, not only those that carry builds.
    """

    repos: Mapping[str, str]
    auditing: bool = False
    whole: bool = False
    _wanted: dict[git.Repository, list[_Wanted]] = field(factory=dict, init=False)

    def add(
        self,
        draft: ProductState,
        repo: str,
        repository: git.Repository,
        tags: Sequence[git.Ref],
        beside: Mapping[str, str],
        *,
        ends: Mapping[str, str],
    ) -> None:
        """Add the files of one product in one repository.

        Args:
            draft: the product, its files and its tags.
            repo: the name of the repository.
            repository: the repository.
            tags: the product's, in that repository.
            beside: further commits by a label; the CHANGELOG is read there, too.
            ends: further commits by a label; read there only if a file carries a build.
        """
        product, files = draft.product, [file for file in draft.files if file.repo == repo]
        prefix = below_top(repository, self.repos[repo])
        wanted = self._wanted.setdefault(repository, [])

        def want(file: FileState, commits: Mapping[str, str], *fields: str) -> None:
            path = prefix + (file.real_path or file.path)
            wanted.append(_Wanted(product.name, fields, file, path, commits))

        for file in files if repository.head else ():
            want(file, {"HEAD": repository.head or ""}, "committed")
        building = self._building(product, files)
        paths = {file.path for file in building}
        commits = {tag.ref.removeprefix(TAGS): tag.object_id for tag in tags if tag.commit}
        for file in _own(product, files) if self.whole else building:
            fields = ["released"] if file.path in paths else []
            want(file, commits, *fields, *(["past"] if self.whole else []))
        top = releases.highest(each for each in draft.tags if each.readable)
        newest = {tag: commit for tag, commit in commits.items() if top and tag == top.name}
        for file in _own(product, files) if self.auditing and not self.whole else ():
            want(file, newest, "past")
        for file in _own(product, files) if building else ():
            want(file, ends, "beside")
        changelog = draft.changelog
        if changelog is not None and changelog.repo == repo:
            files.append(FileState(repo, changelog.path, CHANGELOG))
        for file in files:
            want(file, beside, "beside")
        for pin in draft.pins:
            for place in (pin.place, *pin.copies) if pin.place.repo == repo else ():
                want(place, beside, "pins_beside")

    def read(
        self,
        ids: Mapping[git.Repository, Collection[str]],
        *,
        limit: int = 0,
        total: int = 0,
        progress: Progress = unseen,
    ) -> tuple[dict[str, dict[str, list[PastFile]]], dict[git.Repository, Mapping[str, bytes | None]]]:
        """Read them, and further contents by their ids; one process per repository, or two.

        Args:
            ids: of further contents, by repository.
            limit: the largest size of each of these.
            total: the largest size of all of these in one repository.
            progress: sees the steps.

        Returns:
            Files by the name of the product and the attribute of :class:`ProductState` that they are for;
            and the further contents.

        Raises:
            GitError: git failed.
        """
        found: dict[str, dict[str, list[PastFile]]] = {}
        more: dict[git.Repository, Mapping[str, bytes | None]] = {}
        for repository in dict.fromkeys((*self._wanted, *ids)):
            wanted = self._wanted.get(repository, [])
            limits: dict[str, int] = {}
            for each in wanted:
                limits[each.path] = max(_size_limit(each.file), limits.get(each.path, 0))
            pairs = [(commit, each.path) for each in wanted for commit in each.commits.values()]
            files, more[repository] = repository.read(
                pairs, limits=limits, ids=ids.get(repository, ()), limit=limit, total=total
            )
            contents = iter(files)
            for each in steps_of(wanted, "reading files at releases", progress):
                past = each.taken(contents)
                for name in each.fields:
                    found.setdefault(each.product, {}).setdefault(name, []).extend(past)
        return found, more

    def _building(self, product: Product, files: Iterable[FileState]) -> list[FileState]:
        """List the files that carry a build, and for an audit those that may have lost theirs."""
        found = [
            file
            for file in files
            if (found := file.located) is not None
            and (found.build is not None or (self.auditing and _counts(found.format)))
        ]
        return _wherever(product, found)


def _counts(chosen: Format) -> bool:
    return chosen.has_build or chosen.may_have_build_alone


def below_top(repository: git.Repository, folder: str) -> str:
    """Return git's prefix of the paths in *folder*: empty at the top, else its path and a '/'."""
    below = relative(folder, repository.root)
    return "" if below == "." else f"{below}/"


@frozen
class _Wanted:
    """A file in some commits.

    Attributes:
        product: the name of its product.
        fields: the attributes of :class:`ProductState` that it is for.
        file: as it is on disk.
        path: from the top of its repository.
        commits: by a label, such as ``HEAD`` or a tag's name.
    """

    product: str
    fields: tuple[str, ...]
    file: FileState
    path: str
    commits: Mapping[str, str]

    def taken(self, contents: Iterator[bytes | FileTooLarge | None]) -> list[PastFile]:
        """Make past files from *contents*; content that equals the file on disk is not parsed again."""
        file, past = self.file, []
        on_disk = encode(file.located.text) if file.located else None
        for revision in self.commits:
            data = next(contents)
            if isinstance(data, FileTooLarge):
                hint = "the committed file is meant; name the version that is in production"
                error = FileTooLarge(data.message, path=f"{revision}:{file.path}", hint=hint)
                past.append(PastFile(revision, file.path, file.format, file.key, error=error))
            elif data is not None:
                known = file.located.held if file.located and data == on_disk else None
                past.append(PastFile(revision, file.path, file.format, file.key, data, known=known))
                if file.follows is not None and known is None and not _has_entry(past[-1]):
                    past.pop()
        return past


def _has_entry(past: PastFile) -> bool:
    """Whether a lock that several packages share had the entry; False if it can be read without it."""
    try:
        past.located()
    except VersionNotFound:
        return False
    except KrowVersionsError:
        return True
    return True


def _size_limit(file: FileState) -> int:
    """Return the size limit of a file, in bytes."""
    if file.format == CHANGELOG:
        return CHANGELOG_LIMIT
    try:
        return (format_named(file.format) if file.format else format_for(file.path)).max_bytes
    except KrowVersionsError:  # A file that could not be read has no format, unless its name has one.
        return MIB


def _own(product: Product, files: Iterable[FileState]) -> list[FileState]:
    """Leave out lock files: they repeat the version of another file."""
    return _wherever(product, [file for file in files if not _is_lock(file)])


def _is_lock(file: FileState) -> bool:
    known = known_by_name(file.path, file.format)
    return known is not None and known.is_lock


def _wherever(product: Product, files: Sequence[FileState]) -> list[FileState]:
    """Add the other path of a file that has two: older tags may have it there."""
    places = {file.path: file for file in files}
    for each in product.files:
        for here, there in ((each.path, each.otherwise), (each.otherwise, each.path)):
            if here in places and there is not None:
                places.setdefault(there, evolve(places[here], path=there, real_path=there))
    return list(places.values())
