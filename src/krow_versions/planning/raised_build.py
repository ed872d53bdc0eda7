"""Compute the plan that raises the build of products and nothing else; nothing is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.baseline import Baseline, find_baseline, trusted_tag
from krow_versions.builds import shipped_builds
from krow_versions.bump_rule import raise_build
from krow_versions.errors import Conflict, KrowVersionsError, raise_all
from krow_versions.planning.build_limit import raised_over_limit
from krow_versions.planning.bump import change_of, plan_all, require_one
from krow_versions.planning.next_version import doubts_of_files
from krow_versions.planning.overrides import left_behind
from krow_versions.planning.plan import Plan, ProductPlan
from krow_versions.planning.refusals import located, unready
from krow_versions.planning.without_build import without_build
from krow_versions.products import repo_path
from krow_versions.text.escaping import shell_word
from krow_versions.version import Version, with_highest

if TYPE_CHECKING:
    from krow_versions.formats import Located
    from krow_versions.planning.changelog_row import Texts
    from krow_versions.products import Catalog
    from krow_versions.snapshot import FileState, ProductState, Snapshot
    from krow_versions.version import Held


def plan_build(snapshot: Snapshot, *, above_build: int | None = None) -> Plan:
    """Plan to raise the build of every product in *snapshot* above all builds that shipped.

    Args:
        snapshot: the state of the files and of git.
        above_build: the highest build that the product's store has seen; for one product only.

    Raises:
        UsageError: *above_build* with several products.
        KrowVersionsError: the builds cannot be raised; all problems at once.
    """
    require_one(snapshot, *([] if above_build is None else ["above_build"]))
    texts: Texts = {}
    return plan_all(snapshot, lambda state: _plan_product(snapshot.catalog, state, texts, above_build))


def _plan_product(
    catalog: Catalog, state: ProductState, texts: Texts, above_build: int | None
) -> ProductPlan:
    raise_all(unready(state))
    trusted_tag(state)
    files = located(state)
    _require_agreement(state, files)
    shipped, unreadable = shipped_builds(catalog, state)
    held = [where.held for _, where in files]
    raised = raise_build(held, shipped, above_build=above_build)
    name, highest = state.product.name, max((each.build for each in shipped), default=None)
    baseline = _baseline(state, held)
    version = next((each for each in raised if isinstance(each, Version)), baseline.version)
    target = with_highest(version, raised)
    if target.build is not None and target.build > state.product.max_build:
        seen = max(-1 if highest is None else highest, -1 if above_build is None else above_build)
        is_held = seen < state.product.max_build
        raise raised_over_limit(state, target.build, "the next build", held=is_held)
    changes = tuple(
        change_of(file, where, after, texts) for (file, where), after in zip(files, raised, strict=True)
    )
    known = (
        "no tag shows one that has shipped"
        if highest is None
        else f"the highest that has shipped is {highest}"
    )
    note = f"{name}: build {target.build}; {known}"
    warnings = (*doubts_of_files(state, unreadable), *left_behind(state))
    return ProductPlan(name, baseline, target, changes, None, (note,), warnings)


def _baseline(state: ProductState, held: list[Held]) -> Baseline:
    """Return what is in production, for information: the build does not depend on it."""
    try:
        return find_baseline(state)
    except KrowVersionsError:  # Such as a committed file that cannot be read, and is corrected on disk.
        versions = [each for each in held if isinstance(each, Version)]
        if not versions:
            raise
        return Baseline(with_highest(versions[0], held), "file")


def _require_agreement(state: ProductState, files: list[tuple[FileState, Located]]) -> None:
    """Refuse files without any build, and files that are at different versions."""
    name = state.product.name
    if all(where.build is None for _, where in files):
        raise without_build(state, "has no build to raise", "leave it out")
    versions = {repo_path(file.repo, file.path): where.version for file, where in files}
    known = [version for version in versions.values() if version is not None]
    if len({version.with_build(None) for version in known}) > 1:
        listed = ", ".join(f"{path} is {version}" for path, version in sorted(versions.items()) if version)
        raise Conflict(
            f"the files of {name} disagree: {listed}",
            hint="bring them to one version first: krow-versions bump-patch "
            f"{shell_word(name)} finishes a bump that was interrupted",
        )
