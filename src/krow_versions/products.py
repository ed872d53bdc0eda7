"""The products, where their versions live, and how their tags are called.

KROW's own catalog is built in, so that a KROW checkout needs no configuration.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from krow_versions.errors import UsageError
from krow_versions.names import BRANCH_PATTERN, TAG_PATTERNS, NamePattern
from krow_versions.text.escaping import quoted
from krow_versions.text.words import as_compared

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# Google Play refuses a greater versionCode (developer.android.com, "Version your app").
ANDROID_MAX_BUILD = 2_100_000_000
HOME = "."


@attrs.frozen
class VersionFile:
    """Where a version is written: a path or glob relative to its repository.

    Attributes:
        path: the file, or a glob that may match several.
        otherwise: the file to take where ``path`` does not exist, or None.
        repo: the repository's name, or None for that of the product.
        format: a format's name, or None for the one that the file's name tells.
        key: where in the file, as ``krow_versions.formats.read_version`` takes it, or None.
    """

    path: str
    otherwise: str | None = None
    repo: str | None = None
    format: str | None = None
    key: str | None = None


@attrs.frozen
class Product:
    """Something that ships under a version of its own.

    Attributes:
        name: how commands call it.
        slug: how tags and branches call it.
        files: every file that carries its version; a lock file beside a package.json comes with it.
        title: how people call it.
        aliases: further names that commands accept.
        repo: name of the repository that its tags are in.
        changelog: its CHANGELOG, when not the one beside the first version file or at the top.
        max_build: the highest build number that may be written.
    """

    name: str
    slug: str
    files: tuple[VersionFile, ...]
    title: str = ""
    aliases: tuple[str, ...] = ()
    repo: str = HOME
    changelog: str | None = None
    max_build: int = ANDROID_MAX_BUILD


@attrs.frozen
class Catalog:
    """Products by name, in their order of display, and the patterns of their tags and branches."""

    products: tuple[Product, ...]
    tags: Mapping[str, NamePattern] = attrs.field(factory=lambda: dict(TAG_PATTERNS))
    branch: NamePattern = BRANCH_PATTERN

    def product(self, name: str) -> Product:
        """Give the product called *name*, by its name, an alias or its title, in any case.

        Raises:
            UsageError: there is none; the hint has the nearest name.
        """
        wanted = as_compared(name)
        if not wanted:
            raise UsageError("the name of a product is empty: ''", hint="see whether a variable is not set")
        for product in self.products:
            if wanted in {as_compared(known) for known in (product.name, product.title, *product.aliases)}:
                return product
        known = [name for product in self.products for name in (product.name, *product.aliases)]
        raise UsageError(
            f"there is no product {quoted(name)}", hint=did_you_mean(wanted, known, "the products")
        )


def repo_path(repo: str, path: str) -> str:
    """Write where a file is, as the configuration does: the repository is named where there are several.

    >>> place(".", "VERSION"), place("web", "package.json")
    ('VERSION', 'web:package.json')
    """
    return joined_place(None if repo == HOME else repo, path)


def joined_place(repo: str | None, path: str) -> str:
    """Write ``repo:path``, or the path alone where no repository is named."""
    return path if repo is None else f"{repo}:{path}"


def split_place(text: str) -> tuple[str | None, str]:
    """Split ``repo:path``; a colon below the first folder is part of the path."""
    repo, colon, path = text.partition(":")
    return (repo, path) if colon and "/" not in repo else (None, text)


def did_you_mean(wrong: str, known: Iterable[str], what: str) -> str:
    """Write a hint with the nearest of the *known* names, and all of them."""
    import difflib

    names = list(known)
    near = difflib.get_close_matches(wrong, names, n=1, cutoff=0.5)
    listed = f"{what} are {', '.join(names)}"
    return f"did you mean {near[0]}? {listed}" if near else listed


KROW = Catalog(
    (
        Product(
            name="worker-mobile",
            slug="krow-withus-worker-mobile",
            title="Worker Mobile",
            aliases=("staff-mobile",),
            files=(
                VersionFile("apps/mobile/apps/staff/pubspec.yaml", "apps/mobile/apps/worker/pubspec.yaml"),
            ),
        ),
        Product(
            name="client-mobile",
            slug="krow-withus-client-mobile",
            title="Client Mobile",
            files=(VersionFile("apps/mobile/apps/client/pubspec.yaml"),),
        ),
        Product(
            name="web",
            slug="krow-withus-web",
            title="Web",
            files=(VersionFile("apps/web/package.json"),),
        ),
        Product(
            name="backend",
            slug="krow-withus-backend",
            title="Backend",
            files=(VersionFile("backend/*/package.json"),),
        ),
    )
)
