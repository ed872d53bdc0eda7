"""The gates of the version: PATCH only, every version file, the CHANGELOG; all of it committed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.changelog import find_releases
from krow_versions.errors import Conflict, KrowVersionsError
from krow_versions.hotfix.gates.model import FAILED, PASSED, UNKNOWN, WARNING, GateKind, Ruling
from krow_versions.planning.next_version import find_next
from krow_versions.products import repo_path
from krow_versions.text.words import listed
from krow_versions.values import evolve
from krow_versions.version import written

if TYPE_CHECKING:
    from krow_versions.hotfix.facts import Facts
    from krow_versions.hotfix.gates.model import Subject
    from krow_versions.snapshot import FileState, ProductState


def _patch_only(subject: Subject) -> Ruling:
    facts = subject.facts
    target = facts.version
    if target.patch == 0:
        return Ruling(FAILED, f"{target} is no PATCH of anything", "a hotfix raises the PATCH by 1")
    below = evolve(target, patch=target.patch - 1)
    raised = [
        _held(file)
        for file in _committed_files(facts)
        if file.version and file.version.core not in (below.core, target.core)
    ]
    if raised:
        hint = f"bring it back to {below}, then {facts.calls.other('bump-patch')}"
        return Ruling(FAILED, listed(raised), hint)
    return Ruling(PASSED, f"{below} -> {target}")


def _version_files(subject: Subject) -> Ruling:
    facts = subject.facts
    files = _committed_files(facts)
    bump = f"{facts.calls.other('bump-patch')}, and commit it"
    repo = facts.state.product.repo
    known = {past.path for past in facts.at_tip}
    wrong = [
        f"{file.path} is not committed"
        for file in facts.state.files
        if facts.is_here and file.repo == repo and file.path not in known
    ]
    wrong += [f"{repo_path(file.repo, file.path)}: {file.error.message}" for file in files if file.error]
    if not files:
        return Ruling(FAILED, f"the branch has no version file of {facts.product}", bump)
    if facts.base is None or facts.finished:  # A shipped version is not judged by later tags.
        wrong += [_held(file) for file in files if file.version and file.version.core != facts.version.core]
        if wrong:
            return Ruling(FAILED, listed(wrong))
        if facts.finished:
            return Ruling(PASSED, listed([_held(file) for file in files]))
        return Ruling(UNKNOWN, "without its tag the build cannot be judged")
    try:
        found = find_next(subject.catalog, _at_tip(facts, files))
    except KrowVersionsError as error:
        return Ruling(FAILED if wrong else UNKNOWN, listed([*wrong, error.message]), error.hint or "")
    readable = [(file, file.located.held) for file in files if file.located is not None]
    for (file, held), wanted in zip(readable, found.outcome.files, strict=True):
        if isinstance(wanted, Conflict):
            wrong.append(f"{repo_path(file.repo, file.path)}: {wanted.message}")
        elif wanted != held:
            wrong.append(f"{_held(file)}, and must be {written(wanted)}")
    if wrong:
        return Ruling(FAILED, listed(wrong), bump)
    return Ruling(PASSED, listed([_held(file) for file in files]))


def _changelog(subject: Subject) -> Ruling:
    facts = subject.facts
    state, name = facts.state.changelog, facts.product
    if state is None:
        hint = f"{facts.calls.other('changelog init')} makes one"
        why = facts.state.foreign_changelog
        return Ruling(WARNING, f"{name} has no CHANGELOG{f': {why}' if why else ''}", hint)
    path = repo_path(state.repo, state.path)
    here = state.repo == facts.state.product.repo
    text = facts.changelog_at_tip if here else state.text
    add = f"{facts.calls.other('changelog add', '-m TEXT')}, and commit it"
    if text is None:
        return Ruling(FAILED, f"{path} is not committed on the branch", add)
    try:
        found = find_releases(text, heading=state.heading)
    except KrowVersionsError as error:
        return Ruling(FAILED, f"{path}: {error.message}", error.hint or "")
    if found.has(facts.version):
        return Ruling(PASSED, f"{path} has a {found.noun} for {facts.version}")
    if here and state.text != text and _is_listed(facts):
        return Ruling(FAILED, f"the {found.noun} in {path} is not committed", f"{facts.git} commit --all")
    return Ruling(FAILED, f"{path} has no {found.noun} for {facts.version}", add)


GATES = (
    GateKind("patch-only", "only the PATCH is raised", 4, _patch_only, box="version"),
    GateKind("version-files", "every version file is at the target", 4, _version_files, box="version"),
    GateKind("changelog", "the CHANGELOG has a row or a section", 5, _changelog, box="changelog"),
)


def _committed_files(facts: Facts) -> tuple[FileState, ...]:
    """Give the version files at the tip; those in other repositories as in their working trees."""
    repo = facts.state.product.repo
    here = (past.state(repo) for past in facts.at_tip)
    elsewhere = (file for file in facts.state.files if file.repo != repo)
    return (*here, *elsewhere)


def _held(file: FileState) -> str:
    return f"{repo_path(file.repo, file.path)} is {file.shown}"


def _at_tip(facts: Facts, files: tuple[FileState, ...]) -> ProductState:
    """Give the product as it is at the tip, with the base as its only tag."""
    base = (evolve(facts.base, reachable=True, contained=True),) if facts.base else ()
    return evolve(facts.state, files=files, committed=facts.at_tip, tags=base)


def _is_listed(facts: Facts) -> bool:
    state = facts.state.changelog
    try:
        return state is not None and find_releases(state.text, heading=state.heading).has(facts.version)
    except KrowVersionsError:
        return False
