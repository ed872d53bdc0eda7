"""The plan that finishes a hotfix: what is left to do until main has it, and it is tagged and pushed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions import git
from krow_versions.config import FILE_NAME
from krow_versions.errors import Conflict, RefConflict
from krow_versions.hotfix import (
    Case,
    difference,
    failed,
    land,
    render,
    undone,
    undone_hint,
    unfetched,
    values,
)
from krow_versions.names import HEADS, TAGS
from krow_versions.planning.actions import FastForward, Push, PushedRef, Tag
from krow_versions.planning.commands import git_in
from krow_versions.planning.expectations import RefAt
from krow_versions.planning.plan import HotfixStep, Plan, Waiting
from krow_versions.settings import PUSH
from krow_versions.text.escaping import quoted, quoted_whole, shell_word
from krow_versions.text.words import by_number, counted, listed
from krow_versions.values import evolve
from krow_versions.workspace.hotfix.carrying import lacking, moved_since
from krow_versions.workspace.hotfix.merging import merge_message, plan_merge
from krow_versions.workspace.hotfix.releasing import plan_release
from krow_versions.workspace.hotfix.reviewing import no_branch

if TYPE_CHECKING:
    from krow_versions.hotfix import Facts, Gate, HotfixState, Landing
    from krow_versions.planning.actions import Action
    from krow_versions.planning.expectations import HeadAt
    from krow_versions.workspace.hotfix.context import HotfixContext


def plan_finish(context: HotfixContext, seen: HotfixState, *, release: bool) -> Plan:
    """Plan what is left to do until main has a hotfix, and it is tagged and pushed.

    Args:
        context: the repository of the product.
        seen: the hotfix, as it was after a fetch.
        release: whether to make the GitHub Release as well, if ``gh`` is there; else it is left to people.

    Raises:
        Conflict: the branch differs here and on the remote, a gate fails, a person must merge it, main has
            undone it, or there is no main; nothing was changed.
        RefConflict: the tag is there already, but lightweight, or names something else; or there is no
            remote, and main here cannot move.
    """
    facts = seen.facts
    context = evolve(context, main_name=facts.main_name)
    landing = land(facts, context.settings)
    if landing is None:
        raise no_branch(context, seen)
    _require_own_tag(context, seen)
    _require_no_difference(facts)
    if not facts.finished:
        _require_gates(facts, seen.gates)
    _require_main(context, facts, landing)
    if landing.case is Case.REVIEW:
        return evolve(_review(context, facts), warnings=tuple(_warnings(context, seen)))
    actions: list[Action] = []
    warnings, said = _warnings(context, seen), _notes(facts, landing)
    if landing.case is Case.MOVED:
        message = merge_message(context, seen, facts.main_name)
        merge = plan_merge(
            context, facts, message, line=facts.main_name, ours=str(facts.main), theirs=landing.commit
        )
        actions.append(merge.action)
        warnings += merge.warnings
        version = f", in which {facts.product} is {merge.version}" if merge.version else ""
        moved = f"{facts.main_name} has moved on by {counted(facts.behind, 'commit')}"
        said.append(f"{moved}: it gets a merge{version}")
        landing = evolve(landing, main=merge.action.result)
    repo, root, tag = context.product.repo, context.shown_root, context.tag(facts)
    filled = values(facts, seen.record, context.catalog, context.settings)
    if facts.tag is None:
        _require_name(context, tag)
        message = render("tag_message", filled, context.settings.texts)
        signed = git.signs_tags(context.repository)
        actions.append(Tag(repo, tag, landing.commit, message, root, signed))
    if pushed := _pushed(context, facts, landing):
        declined = _by_review(facts)
        if context.settings.merge == PUSH:
            declined = _by_push(facts)
        actions.append(Push(repo, str(context.remote), pushed, if_declined=declined, root=root))
    forward = _forward(context, facts, landing)
    if forward and context.remote is not None and facts.main_elsewhere is not None:
        where = f"{quoted_whole(facts.main_elsewhere)}; later: {git_in(facts.main_elsewhere)} pull"
        warnings.append(f"{facts.main_name} here was not brought forward: it is checked out in {where}")
    elif forward:
        _require_movable(context, forward, facts.main_elsewhere)
        actions.append(forward)
    made, by_hand, notes = plan_release(context, seen, run=release)
    actions += made
    said += lacking(context, facts) if facts.newer or context.settings.lines else []
    return Plan(
        actions=tuple(actions),
        by_hand=by_hand,
        expects=_expected(context, facts),
        notes=(*said, *notes),
        warnings=tuple(warnings),
        step=HotfixStep("finish", facts.product, facts.version, facts.calls),
    )


def _require_name(context: HotfixContext, tag: str) -> None:
    """Refuse a tag that needs a build, where no file has one: the configuration of the branch says so."""
    if "*" in tag:
        name = context.product.name
        raise Conflict(
            f"the tags of {name} need a build, {tag.removeprefix(TAGS)}, and no version file of it has one "
            "at the tip; nothing was changed",
            hint=f"on the branch, add a pattern without {{build}} to production of [products.{name}.tags], "
            f'and also = ["{FILE_NAME}"] to [hotfix], which lets the hotfix change that file; and commit it',
        )


def _pushed(context: HotfixContext, facts: Facts, landing: Landing) -> tuple[PushedRef, ...]:
    """Give the refs that the remote lacks."""
    if context.remote is None:
        return ()
    tag = context.tag(facts)
    pushed = []
    if landing.main is not None and not facts.main_pushed:
        pushed.append(PushedRef(context.main, landing.main))
    if not facts.tag_pushed:
        pushed.append(PushedRef(tag, facts.tag_object or tag))
    return tuple(pushed)


def _review(context: HotfixContext, facts: Facts) -> Plan:
    """Plan to push the branch, if the remote lacks it, and to wait for the merge of its pull request."""
    repo, branch, root = context.product.repo, HEADS + facts.branch, context.shown_root
    push = Push(repo, str(context.remote), (PushedRef(branch, str(facts.tip)),), root=root)
    waiting = f"{facts.main_name} changes by pull requests only, and that of {facts.branch} is not merged"
    return Plan(
        actions=(push,) if facts.tip and not facts.branch_pushed else (),
        expects=_expected(context, facts),
        waiting=Waiting(f"{waiting}; nothing was tagged", _by_review(facts)),
        step=HotfixStep("finish", facts.product, facts.version, facts.calls),
    )


def _by_review(facts: Facts) -> str:
    """Give the way of the pull request."""
    return (
        f"{facts.calls.hotfix('pr', '--run')} opens the pull request, if there is none yet; when "
        f"it is merged on {facts.remote}, {facts.calls.hotfix('finish')} tags what is there"
    )


def _by_push(facts: Facts) -> str:
    return f'let the server take pushes to {facts.main_name}, or take merge = "push" out of [hotfix]'


def _forward(context: HotfixContext, facts: Facts, landing: Landing) -> FastForward | None:
    """Give the fast-forward of main here, if it is behind."""
    here = facts.main_here
    target = landing.main or (facts.main_there if landing.case is Case.CONTAINED else None)
    # A merge contains what is merged.
    contained = [facts.main, landing.commit] if landing.case is Case.MOVED else [target]
    if here is None or target is None or target == here or not {here, *facts.main_in} & {*contained}:
        return None
    return FastForward(
        context.product.repo,
        context.main,
        before=here,
        after=target,
        checked_out=facts.state.repo.branch == facts.main_name,
        required=context.remote is None,
        root=context.shown_root,
    )


def _require_movable(context: HotfixContext, forward: FastForward, elsewhere: str | None) -> None:
    """Refuse a main that is checked out elsewhere, or here with changed files: it could not be moved."""
    main = context.main_name
    if not forward.required:
        return
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


def _expected(context: HotfixContext, facts: Facts) -> tuple[HeadAt | RefAt, ...]:
    here = RefAt(context.product.repo, context.main, facts.main_here)
    there = RefAt(context.product.repo, context.tracked_main, facts.main_there)
    return (*context.expected(facts), here, *([there] if context.remote else []))


def _notes(facts: Facts, landing: Landing) -> list[str]:
    if landing.case is Case.OLDER and facts.newer is not None:
        newer, main = facts.newer.name, facts.main_name
        return [f"{newer} is in production, so this is an older line: {main} stays as it is"]
    if landing.case is Case.UNDONE:
        return [undone(facts)]
    return []


def _warnings(context: HotfixContext, seen: HotfixState) -> list[str]:
    kept = [
        f"the tag {tag} is not the same here and on {context.remote}; ours was kept" for tag in seen.differing
    ]
    if seen.facts.tag and not seen.facts.tag_annotated:
        name = seen.facts.tag.name
        kept.append(
            f"the tag {name} is a lightweight one, without a message; {context.remote} has it: it stays"
        )
    if known := unfetched(seen.facts):  # Nothing was fetched, on purpose or for a preview.
        kept.append(f"{known.why}: {known.task.command}")
    return kept + ([moved_since(context, context.main_name)] if seen.facts.main_moved else [])


def _require_no_difference(facts: Facts) -> None:
    """Refuse a branch that differs here and on the remote."""
    if found := difference(facts):
        raise Conflict(f"{found.why}; nothing was changed", hint=found.task.command + found.more)


def _require_gates(facts: Facts, gates: tuple[Gate, ...]) -> None:
    """Refuse when a gate fails; how main stands to the hotfix is for the landing to judge."""
    wrong = [gate for gate in failed(gates) if gate.id != "main"]
    if wrong:
        why = "; ".join(dict.fromkeys(gate.found for gate in wrong))
        raise Conflict(
            f"the hotfix is not ready, and nothing was changed: {why}",
            hint=f"what to do about each: {facts.calls.hotfix('check')}",
        )


def _require_main(context: HotfixContext, facts: Facts, landing: Landing) -> None:
    """Refuse a main that cannot take the hotfix."""
    main = facts.main_name
    if landing.case is Case.MOVED and facts.main_lacks:
        there = f"{facts.remote}/{main}"
        lacking = f"{counted(facts.main_lacks, 'commit')} that {by_number(facts.main_lacks, 'is', 'are')}"
        raise Conflict(
            f"{main} here contains the hotfix, but {there} has {lacking} not in it; nothing was changed",
            hint=f"{facts.git} switch {shell_word(main)} && {facts.git} merge {shell_word(there)}, "
            "then run it again",
        )
    if landing.case is Case.MOVED and context.repository.shallow:
        raise git.cut_off()
    if landing.case is Case.UNDONE and not (facts.finished and facts.tag_pushed is not False):
        raise Conflict(
            f"{undone(facts)}; nothing was changed",
            hint=undone_hint(facts),
        )
    if landing.case is not Case.MISSING:
        return
    if facts.remote_main:
        raise Conflict(
            f"the branch {quoted(main)} of {facts.remote} was not fetched, so it is not known whether it can "
            "take the hotfix; nothing was changed",
            hint=_main_hint(facts),
        )
    where = f"{facts.remote} has" if facts.remote else "there is"
    raise Conflict(
        f"{where} no branch {quoted(main)} that the hotfix could be brought to, and none is made; "
        "nothing was changed",
        hint=_main_hint(facts),
    )


def _main_hint(facts: Facts) -> str:
    """Say what to do about a main branch that is not there."""
    head = facts.remote_head
    if head is not None and head != facts.main_name:
        return f"the HEAD of {facts.remote} is {quoted(head)}: take main out of [hotfix], or name that one"
    if facts.remote_main:
        here, there = HEADS + facts.main_name, f"refs/remotes/{facts.remote}/{facts.main_name}"
        return f"{facts.git} fetch {shell_word(str(facts.remote))} {shell_word(f'+{here}:{there}')}"
    return 'name the branch in the configuration: [hotfix], main = "…"; a new one is pushed by people'


def _require_own_tag(context: HotfixContext, seen: HotfixState) -> None:
    """Refuse a tag of that name that is lightweight, names another commit, or differs on the remote."""
    facts = seen.facts
    name = context.tag(facts).removeprefix(TAGS)
    if name in seen.differing:
        raise RefConflict(
            f"the tag {name} is not the same here and on {context.remote}; it is never moved, and nothing "
            "was changed",
            hint=f"the one there may be out already: if so, {context.git} tag --delete {shell_word(name)} "
            "forgets the one here",
        )
    if facts.tag is None or (facts.finished and (facts.tag_annotated or facts.tag_pushed)):
        return
    where = f"at {facts.tag_at}, not at {facts.tip}" if not facts.finished else "a lightweight one"
    raise RefConflict(
        f"the tag {name} is there already: {where}; it is never moved, and nothing was changed",
        hint=f"see who made it: {context.git} show {shell_word(name)}; if it was never pushed, "
        f"delete it and run this again; else {facts.version} is taken, and the fix needs the next version",
    )
