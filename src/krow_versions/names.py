"""Names of tags and branches, by patterns that format and parse them.

A pattern is literal text with ``{version}`` in it, and perhaps ``{slug}`` and ``{build}``, each once. It is
not a regular expression or format string, so a pattern from a configuration cannot run code or take long.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Self

from krow_versions.errors import InputError, KrowVersionsError, PrereleaseVersion
from krow_versions.regexes import regex
from krow_versions.text.escaping import quoted
from krow_versions.values import field, frozen
from krow_versions.version import Version

if TYPE_CHECKING:
    from collections.abc import Mapping

# The prefixes of full ref names, see "ref" in gitglossary(7).
HEADS, TAGS = "refs/heads/", "refs/tags/"

# Without characters that are special to git, shells and URLs; npm's scopes and folders are allowed.
_SLUG = regex(r"(?:@?[A-Za-z0-9][A-Za-z0-9._-]*/)*@?[A-Za-z0-9][A-Za-z0-9._-]*")
_LONGEST_SLUG = 128
_LONGEST = 512  # Characters of a name that is parsed: twice the longest version.
_FIELD = regex(r"\{([a-z]*)\}")
_BUILD = "[0-9]{1,19}"


def is_slug(text: str) -> bool:
    """Whether *text* may name a product in tags and branches.

    >>> is_slug("krow-withus-web"), is_slug("@scope/name"), is_slug("-x"), is_slug("a..b"), is_slug("a.lock")
    (True, True, False, False, False)
    """
    return (
        len(text) <= _LONGEST_SLUG
        and _SLUG.fullmatch(text) is not None
        and ".." not in text
        and not any(part.endswith((".lock", ".", "-")) for part in text.split("/"))
    )


def file_slug(slug: str) -> str:
    """Return *slug* as a part of the name of a file.

    >>> file_slug("@changesets/cli")
    '@changesets%2Fcli'
    """
    return slug.replace("/", "%2F")


@frozen
class NamePattern:
    """A pattern such as ``{slug}/prod-v{version}``, ``v{version}`` or ``v{version}+{build}``.

    ``{build}`` is the build number, for names that have it elsewhere than behind a ``+`` of the version, or
    that must have one.

    Raises:
        InputError: the pattern lacks ``{version}``, or has a field twice or that is not known, or has
            ``{build}`` before the version.
    """

    text: str

    def __attrs_post_init__(self) -> None:
        fields = _FIELD.findall(self.text)
        is_known = {"version"} <= {*fields} <= {"slug", "version", "build"} and len(fields) == len({*fields})
        if not is_known or ("build" in fields and fields.index("build") < fields.index("version")):
            raise InputError(
                f"the pattern {quoted(self.text)} must contain {{version}}, and may contain {{slug}} and, "
                "behind the version, {build}, each once",
                hint="write it like {slug}/prod-v{version}",
            )

    @property
    def has_slug(self) -> bool:
        """Whether it names the product."""
        return "{slug}" in self.text

    @property
    def has_build(self) -> bool:
        """Whether it has ``{build}``, so that a name needs a build."""
        return "{build}" in self.text

    def bound(self, slug: str) -> str:
        """Return the text with the slug in it, for people and to compare."""
        return self.text.replace("{slug}", slug)

    def format(self, slug: str, version: Version) -> str:
        """Return the name for *slug* and *version*; with the build only where the pattern has ``{build}``.

        Raises:
            InputError: the pattern has ``{build}``, and the version has none.
        """
        if self.has_build and version.build is None:
            raise InputError(
                f"names like {quoted(self.bound(slug))} need a build, and {version} has none",
                hint="add the build, such as 0.1.1+6, or use a pattern without {build}",
            )
        name = self.bound(slug).replace("{version}", str(version.with_build(None)))
        return name.replace("{build}", str(version.build))

    def parse(self, name: str) -> tuple[str, Version] | None:
        """Return the slug and version in *name*; None if it does not match, or if the pattern has no slug."""
        match = self._pattern.fullmatch(name) if self.has_slug and len(name) <= _LONGEST else None
        if match is None or not is_slug(match["slug"]):
            return None
        version = _version(match)
        return (match["slug"], version) if version else None

    def read(self, slug: str, name: str) -> Version | None:
        """Return the version in *name* if it is one of *slug*; with its build, where the name has one.

        >>> NamePattern("{version}-{slug}").read("web", "1.2.3-web")
        Version('1.2.3')
        >>> NamePattern("v{version}({build})").read("web", "v1.2.3(45)")
        Version('1.2.3+45')
        """
        match = _regex(self.bound(slug)).fullmatch(name) if len(name) <= _LONGEST else None
        return match and _version(match)

    def folder(self, slug: str) -> str:
        """Return the folder of all names of *slug*, whatever the version; empty if there is none.

        >>> NamePattern("{slug}/prod-v{version}").folder("web")
        'web'
        """
        return self.prefix(slug).rpartition("/")[0]

    def prefix(self, slug: str) -> str:
        """Return what is before the version in all names of *slug*."""
        return self.bound(slug).partition("{version}")[0]

    def literal(self, slug: str) -> int:
        """Return how much of it is fixed text; a field for the build counts as one character more."""
        bare = self.bound(slug).replace("{version}", "")
        return len(bare.replace("{build}", "")) + self.has_build

    def any_build(self, slug: str, version: Version) -> str:
        """Return the name for *slug* and *version*, with ``*`` for a build."""
        return self.bound(slug).replace("{version}", str(version.with_build(None))).replace("{build}", "*")

    @property
    def home(self) -> str:
        """The folder of all names, of every product and version; empty if there is none.

        >>> NamePattern("hotfix/{slug}-v{version}").home
        'hotfix'
        """
        return self.text.partition("{")[0].rpartition("/")[0]

    @functools.cached_property
    def _pattern(self) -> re.Pattern[str]:
        return _regex(self.text)


@functools.lru_cache(maxsize=65_536)  # A configuration can have 60,000: all are asked for each name.
def _regex(text: str) -> re.Pattern[str]:
    """Compile a pattern; the slug may be in it already."""
    literal = re.escape(text).replace(r"\{build\}", f"(?P<build>{_BUILD})")
    for name in ("slug", "version"):
        literal = literal.replace(rf"\{{{name}\}}", f"(?P<{name}>.+)")
    return re.compile(literal, re.DOTALL)


def _version(match: re.Match[str]) -> Version | None:
    found = match.groupdict()
    try:
        version = Version.parse(found["version"])
        return version if "build" not in found else version.with_build(int(found["build"]))
    except KrowVersionsError:
        return None


@frozen
class NameReader:
    """Reads names by the patterns of several products, each name once.

    Where several patterns match a name, the one with the most literal text counts: ``v1.2.3-web`` is of
    ``v{version}-web``, not a pre-release of ``v{version}``.

    Attributes:
        entries: the slug, a label such as the stage, and the pattern of each kind of names.
        whole: whether a build behind the version is kept where the pattern has no ``{build}``.
    """

    entries: tuple[tuple[str, str, NamePattern], ...]
    whole: bool = False

    def read(self, name: str) -> tuple[str, str, Version] | None:
        """Return the slug, the label and the version of *name*, or None if no pattern matches."""
        return next(iter(self.owners(name)), None)

    def owners(self, name: str) -> list[tuple[str, str, Version]]:
        """Return all that :meth:`read` chooses from: several only where patterns are alike."""
        found = [
            (len(before), at, pattern.literal(slug), (slug, label, self._kept(pattern, version)))
            for before, after in {(name[:start], name[len(name) - end :]) for start, end in self._lengths}
            for at, (slug, label, pattern) in self._by_ends.get((before, after), ())
            if (version := pattern.read(slug, name)) is not None
        ]
        most = max((literal for _, _, literal, _ in found), default=0)
        found.sort(key=lambda each: each[:2])
        return [reading for _, _, literal, reading in found if literal == most]

    def _kept(self, pattern: NamePattern, version: Version) -> Version:
        return version if self.whole or pattern.has_build else version.with_build(None)

    @functools.cached_property
    def _by_ends(self) -> Mapping[tuple[str, str], list[tuple[int, tuple[str, str, NamePattern]]]]:
        """The entries by what is before the version and behind all fields, with their numbers."""
        found: dict[tuple[str, str], list[tuple[int, tuple[str, str, NamePattern]]]] = {}
        for at, (slug, label, pattern) in enumerate(self.entries):
            ends = pattern.prefix(slug), pattern.bound(slug).rpartition("}")[2]
            found.setdefault(ends, []).append((at, (slug, label, pattern)))
        return found

    @functools.cached_property
    def _lengths(self) -> frozenset[tuple[int, int]]:
        return frozenset((len(before), len(after)) for before, after in self._by_ends)


TAG_PATTERNS = {
    "production": NamePattern("{slug}/prod-v{version}"),
    "staging": NamePattern("{slug}/staging-v{version}"),
    "development": NamePattern("{slug}/dev-v{version}"),
}
BRANCH_PATTERN = NamePattern("hotfix/{slug}-v{version}")


@frozen
class ReleaseTag:
    """The name of a release tag: product, stage and version.

    ``str`` returns the name by the built-in patterns; :meth:`parse` is its inverse.

    >>> tag = ReleaseTag.parse("krow-withus-worker-mobile/prod-v0.1.0")
    >>> tag.slug, tag.stage, str(tag.version)
    ('krow-withus-worker-mobile', 'production', '0.1.0')
    """

    slug: str
    stage: str
    version: Version

    @classmethod
    def parse(cls, name: str) -> Self:
        """Parse the name of a tag, without ``refs/tags/``.

        Raises:
            InputError: the name matches the pattern of no stage.
        """
        for stage, pattern in TAG_PATTERNS.items():
            found = pattern.parse(name)
            if found:
                return cls(found[0], stage, found[1])
        patterns = ", ".join(pattern.text for pattern in TAG_PATTERNS.values())
        raise InputError(f"{quoted(name)} is not a release tag", hint=f"release tags are {patterns}")

    def __str__(self) -> str:
        return TAG_PATTERNS[self.stage].format(self.slug, self.version)


def _without_build(version: Version) -> Version:
    return version.with_build(None)


def _production(_: object, __: object, version: Version) -> None:
    if version.prerelease is not None:
        raise PrereleaseVersion(
            f"{quoted(str(version))} is a pre-release, and a hotfix ships a production version",
            hint="write three numbers, such as 0.1.1",
        )


def _slug(_: object, __: object, slug: str) -> None:
    if not is_slug(slug):
        raise InputError(
            f"{quoted(slug)} cannot name a product in tags and branches",
            hint="write up to 128 letters, digits, hyphens and dots, such as krow-withus-web or @scope/name",
        )


@frozen
class HotfixBranch:
    """The name of a hotfix branch: the product, and the version that it will ship.

    ``str`` returns the name by the built-in pattern; :meth:`parse` is its inverse.

    Raises:
        InputError: the slug is not valid in names, or the version is a pre-release.

    >>> branch = HotfixBranch.parse("hotfix/krow-withus-worker-mobile-v0.1.1")
    >>> branch.slug, str(branch.version), str(branch)
    ('krow-withus-worker-mobile', '0.1.1', 'hotfix/krow-withus-worker-mobile-v0.1.1')
    """

    slug: str = field(validator=_slug)
    version: Version = field(converter=_without_build, validator=_production)

    @classmethod
    def parse(cls, name: str) -> Self:
        """Parse the name of a branch, without ``refs/heads/``.

        Raises:
            InputError: the name does not match the pattern.
        """
        found = BRANCH_PATTERN.parse(name)
        if found is None or found[1].prerelease is not None or found[1].build is not None:
            raise InputError(
                f"{quoted(name)} is not a hotfix branch", hint=f"hotfix branches are {BRANCH_PATTERN.text}"
            )
        return cls(*found)

    def __str__(self) -> str:
        return BRANCH_PATTERN.format(self.slug, self.version)
