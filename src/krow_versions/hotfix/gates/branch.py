"""The gates of the branch: its name and its base."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.errors import Conflict
from krow_versions.hotfix.gates.model import FAILED, PASSED, UNKNOWN, WARNING, GateKind, Ruling
from krow_versions.planning.commands import joining
from krow_versions.text.escaping import shell_word

if TYPE_CHECKING:
    from krow_versions.hotfix.facts import Facts
    from krow_versions.hotfix.gates.model import Subject


def _branch(subject: Subject) -> Ruling:
    facts = subject.facts
    start = f"{facts.calls.start()} makes it"
    if facts.tip is None and facts.tag is not None:
        return Ruling(UNKNOWN, f"{facts.branch} is gone; {facts.tag.name} is there")
    if facts.tip is None:
        return Ruling(FAILED, f"there is no branch {facts.branch}", start)
    if facts.tag is not None and not facts.finished:
        taken = f"{facts.tag.name} is there already, on another commit: {facts.version} is taken"
        hint = f"{facts.git} show {shell_word(facts.tag.name)} shows who made it; "
        hint += "a tag never moves, so the fix needs another"
        return Ruling(FAILED, taken, hint)
    if facts.is_here or facts.merged or facts.tag:
        found = f", found as {facts.found_as}" if facts.found_as and not facts.is_by_tag else ""
        return Ruling(PASSED, facts.branch + found)
    here = facts.state.repo.branch
    where = f"HEAD is on {here}" if here else "HEAD is detached"
    return Ruling(WARNING, f"{facts.branch}, but {where}", f"{facts.git} switch {shell_word(facts.branch)}")


def _base(subject: Subject) -> Ruling:
    facts = subject.facts
    repo = facts.state.repo
    if facts.base is None and (repo.shallow or repo.untagged):
        why = f"{repo.clone} {'is shallow' if repo.shallow else 'was made without tags'}"
        fetch = f"{facts.git} fetch --tags{' --unshallow' if repo.shallow else ''}"
        return Ruling(FAILED, f"{why}, so what it starts from is not known", fetch)
    if facts.base is None:
        return Ruling(
            FAILED,
            f"there is no production tag one PATCH below {facts.version}",
            f"{facts.git} fetch --tags, or start the hotfix from the tag that is in production",
        )
    if facts.left:
        return Ruling(FAILED, left(facts), renewing(facts))
    if facts.based:
        return Ruling(PASSED, f"starts from {facts.base.name}")
    return Ruling(
        FAILED,
        f"the branch does not start from {facts.base.name}, or has commits of main that are past it",
        f"{facts.git} log {shell_word(f'{facts.base.name}..{facts.branch}')} shows what it has; "
        f"{facts.git} rebase --onto {shell_word(facts.base.name)} with the fix alone",
    )


def left(facts: Facts) -> str:
    """Say that the branch is that of an abandoned hotfix."""
    return f"{facts.branch} is that of the abandoned hotfix: it has commits up to {facts.left[:12]}"


def renewing(facts: Facts) -> str:
    """Give the commands that put such a branch aside here, and bring or make the new one."""
    name, base = shell_word(facts.branch), shell_word(facts.base.name if facts.base else "")
    remote, making = shell_word(facts.remote or ""), f"{facts.git} switch --create {name} {base}"
    aside = f"{facts.git} branch --move {name} {shell_word(f'{facts.branch}-abandoned')}"
    ways = [aside] if facts.tip_here else []
    if facts.branch_there in {facts.left, *(each.id for each in facts.commits)}:
        ways += [f"{facts.git} push {remote} --delete {name}", making]
    elif facts.branch_there:
        ways.append(joining(facts.git, str(facts.remote), facts.branch))
    else:
        ways += [f"{facts.git} fetch --prune {remote}"] if facts.remote else []
        ways.append(making)
    return " && ".join(ways)


def require_branch(facts: Facts) -> None:
    """Refuse to push or ship what is no branch of the hotfix: a detached HEAD, and what was abandoned.

    Raises:
        Conflict: HEAD stands for the branch, or the branch is that of an abandoned hotfix.
    """
    if facts.left:
        raise Conflict(f"{left(facts)}; nothing was changed", hint=renewing(facts))
    if facts.found_as == "HEAD":
        git, name = facts.git, shell_word(facts.branch)
        ref = shell_word(f"refs/heads/{facts.branch}:refs/heads/{facts.branch}")
        fetch = f"{git} fetch {shell_word(facts.remote or '')} {ref} && {git} switch {name}"
        raise Conflict(
            f"there is no branch {facts.branch} here, only a detached HEAD; nothing was changed",
            hint=fetch if facts.remote else f"{git} switch --create {name}",
        )


GATES = (
    GateKind("branch", "the branch is called as it must be", 2, _branch, box="branch"),
    GateKind("base", "it starts from the production tag", 2, _base, box="branch"),
)
