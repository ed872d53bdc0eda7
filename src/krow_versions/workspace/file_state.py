"""The files of a product on disk: finding and reading them."""

from __future__ import annotations

import functools
import os
from typing import TYPE_CHECKING

from krow_versions import files
from krow_versions.encoding import CHANGELOG_LIMIT, decode
from krow_versions.errors import (
    FileSystemError,
    KrowVersionsError,
    UnsafePath,
    Unsupported,
    UsageError,
    VersionNotFound,
    raise_all,
)
from krow_versions.files.globbing import collect
from krow_versions.formats import Package, companions, format_for, format_named, known_by_name
from krow_versions.products import HOME, VersionFile, repo_path
from krow_versions.progress import ticked
from krow_versions.snapshot import ChangelogState, FileState, ProductState, RepoState, read_file
from krow_versions.text.escaping import quoted
from krow_versions.values import evolve
from krow_versions.workspace import sparse
from krow_versions.workspace.members import inheriting

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from krow_versions.products import Catalog, Product
    from krow_versions.progress import Progress


def find_files(
    repos: Mapping[str, str],
    product: Product,
    source: str | None,
    *,
    faults: list[FileSystemError] | None = None,
) -> tuple[VersionFile, ...]:
    """List the version files of *product* that exist, one path each, lock files included.

    A lock in a folder above is listed once for each version file that it may have an entry for: only
    :func:`read_version_files` says whether it has.

    Args:
        repos: the folder of each repository.
        product: the product.
        source: the configuration that names it; None for KROW's own catalog, of which files may be
            missing.
        faults: receives the errors of folders that cannot be read; if None, the first is raised.

    Raises:
        UsageError: a pattern of the configuration matches nothing.
        Unsupported: a sparse checkout leaves out a file that the product has.
        UnsafePath: a path leads out of its repository.
        FileSystemError: a folder that may hold a file cannot be read.
    """
    found: dict[tuple[str, str, str, str], VersionFile] = {}
    unmatched: list[KrowVersionsError] = []
    gone: dict[tuple[str, str], Unsupported] = {}
    for file in product.files:
        repo = file.repo or product.repo
        root = repos[repo]
        with files.called(functools.partial(repo_path, repo)):
            paths = files.find(root, file.path, faults=faults)
            if not paths and file.otherwise:
                paths = files.find(root, file.otherwise, faults=faults)
        absent = sparse.left_out(root)
        for path in _left_out(absent, file, paths):
            gone[repo, path] = absent.error(path, repo_path(repo, path))
        if not paths and source is not None and not faults and not gone:
            problem = f"{product.name}: {quoted(file.path)} matches no file in {quoted(root)}"
            hint, key = (
                "correct the path, or leave the file out of the product",
                f"products.{product.name}.files",
            )
            unmatched.append(UsageError(problem, path=source, key=key, hint=hint))
        for path in paths:
            found[repo, path, file.key or "", ""] = evolve(file, path=path, otherwise=None, repo=repo)
            for lock in _locks_of(root, path, file.format, faults):
                where = (repo, lock.path, "", lock.follows or "")
                found.setdefault(where, evolve(lock, repo=repo))
    if gone and (found or source is not None):  # Of KROW's own catalog, a product may be nowhere.
        if faults is None:
            raise_all(gone.values())
        else:
            faults += [sparse.as_fault(error, path) for (_, path), error in gone.items()]
    raise_all(unmatched)
    return tuple(found[where] for where in sorted(found))


def _left_out(absent: sparse.LeftOut, file: VersionFile, paths: Sequence[str]) -> Iterator[str]:
    """Yield what a sparse checkout leaves out of one pattern: files that it matches, and their locks."""
    missing = absent.matching([file.path]) or (
        absent.matching([file.otherwise]) if file.otherwise and not paths else ()
    )
    yield from missing
    for path in paths if absent.paths else ():
        for each in companions(path, file.format):
            yield from absent.beside(
                path, each.filenames, above=each.entry(Package("any folder", "any name")) is not None
            )


def _locks_of(
    root: str, path: str, read_as: str | None, faults: list[FileSystemError] | None
) -> Iterator[VersionFile]:
    """Yield the locks beside a version file, and those up to *root* that may have an entry for it."""
    formats = companions(path, read_as)
    if not formats:
        return
    try:
        _, parts = files.resolve(root, path.rpartition("/")[0] or ".")
    except UnsafePath:  # Its folder leads elsewhere; the file itself reports that.
        return
    for depth in range(len(parts), -1, -1):
        package = Package("/".join(parts[depth:]), "any name")
        for each in formats:
            shared = each.entry(package) is not None
            folder = path.rpartition("/")[0] if depth == len(parts) else "/".join(parts[:depth])
            for name in each.filenames if shared or depth == len(parts) else ():
                lock = f"{folder}/{name}".lstrip("/")
                if _is_there(root, lock, faults):
                    yield VersionFile(lock, format=each.name, follows=path) if shared else VersionFile(lock)


