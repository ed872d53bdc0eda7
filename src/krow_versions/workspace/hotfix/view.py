"""The hotfix of a product: what the commands ``hotfix ...`` do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from krow_versions import git
from krow_versions.errors import InputError
from krow_versions.hotfix import (
    HotfixState,
    Severity,
    box,
    check,
    in_production,
    incident_of,
    render,
    require_branch,
    require_consent,
    require_under_way,
    status,
    tick,
    values,
)
from krow_versions.hotfix.report import written
from krow_versions.names import TAGS
from krow_versions.planning.commands import joining
from krow_versions.settings import PULL_REQUEST
from krow_versions.workspace.hotfix import approving, carrying, deciding, deploying, finishing, reviewing
from krow_versions.workspace.hotfix.context import HotfixContext, consult
from krow_versions.workspace.hotfix.gathering import gather
from krow_versions.workspace.hotfix.recording import sharing
from krow_versions.workspace.hotfix.records import Records
from krow_versions.workspace.hotfix.remarking import remark
from krow_versions.workspace.user_input import given_text

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from krow_versions.hotfix import Approval, Facts, Gate, Incident, InProduction, Record, Status
    from krow_versions.hotfix.postmortem import Remarks
    from krow_versions.planning.commands import Calls
    from krow_versions.planning.plan import Plan
    from krow_versions.version import Version
    from krow_versions.workspace.hotfix.context import Consulted
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
        facts, known = self._facts(fetch=fetch, asked=asked)
        records = self.records()
        local = records.local(self.version) if record is None else record
        seen = records.shared.seen(self.version) if records.shared else None
        whole = local.merged(seen) if seen else local
        return HotfixState(
            facts,
            whole,
            self.gates(facts, whole.approvals),
            known.differing,
            known.warnings,
            unshared=seen is not None and (known.ahead or whole.entries != seen.entries),
        )

    def records(self) -> Records:
        """Give the records of its product."""
        return Records.of(self.context)

    def record(self) -> Record:
        """Read its record; one without entries when nothing is recorded in this repository."""
        return self.records().read(self.version)

    def facts(self) -> Facts:
        """Gather the facts that git, the files and the remote give."""
        return self._facts(fetch=False)[0]

    def _facts(self, *, fetch: bool, asked: Consulted | None = None) -> tuple[Facts, Consulted]:
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
        return facts, known

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
        there = str(seen.facts.remote) if facts is None and seen.facts.branch_there else ""
        return status(
            self.name,
            facts,
            seen.record,
            gates,
            now or self.workspace.clock(),
            calls=self.context.calls,
            template=template,
            deploys=self.deploys(),
            reviewed=self.context.settings.merge == PULL_REQUEST,
            join=joining(self.calls.git, there, seen.facts.branch) if there else "",
        )

    def incident(self, now: dt.datetime | None = None, seen: HotfixState | None = None) -> Incident:
        """Give its incident, with everything that the document shows, at the present moment, or at *now*."""
        seen, settings = seen or self.look(), self.workspace.config.hotfix
        return incident_of(
            seen.facts,
            seen.record,
            seen.gates,
            catalog=self.workspace.catalog,
            settings=settings,
            now=now or self.workspace.clock(),
            templates=settings.texts,
        )

    def report(
        self,
        now: dt.datetime | None = None,
        seen: HotfixState | None = None,
        *,
        format: str = "markdown",  # noqa: A002 - As the option.
    ) -> str:
        """Write the incident document, ``markdown`` or ``json``, made at the present moment, or at *now*.

        Raises:
            UsageError: there is no such format.
        """
        return written(self.incident(now, seen), format)

    def remark(
        self, remarks: Remarks, now: dt.datetime | None = None, seen: HotfixState | None = None
    ) -> Record:
        """Keep here what :meth:`remarked` gives; raises as that does."""
        record = self.remarked(remarks, now, seen)
        self.records().write(record)
        return record

    def remarked(
        self, remarks: Remarks, now: dt.datetime | None = None, seen: HotfixState | None = None
    ) -> Record:
        """Give the record with what somebody says after the incident; ``final`` ticks its box.

        Raises:
            UsageError: there is no such fact or action item, or a text is too long.
            InputError: nothing is known here of the hotfix.
            Conflict: the document is to be final, and lacks something; nothing was recorded.
        """
        return remark(self.context, seen or self.look(), remarks, now or self.workspace.clock())

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
            Conflict: there is no branch; or there are remotes, but not the one that it goes to.
        """
        self.context.require_remote()
        seen = seen or self.look()
        require_under_way(seen.record, seen.facts, self.context.calls.start())
        require_branch(seen.facts)
        return sharing(self.context, reviewing.plan_pr(self.context, seen))

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
        plan = finishing.plan_finish(self.context, seen, release=release)
        require_consent(seen.facts, seen.record.approvals)
        if said is None:
            return sharing(self.context, approving.with_reason(plan, seen))
        noting = self.records().writing(self.context.product.repo, seen.record)
        return sharing(self.context, approving.with_reason(plan, seen, noting))

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
        deploy = deploying.find_command(self.workspace, self.context)
        seen = seen or self.look()
        plan = deploying.plan_deploy(self.context, seen, deploy, self.production(seen))
        return sharing(self.context, plan)

    def production(self, seen: HotfixState | None = None) -> InProduction | None:
        """Say what is in production; None if there is no production tag but its own."""
        seen = seen or self.look()
        records = (seen.record, *self.records().others(self.version))
        pattern = self.context.catalog.tags["production"]
        return in_production(seen.facts.state.tags, records, pattern, own=self.version)

    def deploys(self) -> bool:
        """Whether a command that deploys it is configured."""
        return deploying.find_command(self.workspace, self.context) is not None

    def plan_amend(
        self,
        *,
        issue: str | None = None,
        severity: Severity | str | None = None,
        impact: str | None = None,
        environment: str | None = None,
        detected: dt.datetime | None = None,
        now: dt.datetime | None = None,
    ) -> Plan:
        """Plan to correct what was declared; None stands for what stays.

        Raises:
            UsageError: nothing is corrected, or a value makes no sense.
            Conflict: nothing is declared here, or it was abandoned.
        """
        level = Severity.parse(severity) if isinstance(severity, str) else severity
        correction = deciding.Correction(issue, level, impact, environment, detected)
        seen = self.without_asking().look()
        plan = deciding.plan_amend(self.context, seen, correction, now or self.workspace.clock())
        return sharing(self.context, plan)

    def plan_abandon(self, reason: str, *, now: dt.datetime | None = None) -> Plan:
        """Plan to end it, because it does not ship; nothing is deleted.

        Raises:
            UsageError: the reason is empty.
            Conflict: it is tagged.
        """
        plan = deciding.plan_abandon(self.context, self.look(), reason, now or self.workspace.clock())
        return sharing(self.context, plan)

    @property
    def calls(self) -> Calls:
        """How people call krow-versions and git for it."""
        return self.context.calls

    def template(self) -> str:
        """Give the path of the template for the fix commit, or an empty text if there is none."""
        records = self.records()
        name = records.template_name(self.version)
        return records.store.path(name) if name in records.store.names() else ""

    def tick(self, boxes: Iterable[str], now: dt.datetime | None = None) -> Record:
        """Tick boxes of the checklist, and keep that here; raises as :meth:`ticked` does."""
        record = self.ticked(boxes, now)
        self.records().write(record)
        return record

    def ticked(self, boxes: Iterable[str], now: dt.datetime | None = None) -> Record:
        """Give the record with boxes ticked; an approval is of the commit that the branch is at.

        Raises:
            UsageError: there is no such box.
            InputError: the box is not one that people tick, or nothing is recorded here.
            Conflict: there is no commit that could be approved.
        """
        names = [box(each).id for each in boxes]
        record, moment = self.record(), now or self.workspace.clock()
        others = [each for each in names if each != "approval"]
        if not record.is_tracked and others:
            raise InputError(
                f"nothing is recorded of the hotfix {self.version} of {self.name} in this repository",
                hint=f"declare it: {self.calls.start()}",
            )
        if "approval" in names:
            record = approving.approve(self.context, record, self.without_asking().facts(), moment)
        who = self.context.who()
        for each in others:
            record = tick(record, each, moment, who, self.context.tag(self.version).removeprefix(TAGS))
        return record

    def without_asking(self) -> HotfixView:
        """Give the same hotfix, with the remote not asked."""
        return attrs.evolve(self, ask=False)

    def __repr__(self) -> str:
        return f"<Hotfix of {self.name} {self.version}>"
