"""``package.json`` and its locks, of npm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from krow_versions.errors import VersionNotFound
from krow_versions.formats.json import json_format
from krow_versions.formats.model import dotted, value_at

if TYPE_CHECKING:
    from krow_versions.formats.model import KeyPath

_TOP: KeyPath = ("version",)
_ROOT: KeyPath = ("packages", "", "version")
_RELOCK = "npm install --package-lock-only"


def _lock_keys(data: Any) -> tuple[KeyPath, ...]:
    """Both places of a lock file: the top, and the root package since lockfileVersion 2.

    Source: npm's documentation of package-lock.json, "packages".
    """
    packages = data.get("packages")
    if not isinstance(packages, dict):
        return (_TOP,)
    entry = packages.get("")
    here = [("version" in data), isinstance(entry, dict) and "version" in entry]
    if here == [False, False]:
        raise VersionNotFound("the lock file has no version of its own package", key="version", hint=_HINT)
    if not all(here):
        absent = _ROOT if here[0] else _TOP
        raise VersionNotFound(f"the key {dotted(absent)} is not there", key=dotted(absent), hint=_HINT)
    return (_TOP, _ROOT)


def _is_private(data: Any) -> bool:
    return value_at(data, ("private",)) is True


_HINT = f"bring the lock in step with its package.json: {_RELOCK}"

PACKAGE_LOCK = json_format(
    "package-lock",
    (_TOP, _ROOT),
    once=("packages",),  # Of two, one would stay behind.
    keys=_lock_keys,
    filenames=("package-lock.json", "npm-shrinkwrap.json"),
    lock_command=_RELOCK,
)
PACKAGE_JSON = json_format(
    "package-json",
    (_TOP, ("private",)),  # Whether it is published is asked of large files, too.
    filenames=("package.json",),
    companions=(PACKAGE_LOCK.name,),
    private=_is_private,
)
