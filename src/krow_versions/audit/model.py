"""What an audit finds, and the record that every check is."""

from __future__ import annotations

import hashlib
from functools import cached_property
from typing import TYPE_CHECKING

import attrs

from krow_versions import releases
from krow_versions.changelog import find_table
from krow_versions.errors import KrowVersionsError, PrereleaseVersion
from krow_versions.formats import companions, format_named
from krow_versions.products import repo_path
from krow_versions.text.escaping import printable

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable

    from krow_versions.changelog import ReadRow, VersionTable
    from krow_versions.history import History
    from krow_versions.products import Catalog
    from krow_versions.snapshot import FileState, ProductState, TagState
    from krow_versions.version import Version


@attrs.frozen
class Finding:
    """Something that does not agree, or cannot be told.

    Attributes:
        code: the stable id of the check, such as ``KV101``; never used for anything else.
        severity: ``error``, ``warning`` or ``note``.
        product: the product's name, or None for what belongs to none.
        repo: the repository that it is in.
        path: the file that it is about, relative to its repository; None where it is about none.
        line: the line there, from 1, or None.
        message: what was found.
        hint: what to do about it.
        about: the tag, branch or version that it is about; empty where the file says it all.
    """

    code: str
    severity: str
    product: str | None
    repo: str
    path: str | None
    line: int | None
    message: str
    hint: str
    about: str = ""

    @property
    def fingerprint(self) -> str:
        """A name for this finding that stays when lines move or a message is worded otherwise."""
        what = "\n".join((self.code, self.product or "", self.repo, self.path or "", self.about))
        return hashlib.sha256(what.encode("utf-8", "surrogatepass")).hexdigest()[:32]


@attrs.frozen
class Occurrence:
    """What a check says; who, how grave and under which id is added by the audit.

    Attributes:
        message: what was found.
        hint: what to do about it.
        path: as in :class:`Finding`.
        line: as in :class:`Finding`.
        about: as in :class:`Finding`.
        repo: the repository, or None for that of the product.
    """

    message: str
    hint: str
    path: str | None = None
    line: int | None = None
    about: str = ""
    repo: str | None = None


@attrs.frozen
class CheckContext:
    """What a check sees: one product at one moment.

    Attributes:
        catalog: all products, and how tags and branches are called.
        state: the product.
        now: the moment, with its zone.
        stale_days: after how many days without a commit a hotfix branch is stale.
        history: its releases, where they were asked for.
        sharing: the products whose CHANGELOG is the same table, itself among them; empty for none.
    """

    catalog: Catalog
    state: ProductState
    now: dt.datetime
    stale_days: int = 14
    history: History | None = None
    sharing: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The product's name."""
        return self.state.product.name

    @property
    def title(self) -> str:
        """The product's title, or its name."""
        return self.state.product.title or self.name

    @property
    def readable(self) -> tuple[tuple[FileState, Version], ...]:
        """Its files that have a version, with it."""
        return tuple((file, file.version) for file in self.state.files if file.version is not None)

    @property
    def own(self) -> tuple[tuple[FileState, Version], ...]:
        """The same, without the locks of others of its files: they repeat these, or are out of step."""
        return tuple(each for each in self.readable if self.package_of(each[0]) is None)

    def package_of(self, file: FileState) -> FileState | None:
        """Give the file that *file* is the lock of, or None for what is no lock beside one."""
        if not (file.format and format_named(file.format).is_lock):
            return None
        folder = file.path.rpartition("/")[0]
        for each in self.state.files:
            if (each.repo, each.path.rpartition("/")[0]) == (file.repo, folder) and any(
                known.name == file.format for known in companions(each.path, each.format)
            ):
                return each
        return None

    @property
    def has_git(self) -> bool:
        """Whether git could be asked, so that having no tags means that there are none."""
        repo = self.state.repo
        return repo.error is None and (repo.head is not None or repo.branch is not None)

    @property
    def hotfix(self) -> Version | None:
        """The version that the branch that is checked out reserves for this product, or None."""
        found = self.catalog.branch.parse(self.state.repo.branch or "")
        return found[1] if found and found[0] == self.state.product.slug else None

    @cached_property
    def production(self) -> TagState | None:
        """What counts as in production here: on a hotfix branch its base, else the highest tag there is.

        On a hotfix branch of another product it is the highest that the branch contains, which was
        started from that product's release and not from the newest of this one.
        """
        tags = [tag for tag in self.state.tags if tag.readable]  # KV208 tells of the others.
        hotfix = self.hotfix
        if hotfix is None:
            elsewhere = self.catalog.branch.parse(self.state.repo.branch or "") is not None
            return releases.highest(releases.contained(tags) if elsewhere else tags)
        return releases.highest(tag for tag in tags if releases.core_of(tag) < hotfix.core)

    @cached_property
    def production_version(self) -> Version | None:
        """Its version, with the highest build that its files had there."""
        tag = self.production
        if tag is None or tag.version is None:
            return None
        builds = []
        for past in (past for past in self.state.released if past.revision == tag.name):
            try:
                builds.append(past.version())
            except KrowVersionsError:  # KV301 tells of it.
                continue
        with_build = [each for each in builds if each.build is not None]
        return max(with_build) if with_build and max(with_build).core == tag.version.core else tag.version

    @cached_property
    def table(self) -> VersionTable | None:
        """The version table of its CHANGELOG, or None where there is none; KV401 tells why."""
        changelog = self.state.changelog
        if changelog is None or changelog.error is not None:
            return None
        try:
            return find_table(changelog.text, heading=changelog.heading)
        except KrowVersionsError:
            return None

    @cached_property
    def rows(self) -> tuple[ReadRow, ...]:
        """The rows of that table; none where there is none."""
        return self.table.rows if self.table else ()

    @property
    def target(self) -> Version | None:
        """The version that the next hotfix gets, without build; None when nothing is in production."""
        tag = self.production
        try:
            return tag.version.next_patch() if tag and tag.version else None
        except PrereleaseVersion:
            return None


@attrs.frozen
class Check:
    """One check: a pure function from a :class:`CheckContext` to what it finds.

    Attributes:
        code: the id of what it finds.
        run: the function.
    """

    code: str
    run: Callable[[CheckContext], Iterable[Occurrence]] = attrs.field(repr=False, eq=False)


def found_in(file: FileState, message: str, hint: str) -> Occurrence:
    """Say something about *file*, at the line of its version, or of what is wrong with it."""
    return Occurrence(message, hint, path=file.path, line=_line_of(file), repo=file.repo)


def said(file: FileState) -> str:
    """Write where *file* is, as a message names it."""
    return printable(repo_path(file.repo, file.path))


def _line_of(file: FileState) -> int | None:
    if file.located is not None:
        return file.located.line
    return file.error.line if file.error is not None else None
