"""Where each key of a configuration stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krow_versions.formats.toml_scan import TomlPath, scan_toml

if TYPE_CHECKING:
    from collections.abc import Mapping

KeyPlace = TomlPath


def places(text: str) -> Mapping[KeyPlace, int]:
    """Give the offset of every key, table header and array element, by its path."""
    return scan_toml(text).keys


def nearest(found: Mapping[KeyPlace, int], path: KeyPlace) -> int | None:
    """Give the offset of *path*, or of the longest beginning of it that has one."""
    for length in range(len(path), 0, -1):
        if path[:length] in found:
            return found[path[:length]]
    return None
