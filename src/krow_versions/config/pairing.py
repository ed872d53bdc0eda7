"""Pair the shapes of tags with the packages that they name.

The name of a package in its manifest is the best evidence, then its folder, then its name without the scope,
then a part of its name together with its version. A shape that names no package is of the whole repository.
"""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, Self, TypeVar

from krow_versions.config.tag_stages import readings
from krow_versions.values import evolve, frozen

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from krow_versions.config.tag_shapes import Shape
    from krow_versions.config.tag_stages import Reading
    from krow_versions.version import Version


@frozen
class Package:
    """What can have tags: a folder with version files.

    Attributes:
        folder: relative to the repository; empty for its top.
        names: those in its manifests.
        version: that of its first version file, or None if it cannot be read.
        is_aside: whether it is an example, a fixture, a test or a template by its folder.
        is_private: whether it is not published.
        is_workspace: whether it is no package itself, but gives its version to others.
    """

    folder: str
    names: tuple[str, ...] = ()
    version: Version | None = None
    is_aside: bool = False
    is_private: bool = False
    is_workspace: bool = False


@frozen
class Pair:
    """A shape, and the package that it is of.

    Attributes:
        package: its index.
        shape: the shape.
        reading: how the shape is read.
        evidence: why it is of this package, for people.
        is_sure: whether a person need not look at it.
    """

    package: int
    shape: Shape
    reading: Reading
    evidence: str
    is_sure: bool = True


@frozen
class Pairing:
    """The result.

    Attributes:
        pairs: by shapes, in their order.
        plain: shapes that name nothing, such as ``v1.2.3``.
        unknown: shapes that name no package here.
    """

    pairs: tuple[Pair, ...]
    plain: tuple[Shape, ...]
    unknown: tuple[Shape, ...]

    def with_pairs(self, pairs: Iterable[Pair]) -> Self:
        """Add pairs of shapes that were unknown; of two with one shape, the first counts."""
        more = {pair.shape: pair for pair in reversed([*pairs])}
        unknown = tuple(shape for shape in self.unknown if shape not in more)
        return evolve(self, pairs=(*self.pairs, *reversed(more.values())), unknown=unknown)


def pair_shapes(shapes: Iterable[Shape], packages: Sequence[Package]) -> Pairing:
    """Pair each shape with the package that it names; the effort is linear in both.

    >>> from krow_versions.config.tag_shapes import find_shapes
    >>> shapes = find_shapes(["shop_ui-v1.2.3", "v1.0.0", "gone-v1.0.0"]).shapes
    >>> found = pair_shapes(shapes, [Package("packages/ui", ("shop-ui",))])
    >>> [pair.reading.slug for pair in found.pairs], [shape.newest for shape in found.unknown]
    (['shop_ui'], ['gone-v1.0.0'])
    """
    shapes = tuple(shapes)
    index = _index(packages)
    found = {shape: _named(shape, packages, index) for shape in shapes}
    taken = {pair.package for pair in found.values() if pair}
    plain = tuple(shape for shape in shapes if found[shape] is None and is_plain(shape))
    rest = [shape for shape in shapes if found[shape] is None and not is_plain(shape)]
    parts = _parts(packages, taken)
    for shape in rest:
        found[shape] = _by_part(shape, packages, parts, index, taken)
    versions = _versions(packages, {pair.package for pair in found.values() if pair})
    for shape in rest:
        found[shape] = found[shape] or _by_version(shape, versions)
    pairs = tuple(pair for pair in found.values() if pair)
    return Pairing(pairs, plain, tuple(shape for shape in rest if found[shape] is None))


def is_plain(shape: Shape) -> bool:
    """Whether a shape names no product, such as ``v1.2.3`` and ``prod-1.2.3``."""
    return any(not reading.slug for reading in readings(shape))


def fit(version: Version | None, released: Version) -> int:
    """Return how well a version fits its newest release: 3 equal, 2 the next one, 1 near, 0 not."""
    if version is None:
        return 0
    core, was = version.core, released.core
    if core == was:
        return 3
    major, minor, patch = was
    if core in {(major, minor, patch + 1), (major, minor + 1, 0), (major + 1, 0, 0)} and core != (1, 0, 0):
        return 2
    is_near = core[:2] == was[:2] or (core[0] == major and not is_common(version))
    return 1 if is_near else 0


def is_common(version: Version) -> bool:
    """Return whether many packages have such a version, as 1.0.0 and 0.1.0."""
    return sum(map(bool, version.core)) == 1 and max(version.core) <= _EARLY


_EARLY = 3


def normalised(name: str) -> str:
    """Write a name so that spellings of one name are equal, as PEP 503 does.

    >>> normalised("@Shop/ui.web_kit")
    'shop-ui-web-kit'
    """
    return re.sub(r"[\W_]+", "-", name.lower()).strip("-")


_EXACT, _NAME, _FOLDER, _UNSCOPED, _BOTH = range(5)
_EVIDENCE = (
    "named by its manifest",
    "named by its manifest",
    "named by its folder",
    "named by its manifest, without the scope",
    "named by its folder and its name",
)
_Index = dict[str, list[tuple[int, int]]]


def _index(packages: Iterable[Package]) -> _Index:
    """Return for each normalised name how good it is for which packages."""
    index: _Index = {}
    for number, package in enumerate(packages):
        seen = set()
        for rank, text in _keys(package):
            key = normalised(text)
            for how, spelled in ((rank, key), (_BOTH, key.replace("-", ""))):
                if spelled and spelled not in seen:
                    index.setdefault(spelled, []).append((how, number))
                    seen.add(spelled)
    return index


