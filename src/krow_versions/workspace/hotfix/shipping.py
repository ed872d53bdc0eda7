"""The plan of a pull request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.errors import Conflict
from krow_versions.hotfix import failed, render, values
from krow_versions.names import HEADS
from krow_versions.planning.actions import Push, PushedRef, RunProgram
from krow_versions.planning.plan import HotfixStep, Plan
from krow_versions.text.escaping import shell_word
from krow_versions.text.words import by_number, counted
from krow_versions.workspace.programs import is_here

if TYPE_CHECKING:
    from krow_versions.hotfix import HotfixState
    from krow_versions.planning.actions import Action
    from krow_versions.workspace.hotfix.context import HotfixContext


def pull_request(context: HotfixContext, seen: HotfixState) -> tuple[str, str]:
    """Give title and body of the pull request."""
    filled = values(seen.facts, seen.record, context.catalog, context.settings)
    title, body = (render(name, filled, context.settings.texts) for name in ("pr_title", "pr_body"))
    return title.strip(), body


def plan_pr(context: HotfixContext, seen: HotfixState) -> Plan:
    """Plan to push the branch of a hotfix and to open its pull request with ``gh``.

    Without ``gh`` or without a remote, opening it is left to people.

    Raises:
        Conflict: there is no branch.
    """
    facts, name, settings = seen.facts, context.product.name, context.settings
    if facts.tip is None:
        raise Conflict(f"there is no branch {facts.branch}", hint=f"krow-versions hotfix start {name}")
    repo, root, branch = context.product.repo, context.shown_root, HEADS + facts.branch
    title, body = pull_request(context, seen)
    argv = ("gh", "pr", "create", "--base", facts.main_name, "--head", facts.branch, "--title", title)
    opening = RunProgram(repo, (*argv, "--label", settings.label, "--body", body), "review", root)
    actions: list[Action] = []
    by_hand: tuple[Action, ...] = ()
    notes = []
    if context.remote is not None and not facts.branch_pushed:
        refused = "nothing was pushed; when it was pushed before, and amended or rebased since: "
        refused += f"{context.git} push --force-with-lease {context.remote} {shell_word(facts.branch)}, "
        refused += "then run it again"
        actions.append(Push(repo, context.remote, (PushedRef(branch, facts.tip),), refused, root=root))
    if not seen.is_ticked("review"):
        if context.remote is not None and is_here("gh"):
            actions.append(opening)
        else:
            by_hand = (opening,)
            ticking = f"krow-versions hotfix status {name} --done review"
            notes.append(
                f"there is no gh program here: open the pull request with the text above, then: {ticking}"
                if context.remote is not None
                else f"there is no remote {settings.remote} here: have it reviewed with the text above, "
                f"then: {ticking}"
            )
    wrong = len(failed(seen.gates))
    gates = f"{counted(wrong, 'gate')} {by_number(wrong, 'fails', 'fail')}"
    return Plan(
        actions=tuple(actions),
        by_hand=by_hand,
        expects=context.expected(facts),
        notes=tuple(notes),
        warnings=(f"{gates}: krow-versions hotfix check {name} says what to do",) if wrong else (),
        step=HotfixStep("pr", facts.product, facts.version),
    )
