"""Modules that are loaded when something of them is first asked for: a command needs few of them."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = ["attributes", "modules"]


def attributes(package: str, homes: Mapping[str, str]) -> Callable[[str], Any]:
    """Return the ``__getattr__`` of a package (:pep:`562`).

    Args:
        package: its name.
        homes: the names that each of its modules has, separated by spaces.
    """
    modules = {name: module for module, names in homes.items() for name in names.split()}

    def load(name: str) -> Any:
        if name not in modules:
            raise AttributeError(f"module {package!r} has no attribute {name!r}", name=name)
        return getattr(import_module(f"{package}.{modules[name]}"), name)

    return load


class _Module:
    """Stands for a module until it is loaded."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        return getattr(import_module(self._name), name)


def modules(package: str, names: str) -> Iterator[Any]:
    """Yield the modules of a package with these names, which are separated by spaces.

    >>> encoding, edits = modules("krow_versions", "encoding edits")
    >>> edits.Span(1, 2)
    Span(start=1, end=2)
    """
    return (_Module(f"{package}.{name}") for name in names.split())
