"""``uv.lock``, of Python: the entries of the packages in the repository itself."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from krow_versions.formats.toml_lock import LockEntries, entries, lock_format
from krow_versions.formats.toml_places import Part
from krow_versions.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from krow_versions.formats.model import KeyPath


def normalised_name(name: str) -> str:
    """Write the name of a package as locks and indexes do (PEP 503).

    >>> normalised_name("Krow.Versions_x")
    'krow-versions-x'
    """
    return re.sub(r"[-_.]+", "-", name).lower()


def python_part(version: str, before: str = "", after: str = "") -> Part:
    """Read a version of PEP 440 in a string: ``1.4.0rc1`` is 1.4.0-rc.1, and ``1.4`` is 1.4.0."""
    written = _PYTHON.fullmatch(version)
    if written is None:
        return Part(before, version, after)
    stage = f"-{written[4]}.{written[5]}" if written[4] else ""
    read = f"{written[1]}.{written[2] or 0}.{written[3] or 0}{stage}{written[6] or ''}"
    return Part(before, version, after, None if read == version else read)


def _is_own(entry: dict[str, Any]) -> bool:
    source = entry.get("source")
    return isinstance(source, dict) and not _OWN.isdisjoint(source)


def _find(data: Any, packages: frozenset[str]) -> dict[KeyPath, Part]:
    """Find the versions of *packages*: of their own entries, and of the dependencies on them.

    A dependency is written with version and source only if several packages have that name.
    """
    found: dict[KeyPath, Part] = {}
    own = []
    for path, entry in entries(data, ("package",)):
        name, version = entry.get("name"), entry.get("version")
        if name in packages and _is_own(entry) and isinstance(version, str):
            found[*path, "version"] = python_part(version)
            own.append((name, version, entry["source"]))
    for path, entry in entries(data, ("package",)) if own else ():
        for where, dependency in _dependencies(entry):
            version = dependency.get("version")
            if (dependency.get("name"), version, dependency.get("source")) in own:
                found[*path, *where, "version"] = python_part(str(version))
    return found


def _dependencies(entry: dict[str, Any]) -> Iterator[tuple[KeyPath, dict[str, Any]]]:
    yield from entries(entry, ("dependencies",))
    for kind in ("optional-dependencies", "dev-dependencies"):
        groups = entry.get(kind)
        for group in groups if isinstance(groups, dict) else ():
            yield from entries(entry, (kind, group))


# Packages of registries, of other repositories and archives have other keys.
_OWN = {"editable", "virtual", "directory"}
_PYTHON = regex(r"([0-9]+)(?:\.([0-9]+)(?:\.([0-9]+))?)?(?:\.?(a|b|rc|dev)([0-9]+))?(\+[0-9]+)?")

UV_ENTRIES = LockEntries(_is_own, _find, normalised_name)
UV_LOCK = lock_format("uv-lock", "uv.lock", UV_ENTRIES, "uv lock")
