"""The gates of the merge: main has not moved on, and everything is committed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.hotfix.gates.fix import is_in, product_folders
from krow_versions.hotfix.gates.model import FAILED, PASSED, UNKNOWN, WARNING, GateKind, Ruling
from krow_versions.text.escaping import shell_word
from krow_versions.text.words import counted, listed

if TYPE_CHECKING:
    from krow_versions.hotfix.facts import Facts
    from krow_versions.hotfix.gates.model import Subject


def ways_out(facts: Facts) -> tuple[tuple[str, str], ...]:
    """Give the two ways to continue when main has moved on, each with its cost."""
    git, main = facts.git, facts.main_name
    pull = f"{git} merge --ff-only {shell_word(f'{facts.remote}/{main}')} && " if facts.remote else ""
    merge = f"{git} switch {shell_word(main)} && {pull}{git} merge --no-ff {shell_word(facts.branch)}, then "
    merge += f"krow-versions hotfix finish {shell_word(facts.product)}"
    merge_cost = "what is tagged is the tip of the branch, as it was tested; main gets a merge commit, "
    merge_cost += "and conflicts in version files and CHANGELOG are resolved by hand"
    release = f"release {main} as it is, with the fix on it, as a usual release"
    commits = counted(facts.behind, "commit")
    release_cost = f"the {commits} of {main} that production has not seen ship with it, "
    release_cost += "and need their own tests; no hotfix tag is made"
    return (merge, merge_cost), (release, release_cost)


def new_files(facts: Facts) -> tuple[str, ...]:
    """Give the paths in the product that git neither knows nor ignores."""
    folders = product_folders(facts)
    return tuple(path for path in facts.untracked if any(is_in(path, folder) for folder in folders))


def _main(subject: Subject) -> Ruling:
    facts, main = subject.facts, subject.facts.main_name
    if facts.newer is not None:
        return Ruling(
            PASSED, f"an older line: {facts.newer.name} is in production, and {main} stays as it is"
        )
    if facts.merged:
        return Ruling(PASSED, f"{main} contains the branch")
    if facts.main is None:
        return Ruling(
            UNKNOWN, f"there is no branch {main} to compare with", f"{facts.git} fetch, or see {main}"
        )
    if facts.behind == 0:
        return Ruling(PASSED, f"not behind {main}")
    out = "; or: ".join(way for way, _ in ways_out(facts))
    return Ruling(FAILED, f"{main} has moved on by {counted(facts.behind, 'commit')}", out)


def _clean(subject: Subject) -> Ruling:
    facts = subject.facts
    under_way = facts.state.repo.under_way
    if under_way is not None:
        return Ruling(
            FAILED, f"a {under_way} is under way", f"finish or abort it: {facts.git} status shows how"
        )
    if facts.dirty:
        return Ruling(
            FAILED,
            f"not committed: {listed(facts.dirty)}",
            f"commit or stash it: {facts.git} status shows how",
        )
    new = new_files(facts)
    if new:
        return Ruling(
            FAILED,
            f"not known to git: {listed(new)}",
            f"{facts.git} add and commit what the fix needs: {facts.git} commit --all leaves new files out; "
            "delete the others, or ignore them: in .gitignore, or for this clone alone in .git/info/exclude",
        )
    if facts.unknown:
        return Ruling(
            WARNING,
            f"not known without their filter: {listed(facts.unknown)}",
            f"{facts.git} status compares them, once for all: run it, then this again",
        )
    return Ruling(PASSED, "nothing uncommitted" if facts.is_here else "not checked out")


GATES = (
    GateKind("main", "main has not moved on", 7, _main),
    GateKind("clean", "nothing is uncommitted", 3, _clean),
)
