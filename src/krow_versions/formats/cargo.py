"""``Cargo.toml``, of Rust."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from krow_versions.errors import VersionNotFound
from krow_versions.formats.model import Format, only_versions, value_at
from krow_versions.formats.toml import read_toml

if TYPE_CHECKING:
    from krow_versions.formats.model import KeyPath


def _keys(data: Any) -> tuple[KeyPath, ...]:
    """Return ``package.version``, ``workspace.package.version``, or both (The Cargo Book, manifest)."""
    package, workspace = ("package", "version"), ("workspace", "package", "version")
    if isinstance(value_at(data, package), dict):
        if value_at(data, workspace) is None:
            raise VersionNotFound(
                "the version is inherited from the workspace",
                key="package.version",
                hint="name the workspace's Cargo.toml, with workspace.package.version, as the version file",
            )
        return (workspace,)
    return tuple(key for key in (package, workspace) if value_at(data, key) is not None) or (package,)


def _is_private(data: Any) -> bool:
    return value_at(data, ("package", "publish")) is False


CARGO = Format(
    "cargo", read_toml, _keys, ("Cargo.toml",), private=_is_private, kind=only_versions, delimited=True
)