def _is_there(root: str, path: str, faults: list[FileSystemError] | None) -> bool:
    try:
        return files.exists(root, path)
    except FileSystemError as error:
        collect(error, faults)
        return False


def check_products(
    repos: Mapping[str, str],
    catalog: Catalog,
    source: str | None,
    wanted: Iterable[Product] | None = None,
) -> dict[str, tuple[VersionFile, ...]]:
    """Check that every pattern matches inside its repository, and that no file is in two products.

    Args:
        repos: the folder of each repository.
        catalog: the products that a configuration names.
        source: that configuration, or None for KROW's own catalog.
        wanted: the products whose errors count; None for all.

    Returns:
        The version files of each product without an error, by its name.

    Raises:
        UsageError, UnsafePath: all problems at once.
    """
    judged = {product.name for product in (catalog.products if wanted is None else wanted)}
    owners: dict[object, str] = {}
    errors: list[KrowVersionsError] = []
    files_of: dict[str, tuple[VersionFile, ...]] = {}
    for product in catalog.products:
        try:
            files_of[product.name] = find_files(repos, product, source)
        except KrowVersionsError as error:
            errors += [error] if product.name in judged else []
            continue
        for file in files_of[product.name]:
            if file.follows is not None:
                continue  # Each product has an entry of its own there.
            real = files.real_path(os.path.join(repos[file.repo or product.repo], file.path))
            found = files.status(real)  # Where case does not count, one file has two paths.
            same = (found.st_dev, found.st_ino, real.casefold()) if found else real
            owner = owners.setdefault(same, product.name)
            if owner != product.name and {owner, product.name} & judged:
                errors.append(
                    UsageError(
                        f"{quoted(file.path)} is in two products: {owner} and {product.name}",
                        path=source,
                        key=f"products.{product.name}.files",
                        hint="a version belongs to one product: leave it out of the other",
                    )
                )
    raise_all(errors)
    return files_of


def read_products(
    repos: Mapping[str, str],
    products: Sequence[Product],
    found: Mapping[str, tuple[VersionFile, ...]],
    progress: Progress,
) -> Iterator[ProductState]:
    """Read the files and the CHANGELOGs of products; errors are kept in their states.

    Args:
        repos: the folder of each repository.
        products: those to read.
        found: their version files by the name of the product, from :func:`find_files`.
        progress: sees the files.
    """
    tick = progress("reading files", sum(len(found[each.name]) for each in products))
    for product in products:
        own = found[product.name]
        home = RepoState(product.repo, repos[product.repo])
        changelog = read_changelog(repos, product, first_of(own))
        states = read_version_files(repos, ticked(own, tick))
        yield ProductState(product, home, states, changelog=changelog)


def first_of(found: Sequence[VersionFile]) -> VersionFile:
    """Return the first version file of a product; a lock that it shares with others says nothing about it."""
    return next((file for file in found if file.follows is None), found[0])


def existing(repos: Mapping[str, str], product: Product, source: str | None) -> tuple[VersionFile, ...]:
    """List the version files as :func:`find_files`, of locks in folders above only those with an entry."""
    found = find_files(repos, product, source)
    if all(file.follows is None for file in found):
        return found
    shared = {(each.repo, each.path, each.follows): each for each in read_version_files(repos, found)}
    keys = ((file, shared.get((file.repo or HOME, file.path, file.follows))) for file in found)
    return tuple(
        evolve(file, key=state.key) if state and file.follows else file
        for file, state in keys
        if state is not None or file.follows is None
    )


def read_version_files(repos: Mapping[str, str], found: Iterable[VersionFile]) -> tuple[FileState, ...]:
    """Read the files that :func:`find_files` found; errors are kept in their states.

    A lock in a folder above that has no entry of its version file is left out.
    """
    states: dict[tuple[str, str, str], FileState] = {}
    shared = []
    for file in found:
        if file.follows is not None:
            shared.append(file)
            continue
        if state := _read_version_file(repos, file):
            states[state.repo, state.path, state.key or ""] = state
    packages = {(state.repo, state.path): state for state in reversed(states.values())}
    for file in shared:
        followed = packages[file.repo or HOME, file.follows or ""]
        lock = _read_entry(repos, file, followed)
        if lock is not None:
            states.setdefault((lock.repo, lock.path, lock.key or ""), lock)
    return tuple(states[where] for where in sorted(states))


