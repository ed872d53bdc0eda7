"""Finishing a hotfix: tag, one atomic push of main and tag, main brought forward; every run continues."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from krow_versions import git
from krow_versions.errors import Conflict, RefConflict
from krow_versions.hotfix import failed, render, values, ways_out
from krow_versions.names import TAGS
from krow_versions.planning.actions import FastForward, Push, PushedRef, RunProgram, Tag
from krow_versions.planning.expectations import RefAt
from krow_versions.planning.plan import Plan
from krow_versions.text.words import by_number, counted
from krow_versions.workspace.hotfix.gathering import newest_main
from krow_versions.workspace.hotfix.planned import expected, shown_root, step_of
from krow_versions.workspace.programs import is_here

if TYPE_CHECKING:
    from krow_versions.hotfix import Facts, Gate, HotfixState
    from krow_versions.planning.actions import Action
    from krow_versions.planning.expectations import HeadAt
    from krow_versions.workspace.hotfix.gathering import HotfixContext
    from krow_versions.workspace.protocols import Opened


def plan_finish(workspace: Opened, place: HotfixContext, seen: HotfixState, *, release: bool) -> Plan:
    """Plan what is left to do until a hotfix is merged, tagged and pushed.

    Args:
        workspace: where the product is.
        place: the product's.
        seen: the hotfix.
        release: whether to make the GitHub Release as well, where ``gh`` is there; else it is left to people.

    Raises:
        Conflict: a gate fails, or main has moved on; nothing was changed.
        RefConflict: the tag is there already, but lightweight, or names something else; or the remote's
            main has what this clone's main lacks.
    """
    facts = seen.facts
    tag, repo = place.tag(facts.version), place.product.repo
    _require_own_tag(place, seen)
    commit = _commit(place, seen)
    lines = _Lines.of(place, facts, commit)
    pushed = _pushed(place, facts, lines)
    said = values(facts, seen.record, workspace.catalog, place.settings)
    root = shown_root(workspace, place)
    actions: list[Action] = []
    if facts.tag is None:
        message = render("tag_message", said, place.settings.texts)
        actions.append(Tag(repo, tag, commit, message, root))
    if pushed:
        actions.append(Push(repo, str(place.remote), pushed, root=root))
    warnings = _warnings(place, seen)
    forward = _forward(place, facts, lines, root)
    elsewhere = lines.here.checked_out if lines.here and forward and not forward.checked_out else None
    if elsewhere is not None and place.remote is not None:
        where = f"it is checked out in {elsewhere}; later, there: git pull"
        warnings.append(f"{place.settings.main} here was not brought forward: {where}")
    elif forward is not None:
        actions.append(forward)
    by_hand: tuple[Action, ...] = ()
    if place.remote is not None and not seen.is_ticked("github-release"):
        name = tag.removeprefix(TAGS)
        argv = ("gh", "release", "create", name, "--verify-tag", "--title", name, "--notes")
        notes = render("release_notes", said, place.settings.texts)
        made = RunProgram(repo, (*argv, notes), "github-release", root)
        actions += [made] if release and is_here("gh") else []
        by_hand = () if made in actions else (made,)
    return Plan(
        actions=tuple(actions),
        by_hand=by_hand,
        expects=_expected(place, facts, lines),
        warnings=tuple(warnings),
        step=step_of("finish", facts),
    )


@attrs.frozen
class _Lines:
    """Where main stands, and where it goes.

    Attributes:
        here: the main branch of this clone, or None when there is none.
        there: the commit of the remote's main as last seen, or None.
        target: the commit that main has in the end: the tagged one, or a newer one that contains it.
    """

    here: git.Ref | None
    there: str | None
    target: str

    @classmethod
    def of(cls, place: HotfixContext, facts: Facts, commit: str) -> _Lines:
        """Ask git once; ancestry that the facts hold already is not asked for again."""
        names = [place.main, *([place.tracked_main] if place.remote else [])]
        found = git.read_refs(place.repository, names)
        there = found.get(place.tracked_main)
        main = facts.main or newest_main(place)
        contained = facts.merged or (
            main is not None and not facts.commits and git.is_ancestor(place.repository, commit, main)
        )
        target = main if main is not None and contained else commit
        return cls(found.get(place.main), there.commit if there else None, target)

    def contains(self, place: HotfixContext, facts: Facts, older: str) -> bool:
        """Whether main will contain a commit that it has now, here or on the remote."""
        if older == facts.main and self.target == facts.tip:
            return facts.behind == 0
        return older == self.target or git.is_ancestor(place.repository, older, self.target)


def _commit(place: HotfixContext, seen: HotfixState) -> str:
    """Give the commit that is tagged, when the gates let it pass."""
    facts, main = seen.facts, place.settings.main
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


def _pushed(place: HotfixContext, facts: Facts, lines: _Lines) -> tuple[PushedRef, ...]:
    """Give what the remote lacks; refuse to push a main that lacks what is known of the remote's."""
    if place.remote is None:
        return ()
    tag = place.tag(facts.version)
    pushed = []
    if not facts.main_pushed:
        if lines.there is not None and not lines.contains(place, facts, lines.there):
            lacking = git.count(place.repository, lines.target, lines.there)
            what = f"{counted(lacking, 'commit')} that {by_number(lacking, 'is', 'are')}"
            main = place.settings.main
            raise RefConflict(
                f"{place.remote}/{main} has {what} not in {lines.target[:12]}; nothing was changed",
                hint=f"git switch {main} && git merge {place.remote}/{main}, then run it again",
            )
        pushed.append(PushedRef(place.main, lines.target))
    if not facts.tag_pushed:
        pushed.append(PushedRef(tag, tag))
    return tuple(pushed)


