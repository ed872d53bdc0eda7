"""The gates of the fix: the commits of the branch, and the size and place of their changes."""

from __future__ import annotations

import fnmatch
from typing import TYPE_CHECKING

from krow_versions.errors import KrowVersionsError
from krow_versions.formats import BUILT_IN, find_version, replace_version
from krow_versions.hotfix.gates.model import FAILED, PASSED, UNKNOWN, WARNING, GateKind, Ruling
from krow_versions.hotfix.messages import (
    fixes,
    form_of,
    is_undoing,
    kind_of,
    picked_from,
    standing,
)
from krow_versions.text.escaping import quoted
from krow_versions.text.words import listed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from krow_versions.commits import Commit
    from krow_versions.hotfix.facts import Facts
    from krow_versions.hotfix.gates.model import Subject
    from krow_versions.snapshot import PastFile

# Files that programs write: nobody reviews them line by line.
_LOCKS = {"pnpm-lock.yaml", "bun.lockb", "go.sum", "Package.resolved"}
_GENERATED = (
    *(".min.js", ".min.css", ".map", ".pb.go", "_pb2.py", "_pb2.pyi"),
    *(".g.dart", ".freezed.dart", ".mocks.dart", ".gr.dart", ".pb.dart"),
)
_GENERATED_FOLDERS = {"generated", "__generated__"}
# Types of conventionalcommits.org that change what the product does, but are not a fix.
_NO_HOTFIX = {"feat", "feature", "refactor", "perf"}
_ALONGSIDE = {"fix", "chore", "docs", "test", "tests", "build", "ci", "release", "style", "revert"}
_NOT_KNOWN = Ruling(UNKNOWN, "without its tag the changes are not known")


def product_folders(facts: Facts) -> set[str]:
    """Give the folders of the product's version files in the repository of its tags.

    A lock that it shares with other packages says nothing about where it is.
    """
    repo = facts.state.product.repo
    files = {file.path for file in facts.state.files if file.repo == repo}
    files |= {past.path for past in facts.at_tip}
    return {path.rpartition("/")[0] for path in files - _shared_locks(facts)}


def beyond_versions(facts: Facts) -> tuple[str, ...]:
    """Give the changed paths that hold more than the product's versions and its CHANGELOG.

    A version file counts if more than its version differs, such as a dependency in a ``package.json``; so
    does a file in which more than a pin of the product differs.
    """
    ours = _by_path((*facts.at_tip, *facts.pins_at_tip))
    before = _by_path(facts.at_base)
    return tuple(
        change.path
        for change in facts.changes
        if change.path != _changelog(facts)
        and (
            change.path not in ours
            or (change.path in before and not _only_versions(before[change.path], ours[change.path]))
        )
    )


def _by_path(files: Iterable[PastFile]) -> dict[str, list[PastFile]]:
    found: dict[str, list[PastFile]] = {}
    for past in files:
        found.setdefault(past.path, []).append(past)
    return found


def is_counted(path: str, changelog: str | None) -> bool:
    """Whether people review the file: it is not a lock, not generated, and not the CHANGELOG.

    >>> is_counted("lib/login.dart", None), is_counted("lib/login.g.dart", None)
    (True, False)
    """
    *folders, name = path.split("/")
    generated = name.endswith(_GENERATED) or not _GENERATED_FOLDERS.isdisjoint(folders)
    return not (generated or _is_lock(path) or path == changelog)


def is_in(path: str, folder: str) -> bool:
    """Whether *path* is *folder* or in it; both are relative to the product's repository folder."""
    folder = folder.strip("/")
    if folder in ("", "."):
        return not path.startswith("../")
    return path == folder or path.startswith(f"{folder}/")


def _message(subject: Subject) -> Ruling:
    facts = subject.facts
    if facts.base is None:
        return _NOT_KNOWN
    found = fixes(facts)
    if not found:
        return Ruling(FAILED, "there is no fix: commit", "commit the fix as fix: …")
    forms = {commit.id: form_of(facts, commit) for commit in found}
    whole = [commit for commit in found if not forms[commit.id].missing]
    if whole:
        return Ruling(PASSED, _named(whole[:1]))
    wanting = min(found, key=lambda commit: len(forms[commit.id].missing))
    todo = _completing(facts, found, wanting)
    lacking = f"{_named([wanting])} lacks {', '.join(forms[wanting.id].missing)}"
    if is_undoing(wanting):
        return Ruling(WARNING, f"{lacking}, as git wrote it", todo)
    if picked := picked_from(wanting):
        return Ruling(WARNING, f"{lacking}, and so does {picked[-1][:12]}, or it is not here", todo)
    return Ruling(FAILED, lacking, todo)


def _completing(facts: Facts, found: Iterable[Commit], wanting: Commit) -> str:
    """Say how the message is completed; what is pushed is not written again, or the branches would differ."""
    at = facts.commits.index(wanting)
    if facts.branch_there is None or at < facts.ahead:
        reword = f"{facts.git} rebase --interactive, and reword {wanting.id[:12]}"
        return reword if at else f"{facts.git} commit --amend"
    if all(form_of(facts, commit).issue for commit in found):
        same = f"{facts.git} commit --allow-empty"
        return f"it is pushed: add a commit with the complete message and the same Issue: {same}"
    revert = f"{facts.git} revert --no-edit"
    again = f"{facts.git} revert --no-commit HEAD"
    return (
        f"it is pushed: add commits that take it back and bring it again, the last one as fix: with the "
        f"complete message: {revert} {wanting.id[:12]} && {again} && {facts.git} commit"
    )


