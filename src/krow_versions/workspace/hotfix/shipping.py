"""Plans of the steps that ship a hotfix: the pull request, and the merge with its tag."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from krow_versions import git
from krow_versions.errors import Conflict, RefConflict
from krow_versions.hotfix import failed, render, values, ways_out
from krow_versions.names import HEADS, TAGS
from krow_versions.planning.actions import FastForward, Push, PushedRef, RefAt, RunProgram, Tag, git_in
from krow_versions.planning.plan import HotfixStep, Plan
from krow_versions.text.escaping import quoted_whole, shell_word
from krow_versions.text.words import by_number, counted, listed
from krow_versions.workspace.programs import is_here

if TYPE_CHECKING:
    from krow_versions.hotfix import Facts, Gate, HotfixState
    from krow_versions.planning.actions import Action, HeadAt
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
    argv = ("gh", "pr", "create", "--base", settings.main, "--head", facts.branch, "--title", title)
    opening = RunProgram(repo, (*argv, "--label", settings.label, "--body", body), "review", root)
    actions: list[Action] = []
    by_hand: tuple[Action, ...] = ()
    notes = []
    if context.remote is not None and not facts.branch_pushed:
        refused = "nothing was pushed; when it was pushed before, and amended or rebased since: "
        refused += f"{context.git} push --force-with-lease {context.remote} {shell_word(facts.branch)}, "
        refused += "then run it again"
        actions.append(Push(repo, context.remote, (PushedRef(branch, facts.tip),), refused, root))
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


def plan_finish(context: HotfixContext, seen: HotfixState, *, release: bool) -> Plan:
    """Plan what is left to do until a hotfix is merged, tagged and pushed.

    Args:
        context: the repository of the product.
        seen: the hotfix.
        release: whether to make the GitHub Release as well, if ``gh`` is there; else it is left to people.

    Raises:
        Conflict: a gate fails, or main has moved on; nothing was changed.
        RefConflict: the tag is there already, but lightweight, or names something else; or the remote's
            main has what this clone's main lacks; or there is no remote, and main here cannot move.
    """
    facts = seen.facts
    tag, repo = context.tag(facts.version), context.product.repo
    _require_own_tag(context, seen)
    commit = _commit(context, seen)
    lines = _Lines.of(context, facts, commit)
    pushed = _pushed(context, facts, lines)
    filled = values(facts, seen.record, context.catalog, context.settings)
    root = context.shown_root
    actions: list[Action] = []
    if facts.tag is None:
        message = render("tag_message", filled, context.settings.texts)
        actions.append(Tag(repo, tag, commit, message, root))
    if pushed:
        actions.append(Push(repo, str(context.remote), pushed, root=root))
    warnings = _warnings(context, seen)
    forward = _forward(context, facts, lines)
    elsewhere = lines.here.checked_out if lines.here and forward and not forward.checked_out else None
    if elsewhere is not None and context.remote is not None:
        where = f"it is checked out in {quoted_whole(elsewhere)}; later: {git_in(elsewhere)} pull"
        warnings.append(f"{context.settings.main} here was not brought forward: {where}")
    elif forward is not None:
        if forward.required:
            _require_movable(context, forward, elsewhere)
        actions.append(forward)
    by_hand: tuple[Action, ...] = ()
    if context.remote is not None and not seen.is_ticked("github-release"):
        name = tag.removeprefix(TAGS)
        argv = ("gh", "release", "create", name, "--verify-tag", "--title", name, "--notes")
        notes = render("release_notes", filled, context.settings.texts)
        made = RunProgram(repo, (*argv, notes), "github-release", root)
        actions += [made] if release and is_here("gh") else []
        by_hand = () if made in actions else (made,)
    return Plan(
        actions=tuple(actions),
        by_hand=by_hand,
        expects=_expected(context, facts, lines),
        warnings=tuple(warnings),
        step=HotfixStep("finish", facts.product, facts.version),
    )


@attrs.frozen
class _Lines:
    """The commits of main now, here and on the remote, and its commit after the hotfix is finished.

    Attributes:
        here: the main branch of this clone, or None when there is none.
        there: the commit of the remote's main as last seen, or None.
        target: the commit of main after that: the tagged one, or a newer one that contains it.
    """

    here: git.Ref | None
    there: str | None
    target: str

    @classmethod
    def of(cls, context: HotfixContext, facts: Facts, commit: str) -> _Lines:
        """Read them from git; ancestry that *facts* already hold is not computed again."""
        names = [context.main, *([context.tracked_main] if context.remote else [])]
        found = git.read_refs(context.repository, names)
        there = found.get(context.tracked_main)
        main = facts.main or _newest_main(context)
        contained = facts.merged or (
            main is not None and not facts.commits and git.is_ancestor(context.repository, commit, main)
        )
        target = main if main is not None and contained else commit
        return cls(found.get(context.main), there.commit if there else None, target)

    def contains(self, context: HotfixContext, facts: Facts, older: str) -> bool:
        """Whether *target* contains *older*: a commit of main now, here or on the remote."""
        if older == facts.main and self.target == facts.tip:
            return facts.behind == 0
        return older == self.target or git.is_ancestor(context.repository, older, self.target)


def _commit(context: HotfixContext, seen: HotfixState) -> str:
    """Give the commit to tag; refuse when a gate fails."""
    facts, main = seen.facts, context.settings.main
    commit = facts.tag_at if facts.finished else facts.tip
    if commit is None:
        raise Conflict(
            f"there is no branch {facts.branch}, and no tag of {facts.version}",
            hint=f"krow-versions hotfix start {facts.product}",
        )
    if not facts.finished:
        _require_gates(facts, seen.gates, main)
    elif not (facts.merged or facts.main_pushed):  # Tagged by a run that was interrupted.
        _require_gates(facts, tuple(gate for gate in seen.gates if gate.id == "main"), main)
    return commit


def _pushed(context: HotfixContext, facts: Facts, lines: _Lines) -> tuple[PushedRef, ...]:
    """Give the refs that the remote lacks; refuse when main here lacks commits of the remote's main."""
    if context.remote is None:
        return ()
    tag = context.tag(facts.version)
    pushed = []
    if not facts.main_pushed:
        if lines.there is not None and not lines.contains(context, facts, lines.there):
            lacking = git.count(context.repository, lines.target, lines.there)
            what = f"{counted(lacking, 'commit')} that {by_number(lacking, 'is', 'are')}"
            main = context.settings.main
            raise RefConflict(
                f"{context.remote}/{main} has {what} not in {lines.target[:12]}; nothing was changed",
                hint=f"{context.git} switch {shell_word(main)} && {context.git} merge "
                f"{shell_word(f'{context.remote}/{main}')}, then run it again",
            )
        pushed.append(PushedRef(context.main, lines.target))
    if not facts.tag_pushed:
        pushed.append(PushedRef(tag, facts.tag_object or tag))
    return tuple(pushed)


