"""Start a hotfix: check everything first, then plan its branch and its record."""

from __future__ import annotations

import datetime as dt
import os
from typing import TYPE_CHECKING

from krow_versions import git, releases
from krow_versions.errors import Conflict, Unsupported
from krow_versions.files import relative
from krow_versions.hotfix import Declaration, Declared, Facts, Record, Severity, render, values
from krow_versions.names import HEADS, TAGS
from krow_versions.planning.actions import CreateBranch, SwitchBranch, WriteRecord
from krow_versions.planning.commands import DECLARING
from krow_versions.planning.expectations import ProductionAt, RefAt
from krow_versions.planning.plan import HotfixStep, Plan
from krow_versions.text.escaping import one_line, quoted, shell_word
from krow_versions.text.times import at
from krow_versions.text.words import listed
from krow_versions.values import evolve, frozen
from krow_versions.version import Version
from krow_versions.workspace.hotfix.clean_tree import beside_changes, require_clean
from krow_versions.workspace.hotfix.context import HotfixContext, consult
from krow_versions.workspace.hotfix.recording import sharing
from krow_versions.workspace.hotfix.records import Records
from krow_versions.workspace.hotfix.storage import config_name, config_text
from krow_versions.workspace.hotfix.taken import require_build, require_free
from krow_versions.workspace.user_input import given_text, require_moments

if TYPE_CHECKING:
    from krow_versions.planning.actions import Action
    from krow_versions.planning.expectations import Expectation
    from krow_versions.snapshot import ProductState, TagState
    from krow_versions.workspace.protocols import Opened


@frozen
class Start:
    """A hotfix that is ready to start; nothing has been changed yet.

    Attributes:
        plan: the plan that starts it.
        context: its repository.
        record: the record to write, or the one that an earlier start wrote.
        facts: what git says, without the remote.
        continues: whether an earlier start has made the branch.
    """

    plan: Plan
    context: HotfixContext
    record: Record
    facts: Facts
    continues: bool


def declare(
    workspace: Opened,
    name: str,
    *,
    issue: str,
    severity: Severity | str,
    impact: str,
    now: dt.datetime,
    environment: str = "production",
    from_: str | None = None,
    detected: dt.datetime | None = None,
    fetch: bool = True,
    acts: bool = True,
) -> Start:
    """Plan the start of a hotfix; only the fetch changes anything.

    Args:
        workspace: where the product is.
        name: the product, or an alias.
        issue: what is broken.
        severity: how bad it is, or its name in any case.
        impact: who cannot do what.
        now: the present moment, which the time limit counts from.
        environment: where it is broken.
        from_: the production tag to start from, instead of the highest.
        detected: when the fault was seen, if that was before *now*.
        fetch: whether to fetch tags and branches from the remote first.
        acts: whether the plan will be applied, so that the repository's filters may run now.

    Raises:
        UsageError: no such product or severity, a text or a moment that makes no sense.
        TypeError: an argument of another type.
        InputError: nothing is in production, the version is taken, or tracked files differ from HEAD.
        GitError: git failed, or the remote cannot be asked.
    """
    issue, impact = given_text(issue, "issue"), given_text(impact, "impact")
    environment = given_text(environment, "environment")
    level = severity if isinstance(severity, Severity) else Severity.parse(severity)
    require_moments(now, detected)
    context = HotfixContext.of(workspace, name)
    context.require_remote()
    consulted = consult(context, None, fetch=fetch, ask=False)
    context, differing = consulted.context, consulted.differing
    state = workspace.snapshot([context.product.name]).products[0]
    with beside_changes(context, acts=acts):
        base = find_base(context, state, from_, differing)
        require_build(context, state)
        version = (base.version or Version(0, 0, 0)).next_patch().with_build(None)
        tip = require_free(context, state, base, version, ask=fetch)
    records, warnings = Records.of(context), [*(context.receive(version, acts=True) if fetch else ())]
    known = records.read(version)
    record, said = known, None if known.abandoned else known.declaration
    branch = context.branch(version).removeprefix(HEADS)
    is_same = said is not None and (said.issue, said.severity, said.impact) == (issue, level, impact)
    if said is not None:
        called = context.called(version, alone=False)
        require_recent(called, said, now, is_there=tip is not None, is_same=is_same)
    else:
        new = Declared(
            base=base.name,
            branch=branch,
            issue=issue,
            severity=level,
            impact=impact,
            at=now,
            environment=environment,
            who=git.committer(context.repository),
            detected=detected,
        )
        record = known.adding(new, new_round=known.abandoned is not None)
    facts = Facts(
        state,
        version,
        branch,
        tip,
        base=base,
        main_name=context.main_name,
        remote=context.remote,
        calls=context.calls,
    )
    if tip is not None:
        facts = evolve(facts, commits=git.commits(context.repository, base.commit, tip))
    is_on = context.repository.branch == context.branch(version)
    notes, begun = ([], ()) if is_on else require_clean(context, acts=acts, tip=tip)
    if context.remote is None:
        notes.append(
            f"there is no remote {context.settings.remote} here: only the tags and branches of this "
            "clone count, and nothing will be pushed"
        )
    if said and not is_same:
        warnings.append(
            f"it was declared already at {at(said.started)}, and what was said then stays; to correct it: "
            f"{context.called(version, alone=False).calls.hotfix('amend', DECLARING)}"
        )
    if known.abandoned and facts.commits:
        warnings.append(_left(context, facts))
    expected: list[Expectation] = [RefAt(context.product.repo, TAGS + base.name, base.commit)]
    if from_ is None:
        expected.append(ProductionAt(context.product.repo, context.product.name, base.name))
    plan = Plan(
        actions=_actions(
            workspace,
            context,
            records=records,
            record=record,
            facts=facts,
            base=base,
            is_new=said is None,
            begun=begun,
        ),
        expects=(*context.expected(facts), *expected),
        notes=tuple(notes),
        warnings=tuple(warnings),
        step=HotfixStep("start", facts.product, facts.version, facts.calls),
    )
    return Start(sharing(context, plan), context, record, facts, tip is not None)


