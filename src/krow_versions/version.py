"""Versions: strict parsing, a total order, and the next PATCH and build.

The grammar is that of semver.org, parsed by ``semver``. Two rules are added, because ``semver``
ignores the build in comparisons and drops it in ``bump_patch``:

- the build (``+5``) is a whole number that app stores count by, so it is compared after semver's own
  precedence; a version without a build comes first;
- a build with leading zeros keeps its width (``+002702 -> +002703``).
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Self

from krow_versions.errors import InvalidVersion, PrereleaseVersion
from krow_versions.regexes import regex
from krow_versions.text.escaping import quoted
from krow_versions.values import evolve, field, frozen

if TYPE_CHECKING:
    from collections.abc import Iterable

    import attrs

# Longer than any real version, and short enough that every conversion below is instant.
_MAX_LENGTH = 256
_CHARACTERS = regex(r"[0-9A-Za-z.+-]+")
_DIGITS = regex(r"[0-9]+")

# Semver's precedence: (1, ()) without a pre-release, else (0, identifiers), with numbers before words.
_PrereleaseKey = tuple[int, tuple[tuple[int, int, str], ...]]
_Key = tuple[int, int, int, _PrereleaseKey, int]


def _check_number(_: object, attribute: attrs.Attribute[Any], value: Any) -> None:
    if value is None and attribute.default is None:
        return
    if type(value) is not int or value < 0:
        raise InvalidVersion(f"{attribute.name} must be a whole number, not a {type(value).__name__}")
    limit = _MAX_LENGTH if attribute.name == "build_width" else 10**_MAX_LENGTH
    if value > limit:
        raise InvalidVersion(f"{attribute.name} is greater than any real one", hint=_SHORT)


def _check_prerelease(_: object, __: object, value: Any) -> None:
    if value is not None and (not isinstance(value, str) or _semver_parts(f"0.0.0-{value}")[3] != value):
        raise InvalidVersion(f"{quoted(str(value))} is not a pre-release")


@functools.total_ordering
@frozen(order=False, repr=False)
class Version:
    """A version ``major.minor.patch`` with an optional pre-release and build number.

    Equality, hash and order follow semver's precedence, then the build; zero padding of the build is
    ignored. ``str`` returns the version as it was written.

    Args:
        major: first number, from 0.
        minor: second number, from 0.
        patch: third number, from 0; the one that a hotfix raises.
        prerelease: dot-separated identifiers such as ``rc.1``, or None.
        build: the whole number after the ``+``, or None.
        build_width: minimum number of digits of the build as written.

    Raises:
        InvalidVersion: a number is negative or not an int, the pre-release is not valid, or the whole is
            longer than any version.

    >>> Version.parse("0.1.0+5") < Version.parse("0.1.0+10") < Version(0, 1, 1)
    True
    >>> str(Version(0, 1, 1, build=6))
    '0.1.1+6'
    """

    major: int = field(validator=_check_number)
    minor: int = field(validator=_check_number)
    patch: int = field(validator=_check_number)
    prerelease: str | None = field(default=None, validator=_check_prerelease)
    build: int | None = field(default=None, validator=_check_number)
    build_width: int = field(default=0, eq=False, kw_only=True, validator=_check_number)

    def __attrs_post_init__(self) -> None:
        """Refuse what :meth:`parse` would not read again; a build may have a place of its own."""
        require_short(str(self) if self.build is None else str(self).rpartition("+")[0])

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse *text* by the grammar of semver.org, with a whole number as build.

        Raises:
            InvalidVersion: *text* is not exactly a version, or its build metadata is not a whole
                number (``+5.1``, ``+abc``).

        >>> Version.parse("0.27.2+002702").next_patch()
        Version('0.27.3+002703')
        """
        if not isinstance(text, str):
            raise InvalidVersion(f"a version is text, not {type(text).__name__}")
        major, minor, patch, prerelease, build = _semver_parts(text)
        if build is None:
            return cls(major, minor, patch, prerelease)
        if not _DIGITS.fullmatch(build):
            raise InvalidVersion(
                f"build {quoted(build)} of {quoted(text)} is not a whole number",
                hint="a build is counted up with every release: write it as digits, such as +5",
            )
        width = len(build) if build[0] == "0" else 0
        return cls(major, minor, patch, prerelease, int(build), build_width=width)

    @property
    def core(self) -> tuple[int, int, int]:
        """The three numbers, without pre-release and build."""
        return (self.major, self.minor, self.patch)

    def with_build(self, build: int | None) -> Self:
        """Return this version with another build, padded to the same width."""
        return evolve(self, build=build)

    def next_patch(self) -> Self:
        """Return the version of a hotfix on this one: PATCH + 1, and build + 1 if it has a build.

        Raises:
            PrereleaseVersion: this is a pre-release, which is never in production.

        >>> Version.parse("0.1.0+5").next_patch()
        Version('0.1.1+6')
        """
        if self.prerelease is not None:
            raise PrereleaseVersion(
                f"{quoted(str(self))} is a pre-release, and a hotfix starts from a production version",
                hint="release it first, or name the version that is in production",
            )
        build = None if self.build is None else self.build + 1
        return evolve(self, patch=self.patch + 1, build=build)

    @property
    def _key(self) -> _Key:
        build = -1 if self.build is None else self.build
        if self.prerelease is None:
            return (*self.core, (1, ()), build)
        identifiers = tuple(
            (0, int(part), "") if _DIGITS.fullmatch(part) else (1, 0, part)
            for part in self.prerelease.split(".")
        )
        return (*self.core, (0, identifiers), build)

    def __lt__(self, other: object) -> bool:
        return self._key < other._key if isinstance(other, Version) else NotImplemented

    def __str__(self) -> str:
        text = f"{self.major}.{self.minor}.{self.patch}"
        if self.prerelease is not None:
            text += f"-{self.prerelease}"
        if self.build is not None:
            text += f"+{self.build:0{self.build_width}d}"
        return text

    def __repr__(self) -> str:
        return f"Version({str(self)!r})"


