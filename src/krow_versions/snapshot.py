"""What the files and git said at one moment: plain data, from which plans and audits are computed."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any

import attrs

from krow_versions.commits import moment
from krow_versions.encoding import decode
from krow_versions.errors import KrowVersionsError
from krow_versions.formats import find_version, format_for, format_named
from krow_versions.products import repo_path

if TYPE_CHECKING:
    import datetime as dt

    from krow_versions.formats import Located
    from krow_versions.products import Catalog, Product
    from krow_versions.version import Version

# A build as it stands in any version file; longer runs of digits are in no valid version.
_BUILD = re.compile(rb"\+([0-9]{1,255})(?![0-9])")
_ANY_BUILD = 10**256  # Above every build that a version can have.


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
        main: the main branch, as ``main`` or ``origin/main``; None where it is not here or was not
            asked for.
    """

    name: str
    root: str
    head: str | None = None
    branch: str | None = None
    shallow: bool = False
    error: KrowVersionsError | None = None
    under_way: str | None = None
    main: str | None = None


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
        missing: whether it should be there, by the configuration or by git, and is not.
        closed: whether it is a folder that cannot be looked into, and that may hold version files.
    """

    repo: str
    path: str
    format: str
    key: str | None = None
    located: Located | None = None
    error: KrowVersionsError | None = None
    real_path: str = ""
    missing: bool = False
    closed: bool = False

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
        annotated: whether it is an object of its own, with a message and a date.
        commit: the id of that commit; empty when not known.
        dated: when it was made, as git keeps it; a lightweight tag has the time of its commit.
        subject: the first line of its message; of a lightweight tag, that of its commit.
        on_main: whether the main branch contains it; None where that was not asked for.
        above: the highest other production tag that it contains, where that was asked for.
    """

    name: str
    stage: str | None
    version: Version | None
    reachable: bool
    readable: bool = True
    annotated: bool = True
    commit: str = ""
    dated: str = ""
    subject: str = ""
    on_main: bool | None = None
    above: str | None = None

    @property
    def date(self) -> dt.datetime | None:
        """When it was made, with its zone, or None when that is not known."""
        return moment(self.dated)


@attrs.frozen
class BranchState:
    """A branch that is called like a hotfix, here or as last seen on the remote.

    Attributes:
        repo: the repository that it is in.
        name: without ``refs/heads/`` or the remote.
        remote: the remote that has it, or None for a branch of this clone.
        slug: the product that its name tells, or None for a name that does not fit.
        version: the version that its name tells, or None likewise.
        commit: the id of its last commit.
        dated: when that was committed, as git keeps it.
        merged: whether the main branch contains it.
        finished: whether a production tag of its version contains it.
        base: the highest production tag below its version that it contains, or None; not told of a
            branch that is merged or finished.
        beyond: how many commits of the main branch it contains that the base does not.
        standing: how it stands to the branch of that name on the remote, or here: ``same``,
            ``ahead``, ``behind``, ``diverged``; empty where there is none.
    """

    repo: str
    name: str
    remote: str | None
    slug: str | None
    version: Version | None
    commit: str
    dated: str = ""
    merged: bool = False
    finished: bool = False
    base: str | None = None
    beyond: int = 0
    standing: str = ""

    @property
    def date(self) -> dt.datetime | None:
        """When its last commit was made, with its zone, or None when that is not known."""
        return moment(self.dated)

    @property
    def shown(self) -> str:
        """How people write it: ``origin/hotfix/...`` where it is the remote's."""
        return f"{self.remote}/{self.name}" if self.remote else self.name


