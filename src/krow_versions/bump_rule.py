"""The bump rule: from the baseline and what the files hold to what each must hold. Pure and total.

The target is a function of the *baseline*, never of the file that is edited, which is why a second
run, a run after a crash and a run over half-bumped files all end in the same bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from krow_versions.errors import Conflict, InputError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from krow_versions.version import Version


@attrs.frozen
class Shipped:
    """A build that a tag shipped, and the version that it shipped under."""

    version: Version
    build: int


@attrs.frozen
class Outcome:
    """What the rule says.

    Attributes:
        target: the version to ship, with its build where any file carries one.
        floor: the least build that may ship now, or None where nothing was shipped with a build.
        files: per file, in the order given: its new version, or why it cannot have one.
    """

    target: Version
    floor: int | None
    files: tuple[Version | Conflict, ...]


def bump(
    baseline: Version,
    files: Iterable[Version],
    shipped: Iterable[Shipped] = (),
    *,
    build: int | None = None,
    max_build: int | None = None,
) -> Outcome:
    """Raise the PATCH of *baseline* and decide what each file must hold.

    - A file at the target with a build of at least the floor stays; a lower build is raised.
    - A file at the baseline's x.y.z goes to the target; all such files get the same build, above
      the floor and above every build in the product's files.
    - Anything else is a conflict. A file without a build stays without.

    The order of *files* does not matter, and applying the outcome to any part of them and asking
    again gives the same outcome.

    Args:
        baseline: what is in production, with its build where it has one.
        files: the versions in the product's files.
        shipped: every build that any tag of the product shipped, in any stage.
        build: use this build instead of the computed one.
        max_build: the highest build that may be written.

    Raises:
        PrereleaseVersion: the baseline is a pre-release.
        InputError: *build* is below the floor, below a build that a file has already, for files without
            builds, or the new build would be over *max_build*.
    """
    held = tuple(files)
    target = baseline.next_patch().with_build(None)
    floor = _floor(baseline, target, shipped)
    if build is not None and floor is not None and build < floor:
        raise InputError(
            f"build {build} is below {floor}, the least that is above every build already shipped",
            hint=f"leave --build out, or give {floor} or more",
        )
    _check_build(build, held, target, max_build)
    new_build = build if build is not None else _computed(baseline, target, held, floor)
    least = build if build is not None else floor
    outcomes = tuple(_outcome(version, baseline, target, new_build, least) for version in held)
    written = [version.build for version in outcomes if not isinstance(version, Conflict)]
    highest = max((number for number in written if number is not None), default=None)
    if max_build is not None and highest is not None and highest > max_build:
        raise _over_limit(max_build)
    carried = (version for version in outcomes if not isinstance(version, Conflict))
    shown = next((version for version in carried if version.build == highest), target)
    return Outcome(shown, floor, outcomes)


def _check_build(build: int | None, held: tuple[Version, ...], target: Version, limit: int | None) -> None:
    """Refuse a given build that could not be written as it is given."""
    if build is None:
        return
    if limit is not None and build > limit:
        raise _over_limit(limit)
    if held and all(version.build is None for version in held):
        raise InputError(
            "there is no build to set: no file of the product carries one",
            hint="leave --build out, or write the first build into the file by hand, such as +1",
        )
    higher = max((v.build for v in held if v.build is not None and v.core == target.core), default=-1)
    if higher > build:
        raise InputError(
            f"build {build} would go back: a file is at build {higher} of {target} already",
            hint=f"leave --build out, or give {higher} or more",
        )


def _over_limit(limit: int) -> InputError:
    return InputError(
        f"the build would be over the limit of {limit}",
        hint="Android accepts no greater versionCode: a lower build, or a new application id, is needed",
    )


def _floor(baseline: Version, target: Version, shipped: Iterable[Shipped]) -> int | None:
    least = [] if baseline.build is None else [baseline.build + 1]
    for release in shipped:
        same = release.version.core == target.core
        least += [release.build if same else release.build + 1]
    return max(least, default=None)


def _computed(baseline: Version, target: Version, held: tuple[Version, ...], floor: int | None) -> int:
    """Give the build of the target: a fixed point, whichever of the files already carry it."""
    least = [] if floor is None else [floor]
    for version in held:
        if version.build is not None:
            if version.core == baseline.core:
                least.append(version.build + 1)
            elif version.core == target.core:
                least.append(version.build)
    return max(least, default=1)


def _outcome(
    held: Version, baseline: Version, target: Version, new_build: int, least: int | None
) -> Version | Conflict:
    if held.prerelease is None and held.core == target.core:
        if held.build is None or least is None or held.build >= least:
            return held
        return held.with_build(least)
    if held.prerelease is None and held.core == baseline.core:
        raised = held.with_build(None if held.build is None else new_build)
        return attrs.evolve(raised, patch=target.patch)
    return Conflict(
        f"the file is at {held}, neither at the baseline {baseline} nor at the target {target}",
        baseline=baseline,
        target=target,
        found=held,
        hint=_way_out(held, baseline),
    )


def _way_out(held: Version, baseline: Version) -> str:
    if held.prerelease is None and held.core > baseline.core:
        return (
            "work past production is in this checkout: start the hotfix from the production tag, "
            f"or, if {held} is what is in production, say so with --from {held}"
        )
    return f"bring the file to {baseline} by hand, or name the version that is in production with --from"
