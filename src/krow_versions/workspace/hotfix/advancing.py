"""The next step of a hotfix: the plan of version and CHANGELOG, and what only people can do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.errors import Conflict
from krow_versions.hotfix import form_of, main_fix, own_paths
from krow_versions.planning.actions import Commit, WriteFile
from krow_versions.planning.plan import HotfixStep, Plan
from krow_versions.text.escaping import one_line, shell_comment
from krow_versions.values import evolve

if TYPE_CHECKING:
    from krow_versions.hotfix import HotfixState, Step
    from krow_versions.workspace.hotfix.context import HotfixContext
    from krow_versions.workspace.protocols import Opened


def plan_version(workspace: Opened, context: HotfixContext, seen: HotfixState, step: Step) -> Plan:
    """Plan steps 4 and 5 at once: version files, CHANGELOG row, and a commit of exactly these files.

    The text of the row is the subject of the fix; what is changed already is committed, too.

    Raises:
        Conflict: the branch is not checked out, or there is nothing that could be changed.
        KrowVersionsError: as :meth:`Workspace.plan_bump`.
    """
    facts, repo = seen.facts, context.product.repo
    if not facts.checked_out:
        raise by_people(step)
    bump = workspace.plan_bump(facts.product)
    fix = main_fix(facts)
    if all(each.changelog is None for each in bump.products) and facts.state.changelog and fix:
        text = form_of(facts, fix).issue or fix.subject
        bump = workspace.plan_bump(facts.product, message=one_line(text))
    written = [each.path for each in bump.actions if isinstance(each, WriteFile) and each.repo == repo]
    paths = {*written, *own_paths(facts).intersection(facts.dirty)}
    if not paths:
        raise by_people(step)
    message = f"chore: version {facts.version}\n"
    commit = Commit(repo, tuple(sorted(paths)), message, context.shown_root)
    return evolve(
        bump,
        actions=(*bump.actions, commit),
        expects=(*bump.expects, *context.expected(facts)),
        step=HotfixStep("next", facts.product, facts.version, facts.calls),
    )


def by_people(step: Step) -> Conflict:
    """Give the error for a step that only a person can do."""
    until = shell_comment(step.until) if step.until else ""
    return Conflict(
        f"step {step.number}, {step.title}: {step.why}; nothing was done", hint=f"{step.command}{until}"
    )
