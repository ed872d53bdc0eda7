"""Warnings of a plan about values that take the place of a pubspec's version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.planning.commands import Calls
from krow_versions.products import repo_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from krow_versions.snapshot import ProductState


def left_behind(state: ProductState) -> Iterator[str]:
    """Warn about what other build tools ship in the place of a pubspec's version."""
    audit = Calls(state.product.name).other("audit")
    for override in state.overrides:
        path = repo_path(override.repo, override.path)
        if override.error is not None:
            yield f"{override.error.where}: not read, so it may override {override.source.path}: see {audit}"
        for key, line in {value.key: value.line for value in reversed(override.values)}.items():
            yield f"{path}:{line}: {key} is written out there, so this bump does not raise it: see {audit}"
