"""The hotfix of a product, from declaring it to telling: what the commands ``hotfix ...`` do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from krow_versions import git, releases
from krow_versions.errors import Conflict, InputError, KrowVersionsError
from krow_versions.hotfix import HotfixState, check, render, report, status, tick, values
from krow_versions.names import HEADS
from krow_versions.tables import Table
from krow_versions.text.escaping import shell_word
from krow_versions.version import Version
from krow_versions.workspace import clock
from krow_versions.workspace.git_state import top_of
from krow_versions.workspace.hotfix import deploying, fetching, finishing, reviewing
from krow_versions.workspace.hotfix.gathering import HotfixContext, gather
from krow_versions.workspace.hotfix.planned import shown_root
from krow_versions.workspace.hotfix.records import Records

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from krow_versions.hotfix import Facts, Gate, Record, Status
    from krow_versions.planning.plan import Plan
    from krow_versions.workspace.protocols import Opened


@attrs.frozen
class HotfixView:
    """One hotfix of one product: every question looks anew, only what people said is remembered.

    A method that takes *seen* looks itself where it is not given: :meth:`look` once, and pass it on.

    Attributes:
        workspace: where the product is.
        name: the product's name.
        place: its repository.
        version: what the hotfix ships, x.y.z.
        ask: whether the remote is asked what it has.
        acts: whether something follows that runs the repository's programs, such as a push or a deployment;
            else none runs, and the remote is not asked where the repository's own configuration steers that.
    """

    workspace: Opened = attrs.field(repr=False)
    name: str
    place: HotfixContext = attrs.field(repr=False)
    version: Version
    ask: bool = True
    acts: bool = False

    def look(self, *, fetch: bool = False, record: Record | None = None) -> HotfixState:
        """Look at everything once: git, the files, the remote, and what people said.

        Args:
            fetch: whether to bring first what the remote has.
            record: what people said, where it was written a moment ago.

        Raises:
            InputError: the record or the tag cannot be read.
            GitError: git failed, or the remote cannot be fetched from.
        """
        found = fetching.fetch(self.place, self.version) if fetch else fetching.Fetched()
        there = found.there if fetch and self.place.remote else None
        acts = self.acts or fetch
        facts = gather(self.workspace, self.place, self.version, ask=self.ask, acts=acts, there=there)
        return HotfixState(facts, record or self.record(), self.gates(facts), found.differing)

    def records(self) -> Records:
        """Find where its record is kept."""
        return Records.of(self.place)

    def record(self) -> Record | None:
        """Read what people said of it; None when nothing is recorded in this repository."""
        return self.records().read(self.version)

    def facts(self) -> Facts:
        """Gather what git, the files and the remote say of it."""
        return gather(self.workspace, self.place, self.version, ask=self.ask, acts=self.acts)

    def gates(self, facts: Facts | None = None) -> tuple[Gate, ...]:
        """Judge it by every gate."""
        return check(facts or self.facts(), self.workspace.catalog, self.workspace.config.hotfix)

    def status(self, now: dt.datetime | None = None, seen: HotfixState | None = None) -> Status:
        """Tell where it stands at the moment, or at *now*."""
        seen = seen or self.look()
        facts = seen.facts if seen.facts.tip or seen.facts.tag else None
        gates = seen.gates if facts else ()
        template = self.template() if seen.record else ""
        return status(
            self.name, facts, seen.record, gates, now or clock.now(), git=self.git, template=template
        )

    def report(self, now: dt.datetime | None = None, seen: HotfixState | None = None) -> str:
        """Write the incident document, dated by the moment, or by *now*."""
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
        return reviewing.pull_request(self.workspace, self.place, seen or self.look())

    def plan_pr(self, seen: HotfixState | None = None) -> Plan:
        """Plan to push its branch and to open its pull request.

        Raises:
            Conflict: there is no branch.
        """
        return reviewing.plan_pr(self.workspace, self.place, seen or self.look())

    def plan_finish(
        self, *, fetch: bool = True, release: bool = False, seen: HotfixState | None = None
    ) -> Plan:
        """Plan what is left to do until it is merged, tagged and pushed.

        Args:
            fetch: whether to bring first what the remote has; nothing else is changed by planning.
            release: whether to make the GitHub Release as well, where ``gh`` is there.
            seen: what was seen after such a fetch.

        Raises:
            Conflict: a gate fails, or main has moved on; nothing was changed.
            RefConflict: the tag, or main, is not as it must be.
            GitError: git failed, or the remote cannot be fetched from.
        """
        seen = seen or self.look(fetch=fetch)
        return finishing.plan_finish(self.workspace, self.place, seen, release=release)

    def plan_deploy(self, seen: HotfixState | None = None) -> Plan:
        """Plan to run the configured command that deploys it.

        Raises:
            UsageError: none is configured.
            Conflict: it is not tagged, or its tag is not on the remote.
        """
        return deploying.plan_deploy(self.workspace, self.place, seen or self.look())

    @property
    def git(self) -> str:
        """How git is called in its repository, by people who may stand in another."""
        root = shown_root(self.workspace, self.place)
        return f"git -C {shell_word(root)}" if root else "git"

    def template(self) -> str:
        """Find the template of the commit that fixes: its path, or nothing where it is not there."""
        records = self.records()
        name = records.template_name(self.version)
        return records.kept.path(name) if name in records.kept.names() else ""

    def tick(self, boxes: Iterable[str], now: dt.datetime | None = None) -> Record:
        """Tick boxes of the checklist.

        Raises:
            UsageError: there is no such box.
            InputError: git tells of it, or nothing is recorded here.
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
        """Give the same hotfix, as far as it is known without the remote."""
        return attrs.evolve(self, ask=False)

    def note_text(self, field: str, now: dt.datetime, seen: HotfixState) -> None:
        """Note when a text was first written: ``announced``, ``followed_up`` or ``reported``."""
        record, changes = seen.record, {field: now}
        if record is not None and getattr(record, field) is None:
            self.records().write(attrs.evolve(record, **changes))  # type: ignore[arg-type]  # All are moments.


