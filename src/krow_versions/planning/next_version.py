"""Baseline and outcome of the bump rule for a product, unvalidated: conflicts are part of the outcome."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from krow_versions import releases
from krow_versions.baseline import find_baseline
from krow_versions.builds import shipped_builds
from krow_versions.bump_rule import Shipped, bump
from krow_versions.errors import Conflict, KrowVersionsError, PrereleaseVersion, raise_all
from krow_versions.planning.build_limit import over_limit
from krow_versions.planning.commands import Calls
from krow_versions.planning.without_build import without_build
from krow_versions.products import repo_path
from krow_versions.text.escaping import printable, shell_word
from krow_versions.values import frozen
from krow_versions.version import Version, build_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from krow_versions.baseline import Baseline
    from krow_versions.bump_rule import Outcome
    from krow_versions.products import Catalog
    from krow_versions.snapshot import ProductState
    from krow_versions.version import Held


@frozen
class NextVersion:
    """Baseline and outcome of the bump rule for one product, conflicts included.

    Attributes:
        baseline: the version in production.
        outcome: the version that each readable file must hold, in the order of the files.
        notes: one sentence each.
        warnings: possible mistakes, one sentence each.
    """

    baseline: Baseline
    outcome: Outcome
    notes: tuple[str, ...]
    warnings: tuple[str, ...] = ()


def find_next(
    catalog: Catalog,
    state: ProductState,
    from_: Version | None = None,
    build: int | None = None,
    above_build: int | None = None,
) -> NextVersion:
    """Find the baseline and apply the bump rule; the outcome is not validated.

    Raises:
        Conflict: production is above the baseline, and HEAD does not contain it.
        InputError: the build would be over the limit of the product; with the conflicts of files.
        KrowVersionsError: as :func:`find_baseline` and the rule say.
    """
    baseline = find_baseline(state, from_)
    try:
        target = baseline.version.next_patch()
    except PrereleaseVersion as error:
        raise error.in_file(state.files[0].path) from None
    if from_ is None:
        _require_contained(catalog, state, baseline)
    shipped, unreadable = shipped_builds(catalog, state, target)
    if from_ is not None and from_.build is None:
        shipped += _committed_builds(state, from_)
    held = [file.located.held for file in state.files if file.located is not None]
    if (build, above_build) != (None, None) and held and all(build_of(each) is None for each in held):
        argument = "build" if above_build is None else "above_build"
        raise without_build(state, "has no build to set", f"leave {argument} out")
    outcome = bump(baseline.version, held, shipped, above_build=above_build)
    if errors := over_limit(state, baseline, outcome, build, above_build):
        raise_all([*errors, *conflicts(state, outcome)])
    if build is not None:
        outcome = bump(baseline.version, held, shipped, build=build)
    notes = [f"{state.product.name}: baseline {baseline.version} ({baseline.explanation})"]
    warnings = [*_doubts_of_baseline(state, baseline), *doubts_of_files(state, unreadable)]
    if from_ is not None:
        warnings += _doubts_of_builds(state)
    return NextVersion(baseline, outcome, tuple(notes), tuple(warnings))


def conflicts(state: ProductState, outcome: Outcome) -> list[KrowVersionsError]:
    """Return the conflicts of *outcome*, with the places of their files."""
    located = [(file, file.located) for file in state.files if file.located is not None]
    found: list[KrowVersionsError] = []
    for (file, where), conflict in zip(located, outcome.files, strict=True):
        if isinstance(conflict, Conflict):
            conflict.line = where.line
            if where.format.is_lock:
                conflict.advise(f"a lock out of step: {where.format.lock_command}", keep=True)
            found.append(conflict.in_file(repo_path(file.repo, file.path)))
    return found


def _committed_builds(state: ProductState, version: Version) -> list[Shipped]:
    """Return the builds at HEAD of files that have no version, if the others have *version* there.

    Such a file does not say whether it was bumped already; what is committed does.
    """
    held: list[Held] = []
    for past in state.committed:
        with contextlib.suppress(KrowVersionsError):  # Only needed for the build of what the caller names.
            held.append(past.held())
    if any(isinstance(each, Version) and each.core != version.core for each in held):
        return []
    return [Shipped(version, each) for each in held if isinstance(each, int)]


def _require_contained(catalog: Catalog, state: ProductState, baseline: Baseline) -> None:
    """Refuse to bump past a release to production that HEAD lacks, or has undone.

    The hotfix branch of an older line is meant to lack it: its version is the next PATCH of the baseline,
    and not released.
    """
    above = [tag for tag in state.tags if releases.core_of(tag) > baseline.version.core]
    tag = releases.highest(tag for tag in above if not releases.is_contained(tag))
    if tag is None or tag.version is None:
        return
    target = baseline.version.next_patch().core
    reserved = (catalog.read_branch(name) for name in state.repo.on)
    is_older_line = any(
        each and each[0] == state.product.slug and each[1].core == target for each in reserved
    )
    if is_older_line and releases.of_version(state.tags, target) is None:
        return
    if tag.undone_by or tag.reachable:
        by = f"the commit {tag.undone_by[:12]}" if tag.undone_by else "a later commit"
        message = f"{tag.version} is in production ({tag.name}), but {by} has undone it"
        again = releases.bringing_back("git", tag.undone_by, tag.name, by_merge=tag.by_merge)
    else:
        message = f"{tag.version} is in production ({tag.name}), and HEAD does not contain it"
        again = f"merge it: git merge {shell_word(tag.name)}"
        if tag.version.core == target:
            message = f"{tag.version} is taken: there is the tag {tag.name}, and HEAD does not contain it"
    raise Conflict(
        f"{message}; the next version after {baseline.version} would lose what it fixed",
        baseline=baseline.version,
        target=baseline.version.next_patch().with_build(None),
        found=tag.version,
        hint=f"{again}; or start from it: {Calls(state.product.name).start()}; or, if HEAD has "
        f"its change in another form, name the version that is in production: {tag.version}",
    )


def _doubts_of_baseline(state: ProductState, baseline: Baseline) -> Iterator[str]:
    name = state.product.name
    if baseline.source == "file":
        yield (
            f"{name}: without a commit the baseline is the file itself, which is not repeatable: "
            "another run would bump again; name the version that is in production"
        )
    elsewhere = releases.highest(state.tags)
    if baseline.source == "head" and elsewhere:
        yield (
            f"{name}: HEAD does not contain the production tag {elsewhere.name}; is this the right branch? "
            "the baseline is what is committed here"
        )


def doubts_of_files(state: ProductState, unreadable: Iterable[KrowVersionsError]) -> Iterator[str]:
    """Warn about builds that are not counted, for *unreadable* reasons, and files that are not committed."""
    for error in unreadable:
        yield f"{error.where}: its build is not counted: {error.message}"
    for tag in state.tags:
        if not tag.readable:
            yield f"the tag {tag.name} names no commit that is here: its build is not counted"
    for file in state.files if all(file.build is None for file in state.files) else ():
        for line, what in file.located.derived if file.located else ():
            yield f"{repo_path(file.repo, file.path)}:{line}: this build is not raised: {printable(what)}"
    known = {past.path for past in state.committed}
    for file in state.files if known else ():
        if file.repo == state.product.repo and file.path not in known and file.follows is None:
            yield f"{repo_path(file.repo, file.path)} is not in the last commit; does git ignore it?"


def _doubts_of_builds(state: ProductState) -> Iterator[str]:
    """Warn about shipped builds that are not known, if the caller gave the baseline."""
    if state.repo.shallow:
        yield f"{state.repo.clone} is shallow: builds already shipped may not be counted"
    if state.repo.untagged:
        yield f"{state.repo.clone} was made without tags: builds already shipped are not counted"
    if state.repo.error is not None:
        yield f"builds already shipped are not counted: {state.repo.error.message}"
