"""Paths and globs as text: their parts, wildcards, what one segment matches."""

from __future__ import annotations

import fnmatch
import re

_WILDCARD = re.compile(r"[*?\[]")


def parts_of(path: str) -> list[str]:
    """Split a path where its names are; empty ones and ``.`` lead nowhere.

    >>> parts_of("./a//b/")
    ['a', 'b']
    """
    return [part for part in path.split("/") if part not in {"", "."}]


def has_wildcard(text: str) -> bool:
    """Whether *text* is a glob that may match several names, and not a name itself."""
    return _WILDCARD.search(text) is not None


def is_match(name: str, segment: str) -> bool:
    """Whether one segment of a glob matches the name of one file or folder.

    A wildcard matches no name that begins with a dot unless it is written with one, and not
    ``node_modules``; a segment without wildcards is a name.

    >>> is_match("b.json", "*.json"), is_match(".b", "*"), is_match("a", "**")
    (True, False, True)
    """
    if not has_wildcard(segment):
        return name == segment
    if name == "node_modules" or (name.startswith(".") and not segment.startswith(".")):
        return False
    return segment == "**" or fnmatch.fnmatchcase(name, segment)
