"""Exact requirements of other packages in ``Cargo.toml`` and ``pyproject.toml``, such as ``b==1.4.0``.

Only what a PATCH of the other package would break is a pin: Cargo's ``version = "0.4.0"`` is a range.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any

from krow_versions.formats.model import Format, KeyPath, Pin, at_key_path, dotted, value_at
from krow_versions.formats.toml_places import Part, places, read_places
from krow_versions.formats.uv_lock import normalised_name, python_part
from krow_versions.regexes import regex
from krow_versions.values import evolve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from krow_versions.formats.model import Document

Pins = dict[str, dict[KeyPath, Part]]
"""The places of pins by the name of the package that they pin."""


def cargo_pins(data: Any) -> Pins:
    """Find the pins of packages at a path, also renamed ones, and those of the workspace.

    Source: The Cargo Book, "Specifying Dependencies".
    """
    found: Pins = {}
    for path, name, held in cargo_dependencies(data):
        if not (isinstance(held, dict) and "path" in held and isinstance(held.get("version"), str)):
            continue
        written = _CARGO_EXACT.fullmatch(held["version"])
        if written:
            renamed = held.get("package")
            package = renamed if isinstance(renamed, str) else name
            found.setdefault(package, {})[*path, "version"] = Part(
                written[1], written[2], written[3], zero="=" not in written[1]
            )
    return found


def pyproject_pins(data: Any) -> Pins:
    """Find the pins of all groups of dependencies (PEP 508, PEP 735, uv, Poetry); names are normalised.

    A package that uv takes from elsewhere is not the repository's own.
    """
    found: Pins = {}
    for path, requirement in _requirements(data):
        written = _REQUIREMENT.fullmatch(requirement)
        if written:
            part = python_part(written[3], written[1], written[4])
            found.setdefault(normalised_name(written[2]), {})[path] = part
    for path, name, requirement in _poetry_requirements(data):
        written = _POETRY_EXACT.fullmatch(requirement)
        if written:
            part = python_part(written[2], written[1], written[3])
            part = evolve(part, zero="^" in written[1])
            found.setdefault(normalised_name(name), {})[path] = part
    sources = value_at(data, ("tool", "uv", "sources"))
    for name, source in sources.items() if isinstance(sources, dict) else ():
        if isinstance(source, dict) and not {"workspace", "path"} & source.keys():
            found.pop(normalised_name(name), None)
    return found


def cargo_dependencies(data: Any) -> Iterator[tuple[KeyPath, str, Any]]:
    """Yield path, name and value of every dependency."""
    targets = value_at(data, ("target",))
    names = targets if isinstance(targets, dict) else ()
    parents: list[KeyPath] = [(), *(("target", each) for each in names)]
    tables: list[KeyPath] = [(*parent, kind) for parent in parents for kind in _CARGO_KINDS]
    for table in [*tables, ("workspace", "dependencies")]:
        found = value_at(data, table)
        for name, held in found.items() if isinstance(found, dict) else ():
            yield (*table, name), name, held


def pins_of(find: Callable[[Any], Pins], data: Any) -> Iterator[Pin]:
    """Yield the pins that *find* finds, with their keys for :func:`at_pin`."""
    for package, parts in find(data).items():
        for path in parts:
            if not any(isinstance(part, str) and '"' in part for part in path):
                yield Pin(dotted(path), package)


def at_pin(chosen: Format, key: str, find: Callable[[Any], Pins]) -> Format:
    """Return *chosen* for the version at the key path *key*, which may be a pin."""
    path = _parsed(key)
    read = functools.partial(_read, find=find, path=path)
    return evolve(at_key_path(chosen, key), read=read, keys=places)


def _parsed(key: str) -> KeyPath:
    """Split a dotted key with the indexes of elements, as :func:`dotted` writes it."""
    found = _KEY_PART.finditer(key)
    return tuple(int(part[2]) if part[2] else part[1] if part[3] is None else part[3] for part in found)


def _read(text: str, find: Callable[[Any], Pins], path: KeyPath) -> Document:
    def only(data: Any) -> dict[KeyPath, Part]:
        value = value_at(data, path)
        plain = Part("", value if isinstance(value, str) else "")
        return {path: next((parts[path] for parts in find(data).values() if path in parts), plain)}

    return read_places(text, only)


def _requirements(data: Any) -> Iterator[tuple[KeyPath, str]]:
    """Yield the strings in all lists of requirements."""
    lists: list[KeyPath] = list(_LISTS)
    for table in _GROUPS:
        groups = value_at(data, table)
        lists += [(*table, group) for group in (groups if isinstance(groups, dict) else ())]
    for path in lists:
        found = value_at(data, path)
        for index, requirement in enumerate(found if isinstance(found, list) else ()):
            if isinstance(requirement, str):
                yield (*path, index), requirement


def _poetry_requirements(data: Any) -> Iterator[tuple[KeyPath, str, str]]:
    """Yield path, name and requirement of Poetry's dependencies, in each of their three forms."""
    groups = value_at(data, (*_POETRY, "group"))
    names = groups if isinstance(groups, dict) else ()
    tables = [(*_POETRY, "dependencies"), (*_POETRY, "dev-dependencies")]
    for table in [*tables, *((*_POETRY, "group", group, "dependencies") for group in names)]:
        found = value_at(data, table)
        for name, held in found.items() if isinstance(found, dict) else ():
            forms = enumerate(held) if isinstance(held, list) else [(None, held)]
            for index, form in forms:
                path: KeyPath = (*table, name) if index is None else (*table, name, index)
                if isinstance(form, str):
                    yield path, name, form
                elif isinstance(form, dict) and isinstance(form.get("version"), str):
                    yield (*path, "version"), name, form["version"]


_CARGO_KINDS = (
    *("dependencies", "dev-dependencies", "build-dependencies"),
    *("dev_dependencies", "build_dependencies"),
)
_POETRY = ("tool", "poetry")
_LISTS: tuple[KeyPath, ...] = (
    ("project", "dependencies"),
    ("build-system", "requires"),
    *(
        ("tool", "uv", f"{kind}-dependencies")
        for kind in ("dev", "constraint", "override", "build-constraint")
    ),
)
_GROUPS: tuple[KeyPath, ...] = (
    ("project", "optional-dependencies"),
    ("dependency-groups",),
    ("tool", "pdm", "dev-dependencies"),
)
# ``=0.4`` takes every PATCH; ``0.0.3`` and ``^0.0.3`` take none.
_CARGO_EXACT = regex(r"(\s*+(?:=|\^?(?=\s*+0\.0\.))\s*+)([0-9]+\.[0-9]+\.[0-9]+[^\s,]*+)(\s*+)")
# Possessive repeats (``*+``) do not backtrack, so matching is quick on any text.
_PYTHON = r"[0-9]++(?:\.[0-9]++)*+(?:[-._]?[A-Za-z]++[-._]?[0-9]*+)*+(?:\+[A-Za-z0-9.]++)?"
_REQUIREMENT = regex(
    r"(\s*+([A-Za-z0-9][A-Za-z0-9._-]*+)\s*+(?:\[[^\]]*+\]\s*+)?\(?(?:[^;@]*,)?\s*+={2,3}\s*+)"
    rf"({_PYTHON})(\s*+(?:,[^;]*+)?\)?\s*+(?:;.*)?)",
    re.DOTALL,
)
_POETRY_EXACT = regex(rf"(\s*+(?:={{0,2}}|\^(?=\s*+0\.0\.[0-9]))\s*+)({_PYTHON})(\s*+)")
_KEY_PART = regex(r'"([^"]*)"|\[([0-9]+)\]|([^."\[]+)')
