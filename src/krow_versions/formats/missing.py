"""The error for a key that is not there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from krow_versions.errors import VersionNotFound
from krow_versions.formats.model import KeyPath, dotted, value_at
from krow_versions.text.escaping import quoted_whole

if TYPE_CHECKING:
    from collections.abc import Iterator


def missing(data: Any, key: KeyPath) -> VersionNotFound:
    """Make the error for a missing *key*; its hint names similar keys."""
    name = key[-1]
    hint = "add the line by hand, or name another key or file in the configuration"
    parent = value_at(data, key[:-1])
    for found in parent if isinstance(parent, dict) else ():
        if isinstance(found, str) and found != name and _same_letters(found) == _same_letters(str(name)):
            hint = f"there is a key {quoted_whole(found)}: correct its spelling"
    for path in _paths_to(data, str(name)):
        hint = f"there is one at {dotted(path)}, which is something else; {hint}"
        break
    return VersionNotFound(f"the key {dotted(key)} is not there", key=dotted(key), hint=hint)


def _same_letters(key: str) -> str:
    return "".join(character for character in key if character.isalnum()).lower()


def _paths_to(data: Any, name: str) -> Iterator[KeyPath]:
    """Yield paths to keys called *name* in nested dicts, breadth first, in a bounded number of dicts."""
    level: list[tuple[KeyPath, Any]] = [((), data)]
    for path, node in level:
        if not isinstance(node, dict) or len(level) > 1000:
            continue
        for key, value in node.items():
            if key == name:
                yield (*path, key)
            if isinstance(key, str):
                level.append(((*path, key), value))
