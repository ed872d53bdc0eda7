"""Find where packages of a repository require one exact version of another: a bump breaks their install."""

from __future__ import annotations

import contextlib
import itertools
from typing import TYPE_CHECKING, Any

from krow_versions import files
from krow_versions.encoding import decode
from krow_versions.errors import KrowVersionsError, VersionNotFound
from krow_versions.formats import MIB, Package, find_version, format_named, known_by_name, parse
from krow_versions.products import repo_path
from krow_versions.snapshot import FileState, PinState
from krow_versions.text.paths import parts_of
from krow_versions.values import evolve, field, frozen
from krow_versions.workspace import file_state
from krow_versions.workspace.members import inheriting, members_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from krow_versions.formats import Format, Located, Packaging, Pin
    from krow_versions.products import Catalog
    from krow_versions.snapshot import ProductState
    from krow_versions.workspace.protocols import Opened


def with_pins(workspace: Opened, states: Iterable[ProductState]) -> tuple[ProductState, ...]:
    """Add to *states* the pins of their packages, in the files of the working tree.

    Looked at are the version files of all products, and all members of the workspaces of a package manager
    that one of the packages is in. A file that cannot be read is a pin with an error and without a package.
    """
    states = tuple(states)
    reader = _Reader(workspace.repos, workspace.catalog, workspace.source, states)
    return tuple(evolve(state, pins=tuple(reader.pins_of(state))) for state in states)


@frozen
class _Reader:
    """Reads each file once, for all products."""

    repos: Mapping[str, str]
    catalog: Catalog
    source: str | None
    states: tuple[ProductState, ...]
    _versioned: dict[str, tuple[str, ...]] = field(factory=dict, init=False)
    _members: dict[tuple[str, str], frozenset[str]] = field(factory=dict, init=False)
    _texts: dict[tuple[str, str], str] = field(factory=dict, init=False)
    _read: dict[tuple[str, str], Located] = field(factory=dict, init=False)
    _data: dict[tuple[str, str], Any] = field(factory=dict, init=False)

    def __attrs_post_init__(self) -> None:
        """Take what has been read and parsed before."""
        for file in (file for state in self.states for file in state.files):
            if file.located is not None:
                self._texts[file.repo, file.path] = file.located.text
                if file.located.format is known_by_name(file.path, file.format):
                    self._read[file.repo, file.path] = file.located

    def pins_of(self, state: ProductState) -> Iterator[PinState]:
        """Yield the pins of the packages of one product."""
        packages: dict[tuple[str, Packaging], dict[str, FileState]] = {}
        for file in state.files:
            found = known_by_name(file.path, file.format)
            if found is None or found.packaging is None or file.located is None or file.follows:
                continue
            members = inheriting(self.repos[file.repo], file)
            for name in filter(None, (found.packaging.name(file.located.outline), *members)):
                packages.setdefault((file.repo, found.packaging), {})[name] = file
        for (repo, packaging), named in packages.items():
            around = (self.around(file, packaging) for file in named.values())
            for path in sorted({*self.versioned(repo), *itertools.chain.from_iterable(around)}):
                if (chosen := known_by_name(path)) is not None and chosen.packaging is packaging:
                    yield from self.pins_in(repo, path, chosen, packaging, named)

    def versioned(self, repo: str) -> tuple[str, ...]:
        """List the version files of all products in one repository."""
        if repo not in self._versioned:
            read = {state.product.name: state.files for state in self.states}
            found = [file.path for each in read.values() for file in each if file.repo == repo]
            for product in (each for each in self.catalog.products if each.name not in read):
                with contextlib.suppress(KrowVersionsError):  # Reported where that product is asked for.
                    others = file_state.find_files(self.repos, product, self.source)
                    found += [file.path for file in others if file.repo == repo]
            self._versioned[repo] = tuple(found)
        return self._versioned[repo]

    def around(self, file: FileState, packaging: Packaging) -> Iterator[str]:
        """Yield the manifests of the workspaces that a package is in, its own included."""
        *folders, name = file.path.split("/")
        for depth in range(len(folders) + 1):
            folder = "/".join(folders[:depth])
            for root, globs in packaging.roots:
                found = self.members(file.repo, f"{folder}/{root}".lstrip("/"), name, globs)
                if file.path in found:
                    yield from found

    def members(
        self, repo: str, root: str, name: str, globs_of: Callable[[str], Iterable[str]]
    ) -> frozenset[str]:
        """List the manifests of the members that the file *root* names, and the one beside it."""
        if (repo, root) not in self._members:
            with contextlib.suppress(KrowVersionsError):  # What nobody can read names no members.
                if files.exists(self.repos[repo], root):
                    text = self.text(repo, root, MIB)
                    self._members[repo, root] = members_of(self.repos[repo], root, text, name, globs_of)
        return self._members.setdefault((repo, root), frozenset())

    def pins_in(
        self, repo: str, path: str, chosen: Format, packaging: Packaging, named: Mapping[str, FileState]
    ) -> Iterator[PinState]:
        """Yield the pins of some packages in one manifest."""
        try:
            if (repo, path) not in self._data:
                read = self._read.get((repo, path))
                self._data[repo, path] = read.data if read else parse(self.text(repo, path, MIB), chosen)
            data = self._data[repo, path]
        except KrowVersionsError as error:
            unknown = FileState(repo, path, chosen.name, error=error.in_file(repo_path(repo, path)))
            yield PinState("", "", unknown)
            return
        folder = path.rpartition("/")[0]
        for pin in packaging.pins(data):
            if pin.package in named:
                place = self.at(repo, path, chosen, pin.key)
                copies = tuple(self.copies(repo, folder, packaging.name(data), chosen, pin))
                yield PinState(pin.package, named[pin.package].path, place, copies)

    def copies(
        self, repo: str, folder: str, name: str | None, chosen: Format, pin: Pin
    ) -> Iterator[FileState]:
        """Yield where the locks beside a package, and in the folders above, repeat a pin of it."""
        parts = parts_of(folder)
        for depth, each in itertools.product(range(len(parts) + 1), chosen.companions):
            lock = format_named(each)
            keys = lock.copies(Package("/".join(parts[depth:]), name), pin)
            for path in (f"{'/'.join(parts[:depth])}/{file}".lstrip("/") for file in lock.filenames):
                if not keys or not files.exists(self.repos[repo], path):
                    continue
                for key in keys:
                    found = self.at(repo, path, lock, key)
                    if not isinstance(found.error, VersionNotFound):
                        yield found

    def at(self, repo: str, path: str, chosen: Format, key: str) -> FileState:
        """Read the version at a key of a file."""
        try:
            located = find_version(self.text(repo, path, chosen.max_bytes), chosen.at(chosen, key))
        except KrowVersionsError as error:
            broken = error.in_file(repo_path(repo, path))
            return FileState(repo, path, chosen.name, key, error=broken)
        return FileState(repo, path, chosen.name, key, located)

    def text(self, repo: str, path: str, limit: int) -> str:
        """Read a file, once."""
        if (repo, path) not in self._texts:
            self._texts[repo, path] = decode(files.read(self.repos[repo], path, limit=limit).data)
        return self._texts[repo, path]
