"""All regular expressions of the package, and how each is used."""

from __future__ import annotations

import ast
import functools
import importlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import krow_versions
from krow_versions.regexes import regex
from krow_versions.values import frozen

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

SOURCE = Path(krow_versions.__file__).parent
METHODS = {"match", "search", "fullmatch", "sub", "subn", "split", "finditer", "findall"}
_KIND = type(regex(""))


@frozen
class Used:
    """A pattern: where it is, such as ``version:_PLAIN``, and the methods that are called on it."""

    name: str
    pattern: re.Pattern[Any]
    methods: frozenset[str]


@functools.cache
def trees() -> dict[str, ast.Module]:
    """Give the syntax of each module by its name."""
    files = sorted(SOURCE.rglob("*.py"))
    return {_module(file): ast.parse(file.read_text("utf-8")) for file in files if file.name != "regexes.py"}


def written() -> dict[str, int]:
    """Count the calls of ``regex`` in each module, wherever they are."""
    return {
        module: count
        for module, tree in trees().items()
        if (count := sum(isinstance(each, ast.Call) and _is_regex(each.func) for each in ast.walk(tree)))
    }


def used() -> list[Used]:
    """Find the patterns at the top level of the modules that make some."""
    calls = _calls()
    return [
        Used(f"{module}:{name}", pattern, _methods(calls, module, name.partition("[")[0]))
        for module in written()
        for name, pattern in _own(module)
    ]


def _own(module: str) -> Iterator[tuple[str, Any]]:
    tree = trees()[module]
    names = {
        target.id
        for each in tree.body
        if isinstance(each, (ast.Assign, ast.AnnAssign))
        and any(isinstance(call, ast.Call) and _is_regex(call.func) for call in ast.walk(each))
        for target in (each.targets if isinstance(each, ast.Assign) else [each.target])
        if isinstance(target, ast.Name)
    }
    loaded = importlib.import_module(f"krow_versions.{module}" if module else "krow_versions")
    for name in sorted(names):
        yield from _within(name, getattr(loaded, name))


def _within(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, _KIND):
        yield name, value
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from _within(f"{name}[{key}]", each)
    elif isinstance(value, tuple):
        for at, each in enumerate(value):
            yield from _within(f"{name}[{at}]", each)


def _methods(calls: set[tuple[str, str, str]], module: str, name: str) -> frozenset[str]:
    return frozenset(
        method
        for place, called, method in calls
        if called == name and (place == module or not name.startswith("_"))
    )


def _calls() -> set[tuple[str, str, str]]:
    """Give the methods of patterns that each module uses of a name: module, name, method."""
    return {
        (module, each.value.id, each.attr)
        for module, tree in trees().items()
        for each in ast.walk(tree)
        if isinstance(each, ast.Attribute) and each.attr in METHODS and isinstance(each.value, ast.Name)
    }


def _is_regex(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "regex"


def _module(file: Path) -> str:
    parts = file.relative_to(SOURCE).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")
