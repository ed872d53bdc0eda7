"""Paths and globs as text."""

from __future__ import annotations

import fnmatch

from krow_versions.regexes import regex

_WILDCARD = regex(r"[*?\[]")


def parts_of(path: str) -> list[str]:
    """Split a path into its names, without empty ones and ``.``.

    >>> parts_of("./a//b/")
    ['a', 'b']
    """
    return [part for part in path.split("/") if part not in {"", "."}]


def has_wildcard(text: str) -> bool:
    """Whether *text* is a glob with wildcards."""
    return _WILDCARD.search(text) is not None


def is_match(name: str, segment: str) -> bool:
    """Whether one segment of a glob matches the name of one file or folder.

    A wildcard does not match ``node_modules``, and a name that begins with a dot only if the segment
    begins with a dot. A segment without wildcards matches only itself.

    >>> is_match("b.json", "*.json"), is_match(".b", "*"), is_match("a", "**")
    (True, False, True)
    """
    if not has_wildcard(segment):
        return name == segment
    if name == "node_modules" or (name.startswith(".") and not segment.startswith(".")):
        return False
    return segment == "**" or fnmatch.fnmatchcase(name, segment)
