"""Choose products and their names from the version files of a repository, for ``krow-versions init``.

The heuristics are made for Melos, npm, pnpm and Cargo workspaces, and tested on the repositories of the
corpus. A person reviews the result before it is used.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from krow_versions.config.fields import PLACE
from krow_versions.config.loading import folder_of
from krow_versions.encoding import BOM
from krow_versions.errors import InvalidVersion, KrowVersionsError, VersionNotFound
from krow_versions.formats import find_version, format_for, format_named, value_at
from krow_versions.regexes import regex
from krow_versions.text.paths import has_wildcard
from krow_versions.values import evolve, field, frozen

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from krow_versions.formats import Format
    from krow_versions.products import VersionFile


@frozen
class FoundFile:
    """A possible version file.

    Attributes:
        path: relative to its repository.
        format: the name of its format.
        version: its version as written, or None.
        private: whether it says that it is not published as a package, but is an app.
        fault: why its version cannot be read, or None.
        name: the name of its package, or None.
        odd: whether it has a version that is not of three numbers, such as ``2.0.dev0``.
        silent: whether it has none, as most files of its format.
        source: the file that it takes its version from, or None.
    """

    path: str
    format: str
    version: str | None = None
    private: bool = False
    fault: str | None = None
    name: str | None = None
    odd: bool = field(default=False, repr=False)
    silent: bool = field(default=False, repr=False)
    source: VersionFile | None = field(default=None, repr=False)


SPECIAL = {"brick.yaml": "yaml", "lerna.json": "json"}
"""Files of packages whose names no format knows, and the formats of them."""


def look(path: str, text: str) -> FoundFile:
    r"""Read what matters of a file for ``init``; its format is that of its name.

    Raises:
        Unsupported: no format knows its name.

    >>> look("apps/shop/pubspec.yaml", "name: shop\npublish_to: none\nversion: 0.1.0+5\n")
    FoundFile(path='apps/shop/pubspec.yaml', ..., version='0.1.0+5', private=True, fault=None, name='shop')
    """
    special = SPECIAL.get(path.rpartition("/")[2])
    chosen = format_named(special) if special else format_for(path)
    try:
        located = find_version(text, chosen)
    except KrowVersionsError as error:
        silent = special is not None or (chosen.sparse and isinstance(error, VersionNotFound))
        data = _data(chosen, text)
        private = chosen.private(data)
        odd = isinstance(error, InvalidVersion) and bool(re.match(r"'[0-9]+\.[0-9]+\.[0-9]+", error.message))
        return FoundFile(path, chosen.name, None, private, error.message, _name(chosen, data), odd, silent)
    version = None if located.version is None else str(located.version)
    counted = any(place.kind == "build" for place in located.places)  # By a store, which takes apps.
    private = counted or chosen.private(located.outline)
    return FoundFile(path, chosen.name, version, private, name=_name(chosen, located.outline))


def _data(chosen: Format, text: str) -> Any:
    try:
        return chosen.read(text.removeprefix(BOM)).data
    except Exception:  # noqa: BLE001 - Parsers leak exceptions of many kinds; the fault is known already.
        return None


def _name(chosen: Format, data: Any) -> str | None:
    name = chosen.packaging.name(data) if chosen.packaging else value_at(data, ("name",))
    return name if isinstance(name, str) and 0 < len(name) <= _LONGEST_NAME else None


_LONGEST_NAME = 214  # docs.npmjs.com, "package.json", name.


NO_PRODUCTS = "tests, examples, templates, tools and what is generated"
LIBRARIES = "libraries, which ship inside of products"
WORKSPACES = "roots of workspaces, whose products are below"
PLATFORMS = "of one platform of an app, whose version is in the folder above"
NO_VERSION = "without a version that can be read"
NOT_KEPT = "at 0.0.0, so that their version must be kept elsewhere"
NO_TAGS = "without release tags, which others here have"
NO_PATH = "with names that a configuration cannot hold as they are"


@frozen
class Candidate:
    """A proposed product: its folder, and its files with the main one first.

    Attributes:
        family: the index of its files among those that have tags, or None.
        called: the name of the repository.
    """

    folder: str
    files: tuple[FoundFile, ...]
    family: int | None = None
    called: str = ""


@frozen
class Selection:
    """The proposed products, and the files that are left out, by reason."""

    products: tuple[Candidate, ...]
    left_out: dict[str, list[FoundFile]]


def kept(found: Iterable[FoundFile]) -> list[FoundFile]:
    """Return the files that can be of a product, those higher in the tree first.

    Locks are included with the files that they lock.
    """
    files = sorted({file.path: file for file in found}.values(), key=lambda file: higher_up(file.path))
    return [file for file in files if not (file.silent or format_named(file.format).is_lock)]


def choose(
    found: Iterable[FoundFile],
    families: Sequence[Sequence[FoundFile]] = (),
    *,
    has_tags: bool = False,
    is_whole: bool = False,
) -> Selection:
    """Choose the products among the files.

    Args:
        found: the files.
        families: for each product that has release tags, its files with the main one first.
        has_tags: whether there are products with release tags, even if none of them can be used.
        is_whole: whether the repository has releases as a whole, such as ``v1.2.3``.
    """
    files = kept(found)
    reasons = _reasons(
        files, {file for family in families for file in family}, has_tags=has_tags, is_whole=is_whole
    )
    products = [
        Candidate(folder_around(family[0].path), tuple(family), index)
        for index, family in enumerate(families)
    ]
    at: dict[tuple[str, str], list[int]] = {}
    first: dict[str, int] = {}
    for index, product in enumerate(products):
        at.setdefault((product.folder, _core(product.files[0])), []).append(index)
        first.setdefault(product.folder, index)
    for file in [file for file, reason in reasons.items() if reason in {None, NO_TAGS}]:
        own, *above = _above(file.path)
        alike = sorted(index for folder in (own, *above) for index in at.get((folder, _core(file)), ()))
        around = (index for index in alike if _is_within(file, products[index]))
        home = next((index for index in around if _fits(file, products[index].files[0])), None)
        if home is not None:
            products[home] = evolve(products[home], files=(*products[home].files, file))
            reasons[file] = None
        elif reasons[file] is None and any(
            folder in first and _is_within(file, products[first[folder]]) for folder in above
        ):
            reasons[file] = LIBRARIES
        elif reasons[file] is None:
            at.setdefault((own, _core(file)), []).append(len(products))
            first.setdefault(own, len(products))
            products.append(Candidate(own, (file,)))
    left_out: dict[str, list[FoundFile]] = {}
    for file, reason in reasons.items():
        if reason is not None:
            left_out.setdefault(reason, []).append(file)
    return Selection(
        tuple(sorted(products, key=lambda product: (product.folder.split("/"), product.files[0].path))),
        left_out,
    )


def _reasons(
    files: Sequence[FoundFile], own: Collection[FoundFile], *, has_tags: bool, is_whole: bool
) -> dict[FoundFile, str | None]:
    """Return why each file is left out, or None; the files of products with tags, *own*, are not in it."""
    homes = {
        folder_around(file.path)
        for file in files
        if _platform_folder(file.path) is None and not format_named(file.format).sparse
    }
    reasons = {file: _reason(file, homes) for file in files if file not in own}
    shipped = [file for file, reason in reasons.items() if reason is None]
    if not shipped and not has_tags:  # A repository of libraries only ships them.
        libraries = [file for file, reason in reasons.items() if reason == LIBRARIES]
        reasons |= {file: None if file.version else NO_VERSION for file in libraries}
        shipped = [file for file, reason in reasons.items() if reason is None]
    if has_tags:
        reasons |= {
            file: NO_TAGS
            for file in shipped
            if not _ships(file) or (is_whole and file.version in _FIRST_VERSIONS)
        }
    if any(folder_around(file.path) for file in [*shipped, *own]):
        reasons |= {file: WORKSPACES for file in shipped if "/" not in file.path}
    return reasons


def project_in(product: Candidate) -> str:
    """Return the name of the Xcode project that the main file is in, below the product's folder."""
    return _PROJECT.sub("", product.files[0].path.rpartition("/")[0].removeprefix(product.folder))


