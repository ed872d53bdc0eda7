"""The hotfix of a product: what the commands ``hotfix ...`` do."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import attrs

from krow_versions import git
from krow_versions.errors import InputError
from krow_versions.hotfix import (
    HotfixState,
    check,
    require_branch,
    require_consent,
    require_under_way,
    status,
)
from krow_versions.planning.commands import joining
from krow_versions.planning.plan import Plan
from krow_versions.workspace.hotfix import (
    advancing,
    approving,
    carrying,
    deciding,
    deploying,
    finishing,
    reviewing,
    rolling_back,
)
from krow_versions.workspace.hotfix.context import HotfixContext, consult
from krow_versions.workspace.hotfix.documenting import Documents
from krow_versions.workspace.hotfix.gathering import gather
from krow_versions.workspace.hotfix.records import Records
from krow_versions.workspace.hotfix.texts import Texts
from krow_versions.workspace.hotfix.ticking import Ticking
from krow_versions.workspace.user_input import given_text

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from krow_versions.hotfix import Approval, Facts, Gate, Record, Status
    from krow_versions.planning.commands import Calls
    from krow_versions.version import Version
    from krow_versions.workspace.hotfix.context import Consulted
    from krow_versions.workspace.protocols import Opened


@attrs.frozen(repr=False)
class HotfixView(Texts, Documents):
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
        named: whether the caller named the version: then a detached HEAD counts as its branch, if there is no
            branch here and none on the remote.
    """

    workspace: Opened = attrs.field(eq=False)
    name: str
    context: HotfixContext = attrs.field(eq=lambda context: context.repository.root)
    version: Version
    ask: bool = attrs.field(default=True, eq=False)
    acts: bool = attrs.field(default=False, eq=False)
    named: bool = attrs.field(default=False, eq=False)

    def look(
        self, *, fetch: bool = False, record: Record | None = None, asked: Consulted | None = None
    ) -> HotfixState:
        """Read everything once: git, the files, the remote, and the record.

        Args:
            fetch: whether to fetch from the remote first.
            record: the record, if the caller has just written it.
            asked: what the remote has, if it was asked already.

        Raises:
            InputError: the record or the tag cannot be read.
            GitError: git failed, or the remote cannot be fetched from.
        """
        facts, differing = self._facts(fetch=fetch, asked=asked)
        record = record or self.record()
        return HotfixState(facts, record, self.gates(facts, record.approvals), differing)

    def records(self) -> Records:
        """Give the records of its product."""
        return Records.of(self.context)

    def record(self) -> Record:
        """Read its record; one without entries when nothing is recorded in this repository."""
        return self.records().read(self.version)

    def facts(self) -> Facts:
        """Gather the facts that git, the files and the remote give."""
        return self._facts(fetch=False)[0]

    def _facts(self, *, fetch: bool, asked: Consulted | None = None) -> tuple[Facts, tuple[str, ...]]:
        acts = self.acts or fetch
        known = asked or consult(self.context, self.version, fetch=fetch, ask=self.ask, acts=acts)
        main = known.context.main_name or git.default_branch(self.context.repository, self.context.remote)
        facts = gather(
            self.workspace,
            attrs.evolve(self.context, main_name=main),
            self.version,
            acts=acts,
            named=self.named,
            there=known.there,
            unasked=known.unasked,
        )
        return facts, known.differing

    def gates(
        self, facts: Facts | None = None, approvals: tuple[Approval, ...] | None = None
    ) -> tuple[Gate, ...]:
        """Judge it by every gate."""
        said = self.record().approvals if approvals is None else approvals
        settings = self.workspace.config.hotfix
        return check(facts or self.facts(), self.workspace.catalog, settings, approvals=said)

    def status(self, now: dt.datetime | None = None, seen: HotfixState | None = None) -> Status:
        """Give its status at the present moment, or at *now*."""
        seen = seen or self.look()
        facts = seen.facts if seen.facts.tip or seen.facts.tag else None
        gates = seen.gates if facts else ()
        template = self.template() if seen.record.declaration else ""
        known = self.production(seen)
        there = str(seen.facts.remote) if facts is None and seen.facts.branch_there else ""
        return status(
            self.name,
            facts,
            seen.record,
            gates,
            now or self.workspace.clock(),
            calls=self.context.calls,
            template=template,
            deploys=known.deploy is not None,
            settings=attrs.evolve(self.context.settings, notify=self.notifier()),
            above=str(known.current) if known.is_above(self.version) else "",
            undoing=rolling_back.find_undoing(self.context, seen, known),
            join=joining(self.calls.git, there, seen.facts.branch) if there else "",
        )

    def pull_request(self, seen: HotfixState | None = None) -> tuple[str, str]:
        """Write title and body of its pull request."""
        return reviewing.pull_request(self.context, seen or self.look())

    def plan_pr(self, seen: HotfixState | None = None) -> Plan:
        """Plan to push its branch and to open its pull request.

        Raises:
            Conflict: there is no branch; or there are remotes, but not the one that it goes to.
        """
        self.context.require_remote()
        seen = seen or self.look()
        require_under_way(seen.record, seen.facts, self.context.calls.start())
        require_branch(seen.facts)
        return reviewing.plan_pr(self.context, seen)

    def plan_finish(
        self,
        *,
        fetch: bool = True,
        release: bool = False,
        seen: HotfixState | None = None,
        without_approval: str | None = None,
        now: dt.datetime | None = None,
    ) -> Plan:
        """Plan what is left to do until it is merged, tagged and pushed.

        Args:
            fetch: whether to fetch from the remote first; planning changes nothing else.
            release: whether to make the GitHub Release as well, if ``gh`` is there.
            seen: the result of :meth:`look`, which may have fetched; then *fetch* has no effect.
            without_approval: why it ships without an approval of its tip, or None; it is recorded.
            now: when that was said; default: the present moment.

        Raises:
            UsageError: the reason is empty.
            Conflict: the branch differs here and on the remote, a gate fails, a person must merge it,
                main has undone it, there is no main, the tip is not approved, or there are remotes, but not
                the one that it goes to; nothing was changed.
            RefConflict: the tag is not the one that a hotfix gets; or there is no remote, and main here
                cannot move.
            GitError: git failed, or the remote cannot be fetched from.
        """
        reason = None if without_approval is None else given_text(without_approval, "reason")
        self.context.require_remote()
        seen = seen or self.look(fetch=fetch)
        require_under_way(seen.record, seen.facts, self.context.calls.start())
        require_branch(seen.facts)
        said = None
        if reason is not None and approving.lacks_consent(seen):
            said = approving.waiver(self.context, seen.facts, reason, now or self.workspace.clock())
            seen = attrs.evolve(seen, record=seen.record.adding(said))
        plan = deciding.with_rollback(finishing.plan_finish(self.context, seen, release=release), seen)
        require_consent(seen.facts, seen.record.approvals)
        if said is None:
            return approving.with_reason(plan, seen)
        noting = self.records().writing(self.context.product.repo, seen.record)
        return approving.with_reason(plan, seen, noting)

    def plan_carry(self, line: str, *, fetch: bool = True, seen: HotfixState | None = None) -> Plan:
        """Plan to bring it, when it has shipped, to another branch of the server, such as main.

        Args:
            line: the name of the branch, short or full.
            fetch: whether to fetch from the remote first; planning changes nothing else.
            seen: the result of :meth:`look`.

        Raises:
            Conflict: it has not shipped; there is no such branch; the branch has undone it; a merge would
                bring more than the fix, or needs a person. Nothing was changed.
            GitError: git failed, or the remote cannot be fetched from.
        """
        return carrying.plan_carry(self.context, seen or self.look(fetch=fetch), line, fetch=fetch)

    def plan_deploy(self, seen: HotfixState | None = None) -> Plan:
        """Plan to run the configured command that deploys it.

        Raises:
            UsageError: none is configured.
            Conflict: it is not tagged, or not on the remote; abandoned; or older than what is in production.
        """
        seen = seen or self.look()
        return deploying.plan_deploy(self.context, seen, self.production(seen))

    def production(self, seen: HotfixState | None = None) -> deploying.Production:
        """Say what is in production, as far as is known here."""
        return deploying.find_production(self.workspace, self.context, seen or self.look())

    def plan_next(self, seen: HotfixState | None = None, now: dt.datetime | None = None) -> Plan:
        """Plan its next step; an empty plan if nothing is left to do.

        Raises:
            Conflict: it waits for something, or only a person can do or say it; the hint is what to type.
            KrowVersionsError: as the plans of its steps.
        """
        seen = seen or self.look()
        step = self.status(now, seen).next
        if step is None:
            return Plan()
        command = step.command or ""
        if step.title in {"Version", "CHANGELOG"} and (step.state == "next" or "commit" in command):
            return advancing.plan_version(self.workspace, self.context, seen, step)
        if " hotfix pr " in command and command.endswith("--run"):
            return self.plan_pr(self.look(fetch=True))
        if " hotfix finish " in command:
            return self.plan_finish(release=True)
        if " hotfix deploy " in command:
            return self.plan_deploy(seen)
        raise advancing.by_people(step)

    def plan_amend(self, correction: deciding.Correction, *, now: dt.datetime | None = None) -> Plan:
        """Plan to correct what was declared; raises as :func:`deciding.plan_amend` does."""
        seen = self.without_asking().look()
        return deciding.plan_amend(self.context, seen, correction, now or self.workspace.clock())

    def plan_abandon(self, reason: str, *, now: dt.datetime | None = None) -> Plan:
        """Plan to end it, because it does not ship; raises as :func:`deciding.plan_abandon` does."""
        return deciding.plan_abandon(self.context, self.look(), reason, now or self.workspace.clock())

    def plan_rollback(
        self,
        *,
        reason: str | None = None,
        decided_by: str | None = None,
        to: Version | str | None = None,
        now: dt.datetime | None = None,
    ) -> Plan:
        """Plan to record that production goes back to an older version, and to deploy that.

        The reason, and who decided, may be left out if one is decided, and not carried out. Without *to*
        it is the last good version. Raises as :func:`rolling_back.plan_rollback` does.
        """
        reach = git.Reach.ACT if self.acts else git.Reach.ASK
        seen, asked = self.look(), rolling_back.Asked(reason, decided_by, to, reach)
        known, moment = self.production(seen), now or self.workspace.clock()
        return rolling_back.plan_rollback(self.context, seen, known, asked, moment)

    @property
    def calls(self) -> Calls:
        """How people call krow-versions and git for it."""
        return self.context.calls

    def template(self) -> str:
        """Give the path of the template for the fix commit, as short as git takes it, or an empty text."""
        records = self.records()
        name = records.template_name(self.version)
        path = records.store.path(name) if name in records.store.names() else ""
        return path and min(os.path.relpath(path, self.context.shown_root or os.curdir), path, key=len)

    def tick(
        self,
        boxes: Iterable[str],
        now: dt.datetime | None = None,
        *,
        at: dt.datetime | None = None,
        undo: Iterable[str] = (),
        seen: HotfixState | None = None,
    ) -> Record:
        """Tick boxes of the checklist or items of them; an approval is of the commit that the branch is at.

        Args:
            boxes: what to tick.
            now: the present moment.
            at: when it happened, if that is known; it also corrects the time of what is ticked.
            undo: the ticks to take back, before the others are added.
            seen: the result of :meth:`look`.

        Raises:
            UsageError: there is no such box.
            InputError: the box is not one that people tick, or nothing is known here of the hotfix.
            Conflict: it cannot be true yet, or was not at that moment.
        """
        facts, before = seen.facts if seen else self.without_asking().facts(), self.record()
        if not (before.is_tracked or facts.tip or facts.tag):
            raise InputError(
                f"nothing is recorded here of {self.name} {self.version}, and "
                f"there is no branch {facts.branch}",
                hint=f"declare it: {self.calls.start()}",
            )
        who = git.committer(self.context.repository)
        ticking = Ticking(self.context, facts, who, now or self.workspace.clock(), at)
        record = ticking.tick(ticking.undo(before, undo), boxes)
        if record != before:
            self.records().write(record)
        return record

    def without_asking(self) -> HotfixView:
        """Give the same hotfix, with the remote not asked."""
        return attrs.evolve(self, ask=False)

    def __repr__(self) -> str:
        return f"<Hotfix of {self.name} {self.version}>"
