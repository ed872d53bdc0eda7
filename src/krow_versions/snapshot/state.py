"""The state of files and git at one moment, as plain data; plans and audits are computed from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from krow_versions import lazy
from krow_versions.commits import moment
from krow_versions.products import HOME, repo_path
from krow_versions.values import Factory, field, frozen

if TYPE_CHECKING:
    import datetime as dt

    from krow_versions import tables
    from krow_versions.errors import KrowVersionsError
    from krow_versions.names import NameReader
    from krow_versions.products import Catalog, Product
    from krow_versions.snapshot.evidence import SignersState, TagEvidence
    from krow_versions.snapshot.files import FileState, PastFile, PinState
    from krow_versions.snapshot.incidents import IncidentState
    from krow_versions.snapshot.lines import LineState, OpenLine
    from krow_versions.snapshot.overrides import OverrideState
    from krow_versions.snapshot.remote import RemoteState
    from krow_versions.version import Version
else:
    (tables,) = lazy.modules("krow_versions", "tables")


@frozen
class RepoState:
    """A repository, or a plain folder, at one moment.

    Attributes:
        name: its name in the catalog.
        root: absolute path.
        head: commit id of HEAD, or None before the first commit and without git.
        branch: the branch's name without ``refs/heads/``, or None when detached and without git.
        shallow: whether the clone is shallow, so that history and tags may be missing.
        untagged: whether the clone has no tags because it was made without them, by ``--no-tags``.
        error: why git does not answer although this is a repository, or None.
        under_way: the unfinished operation of git, such as ``merge``, or None.
        main: the main branch, as ``main`` or ``origin/main``; None if it does not exist here or was
            not requested.
        remote: what its remote has; None if it was not asked.
        signers: the signers file that signatures were verified with; None if that was not requested.
        detached_at: when detached, the names that hotfix branches at HEAD have, without their remotes.
    """

    name: str
    root: str
    head: str | None = None
    branch: str | None = None
    shallow: bool = False
    untagged: bool = False
    error: KrowVersionsError | None = None
    under_way: str | None = None
    main: str | None = None
    remote: RemoteState | None = None
    signers: SignersState | None = None
    detached_at: tuple[str, ...] = ()

    @property
    def clone(self) -> str:
        """How a message calls it; the only repository of a workspace has no name."""
        return "this clone" if self.name == HOME else f"this clone of {self.name}"

    @property
    def on(self) -> tuple[str, ...]:
        """The branch that is checked out, or the hotfix branches that HEAD is detached at."""
        return (self.branch,) if self.branch else self.detached_at


@frozen
class TagState:
    """A tag of the product.

    Attributes:
        name: without ``refs/tags/``.
        stage: the stage by the catalog's patterns, or None if the name matches none.
        version: the version in its name without build, or None if the name matches no pattern.
        reachable: whether HEAD contains its commit.
        contained: whether HEAD contains it by its commit or by its contents, and has not undone it.
        undone_by: the commit of HEAD that undid it, or None.
        by_merge: whether that is a merge.
        readable: whether it points at a commit that is in this clone.
        annotated: whether it is a tag object, with a message and a date.
        commit: the id of its commit; empty if unknown.
        object_id: the id of what it names, which is the tag object of an annotated tag; empty if unknown.
        named: the name that an annotated tag has in its own object; empty for a lightweight one.
        dated: its date in git's raw form; a lightweight tag has the date of its commit.
        subject: the first line of its message; of a lightweight tag, of its commit's message.
        on_main: whether the main branch contains it; None if not requested.
        above: the highest other production tag that it contains, if requested.
        build: the build in its name, or None if that has none.
        evidence: of a production tag, who made and signed it; None if not requested.
    """

    name: str
    stage: str | None
    version: Version | None
    reachable: bool
    readable: bool = True
    annotated: bool = True
    commit: str = ""
    object_id: str = ""
    named: str = ""
    dated: str = ""
    subject: str = ""
    on_main: bool | None = None
    above: str | None = None
    build: int | None = None
    contained: bool = field(default=Factory(lambda tag: tag.reachable, takes_self=True))
    undone_by: str | None = None
    by_merge: bool = False
    evidence: TagEvidence | None = None

    @property
    def date(self) -> dt.datetime | None:
        """Its date, with its zone, or None if unknown."""
        return moment(self.dated)


@frozen
class BranchState:
    """A branch with the name of a hotfix, local or as last fetched from the remote.

    Attributes:
        repo: the name of its repository.
        name: without ``refs/heads/`` or the remote.
        remote: the name of its remote, or None for a local branch.
        slug: the slug of the product in its name, or None if the name does not match the pattern.
        version: the version in its name, or None if the name does not match the pattern.
        commit: the id of its last commit.
        dated: the date of that commit, in git's raw form.
        merged: whether the main branch contains it.
        finished: whether a production tag of its version contains it.
        base: the highest production tag below its version that it contains, or None; always None for
            a branch that is merged or finished.
        beyond: number of commits of the main branch that it contains and the base does not.
        standing: its relation to the branch of that name on the other side, local or remote:
            ``same``, ``ahead``, ``behind``, ``diverged``; empty if there is none.
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
        """The date of its last commit, with its zone, or None if unknown."""
        return moment(self.dated)

    @property
    def shown(self) -> str:
        """Its name for people; a branch of a remote is ``origin/hotfix/...``."""
        return f"{self.remote}/{self.name}" if self.remote else self.name


