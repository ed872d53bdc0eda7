"""Names of tags and branches, by patterns that format and parse them.

A pattern is literal text with ``{slug}`` and ``{version}`` in it, each once. It is not a regular
expression or format string, so a pattern from a configuration cannot run code or take long.
"""

from __future__ import annotations

import functools
import re
from typing import Self

import attrs

from krow_versions.errors import InputError, KrowVersionsError, PrereleaseVersion
from krow_versions.text.escaping import quoted
from krow_versions.version import Version

# The prefixes of full ref names, see "ref" in gitglossary(7).
HEADS, TAGS = "refs/heads/", "refs/tags/"

# Short, lower case, and without special characters of git, shells and URLs.
_SLUG = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_LONGEST = 512  # Characters of a name that is parsed: twice the longest version.
_FIELD = re.compile(r"\{([a-z]*)\}")


def is_slug(text: str) -> bool:
    """Whether *text* may name a product in tags and branches.

    >>> is_slug("krow-withus-web"), is_slug("-x"), is_slug("a..b"), is_slug("a.lock")
    (True, False, False, False)
    """
    return _SLUG.fullmatch(text) is not None and ".." not in text and not text.endswith((".lock", ".", "-"))


@attrs.frozen
class NamePattern:
    """A pattern such as ``{slug}/prod-v{version}``.

    Raises:
        InputError: the pattern does not have each field exactly once.
    """

    text: str

    def __attrs_post_init__(self) -> None:
        if sorted(_FIELD.findall(self.text)) != ["slug", "version"]:
            raise InputError(
                f"the pattern {quoted(self.text)} must contain {{slug}} and {{version}}, each once",
                hint="write it like {slug}/prod-v{version}",
            )

    def format(self, slug: str, version: Version) -> str:
        """Return the name for *slug* and *version*, without the build."""
        return self.text.replace("{slug}", slug).replace("{version}", str(version.with_build(None)))

    def parse(self, name: str) -> tuple[str, Version] | None:
        """Return the slug and version in *name*, or None if it does not match the pattern."""
        match = self._pattern.fullmatch(name) if len(name) <= _LONGEST else None
        if match is None or not is_slug(match["slug"]):
            return None
        try:
            return match["slug"], Version.parse(match["version"])
        except KrowVersionsError:
            return None

    def folder(self, slug: str) -> str:
        """Return the folder of all names of *slug*, whatever the version; empty if there is none.

        >>> NamePattern("{slug}/prod-v{version}").folder("web")
        'web'
        """
        fixed = self.text.partition("{version}")[0].replace("{slug}", slug)
        return fixed.rpartition("/")[0]

    @property
    def home(self) -> str:
        """The folder of all names, of every product and version; empty if there is none.

        >>> NamePattern("hotfix/{slug}-v{version}").home
        'hotfix'
        """
        return self.text.partition("{")[0].rpartition("/")[0]

    @functools.cached_property
    def _pattern(self) -> re.Pattern[str]:
        literal = re.escape(self.text)
        for field in ("slug", "version"):
            literal = literal.replace(rf"\{{{field}\}}", f"(?P<{field}>.+)")
        return re.compile(literal, re.DOTALL)


TAG_PATTERNS = {
    "production": NamePattern("{slug}/prod-v{version}"),
    "staging": NamePattern("{slug}/staging-v{version}"),
    "development": NamePattern("{slug}/dev-v{version}"),
}
BRANCH_PATTERN = NamePattern("hotfix/{slug}-v{version}")


@attrs.frozen
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
            hint="write up to 64 lower-case letters, digits and hyphens, such as krow-withus-web",
        )


@attrs.frozen
class HotfixBranch:
    """The name of a hotfix branch: the product, and the version that it will ship.

    ``str`` returns the name by the built-in pattern; :meth:`parse` is its inverse.

    Raises:
        InputError: the slug is not valid in names, or the version is a pre-release.

    >>> branch = HotfixBranch.parse("hotfix/krow-withus-worker-mobile-v0.1.1")
    >>> branch.slug, str(branch.version), str(branch)
    ('krow-withus-worker-mobile', '0.1.1', 'hotfix/krow-withus-worker-mobile-v0.1.1')
    """

    slug: str = attrs.field(validator=_slug)
    version: Version = attrs.field(converter=_without_build, validator=_production)

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
