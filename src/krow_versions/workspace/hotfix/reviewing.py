"""Having a hotfix reviewed: its branch pushed, its pull request opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.errors import Conflict
from krow_versions.hotfix import failed, render, values
from krow_versions.names import HEADS
from krow_versions.planning.actions import Push, PushedRef, RunProgram
from krow_versions.planning.plan import Plan
from krow_versions.text.escaping import shell_word
from krow_versions.text.words import by_number, counted
from krow_versions.workspace.hotfix.planned import expected, shown_root, step_of
from krow_versions.workspace.programs import is_here

if TYPE_CHECKING:
    from krow_versions.hotfix import HotfixState
    from krow_versions.planning.actions import Action
    from krow_versions.workspace.hotfix.gathering import HotfixContext
    from krow_versions.workspace.protocols import Opened


def pull_request(workspace: Opened, place: HotfixContext, seen: HotfixState) -> tuple[str, str]:
    """Write title and body of the pull request."""
    said = values(seen.facts, seen.record, workspace.catalog, place.settings)
    title, body = (render(name, said, place.settings.texts) for name in ("pr_title", "pr_body"))
    return title.strip(), body


def plan_pr(workspace: Opened, place: HotfixContext, seen: HotfixState) -> Plan:
    """Plan to push the branch of a hotfix, and to open its pull request with ``gh``.

    Where there is no ``gh``, or nowhere to push to, that is left to people.

    Raises:
        Conflict: there is no branch.
    """
    facts, name, settings = seen.facts, place.product.name, place.settings
    if facts.tip is None:
        raise Conflict(f"there is no branch {facts.branch}", hint=f"krow-versions hotfix start {name}")
    repo, root, branch = place.product.repo, shown_root(workspace, place), HEADS + facts.branch
    title, body = pull_request(workspace, place, seen)
    argv = ("gh", "pr", "create", "--base", settings.main, "--head", facts.branch, "--title", title)
    opening = RunProgram(repo, (*argv, "--label", settings.label, "--body", body), "review", root)
    actions: list[Action] = []
    by_hand: tuple[Action, ...] = ()
    notes = []
    if place.remote is not None and not facts.branch_pushed:
        git = f"git -C {shell_word(root)}" if root else "git"
        refused = "nothing was pushed; when it was pushed before, and amended or rebased since: "
        refused += f"{git} push --force-with-lease {place.remote} {facts.branch}, then run it again"
        actions.append(Push(repo, place.remote, (PushedRef(branch, facts.tip),), refused, root))
    if not seen.is_ticked("review"):
        if place.remote is not None and is_here("gh"):
            actions.append(opening)
        else:
            by_hand = (opening,)
            ticking = f"krow-versions hotfix status {name} --done review"
            notes.append(
                f"there is no gh program here: open the pull request with the text above, then: {ticking}"
                if place.remote is not None
                else f"there is no remote {settings.remote} here: have it reviewed with the text above, "
                f"then: {ticking}"
            )
    wrong = len(failed(seen.gates))
    gates = f"{counted(wrong, 'gate')} {by_number(wrong, 'fails', 'fail')}"
    return Plan(
        actions=tuple(actions),
        by_hand=by_hand,
        expects=expected(place, facts),
        notes=tuple(notes),
        warnings=(f"{gates}: krow-versions hotfix check {name} says what to do",) if wrong else (),
        step=step_of("pr", facts),
    )
