"""Find the shapes of the tags of releases: the text before a version, its build, and the text behind it.

A shape says how a family of tags is spelled, such as ``shop-v1.2.3`` and ``shop-v1.2.4``. Which product it is
of is found by :mod:`krow_versions.config.pairing`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from krow_versions.errors import KrowVersionsError
from krow_versions.regexes import regex
from krow_versions.values import evolve, field, frozen
from krow_versions.version import Version

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@frozen
class Shape:
    """Tags that differ in version and build only.

    Attributes:
        before: the text before the version.
        after: the text behind it, and behind a build.
        builds: how builds are written, that of the newest release first: empty where there is none, or such
            as ``+{build}`` and ``({build})``.
        releases: the versions of all releases, without builds, in order.
        newest: the name of the tag of the newest release; without releases, that of the newest pre-release.
        prereleases: the number of tags of pre-releases.
        prerelease: the newest pre-release that is a version, or None.
        is_empty_word: whether the text behind says nothing, because all releases are called beta.
    """

    before: str
    after: str
    builds: tuple[str, ...]
    releases: tuple[Version, ...] = field(repr=False)
    newest: str
    prereleases: int = 0
    prerelease: Version | None = field(default=None, repr=False)
    is_empty_word: bool = False

    @property
    def version(self) -> Version:
        """The version of the newest release, or else of the newest pre-release."""
        return self.releases[-1] if self.releases else self.prerelease or Version(0, 0, 0)


@frozen
class Shapes:
    """What the tags of a repository are.

    Attributes:
        shapes: those with releases, the most frequent first.
        unreleased: shapes of pre-releases only.
        others: names of tags without a version, sorted.
    """

    shapes: tuple[Shape, ...]
    unreleased: tuple[Shape, ...]
    others: tuple[str, ...]


def find_shapes(tags: Iterable[str]) -> Shapes:
    """Group tags by their shapes; the effort is linear in their number.

    Args:
        tags: their names, without ``refs/tags/``.

    >>> found = find_shapes(["web-v1.2.3", "web-v1.3.0", "web-v1.4.0-rc.1", "1.0.0+4", "nightly"])
    >>> [(shape.before, shape.builds, str(shape.version)) for shape in found.shapes], found.others
    ([('web-v', ('',), '1.3.0'), ('', ('+{build}',), '1.0.0')], ('nightly',))
    """
    groups: dict[tuple[str, str], list[_Read]] = {}
    others = []
    for name in sorted(set(tags)):
        read = _read(name)
        if read is None:
            others.append(name)
        else:
            groups.setdefault((read.before, read.after), []).append(read)
    for key in [key for key, reads in groups.items() if _is_stray(key[1], reads)]:
        groups.setdefault((key[0], ""), []).extend(map(_as_prerelease, groups.pop(key)))
    shapes = [_shape(before, after, reads) for (before, after), reads in groups.items()]
    shapes.sort(key=lambda shape: (-len(shape.releases), shape.before, shape.after))
    return Shapes(
        tuple(shape for shape in shapes if shape.releases),
        tuple(shape for shape in shapes if not shape.releases),
        tuple(others),
    )


@frozen
class _Read:
    """One tag: its name, taken apart."""

    name: str
    before: str
    core: Version
    build: str = ""  # How the build is written.
    number: int = 0
    after: str = ""
    tail: str = ""  # What makes it a pre-release.


_CORE = regex(
    r"(?<![0-9])(?<![0-9]\.)(?P<core>(?:0|[1-9][0-9]{0,17})(?:\.(?:0|[1-9][0-9]{0,17})){2})(?![0-9])"
)
_BUILD = regex(
    r"(?P<open>[-_+ ]?\(|[-_+.]build[-._]?|[-+._/])(?P<number>[0-9]{1,18})(?P<close>\)?)(?P<after>.*)",
    re.DOTALL,
)
_PRERELEASE = regex(
    r"[-._+]?(?:a|alpha|aplha|b|beta|c|rc|cr|pre|prerelease|preview|dev|develop|canary|next|nightly|snapshot|m|"
    r"milestone|experimental|insiders?|unstable|eap|exp|test|wip|post|hotfix|fix)(?![a-z])",
    re.IGNORECASE,
)
_NAME = regex(r"[-_@/.+]*[A-Za-z@]")


def _read(name: str) -> _Read | None:
    found = _CORE.search(name)
    if found is None:
        return None
    core = Version.parse(found["core"])
    before, rest = name[: found.start()], name[found.end() :]
    build = _BUILD.fullmatch(rest)
    if build is not None and (build["open"][-1] == "(") == bool(build["close"]):
        written = f"{build['open']}{{build}}{build['close']}"
        if not build["after"] or _is_name(build["after"]):
            return _Read(name, before, core, written, int(build["number"]), build["after"])
    if not rest or _is_name(rest):
        return _Read(name, before, core, after=rest)
    return _Read(name, before, core, tail=rest)


def _is_name(text: str) -> bool:
    return _NAME.match(text) is not None and _PRERELEASE.match(text) is None


def _is_stray(after: str, reads: list[_Read]) -> bool:
    """Whether the text behind the version is of one tag only, such as the id of a commit."""
    return len(reads) == 1 and any(letter.isdigit() for letter in after)


def _as_prerelease(read: _Read) -> _Read:
    return evolve(read, build="", number=0, after="", tail=read.name[len(read.before) :] or read.after)


def _shape(before: str, after: str, reads: list[_Read]) -> Shape:
    tails = {read.tail for read in reads}
    is_empty_word = (
        len(tails) == 1 and tails != {""} and len(reads) > _FEW and not any(map(str.isdigit, *tails))
    )
    if is_empty_word:
        after = f"{tails.pop()}{after}"
        reads = [evolve(read, tail="") for read in reads]
    released = [read for read in reads if not read.tail]
    released.sort(key=lambda read: (read.core, read.number, read.name))
    # By semver.org, -45 is a pre-release. It is a build where the releases have one.
    dashed = [read for read in released if read.build == "-{build}"]
    if dashed and (released[-1].build != "-{build}" or 2 * len(dashed) < len(released)):
        released = [read for read in released if read.build != "-{build}"]
    else:
        dashed = []
    # {version} reads +45, too. Its own field is for tags that must have it.
    if released and (released[-1].build != "+{build}" or 2 * _with_plus(released) < len(released)):
        released = [evolve(read, build="") if read.build == "+{build}" else read for read in released]
    stray = [read for read in reads if read.tail] + dashed
    versions = [(version, read.name) for read in stray if (version := _prerelease(read)) is not None]
    newest = max(versions, default=None)
    name = released[-1].name if released else newest[1] if newest else stray[-1].name
    return Shape(
        before,
        after,
        tuple(dict.fromkeys(read.build for read in reversed(released))),
        tuple(dict.fromkeys(read.core for read in released)),
        name,
        len(stray),
        newest[0] if newest else None,
        is_empty_word,
    )


_FEW = 5


def _with_plus(reads: Sequence[_Read]) -> int:
    return sum(read.build == "+{build}" for read in reads)


def _prerelease(read: _Read) -> Version | None:
    text = read.name.removeprefix(read.before)
    try:
        return Version.parse(text.removesuffix(read.after))
    except KrowVersionsError:
        return None
