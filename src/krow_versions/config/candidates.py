"""Choose products and their names from the version files of a repository, for ``krow-versions init``.

The heuristics are made for Melos, npm, pnpm and Cargo workspaces, and tested on the repositories of the
corpus. A person reviews the result before it is used.
"""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, Any

import attrs

from krow_versions.config.fields import PLACE
from krow_versions.config.loading import folder_of
from krow_versions.encoding import BOM
from krow_versions.errors import KrowVersionsError, VersionNotFound
from krow_versions.formats import find_version, format_for, format_named
from krow_versions.names import is_slug
from krow_versions.text.paths import has_wildcard
from krow_versions.text.words import as_compared

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from krow_versions.formats import Format


@attrs.frozen
class FoundFile:
    """A possible version file.

    Attributes:
        path: relative to its repository.
        format: the name of its format.
        version: its version as written, or None.
        private: whether it says that it is not published as a package, but is an app.
        fault: why its version cannot be read, or None.
        silent: whether it has none, as most files of its format.
    """

    path: str
    format: str
    version: str | None = None
    private: bool = False
    fault: str | None = None
    silent: bool = attrs.field(default=False, repr=False)


def look(path: str, text: str) -> FoundFile:
    r"""Read what matters of a file for ``init``; its format is that of its name.

    Raises:
        Unsupported: no format knows its name.

    >>> look("apps/shop/pubspec.yaml", "publish_to: none\nversion: 0.1.0+5\n")
    FoundFile(path='apps/shop/pubspec.yaml', format='pubspec', version='0.1.0+5', private=True, fault=None)
    """
    chosen = format_for(path)
    try:
        located = find_version(text, chosen)
    except KrowVersionsError as error:
        silent = chosen.sparse and isinstance(error, VersionNotFound)
        return FoundFile(path, chosen.name, None, chosen.private(_data(chosen, text)), error.message, silent)
    version = None if located.version is None else str(located.version)
    counted = any(place.kind == "build" for place in located.places)  # By a store, which takes apps.
    return FoundFile(path, chosen.name, version, counted or chosen.private(located.data))


def _data(chosen: Format, text: str) -> Any:
    try:
        return chosen.read(text.removeprefix(BOM)).data
    except Exception:  # noqa: BLE001 - Parsers leak exceptions of many kinds; the fault is known already.
        return None


NO_PRODUCTS = "tests, examples, templates, tools and what is generated"
LIBRARIES = "libraries, which ship inside of products"
WORKSPACES = "roots of workspaces, whose products are below"
PLATFORMS = "of one platform of an app, whose version is in the folder above"
NO_VERSION = "without a version that can be read"
NOT_KEPT = "at 0.0.0, so that their version must be kept elsewhere"
NO_PATH = "with names that a configuration cannot hold as they are"


@attrs.frozen
class Candidate:
    """A proposed product: its folder, and its files with the main one first."""

    folder: str
    files: tuple[FoundFile, ...]


@attrs.frozen
class Selection:
    """The proposed products, and the files that are left out, by reason."""

    products: tuple[Candidate, ...]
    left_out: dict[str, list[FoundFile]]


def choose(found: Iterable[FoundFile], tagged: Iterable[str] = ()) -> Selection:
    """Choose the products among the files.

    Args:
        found: the files.
        tagged: slugs in tags of releases; a file in a folder of that name ships, even a library.
    """
    files = sorted({file.path: file for file in found}.values(), key=lambda file: _higher_up(file.path))
    # Locks are included with the files that they lock.
    files = [file for file in files if not (file.silent or format_named(file.format).is_lock)]
    homes = {
        _folder(file.path)
        for file in files
        if _platform_folder(file.path) is None and not format_named(file.format).sparse
    }
    reasons = {file: _reason(file, homes) for file in files}
    for slug in tagged:
        called = [file for file in reasons if file.version and is_called(_folder(file.path), slug)]
        if len(called) == 1 and reasons[called[0]] == LIBRARIES:
            reasons[called[0]] = None
    shipped = [file for file, reason in reasons.items() if reason is None]
    if not shipped:  # A repository of libraries only ships them.
        libraries = [file for file, reason in reasons.items() if reason == LIBRARIES]
        reasons |= {file: None if file.version else NO_VERSION for file in libraries}
        shipped = [file for file, reason in reasons.items() if reason is None]
    if any(_folder(file.path) for file in shipped):
        reasons |= {file: WORKSPACES for file in shipped if "/" not in file.path}
    products: list[Candidate] = []
    for file in [file for file, reason in reasons.items() if reason is None]:
        around = [index for index, product in enumerate(products) if _is_within(file, product)]
        home = next((index for index in around if _fits(file, products[index].files[0])), None)
        if home is not None:
            products[home] = attrs.evolve(products[home], files=(*products[home].files, file))
        elif any(products[index].folder != _folder(file.path) for index in around):
            reasons[file] = LIBRARIES
        else:
            products.append(Candidate(_folder(file.path), (file,)))
    left_out: dict[str, list[FoundFile]] = {}
    for file, reason in reasons.items():
        if reason is not None:
            left_out.setdefault(reason, []).append(file)
    return Selection(
        tuple(sorted(products, key=lambda product: (product.folder.split("/"), product.files[0].path))),
        left_out,
    )


