"""Read the own packages of a plain lock, without parsing the text in full."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, cast

from krow_versions.errors import AmbiguousVersion
from krow_versions.formats.model import Document, Outline, value_at
from krow_versions.formats.toml_outline import locate_quickly, read_value
from krow_versions.formats.toml_places import read_places
from krow_versions.formats.toml_statements import read_statements

if TYPE_CHECKING:
    from collections.abc import Callable

    from krow_versions.formats.model import KeyPath
    from krow_versions.formats.toml_places import Part
    from krow_versions.formats.toml_statements import Statements


def quick_lock(text: str, find: Callable[[Any], dict[KeyPath, Part]]) -> Outline | None:
    """Read a lock without its parser, or return None; see ``Format.quick``.

    Args:
        text: the text.
        find: as for :func:`read_places`; dependencies that repeat a version are left to the parser.
    """
    statements = read_statements(text)
    data = None if statements is None else _packages(statements)
    if statements is None or data is None:
        return None
    try:
        found = find(data)
    except AmbiguousVersion:
        return None
    if len(found) > _MOST:
        return None
    scalars = {path: locate_quickly(text, text, statements, path) for path in found}
    for path, scalar in scalars.items():
        name = value_at(data, (*path[:-1], "name"))
        if scalar is None or "\\" in name or any(scalar.value in each for each in statements.mentions(name)):
            return None
    document = read_places(text, lambda _: found, lambda _: Document(data, cast("Any", scalars.get)))
    return Outline(document.data, document.locate)


def _packages(statements: Statements) -> dict[str, Any] | None:
    """Return name, version and source of all packages; None if some are elsewhere, or written otherwise."""
    others = {*statements.tables, *statements.dotted, *statements.values}
    if not others.isdisjoint(_LISTS) or not _LISTS.isdisjoint({*statements.arrays} - {"package"}):
        return None
    packages = []
    read = functools.cache(read_value)  # Most packages have the same source.
    for index in range(statements.arrays.get("package", -1) + 1):
        entry = {}
        for key in ("name", "version", "source"):
            path = f"package[{index}].{key}"
            if path in statements.values:
                entry[key] = read(statements.written(path))
            elif path in others or path in statements.arrays:
                return None
        if not all(isinstance(entry.get(key, ""), str) for key in ("name", "version")):
            return None
        packages.append(entry)
    return {"package": packages} if packages else None


_MOST = 100  # Places: each is looked for in the whole text.
_LISTS = {"package", "root", "patch"}
