"""The branch that a pull request is of: that of the hotfix, or where main has moved on one with the merge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.errors import Conflict
from krow_versions.names import HEADS
from krow_versions.planning.actions import Push, PushedRef
from krow_versions.text.escaping import shell_word
from krow_versions.values import evolve, frozen
from krow_versions.workspace.hotfix.merging import merge_message, plan_merge

if TYPE_CHECKING:
    from krow_versions.hotfix import HotfixState
    from krow_versions.planning.actions import Action
    from krow_versions.workspace.hotfix.context import HotfixContext


@frozen
class Requested:
    """The branch that a pull request is of.

    Attributes:
        branch: its short name.
        actions: what makes and pushes it; empty if it is the branch of the hotfix, or is there already.
        notes: why it is not the branch of the hotfix.
        warnings: those of the merge.
    """

    branch: str
    actions: tuple[Action, ...] = ()
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def plan_request(context: HotfixContext, seen: HotfixState) -> Requested:
    """Find the branch that the pull request is of, and plan to push it.

    Where the server would merge the branch of the hotfix with conflicts in version files and CHANGELOG, or
    with a build that has shipped, the pull request holds the merge; so it does where people made it here.

    Raises:
        Conflict: a person must merge; or the server has a branch of that name that lacks the hotfix.
        GitError: git failed.
    """
    facts, remote, main = seen.facts, context.remote, seen.facts.main_name
    plain = Requested(facts.branch)
    if remote is None or facts.newer or facts.undone or facts.main is None or facts.main_there is None:
        return plain
    branch = context.request(facts.version).removeprefix(HEADS)
    held = (f"{main} has moved on: the pull request is of {branch}, which holds the merge",)

    def pushed(source: str, *before: Action, warnings: tuple[str, ...] = ()) -> Requested:
        push = Push(
            context.product.repo, remote, (PushedRef(HEADS + branch, source),), root=context.shown_root
        )
        return Requested(branch, (*before, push), held, warnings)

    if facts.merged and facts.main != facts.main_there:  # By people, in main of this clone.
        return Requested(branch, (), held) if facts.requested == facts.main else pushed(facts.main)
    if facts.merged or not facts.behind or facts.tip is None or context.repository.shallow:
        return plain
    if facts.requested is not None and not facts.requested_whole:
        raise Conflict(
            f"{remote} has a branch {branch} that lacks commits of {facts.branch}; nothing was changed",
            hint="close its pull request, delete that branch on the server, and run this again",
        )
    try:
        merge = plan_merge(
            context,
            facts,
            merge_message(context, seen, main),
            line=main,
            ours=facts.main_there,
            theirs=facts.requested or facts.tip,
        )
    except Conflict as error:
        error.hint = _by_hand(context, branch, main, facts.requested or facts.tip)
        raise
    if not merge.action.files:  # The server merges it like that.
        return plain if facts.requested is None else Requested(branch, (), held)
    return pushed(
        merge.action.result,
        evolve(merge.action, if_conflict=_by_hand(context, branch, main, facts.requested or facts.tip)),
        warnings=merge.warnings,
    )


def _by_hand(context: HotfixContext, branch: str, main: str, theirs: str) -> str:
    """Give what a person types to make the branch with the merge."""
    git, name, there = context.git, shell_word(branch), shell_word(f"{context.remote}/{main}")
    return (
        f"merge it by hand: {git} switch --no-track -c {name} {there} && "
        f"{git} merge --no-ff {theirs[:12]}; keep what both sides changed, {git} commit --all, "
        f"{git} push {shell_word(str(context.remote))} {name}, and run this again"
    )