@frozen
class ChangelogState:
    """A product's CHANGELOG in the working tree.

    Attributes:
        repo: name of its repository.
        path: relative to that repository.
        heading: the heading above its table, if configured.
        text: its content; empty if it could not be read.
        error: why it could not be read, or None.
        assumed: whether it is the one at the top only because nothing else was found.
        left_out: whether git has it, and a sparse checkout leaves it out: what it says is not known.
    """

    repo: str
    path: str
    heading: str | None = None
    text: str = field(default="", repr=False)
    error: KrowVersionsError | None = None
    assumed: bool = False
    left_out: bool = False


@frozen
class ProductState:
    """The state of one product.

    Attributes:
        product: the product in the catalog.
        repo: the repository of its tags.
        files: its version files, sorted by repository and path.
        tags: every tag under its slug.
        committed: its version files at HEAD.
        released: its version files at its tags, if its files have builds.
        changelog: its CHANGELOG, or None if it has none.
        subjects: first lines of the commits since its baseline, newest first; None if unknown or not
            requested.
        past: its version files without lock files at all its tags, or only at the newest production tag, if
            requested.
        branches: its hotfix branches, if requested.
        beside: its version files and CHANGELOG at other commits, if requested.
        lines: what ships later and lacks a fix of it, if requested.
        open_lines: what it may ship from next, if requested and the clone is not shallow.
        incidents: what is recorded of its hotfixes, if requested.
        pins: where other packages of the repository require one exact version of it, if requested.
        pins_beside: those places and their copies at the commits of *beside*.
        overrides: what may override its pubspecs in the files of other build tools, if requested.
        foreign_changelog: why the CHANGELOG at the top is not its own, where that is the only one.
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
    lines: tuple[LineState, ...] = ()
    open_lines: tuple[OpenLine, ...] = ()
    incidents: tuple[IncidentState, ...] = ()
    pins: tuple[PinState, ...] = ()
    pins_beside: tuple[PastFile, ...] = ()
    overrides: tuple[OverrideState, ...] = ()
    foreign_changelog: str | None = None

    @property
    def is_packaged(self) -> bool:
        """Whether it is a package for other programs: no store counts its builds."""
        found = [file.located for file in self.files if file.located is not None and file.follows is None]
        return any(each.format.packaged(each.outline) for each in found)


@frozen
class Snapshot:
    """The requested products at one moment.

    Attributes:
        catalog: all products, and the patterns of tags and branches.
        products: the state of each requested product.
        strays: branches in the folder of hotfixes whose names match no product, if requested.
    """

    catalog: Catalog
    products: tuple[ProductState, ...]
    strays: tuple[BranchState, ...] = ()

    def to_table(self) -> tables.Table:
        """Return a table with one row per version file; what could not be read has a ``?`` and the reason."""
        rows = [
            (
                state.product.name,
                repo_path(file.repo, file.path),
                file.shown or "?",
                state.repo.branch,
                len(state.tags),
                f"✗ {file.error.message}" if file.error else None,
            )
            for state in self.products
            for file in state.files
        ]
        columns = ("product", "file", "version", "branch", "tags", "problem")
        return tables.Table(columns, tuple(rows), "Files at one moment")

    def _repr_html_(self) -> str:
        return self.to_table()._repr_html_()

    def __str__(self) -> str:
        return str(self.to_table())


def tag_state(
    reader: NameReader, name: str, *, reachable: bool = True, readable: bool = True, **known: Any
) -> TagState:
    """Parse the name of a tag; the other arguments are those of :class:`TagState`."""
    found = reader.read(name)
    if found is None:
        return TagState(name, None, None, reachable, readable, **known)
    _, stage, version = found
    return TagState(name, stage, version.with_build(None), reachable, readable, build=version.build, **known)
