"""The hotfix of a product as it is read: its state, its status, its texts and its document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from krow_versions import git
from krow_versions.files import absolute, relative
from krow_versions.hotfix import (
    HotfixState,
    check,
    placed,
    render,
    status,
    values,
)
from krow_versions.hotfix.report import written
from krow_versions.planning.commands import joining
from krow_versions.text.escaping import one_line
from krow_versions.text.times import at, lasting
from krow_versions.values import evolve, field, frozen
from krow_versions.workspace.hotfix import (
    announcing,
    deploying,
    documenting,
    reviewing,
    rolling_back,
    vouching,
)
from krow_versions.workspace.hotfix.context import HotfixContext, consult
from krow_versions.workspace.hotfix.existing import require_existing
from krow_versions.workspace.hotfix.gathering import gather
from krow_versions.workspace.hotfix.locating import with_left
from krow_versions.workspace.hotfix.records import Records
from krow_versions.workspace.user_input import given_moment

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    from krow_versions.hotfix import Approval, Facts, Gate, Incident, Record, Status
    from krow_versions.planning.commands import Calls
    from krow_versions.version import Version
    from krow_versions.workspace.hotfix.context import Consulted
    from krow_versions.workspace.protocols import Opened


@frozen(repr=False)
class HotfixReading:
    """What is known of one hotfix of one product; each call reads git, the files and the record again.

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

    workspace: Opened = field(eq=False)
    name: str
    context: HotfixContext = field(eq=lambda context: context.repository.root)
    version: Version
    ask: bool = field(default=True, eq=False)
    acts: bool = field(default=False, eq=False)
    named: bool = field(default=False, eq=False)

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
            Conflict: the caller named the version, and nothing is known of it.
            GitError: git failed, or the remote cannot be fetched from.
        """
        facts, known = self._facts(fetch=fetch, asked=asked)
        records = self.records()
        local = records.local(self.version) if record is None else record
        seen = records.shared.seen(self.version) if records.shared else None
        whole = local.merged(seen) if seen else local
        facts = vouching.vouched(self.context, with_left(self.context.repository, facts, whole), whole)
        others = records.others(self.version)
        return HotfixState(
            facts,
            placed(whole, others),
            self.gates(facts, whole.approvals),
            known.differing,
            (*known.warnings, *_ahead(whole)),
            others,
            unshared=seen is not None and (known.ahead or whole.entries != seen.entries),
            join=joining(self.calls.git, str(facts.remote), facts.branch)
            if facts.branch_there and not (facts.tip or facts.tag or facts.tag_there)
            else "",
            elsewhere=seen is not None
            and not (facts.tip_here or facts.tag or facts.tag_there or records.has_template(self.version)),
        )

    def require_existing(self, seen: HotfixState) -> None:
        """Refuse a version that the caller named, and of which nothing is known.

        Raises:
            Conflict: it is such a version.
        """
        if self.named:
            require_existing(self.context, seen)

    def _believed(self, seen: HotfixState | None, moment: dt.datetime) -> HotfixState:
        """Look, if that is not done; what is dated far ahead of *moment* and the clock does not count."""
        return (seen or self.look()).at(max(moment, self.workspace.clock()))

    def records(self) -> Records:
        """Give the records of its product."""
        return Records.of(self.context)

    def record(self) -> Record:
        """Read its record; one without entries when nothing is recorded in this repository."""
        records = self.records()
        return placed(records.read(self.version), records.others(self.version))

    def facts(self) -> Facts:
        """Gather the facts that git, the files and the remote give."""
        return vouching.vouched(self.context, self._facts(fetch=False)[0], self.record())

    def _facts(self, *, fetch: bool, asked: Consulted | None = None) -> tuple[Facts, Consulted]:
        acts = self.acts or fetch
        known = asked or consult(self.context, self.version, fetch=fetch, ask=self.ask, acts=acts)
        main = known.context.main_name or git.default_branch(self.context.repository, self.context.remote)
        facts = gather(
            self.workspace,
            evolve(self.context, main_name=main),
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
        if facts is None or approvals is None:
            facts, record = facts or self.facts(), self.record()
            facts = with_left(self.context.repository, facts, record)
            approvals = record.approvals if approvals is None else approvals
        return check(facts, self.workspace.catalog, self.workspace.config.hotfix, approvals=approvals)

    def status(self, now: dt.datetime | None = None, seen: HotfixState | None = None) -> Status:
        """Give its status at the present moment, or at *now*."""
        moment = self._moment(now)
        seen = self._believed(seen, moment)
        facts = seen.facts if seen.facts.is_known else None
        gates = seen.gates if facts else ()
        template = self.template() if seen.record.declaration else ""
        known = self.production(seen)
        return status(
            self.name,
            facts,
            seen.record,
            gates,
            moment,
            calls=self.context.calls,
            template=template,
            deploys=known.deploy is not None,
            settings=evolve(self.context.settings, notify=self.notifier()),
            above=known.current if known.is_above(self.version) else None,
            undoing=rolling_back.find_undoing(self.context, seen, known),
            elsewhere=seen.elsewhere,
            join=seen.join,
            left=self._locks(seen.facts, moment),
        )

    def _moment(self, now: dt.datetime | None) -> dt.datetime:
        """Return *now*, which must have a zone, or the present moment."""
        return given_moment(now or self.workspace.clock(), "now")

    def _locks(self, facts: Facts, moment: dt.datetime) -> tuple[str, ...]:
        """Name the locks of git that stand in the way of the next step, with their age and the remedy."""
        context = evolve(self.context, main_name=facts.main_name)
        refs = [context.branch(self.version), context.main, context.tracked_main, context.tag(facts)]
        found = git.standing(context.repository, refs)
        return tuple(f"{each}, for {lasting(moment - each.since)}: {git.remedy([each])}" for each in found)

    def incident(self, now: dt.datetime | None = None, seen: HotfixState | None = None) -> Incident:
        """Give its incident, with everything that the document shows, at the present moment, or at *now*."""
        moment = self._moment(now)
        return documenting.incident(self.context, self._believed(seen, moment), moment)

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

    def text(
        self,
        name: str,
        seen: HotfixState | None = None,
        now: dt.datetime | None = None,
        errors: str = "",
    ) -> str:
        """Write one of the texts of the process, such as the announcement; see :meth:`plan_send`."""
        moment, settings = self._moment(now), self.workspace.config.hotfix
        seen = self._believed(seen, moment)
        filled = values(seen.facts, seen.record, self.workspace.catalog, settings, now=moment, errors=errors)
        return render(name, filled, settings.texts)

    def notifier(self) -> tuple[str, ...] | None:
        """Give the configured program that sends texts, and its arguments; None if there is none."""
        return announcing.find_program(self.workspace, self.context)

    def pull_request(self, seen: HotfixState | None = None) -> tuple[str, str]:
        """Write title and body of its pull request."""
        return reviewing.pull_request(self.context, seen or self.look())

    def production(self, seen: HotfixState | None = None) -> deploying.Production:
        """Say what is in production, as far as is known here."""
        return deploying.find_production(self.workspace, self.context, seen or self.look())

    @property
    def calls(self) -> Calls:
        """How people call krow-versions and git for it."""
        return self.context.calls

    def template(self) -> str:
        """Give the path of the template for the fix commit, as short as git takes it, or an empty text."""
        records = self.records()
        path = records.store.path(records.template_name(self.version))
        if not records.has_template(self.version):
            return ""
        return min(relative(path, self.context.shown_root or absolute(".")), path, key=len)

    def without_asking(self) -> Self:
        """Give the same hotfix, with the remote not asked."""
        return evolve(self, ask=False)

    def __repr__(self) -> str:
        return f"<Hotfix of {self.name} {self.version}>"


def _ahead(record: Record) -> Iterator[str]:
    """Say which entries of a record do not count yet."""
    for each in record.ahead:
        what = f"an entry of {one_line(each.who) or 'somebody'}, [{each.table}], is dated {at(each.latest)}"
        yield f"{what}, which is still to come: it does not count before; if a clock was wrong, say it again"