def _above(path: str) -> Iterator[str]:
    """Yield the folder of a file, and all around it."""
    folder = folder_around(path)
    yield folder
    while folder:
        folder = folder.rpartition("/")[0]
        yield folder


def is_aside(path: str) -> bool:
    """Whether a file is an example, a test, a template, a tool or generated, by its folders."""
    folders = [folder.lower() for folder in path.split("/")[:-1]]
    return _TESTS.search(path) is not None or any(
        folder in _ASIDE or folder.startswith(("example", *_HIDDEN)) for folder in folders
    )


def can_be_written(path: str) -> bool:
    """Whether a configuration can hold this path."""
    return not (PLACE.problem(path) or has_wildcard(path) or folder_of(path) != path)


def _reason(file: FoundFile, homes: Collection[str]) -> str | None:
    """Return why a file is left out, or None if it is a product's.

    *homes* are the folders of all files that are for no single platform.
    """
    folders = [folder.lower() for folder in file.path.split("/")[:-1]]
    if not can_be_written(file.path):
        return NO_PATH
    if is_aside(file.path) or file.path.endswith("brick.yaml"):
        return NO_PRODUCTS
    if file.path.endswith("lerna.json"):
        return WORKSPACES
    if _platform_folder(file.path) in homes:
        return PLATFORMS
    kind = format_named(file.format)
    if kind.exclusion:
        return kind.exclusion
    is_library = any(folder in _LIBRARY for folder in folders)
    has_build = kind.has_build and "+" in (file.version or "")
    if is_library and not has_build:
        return LIBRARIES
    if file.version is None:
        return NO_VERSION
    if file.version.partition("+")[0] == "0.0.0":
        return NOT_KEPT
    return None if file.private or _ships(file) else LIBRARIES


