"""What the files and git said at one moment: plain data, from which plans and audits are computed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import attrs

from krow_versions.catalog import place
from krow_versions.encoding import decode
from krow_versions.errors import KrowVersionsError
from krow_versions.formats import find_version, format_named

if TYPE_CHECKING:
    from krow_versions.catalog import Catalog, Product
    from krow_versions.formats import Located
    from krow_versions.version import Version

# A build as it stands in any version file; longer runs of digits are in no valid version.
_BUILD = re.compile(rb"\+([0-9]{1,255})(?![0-9])")


@attrs.frozen
class RepoState:
    """A repository, or a plain folder, at one moment.

    Attributes:
        name: its name in the catalog.
        root: absolute path.
        head: commit id of HEAD, or None before the first commit and without git.
        branch: the branch's name without ``refs/heads/``, or None when detached and without git.
        shallow: whether history, and with it tags, may be cut off.
        error: why git cannot be asked although this is a repository, or None.
        under_way: what git is in the middle of, such as ``merge``, or None.
    """

    name: str
    root: str
    head: str | None = None
    branch: str | None = None
    shallow: bool = False
    error: KrowVersionsError | None = None
    under_way: str | None = None


@attrs.frozen
class FileState:
    """A version file as it stands in the working tree.

    Attributes:
        repo: name of its repository.
        path: relative to that repository.
        format: the name of its format.
        key: where its version is kept, when not in the usual place.
        located: its version and where that stands, or None when it could not be found.
        error: why it could not be found, or None.
        real_path: *path* with its links inside the repository followed.
    """

    repo: str
    path: str
    format: str
    key: str | None = None
    located: Located | None = None
    error: KrowVersionsError | None = None
    real_path: str = ""

    @property
    def version(self) -> Version | None:
        """The version, where one could be found."""
        return self.located.version if self.located else None


@attrs.frozen
class TagState:
    """A tag of the product.

    Attributes:
        name: without ``refs/tags/``.
        stage: the stage by the catalog's patterns, or None for a name that fits none.
        version: the version in its name, or None likewise.
        reachable: whether HEAD contains what it points at.
        readable: whether what it points at is a commit that is here.
    """

    name: str
    stage: str | None
    version: Version | None
    reachable: bool
    readable: bool = True


@attrs.frozen
class PastFile:
    """A version file as it is in a commit; parsed only when it is asked.

    Attributes:
        revision: ``HEAD`` or the tag's name.
        path: relative to its repository.
        format: the name of its format.
        key: as in :class:`FileState`.
        data: its bytes.
    """

    revision: str
    path: str
    format: str
    key: str | None
    data: bytes = attrs.field(repr=False)

    @property
    def build_bound(self) -> int:
        """A number that the file's build is surely not above; -1 when it surely has none.

        It lets the highest build of 20,000 tags be found by parsing very few of their files.
        """
        return max((int(digits) for digits in _BUILD.findall(self.data)), default=-1)

    def version(self) -> Version:
        """Parse the file.

        Raises:
            KrowVersionsError: it has no version that could be read; the path names the revision.
        """
        try:
            return find_version(decode(self.data), format_named(self.format, self.key)).version
        except KrowVersionsError as error:
            raise error.in_file(f"{self.revision}:{self.path}") from None


@attrs.frozen
class ChangelogState:
    """A product's CHANGELOG as it stands in the working tree.

    Attributes:
        repo: name of its repository.
        path: relative to that repository.
        heading: the heading that its table is under, where that is configured.
        text: its content, empty when it could not be read.
        error: why it could not be read, or None.
    """

    repo: str
    path: str
    heading: str | None = None
    text: str = attrs.field(default="", repr=False)
    error: KrowVersionsError | None = None


@attrs.frozen
class ProductState:
    """All that is known of one product.

    Attributes:
        product: its place in the catalog.
        repo: the repository that its tags are in.
        files: its version files, sorted by repository and path.
        tags: every tag under its slug.
        committed: its version files at HEAD.
        released: its version files at its tags, where its files carry builds.
        changelog: its CHANGELOG, or None when there is none.
        subjects: first lines of the commits since its baseline, newest first, or None when not known.
    """

    product: Product
    repo: RepoState
    files: tuple[FileState, ...]
    tags: tuple[TagState, ...] = ()
    committed: tuple[PastFile, ...] = ()
    released: tuple[PastFile, ...] = ()
    changelog: ChangelogState | None = None
    subjects: tuple[str, ...] | None = None


@attrs.frozen
class Snapshot:
    """The products that were asked for, at one moment."""

    catalog: Catalog
    products: tuple[ProductState, ...]


def read_file(repo: str, path: str, data: bytes, format: str, key: str | None) -> FileState:  # noqa: A002
    """Make the state of a version file from its bytes; a fault is kept, not raised."""
    try:
        located = find_version(decode(data), format_named(format, key))
    except KrowVersionsError as error:
        return FileState(repo, path, format, key, error=error.in_file(place(repo, path)))
    return FileState(repo, path, format, key, located)


def tag_state(
    catalog: Catalog, slug: str, name: str, *, reachable: bool = True, readable: bool = True
) -> TagState:
    """Read a tag's name by the catalog's patterns; a build in a name says nothing."""
    for stage, pattern in catalog.tags.items():
        found = pattern.parse(name)
        if found and found[0] == slug:
            return TagState(name, stage, found[1].with_build(None), reachable, readable)
    return TagState(name, None, None, reachable, readable)
