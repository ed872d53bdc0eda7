"""``Cargo.lock``, of Rust: the entries of the packages in the repository itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from krow_versions.formats.toml_lock import LockEntries, entries, lock_format
from krow_versions.formats.toml_places import Part

if TYPE_CHECKING:
    from krow_versions.formats.model import KeyPath


def _is_own(entry: dict[str, Any]) -> bool:
    """Only the packages of registries and of other repositories have a source."""
    return "source" not in entry


def _find(data: Any, packages: frozenset[str]) -> dict[KeyPath, Part]:
    """Find the versions of *packages*: of their own entries, and of the dependencies on them.

    A dependency is written with its version if several packages have that name, and always before Rust 1.41.
    One that is written with its source is another package.
    """
    found: dict[KeyPath, Part] = {}
    depended = {}
    for path, entry in entries(data, ("package",), ("root",), ("patch", "unused")):
        name, version = entry.get("name"), entry.get("version")
        if name in packages and _is_own(entry) and isinstance(version, str):
            found[*path, "version"] = Part("", version)
            depended[f"{name} {version}"] = Part(f"{name} ", version)
    for path, entry in entries(data, ("package",), ("root",)):
        dependencies = entry.get("dependencies")
        for index, written in enumerate(dependencies if isinstance(dependencies, list) else ()):
            if isinstance(written, str) and written in depended:
                found[*path, "dependencies", index] = depended[written]
    return found


CARGO_ENTRIES = LockEntries(_is_own, _find)
CARGO_LOCK = lock_format("cargo-lock", "Cargo.lock", CARGO_ENTRIES, "cargo update --workspace --offline")
