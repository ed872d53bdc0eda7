"""Products, their version files, and the patterns of their tags and branches.

KROW's own catalog is built in, so a KROW checkout needs no configuration.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from krow_versions.errors import ProductNotFound, UsageError, raise_all
from krow_versions.names import BRANCH_PATTERN, TAG_PATTERNS, NamePattern, NameReader
from krow_versions.text.escaping import quoted
from krow_versions.text.words import as_compared, did_you_mean
from krow_versions.values import field, frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from krow_versions.version import Version

# Google Play refuses a greater versionCode (developer.android.com, "Version your app").
ANDROID_MAX_BUILD = 2_100_000_000
HOME = "."


@frozen
class VersionFile:
    """A version file: a path or glob relative to its repository.

    Attributes:
        path: the file, or a glob that may match several.
        otherwise: the file to use if ``path`` does not exist, or None.
        repo: the name of its repository, or None for that of the product.
        format: the name of its format, or None for the format that knows the file name.
        key: the keys of its places, one a line, as in :func:`krow_versions.read_version`, or None.
        follows: of a lock that several packages share: the version file that its entry is of; None for
            every other file.
    """

    path: str
    otherwise: str | None = None
    repo: str | None = None
    format: str | None = None
    key: str | None = None
    follows: str | None = None


@frozen
class Product:
    """Something that ships under a version of its own.

    Attributes:
        name: its name in commands.
        slug: its name in tags and branches.
        files: every file with its version; a lock file beside a package.json is included with it.
        title: its name for people.
        aliases: more names that commands accept.
        repo: name of the repository that its tags are in.
        changelog: its CHANGELOG, or None for the one beside its first version file or at the top.
        max_build: the highest build number allowed.
        pins: whether a bump moves the places where other packages require its exact version.
        tags: patterns of its tags where they are not those of the catalog, by stage; the first one
            is for new tags, without ``{build}`` where no file has one; all are read.
    """

    name: str
    slug: str
    files: tuple[VersionFile, ...]
    title: str = ""
    aliases: tuple[str, ...] = ()
    repo: str = HOME
    changelog: str | None = None
    max_build: int = ANDROID_MAX_BUILD
    pins: bool = False
    tags: Mapping[str, tuple[NamePattern, ...]] = field(factory=dict)


@frozen
class Catalog:
    """The products in order of display, and the patterns of their tags and branches.

    Attributes:
        products: all products.
        tags: the pattern of each stage, for products that have none of their own.
        branch: the pattern of hotfix branches.
    """

    products: tuple[Product, ...]
    tags: Mapping[str, NamePattern] = field(default=TAG_PATTERNS)
    branch: NamePattern = BRANCH_PATTERN

    def patterns(self, product: Product) -> dict[str, tuple[NamePattern, ...]]:
        """Return the patterns of the tags of a product, by stage; the first one of each is for new tags."""
        return {stage: (pattern,) for stage, pattern in self.tags.items()} | {**product.tags}

    def tag(self, product: Product, version: Version, stage: str = "production") -> str:
        """Return the name of a new tag, by the first pattern that *version* has all fields of.

        If each of them needs a build, and *version* has none, ``*`` stands for it.
        """
        patterns = self.patterns(product)[stage]
        for pattern in patterns:
            if version.build is not None or not pattern.has_build:
                return pattern.format(product.slug, version)
        return patterns[0].any_build(product.slug, version)

    def tag_reader(self, *products: Product) -> NameReader:
        """Return the reader of the tags of some products of one repository; labels are stages."""
        return NameReader(
            tuple(
                (product.slug, stage, pattern)
                for product in products
                for stage, some in self.patterns(product).items()
                for pattern in some
            )
        )

    def beside(self, product: Product) -> tuple[Product, ...]:
        """Return the products whose tags are in the repository of a product, itself included."""
        return tuple(each for each in self.products if each.repo == product.repo)

    def tag_folders(self, products: Iterable[Product]) -> list[str]:
        """Return the folders of all tags of some products, with a slash at the end; empty for all tags."""
        found = {
            pattern.folder(product.slug)
            for product in products
            for some in self.patterns(product).values()
            for pattern in some
        }
        return [f"{folder}/" if folder else "" for folder in sorted(found)]

    def read_branch(self, name: str) -> tuple[str, Version] | None:
        """Return the slug and version in the name of a hotfix branch; None if it is that of no product."""
        found = self._branches.read(name)
        return found and (found[0], found[2])

    @functools.cached_property
    def _branches(self) -> NameReader:
        return NameReader(tuple((product.slug, "", self.branch) for product in self.products), whole=True)

    def named(self, names: Iterable[str]) -> tuple[Product, ...]:
        """Return the products with these names, as :meth:`product`; raise the errors of all names at once.

        Raises:
            ProductNotFound: there is no product of one of these names.
            TypeError: *names* is one name.
        """
        if isinstance(names, str | bytes):
            raise TypeError(f"names of products are given in a list: [{names!r}], not {names!r}")
        found, errors = [], []
        for name in names:
            try:
                found.append(self.product(name))
            except UsageError as error:
                errors.append(error)
        raise_all(errors)
        return tuple(found)

    def product(self, name: str) -> Product:
        """Return the product with that name, alias or title, ignoring case.

        Raises:
            ProductNotFound: there is no such product; the hint has the nearest name.
        """
        asked: object = name  # What is no text is the name of no product, as for any mapping.
        key = as_compared(name) if isinstance(asked, str) else repr(asked)
        if not key:
            hint = "check whether a variable is unset"
            raise ProductNotFound("the name of a product is empty: ''", hint=hint)
        for product in self.products:
            if key in {as_compared(known) for known in (product.name, product.title, *product.aliases)}:
                return product
        known = [name for product in self.products for name in (product.name, *product.aliases)]
        hint = did_you_mean(key, known, "the products")
        raise ProductNotFound(f"there is no product {quoted(str(name))}", hint=hint)


def require_names(names: tuple[object, ...], method: str) -> None:
    """Require that what was passed to a *method* that takes names one by one is text.

    Raises:
        TypeError: it is not.
    """
    for name in names:
        if isinstance(name, str):
            continue
        shown, kind = "'web'", type(name).__name__
        found = {"NoneType": "None", "bytes": "bytes"}.get(kind, f"a {kind}")
        if isinstance(name, list | tuple | set | frozenset) and name:
            shown = ", ".join(repr(each) for each in name)
        raise TypeError(f"{method} takes names of products one by one, not {found}: {method}({shown})")


def repo_path(repo: str, path: str) -> str:
    """Write the path of a file as in the configuration; the repository is omitted if it is the only one.

    >>> repo_path(".", "VERSION"), repo_path("web", "package.json")
    ('VERSION', 'web:package.json')
    """
    return joined_place(None if repo == HOME else repo, path)


def joined_place(repo: str | None, path: str) -> str:
    """Write ``repo:path``, or the path alone if *repo* is None."""
    return path if repo is None else f"{repo}:{path}"


def split_place(text: str) -> tuple[str | None, str]:
    """Split ``repo:path``; a colon after the first slash is part of the path."""
    repo, colon, path = text.partition(":")
    return (repo, path) if colon and "/" not in repo else (None, text)


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
