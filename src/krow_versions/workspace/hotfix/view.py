"""The hotfix of a product, from declaring it to telling: what the commands ``hotfix ...`` do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from krow_versions import git, releases
from krow_versions.errors import Conflict, InputError, KrowVersionsError, UsageError
from krow_versions.hotfix import Record, check, report, status, tick
from krow_versions.names import HEADS
from krow_versions.tables import Table
from krow_versions.text.escaping import shell_word
from krow_versions.version import Version
from krow_versions.workspace import clock
from krow_versions.workspace.git_state import top_of
from krow_versions.workspace.hotfix import finishing, starting
from krow_versions.workspace.hotfix.gathering import HotfixContext, gather
from krow_versions.workspace.hotfix.records import Records

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping

    from krow_versions.hotfix import Facts, Gate, Status
    from krow_versions.workspace.hotfix.finishing import FinishPlan
    from krow_versions.workspace.protocols import Opened


@attrs.frozen
class HotfixView:
    """One hotfix of one product: every question looks anew, only what people said is remembered.

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

    @property
    def records(self) -> Records:
        """Where its record is kept."""
        return Records.of(self.place)

    @property
    def record(self) -> Record | None:
        """What people said of it, or None when nothing is recorded in this repository."""
        return self.records.read(self.version)

    @property
    def facts(self) -> Facts:
        """What git and the files say of it."""
        return gather(self.workspace, self.place, self.version, ask=self.ask, acts=self.acts)

    def gates(self, facts: Facts) -> tuple[Gate, ...]:
        """Judge it by every gate."""
        return check(facts, self.workspace.catalog, self.workspace.config.hotfix)

    def status(self, now: dt.datetime | None = None) -> Status:
        """Tell where it stands at the moment, or at *now*."""
        now = now or clock.now()
        facts = self.facts
        known = facts if facts.tip or facts.tag else None
        record = self.record
        name = starting.template_name(record) if record else ""
        template = self.records.kept.path(name) if name and self.records.kept.read(name) else ""
        gates = self.gates(facts) if known else ()
        return status(self.name, known, record, gates, now, git=self.git, template=template)

    @property
    def git(self) -> str:
        """How git is called in its repository, by people who may stand in another."""
        several = len(self.workspace.repos) > 1
        return f"git -C {shell_word(self.root)}" if several else "git"

    def tick(self, boxes: Iterable[str], now: dt.datetime) -> Record:
        """Tick boxes of the checklist.

        Raises:
            UsageError: there is no such box.
            InputError: git tells of it, or nothing is recorded here.
        """
        record = self.recorded()
        for box in boxes:
            record = tick(record, box, now)
        self.records.write(record)
        return record

    def without_asking(self) -> HotfixView:
        """Give the same hotfix, as far as it is known without the remote."""
        return attrs.evolve(self, ask=False)

    def note(self, box: str, now: dt.datetime) -> None:
        """Tick a box where something is recorded here; elsewhere there is nothing to tick it in."""
        record = self.record
        if record is not None:
            self.records.write(tick(record, box, now))

    def is_ticked(self, box: str) -> bool:
        """Tell whether people ticked a box."""
        record = self.record
        return record is not None and box in record.ticks

    def note_deployment(self, now: dt.datetime, code: int) -> None:
        """Note when and how the command that deploys ended, where something is recorded here."""
        record = self.record
        if record is not None:
            self.records.write(attrs.evolve(record, deployed=now, exit_code=code))

    def note_text(self, field: str, now: dt.datetime) -> None:
        """Note when a text was first written: ``announced``, ``followed_up`` or ``reported``."""
        record, changes = self.record, {field: now}
        if record is not None and getattr(record, field) is None:
            self.records.write(attrs.evolve(record, **changes))  # type: ignore[arg-type]  # All are moments.

    def push_branch(self) -> None:
        """Push the branch to the remote, where there is one.

        Raises:
            PushRejected, GitError: it was not pushed.
        """
        finishing.push_branch(self.place, self.facts, called=self.git)

    def recorded(self) -> Record:
        """Give the record.

        Raises:
            InputError: there is none here.
        """
        record = self.record
        if record is None:
            raise InputError(
                f"nothing is recorded of the hotfix {self.version} of {self.name} in this repository",
                hint=f"declare it: krow-versions hotfix start {self.name} --issue TEXT --severity LEVEL "
                "--impact TEXT",
            )
        return record

    def plan_finish(self) -> FinishPlan:
        """Find out what is left to do until it is merged, tagged and pushed; see ``finishing``."""
        facts = self.facts
        return finishing.plan_finish(self.workspace, self.place, facts, self.record, self.gates(facts))

    def report(self, now: dt.datetime) -> str:
        """Write the incident document."""
        facts = self.facts
        settings = self.workspace.config.hotfix
        return report(
            facts,
            self.record,
            self.gates(facts),
            catalog=self.workspace.catalog,
            settings=settings,
            now=now,
            templates=settings.texts,
        )

    def deploy_command(self) -> tuple[str, ...]:
        """Give the configured command that deploys it, with the tag in it.

        Raises:
            UsageError: none is configured.
        """
        command = self.workspace.config.deploys.get(self.name)
        if command is None:
            raise UsageError(
                f"no command is configured that deploys {self.name}",
                hint=f'add to [products.{self.name}]: deploy = ["./scripts/deploy.sh", "{{tag}}"]; or deploy '
                f"by hand, then: krow-versions hotfix status {self.name} --done deployed",
            )
        tag = self.place.catalog.tags["production"].format(self.place.product.slug, self.version)
        values = {"{tag}": tag, "{version}": str(self.version), "{slug}": self.place.product.slug}
        return tuple(_filled(argument, values) for argument in command)

    @property
    def root(self) -> str:
        """The folder that the deploy command and ``gh`` run in."""
        return self.workspace.repos[self.place.product.repo]


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
            found = view.status(now)
            record = view.record
            if _is_over(view, record):
                continue
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


def _is_over(view: HotfixView, record: Record | None) -> bool:
    """Tell whether it is out and nobody still has to tell of it, or given up and something newer is out."""
    facts = view.facts
    if facts.tip is None and facts.tag is None:
        newest = releases.highest(facts.state.tags)
        return newest is not None and newest.version is not None and newest.version > view.version
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
    open_ = [view.version for view in views if not _is_over(view, view.record)]
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


def _filled(argument: str, values: Mapping[str, str]) -> str:
    for placeholder, value in values.items():
        argument = argument.replace(placeholder, value)
    return argument
