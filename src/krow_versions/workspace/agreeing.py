"""Whether the version files of each product agree: files are read, and no tag or commit."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from krow_versions import files
from krow_versions.audit import audit
from krow_versions.audit.checks import FILE_CHECKS
from krow_versions.products import HOME
from krow_versions.snapshot import Snapshot
from krow_versions.workspace import discovery, file_state

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from krow_versions.audit import Report
    from krow_versions.products import VersionFile
    from krow_versions.workspace.protocols import Opened


def agreement_of(workspace: Opened, paths: Sequence[str] = ()) -> Report:
    """Check the version files of products as an audit does, but nothing else (KV1xx).

    Args:
        workspace: where the products are.
        paths: files, as from the current folder; only the products that have one of them are looked at, or
            all if the configuration is one of them, or there are none.

    Raises:
        UsageError: a pattern of the configuration matches nothing, or a file is in two products.
        UnsafePath: a repository became a link since the workspace was opened.
        FileSystemError: a folder cannot be read.
    """
    discovery.require_real(workspace.repos)
    found = _found(workspace)
    given = {files.real_path(path) for path in paths}
    if given and workspace.source not in given:
        found = {name: own for name, own in found.items() if given & _places(workspace.repos, own)}
    products = [each for each in workspace.catalog.products if found.get(each.name)]
    states = tuple(file_state.read_products(workspace.repos, products, found, workspace.progress))
    snapshot = Snapshot(workspace.catalog, states)
    return audit(snapshot, workspace.config.audit, workspace.clock(), checks=FILE_CHECKS)


def _found(workspace: Opened) -> Mapping[str, tuple[VersionFile, ...]]:
    """Give the version files of each product, by its name."""
    repos, catalog, source = workspace.repos, workspace.catalog, workspace.source
    if source is not None:
        return file_state.check_products(repos, catalog, source)
    return {each.name: file_state.find_files(repos, each, None) for each in catalog.products}


def _places(repos: Mapping[str, str], found: Iterable[VersionFile]) -> set[str]:
    """Give the real paths of version files, and of those whose version a lock among them repeats."""
    return {files.real_path(os.path.join(repos[each.repo or HOME], each.path)) for each in found}
