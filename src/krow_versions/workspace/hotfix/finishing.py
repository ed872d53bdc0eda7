"""Finishing a hotfix: tag, one atomic push of main and tag, main brought forward; every run continues."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import attrs

from krow_versions import git
from krow_versions.errors import Conflict, GitError, KrowVersionsError, PushRejected, RefConflict
from krow_versions.hotfix import failed, render, values, ways_out
from krow_versions.names import HEADS, TAGS
from krow_versions.text.words import by_number, counted
from krow_versions.workspace.hotfix.gathering import HotfixContext, newest_main

if TYPE_CHECKING:
    from collections.abc import Mapping

    from krow_versions.hotfix import Facts, Gate, Record
    from krow_versions.workspace.protocols import Opened


@attrs.frozen
class FinishPlan:
    """What is still to do until a hotfix is merged, tagged and pushed; nothing has been done yet.

    Attributes:
        place: where it happens.
        facts: what git said.
        commit: the commit that is tagged.
        tag: the full name of the tag.
        message: the tag's message, or None when the tag is there.
        push: full names and the ids that the remote's refs get; of a tag still to be made, its commit.
        forward: the commit that the main branch here is brought forward to, or None.
    """

    place: HotfixContext = attrs.field(repr=False)
    facts: Facts = attrs.field(repr=False)
    commit: str
    tag: str
    message: str | None
    push: Mapping[str, str]
    forward: str | None

    @property
    def is_empty(self) -> bool:
        """Whether all is done."""
        return self.message is None and not self.push and self.forward is None

    @property
    def steps(self) -> tuple[str, ...]:
        """What will be done, in order, as a person would type it."""
        name, main, remote = self.tag.removeprefix(TAGS), self.place.settings.main, self.place.remote
        said = []
        if self.message is not None:
            said.append(f"git tag --annotate {name} {self.commit[:12]}    # {self.message.splitlines()[0]}")
        if self.push:
            refs = " ".join(
                name if ref == self.tag else f"{commit[:12]}:{main}" for ref, commit in self.push.items()
            )
            said.append(f"git push --atomic {remote} {refs}")
        if self.forward is not None:
            said.append(f"git merge --ff-only {self.forward[:12]}    # into {main}, here")
        return tuple(said)


def plan_finish(
    workspace: Opened, place: HotfixContext, facts: Facts, record: Record | None, gates: tuple[Gate, ...]
) -> FinishPlan:
    """Find out what is left to do.

    Raises:
        Conflict: a gate fails, or main has moved on; nothing was changed.
        RefConflict: the tag is there already, but lightweight, or names something else; or the remote's
            main has what this clone's main lacks.
    """
    _require_own_tag(facts)
    shipped = facts.finished
    commit = facts.tag_at if shipped else facts.tip
    if commit is None:
        raise Conflict(
            f"there is no branch {facts.branch}, and no tag of {facts.version}",
            hint=f"krow-versions hotfix start {facts.product}",
        )
    if not shipped:
        _require_gates(facts, gates, place.settings.main)
    elif not (facts.merged or facts.main_pushed):  # Tagged by a run that was interrupted.
        _require_gates(facts, tuple(gate for gate in gates if gate.id == "main"), place.settings.main)
    main = newest_main(place)
    target = main if main and git.is_ancestor(place.repository, commit, main) else commit
    push: dict[str, str] = {}
    if place.remote is not None:
        if not facts.main_pushed:
            _require_forward(place, target)
            push[place.main] = target
        if not facts.tag_pushed:
            push[place.tag(facts.version)] = commit
    here = git.resolve(place.repository, place.main)
    behind = here is not None and here != target and git.is_ancestor(place.repository, here, target)
    message = None
    if facts.tag is None:
        said = values(facts, record, workspace.catalog, workspace.config.hotfix)
        message = render("tag_message", said, workspace.config.hotfix.texts)
    return FinishPlan(
        place, facts, commit, place.tag(facts.version), message, push, target if behind else None
    )


def finish(plan: FinishPlan) -> tuple[str, ...]:
    """Do what is planned; when the remote refuses, nothing has changed, here or there.

    Returns:
        What a person should know all the same.

    Raises:
        PushRejected: the remote refused; the tag that was just made is gone again.
        InputError: something stands in the way; nothing was changed.
        GitError: git failed; what was done is done, and running it again continues.
    """
    place, repository = plan.place, plan.place.repository
    try:
        _publish(plan)
    except GitError as error:
        error.advise(error.hint or "what is done is kept; run it again when that is settled, and it goes on")
        raise
    if plan.forward is None:
        return ()
    try:
        return git.fast_forward(repository, place.main, plan.forward).notes
    except KrowVersionsError as error:
        if place.remote is None:
            raise
        # It is out; this clone's own main is a convenience.
        main = place.settings.main
        return (
            f"{main} here was not brought forward: {error.message}; later: git switch {main} && git pull",
        )


def push_branch(place: HotfixContext, facts: Facts, *, called: str = "git") -> None:
    """Push the branch of a hotfix, where there is one and a remote; *called* is how people call git.

    Raises:
        PushRejected, GitError: it was not pushed.
    """
    if place.remote is None or facts.tip is None:
        return
    try:
        git.push(place.repository, place.remote, {HEADS + facts.branch: facts.tip})
    except PushRejected as error:
        error.advise(
            f"nothing was pushed; when it was pushed before, and amended or rebased since: {called} push "
            f"--force-with-lease {place.remote} {facts.branch}, then run it again"
        )
        raise


def _publish(plan: FinishPlan) -> None:
    """Make the tag, and push it with main; take it back when the remote refuses."""
    repository = plan.place.repository
    made = None
    if plan.message is not None:
        made = git.create_tag(repository, plan.tag, plan.commit, plan.message)
    if not plan.push:
        return
    found = git.read_ref(repository, plan.tag)
    ids = {ref: found.object_id if ref == plan.tag and found else commit for ref, commit in plan.push.items()}
    try:
        git.push(repository, str(plan.place.remote), ids)
    except PushRejected as error:
        error.advise("nothing has changed, here or there; run it again to see what is in the way")
        if made is not None:
            with contextlib.suppress(GitError):
                git.update_refs(repository, [f"delete {plan.tag} {made}"], message="tag: taken back")
        raise


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


def _require_own_tag(facts: Facts) -> None:
    """Refuse a tag of that name that is not the one that a hotfix gets."""
    if facts.tag is None or (facts.finished and facts.tag_annotated):
        return
    where = f"at {facts.tag_at}, not at {facts.tip}" if not facts.finished else "a lightweight one"
    raise RefConflict(
        f"the tag {facts.tag.name} is there already: {where}; it is never moved, and nothing was changed",
        hint=f"see who made it: git show {facts.tag.name}; if it was never pushed, delete it and run this "
        f"again; else {facts.version} is taken, and the fix needs the next version",
    )


def _require_forward(place: HotfixContext, target: str) -> None:
    """Refuse to push a main that lacks what the remote's main has, as far as that is known here."""
    there = git.resolve(place.repository, place.tracked_main)
    if there is not None and not git.is_ancestor(place.repository, there, target):
        lacking = git.count(place.repository, target, there)
        what = f"{counted(lacking, 'commit')} that {by_number(lacking, 'is', 'are')}"
        main = place.settings.main
        raise RefConflict(
            f"{place.remote}/{main} has {what} not in {target[:12]}; nothing was changed",
            hint=f"git switch {main} && git merge {place.remote}/{main}, then run it again",
        )
