"""The bump rule: from the baseline and the versions in the files to the new version of each file.

The target depends on the *baseline*, never on the file that is edited. So a second run, a run after a
crash and a run over half-bumped files all end in the same bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.errors import Conflict, InputError
from krow_versions.values import evolve, frozen
from krow_versions.version import Version, build_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from krow_versions.version import Held


@frozen
class Shipped:
    """A build that was shipped, and the version that it was shipped under, or None if that is not known."""

    version: Version | None
    build: int


@frozen
class Outcome:
    """The result of the bump rule.

    Attributes:
        target: the version to ship, with its build if any file has one.
        floor: the lowest build that may ship now, or None if nothing was shipped with a build.
        files: per file, in the given order: what it must hold, or the conflict that prevents it.
    """

    target: Version
    floor: int | None
    files: tuple[Held | Conflict, ...]


def bump(
    baseline: Version,
    files: Iterable[Held],
    shipped: Iterable[Shipped] = (),
    *,
    build: int | None = None,
    above_build: int | None = None,
    max_build: int | None = None,
) -> Outcome:
    """Raise the PATCH of *baseline* and compute the new version of each file.

    - A file at the target stays if its build is at least the floor; a lower build is raised.
    - A file at the baseline's x.y.z goes to the target. All such files get the same build: the lowest that
      is at least the floor, above the builds of files at the baseline, and at least those of files at the
      target.
    - Any other version is a conflict. A file without a build gets none.
    - A file that has only a build gets the build of the target.

    The order of *files* does not matter. Applying the outcome to some of them and calling this again
    returns the same outcome.

    Args:
        baseline: the version in production, with its build if it has one.
        files: the versions in the product's files, or builds of files that have no version.
        shipped: every build that a tag of the product shipped, of any stage.
        build: use this build instead of the computed one.
        above_build: the highest build that a store has seen; it counts as shipped under another version.
        max_build: the highest build allowed.

    Raises:
        PrereleaseVersion: the baseline is a pre-release.
        InputError: *build* is below the floor or below the build of a file at the target, no file has a
            build for *build* or *above_build*, or the new build is over *max_build*.
    """
    current = tuple(files)
    target = baseline.next_patch().with_build(None)
    floor = _floor(baseline, target, shipped, above_build)
    if above_build is not None:
        _require_build(current)
    if build is not None and floor is not None and build < floor:
        raise InputError(
            f"build {build} is below {floor}, the least that is above every build already shipped",
            hint=f"leave build out, or give {floor} or more",
        )
    _check_build(build, current, target)
    new_build = build if build is not None else _computed(baseline, target, current, floor)
    lowest = build if build is not None else floor
    outcomes = tuple(_outcome(held, baseline, target, new_build, lowest) for held in current)
    carried = [held for held in outcomes if not isinstance(held, Conflict)]
    highest = max((number for number in map(build_of, carried) if number is not None), default=None)
    if max_build is not None and highest is not None and highest > max_build:
        raise _over_limit(max_build)
    versions = (held for held in carried if isinstance(held, Version))
    shown = next((version for version in versions if version.build == highest), target.with_build(highest))
    return Outcome(shown, floor, outcomes)


def raise_build(
    files: Iterable[Held], shipped: Iterable[Shipped] = (), *, above_build: int | None = None
) -> tuple[Held, ...]:
    """Raise the build of *files* above all that shipped, and nothing else.

    All files with a build get the same one: the highest of them, if that is above every build that shipped,
    under whatever version, and above *above_build*; else the lowest that is. A file without a build gets
    none. The order of *files* does not matter. Applying the outcome to some of them and calling this again
    returns the same outcome.

    Args:
        files: the versions in the product's files, or builds of files that have no version.
        shipped: every build that a tag of the product shipped, of any stage.
        above_build: the highest build that a store has seen.
    """
    current = tuple(files)
    seen = [release.build for release in shipped] + ([] if above_build is None else [above_build])
    build = max([0, _highest(current), *(each + 1 for each in seen)])
    return tuple(_with_build(held, build) for held in current)


def _with_build(held: Held, build: int) -> Held:
    if isinstance(held, int):
        return build
    return held if held.build is None else held.with_build(build)


def _check_build(build: int | None, current: tuple[Held, ...], target: Version) -> None:
    """Refuse a *build* that cannot be written."""
    if build is None:
        return
    _require_build(current)
    higher = _highest(held for held in current if isinstance(held, int) or held.core == target.core)
    if higher > build:
        raise InputError(
            f"build {build} would go back: a file is at build {higher} already",
            hint=f"leave build out, or give {higher} or more",
        )


def _require_build(current: tuple[Held, ...]) -> None:
    if current and all(build_of(held) is None for held in current):
        raise InputError(
            "there is no build to set: no file of the product carries one",
            hint="leave the build out, or write the first one into the file by hand, such as +1",
        )


def _over_limit(limit: int) -> InputError:
    return InputError(
        f"the build would be over the limit of {limit}",
        hint="Android accepts no greater versionCode: a lower build, or a new application id, is needed",
    )


def _floor(
    baseline: Version, target: Version, shipped: Iterable[Shipped], above_build: int | None
) -> int | None:
    candidates = [build + 1 for build in (baseline.build, above_build) if build is not None]
    for release in shipped:
        same = release.version is not None and release.version.core == target.core
        candidates += [release.build if same else release.build + 1]
    return max(candidates, default=None)


def _computed(baseline: Version, target: Version, current: tuple[Held, ...], floor: int | None) -> int:
    """Return the build of the target, which is the same whichever of the files already have it.

    Nobody knows whether a build without a version is that of the baseline or of the target, so it counts as
    one of the target: counted as one of the baseline, it would rise with every run.
    """
    at_baseline = _highest(
        held for held in current if isinstance(held, Version) and held.core == baseline.core
    )
    at_target = _highest(held for held in current if isinstance(held, int) or held.core == target.core)
    return max(at_baseline + 1, at_target, floor or 0)


def _highest(files: Iterable[Held]) -> int:
    return max((build for held in files if (build := build_of(held)) is not None), default=-1)


def _outcome(
    current: Held, baseline: Version, target: Version, new_build: int, lowest: int | None
) -> Held | Conflict:
    if isinstance(current, int):
        return new_build
    if current.prerelease is None and current.core == target.core:
        if current.build is None or lowest is None or current.build >= lowest:
            return current
        return current.with_build(lowest)
    if current.prerelease is None and current.core == baseline.core:
        raised = current.with_build(None if current.build is None else new_build)
        return evolve(raised, patch=target.patch)
    return Conflict(
        f"the file is at {current}, neither at the baseline {baseline} nor at the target {target}",
        baseline=baseline,
        target=target,
        found=current,
        hint=_hint_for(current, baseline),
    )


def _hint_for(current: Version, baseline: Version) -> str:
    if current.core > baseline.core:
        past = "work past production is in this checkout: start the hotfix from the production tag"
        if current.prerelease is not None:
            return f"{past}, or name the version that is in production"
        return f"{past}, or, if {current} is what is in production, name it: {current}"
    return f"bring the file to {baseline} by hand, or name the version that is in production"
