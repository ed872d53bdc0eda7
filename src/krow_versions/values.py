"""Classes of values: those of attrs, built when they are first used.

attrs writes and compiles the methods of a class, which takes longer than to load its module, and a command
uses few of the classes that it loads. So ``frozen`` and ``define`` here only note what to build. The first
instance, the first pickled value or the first question about the fields has attrs build it. For a type checker
they are those of attrs.
"""

from __future__ import annotations

from functools import partial
from threading import RLock
from typing import TYPE_CHECKING, Any

import attrs
from attrs import evolve, field

if TYPE_CHECKING:
    from collections.abc import Callable

    from attrs import define, frozen

__all__ = ["define", "evolve", "field", "frozen"]

_BUILDING = RLock()


class _Later:
    """Stands in a class for a method or a fact of attrs, until one of them is asked for."""

    def __init__(self, name: str, build: Callable[[], None]) -> None:
        self.name, self.build = name, build

    def __get__(self, instance: object, owner: type) -> Any:
        self.build()
        return getattr(owner if instance is None else instance, self.name, None)


def _later(how: Callable[..., Any], cls: type | None = None, **options: Any) -> Any:
    if cls is None:
        return partial(_later, how, **options)
    if "__init__" in vars(cls) or not getattr(cls, "__annotations__", None):
        return how(cls, slots=False, **options)  # A value without fields is pickled without its state.

    def build() -> None:
        with _BUILDING:
            if "__signature__" not in vars(cls):
                return
            for base in cls.__mro__[1:]:
                getattr(base, "__attrs_attrs__", None)
            how(cls, slots=False, init=True, **options)
            for name in ("__getstate__", "__setstate__"):
                if isinstance(vars(cls).get(name), _Later | None):
                    setattr(cls, name, _STATE[name])
            del cls.__signature__  # type: ignore[attr-defined]

    # What inspect asks for comes last to be taken away: while it is there, the class is not whole.
    for name in ("__init__", "__attrs_attrs__", "__setstate__", "__signature__"):
        if name not in vars(cls):
            setattr(cls, name, _Later(name, build))
    return cls


def _get_state(self: Any) -> dict[str, Any]:
    """Give the fields alone, without what was computed from them and kept."""
    return {field.name: self.__dict__[field.name] for field in attrs.fields(type(self))}


def _set_state(self: Any, state: dict[str, Any]) -> None:
    self.__dict__.update(state)


_STATE = {"__getstate__": _get_state, "__setstate__": _set_state}

if not TYPE_CHECKING:
    define = partial(_later, attrs.define)
    frozen = partial(_later, attrs.frozen)
