"""Find what tags without the name of a product are of: the only package, or packages of one version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.config.pairing import Pair, few, fit, is_common, normalised
from krow_versions.config.tag_stages import PRODUCTION, readings
from krow_versions.values import frozen

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from krow_versions.config.pairing import Package, Pairing
    from krow_versions.config.tag_shapes import Shape
    from krow_versions.config.tag_stages import Reading
    from krow_versions.version import Version


@frozen
class Whole:
    """The product that such tags are of.

    Attributes:
        members: indexes of its packages, the main one first.
        pairs: its tags.
    """

    members: tuple[int, ...]
    pairs: tuple[Pair, ...]


def find_whole(pairing: Pairing, packages: Sequence[Package], taken: Collection[int] = ()) -> Whole | None:
    """Find the product of the tags without a name, or None.

    In this order: the only package; the one at the top of the repository, whose version is that of the
    newest tag or near it; packages below it without tags of their own; the only package whose own tags
    begin where these end. All packages with the same version are one product, with the main one first.
    """
    plain = [shape for shape in pairing.plain if shape.releases]
    if not plain:
        return None
    named = {*taken, *(pair.package for pair in pairing.pairs)}
    real = [number for number, package in enumerate(packages) if not package.is_aside]
    newest = max(plain, key=lambda shape: (_plain(shape).stage == PRODUCTION, shape.version))
    if len(real) == 1:
        return _whole(real, plain, "the only package here", sure=True)
    fits = {number: fit(packages[number].version, newest.version) for number in real if number not in named}
    top = [fits[each] for each in fits if not packages[each].folder and not packages[each].is_workspace]
    best = max(top, default=0) or max(fits.values(), default=0)
    # Where others have tags with their names, a package below without tags may fit by chance.
    by_chance = bool(named) and (best < _EQUAL or is_common(newest.version))
    fitting = [
        number
        for number in fits
        if best
        and fits[number] == best
        and not (
            by_chance
            and (packages[number].folder or packages[number].is_workspace or packages[number].is_private)
        )
    ]
    group = _group(fitting, packages, sure=best > 1 and sum(len(shape.releases) for shape in plain) > _FEW)
    if group:
        several = f"{len(group)} packages share one version; " if len(group) > 1 else ""
        return _whole(group, plain, f"{several}{_FITS[best]}", sure=best > 1)
    later = [number for number, oldest in _oldest(pairing.pairs).items() if goes_on(newest.version, oldest)]
    return _whole(later, plain, "its own tags begin where these end", sure=False) if len(later) == 1 else None


def former(pairing: Pairing, packages: Sequence[Package]) -> tuple[Pair, ...]:
    """Return the tags of packages that have had names in tags, and now share the version of plain tags."""
    plain = [shape.version for shape in pairing.plain if shape.releases]
    if not plain:
        return ()
    newest = max(plain)
    current = {
        pair.package for pair in pairing.pairs if fit(packages[pair.package].version, pair.shape.version)
    }
    return tuple(
        pair
        for pair in pairing.pairs
        if pair.package not in current and fit(packages[pair.package].version, newest) == _EQUAL
    )


def find_groups(pairing: Pairing, packages: Sequence[Package]) -> Iterator[Whole]:
    """Yield the packages of one version below a folder that tags name, such as ``experimental/v0.5.0``."""
    named = {pair.package for pair in pairing.pairs}
    below: dict[str, list[int]] = {}
    for number, package in enumerate(packages):
        if number not in named and not package.is_aside and package.version is not None:
            for folder in set(map(normalised, package.folder.split("/")[:-1])):
                below.setdefault(folder, []).append(number)
    for shape in pairing.unknown:
        for reading in readings(shape) if shape.releases else ():
            inside = below.get(normalised(reading.slug), ())
            fitting = [each for each in inside if fit(packages[each].version, shape.version) == _EQUAL]
            group = _group(fitting, packages, sure=len(shape.releases) > _FEW)
            if len(group) > 1:
                evidence = f"{len(group)} packages in a folder of that name share its version"
                yield Whole(tuple(group), (Pair(group[0], shape, reading, evidence),))
                break


def find_older(pairing: Pairing) -> Iterator[Pair]:
    """Yield tags of a shorter name from before: ``shopd-v1.7.24`` if ``shop-desktop-v`` is from 1.7.25."""
    begun: dict[tuple[int, ...], list[Pair]] = {}
    for pair in pairing.pairs:
        for oldest in pair.shape.releases[:1]:
            begun.setdefault(oldest.core, []).append(pair)
    for shape in pairing.unknown:
        major, minor, patch = shape.version.core
        reading = readings(shape)[0] if shape.releases and readings(shape) else None
        next_ones = ((major, minor, patch + 1), (major, minor + 1, 0))
        for pair in (pair for core in next_ones for pair in few(begun.get(core, ()))):
            if reading and _letters(pair.reading.slug).startswith(_letters(reading.slug)):
                evidence = "other tags begin where these end: please check"
                yield Pair(pair.package, shape, reading, evidence, is_sure=False)
                break


def _letters(name: str) -> str:
    return normalised(name).replace("-", "")


def _group(fitting: Sequence[int], packages: Sequence[Package], *, sure: bool) -> list[int]:
    """Choose among packages that fit equally well: those of one version, the main one first.

    Args:
        fitting: their indexes.
        packages: all packages.
        sure: whether it is no chance that several have one version.
    """
    groups: dict[str, list[int]] = {}
    for number in fitting:
        groups.setdefault(str(packages[number].version).partition("+")[0], []).append(number)
    top = [group for group in groups.values() if any(not packages[number].folder for number in group)]
    largest = sorted(groups.values(), key=len, reverse=True)
    if not largest or (not top and len(largest) > 1 and (not sure or len(largest[0]) == len(largest[1]))):
        return []
    group = sorted(
        (top or largest)[0],
        key=lambda number: (
            bool(packages[number].folder),
            packages[number].is_private,
            packages[number].folder.count("/"),
            min(map(len, packages[number].names), default=0),
            packages[number].folder,
        ),
    )
    if sure or len(group) == 1:
        return group
    return group[:1] if top else []


_EQUAL = 3  # The best result of :func:`fit`.
_FEW = 2  # With so few releases, several packages may be at 1.0.0 by chance.
_FITS = {
    1: "its version is near that of the newest tag: please check",
    2: "its version comes next after the newest tag",
    3: "its version is that of the newest tag",
}


def _whole(members: Sequence[int], plain: Sequence[Shape], evidence: str, *, sure: bool) -> Whole:
    readings_of = {shape: _plain(shape) for shape in plain}
    newest = max(plain, key=lambda shape: shape.version)
    pairs = [
        Pair(members[0], shape, reading, evidence, sure)
        for shape, reading in readings_of.items()
        if reading.stage != PRODUCTION or shape is newest or not shape.after or reading.after != shape.after
    ]
    return Whole(tuple(members), tuple(pairs))


def _plain(shape: Shape) -> Reading:
    """Return the reading of a shape that names nothing."""
    return next(reading for reading in readings(shape) if not reading.slug)


def _oldest(pairs: Iterable[Pair]) -> dict[int, Version]:
    """Return the oldest release of each package that has tags with its name."""
    oldest: dict[int, Version] = {}
    for pair in pairs:
        for version in pair.shape.releases[:1]:
            oldest[pair.package] = min(version, oldest.get(pair.package, version))
    return oldest


def goes_on(newest: Version, oldest: Version) -> bool:
    """Return whether tags from *oldest* on continue those up to *newest*."""
    return newest < oldest and oldest.major - newest.major <= 1
