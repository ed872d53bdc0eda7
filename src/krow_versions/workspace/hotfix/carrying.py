"""Bring a hotfix that has shipped to lines that ship later: which lack it, and the plan for one of them."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from krow_versions import git
from krow_versions.containment import Standing
from krow_versions.errors import Conflict, GitError, GitMissing
from krow_versions.hotfix import require_fetched
from krow_versions.names import HEADS, TAGS
from krow_versions.planning.actions import FastForward, Push, PushedRef
from krow_versions.planning.commands import DECLARING
from krow_versions.planning.expectations import RefAt
from krow_versions.planning.plan import HotfixStep, Plan, Waiting
from krow_versions.settings import PULL_REQUEST
from krow_versions.text.escaping import quoted, shell_word
from krow_versions.values import evolve
from krow_versions.workspace import later_lines
from krow_versions.workspace.containment import Question, own_files, standings
from krow_versions.workspace.hotfix.merging import merge_message, plan_merge
from krow_versions.workspace.revisions import below_top

if TYPE_CHECKING:
    from krow_versions.containment import Answer
    from krow_versions.hotfix import Facts, HotfixState
    from krow_versions.planning.actions import Action
    from krow_versions.workspace.hotfix.context import HotfixContext


def lacking(context: HotfixContext, facts: Facts) -> list[str]:
    """Say which lines that ship later lack a hotfix, as they were last fetched, with the command for each.

    These are main, if it is an older line; the branches of ``[hotfix] lines``; the highest production tag.
    """
    shipped = facts.tag_at if facts.finished else facts.tip
    commits: dict[str, str] = {}
    if facts.newer is not None and facts.main is not None and not facts.merged:
        commits[facts.main_name] = facts.main
    prefix = context.tracked(HEADS) if context.remote else HEADS
    for ref in git.branches(context.repository, [prefix]) if context.settings.lines else ():
        name = later_lines.line_of(context.settings, ref.ref)
        if name is not None and ref.commit and name != facts.main_name:
            commits[name] = ref.commit
    newest = facts.newer.commit if facts.newer else ""
    wanted = [*commits.values(), *([newest] if newest else [])]
    if shipped is None or not wanted or context.repository.shallow:
        return []
    found = _answers(context, facts, shipped, wanted)
    calls = evolve(facts.calls, version=str(facts.version))  # Typed when it is over here.
    said = [
        f"{name} lacks {facts.version}: {calls.hotfix('finish', f'--carry-to {shell_word(name)}')}"
        for name, commit in commits.items()
        if not found[commit].contained
    ]
    if facts.newer is not None and not found[newest].contained:
        start = facts.calls.start(f"--from {shell_word(facts.newer.name)} {DECLARING}")
        said.append(f"{facts.newer.name}, in production, lacks {facts.version}, too: {start}")
    return said


def plan_carry(context: HotfixContext, seen: HotfixState, line: str, *, fetch: bool) -> Plan:
    """Plan to bring a hotfix that has shipped to a branch of the server; no tag is made.

    Args:
        context: the repository of the product.
        seen: the hotfix.
        line: the name of the branch, short or full, or with the name of the remote before it.
        fetch: whether to fetch the branch first.

    Raises:
        Conflict: it is not tagged and pushed; there is no such branch; the branch has undone it; a merge
            would bring more than the fix, or needs a person.
        GitError: git failed, or the remote cannot be fetched from.
    """
    facts = seen.facts
    context = evolve(context, main_name=facts.main_name)
    name, remote = _short(context, line), context.remote
    finish = facts.calls.hotfix("finish")
    require_fetched(facts)
    if not facts.finished or facts.tag_at is None or (remote is not None and facts.tag_pushed is not True):
        raise Conflict(
            f"{facts.version} has not shipped, and what has not is carried nowhere; nothing was changed",
            hint=f"{finish} ships it; then run this again",
        )
    there, carried = _fetched(context, facts, name, fetch=fetch)
    answer = _answers(context, facts, facts.tag_at, [there])[there]
    moved = not fetch and _has_moved(context, name, there)
    plan = Plan(
        step=HotfixStep("finish", facts.product, facts.version, facts.calls),
        warnings=(moved_since(context, name),) if moved else (),
    )
    if answer.contained:
        return evolve(plan, notes=(f"{name} contains {facts.version}: nothing to do",))
    if answer.standing is Standing.REVERTED:
        by = f" with {answer.undone_by[:12]}" if answer.undone_by else ""
        raise Conflict(
            f"{name} had {facts.version}, and has undone it{by}; nothing was changed",
            hint=f"decide with those who undid it; {context.git} revert of that on {shell_word(name)} brings "
            "it back",
        )
    _require_only_the_fix(context, facts, name, there)
    actions: list[Action] = []
    source = facts.tag_at
    warnings = plan.warnings
    if git.count(context.repository, facts.tag_at, there):
        merge = plan_merge(
            context,
            facts,
            merge_message(context, seen, name),
            line=name,
            ours=there,
            theirs=facts.tag_at,
            patch_only=name != facts.main_name,
        )
        actions.append(merge.action)
        source, warnings = merge.action.result, (*warnings, *merge.warnings)
    plan = evolve(plan, warnings=warnings)
    branch = _branch(context, facts, name)
    expects = (*context.expected(facts), RefAt(context.product.repo, _ref(context, name), there))
    if remote is not None and context.settings.merge == PULL_REQUEST:
        push = Push(
            context.product.repo, remote, (PushedRef(HEADS + branch, source),), root=context.shown_root
        )
        why = f"{name} changes by pull requests only, and that of {branch} is not merged"
        creating = f"gh pr create --base {shell_word(name)} --head {shell_word(branch)} --fill"
        return evolve(
            plan,
            actions=() if carried else (*actions, push),
            expects=expects,
            waiting=Waiting(why, f"{creating} opens it, if there is none yet; people merge it"),
        )
    if remote is not None:
        declined = (
            f'{name} takes no pushes: set merge = "pull-request" in [hotfix] and run this again: it pushes '
            f"{branch} for a pull request; or let the server take the push"
        )
        pushed = (PushedRef(HEADS + name, source),)
        actions.append(
            Push(context.product.repo, remote, pushed, if_declined=declined, root=context.shown_root)
        )
    here = git.resolve(context.repository, HEADS + name)
    if here is not None and (here == there or git.is_ancestor(context.repository, here, there)):
        is_here = facts.state.repo.branch == name
        actions.append(
            FastForward(
                context.product.repo,
                HEADS + name,
                before=here,
                after=source,
                checked_out=is_here,
                required=remote is None,
                root=context.shown_root,
            )
        )
    return evolve(plan, actions=tuple(actions), expects=expects)


def moved_since(context: HotfixContext, name: str) -> str:
    """Warn of a plan that was made without a fetch, while the remote has something newer."""
    return (
        f"{context.remote}'s {name} has moved since the last fetch: a run that fetches first may do "
        "something else"
    )


def _has_moved(context: HotfixContext, name: str, there: str) -> bool:
    """Whether the remote, if it answers, has a line at another commit."""
    if context.remote is None:
        return False
    with contextlib.suppress(GitError):
        refs = git.remote_refs(context.repository, context.remote, [HEADS + name])
        return HEADS + name in refs and refs[HEADS + name].object_id != there
    return False


def _short(context: HotfixContext, line: str) -> str:
    """Give the short name of a branch."""
    for prefix in (HEADS, f"refs/remotes/{context.remote}/", f"{context.remote}/"):
        if line.startswith(prefix):
            return line.removeprefix(prefix)
    return line


def _ref(context: HotfixContext, name: str) -> str:
    return context.tracked(HEADS + name) if context.remote else HEADS + name


def _branch(context: HotfixContext, facts: Facts, line: str) -> str:
    """Give the name of the branch that brings a hotfix to a line by a pull request."""
    return f"carry/{line}/{facts.branch.removeprefix(f'{context.catalog.branch.home}/')}"


def _fetched(context: HotfixContext, facts: Facts, name: str, *, fetch: bool) -> tuple[str, bool]:
    """Give the commit of a line, and whether the branch of its pull request has the fix already."""
    remote, repository = context.remote, context.repository
    carried = HEADS + _branch(context, facts, name)
    if remote is not None and fetch:
        try:
            refs = git.ask_remote(repository, remote, [HEADS + name, carried], reach=git.Reach.ACT).refs
            git.fetch(repository, remote, [*refs])
        except GitMissing:
            raise
        except GitError as error:
            error.advise("try again, or with fetch=False, to use what is known of the remote here")
            raise
        found = HEADS + name in refs
    else:
        found = True
    there = git.resolve(repository, _ref(context, name)) if found else None
    if there is None:
        where = f"{remote} has" if remote else "there is"
        raise Conflict(
            f"{where} no branch {quoted(name)}; nothing was changed",
            hint=f"{context.git} branch --list --all shows those that there are",
        )
    pushed = git.resolve(repository, _ref(context, carried.removeprefix(HEADS))) if remote else None
    return there, pushed is not None and git.is_ancestor(repository, str(facts.tag_at), pushed)


def _answers(context: HotfixContext, facts: Facts, shipped: str, lines: list[str]) -> dict[str, Answer]:
    """Ask which lines contain a hotfix."""
    base = facts.base.commit if facts.base else None
    graph = git.read_graph(context.repository.root, [shipped, *lines, *([base] if base else [])])
    prefix = below_top(context.repository, facts.state.repo.root)
    own = own_files(context.product, context.product.repo, prefix, facts.state.pins)
    questions = {line: Question(shipped, line, base, own) for line in lines}
    found = standings(context.repository, graph, questions.values())
    return {line: found[question] for line, question in questions.items()}


def _require_only_the_fix(context: HotfixContext, facts: Facts, name: str, there: str) -> None:
    """Refuse a line that lacks what the hotfix was started from: a merge would bring that, too."""
    base = facts.base
    if base is not None and base.commit and not git.is_ancestor(context.repository, base.commit, there):
        graph = git.read_graph(context.repository.root, [base.commit, there])
        prefix = below_top(context.repository, facts.state.repo.root)
        own = own_files(context.product, context.product.repo, prefix, facts.state.pins)
        question = Question(base.commit, there, own=own, whole=True)
        if standings(context.repository, graph, [question])[question].contained:
            return
        tag = context.tag(facts).removeprefix(TAGS)
        raise Conflict(
            f"{name} lacks {base.name}, from which {tag} was started: a merge would bring more than the fix; "
            "nothing was changed",
            hint=f"start a hotfix of that line: {facts.calls.start(f'--from TAG {DECLARING}')}, with "
            f"its newest production tag, then {context.git} cherry-pick -x COMMIT",
        )