def _forward(place: HotfixContext, facts: Facts, lines: _Lines, root: str) -> FastForward | None:
    """Give what brings main here forward, where it is behind."""
    here, repo = lines.here, place.product.repo
    if here is None or not here.commit or here.commit == lines.target:
        return None
    if not lines.contains(place, facts, here.commit):
        return None
    on_main = facts.state.repo.branch == place.settings.main
    required = place.remote is None
    return FastForward(repo, place.main, here.commit, lines.target, on_main, required, root)


def _expected(place: HotfixContext, facts: Facts, lines: _Lines) -> tuple[HeadAt | RefAt, ...]:
    here = RefAt(place.product.repo, place.main, lines.here.commit if lines.here else None)
    there = RefAt(place.product.repo, place.tracked_main, lines.there)
    return (*expected(place, facts), here, *([there] if place.remote else []))


def _warnings(place: HotfixContext, seen: HotfixState) -> list[str]:
    said = [
        f"the tag {tag} is not the same here and on {place.remote}; ours was kept" for tag in seen.differing
    ]
    if seen.facts.tag is None and seen.record is not None and not seen.is_ticked("approval"):
        ticking = f"krow-versions hotfix status {place.product.name} --done approval"
        said.append(f"nobody has ticked that it is approved: {ticking}")
    return said


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
        told = "; ".join(dict.fromkeys(gate.found for gate in wrong))
        raise Conflict(
            f"the hotfix is not ready, and nothing was changed: {told}",
            hint=f"what to do about each: krow-versions hotfix check {facts.product}",
        )


def _require_own_tag(place: HotfixContext, seen: HotfixState) -> None:
    """Refuse a tag of that name that is not the one that a hotfix gets, here or on the remote."""
    facts = seen.facts
    name = place.tag(facts.version).removeprefix(TAGS)
    if name in seen.differing:
        raise RefConflict(
            f"the tag {name} is not the same here and on {place.remote}; it is never moved, and nothing was "
            "changed",
            hint=f"the one there may be out already: if so, git tag --delete {name} forgets the one here",
        )
    if facts.tag is None or (facts.finished and facts.tag_annotated):
        return
    where = f"at {facts.tag_at}, not at {facts.tip}" if not facts.finished else "a lightweight one"
    raise RefConflict(
        f"the tag {name} is there already: {where}; it is never moved, and nothing was changed",
        hint=f"see who made it: git show {name}; if it was never pushed, delete it and run this "
        f"again; else {facts.version} is taken, and the fix needs the next version",
    )