def _forward(context: HotfixContext, facts: Facts, lines: _Lines) -> FastForward | None:
    """Give the fast-forward of main here, if it is behind."""
    here = lines.here
    if here is None or not here.commit or here.commit == lines.target:
        return None
    if not lines.contains(context, facts, here.commit):
        return None
    return FastForward(
        context.product.repo,
        context.main,
        before=here.commit,
        after=lines.target,
        checked_out=facts.state.repo.branch == context.settings.main,
        required=context.remote is None,
        root=context.shown_root,
    )


def _require_movable(context: HotfixContext, forward: FastForward, elsewhere: str | None) -> None:
    """Refuse a main that is checked out elsewhere, or here with changed files: it could not be moved."""
    main = context.settings.main
    if elsewhere is not None:
        raise RefConflict(
            f"{main} is checked out in {quoted_whole(elsewhere)}, and moves only there; nothing was changed",
            hint="run it there, or switch that working tree to another branch",
        )
    changed = git.changed_paths(context.repository).tracked if forward.checked_out else ()
    if changed:
        raise Conflict(
            f"{main} is checked out, and files differ from HEAD: {listed(changed)}; nothing was changed",
            hint=f"commit them, or put them aside: {context.git} stash, and {context.git} stash pop when "
            "the hotfix is out",
        )


def _expected(context: HotfixContext, facts: Facts, lines: _Lines) -> tuple[HeadAt | RefAt, ...]:
    here = RefAt(context.product.repo, context.main, lines.here.commit if lines.here else None)
    there = RefAt(context.product.repo, context.tracked_main, lines.there)
    return (*context.expected(facts), here, *([there] if context.remote else []))


def _warnings(context: HotfixContext, seen: HotfixState) -> list[str]:
    found = [
        f"the tag {tag} is not the same here and on {context.remote}; ours was kept" for tag in seen.differing
    ]
    if seen.facts.tag is None and seen.record is not None and not seen.is_ticked("approval"):
        ticking = f"krow-versions hotfix status {context.product.name} --done approval"
        found.append(f"nobody has ticked that it is approved: {ticking}")
    return found


def _require_gates(facts: Facts, gates: tuple[Gate, ...], main: str) -> None:
    wrong = failed(gates)
    if any(gate.id == "main" for gate in wrong):
        lacking = f"{counted(facts.behind, 'commit')} {by_number(facts.behind, 'is', 'are')}"
        moved = Conflict(
            f"{main} has moved on: {lacking} not in {facts.branch}; nothing was changed",
            hint="there are two ways out, each with its cost:",
        )
        for number, (way, cost) in enumerate(ways_out(facts, main), start=1):
            moved.add_note(f"    {number}. {way}\n       cost: {cost}")
        raise moved
    if wrong:
        why = "; ".join(dict.fromkeys(gate.found for gate in wrong))
        raise Conflict(
            f"the hotfix is not ready, and nothing was changed: {why}",
            hint=f"what to do about each: krow-versions hotfix check {facts.product}",
        )


def _require_own_tag(context: HotfixContext, seen: HotfixState) -> None:
    """Refuse a tag of that name that is lightweight, names another commit, or differs on the remote."""
    facts = seen.facts
    name = context.tag(facts.version).removeprefix(TAGS)
    if name in seen.differing:
        raise RefConflict(
            f"the tag {name} is not the same here and on {context.remote}; it is never moved, and nothing "
            "was changed",
            hint=f"the one there may be out already: if so, {context.git} tag --delete {shell_word(name)} "
            "forgets the one here",
        )
    if facts.tag is None or (facts.finished and facts.tag_annotated):
        return
    where = f"at {facts.tag_at}, not at {facts.tip}" if not facts.finished else "a lightweight one"
    raise RefConflict(
        f"the tag {name} is there already: {where}; it is never moved, and nothing was changed",
        hint=f"see who made it: {context.git} show {shell_word(name)}; if it was never pushed, "
        f"delete it and run this again; else {facts.version} is taken, and the fix needs the next version",
    )


def _newest_main(context: HotfixContext) -> str | None:
    """Give the newer of main here and main as last seen on the remote; main here if they have diverged."""
    here = git.resolve(context.repository, context.main)
    there = git.resolve(context.repository, context.tracked_main) if context.remote else None
    if here is None or there is None:
        return here or there
    return there if git.is_ancestor(context.repository, here, there) else here
