"""A workspace: products and their repositories; here files, git and plans meet."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from krow_versions import lazy
from krow_versions.errors import raise_all
from krow_versions.planning.commands import FROM_PYTHON, Place
from krow_versions.products import HOME, KROW, Catalog, Product, VersionFile
from krow_versions.progress import Progress, unseen
from krow_versions.settings import Config
from krow_versions.snapshot import Snapshot
from krow_versions.values import evolve, field, frozen
from krow_versions.workspace import discovery, file_state
from krow_versions.workspace.clock import Clock, now
from krow_versions.workspace.git_state import GitReader
from krow_versions.workspace.pins import with_pins

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator, Sequence

    from krow_versions.audit import Report
    from krow_versions.history import History
    from krow_versions.hotfix import Severity
    from krow_versions.planning.plan import Plan
    from krow_versions.snapshot import ProductState
    from krow_versions.tables import Table
    from krow_versions.version import Version
    from krow_versions.workspace import applying, auditing, bumping, display, own_changelog, product_view
    from krow_versions.workspace.applied import Applied
    from krow_versions.workspace.hotfix import finding, starting
    from krow_versions.workspace.hotfix.view import HotfixView
else:
    applying, auditing, bumping, display, own_changelog, product_view = lazy.modules(
        __name__, "applying auditing bumping display own_changelog product_view"
    )
    finding, starting = lazy.modules(f"{__name__}.hotfix", "finding starting")


@frozen
class Workspace(Mapping[str, "product_view.ProductView"]):
    """Products and the repositories that they live in: a mapping of each product's view by its name.

    Attributes:
        catalog: the products.
        repos: the real path of each repository's folder, by its name; it is not checked here.
        source: the path of the configuration, or None for KROW's own catalog.
        config: the whole configuration, the hotfix process included.
        found_at: where git has the configuration of a hotfix that has none, else empty.
        clock: what gives the present moment, with its zone.
        place: where the command line was called, for the commands that are printed.
        progress: sees the steps of long work.
    """

    catalog: Catalog
    repos: Mapping[str, str] = field(converter=discovery.followed)
    source: str | None = None
    config: Config = field(factory=Config, repr=False)
    found_at: str = field(default="", repr=False)
    clock: Clock = field(default=now, eq=False, repr=False, kw_only=True)
    place: Place = field(default=FROM_PYTHON, eq=False, repr=False, kw_only=True)
    progress: Progress = field(default=unseen, eq=False, repr=False, kw_only=True)

    @classmethod
    def open(
        cls, path: str | os.PathLike[str] = ".", *, config: str | os.PathLike[str] | None = None
    ) -> Workspace:
        """Find the workspace around *path*.

        The nearest configuration from *path* upwards describes it; for a hotfix that has none, the
        kept one (``hotfix.storage``), or that of main. Without one it has KROW's products in the repository;
        without git, in the nearest folder upwards that holds one of their version files.

        Args:
            path: a folder.
            config: the configuration, instead of the nearest one.

        Raises:
            ConfigError: the configuration is wrong; every mistake at once.
            UsageError: no such folder, or it has none of the products.
            UnsafePath: a repository leads out of the configuration's folder.
            FileSystemError: a folder or file cannot be read.
            Unsupported: the repository is bare, or *path* is inside git's own folder.
            GitError: git refuses to read the repository.
        """
        start = discovery.folder_of(os.fspath(path))
        found = discovery.find(start) if config is None else discovery.at(os.fspath(config))
        if found is not None:
            workspace = cls(found.config.catalog, found.repos, found.path, found.config, found.found_at)
            discovery.require_same(found.repos, workspace.repos)
            return workspace
        return cls(KROW, {HOME: discovery.find_krow(start)})

    def __getitem__(self, name: str) -> product_view.ProductView:
        """Return the product called *name*, which may be an alias.

        Raises:
            ProductNotFound: there is no such product, or none of its files is here; also a KeyError.
        """
        product = self.catalog.product(name)
        if self.source is None and not self.find_files(product):
            raise discovery.absent(product)
        return product_view.ProductView(self, product)

    def __iter__(self) -> Iterator[str]:
        """Return the names of the products that have files here, or of all products of a configuration."""
        every = self.catalog.products
        return (each.name for each in (every if self.source else filter(self.find_files, every)))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def snapshot(
        self, names: Iterable[str] | None = None, *, since: Version | None = None, log: bool = True
    ) -> Snapshot:
        """Read files and git, once, for the named products (all, if None).

        The state of a file that cannot be read holds the error. Git is called at most six times per
        repository, whatever the number of products and tags. Commits are those since the production tag
        of *since*, or the highest; without *log*, none are listed.

        Raises:
            UsageError: an unknown product, a pattern that matches nothing, or a file in two products.
            UnsafePath: a repository became a link since the workspace was opened.
            GitError: git failed.
        """
        reader, drafts = self.look(names)
        states = reader.states(with_pins(self, drafts), since=since, log=log)
        if any(state.changelog and state.changelog.assumed for state in states):
            states = own_changelog.with_own_changelogs(self.catalog, states)
        return Snapshot(self.catalog, states)

    def look(
        self, names: Iterable[str] | None = None, *, also: Sequence[str] = ()
    ) -> tuple[GitReader, tuple[ProductState, ...]]:
        """Read files as :meth:`snapshot` does; return a reader of what git knows, also of branches *also*."""
        discovery.require_real(self.repos)
        wanted = self.catalog.products if names is None else self.catalog.named(names)
        if self.source is not None:
            found = file_state.check_products(self.repos, self.catalog, self.source, wanted)
        else:
            found = {each.name: file_state.find_files(self.repos, each, None) for each in wanted}
            if names is not None and (absent := [product for product in wanted if not found[product.name]]):
                raise_all(map(discovery.absent, absent))
        here = tuple(product for product in dict.fromkeys(wanted) if found[product.name])
        reader = GitReader(self.catalog, self.repos, here, also, progress=self.progress)
        read = [*file_state.read_products(self.repos, here, found, self.progress)]
        return reader, tuple(evolve(each, repo=reader.look(each.product.repo)[0]) for each in read)

    def audit(
        self,
        *names: str,
        history: bool = False,
        remote: bool = False,
        incidents: bool = False,
        signers: str | os.PathLike[str] | None = None,
        now: dt.datetime | None = None,
    ) -> Report:
        """Check that files, tags, branches and CHANGELOGs of the named products, or all, agree.

        Args:
            names: names or aliases; all products when none is named.
            history: whether to check every release, too.
            remote: whether to ask the remotes about tags and branches; else nothing leaves this machine.
            incidents: whether to look for overdue post-mortems and action items, too.
            signers: the file of the known signers of production tags, which are then verified.
            now: the moment, with its zone, instead of the clock's.

        Raises UsageError for an unknown product or no such file, and GitError if git failed.
        """
        asked = {"history": history, "remote": remote, "incidents": incidents}
        return auditing.audit_of(self, names, **asked, signers=signers, now=now)

    def history(self, name: str) -> History:
        """List every release of a product, of every stage; raises as :meth:`audit`."""
        return auditing.history_of(self, name)

    def hotfix(self, name: str | None = None, version: Version | str | None = None) -> HotfixView:
        """Find the hotfix of a product that is under way: where it stands, its gates, its report.

        Args:
            name: the product, or an alias; None for that of the only hotfix under way, or of HEAD's branch.
            version: the version that it ships, if several are under way.

        Raises:
            UsageError: no such product, or *version* is no version.
            Conflict: no hotfix is under way, or several are.
            Unsupported: the product is in no git repository.
        """
        return finding.open_hotfix(self, name, version)

    def plan_hotfix(
        self,
        name: str,
        *,
        issue: str,
        severity: Severity | str,
        impact: str,
        environment: str = "production",
        from_: str | None = None,
        detected: dt.datetime | None = None,
        now: dt.datetime | None = None,
        fetch: bool = True,
    ) -> Plan:
        """Plan the start of a hotfix: its branch at the production tag, and the record of it.

        Args:
            name: the product, or an alias.
            issue: what is broken.
            severity: how bad it is: ``critical``, ``high`` or ``medium``, in any case.
            impact: who cannot do what.
            environment: where it is broken.
            from_: the production tag to start from, instead of the highest.
            detected: when the fault was seen, if before *now*.
            now: the moment that the time limit runs from, with its zone, instead of the present one.
            fetch: whether to bring tags and branches from the remote first; planning changes nothing else.

        Raises:
            UsageError: no such product or severity, a text or a moment that makes no sense.
            TypeError: an argument of another type.
            InputError: nothing is in production, the version is taken, or tracked files differ from HEAD.
            GitError: git failed, or the remote cannot be asked.
        """
        return starting.declare(
            self, name, issue=issue, severity=severity, impact=impact, now=now or self.clock(),
            environment=environment, from_=from_, detected=detected, fetch=fetch, acts=fetch,
        ).plan  # fmt: skip

    def products(self) -> Table:
        """Return the table of the command ``products``, one row per file; raises as :meth:`check`."""
        return display.products_of(self)

    def show(self, *names: str) -> Table:
        """Return the table that the command ``show`` prints for the named products, or all: one row per file.

        What could not be read is a ``?``; the display in Jupyter shows the error.

        Raises UsageError and GitError as :meth:`snapshot` does.
        """
        return display.show_of(self, names)

    def _repr_html_(self) -> str:
        return display.display_of(self)

    def __repr__(self) -> str:
        return display.line_of(self)

    def find_files(self, product: Product) -> tuple[VersionFile, ...]:
        """List the version files of *product* that exist, lock files included; raises as :meth:`check`."""
        return file_state.existing(self.repos, product, self.source)

    def check(self) -> None:
        """Check the products against the files on disk.

        Raises:
            UsageError: a pattern matches nothing, or a file is in two products; all at once.
            UnsafePath: a path leads out of its repository.
            FileSystemError: a folder that may hold a file cannot be read.
        """
        file_state.check_products(self.repos, self.catalog, self.source)

    def plan_bump(
        self,
        *products: str,
        message: str | None = None,
        date: dt.date | None = None,
        changelog: bool = True,
        from_: Version | str | None = None,
        build: int | None = None,
        above_build: int | None = None,
        pins: bool = False,
        proven: bool = True,
    ) -> Plan:
        """Plan the PATCH of *products*: every new text, computed and proven; nothing is written.

        Args:
            products: names or aliases, at least one.
            message: what changed, for the CHANGELOG's row; None takes the subject of the only
                ``fix:`` commit since the baseline, and writes no row if there is none, or more than one.
            date: the day of a new row, instead of today in the local time zone.
            changelog: whether to read and change CHANGELOGs.
            from_: the version in production, instead of what tags and commits say.
            build: the build to ship, instead of the computed one.
            above_build: the highest build that a store has seen: the computed one is above it.
            pins: whether to move pins, places in other packages that require the exact version of one; else
                they are a conflict, unless the product has ``pins = true``.
            proven: whether the new texts are proved; else the plan shows what would change, as for
                ``--check``, takes half the time, and cannot be applied.

        Raises:
            UsageError: an unknown product, a control character in *message*, or *from_* is no version.
            PrereleaseVersion: *from_* is a pre-release, which is never in production.
            InputError, Unsupported: a problem of a file or tag; all problems at once.
            GitError: git failed.
        """
        return bumping.bump_of(
            self, products, message=message, date=date, changelog=changelog, from_=from_,
            build=build, above_build=above_build, pins=pins, proven=proven,
        )  # fmt: skip

    def plan_build(self, *products: str, above_build: int | None = None) -> Plan:
        """Plan to raise the build of *products*, and nothing else, above all builds that shipped.

        Args:
            products: names or aliases, at least one.
            above_build: the highest build that a store has seen.

        Raises:
            UsageError: an unknown product, or *above_build* is below 0.
            InputError, Unsupported: a problem of a file or tag, or no file has a build; all at once.
            GitError: git failed.
        """
        return bumping.build_of(self, products, above_build=above_build)

    def plan_row(
        self,
        *products: str,
        message: str | None = None,
        date: dt.date | None = None,
        version: Version | str | None = None,
    ) -> Plan:
        """Plan the CHANGELOG row of *products* and nothing else; see :meth:`plan_bump`.

        Args:
            products: names or aliases.
            message: what changed; None takes the subject of the only ``fix:`` commit.
            date: the day of the row, instead of today in the local time zone.
            version: the version of the row, instead of the target of a bump.

        Raises:
            UsageError: an unknown product, a control character in *message*, or *version* is no version.
            InputError: there is no CHANGELOG, no one table in it, or no text.
        """
        return bumping.row_of(self, products, message=message, date=date, version=version)

    def apply(self, plan: Plan) -> Applied:
        """Do what *plan* says: files all or none, steps in order; what is done already is not done again.

        Raises:
            ConcurrentEdit: a file, a branch or HEAD is not what the plan was made from; nothing was done.
            Busy: another run or another thread is at work here; nothing was done.
            InputError: something stands in the way; nothing was changed.
            PushRejected: the remote refused; nothing has changed, here or there.
            OperationFailed: writing failed, and files are restored; or git or a program failed: plan again.
        """
        return applying.apply_plan(self, plan)
