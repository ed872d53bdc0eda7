"""What main may look like when a hotfix is finished, and what is done about it: one total decision."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

from krow_versions.errors import Conflict
from krow_versions.hotfix.tasks import Task, TaskKind, as_task
from krow_versions.planning.commands import git_in
from krow_versions.settings import PULL_REQUEST
from krow_versions.text.escaping import shell_command, shell_word
from krow_versions.text.words import by_number, counted
from krow_versions.values import field, frozen

if TYPE_CHECKING:
    from krow_versions.hotfix.facts import Facts
    from krow_versions.settings import Hotfix


class Case(enum.Enum):
    """How main stands to a hotfix."""

    OLDER = "a higher version is in production: tagged, and main stays as it is"
    CONTAINED = "main contains the hotfix: tagged"
    FORWARD = "main is an ancestor of the hotfix: main moves forward to it"
    MERGED_HERE = "main of this clone has the merge: main moves forward to that"
    MOVED = "main has moved on: it gets a merge"
    UNDONE = "main has undone the hotfix: people decide"
    REVIEW = "people merge the pull request on the server: it is waited for"
    MISSING = "there is no main branch, and none is made"


@frozen
class Landing:
    """How a hotfix is finished.

    Attributes:
        case: how main stands to it.
        commit: the commit that gets the tag: that on main if its content is the hotfix's, else the tip.
        main: the commit that main gets on the remote, or here without a remote; None if it stays.
    """

    case: Case
    commit: str
    main: str | None = None


def land(facts: Facts, settings: Hotfix) -> Landing | None:
    """Decide how a hotfix is finished; None if there is neither a branch nor a tag of it.

    Args:
        facts: what git and the remote say, after a fetch.
        settings: how a hotfix is brought to main.
    """
    commit = facts.tag_at if facts.finished else facts.tip
    if commit is None:
        return None
    if facts.newer is not None:
        return Landing(Case.OLDER, commit)
    if facts.main is None or facts.remote_main is False:
        return Landing(Case.MISSING, commit)
    if facts.undone:
        return Landing(Case.UNDONE, commit)
    is_there = facts.remote is None or facts.main == facts.main_there
    if facts.merged or facts.landed is not None:
        tagged = commit if facts.finished else facts.landed or commit
        if is_there:
            return Landing(Case.CONTAINED, tagged)
        if settings.merge != PULL_REQUEST and facts.main_there is not None:
            return Landing(Case.MERGED_HERE, commit, facts.main)
    if facts.remote is not None and settings.merge == PULL_REQUEST:
        return Landing(Case.REVIEW, commit)
    if facts.remote is not None and facts.main_there is None:
        return Landing(Case.MISSING, commit)
    return Landing(Case.MOVED, commit) if facts.behind else Landing(Case.FORWARD, commit, commit)


def undone(facts: Facts) -> str:
    """Say that main has undone the hotfix, and by which commit."""
    by = f" with {facts.undone_by[:12]}" if facts.undone_by else ""
    return f"{facts.main_name} had the hotfix, and has undone it{by}"


def seeing_undone(facts: Facts) -> str:
    """Give the command that shows how main has undone the hotfix."""
    by = facts.undone_by
    return f"{facts.git} show {by[:12]}" if by else f"{facts.git} log {shell_word(facts.main_name)}"


def undone_hint(facts: Facts) -> str:
    """Say what to do about a hotfix that main has undone."""
    by = facts.undone_by[:12] if facts.undone_by else "COMMIT"
    mainline = "-m 1 " if facts.by_merge else ""
    return (
        f"decide with those who undid it ({seeing_undone(facts)}); to ship it all the same, bring it back to "
        f"{facts.main_name}: {facts.git} revert {mainline}{by} there, and run this again"
    )


@frozen
class Difference:
    """How the branch here and on the remote differ.

    Attributes:
        why: what is not the same.
        task: what to do about it.
        more: how the sentence that begins with the command goes on, or empty.
    """

    why: str
    task: Task = field(converter=as_task)
    more: str = ""


def difference(facts: Facts) -> Difference | None:
    """Say how the branch here and on the remote differ; None if nothing is in the way of a finish.

    A branch that the remote does not have, and never had, is nothing that differs. Neither are commits
    that main has already, merges of main into the branch, nor any once the tag is out.
    """
    if facts.tip is None or facts.branch_pushed is not False or facts.tag_pushed or facts.tag_there:
        return None
    remote, git, branch = facts.remote, facts.git, facts.branch
    name, there = shell_word(branch), shell_word(f"{remote}/{branch}")
    is_done = facts.merged or facts.finished
    if facts.branch_there is None:
        if is_done or not facts.branch_was_there:
            return None
        why = f"{remote} had the branch {branch} and has it no more, and {facts.main_name} lacks it"
        return Difference(
            why,
            f"{git} push {shell_command([str(remote), branch])}",
            ", if it is still to be shipped; see first who deleted it",
        )
    if facts.lacking is None:
        why = f"{remote}'s branch {branch} has commits that are not here"
        return Difference(why, f"{git} fetch {shell_word(str(remote))}", ", then run it again")
    verb = by_number(facts.lacking, "is", "are")
    theirs, ours = f"{counted(facts.lacking, 'commit')} that {verb} not here", counted(facts.ahead, "commit")
    switch = "" if facts.checked_out else f"{git} switch {name} && "
    if not facts.lacking:
        if is_done:
            return None
        why = f"the branch {branch} here has {ours} that {remote}'s lacks"
        task = Task.of(facts.calls, TaskKind.REQUEST)
        return Difference(why, task, " pushes it, so that it can be reviewed")
    if not facts.ahead:
        why = f"{remote}'s branch {branch} has {theirs}"
        return Difference(why, f"{switch}{git} merge --ff-only {there}", ", then have the whole approved")
    return Difference(
        f"{remote}'s branch {branch} has {theirs}, and lacks {ours} of the branch here",
        f"{git} log --oneline --left-right {shell_word(f'{branch}...{remote}/{branch}')}",
        f" shows them; to go on with theirs: {switch}{git} reset --keep {there}; to put yours on top: "
        f"{switch}{git} rebase {there}",
    )


def unfetched(facts: Facts) -> Difference | None:
    """Say that the remote has the production tag, and it is not here; None if that is not so.

    The command brings with it what else the remote has otherwise: its main, and the branch.
    """
    if facts.tag_there is None:
        return None
    refs = [facts.main_name] if facts.main_moved else []
    refs += [facts.branch] if facts.branch_there not in (None, facts.updated_to or facts.tip) else []
    words = ["fetch", str(facts.remote), "tag", facts.tag_there, *refs]
    command = f"{facts.git} {shell_command(words)}"
    return Difference(f"{facts.remote} has the tag {facts.tag_there}, and it is not here", command)


def lagging(facts: Facts) -> Difference | None:
    """Say that the hotfix is out, and main here lacks it, although main on the remote has it."""
    out = facts.tag_pushed and facts.newer is None and not facts.undone
    is_behind = facts.main_here != facts.main_there and facts.main_there in facts.main_in
    if facts.remote is None or not (out and is_behind):
        return None
    remote, main, elsewhere = facts.remote, facts.main_name, facts.main_elsewhere
    there = git_in(elsewhere) if elsewhere else facts.git
    if elsewhere or facts.state.repo.branch == main:
        bringing = f"{there} pull --ff-only {shell_command([remote, main])}"
    else:
        bringing = f"{there} fetch {shell_command([remote, f'{main}:{main}'])}"
    return Difference(f"{main} here is behind {remote}/{main}", bringing)


def require_fetched(facts: Facts) -> None:
    """Refuse to go on without the production tag that the remote has.

    Raises:
        Conflict: it is not here.
    """
    if (lacking := unfetched(facts)) is not None:
        raise Conflict(f"{lacking.why}; nothing was done", hint=f"{lacking.task.command}, then run it again")