def _holds_the_fix(subject: Subject) -> Ruling:
    facts = subject.facts
    if facts.base is None:
        return _NOT_KNOWN
    found = beyond_versions(facts)
    held = [path for path in found if not _is_lock(path)]
    hint = f"{facts.git} status shows files that were not added: {facts.git} commit --all leaves new ones out"
    if held:
        return Ruling(PASSED, listed(held, 3))
    if found:
        return Ruling(WARNING, f"besides versions only locks are changed: {listed(found, 3)}", hint)
    changed = listed([change.path for change in facts.changes], 3)
    why = f"nothing is changed but versions and CHANGELOG: {changed}" if changed else "nothing is changed"
    return Ruling(FAILED, why, hint)


def _one_fix(subject: Subject) -> Ruling:
    facts = subject.facts
    if facts.base is None:
        return _NOT_KNOWN
    found = fixes(facts)
    others = [commit for commit in standing(facts.commits) if kind_of(commit) in _NO_HOTFIX]
    merges = [commit for commit in facts.commits if commit.parents > 1]
    apart = f"ship each of the other changes on its own: {facts.git} rebase --interactive takes them out"
    if others:
        return Ruling(FAILED, f"no part of a hotfix: {_named(others)}", apart)
    if merges and not facts.based:  # Else it joins commits of the branch, which are judged themselves.
        return Ruling(FAILED, f"a merge is no fix: {_named(merges)}", apart)
    if not found:
        return Ruling(FAILED, "there is no fix: commit", "commit the fix as fix: …")
    if len(_issues(facts, found)) > 1:
        hint = "ship them one by one; commits of one fix give the same Issue:, or are squashed"
        return Ruling(FAILED, f"{len(_issues(facts, found))} unrelated fixes: {_named(found)}", hint)
    unknown = [commit for commit in standing(facts.commits) if kind_of(commit) not in _ALONGSIDE]
    if unknown:
        hint = "see that they belong to the fix; a type such as fix: or chore: says so"
        return Ruling(WARNING, f"commits of no known type: {_named(unknown)}", hint)
    return Ruling(PASSED, _named(found))


def _size(subject: Subject) -> Ruling:
    facts, limit = subject.facts, subject.settings.max_lines
    if facts.base is None:
        return _NOT_KNOWN
    counted = [change for change in facts.changes if is_counted(change.path, _changelog(facts))]
    lines = sum((change.added or 0) + (change.deleted or 0) for change in counted)
    binary = [change.path for change in counted if change.added is None or change.deleted is None]
    found = f"{lines} changed lines, of at most {limit}"
    if lines > limit:
        largest = sorted(counted, key=lambda change: -((change.added or 0) + (change.deleted or 0)))
        hint = f"keep to what the fix needs; the most is in {listed([c.path for c in largest], 3)}"
        return Ruling(FAILED, found, hint)
    if binary:
        return Ruling(WARNING, f"{found}; binary: {listed(binary)}", "see that the fix needs them")
    return Ruling(PASSED, found)


def _scope(subject: Subject) -> Ruling:
    facts, also = subject.facts, subject.settings.also
    if facts.base is None:
        return _NOT_KNOWN
    folders = product_folders(facts)
    pinning = {past.path for past in facts.pins_at_tip} - {*beyond_versions(facts)}
    outside = [
        change.path
        for change in facts.changes
        if change.path not in _shared_locks(facts) | pinning
        and not any(is_in(change.path, folder) for folder in folders)
        and change.path != _changelog(facts)
        and not any(is_in(change.path, part) or fnmatch.fnmatchcase(change.path, part) for part in also)
    ]
    if not outside:
        return Ruling(PASSED, f"all inside {listed(sorted(folder or '.' for folder in folders))}")
    hint = "leave it out of the hotfix, or list its folder in the configuration if the product needs it"
    return Ruling(FAILED, f"outside the product: {listed(outside)}", hint)


GATES = (
    GateKind("commit-message", "the commit message is in its form", 3, _message, box="commit-message"),
    GateKind("one-fix", "there is exactly one fix", 3, _one_fix),
    GateKind("holds-fix", "it changes more than versions", 3, _holds_the_fix),
    GateKind("size", "the change is small", 3, _size),
    GateKind("scope", "it changes nothing outside the product", 3, _scope),
)


def _changelog(facts: Facts) -> str | None:
    changelog = facts.state.changelog
    return changelog.path if changelog and changelog.repo == facts.state.product.repo else None


def _is_lock(path: str) -> bool:
    name = path.rpartition("/")[2]
    if name in _LOCKS or name.endswith(".lock"):
        return True
    known = BUILT_IN.known_by(name)
    return known is not None and known.is_lock


def _shared_locks(facts: Facts) -> set[str]:
    return {file.path for file in facts.state.files if file.follows is not None}


def _only_versions(before: Iterable[PastFile], after: Iterable[PastFile]) -> bool:
    """Whether two texts of a file have the same content once its versions and its pins are equal."""
    new = {past.key: past for past in after}
    same, text = False, None
    try:
        for past in before:
            old = past.located()
            found = find_version(text, old.format) if text is not None else new[past.key].located()
            text = replace_version(found, old.held)
            same = bool(find_version(text, old.format).data == old.data)
    except (KrowVersionsError, KeyError):
        return False
    return same


def _issues(facts: Facts, found: Iterable[Commit]) -> set[str]:
    """Give the issues of commits; a commit without an issue counts as an issue of its own."""
    named = ((commit.id, form_of(facts, commit).issue) for commit in found)
    return {" ".join(issue.casefold().split()) or id_ for id_, issue in named}


def _named(commits: Iterable[Commit]) -> str:
    return listed([f"{commit.id[:12]} {quoted(commit.subject)}" for commit in commits], 3)
