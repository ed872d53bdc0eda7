"""The hotfix of a product: what the commands ``hotfix ...`` do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from krow_versions import git, releases
from krow_versions.errors import Conflict, InputError, KrowVersionsError
from krow_versions.hotfix import HotfixState, check, render, report, status, tick, values
from krow_versions.names import HEADS
from krow_versions.tables import Table
from krow_versions.version import Version
from krow_versions.workspace import clock
from krow_versions.workspace.git_state import top_of
from krow_versions.workspace.hotfix import deploying, finishing, reviewing
from krow_versions.workspace.hotfix.context import HotfixContext, consult
from krow_versions.workspace.hotfix.gathering import gather
from krow_versions.workspace.hotfix.records import Records

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from krow_versions.hotfix import Facts, Gate, Record, Status
    from krow_versions.planning.plan import Plan
    from krow_versions.workspace.protocols import Opened


@attrs.frozen(repr=False)
class HotfixView:
    """One hotfix of one product; each call reads git, the files and the record again.

    Views of the same product, version and repository are equal.

    Call :meth:`look` once and pass the result as *seen*, so that several calls share one reading.

    Attributes:
        workspace: where the product is.
        name: the product's name.
        context: its repository, with the names that hotfixes use there.
        version: what the hotfix ships, x.y.z.
        ask: whether the remote is asked what it has.
        acts: whether something follows that runs the repository's programs, such as a push or a deployment;
            else none runs, and the remote is not asked where the repository's own configuration steers that.
    """

    workspace: Opened = attrs.field(eq=False)
    name: str
    context: HotfixContext = attrs.field(eq=lambda context: context.repository.root)
    version: Version
    ask: bool = attrs.field(default=True, eq=False)
    acts: bool = attrs.field(default=False, eq=False)

    def look(self, *, fetch: bool = False, record: Record | None = None) -> HotfixState:
        """Read everything once: git, the files, the remote, and the record.

        Args:
            fetch: whether to fetch from the remote first.
            record: the record, if the caller has just written it.

        Raises:
            InputError: the record or the tag cannot be read.
            GitError: git failed, or the remote cannot be fetched from.
        """
        facts, differing = self._facts(fetch=fetch)
        return HotfixState(facts, record or self.record(), self.gates(facts), differing)

    def records(self) -> Records:
        """Give the records of its product."""
        return Records.of(self.context)

    def record(self) -> Record | None:
        """Read its record; None when there is none in this repository."""
        return self.records().read(self.version)

    def facts(self) -> Facts:
        """Gather the facts that git, the files and the remote give."""
        return self._facts(fetch=False)[0]

    def _facts(self, *, fetch: bool) -> tuple[Facts, tuple[str, ...]]:
        acts = self.acts or fetch
        known = consult(self.context, self.version, fetch=fetch, ask=self.ask, acts=acts)
        facts = gather(
            self.workspace, known.context, self.version, acts=acts, there=known.there, unasked=known.unasked
        )
        return facts, known.differing

    def gates(self, facts: Facts | None = None) -> tuple[Gate, ...]:
        """Judge it by every gate."""
        return check(facts or self.facts(), self.workspace.catalog, self.workspace.config.hotfix)

    def status(self, now: dt.datetime | None = None, seen: HotfixState | None = None) -> Status:
        """Give its status at the present moment, or at *now*."""
        seen = seen or self.look()
        facts = seen.facts if seen.facts.tip or seen.facts.tag else None
        gates = seen.gates if facts else ()
        template = self.template() if seen.record else ""
        return status(
            self.name,
            facts,
            seen.record,
            gates,
            now or clock.now(),
            git=self.git,
            template=template,
            deploys=self.name in self.workspace.config.deploys,
        )

    def report(self, now: dt.datetime | None = None, seen: HotfixState | None = None) -> str:
        """Write the incident document, dated by the present moment, or by *now*."""
        seen, settings = seen or self.look(), self.workspace.config.hotfix
        return report(
            seen.facts,
            seen.record,
            seen.gates,
            catalog=self.workspace.catalog,
            settings=settings,
            now=now or clock.now(),
            templates=settings.texts,
        )

    def text(self, name: str, seen: HotfixState | None = None) -> str:
        """Write one of the texts of the process, such as the announcement."""
        seen, settings = seen or self.look(), self.workspace.config.hotfix
        return render(name, values(seen.facts, seen.record, self.workspace.catalog, settings), settings.texts)

    def pull_request(self, seen: HotfixState | None = None) -> tuple[str, str]:
        """Write title and body of its pull request."""
        return reviewing.pull_request(self.context, seen or self.look())

    def plan_pr(self, seen: HotfixState | None = None) -> Plan:
        """Plan to push its branch and to open its pull request.

        Raises:
            Conflict: there is no branch.
        """
        return reviewing.plan_pr(self.context, seen or self.look())

    def plan_finish(
        self, *, fetch: bool = True, release: bool = False, seen: HotfixState | None = None
    ) -> Plan:
        """Plan what is left to do until it is merged, tagged and pushed.

        Args:
            fetch: whether to fetch from the remote first; planning changes nothing else.
            release: whether to make the GitHub Release as well, if ``gh`` is there.
            seen: the result of :meth:`look`, which may have fetched; then *fetch* has no effect.

        Raises:
            Conflict: the branch differs here and on the remote, a gate fails, main has moved on, or there is
                no main; nothing was changed.
            RefConflict: the tag is not the one that a hotfix gets; or there is no remote, and main here
                cannot move.
            GitError: git failed, or the remote cannot be fetched from.
        """
        seen = seen or self.look(fetch=fetch)
        return finishing.plan_finish(self.context, seen, release=release)

    def plan_deploy(self, seen: HotfixState | None = None) -> Plan:
        """Plan to run the configured command that deploys it.

        Raises:
            UsageError: none is configured.
            Conflict: it is not tagged, or its tag is not on the remote.
        """
        deploy = self.workspace.config.deploys.get(self.name)
        return deploying.plan_deploy(self.context, seen or self.look(), deploy)

    @property
    def git(self) -> str:
        """How people call git in its repository."""
        return self.context.git

    def template(self) -> str:
        """Give the path of the template for the fix commit, or an empty text if there is none."""
        records = self.records()
        name = records.template_name(self.version)
        return records.store.path(name) if name in records.store.names() else ""

    def tick(self, boxes: Iterable[str], now: dt.datetime | None = None) -> Record:
        """Tick boxes of the checklist.

        Raises:
            UsageError: there is no such box.
            InputError: the box is not one that people tick, or nothing is recorded here.
        """
        record = self.record()
        if record is None:
            raise InputError(
                f"nothing is recorded of the hotfix {self.version} of {self.name} in this repository",
                hint=f"declare it: krow-versions hotfix start {self.name} --issue TEXT --severity LEVEL "
                "--impact TEXT",
            )
        for box in boxes:
            record = tick(record, box, now or clock.now())
        self.records().write(record)
        return record

    def without_asking(self) -> HotfixView:
        """Give the same hotfix, with the remote not asked."""
        return attrs.evolve(self, ask=False)

    def __repr__(self) -> str:
        return f"<Hotfix of {self.name} {self.version}>"

    def note_text(self, field: str, now: dt.datetime, seen: HotfixState) -> None:
        """Note when a text was first written: ``announced``, ``followed_up`` or ``reported``."""
        record, changes = seen.record, {field: now}
        if record is not None and getattr(record, field) is None:
            self.records().write(attrs.evolve(record, **changes))  # type: ignore[arg-type]  # All are moments.


def open_hotfix(workspace: Opened, name: str, version: Version | None = None) -> HotfixView:
    """Open the hotfix that is under way: that of the checked-out branch, or the only one.

    Args:
        workspace: where the product is.
        name: the product, or an alias.
        version: the version that it ships; needed only if several are under way.

    Raises:
        UsageError: no such product.
        Conflict: no hotfix is under way, or several are.
    """
    context = HotfixContext.of(workspace, name)
    name = context.product.name
    if version is None:
        checked_out = _reserved(context, context.repository.branch or "")
        version = checked_out or _only(workspace, context)
    return HotfixView(workspace, name, context, version.with_build(None))


def under_way(workspace: Opened, now: dt.datetime) -> Table:
    """List the hotfixes that are not done, of all products and repositories."""
    rows = []
    opened: dict[str, tuple[HotfixContext, tuple[git.Ref, ...]]] = {}
    for name in workspace:
        product = workspace[name].product
        if top_of(workspace.repos[product.repo]) is None:
            continue  # A hotfix is a branch: without git there is none.
        if product.repo not in opened:
            context = HotfixContext.of(workspace, name)
            opened[product.repo] = (context, _branches(context))
        context, branches = opened[product.repo]
        context = attrs.evolve(context, product=product)
        for version in sorted(_versions(context, branches)):
            view = HotfixView(workspace, name, context, version, ask=False)
            seen = view.look()
            if _is_over(version, seen):
                continue
            found, record = view.status(now, seen), seen.record
            rows.append(
                (
                    name,
                    str(version),
                    found.branch,
                    record.severity.name if record else "not declared here",
                    record.started if record else None,
                    found.next_command or "",
                )
            )
    columns = ("product", "version", "branch", "severity", "declared", "next")
    return Table(columns, tuple(rows), caption="Hotfixes under way")


def _is_over(version: Version, seen: HotfixState) -> bool:
    """Whether it has shipped and its incident is documented, or its branch is gone and a newer tag exists."""
    facts, record = seen.facts, seen.record
    if facts.tip is None and facts.tag is None:
        newest = releases.highest(facts.state.tags)
        return newest is not None and newest.version is not None and newest.version > version
    return facts.finished and (record is None or "incident-documented" in record.ticks)


def _branches(context: HotfixContext) -> tuple[git.Ref, ...]:
    """List the branches here that may be hotfixes, of every product in the repository."""
    folder = context.catalog.branch.home
    return git.branches(context.repository, [f"{HEADS}{folder}/" if folder else HEADS])


def _versions(context: HotfixContext, branches: Iterable[git.Ref]) -> set[Version]:
    """Find every version that has a branch or a record here."""
    found = set()
    for branch in branches:
        reserved = _reserved(context, branch.ref)
        if reserved:
            found.add(reserved.with_build(None))
    for text in Records.of(context).versions():
        try:
            found.add(Version.parse(text))
        except KrowVersionsError:
            continue
    return found


def _reserved(context: HotfixContext, ref: str) -> Version | None:
    """Give the version that a hotfix branch of this product is for; None for any other branch."""
    parsed = context.catalog.branch.parse(ref.removeprefix(HEADS))
    return parsed[1] if parsed and parsed[0] == context.product.slug and not parsed[1].prerelease else None


def _only(workspace: Opened, context: HotfixContext) -> Version:
    """Give the version of the one hotfix that is under way, or else of the newest one that is over."""
    name = context.product.name
    known = sorted(_versions(context, _branches(context)))
    views = [HotfixView(workspace, name, context, version, ask=False) for version in known]
    open_ = [view.version for view in views if not _is_over(view.version, view.look())]
    if len(open_) > 1:
        listed = ", ".join(map(str, open_))
        raise Conflict(
            f"several hotfixes of {name} are under way: {listed}",
            hint="switch to the branch of one, or name it with --version",
        )
    if not known:
        raise Conflict(
            f"no hotfix of {name} is under way",
            hint=f"start one: krow-versions hotfix start {name} --issue TEXT --severity LEVEL --impact TEXT",
        )
    return open_[0] if open_ else known[-1]