def require_recent(
    context: HotfixContext, said: Declaration, now: dt.datetime, *, is_there: bool, is_same: bool
) -> None:
    """Refuse to continue a hotfix that was declared long ago, or whose branch is gone.

    A start that was interrupted a moment ago goes on, with what was said then.

    Args:
        context: its repository, with the commands for this hotfix.
        said: what was declared.
        now: the present moment.
        is_there: whether its branch is here.
        is_same: whether the same is declared again.

    Raises:
        Conflict: so it is.
    """
    if (is_there or is_same) and now - said.started < _STALE:
        return
    where = "is here" if is_there else "is neither here nor on the remote"
    issue = f"{said.severity.name}: {one_line(said.issue)}"
    other = f"if this is another fault: {context.calls.hotfix('abandon', '--reason TEXT')}; then start again"
    raise Conflict(
        f"{said.branch} {where}, and was declared {at(said.started)} ({issue}): it is not continued unasked; "
        "nothing was changed",
        hint=f"to go on with it: {context.calls.hotfix('status')}; {other}" if is_there else other,
    )


_STALE = dt.timedelta(days=1)


def _left(context: HotfixContext, facts: Facts) -> str:
    """Warn of commits that an abandoned hotfix has left on its branch."""
    named = listed([f"{commit.id[:12]} {one_line(commit.subject)}" for commit in facts.commits], 3)
    branch, base = facts.branch, facts.base.name if facts.base else ""
    aside = f"{context.git} branch --move {shell_word(branch)} {shell_word(f'{branch}-abandoned')}"
    anew = f"{context.git} switch --create {shell_word(branch)} {shell_word(base)}"
    return (
        f"{branch} still has what the abandoned hotfix has left: {named}; to start from {base} instead, "
        f"rename the branch and make it again: {aside} && {anew}"
    )


def _actions(
    workspace: Opened,
    context: HotfixContext,
    *,
    records: Records,
    record: Record,
    facts: Facts,
    base: TagState,
    is_new: bool,
    begun: tuple[str, ...],
) -> tuple[Action, ...]:
    """Give what is left to do: continue an interrupted start, and keep its record."""
    repo, root, branch = context.product.repo, context.shown_root, HEADS + facts.branch
    found: list[Action] = []

    def keep(name: str, text: str) -> None:
        before = records.store.read(name)
        if text != before:
            found.append(WriteRecord(repo, name, before, text))

    # Before the switch, which may remove the file: otherwise an interrupted start cannot be continued.
    if workspace.source is not None:
        home = relative(os.path.dirname(workspace.source), context.repository.root)
        if home.split("/")[0] != ".." and not os.path.isabs(home):
            keep(config_name(record), config_text(facts.branch, workspace.config, home))
    if facts.tip is None:
        found.append(CreateBranch(repo, branch, base.commit, base.name, root))
    elif context.repository.branch != branch:
        found.append(SwitchBranch(repo, branch, root, begun))
    if is_new:
        found.append(records.writing(repo, record))
    filled = values(facts, record, context.catalog, context.settings)
    keep(records.template_name(record.version), render("commit", filled, context.settings.texts))
    return tuple(found)


def find_base(
    context: HotfixContext, state: ProductState, from_: str | None, differing: tuple[str, ...]
) -> TagState:
    """Find the production tag that a hotfix starts from: the highest, or the one that is named.

    Raises:
        Conflict: there is none, it cannot be read, or the remote has another tag of that name.
        Unsupported: the clone is shallow, so that the highest may be missing.
    """
    name = state.product.name
    if from_ is not None:
        base = next((tag for tag in state.tags if tag.name == from_.removeprefix(TAGS)), None)
        if base is None or not releases.is_production(base):
            raise Conflict(
                f"{quoted(from_)} is no production tag of {name}",
                hint=f"the tags of {name} are listed by: {context.calls.other('history')}",
            )
    else:
        if state.repo.shallow:
            raise Unsupported(
                f"{state.repo.clone} is shallow: the newest production tag may be missing",
                path=state.repo.root,
                hint=f"{context.git} fetch --tags --unshallow",
            )
        if state.repo.untagged:
            raise Unsupported(
                f"{state.repo.clone} was made without tags, so what was released is not known",
                path=state.repo.root,
                hint=f"{context.git} fetch --tags",
            )
        base = releases.highest(state.tags)
        if base is None:
            raise Conflict(
                f"{name} has no production tag, so there is nothing to fix in production",
                hint="tag what is in production, or name another product",
            )
    if not base.commit:
        raise Conflict(
            f"the production tag {base.name} cannot be read: it names no commit that is here",
            hint=f"{context.git} fsck shows what is broken; fetch the tag again",
        )
    if base.name in differing:
        raise Conflict(
            f"the tag {base.name} is not the same here and on the remote",
            hint=f"find out which is right: {context.git} show {shell_word(base.name)}; a release that "
            "is out keeps its tag",
        )
    return base