def _keys(package: Package) -> Iterator[tuple[int, str]]:
    """Yield what a tag may call a package, the best first."""
    for name in package.names:
        yield _NAME, name
    *above, last = package.folder.split("/")
    yield _FOLDER, last
    yield _FOLDER, package.folder
    if above:
        yield _FOLDER, f"{above[-1]}/{last}"
    for name in package.names:
        yield _UNSCOPED, unscoped(name)
    around = [above[-1], above[-1].removesuffix("s")] if above else []
    for one, other in itertools.product((*map(unscoped, package.names), *around), (last,)):
        if one and other and one != other:
            yield _BOTH, f"{one}-{other}"
            yield _BOTH, f"{other}-{one}"
    for one, other in itertools.product(map(unscoped, package.names), around):
        yield _BOTH, f"{one}-{other}"
        yield _BOTH, f"{other}-{one}"


def unscoped(name: str) -> str:
    """Return the name of an npm package without its scope.

    >>> unscoped("@shop/web"), unscoped("web")
    ('web', 'web')
    """
    return name.rpartition("/")[2] if name.startswith("@") else name


def _named(shape: Shape, packages: Sequence[Package], index: _Index) -> Pair | None:
    """Return the pair of a shape that spells a name or a folder whole."""
    found = []
    for peeled, reading in enumerate(readings(shape)):
        for rank, number in index.get(normalised(reading.slug), ()) if reading.slug else ():
            package = packages[number]
            fits = fit(package.version, shape.version)
            if fits or not package.is_aside:
                how = _EXACT if rank == _NAME and reading.slug in package.names else rank
                elsewhere = normalised(package.folder.rpartition("/")[2]) != normalised(
                    unscoped(reading.slug)
                )
                preferred = (
                    package.is_aside,
                    not fits,
                    how,
                    package.version is None,
                    elsewhere,
                    -fits,
                    peeled,
                )
                found.append(((*preferred, package.folder.count("/"), number), reading))
    if not found:
        return None
    (_, far, how, no_version, *_, number), reading = min(found, key=lambda pair: pair[0])
    version = packages[number].version
    is_behind = version is not None and (0, 0, 0) < version.core < shape.version.core
    if far and how >= _FOLDER and is_behind and reading.stage == "production":
        return None  # Another thing of that name has these releases; no file lags so far behind its own.
    if far and not no_version:
        evidence = f"{_EVIDENCE[how]}, but its version does not fit: please check"
        return Pair(number, shape, reading, evidence, is_sure=False)
    return Pair(number, shape, reading, _EVIDENCE[how])


def _parts(packages: Sequence[Package], taken: set[int]) -> dict[str, set[int]]:
    """Return the packages without tags by the first and by the last words of their names."""
    parts: dict[str, set[int]] = {}
    for number, package in enumerate(packages):
        if number not in taken and not package.is_aside:
            for name in (*map(unscoped, package.names), package.folder.rpartition("/")[2]):
                for part in _ends(normalised(name)):
                    parts.setdefault(part, set()).add(number)
    return parts


def _ends(name: str) -> Iterator[str]:
    """Yield the first words and the last words of a name, but not all words.

    >>> list(_ends("one-two-three"))
    ['one', 'two-three', 'one-two', 'three']
    """
    words = name.split("-")[:8]
    for at in range(1, len(words)):
        yield "-".join(words[:at])
        yield "-".join(words[at:])


_T = TypeVar("_T")


def few(found: Collection[_T]) -> Collection[_T]:
    """Return *found*, or nothing if it is too many: what so many have in common names none of them."""
    return found if len(found) <= _MANY else ()


_MANY = 100


def _by_part(
    shape: Shape, packages: Sequence[Package], parts: dict[str, set[int]], index: _Index, taken: set[int]
) -> Pair | None:
    """Return the pair of a shape that spells a part of one name, or has one name as a part of it."""
    for reading in readings(shape):
        name = normalised(reading.slug)
        longer = {
            each for each in few(parts.get(name, ())) if fit(packages[each].version, shape.version) >= 1
        }
        shorter = {
            number
            for part in _ends(name)
            for rank, number in few(index.get(part, ()))
            if rank <= _UNSCOPED
            and number not in taken
            and not packages[number].is_aside
            and fit(packages[number].version, shape.version) >= 2
        }
        for found in (longer, shorter):
            if len(found) == 1:
                (number,) = found
                evidence = "named by a part of its name, and its version fits: please check"
                return Pair(number, shape, reading, evidence, is_sure=False)
    return None


def _versions(packages: Sequence[Package], taken: set[int]) -> dict[tuple[int, int, int], list[int]]:
    """Return the packages without tags by their version."""
    versions: dict[tuple[int, int, int], list[int]] = {}
    for number, package in enumerate(packages):
        if number not in taken and package.version is not None and not package.is_aside:
            versions.setdefault(package.version.core, []).append(number)
    return versions


def _by_version(shape: Shape, versions: dict[tuple[int, int, int], list[int]]) -> Pair | None:
    """Return the pair of a shape whose newest release is the version of only one package."""
    major, minor, patch = shape.version.core
    found = [
        number
        for core in ((major, minor, patch), (major, minor, patch + 1))
        for number in few(versions.get(core, ()))
    ]
    reading = next(iter(readings(shape)), None)
    if reading is None or len(found) != 1 or is_common(shape.version):
        return None
    evidence = "only its version says so: please check"
    return Pair(found[0], shape, reading, evidence, is_sure=False)
