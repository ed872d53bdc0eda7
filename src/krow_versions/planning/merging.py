"""Merge version files and CHANGELOG of a product, which git leaves in conflict where both sides bumped.

git decides about all other files. Of a version file, both sides and their base get the same version first,
so that only other changes are merged; of a CHANGELOG, the rows or sections that the hotfix added. Merging the
same hotfix again changes nothing.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from krow_versions.bump_rule import Shipped
from krow_versions.changelog import copy_row, find_in_full, find_releases
from krow_versions.errors import Conflict, InputError, KrowVersionsError
from krow_versions.formats import find_version, replace_version
from krow_versions.planning.merge import MergedFile
from krow_versions.text.three_way import three_way
from krow_versions.values import field, frozen
from krow_versions.version import Version, build_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from krow_versions.changelog import VersionSections, VersionTable
    from krow_versions.formats import Format
    from krow_versions.version import Held


@frozen
class Sides:
    """The texts of one file in a merge; None where it does not exist.

    Attributes:
        path: from the top of the repository.
        base: in the common ancestor.
        ours: on the line that takes the hotfix, such as main.
        theirs: on the hotfix branch.
        merged: as git merges it; None if git leaves it in conflict.
    """

    path: str
    base: str | None = field(repr=False)
    ours: str | None = field(repr=False)
    theirs: str | None = field(repr=False)
    merged: str | None = field(repr=False)


@frozen
class MergeOutcome:
    """The version files and the CHANGELOG of a product after a merge.

    Attributes:
        version: the version of the product on the line afterwards, or None if no file has one.
        files: the files whose text is not the one that git gives.
        errors: why a file must be merged by a person; each names its path.
    """

    version: Version | None
    files: tuple[MergedFile, ...] = ()
    errors: tuple[KrowVersionsError, ...] = ()


def merge_product(
    files: Sequence[tuple[Sides, Format]],
    changelog: Sides | None,
    shipped: Iterable[Shipped] = (),
    *,
    heading: str | None = None,
    max_build: int | None = None,
    patch_only: bool = False,
) -> MergeOutcome:
    """Merge a hotfix into the version files and the CHANGELOG of a line that has moved on.

    A file that is missing on one side is left to git.

    Args:
        files: the version files, locks included, with their formats; a file that has the version in several
            places of different formats or keys is there several times.
        changelog: the CHANGELOG, or None.
        shipped: every build that a tag of the product shipped, of any stage.
        heading: the heading above the part of the CHANGELOG, if configured.
        max_build: the highest build allowed.
        patch_only: whether a MAJOR or MINOR that would rise is an error, as on a release line.
    """
    held: list[tuple[Sides, Format, Held, Held]] = []
    errors: list[KrowVersionsError] = []
    for sides, chosen in files:
        if sides.ours is None or sides.theirs is None:
            continue
        try:
            ours, theirs = (find_version(text, chosen).held for text in (sides.ours, sides.theirs))
        except KrowVersionsError as error:
            errors += [error.in_file(sides.path)] if sides.merged is None else []
            continue
        held.append((sides, chosen, ours, theirs))
    versions = merge_versions([(ours, theirs) for *_, ours, theirs in held], shipped)
    places: dict[Sides, list[tuple[Format, Held]]] = {}
    texts: list[tuple[Sides, str]] = []
    for (sides, chosen, ours, _), version in zip(held, versions, strict=True):
        places.setdefault(sides, []).append((chosen, version))
        errors += _forbidden(sides.path, ours, version, max_build, patch_only=patch_only)
    for sides, own in places.items():
        try:
            texts.append((sides, _merge_version_file(sides, own)))
        except KrowVersionsError as error:
            errors.append(error.in_file(sides.path))
    if changelog is not None and changelog.ours is not None and changelog.theirs is not None:
        try:
            texts.append((changelog, merge_changelog(changelog, heading)))
        except KrowVersionsError as error:
            errors.append(error.in_file(changelog.path))
    changed = (
        MergedFile(sides.path, sides.ours or "", after) for sides, after in texts if after != sides.merged
    )
    highest = max((each for each in versions if isinstance(each, Version)), default=None)
    return MergeOutcome(highest, tuple(changed), tuple(errors))


def merge_versions(files: Sequence[tuple[Held, Held]], shipped: Iterable[Shipped] = ()) -> tuple[Held, ...]:
    """Return what each file holds after a merge, from what it holds on the line and on the hotfix branch.

    The higher x.y.z stays. Where it is the line's, the build is above every build that shipped; where it is
    the hotfix's, above those that shipped under other versions. A build never goes down, is the same in all
    files, and is in none that has none on the line.

    >>> from krow_versions.version import Version
    >>> parse = Version.parse
    >>> merge_versions([(parse("0.2.0+6"), parse("0.1.1+6")), (parse("0.2.0"), parse("0.1.1"))])
    (Version('0.2.0+7'), Version('0.2.0'))
    >>> merge_versions([(parse("0.1.0+5"), parse("0.1.1+6"))])
    (Version('0.1.1+6'),)
    """
    fix = max((theirs.with_build(None) for _, theirs in files if isinstance(theirs, Version)), default=None)
    line = max((ours.with_build(None) for ours, _ in files if isinstance(ours, Version)), default=None)
    is_fix = fix is not None and (line is None or fix >= line)
    builds = [build for ours, _ in files if (build := build_of(ours)) is not None]
    released = [Shipped(fix, build) for _, theirs in files if (build := build_of(theirs)) is not None]
    for each in (*shipped, *released):
        same = is_fix and fix is not None and each.version is not None and each.version.core == fix.core
        builds.append(each.build if same else each.build + 1)
    build = max(builds, default=None)
    return tuple(_merged(ours, theirs, build) for ours, theirs in files)


def _merged(ours: Held, theirs: Held, build: int | None) -> Held:
    if isinstance(ours, int):
        return ours if build is None else build
    higher = ours if isinstance(theirs, int) else max(ours.with_build(None), theirs.with_build(None))
    return higher.with_build(None if ours.build is None else build)


def merge_changelog(sides: Sides, heading: str | None = None) -> str:
    """Merge a CHANGELOG that got new rows, or sections, on both sides.

    Raises:
        Conflict: both sides changed something else at the same place.
        InputError: there is not exactly one version table, and no section.
    """
    ours, theirs = sides.ours or "", sides.theirs or ""
    if sides.merged is not None and sides.merged in {ours, theirs}:
        return sides.merged
    try:
        found = find_in_full(theirs, heading=heading)
    except InputError:
        if sides.merged is None:
            raise
        return sides.merged  # No rows to take care of.
    if sides.merged is not None:
        merged: str | None = sides.merged
    else:
        base = sides.base or ""
        for position in _new_rows(found, find_in_full(base, heading=heading)):
            base, ours = (copy_row(text, found, position, heading=heading) for text in (base, ours))
        merged = three_way(base, ours, theirs)
    if merged is None:
        raise Conflict("besides their own rows, both sides changed the same lines", path=sides.path)
    _require_each_row_once(merged, sides, heading)
    return merged


def _merge_version_file(sides: Sides, places: Sequence[tuple[Format, Held]]) -> str:
    def with_versions(text: str | None) -> str:
        for chosen, held in places if text is not None else ():
            text = replace_version(find_version(text or "", chosen), held)
        return text or ""

    if sides.merged is not None:
        return with_versions(sides.merged)
    merged = three_way(*map(with_versions, (sides.base, sides.ours, sides.theirs)))
    if merged is None:
        raise Conflict("besides the version, both sides changed the same lines", path=sides.path)
    return with_versions(merged)  # Parses it, too.


def _forbidden(
    path: str, ours: Held, merged: Held, max_build: int | None, *, patch_only: bool
) -> Iterator[KrowVersionsError]:
    """Give why a line must not get a version."""
    build = build_of(merged)
    if max_build is not None and build is not None and build > max_build:
        yield InputError(f"the build {build} would be over the limit of {max_build}", path=path)
    if isinstance(ours, int) or isinstance(merged, int):
        return
    if patch_only and merged.core[:2] != ours.core[:2]:
        why = f"{ours} would become {merged}, and a hotfix raises nothing but PATCH"
        yield Conflict(why, found=ours, path=path)


def _new_rows(found: VersionTable | VersionSections, base: VersionTable | VersionSections) -> list[int]:
    """List the entries of versions that *base* lacks, in the order in which they were inserted."""
    rows = [
        position
        for position, row in enumerate(found.rows)
        if row.version is not None and not base.has(row.version)
    ]
    return rows[::-1] if found.newest_first else rows


def _require_each_row_once(merged: str, sides: Sides, heading: str | None) -> None:
    """Raise where a version is there more often than on each side: git keeps both if they are far apart."""
    ours, theirs, found = (
        Counter(
            row.version.with_build(None) for row in find_releases(text, heading=heading).rows if row.version
        )
        for text in (sides.ours or "", sides.theirs or "", merged)
    )
    for version, number in found.items():
        if number > max(ours[version], theirs[version]):
            raise Conflict(f"{version} would have several rows", path=sides.path)
