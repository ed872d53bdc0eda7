"""``Cargo.toml``, of Rust."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from krow_versions.errors import VersionNotFound
from krow_versions.formats.cargo_lock import CARGO_LOCK
from krow_versions.formats.model import Format, Packaging, only_versions, value_at
from krow_versions.formats.packages import globs_of
from krow_versions.formats.toml import quick_reader, read_toml
from krow_versions.formats.toml_pins import at_pin, cargo_dependencies, cargo_pins, pins_of

if TYPE_CHECKING:
    from collections.abc import Iterator

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


def _name(data: Any) -> str | None:
    name = value_at(data, ("package", "name"))
    return name if isinstance(name, str) else None


def _members(text: str) -> Iterator[str]:
    """Yield the folders of the members of a workspace, which its own dependencies at a path are, too.

    Source: The Cargo Book, "Workspaces".
    """
    data = read_toml(text).data
    workspace = data.get("workspace")
    if not isinstance(workspace, dict):
        return
    yield from globs_of(workspace)
    for _, _, held in cargo_dependencies(data):
        if isinstance(held, dict) and isinstance(held.get("path"), str):
            yield held["path"]


def _gives_version(data: Any) -> bool:
    return isinstance(value_at(data, ("workspace", "package", "version")), str)


def _takes_version(data: Any) -> bool:
    return value_at(data, ("package", "version", "workspace")) is True


def _is_private(data: Any) -> bool:
    return value_at(data, ("package", "publish")) is False


_LOOKS: tuple[KeyPath, ...] = (
    *(("package", "version"), ("package", "name"), ("package", "publish")),
    ("workspace", "package", "version"),
)
CARGO = Format(
    "cargo",
    read_toml,
    _keys,
    ("Cargo.toml",),
    at=functools.partial(at_pin, find=cargo_pins),
    companions=(CARGO_LOCK.name,),
    private=_is_private,
    packaging=Packaging(
        _name,
        functools.partial(pins_of, cargo_pins),
        (("Cargo.toml", _members),),
        gives=_gives_version,
        takes=_takes_version,
    ),
    kind=only_versions,
    delimited=True,
    quick=quick_reader(_keys, *_LOOKS),
)
