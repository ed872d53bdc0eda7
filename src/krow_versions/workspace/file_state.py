"""The files of a product on disk: finding and reading them."""

from __future__ import annotations

import functools
import os
from typing import TYPE_CHECKING

import attrs

from krow_versions import files
from krow_versions.encoding import decode
from krow_versions.errors import FileSystemError, KrowVersionsError, UnsafePath, UsageError, raise_all
from krow_versions.files.globbing import collect
from krow_versions.formats import MIB, companions, format_for, format_named
from krow_versions.products import HOME, VersionFile, repo_path
from krow_versions.snapshot import ChangelogState, FileState, ProductState, RepoState, read_file
from krow_versions.text.escaping import quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from krow_versions.products import Catalog, Product

CHANGELOG_LIMIT = 4 * MIB


def find_files(
    repos: Mapping[str, str],
    product: Product,
    source: str | None,
    *,
    faults: list[FileSystemError] | None = None,
) -> tuple[VersionFile, ...]:
    """List the version files of *product* that exist, one path each, lock files included.

    Args:
        repos: the folder of each repository.
        product: the product.
        source: the configuration that names it; None for KROW's own catalog, of which files may be
            missing.
        faults: receives the errors of folders that cannot be read; if None, the first is raised.

    Raises:
        UsageError: a pattern of the configuration matches nothing.
        UnsafePath: a path leads out of its repository.
        FileSystemError: a folder that may hold a file cannot be read.
    """
    found: dict[tuple[str, str, str], VersionFile] = {}
    unmatched: list[KrowVersionsError] = []
    for file in product.files:
        repo = file.repo or product.repo
        root = repos[repo]
        with files.called(functools.partial(repo_path, repo)):
            paths = files.find(root, file.path, faults=faults)
            if not paths and file.otherwise:
                paths = files.find(root, file.otherwise, faults=faults)
        if not paths and source is not None and not faults:
            problem = f"{product.name}: {quoted(file.path)} matches no file in {quoted(root)}"
            hint, key = (
                "correct the path, or leave the file out of the product",
                f"products.{product.name}.files",
            )
            unmatched.append(UsageError(problem, path=source, key=key, hint=hint))
        for path in paths:
            found[repo, path, file.key or ""] = attrs.evolve(file, path=path, otherwise=None, repo=repo)
            folder, slash, _ = path.rpartition("/")
            for companion in companions(path, file.format):
                for name in companion.filenames:
                    beside = f"{folder}{slash}{name}"
                    if _is_there(root, beside, faults):
                        found.setdefault((repo, beside, ""), VersionFile(beside, repo=repo))
    raise_all(unmatched)
    return tuple(found[where] for where in sorted(found))


def _is_there(root: str, path: str, faults: list[FileSystemError] | None) -> bool:
    try:
        files.resolve(root, path.rpartition("/")[0] or ".")
        return files.exists(root, path)
    except UnsafePath:  # Its folder leads elsewhere; the file beside it reports that.
        return False
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
    owners: dict[str, str] = {}
    errors: list[KrowVersionsError] = []
    files_of: dict[str, tuple[VersionFile, ...]] = {}
    for product in catalog.products:
        try:
            files_of[product.name] = find_files(repos, product, source)
        except KrowVersionsError as error:
            errors += [error] if product.name in judged else []
            continue
        for file in files_of[product.name]:
            real = files.real_path(os.path.join(repos[file.repo or product.repo], file.path))
            owner = owners.setdefault(real, product.name)
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


def read_product(repos: Mapping[str, str], product: Product, found: tuple[VersionFile, ...]) -> ProductState:
    """Read the files and the CHANGELOG of a product; errors are kept in its state.

    Args:
        repos: the folder of each repository.
        product: the product.
        found: its version files, from :func:`find_files`.
    """
    states = tuple(read_version_file(repos, file) for file in found)
    home = RepoState(product.repo, repos[product.repo])
    return ProductState(product, home, states, changelog=read_changelog(repos, product, found[0]))


def read_version_file(repos: Mapping[str, str], file: VersionFile) -> FileState:
    """Read a file that :func:`find_files` found; an error is kept in its state."""
    repo = file.repo or HOME
    try:
        chosen = format_named(file.format) if file.format else format_for(file.path)
        read = files.read(repos[repo], file.path, limit=chosen.max_bytes)
    except KrowVersionsError as error:
        where = repo_path(repo, file.path)
        return FileState(repo, file.path, file.format or "", file.key, error=error.in_file(where))
    state = read_file(repo, file.path, read.data, chosen.name, file.key)
    return attrs.evolve(state, real_path=os.path.relpath(read.target, read.root))


def find_changelog(
    repos: Mapping[str, str], product: Product, first: VersionFile
) -> tuple[str, str, str | None] | None:
    """Return repository, path and heading of a product's CHANGELOG, or None if there is none.

    The first that exists of: the one that its configuration names, ``CHANGELOG.md`` beside its
    first version file, the repository's ``CHANGELOG.md``.

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
        if files.exists(repos[home], path):
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
        return ChangelogState(repo, path, heading, decode(read.data))
    except KrowVersionsError as error:
        return ChangelogState(repo, path, heading, error=error.in_file(repo_path(repo, path)))
