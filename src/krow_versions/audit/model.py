"""Findings, checks, and the context of a check: one product at one moment."""

from __future__ import annotations

import datetime as dt
import hashlib
from functools import cached_property
from typing import TYPE_CHECKING

from krow_versions import releases
from krow_versions.changelog import find_releases
from krow_versions.errors import KrowVersionsError, PrereleaseVersion
from krow_versions.findings import FINDINGS
from krow_versions.formats import companions, format_named
from krow_versions.names import TAG_PATTERNS
from krow_versions.products import repo_path
from krow_versions.text.escaping import printable
from krow_versions.values import field, frozen
from krow_versions.version import with_highest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from krow_versions.changelog import ReadRow, VersionSections, VersionTable
    from krow_versions.history import History
    from krow_versions.products import Catalog
    from krow_versions.snapshot import FileState, ProductState, TagState
    from krow_versions.version import Version


@frozen
class Finding:
    """A disagreement, or something that could not be checked.

    Attributes:
        code: the stable id of the check, such as ``KV101``; never reused.
        severity: ``error``, ``warning`` or ``note``.
        product: the product's name, or None for a finding of no product.
        repo: the name of its repository.
        path: its file, relative to its repository, or None.
        line: the line in the file, from 1, or None.
        message: what was found.
        hint: what to do about it.
        about: its tag, branch or version; empty when the file identifies it.
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

    def explain(self) -> str:
        """Return what its kind means, why it matters and how to fix it, with an example, as plain text."""
        kind = FINDINGS[self.code]
        return f"{kind.code}: {kind.title}\n\n{kind.to_text()}"

    @property
    def fingerprint(self) -> str:
        """An id of this finding that stays the same when lines move or the message changes."""
        what = "\n".join((self.code, self.product or "", self.repo, self.path or "", self.about))
        return hashlib.sha256(what.encode("utf-8", "surrogatepass")).hexdigest()[:32]


@frozen
class Occurrence:
    """The result of a check, to which the audit adds product, severity and code.

    Attributes:
        message, hint, path, line, about: as in :class:`Finding`.
        repo: the name of the repository, or None for that of the product.
        severity: in place of that of the kind; None for that.
        day: the day of what is accused, in its own zone, of several the latest; None if it is about today,
            or if the day is not known. ``[audit] since`` leaves out what is older.
    """

    message: str
    hint: str
    path: str | None = None
    line: int | None = None
    about: str = ""
    repo: str | None = None
    severity: str | None = None
    day: dt.date | None = None


def day_of(*dates: dt.datetime | dt.date | None) -> dt.date | None:
    """Return the latest day of *dates*, each in its own zone; None if one of them is not known."""
    days = [each.date() if isinstance(each, dt.datetime) else each for each in dates]
    known = [day for day in days if day is not None]
    return max(known) if known and len(known) == len(days) else None


@frozen
class CheckContext:
    """The input of a check: one product at one moment.

    Attributes:
        catalog: all products, and the patterns of tags and branches.
        state: the product.
        now: a date and time with a zone.
        stale_days: the days without a commit after which a hotfix branch is stale.
        history: its releases, when they were requested.
        sharing: the products with the same CHANGELOG, this one included; empty when it has its own.
        taggers: who makes production tags, as in the configuration; empty for anybody.
    """

    catalog: Catalog
    state: ProductState
    now: dt.datetime
    stale_days: int = 14
    history: History | None = None
    sharing: tuple[str, ...] = ()
    taggers: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The product's name."""
        return self.state.product.name

    @property
    def title(self) -> str:
        """The product's title, or its name."""
        return self.state.product.title or self.name

    @property
    def sources(self) -> tuple[FileState, ...]:
        """Its files that have a version or a build, without lock files."""
        return tuple(file for file in self.state.files if file.located and self.package_of(file) is None)

    @property
    def readable(self) -> tuple[tuple[FileState, Version], ...]:
        """Its files that have a version, with that version."""
        return tuple((file, file.version) for file in self.state.files if file.version is not None)

    @property
    def own(self) -> tuple[tuple[FileState, Version], ...]:
        """The same without lock files: they repeat another file's version, or are out of step (KV106).

        A file that has only a build is one of :attr:`sources`.
        """
        return tuple(each for each in self.readable if self.package_of(each[0]) is None)

    def package_of(self, file: FileState) -> FileState | None:
        """Return the file whose version the lock *file* repeats, or None."""
        if file.follows is not None:
            places = ((each.repo, each.path, each) for each in self.state.files)
            return next((each for *place, each in places if place == [file.repo, file.follows]), None)
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
    def has_stages(self) -> bool:
        """Whether its tags distinguish stages: production is as in KROW, or another stage is configured."""
        patterns = self.catalog.patterns(self.state.product)
        usual = {stage: patterns[stage] == (TAG_PATTERNS[stage],) for stage in patterns}
        return usual.pop("production") or not all(usual.values())

    @property
    def has_git(self) -> bool:
        """Whether git could be read, so that an empty list of tags means that there are none."""
        repo = self.state.repo
        return repo.error is None and (repo.head is not None or repo.branch is not None)

    def shown_patterns(self, *stages: str) -> str:
        """Write the patterns of the tags of the product, of all stages or of those that are named."""
        product = self.state.product
        patterns = self.catalog.patterns(product)
        chosen = [pattern for stage in stages or patterns for pattern in patterns[stage]]
        return ", ".join(pattern.bound(product.slug) for pattern in chosen)

    @property
    def hotfix(self) -> Version | None:
        """The version that the current branch reserves for this product, or None."""
        found = self.catalog.read_branch(self.state.repo.branch or "")
        return found[1] if found and found[0] == self.state.product.slug else None

    @cached_property
    def production(self) -> TagState | None:
        """The production tag to compare with: on a hotfix branch its base, else the highest one.

        On a hotfix branch of another product it is the highest one that the branch contains: the branch
        started at a release of that product, not at the newest one of this product.
        """
        tags = [tag for tag in self.state.tags if tag.readable]  # KV208 reports the others.
        hotfix = self.hotfix
        if hotfix is None:
            elsewhere = self.catalog.read_branch(self.state.repo.branch or "") is not None
            return releases.highest(releases.contained(tags) if elsewhere else tags)
        return releases.highest(tag for tag in tags if releases.core_of(tag) < hotfix.core)

    @cached_property
    def production_version(self) -> Version | None:
        """The version of that tag, with the highest build that its files had there."""
        tag = self.production
        if tag is None or tag.version is None:
            return None
        builds = []
        for past in (past for past in self.state.released if past.revision == tag.name):
            try:
                held = past.held()
            except KrowVersionsError:  # Reported by KV301.
                continue
            if isinstance(held, int) or held.core == tag.version.core:
                builds.append(held)
        return with_highest(tag.version, builds)

    @cached_property
    def listing(self) -> VersionTable | VersionSections | None:
        """The version table of its CHANGELOG, or the sections there; None if KV401 reports why."""
        changelog = self.state.changelog
        if changelog is None or changelog.error is not None:
            return None
        try:
            return find_releases(changelog.text, heading=changelog.heading)
        except KrowVersionsError:
            return None

    @cached_property
    def rows(self) -> tuple[ReadRow, ...]:
        """The rows or sections of that CHANGELOG; empty without any."""
        return self.listing.rows if self.listing else ()

    @cached_property
    def days(self) -> dict[tuple[int, int, int], dt.date]:
        """The days of its production releases by version: of the tag, or else of the row."""
        own = () if self.sharing else self.rows  # The product of a row that several share is not known.
        days = {row.version.core: row.date for row in own if row.version and row.date}
        tags = releases.production(self.state.tags)
        return days | {releases.core_of(tag): tag.date.date() for tag in tags if tag.date}

    def day_of_row(self, row: ReadRow) -> dt.date | None:
        """Return the day by which the version of *row* was out: its own, or the first of those above it."""
        if row.version is None or self.sharing:
            return row.date
        later = (day for core, day in self.days.items() if core > row.version.core)
        return self.days.get(row.version.core) or min(later, default=row.date)

    @property
    def target(self) -> Version | None:
        """The version of the next hotfix, without build; None when nothing is in production."""
        tag = self.production
        try:
            return tag.version.next_patch() if tag and tag.version else None
        except PrereleaseVersion:
            return None


@frozen
class Check:
    """A pure function from a :class:`CheckContext` to occurrences, with the code of its findings."""

    code: str
    run: Callable[[CheckContext], Iterable[Occurrence]] = field(repr=False, eq=False)


def found_in(file: FileState, message: str, hint: str, *, build: bool = False) -> Occurrence:
    """Make an occurrence in *file*, at the line of its version, of its *build*, or of its error."""
    line = file.located.build_line if file.located and build else _line_of(file)
    return Occurrence(message, hint, path=file.path, line=line, repo=file.repo)


def saying(file: FileState) -> str:
    """Return what *file* says, as a part of a sentence.

    A build by itself is called one: ``build.gradle says build 42``.
    """
    says = str(file.version) if file.version else f"build {file.build}"
    return f"{shown_path(file)} says {says}"


def shown_path(file: FileState) -> str:
    """Return the path of *file* with its repository, escaped."""
    return printable(repo_path(file.repo, file.path))


def _line_of(file: FileState) -> int | None:
    if file.located is not None:
        return file.located.line
    return file.error.line if file.error is not None else None