Held = Version | int
"""What a version file holds: a version, or only a build."""


def written(held: Held) -> str:
    """Write what a file holds for people and for JSON; a build alone has a ``+``.

    >>> written(Version(0, 1, 1, build=6)), written(6)
    ('0.1.1+6', '+6')
    """
    return f"+{held}" if isinstance(held, int) else str(held)


def build_of(held: Held) -> int | None:
    """Return the build that a file holds, or None."""
    return held if isinstance(held, int) else held.build


def with_highest(version: Version, held: Iterable[Held]) -> Version:
    """Return *version* with the highest build of *held*, padded as it is there, or without a build.

    >>> with_highest(Version(0, 1, 1), [Version.parse("0.1.0+007"), 6])
    Version('0.1.1+007')
    """
    builds = ((build, each) for each in held if (build := build_of(each)) is not None)
    build, highest = max(builds, key=lambda pair: pair[0], default=(None, 0))
    width = 0 if isinstance(highest, int) else highest.build_width
    return evolve(version, build=build, build_width=width)


def require_short(text: str) -> None:
    """Refuse a text that is longer than any version.

    Raises:
        InvalidVersion: it is.
    """
    if len(text) > _MAX_LENGTH:
        raise InvalidVersion(f"{quoted(text)} is {len(text)} characters long, no version is", hint=_SHORT)


def _semver_parts(text: str) -> tuple[int, int, int, str | None, str | None]:
    """Parse *text* with ``semver`` if its length and alphabet are those of a version."""
    require_short(text)
    if plain := _PLAIN.fullmatch(text):
        major, minor, patch, build = plain.groups()
        return int(major), int(minor), int(patch), None, build
    if _CHARACTERS.fullmatch(text):
        import semver  # Only here: loading it costs as much as starting Python.

        try:
            parsed = semver.Version.parse(text)
        except ValueError:
            pass
        else:
            return parsed.major, parsed.minor, parsed.patch, parsed.prerelease, parsed.build
    if _OF_PYTHON.fullmatch(text):
        raise PrereleaseVersion(
            f"{quoted(text)} is a pre-release as Python writes it (PEP 440), not major.minor.patch",
            hint="a hotfix does not start here: krow-versions hotfix start begins at the production tag",
        )
    raise InvalidVersion(f"{quoted(text)} is not a version (major.minor.patch)", hint=_advice(text))


# Of the grammar of semver.org, what nearly every version is.
_PLAIN = regex(r"(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)(?:\+([0-9]+))?")
# The forms of PEP 440 for what comes before a release, such as 2.5.0.dev0 and 1.0.0rc1.
_OF_PYTHON = regex(
    r"[0-9]+\.[0-9]+\.[0-9]+[._-]?(?:a|b|c|rc|alpha|beta|pre|preview|dev)[._-]?[0-9]*(?:\.dev[0-9]*)?"
)


def _advice(text: str) -> str:
    core, plus, build = text.strip().removeprefix("v").removeprefix("V").partition("+")
    numbers = core.split(".")
    readable = all(_DIGITS.fullmatch(number) for number in numbers) and len(numbers) <= 3
    if readable and (_DIGITS.fullmatch(build) or not plus):
        numbers += ["0"] * (3 - len(numbers))
        return f"write {'.'.join(str(int(number)) for number in numbers)}{plus}{build}"
    return _SHAPE


_SHORT = "write three numbers, such as 0.1.0"
_SHAPE = "write three numbers without leading zeros, such as 0.1.0 or 0.1.0+5 (semver.org)"