def _read_entry(repos: Mapping[str, str], file: VersionFile, followed: FileState) -> FileState | None:
    """Read the entry of a version file in a lock, or return None if it has none."""
    members = (Package("", name) for name in inheriting(repos[followed.repo], followed))
    packages = (package_of(repos, followed, file.path), *members)
    keys = map(format_named(file.format or "").entry, packages)
    key = " ".join(each for each in keys if each is not None)
    if not key:
        return None
    state = _read_version_file(repos, evolve(file, key=key), packages)
    return None if state is None or isinstance(state.error, VersionNotFound) else state


def package_of(repos: Mapping[str, str], file: FileState, lock: str) -> Package:
    """Return the package of a version file, as a lock in the same repository names it."""
    _, parts = files.resolve(repos[file.repo], file.path.rpartition("/")[0] or ".")
    _, above = files.resolve(repos[file.repo], lock.rpartition("/")[0] or ".")
    known = known_by_name(file.path, file.format)
    name = None
    if known is not None and known.packaging is not None and file.located is not None:
        name = known.packaging.name(file.located.outline)
    return Package("/".join(parts[len(above) :]), name)


def _read_version_file(
    repos: Mapping[str, str], file: VersionFile, packages: Sequence[Package] = ()
) -> FileState | None:
    """Read a file; an error is kept in its state. None if it is a lock without any of *packages*."""
    repo = file.repo or HOME
    try:
        chosen = format_named(file.format) if file.format else format_for(file.path)
        read = files.read(repos[repo], file.path, limit=chosen.max_bytes)
    except KrowVersionsError as error:
        where = repo_path(repo, file.path)
        broken = error.in_file(where)
        return FileState(repo, file.path, file.format or "", file.key, error=broken, follows=file.follows)
    if packages and not any(_mentions(read.data, package, file.key or "") for package in packages):
        return None
    state = read_file(repo, file.path, read.data, chosen.name, file.key)
    real = files.relative(read.target, read.root)
    return evolve(state, real_path=real, follows=file.follows)


def _mentions(data: bytes, package: Package, key: str) -> bool:
    """Whether a lock may have the *key* of a package, without parsing it; with escapes, it may."""
    named = max(
        (name for name in (package.folder, package.name) if name and name in key), key=len, default=""
    )
    return b"\\" in data or named.encode(errors="replace") in data


def find_changelog(
    repos: Mapping[str, str], product: Product, first: VersionFile
) -> tuple[str, str, str | None] | None:
    """Return repository, path and heading of a product's CHANGELOG, or None if there is none.

    The first that exists, or that a sparse checkout leaves out, of: the one that its configuration names,
    ``CHANGELOG.md`` beside its first version file, the repository's ``CHANGELOG.md``.

    Args:
        repos: the folder of each repository.
        product: the product.
        first: its first version file.
    """
    named, _, heading = (product.changelog or "").partition("#")
    if named:  # A configured CHANGELOG must exist: its reader reports it if not.
        return (product.repo, named, heading or None)
    repo = first.repo or product.repo
    folder, slash, _ = first.path.rpartition("/")
    for home, path in ((repo, f"{folder}{slash}CHANGELOG.md"), (product.repo, "CHANGELOG.md")):
        if files.exists(repos[home], path) or path in sparse.left_out(repos[home]).paths:
            return (home, path, heading or None)
    return None


def read_changelog(repos: Mapping[str, str], product: Product, first: VersionFile) -> ChangelogState | None:
    """Read a product's CHANGELOG, or return None; an error is kept in its state."""
    found = find_changelog(repos, product, first)
    if found is None:
        return None
    repo, path, heading = found
    try:
        read = files.read(repos[repo], path, limit=CHANGELOG_LIMIT)
        state = ChangelogState(repo, path, heading, decode(read.data))
    except KrowVersionsError as error:
        absent, shown = sparse.left_out(repos[repo]), repo_path(repo, path)
        wrong = absent.error(path, shown) if path in absent.paths else error.in_file(shown)
        state = ChangelogState(repo, path, heading, error=wrong, left_out=path in absent.paths)
    beside = (first.repo or product.repo) == repo and "/" not in first.path
    return evolve(state, assumed=not product.changelog and path == "CHANGELOG.md" and not beside)
