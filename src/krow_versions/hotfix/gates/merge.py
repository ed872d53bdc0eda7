"""The gates of the merge: main has not moved on, and nothing is left out of the commits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.hotfix.gates.diff import is_in, product_folders
from krow_versions.hotfix.gates.model import FAILED, PASSED, UNKNOWN, WARNING, GateKind, Ruling
from krow_versions.text.words import listed

if TYPE_CHECKING:
    from krow_versions.hotfix.facts import Facts
    from krow_versions.hotfix.gates.model import Subject


def ways_out(facts: Facts, main: str = "main") -> tuple[tuple[str, str], ...]:
    """Give the ways on when main has moved past the branch, each with what it costs."""
    pull = f"git merge --ff-only {facts.remote}/{main} && " if facts.remote else ""
    merge = f"git switch {main} && {pull}git merge --no-ff {facts.branch}, then "
    merge += f"krow-versions hotfix finish {facts.product}"
    its_cost = "what is tagged is the tip of the branch, as it was tested; main gets a merge commit, "
    its_cost += "and conflicts in version files and CHANGELOG are resolved by hand"
    whole = f"release {main} as it is, with the fix on it, as a usual release"
    all_of_it = f"the {_commits(facts.behind)} of {main} that production has not seen ship with it, "
    all_of_it += "and need their own tests; no hotfix tag is made"
    return (merge, its_cost), (whole, all_of_it)


def _main(subject: Subject) -> Ruling:
    facts, main = subject.facts, subject.settings.main
    if facts.merged:
        return Ruling(PASSED, f"{main} contains the branch")
    if facts.main is None:
        return Ruling(UNKNOWN, f"there is no branch {main} to compare with", f"git fetch, or see {main}")
    if facts.behind == 0:
        return Ruling(PASSED, f"not behind {main}")
    out = "; or: ".join(way for way, _ in ways_out(facts, main))
    return Ruling(FAILED, f"{main} has moved on by {_commits(facts.behind)}", out)


def _clean(subject: Subject) -> Ruling:
    facts = subject.facts
    under_way = facts.state.repo.under_way
    if under_way is not None:
        return Ruling(FAILED, f"a {under_way} is under way", "finish or abort it: git status tells how")
    if facts.dirty:
        return Ruling(
            FAILED,
            f"not committed: {listed(facts.dirty)}",
            "commit or stash it: git status tells how",
        )
    new = [path for path in facts.untracked if any(is_in(path, each) for each in product_folders(facts))]
    if new:
        return Ruling(
            WARNING,
            f"not known to git: {listed(new)}",
            "git add and commit what the fix needs: git commit --all leaves new files out",
        )
    if facts.unknown:
        return Ruling(
            WARNING,
            f"not known without their filter: {listed(facts.unknown)}",
            "git status compares them, once for all: run it, then this again",
        )
    return Ruling(PASSED, "nothing uncommitted" if facts.checked_out else "not checked out")


GATES = (
    GateKind("main", "main has not moved on", 7, _main),
    GateKind("clean", "nothing is uncommitted", 3, _clean),
)


def _commits(count: int) -> str:
    return f"{count} commit{'' if count == 1 else 's'}"