def names_of(products: Sequence[Candidate]) -> tuple[str, ...]:
    """Name each product after its folder, and after as many of its parents as make it unique.

    A product higher in the tree gets the shorter name.
    """
    taken: dict[int, str] = {}
    used: set[str] = set()
    for index in sorted(range(len(products)), key=lambda index: _higher_up(products[index].folder)):
        name = next(name for name in _names(products[index]) if as_compared(name) not in used)
        taken[index] = name
        used.add(as_compared(name))
    return tuple(taken[index] for index in range(len(products)))


def is_called(folder: str, slug: str) -> bool:
    """Whether the name of the last folder is *slug*, or ends in it after another word.

    >>> is_called("crates/buzz-relay", "relay"), is_called("crates/relays", "relay")
    (True, False)
    """
    return f"-{_slug(folder.rpartition('/')[2])}".endswith(f"-{slug}")


def _reason(file: FoundFile, homes: Collection[str]) -> str | None:
    """Return why a file is left out, or None if it is a product's.

    Args:
        file: the file.
        homes: the folders of all files that are for no single platform.
    """
    folders = [folder.lower() for folder in file.path.split("/")[:-1]]
    if PLACE.problem(file.path) or has_wildcard(file.path) or folder_of(file.path) != file.path:
        return NO_PATH
    if any(folder in _ASIDE or folder[:1] in _HIDDEN for folder in folders) or _TESTS.search(file.path):
        return NO_PRODUCTS
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
    is_app = any(folder in _APP or _APP_NAME.search(folder) for folder in folders)
    return None if has_build or is_app or file.private else LIBRARIES


def _is_within(file: FoundFile, product: Candidate) -> bool:
    """Whether a file is beside or below a product's main file, and not in a folder of other products."""
    folder = _folder(file.path)
    if folder == product.folder:
        return True
    main = product.files[0]
    below = not product.folder or folder.startswith(f"{product.folder}/")
    if _PROJECT.search(main.path.rpartition("/")[0]) and file.version == main.version and below:
        return True
    inner = folder.removeprefix(f"{product.folder}/") if product.folder else folder
    return inner != folder and not any(part in _APP for part in inner.split("/"))


def _fits(file: FoundFile, main: FoundFile) -> bool:
    """Whether two files have the same version; one of them may leave the build to the other."""
    (one, _, build), (other, _, its_build) = (str(each.version).partition("+") for each in (file, main))
    return one == other and (build == its_build or not build or not its_build)


def _names(product: Candidate) -> Iterable[str]:
    project = product.files[0].path.rpartition("/")[0].removeprefix(product.folder)
    folders = f"{product.folder}/{_PROJECT.sub('', project)}".split("/")
    parts = [part for part in map(_slug, folders) if part and part not in _SHELF]
    while len(parts) > 1 and parts[-1] in _GENERIC:
        parts.pop()
    for length in range(1, len(parts) + 1):
        yield from _fitting("-".join(parts[-length:]))
    last = parts[-1] if parts else "app"
    yield from _fitting(last)
    for kind in itertools.chain([product.files[0].format], map(str, itertools.count(2))):
        yield from _fitting(f"{last[:40]}-{kind}")


def _fitting(name: str) -> Iterable[str]:
    return (name,) if is_slug(name) else ()


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def _higher_up(path: str) -> tuple[int, str]:
    return path.count("/"), path


def _folder(path: str) -> str:
    """Return the folder of a file; of a file in a project that is a folder itself, the folder around it."""
    folder = path.rpartition("/")[0]
    return folder.rpartition("/")[0] if _PROJECT.search(folder) else folder


def _platform_folder(path: str) -> str | None:
    """Return the folder of the app of which a file is for one platform, or None."""
    folders = path.split("/")[:-1]
    index = next((index for index, folder in enumerate(folders) if folder.lower() in _PLATFORM), None)
    return None if index is None else "/".join(folders[:index])


_HIDDEN = (".", "#", "_")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ASIDE = _words(
    """node_modules fixtures fixture testdata test tests __tests__ e2e integration_test testing spec specs
    examples example samples sample demo demos playground sandbox templates template skeletons
    cookiecutter vendor third_party third-party pods build dist target out ephemeral widgetbook
    storybook benchmarks bench scripts script tools tool dev docs doc documentation site skills amplify
    patches testbed build_tool cargokit codegen runtime-assets"""
)
_PLATFORM = _words("android ios macos linux windows")
_TESTS = re.compile(r"[A-Za-z]Tests/")
_PROJECT = re.compile(r"\.xcodeproj$")
_LIBRARY = _words(
    """packages package libs lib libraries library crates crate plugins plugin modules shared common
    bindings sdk sdks infrastructure infra configs config"""
)
_APP = _words(
    """apps app applications services service backend backends frontend frontends server servers api web
    mobile desktop client clients cli admin worker workers functions dashboard cmd"""
)
_APP_NAME = re.compile(r"[-_](?:app|web|api|server|service|cli)$")
_SHELF = _words("apps applications services packages libs crates src src-tauri")
_GENERIC = frozenset({"frontend", "app", "main", "supporting-files", "resources", "ios", "macos"})
