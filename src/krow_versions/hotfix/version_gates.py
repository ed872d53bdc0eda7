"""The gates of the version: PATCH only, every file, a row in the CHANGELOG, all of it committed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from krow_versions.assess import assess
from krow_versions.catalog import place
from krow_versions.changelog import find_table
from krow_versions.errors import Conflict, KrowVersionsError
from krow_versions.hotfix.verdicts import FAILED, PASSED, UNKNOWN, WARNING, gate
from krow_versions.text.words import listed

if TYPE_CHECKING:
    from krow_versions.catalog import Catalog
    from krow_versions.hotfix.facts import Facts
    from krow_versions.hotfix.verdicts import Gate
    from krow_versions.snapshot import FileState, ProductState


def version_gates(facts: Facts, catalog: Catalog) -> tuple[Gate, Gate, Gate]:
    """Judge the version and the CHANGELOG as they are committed at the tip."""
    files = committed_files(facts)
    return _patch_only(facts, files), _version_files(facts, catalog, files), _changelog(facts)


def committed_files(facts: Facts) -> tuple[FileState, ...]:
    """Give the version files at the tip; those of other repositories as they stand there."""
    repo = facts.state.product.repo
    here = (past.state(repo) for past in facts.at_tip)
    elsewhere = (file for file in facts.state.files if file.repo != repo)
    return (*here, *elsewhere)


def _patch_only(facts: Facts, files: tuple[FileState, ...]) -> Gate:
    target = facts.version
    if target.patch == 0:
        return gate(
            "patch-only", FAILED, f"{target} is no PATCH of anything", "a hotfix raises the PATCH by 1"
        )
    below = attrs.evolve(target, patch=target.patch - 1)
    raised = [
        _held(file) for file in files if file.version and file.version.core not in (below.core, target.core)
    ]
    if raised:
        hint = f"bring it back to {below}, then krow-versions bump-patch {facts.product}"
        return gate("patch-only", FAILED, listed(raised), hint)
    return gate("patch-only", PASSED, f"{below} -> {target}")


def _version_files(facts: Facts, catalog: Catalog, files: tuple[FileState, ...]) -> Gate:
    bump = f"krow-versions bump-patch {facts.product}, and commit it"
    repo = facts.state.product.repo
    known = {past.path for past in facts.at_tip}
    wrong = [
        f"{file.path} is not committed"
        for file in facts.state.files
        if facts.checked_out and file.repo == repo and file.path not in known
    ]
    wrong += [f"{place(file.repo, file.path)}: {file.error.message}" for file in files if file.error]
    if not files:
        return gate("version-files", FAILED, f"the branch has no version file of {facts.product}", bump)
    if facts.base is None or facts.finished:  # What shipped is not judged by what shipped since.
        wrong += [_held(file) for file in files if file.version and file.version.core != facts.version.core]
        if wrong:
            return gate("version-files", FAILED, listed(wrong))
        if facts.finished:
            return gate("version-files", PASSED, listed([_held(file) for file in files]))
        return gate("version-files", UNKNOWN, "without its tag the build cannot be judged")
    try:
        found = assess(catalog, _at_tip(facts, files))
    except KrowVersionsError as error:
        return gate(
            "version-files", FAILED if wrong else UNKNOWN, listed([*wrong, error.message]), error.hint or ""
        )
    readable = [file for file in files if file.version is not None]
    for file, wanted in zip(readable, found.outcome.files, strict=True):
        if isinstance(wanted, Conflict):
            wrong.append(f"{place(file.repo, file.path)}: {wanted.message}")
        elif wanted != file.version:
            wrong.append(f"{_held(file)}, and must be {wanted}")
    if wrong:
        return gate("version-files", FAILED, listed(wrong), bump)
    return gate("version-files", PASSED, listed([_held(file) for file in files]))


def _held(file: FileState) -> str:
    return f"{place(file.repo, file.path)} is {file.version}"


def _at_tip(facts: Facts, files: tuple[FileState, ...]) -> ProductState:
    """Give the product as it is at the tip, with nothing but the base in production."""
    base = (attrs.evolve(facts.base, reachable=True),) if facts.base else ()
    return attrs.evolve(facts.state, files=files, committed=facts.at_tip, tags=base)


def _changelog(facts: Facts) -> Gate:
    state, name = facts.state.changelog, facts.product
    if state is None:
        hint = f"krow-versions changelog init {name} makes one"
        return gate("changelog", WARNING, f"{name} has no CHANGELOG", hint)
    path = place(state.repo, state.path)
    here = state.repo == facts.state.product.repo
    text = facts.changelog_at_tip if here else state.text
    add = f"krow-versions changelog add {name} -m TEXT, and commit it"
    if text is None:
        return gate("changelog", FAILED, f"{path} is not committed on the branch", add)
    try:
        found = find_table(text, heading=state.heading).has(facts.version)
    except KrowVersionsError as error:
        return gate("changelog", FAILED, f"{path}: {error.message}", error.hint or "")
    if found:
        return gate("changelog", PASSED, f"{path} has a row for {facts.version}")
    if here and state.text != text and _has_row(facts):
        return gate("changelog", FAILED, f"the row in {path} is not committed", "git commit --all")
    return gate("changelog", FAILED, f"{path} has no row for {facts.version}", add)


def _has_row(facts: Facts) -> bool:
    state = facts.state.changelog
    try:
        return state is not None and find_table(state.text, heading=state.heading).has(facts.version)
    except KrowVersionsError:
        return False
