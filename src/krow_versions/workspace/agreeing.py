"""Whether the version files of each product agree: files are read, and no tag or commit."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from krow_versions import files
from krow_versions.audit import audit
from krow_versions.audit.checks import FILE_CHECKS
from krow_versions.errors import KrowVersionsError
from krow_versions.products import HOME
from krow_versions.snapshot import Snapshot
from krow_versions.workspace import discovery, file_state, sparse

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from krow_versions.audit import Report
    from krow_versions.errors import FileSystemError
    from krow_versions.products import Product, VersionFile
    from krow_versions.workspace.protocols import Opened


def agreement_of(workspace: Opened, paths: Sequence[str] = ()) -> Report:
    """Check the version files of products as an audit does, but nothing else (KV1xx).

    Args:
        workspace: where the products are.
        paths: files and folders, as from the current folder; only the products that have one of them, or a
            file below one, are looked at, or all if the configuration is one of them, or there are none.

    Raises:
        UsageError: a pattern of the configuration matches nothing, or a file is in two products.
        Unsupported: a sparse checkout leaves out a file of a product that is looked at.
        UnsafePath: a repository became a link since the workspace was opened.
        FileSystemError: a folder cannot be read.
    """
    discovery.require_real(workspace.repos)
    given = {files.real_path(path) for path in paths}
    if workspace.source in given:
        given = set()
    found = _found(workspace, given)
    if given:
        found = {name: own for name, own in found.items() if _are_given(workspace.repos, own, given)}
    products = [each for each in workspace.catalog.products if found.get(each.name)]
    states = tuple(file_state.read_products(workspace.repos, products, found, workspace.progress))
    snapshot = Snapshot(workspace.catalog, states)
    return audit(snapshot, workspace.config.audit, workspace.clock(), checks=FILE_CHECKS)


def _found(workspace: Opened, given: AbstractSet[str]) -> Mapping[str, tuple[VersionFile, ...]]:
    """Give the version files of each product, by its name; not of what a sparse checkout is not for."""
    repos, catalog, source = workspace.repos, workspace.catalog, workspace.source
    wanted: Iterable[Product] = catalog.products
    if given and any(sparse.left_out(root).paths for root in repos.values()):
        wanted = [each for each in wanted if not _is_elsewhere(workspace, each, given)]
    if source is not None:
        return file_state.check_products(repos, catalog, source, wanted)
    return {each.name: file_state.find_files(repos, each, None) for each in wanted}


def _is_elsewhere(workspace: Opened, product: Product, given: AbstractSet[str]) -> bool:
    """Whether files of *product* are left out, and those that are here are not *given*."""
    faults: list[FileSystemError] = []
    try:
        here = file_state.find_files(workspace.repos, product, workspace.source, faults=faults)
    except KrowVersionsError:
        return False
    return bool(faults) and not _are_given(workspace.repos, here, given)


def _are_given(repos: Mapping[str, str], found: Iterable[VersionFile], given: AbstractSet[str]) -> bool:
    """Whether any of the version files, locks among them, is *given* by its real path or that of a folder."""
    for each in found:
        place = files.real_path(os.path.join(repos[each.repo or HOME], each.path))
        while place not in given and place != os.path.dirname(place):
            place = os.path.dirname(place)
        if place in given:
            return True
    return False
