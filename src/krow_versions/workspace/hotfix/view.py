"""The hotfix of a product: what the commands ``hotfix ...`` do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from krow_versions import git
from krow_versions.errors import InputError
from krow_versions.hotfix import (
    ANNOUNCEMENT,
    FOLLOW_UP,
    HotfixState,
    Sent,
    TaskKind,
    placed,
    require_branch,
    require_consent,
    require_under_way,
)
from krow_versions.planning.plan import Plan
from krow_versions.values import evolve, frozen
from krow_versions.workspace import signing
from krow_versions.workspace.hotfix import (
    advancing,
    announcing,
    approving,
    carrying,
    deciding,
    deploying,
    documenting,
    finishing,
    reviewing,
    rolling_back,
    vouching,
)
from krow_versions.workspace.hotfix.reading import HotfixReading
from krow_versions.workspace.hotfix.recording import sharing
from krow_versions.workspace.hotfix.ticking import Ticking
from krow_versions.workspace.user_input import given_moment, given_text

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from krow_versions.hotfix import Entry, Record
    from krow_versions.hotfix.postmortem import Remarks
    from krow_versions.version import Version


@frozen(repr=False)
class HotfixView(HotfixReading):
    """One hotfix of one product: what the commands ``hotfix ...`` do with it.

    Views of the same product, version and repository are equal. Each call reads git, the files and the
    record again: call :meth:`look` once and pass the result as *seen*, so that several calls share one
    reading.
    """

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
        merged: str | None = None,
        now: dt.datetime | None = None,
    ) -> Plan:
        """Plan what is left to do until it is merged, tagged and pushed.

        Args:
            fetch: whether to fetch from the remote first; planning changes nothing else.
            release: whether to make the GitHub Release as well, if ``gh`` is there.
            seen: the result of :meth:`look`, which may have fetched; then *fetch* has no effect.
            without_approval: why it ships without an approval of its tip, or None; it is recorded.
            merged: the full id of the commit of main that holds it, where git does not show that; it is
                recorded. None if nobody says so.
            now: when that was said; default: the present moment.

        Raises:
            UsageError: the reason is empty, or *merged* is no full id.
            Conflict: *merged* is not on main; the branch differs here and on the remote, a gate fails, a
                person must merge it, main has undone it, there is no main, the tip is not approved, or there
                are remotes, but not the one that it goes to; nothing was changed.
            RefConflict: the tag is not the one that a hotfix gets; or there is no remote, and main here
                cannot move.
            GitError: git failed, or the remote cannot be fetched from.
        """
        moment = self._moment(now)
        reason = None if without_approval is None else given_text(without_approval, "reason")
        self.context.require_remote()
        seen = seen or self.look(fetch=fetch)
        require_under_way(seen.record, seen.facts, self.context.calls.start())
        require_branch(seen.facts)
        doubts = signing.require_signing(self.workspace, self.context.repository, seen.facts)
        said: list[Entry] = []
        if merged is not None and not seen.facts.merged:
            said.append(vouching.vouch(self.context, seen.facts, merged, moment))
        if reason is not None and approving.lacks_consent(seen):
            said.append(approving.waiver(self.context, seen.facts, reason, moment))
        if said:
            record = seen.record.adding(*said)
            facts = vouching.vouched(self.context, seen.facts, record)
            seen = evolve(seen, record=record, facts=facts)
        plan = deciding.with_rollback(finishing.plan_finish(self.context, seen, release=release), seen)
        require_consent(seen.facts, seen.record.approvals)
        plan = vouching.with_merge(approving.with_reason(plan, seen), seen.facts, seen.record)
        plan = evolve(plan, warnings=(*plan.warnings, *doubts))
        if said:
            noting = self.records().writing(self.context.product.repo, seen.record)
            plan = evolve(plan, actions=(noting, *plan.actions))
        return sharing(self.context, plan)

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

    def plan_deploy(
        self, seen: HotfixState | None = None, now: dt.datetime | None = None, *, again: bool = False
    ) -> Plan:
        """Plan to run the configured command that deploys it.

        Args:
            seen: the result of :meth:`look`.
            now: the present moment.
            again: whether to deploy though an attempt may still run.

        Raises:
            UsageError: none is configured.
            Conflict: an attempt may still run; it is not tagged, or not on the remote; abandoned; or older
                than what is in production.
        """
        moment, seen = self._moment(now), seen or self.look()
        plan = deploying.plan_deploy(self.context, seen, self.production(seen), moment, again=again)
        return sharing(self.context, plan)

    def plan_next(self, seen: HotfixState | None = None, now: dt.datetime | None = None) -> Plan:
        """Plan its next step; an empty plan if nothing is left to do.

        Raises:
            Conflict: it waits for something, or only a person can do or say it; the hint is what to type.
            KrowVersionsError: as the plans of its steps.
        """
        moment, seen = self._moment(now), seen or self.look()
        step = self.status(moment, seen).next
        if step is None or step.task is None:
            return Plan()
        match step.task.kind:
            case TaskKind.VERSION:
                return advancing.plan_version(self.workspace, self.context, seen, step)
            case TaskKind.REQUEST:
                return self.plan_pr(self.look(fetch=True))
            case TaskKind.FINISH | TaskKind.RELEASE:
                return self.plan_finish(release=True)
            case TaskKind.DEPLOY:
                return self.plan_deploy(seen, moment)
            case TaskKind.SEND if step.due is None and step.task.subject != FOLLOW_UP:
                return self.plan_send(step.task.subject, seen=seen, now=moment)
            case _:
                raise advancing.by_people(step)

    def plan_amend(self, correction: deciding.Correction, *, now: dt.datetime | None = None) -> Plan:
        """Plan to correct what was declared; raises as :func:`deciding.plan_amend` does."""
        moment, seen = self._moment(now), self.without_asking().look()
        plan = deciding.plan_amend(self.context, seen, correction, moment)
        return sharing(self.context, plan)

    def plan_abandon(
        self, reason: str, *, seen: HotfixState | None = None, now: dt.datetime | None = None
    ) -> Plan:
        """Plan to end it, because it does not ship; raises as :func:`deciding.plan_abandon` does."""
        moment, seen = self._moment(now), seen or self.look()
        self.require_existing(seen)
        return sharing(self.context, deciding.plan_abandon(self.context, seen, reason, moment))

    def plan_rollback(
        self,
        *,
        reason: str | None = None,
        decided_by: str | None = None,
        to: Version | str | None = None,
        again: bool = False,
        seen: HotfixState | None = None,
        now: dt.datetime | None = None,
    ) -> Plan:
        """Plan to record that production goes back to an older version, and to deploy that.

        The reason, and who decided, may be left out if one is decided, and not carried out. Without *to*
        it is the last good version. *again* is for an attempt that may still run. Raises as
        :func:`rolling_back.plan_rollback` does.
        """
        moment, reach = self._moment(now), git.Reach.ACT if self.acts else git.Reach.ASK
        seen, asked = seen or self.look(), rolling_back.Asked(reason, decided_by, to, reach, again)
        self.require_existing(seen)
        plan = rolling_back.plan_rollback(self.context, seen, self.production(seen), asked, moment)
        return sharing(self.context, plan)

    def plan_rollback_done(self, *, now: dt.datetime | None = None) -> Plan:
        """Plan to record that people have deployed the older version; as :func:`rolling_back.plan_done`."""
        moment, seen = self._moment(now), self.without_asking().look()
        return sharing(self.context, rolling_back.plan_done(self.context, seen, moment))

    def plan_remarks(
        self, remarks: Remarks, now: dt.datetime | None = None, seen: HotfixState | None = None
    ) -> Plan:
        """Plan to record what somebody says in its document; raises as ``documenting.plan_remarks``."""
        moment, seen = self._moment(now), seen or self.without_asking().look()
        plan = documenting.plan_remarks(self.context, seen, remarks, moment)
        return sharing(self.context, plan)

    def plan_send(
        self,
        text: str = ANNOUNCEMENT,
        *,
        errors: str = "",
        again: bool = False,
        seen: HotfixState | None = None,
        now: dt.datetime | None = None,
    ) -> Plan:
        """Plan to send ``announcement``, ``follow_up`` or ``rollback_notice`` by the configured program.

        A text that was sent already is not sent again: then the plan is empty.

        Args:
            text: the name of the text.
            errors: for the follow-up, the errors since the deployment, as people counted them.
            again: whether to send it though somebody has begun to, and how that ended is not known.
            seen: the result of :meth:`look`.
            now: the present moment.

        Raises:
            UsageError: no program is configured.
            Conflict: the text is not true yet, or no more; or somebody has begun to send it.
        """
        moment, seen = self._moment(now), seen or self.look()
        body = self.text(text, seen, moment, errors)
        sent, program = Sent(at=moment, text=text, errors=errors), self.notifier()
        plan = announcing.plan_send(self.context, seen, sent, body, program, again=again)
        return sharing(self.context, plan)

    def tick(self, boxes: Iterable[str], now: dt.datetime | None = None, **more: Any) -> Record:
        """Tick boxes, and keep that here; arguments and errors are those of :meth:`ticked`."""
        record = self.ticked(boxes, now, **more)
        if {*record.entries} != {*self.record().entries}:
            self.records().write(record)
        return record

    def ticked(
        self,
        boxes: Iterable[str],
        now: dt.datetime | None = None,
        *,
        at: dt.datetime | None = None,
        undo: Iterable[str] = (),
        seen: HotfixState | None = None,
    ) -> Record:
        """Give the record with boxes ticked, or items; an approval is of the commit that the branch is at.

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
        moment, at = self._moment(now), None if at is None else given_moment(at, "at")
        facts, before = seen.facts if seen else self.without_asking().facts(), self.record()
        if not (before.is_tracked or facts.is_known):
            raise InputError(
                f"nothing is recorded here of {self.name} {self.version}, and "
                f"there is no branch {facts.branch}",
                hint=f"declare it: {self.calls.start()}",
            )
        require_under_way(before, facts, self.calls.start())
        ticking = Ticking(self.context, facts, self.context.who(), moment, at)
        others = seen.others if seen else self.records().others(self.version)
        return placed(ticking.tick(ticking.undo(before, undo), boxes), others)

    def note_sent(
        self,
        text: str = ANNOUNCEMENT,
        *,
        errors: str = "",
        seen: HotfixState | None = None,
        now: dt.datetime | None = None,
    ) -> Record:
        """Keep here what :meth:`noted_sent` gives."""
        record = self.noted_sent(text, errors=errors, seen=seen, now=now)
        self.records().write(record)
        return record

    def noted_sent(
        self,
        text: str = ANNOUNCEMENT,
        *,
        errors: str = "",
        seen: HotfixState | None = None,
        now: dt.datetime | None = None,
    ) -> Record:
        """Give the record with a text that people sent by hand; arguments as of :meth:`plan_send`."""
        moment, who, seen = self._moment(now), self.context.who(), seen or self.look()
        body = self.text(text, seen, moment, errors)
        sent = Sent(at=moment, who=who, text=text, by_hand=True, errors=errors, body=body)
        return announcing.noted_sent(self.context, seen, sent)