@attrs.frozen
class PastFile:
    """A version file as it is in a commit; parsed only when it is asked.

    Attributes:
        revision: ``HEAD`` or the tag's name.
        path: relative to its repository.
        format: the name of its format.
        key: as in :class:`FileState`.
        data: its bytes; none when it could not be read.
        error: why it could not be read, or None.
        known: its version, where the same bytes on disk were parsed before, or None.
    """

    revision: str
    path: str
    format: str
    key: str | None
    data: bytes = attrs.field(repr=False, default=b"")
    error: KrowVersionsError | None = None
    known: Version | None = attrs.field(repr=False, default=None, eq=False)

    @property
    def build_bound(self) -> int:
        """A number that the file's build is surely not above; -1 when it surely has none.

        It lets the highest build of 20,000 tags be found by parsing very few of their files.
        """
        if self.error is not None:
            return _ANY_BUILD
        return max((int(digits) for digits in _BUILD.findall(self.data)), default=-1)

    def version(self) -> Version:
        """Give its version, parsed when first asked for.

        Raises:
            KrowVersionsError: as :meth:`located`.
        """
        return self.known or self._parsed

    @functools.cached_property
    def _parsed(self) -> Version:
        return self.located().version

    def located(self) -> Located:
        """Parse the file.

        Raises:
            KrowVersionsError: it has no version that could be read; the path names the revision.
        """
        try:
            if self.error is not None:
                raise self.error
            # Of a file that could not be read on disk, the format is known by its name only.
            name = self.format or format_for(self.path).name
            return find_version(decode(self.data), format_named(name, self.key))
        except KrowVersionsError as error:
            raise error.in_file(f"{self.revision}:{self.path}") from None

    def state(self, repo: str) -> FileState:
        """Give the file as if it stood so in the working tree of *repo*; a fault is kept, not raised."""
        try:
            return FileState(repo, self.path, self.format, self.key, self.located())
        except KrowVersionsError as error:
            return FileState(repo, self.path, self.format, self.key, error=error)


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
        subjects: first lines of the commits since its baseline, newest first, or None when not known or not
            asked for.
        past: its version files at all its tags, lock files aside, where that was asked for.
        branches: the hotfix branches that are called after it, where that was asked for.
        beside: its version files and CHANGELOG at further commits, where that was asked for.
    """

    product: Product
    repo: RepoState
    files: tuple[FileState, ...]
    tags: tuple[TagState, ...] = ()
    committed: tuple[PastFile, ...] = ()
    released: tuple[PastFile, ...] = ()
    changelog: ChangelogState | None = None
    subjects: tuple[str, ...] | None = None
    past: tuple[PastFile, ...] = ()
    branches: tuple[BranchState, ...] = ()
    beside: tuple[PastFile, ...] = ()


@attrs.frozen
class Snapshot:
    """The products that were asked for, at one moment.

    Attributes:
        catalog: all products, and how tags and branches are called.
        products: the state of each that was asked for.
        strays: branches among the hotfixes whose names fit no product, where that was asked for.
    """

    catalog: Catalog
    products: tuple[ProductState, ...]
    strays: tuple[BranchState, ...] = ()


def read_file(repo: str, path: str, data: bytes, format: str, key: str | None) -> FileState:  # noqa: A002
    """Make the state of a version file from its bytes; a fault is kept, not raised."""
    try:
        located = find_version(decode(data), format_named(format, key))
    except KrowVersionsError as error:
        return FileState(repo, path, format, key, error=error.in_file(repo_path(repo, path)))
    return FileState(repo, path, format, key, located)


def tag_state(
    catalog: Catalog, slug: str, name: str, *, reachable: bool = True, readable: bool = True, **known: Any
) -> TagState:
    """Read a tag's name by the catalog's patterns; a build in a name says nothing.

    Args:
        catalog: the patterns.
        slug: the product's.
        name: without ``refs/tags/``.
        reachable: whether HEAD contains it.
        readable: whether it leads to a commit that is here.
        known: what else is known, as :class:`TagState` calls it.
    """
    for stage, pattern in catalog.tags.items():
        found = pattern.parse(name)
        if found and found[0] == slug:
            return TagState(name, stage, found[1].with_build(None), reachable, readable, **known)
    return TagState(name, None, None, reachable, readable, **known)
