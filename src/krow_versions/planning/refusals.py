"""Why a bump is refused, whatever else it would change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions import releases
from krow_versions.errors import Conflict, KrowVersionsError, members
from krow_versions.planning.next_version import NextVersion, conflicts
from krow_versions.planning.pins import PlannedPins, plan_pins
from krow_versions.values import evolve
from krow_versions.version import Version

if TYPE_CHECKING:
    from collections.abc import Iterator

    from krow_versions.formats import Located
    from krow_versions.planning.changelog_row import Texts
    from krow_versions.products import Catalog
    from krow_versions.snapshot import FileState, ProductState
    from krow_versions.version import Held


def refusals(
    catalog: Catalog,
    state: ProductState,
    found: NextVersion,
    *,
    changing: bool | None = None,
    pins: bool = False,
) -> list[KrowVersionsError]:
    """Return all reasons for which a bump to the version that was *found* is refused.

    Args:
        catalog: all products.
        state: the product.
        found: its next version.
        changing: whether files are to be changed; None asks whether one of them differs.
        pins: whether pins are moved, too.
    """
    errors = [*unready(state), *conflicts(state, found.outcome)]
    if changing is None:
        changing = any(where.held != after for _, where, after in decided(state, found))
    try:
        _check_target_is_free(catalog, state, found, changing=changing)
    except KrowVersionsError as error:
        errors.append(error)
    try:
        pins_beside(state, found, {}, move=pins)
    except KrowVersionsError as error:
        errors += members(error)
    return errors


def pins_beside(state: ProductState, found: NextVersion, texts: Texts, *, move: bool) -> PlannedPins:
    """Plan what becomes of the pins on the files of a bump; raises as :func:`plan_pins`."""
    moves = {
        (file.repo, file.path): (found.baseline.version, where.version, after)
        for file, where, after in decided(state, found)
        if file.follows is None and where.version is not None and isinstance(after, Version)
    }
    return plan_pins(state.pins, moves, texts, move=move or state.product.pins)


def decided(state: ProductState, found: NextVersion) -> Iterator[tuple[FileState, Located, Held]]:
    """Yield what each file must hold, without those in conflict."""
    for (file, where), after in zip(located(state), found.outcome.files, strict=True):
        if not isinstance(after, Conflict):
            yield file, where, after


def located(state: ProductState) -> list[tuple[FileState, Located]]:
    """Return the version files of a product that can be read, with their places."""
    return [(file, file.located) for file in state.files if file.located is not None]


def unready(state: ProductState) -> list[KrowVersionsError]:
    """Return why nothing can be written, whatever the next version is."""
    errors = [file.error for file in state.files if file.error is not None]
    if state.repo.under_way is not None:
        problem = f"a {state.repo.under_way} is under way in this repository"
        hint = "finish or abort it first: git status shows how"
        errors.append(Conflict(problem, path=state.repo.root, hint=hint))
    return errors


def _check_target_is_free(
    catalog: Catalog, state: ProductState, found: NextVersion, *, changing: bool
) -> None:
    """Refuse a target that was shipped, or that is not the version of this hotfix branch."""
    slug, target = state.product.slug, found.outcome.target.with_build(None)
    for tag in releases.production(state.tags):
        if tag.version == target and not releases.is_contained(tag):
            raise Conflict(
                f"{target} is taken: there is the tag {tag.name}, and HEAD does not contain it",
                hint="somebody has shipped this version from elsewhere: start from that tag",
            )
        if tag.version == target and changing:
            raise Conflict(
                f"{target} has been shipped: there is the tag {tag.name}, and the files here are behind it",
                hint=f"name the version that is in production: {target}",
            )
    reserved = {
        name: own[1] for name in state.repo.on if (own := catalog.read_branch(name)) and own[0] == slug
    }
    if any(version.core == target.core for version in reserved.values()):
        return  # HEAD may be detached at several branches.
    for name, version in reserved.items():
        if version.core == found.baseline.version.core:
            raise Conflict(
                f"the branch {name} is done: {version} is in production",
                hint=f"there is nothing to bump; the next hotfix is {catalog.branch.format(slug, target)}",
            )
        raise Conflict(
            f"the branch {name} is for {version}, but the next version is {target}",
            hint=f"switch to {catalog.branch.format(slug, target)}, "
            f"or name the version that is in production{_before(version)}",
        )


def _before(version: Version) -> str:
    """Write the version whose bump results in *version*, if there is one."""
    return f": {evolve(version, patch=version.patch - 1)}" if version.patch else ""