def _ships(file: FoundFile) -> bool:
    """Whether a file is an app's or a service's, by its folders or its build."""
    folders = [folder.lower() for folder in file.path.split("/")[:-1]]
    has_build = format_named(file.format).has_build and "+" in (file.version or "")
    return has_build or any(folder in _APP or _APP_NAME.search(folder) for folder in folders)


def _is_within(file: FoundFile, product: Candidate) -> bool:
    """Whether a file is beside or below a product's main file, and not in a folder of other products."""
    folder = folder_around(file.path)
    if folder == product.folder:
        return True
    main = product.files[0]
    below = not product.folder or folder.startswith(f"{product.folder}/")
    if _PROJECT.search(main.path.rpartition("/")[0]) and file.version == main.version and below:
        return True
    inner = folder.removeprefix(f"{product.folder}/") if product.folder else folder
    return inner != folder and not any(part in _APP for part in inner.split("/"))


def _core(file: FoundFile) -> str:
    return str(file.version).partition("+")[0]


def _fits(file: FoundFile, main: FoundFile) -> bool:
    """Whether two files of one version belong together; one of them may leave the build to the other."""
    build, its_build = (str(each.version).partition("+")[2] for each in (file, main))
    return build == its_build or not build or not its_build


def higher_up(path: str) -> tuple[int, str]:
    """Sort key: by depth, then by path."""
    return path.count("/"), path


def folder_around(path: str) -> str:
    """Return the folder of a file; of a file in a project that is a folder itself, the folder around it."""
    folder = path.rpartition("/")[0]
    return folder.rpartition("/")[0] if _PROJECT.search(folder) else folder


def _platform_folder(path: str) -> str | None:
    """Return the folder of the app of which a file is for one platform, or None."""
    folders = path.split("/")[:-1]
    index = next((index for index, folder in enumerate(folders) if folder.lower() in _PLATFORM), None)
    return None if index is None else "/".join(folders[:index])


_FIRST_VERSIONS = {"0.0.1", "0.1.0", "1.0.0"}  # Made with the folder, and not changed since.
_HIDDEN = (".", "#", "_")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ASIDE = _words(
    """node_modules fixtures fixture testdata test tests __tests__ e2e integration_test testing spec specs
    examples example samples sample demo demos playground sandbox templates template skeletons
    cookiecutter vendor third_party third-party pods build dist target out ephemeral widgetbook
    storybook benchmarks bench scripts script tools tool dev docs doc documentation site skills amplify
    patches testbed build_tool cargokit codegen runtime-assets xtask"""
)
_PLATFORM = _words("android ios macos linux windows")
_TESTS = regex(r"[A-Za-z]Tests/")
_PROJECT = regex(r"\.xcodeproj$")
_LIBRARY = _words(
    """packages package libs lib libraries library crates crate plugins plugin modules shared common
    bindings sdk sdks infrastructure infra configs config"""
)
_APP = _words(
    """apps app applications services service backend backends frontend frontends server servers api web
    mobile desktop client clients cli admin worker workers functions dashboard cmd"""
)
_APP_NAME = regex(r"[-_](?:app|web|api|server|service|cli)$")
