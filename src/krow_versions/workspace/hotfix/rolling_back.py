"""The plan of a rollback: the decision is recorded, then the last good production tag is deployed again."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from krow_versions import git, releases
from krow_versions.errors import Conflict, GitError, UsageError
from krow_versions.hotfix import (
    Decision,
    Deployment,
    InProduction,
    deciding,
    described,
    require_not_running,
    rolled_back,
    still_running,
    successes,
    targets,
    undoing,
    version_in,
)
from krow_versions.names import TAGS
from krow_versions.planning.actions import RunProgram
from krow_versions.planning.commands import DECIDING
from krow_versions.planning.expectations import RefAt
from krow_versions.planning.plan import HotfixStep, Plan
from krow_versions.text.escaping import shell_word
from krow_versions.values import evolve, frozen
from krow_versions.workspace.hotfix.records import Records
from krow_versions.workspace.user_input import given_text, given_version

if TYPE_CHECKING:
    import datetime as dt

    from krow_versions.hotfix import Facts, HotfixState, Rollback, Undoing
    from krow_versions.planning.actions import Action
    from krow_versions.snapshot import TagState
    from krow_versions.version import Version
    from krow_versions.workspace.hotfix.context import HotfixContext
    from krow_versions.workspace.hotfix.deploying import Production


@frozen
class Asked:
    """What people say of a rollback.

    Attributes:
        reason: why; None for that of a decision that is recorded, and not carried out yet.
        decided_by: who decided it; None likewise.
        to: the version to go back to, or None for the last good one.
        reach: what git may run to ask the remote.
        again: whether to deploy though an attempt to roll back may still run.
    """

    reason: str | None = None
    decided_by: str | None = None
    to: Version | str | None = None
    reach: git.Reach = git.Reach.ASK
    again: bool = False

    def command(self, to: Version | str | None = None) -> str:
        """Give the options with which it is typed, with placeholders for what is not said, and ``--run``."""
        to = to or self.to
        words = [] if to is None else ["--to", shell_word(str(to))]
        words += ["--reason", shell_word(self.reason) if self.reason else "TEXT"]
        words += ["--decided-by", shell_word(self.decided_by) if self.decided_by else "NAME"]
        return " ".join([*words, "--run"])


def find_undoing(context: HotfixContext, seen: HotfixState, known: Production) -> Undoing | None:
    """Say what a rollback to the last good version would undo; None if there is none. One process of git."""
    tags = seen.facts.state.tags
    found = targets(tags, known.current, known.records)
    return _undoing(context, seen, known.current, found[0]) if known.current and found else None


def _undoing(context: HotfixContext, seen: HotfixState, current: InProduction, target: TagState) -> Undoing:
    state, commits = seen.facts.state, None
    there = next((tag.commit for tag in state.tags if tag.name == current.tag), "")
    if there and not context.repository.shallow:
        with contextlib.suppress(GitError):
            commits = git.count(context.repository, target.commit, there)
    return undoing(state.tags, current, target, state.released, commits)


def plan_rollback(
    context: HotfixContext, seen: HotfixState, known: Production, asked: Asked, now: dt.datetime
) -> Plan:
    """Plan to deploy the last good production tag again, by the command that deploys the product.

    Args:
        context: the repository of the product.
        seen: the hotfix.
        known: what is known of production.
        asked: what people say.
        now: the present moment.

    Raises:
        UsageError: the reason, or who decided, is not said.
        Conflict: the same rollback may still run; there is no such older version, or the remote does not
            have its tag.
    """
    facts, rolled = seen.facts, seen.record.rollback
    step = HotfixStep("rollback", facts.product, facts.version, context.calls)
    current = known.current
    if current is None:
        raise Conflict(
            f"{facts.product} has no production tag, so there is nothing to go back to",
            hint="tag what is in production, or deploy by hand",
        )
    unrecorded = _unrecorded(facts) if seen.record.last_attempt is None and rolled is None else None
    if unrecorded is not None and _lies_between(asked.to, current, unrecorded):
        current = unrecorded
    known = evolve(known, current=current)
    hidden = _hidden(context, current, unrecorded, asked)
    open_ = rolled if rolled is not None and not rolled.is_done else None
    if open_ is None and current.since is not None and known.is_above(facts.version):
        raise Conflict(
            f"{current}, and not {facts.version}; nothing was done",
            hint=f"decide about what is in production: {deciding(context.calls, current, asked.command())}",
        )
    if rolled is not None and rolled.is_done and _is_again(rolled, current, asked.to):
        further = context.calls.hotfix("rollback", f"--to VERSION {DECIDING}")
        again = f"to go further back, name the version: {further}"
        return Plan(step=step, notes=(f"{rolled_back(rolled)}: nothing to do; {again}",))
    try:
        target = _target(context, seen, known, open_=open_, to=asked.to)
    except Conflict as error:
        if hidden:
            error.advise(hidden)
        raise
    warnings = _on_remote(context, target, asked.reach)
    warnings += (hidden,) if hidden else ()
    running = still_running(seen.record, now)
    warnings += _meanwhile(running, target)
    beyond = running.known if running and asked.again else None
    require_not_running(seen.record, now, context.calls, command=step.name, tag=target.name, beyond=beyond)
    who = context.who()
    new = Decision(at=now, who=who, decided_by="", reason="", to=target.name, from_=current.tag)
    decision = _decision(context, asked, open_.decision if open_ else None, new)
    actions: list[Action] = []
    if decision is not None:
        record = seen.record.adding(decision)
        actions.append(Records.of(context).writing(context.product.repo, record))
    notes = str(_undoing(context, seen, current, target)).split("\n")
    if known.deploy is None:
        notes.append(
            f"no command is configured that deploys {facts.product}: deploy {target.name} by hand, then: "
            f"{context.calls.hotfix('rollback', '--done')}"
        )
    else:
        if known.deploy.place:
            notes.append(f"the command is that of {known.deploy.place}")
        version = str(target.version.with_build(None)) if target.version else ""
        command = known.deploy.filled(target.name, version, context.product.slug)
        root, known_here = context.shown_root, successes(seen.record, target.name)
        run = RunProgram(
            context.product.repo, command, "deployed", root, tag=target.name, beyond=beyond, known=known_here
        )
        actions.append(run)
    return Plan(
        actions=tuple(actions),
        expects=(RefAt(context.product.repo, TAGS + target.name, target.commit),),
        notes=tuple(notes),
        warnings=warnings,
        step=step,
    )


def plan_done(context: HotfixContext, seen: HotfixState, now: dt.datetime) -> Plan:
    """Plan to record that people deployed the older version by hand.

    Raises:
        Conflict: no rollback is decided, or it is done already.
    """
    facts, rolled = seen.facts, seen.record.rollback
    if rolled is None or rolled.is_done:
        raise Conflict(
            rolled_back(rolled) if rolled else f"no rollback of {facts.product} is decided",
            hint=f"decide one: {context.calls.hotfix('rollback', DECIDING)}",
        )
    entry = Deployment(
        at=now,
        who=context.who(),
        tag=rolled.decision.to,
        ended=now,
        by_hand=True,
        rollback=version_in(rolled.decision.to) != str(facts.version),
    )
    action = Records.of(context).writing(context.product.repo, seen.record.adding(entry))
    step = HotfixStep("rollback", facts.product, facts.version, context.calls)
    return Plan(actions=(action,), step=step)


def _unrecorded(facts: Facts) -> InProduction | None:
    """Give the hotfix itself, if it is tagged: somebody may have deployed it, and recorded that elsewhere."""
    tag = facts.tag.name if facts.finished and facts.tag else facts.tag_there
    return InProduction(tag, facts.version) if tag else None


def _hidden(
    context: HotfixContext, current: InProduction, unrecorded: InProduction | None, asked: Asked
) -> str:
    """Say how to go back from the hotfix itself, if it may be in production unrecorded; or nothing."""
    if unrecorded is None or current.version.core >= unrecorded.version.core:
        return ""
    naming = context.calls.hotfix("rollback", asked.command(current.version))
    return (
        f"{unrecorded.tag} is tagged, and no deployment of it is recorded here: if it is in production, name "
        f"the version to go back to: {naming}"
    )


def _lies_between(to: Version | str | None, low: InProduction, high: InProduction) -> bool:
    """Whether a version is named that is older than *high*, and not older than *low*."""
    return (
        to is not None
        and low.version.core <= given_version(to, "the version to go back to").core < high.version.core
    )


def _is_again(rolled: Rollback, current: InProduction, to: Version | str | None) -> bool:
    """Whether the version that is asked for is the one that production went back to already."""
    if current.tag != rolled.decision.to:
        return False
    return to is None or given_version(to, "the version to go back to").core == current.version.core


def _target(
    context: HotfixContext,
    seen: HotfixState,
    known: Production,
    *,
    open_: Rollback | None,
    to: Version | str | None,
) -> TagState:
    """Find the production tag to go back to.

    Raises:
        Conflict: there is none that is older than what is in production.
    """
    tags = seen.facts.state.tags
    history = context.calls.other("history")
    if to is not None:
        wanted = given_version(to, "the version to go back to").with_build(None)
        found = releases.of_version(tags, wanted.core)
        if known.current and wanted.core >= known.current.version.core:
            raise Conflict(
                f"{wanted} is not older than what is in production: {known.current}; nothing was done",
                hint=f"a rollback goes back; what there is: {history}",
            )
        if found is None or not found.commit:
            raise Conflict(f"there is no production tag of {wanted} here", hint=f"what there is: {history}")
        return found
    if open_ is not None:
        same = next((tag for tag in tags if tag.name == open_.decision.to and tag.commit), None)
        if same is not None:
            return same
    older = targets(tags, known.current, known.records)
    if not older:
        raise Conflict(
            f"there is no older version to go back to: {known.current}",
            hint=f"what there is: {history}; fix forward: {context.calls.start()}",
        )
    return older[0]


def _meanwhile(running: Deployment | None, target: TagState) -> tuple[str, ...]:
    """Warn of an attempt to deploy something else that may still run: production does not wait for it."""
    if running is None or running.tag == target.name:
        return ()
    return (f"{described(running)}; it may still run",)


def _on_remote(context: HotfixContext, target: TagState, reach: git.Reach) -> tuple[str, ...]:
    """Refuse a tag that the remote lacks or has elsewhere; warn if it does not answer: production waits.

    Raises:
        Conflict: so it is.
    """
    if context.remote is None:
        return ()
    ref = TAGS + target.name
    try:
        there = git.remote_refs(context.repository, context.remote, [ref], reach=reach)
    except GitError as error:
        return (f"whether {context.remote} has {target.name} is not known: {error.message}",)
    if ref not in there or there[ref].peeled != target.commit:
        lacking = "is not" if ref not in there else "is another one"
        raise Conflict(
            f"the tag {target.name} {lacking} on {context.remote}, where it is deployed from",
            hint="name a version that was released: "
            f"{context.calls.hotfix('rollback', f'--to VERSION {DECIDING}')}",
        )
    return ()


def _decision(context: HotfixContext, asked: Asked, said: Decision | None, new: Decision) -> Decision | None:
    """Complete the decision to record; None if it is recorded, and not carried out yet.

    Args:
        context: the repository of the product.
        asked: what people say.
        said: what was decided, and is not carried out yet; or None.
        new: the decision, without what people say.

    Raises:
        UsageError: the reason, or who decided, is not said.
    """
    is_same = said is not None and said.to == new.to and said.from_ == new.from_
    if (
        said
        and is_same
        and asked.reason in (None, said.reason)
        and asked.decided_by in (None, said.decided_by)
    ):
        return None
    if asked.reason is None or asked.decided_by is None:
        raise UsageError(
            "a rollback is a decision of the Product Owner: its reason, and who decided, must be given",
            hint=context.calls.hotfix("rollback", asked.command()),
        )
    reason, decided_by = given_text(asked.reason, "reason"), given_text(asked.decided_by, "name")
    return evolve(new, reason=reason, decided_by=decided_by)
