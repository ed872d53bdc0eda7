"""Plans of what is made on the server for people: the pull request of a hotfix, and its release."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from krow_versions import gh, git
from krow_versions.errors import Conflict, GitError, OperationFailed
from krow_versions.hotfix import failed, render, tick, values
from krow_versions.names import HEADS, TAGS
from krow_versions.planning.actions import Push, PushedRef, RunProgram, WriteRecord
from krow_versions.planning.plan import HotfixStep, Plan
from krow_versions.pull_requests import CLOSED, MERGED, OPEN
from krow_versions.text.escaping import printable, shell_word
from krow_versions.text.words import by_number, counted, listed
from krow_versions.workspace import clock
from krow_versions.workspace.github import head_at, place_of
from krow_versions.workspace.hotfix.records import Records
from krow_versions.workspace.hotfix.requesting import Requested, plan_request

if TYPE_CHECKING:
    from krow_versions.hotfix import Facts, HotfixState
    from krow_versions.planning.actions import Action
    from krow_versions.pull_requests import PullRequest
    from krow_versions.workspace.hotfix.context import HotfixContext

_COLOR = "B60205"  # GitHub's own red.


def with_pull_request(context: HotfixContext, facts: Facts) -> Facts:
    """Add the pull request of the branch, as GitHub shows it now; or why it was not seen."""
    if facts.tip is None and facts.tag is None:
        return facts  # Nothing is under way.
    if facts.unasked is not None:
        return attrs.evolve(facts, unseen=f"{facts.remote} did not answer")
    try:
        place = place_of(context.repository, context.remote)
        head = head_at(context.repository, context.remote, place, facts.branch)
        found = gh.pull_request(place, head, facts.main_name)
    except OperationFailed as error:
        return attrs.evolve(facts, unseen=_why(error))
    return attrs.evolve(facts, github=place, pull_request=found)


def pull_request(context: HotfixContext, seen: HotfixState) -> tuple[str, str]:
    """Give title and body of the pull request."""
    filled = values(seen.facts, seen.record, context.catalog, context.settings)
    title, body = (render(name, filled, context.settings.texts) for name in ("pr_title", "pr_body"))
    return title.strip(), body


def plan_pr(context: HotfixContext, seen: HotfixState) -> Plan:
    """Plan to push the branch of a hotfix and to open its pull request, unless there is one.

    Where GitHub cannot be asked through ``gh``, opening it is left to people.

    Raises:
        Conflict: there is no branch.
    """
    facts, name = seen.facts, context.product.name
    if facts.tip is None:
        raise Conflict(f"there is no branch {facts.branch}", hint=f"krow-versions hotfix start {name}")
    found, repo, root = facts.pull_request, context.product.repo, context.shown_root
    notes = _notes(facts, found) if found else []
    actions: list[Action] = []
    by_hand: tuple[Action, ...] = ()
    is_over = found is not None and found.state == MERGED and _is_over(context, found, facts)
    if context.remote is not None and not facts.branch_pushed and not is_over:
        there = shell_word(f"{context.remote}/{facts.branch}")
        refused = f"nothing was pushed; bring in the commits that {context.remote} has, also after an amend "
        refused += f"or a rebase: {context.git} fetch {context.remote} && {context.git} merge {there}, "
        refused += "then run it again"
        pushed = PushedRef(HEADS + facts.branch, facts.tip)
        actions.append(Push(repo, context.remote, (pushed,), refused, root=root))
    asked = Requested(facts.branch) if is_over else _requested(context, seen)
    actions += asked.actions
    notes += asked.notes
    if asked.branch != facts.branch:  # That of the hotfix cannot be merged as it is.
        found = _of_merge(context, facts, asked.branch)
        notes += _notes(facts, found) if found else []
    is_open = found is not None and found.state == OPEN
    if facts.github is not None:
        opening = [] if is_over or is_open else _opening(context, seen, facts.github, asked.branch, notes)
        actions += opening or _ticked(context, seen, "review")
        ticking = f"krow-versions hotfix status {name} --done approval, then "
        ticking = ticking if asked.branch != facts.branch else ""  # GitHub's approval is of another commit.
        when = "next" if is_over else "when it is approved"
        notes.append(f"{when}: {ticking}krow-versions hotfix finish {name}")
    elif seen.is_ticked("review"):
        notes.append(f"when it is approved: krow-versions hotfix status {name} --done approval")
    else:
        by_hand = (_creation(context, seen, "", asked.branch),)
        ticking = f"krow-versions hotfix status {name} --done review"
        notes.append(
            f"the pull request was not looked for: {facts.unseen}; open it with the text above, "
            f"unless it is there, then: {ticking}"
            if context.remote is not None
            else f"there is no remote {context.settings.remote} here: have it reviewed with the text above, "
            f"then: {ticking}"
        )
    wrong = len(failed(seen.gates))
    gates = f"{counted(wrong, 'gate')} {by_number(wrong, 'fails', 'fail')}"
    return Plan(
        actions=tuple(actions),
        by_hand=by_hand,
        expects=context.expected(facts),
        notes=tuple(notes),
        warnings=(
            *([f"{gates}: krow-versions hotfix check {name} says what to do"] if wrong else []),
            *asked.warnings,
        ),
        step=HotfixStep("pr", facts.product, facts.version),
    )


def plan_release(
    context: HotfixContext, seen: HotfixState, *, run: bool
) -> tuple[tuple[Action, ...], tuple[Action, ...], tuple[str, ...]]:
    """Plan to make the release on GitHub, unless there is one.

    Args:
        context: the repository of the product.
        seen: the hotfix.
        run: whether to make it if GitHub can be asked through ``gh``; else it is left to people.

    Returns:
        The actions, those that are left to people, and notes.
    """
    facts = seen.facts
    if context.remote is None or seen.is_ticked("github-release"):
        return (), (), ()
    tag = context.tag(facts.version).removeprefix(TAGS)
    place, notes = facts.github or "", []
    if place:
        try:
            found = gh.release(place, tag)
        except OperationFailed as error:
            place = ""
            notes.append(f"the release was not looked for: {_why(error)}")
        else:
            if found is not None:
                draft = ", but only as a draft: publish it" if found.is_draft else ""
                note = f"the release is there: {printable(found.url)}{draft}"
                ticked = () if found.is_draft else _ticked(context, seen, "github-release")
                return tuple(ticked), (), (note,)
    argv = ["gh", "release", "create", tag, "--verify-tag", "--title", tag]
    if facts.newer is not None:
        argv.append("--latest=false")
    argv += ["--repo", place] if place else []
    filled = values(facts, seen.record, context.catalog, context.settings)
    argv += ["--notes", render("release_notes", filled, context.settings.texts)]
    made = RunProgram(context.product.repo, tuple(argv), "github-release", context.shown_root, place)
    return ((made,), (), tuple(notes)) if run and place else ((), (made,), tuple(notes))


def _requested(context: HotfixContext, seen: HotfixState) -> Requested:
    """Find the branch of the pull request; the review does not wait for a merge that needs a person."""
    try:
        return plan_request(context, seen)
    except Conflict as error:
        return Requested(seen.facts.branch, warnings=(f"{error.message}\n  hint: {error.hint}",))


def _of_merge(context: HotfixContext, facts: Facts, branch: str) -> PullRequest | None:
    """Look for the pull request of the branch that holds the merge."""
    if facts.github is None or facts.requested is None:
        return None
    head = head_at(context.repository, context.remote, facts.github, branch)
    return gh.pull_request(facts.github, head, facts.main_name)


def _opening(
    context: HotfixContext, seen: HotfixState, place: str, branch: str, notes: list[str]
) -> list[Action]:
    """Give what opens the pull request: its label first, if GitHub says that it is not there."""
    actions: list[Action] = []
    label = context.settings.label
    try:
        lacking = not gh.has_label(place, label)
    except OperationFailed as error:
        notes.append(f"the label {label} was not looked for: {_why(error)}")
        lacking = False
    if lacking:
        argv = ("gh", "label", "create", "--color", _COLOR, "--repo", place, "--", label)
        actions.append(RunProgram(context.product.repo, argv, root=context.shown_root, place=place))
    return [*actions, _creation(context, seen, place, branch)]


def _creation(context: HotfixContext, seen: HotfixState, place: str, head: str) -> RunProgram:
    title, body = pull_request(context, seen)
    if place:
        head = head_at(context.repository, context.remote, place, head)
    argv = ["gh", "pr", "create", "--base", seen.facts.main_name, "--head", head, "--title", title]
    argv += ["--label", context.settings.label, *(["--repo", place] if place else []), "--body", body]
    return RunProgram(context.product.repo, tuple(argv), "review", context.shown_root, place)


def _notes(facts: Facts, found: PullRequest) -> list[str]:
    """Say what the pull request is, and what is unusual about it."""
    what, url = f"pull request #{found.number}", printable(found.url)
    if found.state == CLOSED:
        notes = [f"{what} was closed without a merge, so another one is opened: {url}"]
    elif found.state == MERGED:
        notes = [f"{what} is merged: {url}"]
    else:
        notes = [f"{what} is open{' as a draft' if found.is_draft else ''}: {url}"]
        if found.approved_head is not None and found.approved_head != facts.tip:
            notes.append(f"what is approved is {found.approved_head[:12]}, not {str(facts.tip)[:12]}")
    if found.base != facts.main_name and found.state != CLOSED:
        change = ": change its base on its page" if found.state == OPEN else ""
        notes.append(f"{what} is for {printable(found.base)}, not for {facts.main_name}{change}")
    if found.others:
        there = listed([f"#{number}" for number in found.others])
        notes.append(f"there are other pull requests of this branch: {there}")
    return notes


def _is_over(context: HotfixContext, found: PullRequest, facts: Facts) -> bool:
    """Whether a merged pull request brought all commits of the branch to main, as far as is known here."""
    if found.base != facts.main_name:
        return False
    try:
        return found.head == facts.tip or not git.is_ancestor(context.repository, found.head, str(facts.tip))
    except GitError:  # Its commits are not here: then it had more.
        return True


def _ticked(context: HotfixContext, seen: HotfixState, box: str) -> list[Action]:
    """Give what keeps in the record that something was seen; nothing if it is kept already."""
    if seen.record is None or seen.is_ticked(box):
        return []
    records = Records.of(context)
    name = records.name(seen.record.version)
    after = tick(seen.record, box, clock.now()).to_toml()
    return [WriteRecord(context.product.repo, name, records.store.read(name), after)]


def _why(error: OperationFailed) -> str:
    return f"{error.message}; {error.hint}" if error.hint else error.message
