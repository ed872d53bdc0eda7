"""Find the products that have release tags: each with its files, and with the patterns of its tags."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.config.candidates import can_be_written, folder_around, is_aside
from krow_versions.config.fields import TAG_PATTERN
from krow_versions.config.lockstep import find_groups, find_older, find_whole, former, goes_on
from krow_versions.config.pairing import Package, fit, normalised, pair_shapes
from krow_versions.config.tag_stages import PRODUCTION
from krow_versions.errors import KrowVersionsError
from krow_versions.formats import format_named
from krow_versions.names import is_slug
from krow_versions.values import evolve, frozen
from krow_versions.version import Version

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from krow_versions.config.candidates import FoundFile
    from krow_versions.config.pairing import Pair
    from krow_versions.config.tag_shapes import Shape, Shapes


@frozen
class Family:
    """Files with the tags of their releases.

    Attributes:
        files: the files, the main one first.
        slug: how its newest tags spell it; empty if they do not.
        patterns: the patterns of its tags by stage, that of the newest tag first.
        shapes: the shapes of its tags in production, or of all if there are none.
        evidence: why these tags are of these files, for people.
        is_sure: whether a person need not look at it.
    """

    files: tuple[FoundFile, ...]
    slug: str
    patterns: Mapping[str, tuple[str, ...]]
    shapes: tuple[Shape, ...]
    evidence: str
    is_sure: bool = True


@frozen
class Families:
    """The products with tags, and what else the tags are.

    Attributes:
        families: the products.
        unusable: products whose version cannot be read or written, with the reason.
        unknown: shapes that name no package here.
        older: shapes of packages that now have plain tags.
        plain: shapes without a name, if no file has their version.
        is_whole: whether shapes without a name are of one of the products.
    """

    families: tuple[Family, ...]
    unusable: tuple[tuple[Family, str], ...]
    unknown: tuple[Shape, ...]
    older: tuple[Shape, ...]
    plain: tuple[Shape, ...]
    is_whole: bool


def find_families(files: Sequence[FoundFile], shapes: Shapes) -> Families:
    """Find the products that have tags; the effort is linear.

    Args:
        files: the possible version files, those higher in the tree first.
        shapes: the shapes of all tags.
    """
    members = _members(files)
    packages = [package for package, _ in members]
    pairing = pair_shapes((*shapes.shapes, *shapes.unreleased), packages)
    older = former(pairing, packages)
    pairing = evolve(pairing, pairs=tuple(pair for pair in pairing.pairs if pair not in older))
    groups = [*find_groups(pairing, packages)]
    grouped = [pair for each in groups for pair in each.pairs]
    inside = {number for each in groups for number in each.members}
    pairing = pairing.with_pairs([*grouped, *find_older(pairing)])
    whole = find_whole(pairing, packages, inside)
    groups += [whole] if whole else []
    together = {group.members[0]: group.members for group in groups}
    by_package: dict[int, list[Pair]] = {}
    for pair in (*pairing.pairs, *(whole.pairs if whole else ())):
        by_package.setdefault(pair.package, []).append(pair)
    good, bad, strange = [], [], []
    spelled: set[str] = set()
    for number, paired in by_package.items():
        pairs = _of_one_name(paired, packages[number])
        strange += [pair.shape for pair in paired if pair not in pairs]
        family = _family(
            [file for each in together.get(number, (number,)) for file in members[each][1]], pairs, spelled
        )
        spelled.add(family.slug)
        fault = _fault(family.files)
        if fault is None:
            good.append(family)
        else:
            bad.append((family, fault))
    assigned = {pair.shape for pair in whole.pairs} if whole else set()
    return Families(
        tuple(good),
        tuple(bad),
        (*pairing.unknown, *strange),
        tuple(pair.shape for pair in older),
        tuple(shape for shape in pairing.plain if shape not in assigned),
        whole is not None,
    )


def _of_one_name(pairs: Sequence[Pair], package: Package) -> list[Pair]:
    """Return the tags with one name of a package, and those with an older name that end before."""
    shipped = [pair for pair in pairs if pair.reading.slug and pair.shape.releases]
    if not shipped:
        return list(pairs)
    main = max(shipped, key=lambda pair: (fit(package.version, pair.shape.version), pair.shape.version))
    name = normalised(main.reading.slug)
    same = [pair for pair in shipped if normalised(pair.reading.slug) == name]
    oldest = min(pair.shape.releases[0] for pair in same)
    return [
        pair
        for pair in pairs
        if normalised(pair.reading.slug) in {name, ""} or goes_on(pair.shape.version, oldest)
    ]


def _members(files: Iterable[FoundFile]) -> list[tuple[Package, tuple[FoundFile, ...]]]:
    """Group files by folder and version; a file without a version lends its name to those beside it."""
    folders: dict[str, dict[Version | None, list[FoundFile]]] = {}
    for file in files:
        version = version_of(file)
        core = version if version is None else Version(*version.core)
        folders.setdefault(folder_around(file.path), {}).setdefault(core, []).append(file)
    found = []
    for folder, groups in folders.items():
        silent = groups.pop(None, [])
        for group in groups.values() if groups else [silent]:
            names = dict.fromkeys(file.name for file in (*group, *silent) if file.name)
            its = tuple(group)
            aside = is_aside(its[0].path) or its[0].path.endswith("brick.yaml")
            private = any(file.private for file in its)
            workspace = not any(file.name or format_named(file.format).packaging is None for file in its)
            version = version_of(its[0])
            found.append((Package(folder, tuple(names), version, aside, private, workspace), its))
    return found


def version_of(file: FoundFile) -> Version | None:
    """Return the version of a file, or None if it has none or a placeholder such as 0.0.0."""
    try:
        version = Version.parse(file.version or "")
    except KrowVersionsError:
        return None
    return version if any(version.core) else None


def _fault(files: Sequence[FoundFile]) -> str | None:
    """Return why files cannot be a product, or None."""
    main = files[0]
    if not can_be_written(main.path):
        return "its path cannot be written in a configuration"
    if main.odd:
        return None
    if main.version is None:
        return main.fault or "it has no version"
    if version_of(main) is None:
        return f"its version is {main.version}, so that the real one must be kept elsewhere"
    return None


def _family(files: Sequence[FoundFile], pairs: Sequence[Pair], taken: Collection[str]) -> Family:
    written = tuple(file for file in files[1:] if can_be_written(file.path) and _same(file, files[0]))
    ordered = sorted(pairs, key=_newest_first)
    slugs = (pair.reading.slug for pair in ordered)
    slug = next((slug for slug in slugs if is_slug(slug) and slug not in taken), "")
    patterns: dict[str, dict[str, None]] = {}
    for pair in ordered:
        is_spelled = pair.reading.slug == slug
        for build in pair.shape.builds or ("",):
            text = pair.reading.pattern(build)
            if not is_spelled or TAG_PATTERN.problem(text):
                text = text.replace("{slug}", pair.reading.slug)
            patterns.setdefault(pair.reading.stage, {})[text] = None
    shipped = [pair for pair in ordered if pair.reading.stage == PRODUCTION] or ordered
    return Family(
        (files[0], *written),
        slug,
        {stage: tuple(texts) for stage, texts in patterns.items()},
        tuple(pair.shape for pair in shipped),
        shipped[0].evidence,
        shipped[0].is_sure,
    )


def _same(file: FoundFile, main: FoundFile) -> bool:
    return (file.version or "").partition("+")[0] == (main.version or "").partition("+")[0]


def _newest_first(pair: Pair) -> tuple[bool, tuple[int, ...], int, str]:
    shape = pair.shape
    core = shape.releases[-1].core if shape.releases else (0, 0, 0)
    return not shape.releases, tuple(-number for number in core), -len(shape.releases), shape.newest
