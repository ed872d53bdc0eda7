"""The pull request of a hotfix: looking for it, and the plan that opens it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions import gh, git
from krow_versions.errors import Conflict, GitError, OperationFailed
from krow_versions.hotfix import failed, is_out, render, require_fetched, values
from krow_versions.names import HEADS, TAGS
from krow_versions.planning.actions import Push, PushedRef, RunProgram
from krow_versions.planning.plan import HotfixStep, Plan
from krow_versions.pull_requests import CLOSED, MERGED, OPEN
from krow_versions.text.escaping import printable, shell_word
from krow_versions.text.words import by_number, counted, listed
from krow_versions.values import evolve
from krow_versions.workspace.github import head_at, place_of
from krow_versions.workspace.hotfix.releasing import ticked, why
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
    return _asked(context, facts)


def no_branch(context: HotfixContext, seen: HotfixState) -> Conflict:
    """Give the error for a hotfix that has neither branch nor tag.

    Its pull request may be merged and the branch deleted; GitHub keeps the commits of a pull request.
    """
    facts = _asked(context, seen.facts) if context.remote else seen.facts
    why_not, found = f"there is no branch {facts.branch}, and no tag of {facts.version}", facts.pull_request
    branch = shell_word(facts.branch)
    if found is not None and found.state == MERGED and facts.github is not None:
        is_fork = ":" in head_at(context.repository, context.remote, facts.github, facts.branch)
        source = shell_word(f"https://{facts.github}.git" if is_fork else str(context.remote))
        ref = shell_word(f"refs/pull/{found.number}/head:{HEADS}{facts.branch}")
        return Conflict(
            f"{why_not}; but pull request #{found.number} is merged: {printable(found.url)}",
            hint=f"{context.git} fetch {source} {ref} && {context.calls.hotfix('finish')}",
        )
    if seen.join:
        return Conflict(f"the branch {facts.branch} is on {facts.remote}, and not here", hint=seen.join)
    declared = seen.record.declaration
    if declared is not None and seen.elsewhere:
        who = declared.holder
        return Conflict(
            f"{why_not}: {who} has the branch in another clone",
            hint=f"when {who} has pushed it: {context.calls.hotfix('status')}",
        )
    if declared is not None:
        return Conflict(
            f"{why_not}, though it is recorded here",
            hint=f"find its last commit, by {context.git} reflog or in a clone that has the branch, and make "
            f"the branch again: {context.git} branch {branch} COMMIT",
        )
    return Conflict(why_not, hint=context.calls.start())


def _asked(context: HotfixContext, facts: Facts) -> Facts:
    if facts.unasked is not None:
        return evolve(facts, unseen=f"{facts.remote} did not answer")
    try:
        place = place_of(context.repository, context.remote)
        head = head_at(context.repository, context.remote, place, facts.branch)
        found = gh.pull_request(place, head, facts.main_name)
    except OperationFailed as error:
        return evolve(facts, unseen=why(error))
    return evolve(facts, github=place, pull_request=found)


def pull_request(context: HotfixContext, seen: HotfixState) -> tuple[str, str]:
    """Give title and body of the pull request."""
    filled = values(seen.facts, seen.record, context.catalog, context.settings)
    title, body = (render(name, filled, context.settings.texts) for name in ("pr_title", "pr_body"))
    return title.strip(), body


def plan_pr(context: HotfixContext, seen: HotfixState) -> Plan:
    """Plan to push the branch of a hotfix and to open its pull request, unless there is one.

    Where GitHub cannot be asked through ``gh``, opening it is left to people. For a hotfix that is out it
    plans nothing.

    Raises:
        Conflict: there is no branch.
    """
    facts = seen.facts
    if is_out(facts) and (facts.merged or facts.newer):
        return _nothing(context, facts)
    require_fetched(facts)
    if facts.tip is None:
        raise no_branch(context, seen)
    found, repo, root = facts.pull_request, context.product.repo, context.shown_root
    notes = _notes(facts, found) if found else []
    actions: list[Action] = []
    by_hand: tuple[Action, ...] = ()
    is_over = found is not None and found.state == MERGED and _is_over(context, found, facts)
    if context.remote is not None and not facts.branch_pushed and not is_over:
        remote, there = shell_word(context.remote), shell_word(f"{context.remote}/{facts.branch}")
        refused = f"nothing was pushed; bring in the commits that {context.remote} has, also after an amend "
        refused += f"or a rebase: {context.git} fetch {remote} && {context.git} merge {there}, "
        refused += "then run it again"
        pushed = PushedRef(HEADS + facts.branch, facts.tip)
        actions.append(Push(repo, context.remote, (pushed,), refused, root=root))
    asked = Requested(facts.branch) if is_over else _requested(context, seen)
    actions += asked.actions
    notes += asked.notes
    if asked.branch != facts.branch:  # That of the hotfix cannot be merged as it is.
        found = _of_merge(context, facts, asked.branch, notes)
        notes += _notes(facts, found) if found else []
    is_open = found is not None and found.state == OPEN
    if facts.github is not None:
        opening = [] if is_over or is_open else _opening(context, seen, facts.github, asked.branch, notes)
        actions += opening or ticked(context, seen, "review")
        ticking = f"{context.calls.tick('approval')}, then "
        ticking = ticking if asked.branch != facts.branch else ""  # GitHub's approval is of another commit.
        when = "next" if is_over else "when it is approved"
        notes.append(f"{when}: {ticking}{context.calls.hotfix('finish')}")
    elif seen.is_ticked("review"):
        notes.append(f"when it is approved: {context.calls.tick('approval')}")
    else:
        by_hand = (_creation(context, seen, "", asked.branch),)
        ticking = context.calls.tick("review")
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
            *([f"{gates}: {context.calls.hotfix('check')} says what to do"] if wrong else []),
            *asked.warnings,
        ),
        step=HotfixStep("pr", facts.product, facts.version, facts.calls),
    )


def _requested(context: HotfixContext, seen: HotfixState) -> Requested:
    """Find the branch of the pull request; the review does not wait for a merge that needs a person."""
    try:
        return plan_request(context, seen)
    except Conflict as error:
        return Requested(seen.facts.branch, warnings=(f"{error.message}\n  hint: {error.hint}",))


def _nothing(context: HotfixContext, facts: Facts) -> Plan:
    """Give the plan for a hotfix that is out."""
    tag = context.tag(facts).removeprefix(TAGS)
    why_out = "it is an older line" if facts.newer else f"{facts.main_name} contains the hotfix"
    where = f", and {context.remote} has its tag" if context.remote else ""
    return Plan(
        expects=context.expected(facts),
        notes=(f"{tag} is out: {why_out}{where}",),
        step=HotfixStep("pr", facts.product, facts.version, facts.calls),
    )


def _of_merge(context: HotfixContext, facts: Facts, branch: str, notes: list[str]) -> PullRequest | None:
    """Look for the pull request of the branch that holds the merge; note why it was not seen."""
    if facts.github is None or facts.requested is None:
        return None
    head = head_at(context.repository, context.remote, facts.github, branch)
    try:
        return gh.pull_request(facts.github, head, facts.main_name)
    except OperationFailed as error:
        notes.append(f"the pull request of {branch} was not looked for: {why(error)}")
        return None


def _opening(
    context: HotfixContext, seen: HotfixState, place: str, branch: str, notes: list[str]
) -> list[Action]:
    """Give what opens the pull request: its label first, if GitHub says that it is not there."""
    actions: list[Action] = []
    label = context.settings.label
    try:
        lacking = not gh.has_label(place, label)
    except OperationFailed as error:
        notes.append(f"the label {label} was not looked for: {why(error)}")
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
