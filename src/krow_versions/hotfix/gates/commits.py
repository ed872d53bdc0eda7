"""The gates of what the commits say: one fix, in its form, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.hotfix.gates.model import FAILED, PASSED, WARNING, GateKind, Ruling
from krow_versions.hotfix.messages import fixes, kind_of, parse_commit
from krow_versions.text.escaping import quoted
from krow_versions.text.words import listed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from krow_versions.commits import Commit
    from krow_versions.hotfix.gates.model import Subject

# Types of conventionalcommits.org that change what the product does, and are no fix.
_NO_HOTFIX = {"feat", "feature", "refactor", "perf"}
_ALONGSIDE = {"fix", "chore", "docs", "test", "tests", "build", "ci", "release", "style", "revert"}
_APART = "ship each of the other changes on its own: git rebase --interactive takes them out"


def _message(subject: Subject) -> Ruling:
    facts = subject.facts
    found = fixes(facts)
    if not found:
        return Ruling(FAILED, "there is no fix: commit", "commit the fix as fix: …")
    forms = {commit.id: parse_commit(commit.body) for commit in found}
    whole = [commit for commit in found if not forms[commit.id].missing]
    if whole:
        return Ruling(PASSED, _named(whole[:1]))
    wanting = min(found, key=lambda commit: len(forms[commit.id].missing))
    newest = facts.commits[0].id == wanting.id
    return Ruling(
        FAILED,
        f"{_named([wanting])} lacks {', '.join(forms[wanting.id].missing)}",
        "git commit --amend" if newest else f"git rebase --interactive, and reword {wanting.id[:12]}",
    )


def _one_fix(subject: Subject) -> Ruling:
    facts = subject.facts
    found = fixes(facts)
    others = [commit for commit in facts.commits if kind_of(commit) in _NO_HOTFIX]
    merges = [commit for commit in facts.commits if commit.parents > 1]
    if others:
        return Ruling(FAILED, f"no part of a hotfix: {_named(others)}", _APART)
    if merges:
        return Ruling(FAILED, f"a merge is no fix: {_named(merges)}", _APART)
    if not found:
        return Ruling(FAILED, "there is no fix: commit", "commit the fix as fix: …")
    if len(_issues(found)) > 1:
        hint = "ship them one by one; commits of one fix give the same Issue:, or are squashed"
        return Ruling(FAILED, f"{len(_issues(found))} unrelated fixes: {_named(found)}", hint)
    unknown = [commit for commit in facts.commits if kind_of(commit) not in _ALONGSIDE]
    if unknown:
        hint = "see that they belong to the fix; a type such as fix: or chore: says so"
        return Ruling(WARNING, f"commits of no known type: {_named(unknown)}", hint)
    return Ruling(PASSED, _named(found))


GATES = (
    GateKind("commit-message", "the commit message is in its form", 3, _message, box="commit-message"),
    GateKind("one-fix", "there is exactly one fix", 3, _one_fix),
)


def _issues(found: Iterable[Commit]) -> set[str]:
    """Give the issues that commits fix; one that names none stands for itself."""
    said = ((commit.id, parse_commit(commit.body).issue) for commit in found)
    return {" ".join(issue.casefold().split()) or id_ for id_, issue in said}


def _named(commits: Iterable[Commit]) -> str:
    return listed([f"{commit.id[:12]} {quoted(commit.subject)}" for commit in commits], 3)
