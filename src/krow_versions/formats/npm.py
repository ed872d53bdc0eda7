"""``package.json`` and its locks, of npm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from krow_versions.errors import VersionNotFound
from krow_versions.formats.json import json_format
from krow_versions.formats.model import dotted, only_versions, value_at

if TYPE_CHECKING:
    from krow_versions.formats.model import KeyPath

_TOP: KeyPath = ("version",)
_ROOT: KeyPath = ("packages", "", "version")
_RELOCK = "npm install --package-lock-only"


def _lock_keys(data: Any) -> tuple[KeyPath, ...]:
    """Return the top version and, since lockfileVersion 2, that of the root package.

    Source: npm's documentation of package-lock.json, "packages".
    """
    packages, present = data.get("packages"), ["version" in data]
    if isinstance(packages, dict):
        entry = packages.get("")
        present.append(isinstance(entry, dict) and "version" in entry)
    if not any(present):
        raise VersionNotFound("the lock file has no version of its own package", key="version", hint=_HINT)
    if not all(present):
        absent = _ROOT if present[0] else _TOP
        raise VersionNotFound(f"the key {dotted(absent)} is not there", key=dotted(absent), hint=_HINT)
    return (_TOP, _ROOT)[: len(present)]


def _is_private(data: Any) -> bool:
    return value_at(data, ("private",)) is True


_HINT = f"bring the lock in step with its package.json: {_RELOCK}"

PACKAGE_LOCK = json_format(
    "package-lock",
    (_TOP, _ROOT),
    once=("packages",),  # With two, an edit would miss one.
    keys=_lock_keys,
    filenames=("package-lock.json", "npm-shrinkwrap.json"),
    lock_command=_RELOCK,
    kind=only_versions,
)
PACKAGE_JSON = json_format(
    "package-json",
    (_TOP, ("private",)),  # For large files, which have no tree.
    filenames=("package.json",),
    companions=(PACKAGE_LOCK.name,),
    private=_is_private,
    kind=only_versions,
)
