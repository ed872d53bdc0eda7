"""Read the files of Android, iOS and macOS beside a pubspec that may override its version."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from krow_versions import files, git, lazy
from krow_versions.encoding import decode
from krow_versions.errors import FileTooLarge, KrowVersionsError
from krow_versions.formats import MIB
from krow_versions.products import repo_path
from krow_versions.snapshot import OverrideState
from krow_versions.text.paths import parts_of
from krow_versions.values import define, evolve, field

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from krow_versions.formats import literals
    from krow_versions.formats.literals import Written
    from krow_versions.formats.xcode_project import Project, Target
    from krow_versions.products import Catalog
    from krow_versions.snapshot import FileState, ProductState, Snapshot
else:
    (literals,) = lazy.modules("krow_versions.formats", "literals")

_T = TypeVar("_T")
_GRADLE = ("android/app/build.gradle", "android/app/build.gradle.kts")
_SIDES = ("ios", "macos")
_MOST = 200  # Entries of a folder of Xcode; real ones have about ten.
_LIMIT = 4 * MIB
_SETTINGS = ("$(", "${")  # What is before the name of a setting where its value is meant.
_BUNDLES = (".framework", ".xcframework", ".bundle", ".appex")  # Built by others.


def with_overrides(repos: Mapping[str, str], catalog: Catalog, state: ProductState) -> ProductState:
    """Add to *state* what is written out beside its pubspecs; errors are kept, not raised.

    A version file of any product is no override: a bump raises it. A few files are read, no program runs.

    Args:
        repos: the folder of each repository.
        catalog: all products.
        state: the product, with its files.
    """
    apps = (each for each in state.files if each.format == "pubspec" and each.version and each.key is None)
    found = (each for app in apps for each in _Beside(repos[app.repo], catalog, state, app).read())
    return evolve(state, overrides=tuple(found))


def completed(repos: Mapping[str, str], snapshot: Snapshot) -> Snapshot:
    """Do the same for every product of a snapshot."""
    products = tuple(with_overrides(repos, snapshot.catalog, each) for each in snapshot.products)
    return evolve(snapshot, products=products)


@define
class _Beside:
    """The files beside one pubspec; those that cannot be read are kept in ``failed``."""

    root: str
    catalog: Catalog
    state: ProductState
    app: FileState
    failed: list[OverrideState] = field(factory=list, init=False)

    def read(self) -> Iterator[OverrideState]:
        folder, slash, _ = self.app.path.rpartition("/")
        found = {self.app.path: self._msix()}
        for name in _GRADLE:
            path = f"{folder}{slash}{name}"
            found[path] = self._parsed(path, literals.gradle_values) or ()
        for side in _SIDES:
            found |= self._xcode(f"{folder}{slash}{side}")
        yield from (
            OverrideState(self.app.repo, path, self.app, each) for path, each in found.items() if each
        )
        yield from self.failed

    def _msix(self) -> tuple[Written, ...]:
        located = self.app.located
        value = literals.msix_value(located.text) if located else None
        is_place = value and located and any(place.name == value.key for place in located.places)
        return (value,) if value and not is_place else ()

    def _xcode(self, folder: str) -> dict[str, tuple[Written, ...]]:
        """Read the projects and the property lists of iOS or of macOS; give what reaches an app, by path."""
        names = self._names(folder)
        if not names:
            return {}
        from krow_versions.formats.xcode_project import read_project  # Most products have no such folder.

        read = ((f"{folder}/{name}/project.pbxproj", name) for name in names if name.endswith(".xcodeproj"))
        projects = {path: each for path, _ in read if (each := self._parsed(path, read_project))}
        paths = dict.fromkeys(_lists(folder, names, tuple(projects.values())))
        lists = {path: self._parsed(path, literals.plist_values) or () for path in paths}
        found: dict[str, tuple[Written, ...]] = {}
        for path, project in projects.items():
            reaching = (each for target in project.targets for each in _reaching(target, folder, lists))
            found[path] = tuple(sorted(dict.fromkeys(reaching), key=lambda each: (each.line, each.target)))
        for path, entries in lists.items():
            found[path] = tuple(each for each in entries if each.value and "$" not in each.value)
        return found

    def _names(self, folder: str) -> tuple[str, ...]:
        try:
            if not files.exists(self.root, folder) or not files.is_folder(folder, root=self.root):
                return ()
            names = files.names(self.root, folder)
            if len(names) > _MOST:
                raise FileTooLarge(
                    f"over {_MOST} entries, which is the limit", hint="remove what is not needed"
                )
        except KrowVersionsError as error:
            self._fail(folder, error)
            return ()
        return names

    def _parsed(self, path: str, parse: Callable[[str], _T]) -> _T | None:
        """Read and parse a file; None if there is none, or if it is a version file, which a bump raises."""
        try:
            if self._is_version_file(path) or not files.exists(self.root, path):
                return None
            return parse(decode(files.read(self.root, path, limit=_LIMIT).data))
        except KrowVersionsError as error:
            self._fail(path, error)
            return None

    def _is_version_file(self, path: str) -> bool:
        if any(
            path in {file.path, file.real_path} for file in self.state.files if file.repo == self.app.repo
        ):
            return True
        return any(
            git.matching([path], [each for each in (file.path, file.otherwise) if each])
            for product in self.catalog.products
            for file in product.files
            if (file.repo or product.repo) == self.app.repo
        )

    def _fail(self, path: str, error: KrowVersionsError) -> None:
        error.in_file(repo_path(self.app.repo, path))
        self.failed.append(OverrideState(self.app.repo, path, self.app, error=error))


def _lists(folder: str, names: tuple[str, ...], projects: tuple[Project, ...]) -> Iterator[str]:
    """Give the property lists of apps and extensions: those that targets name, or those in the folders."""
    if any(each.plists for each in projects):
        named = (_list_of(target, folder) for each in projects for target in each.targets)
        yield from dict.fromkeys(path for path in named if path)
    else:
        for name in names:
            if not name.endswith((*_BUNDLES, "Tests")):
                yield f"{folder}/{name}/Info.plist"


def _list_of(target: Target, folder: str) -> str | None:
    """Give the property list of a target; None if it has none, or if only Xcode knows where."""
    if not target.plist or "$" in target.plist or target.plist.startswith("/"):
        return None
    parts = parts_of(folder)
    for part in parts_of(target.plist):
        if part != "..":
            parts.append(part)
        elif parts:
            parts.pop()
        else:
            return None
    return "/".join(parts)


def _reaching(target: Target, folder: str, lists: Mapping[str, tuple[Written, ...]]) -> Iterator[Written]:
    """Give the values of a target that its app gets: its property list may take others, or its own."""
    path = _list_of(target, folder)
    entries = {each.kind: each.value for each in lists.get(path or "", ())}
    for value in target.values:
        entry = entries.get(value.kind)
        if target.generates or entry is None or any(f"{each}{value.key}" in entry for each in _SETTINGS):
            yield value