def open_hotfix(workspace: Opened, name: str, version: Version | None = None) -> HotfixView:
    """Find the hotfix that is under way: of the branch that is checked out, or the only one there is.

    Args:
        workspace: where the product is.
        name: the product, or an alias.
        version: what it ships, where there are several.

    Raises:
        UsageError: no such product.
        Conflict: no hotfix is under way, or several are.
    """
    place = HotfixContext.of(workspace, name)
    name = place.product.name
    if version is None:
        version = _checked_out(place) or _only(workspace, place)
    return HotfixView(workspace, name, place, version.with_build(None))


def under_way(workspace: Opened, now: dt.datetime) -> Table:
    """List the hotfixes that are not done, of all products and repositories."""
    rows = []
    for name in workspace:
        if top_of(workspace.repos[workspace[name].product.repo]) is None:
            continue  # Without git no hotfix can be under way there.
        place = HotfixContext.of(workspace, name)
        for version in sorted(_versions(place)):
            view = HotfixView(workspace, name, place, version, ask=False)
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
    """Tell whether it is out and nobody still has to tell of it, or given up and something newer is out."""
    facts, record = seen.facts, seen.record
    if facts.tip is None and facts.tag is None:
        newest = releases.highest(facts.state.tags)
        return newest is not None and newest.version is not None and newest.version > version
    return facts.finished and (record is None or "incident-documented" in record.ticks)


def _versions(place: HotfixContext) -> set[Version]:
    """Find every version that has a branch or a record here."""
    found = set()
    folder = place.catalog.branch.home
    for branch in git.branches(place.repository, [f"{HEADS}{folder}/" if folder else HEADS]):
        reserved = _reserved(place, branch.ref)
        if reserved:
            found.add(reserved.with_build(None))
    for text in Records.of(place).versions():
        try:
            found.add(Version.parse(text))
        except KrowVersionsError:
            continue
    return found


def _checked_out(place: HotfixContext) -> Version | None:
    return _reserved(place, place.repository.branch or "")


def _reserved(place: HotfixContext, ref: str) -> Version | None:
    """Give the version that a hotfix branch of this product is for; None for any other branch."""
    parsed = place.catalog.branch.parse(ref.removeprefix(HEADS))
    return parsed[1] if parsed and parsed[0] == place.product.slug and not parsed[1].prerelease else None


def _only(workspace: Opened, place: HotfixContext) -> Version:
    """Give the one hotfix that is under way, or the last one that there was."""
    name = place.product.name
    known = sorted(_versions(place))
    views = [HotfixView(workspace, name, place, version, ask=False) for version in known]
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
