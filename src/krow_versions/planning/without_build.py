"""The error of a product whose files have no build, where one is needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.errors import InputError
from krow_versions.products import repo_path

if TYPE_CHECKING:
    from krow_versions.snapshot import ProductState


def without_build(state: ProductState, message: str, hint: str) -> InputError:
    """Make the error at the first file that is no lock, with how its format writes a first build."""
    files = ((file, file.located) for file in state.files if file.located is not None)
    file, where = min(files, key=lambda each: (each[1].format.is_lock, not each[1].format.first_build))
    first = where.format.first_build
    by_hand = f"; or, if a store counts its builds, write the first one by hand: {first}" if first else ""
    return InputError(
        f"{state.product.name} {message}: none of its files carries one",
        path=repo_path(file.repo, file.path),
        line=where.line,
        hint=f"{hint}{by_hand}",
    )
