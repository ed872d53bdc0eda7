"""Classes of values: those of attrs, built when they are first used.

attrs writes and compiles the methods of a class, which takes longer than to load its module, and a command
uses few of the classes that it loads. So ``frozen`` and ``define`` here only note what to build. The first
instance, the first pickled value or the first question about the fields has attrs build it. To a type checker
they are those of attrs.
"""

from __future__ import annotations

from functools import partial
from threading import RLock
from typing import TYPE_CHECKING, Any

import attrs
from attrs import evolve, field

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from attrs import define, frozen

__all__ = ["define", "evolve", "field", "frozen"]

_BUILDING = RLock()


class _Later:
    """Stands in a class for a method or a fact of attrs, until it is asked for."""

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
    unbuilt = _Unbuilt(how, cls, options)
    # What inspect asks for comes last to be taken away: while it is there, the class is not whole.
    for name in ("__init__", "__attrs_attrs__", "__setstate__", "__signature__"):
        if name not in vars(cls):
            setattr(cls, name, _Later(name, unbuilt.build))
    return cls


class _Unbuilt:
    """A class, and how attrs is to build it: what instances need first, what compares them later."""

    def __init__(self, how: Callable[..., Any], cls: Any, options: Mapping[str, Any]) -> None:
        self.how, self.cls, self.options = how, cls, options
        is_mutable = how is attrs.define
        self.names = [] if is_mutable or options.get("order") else _comparing(vars(cls), options)

    def build(self) -> None:
        cls = self.cls
        with _BUILDING:
            if "__signature__" not in vars(cls):
                return
            for base in cls.__mro__[1:]:
                getattr(base, "__attrs_attrs__", None)
            late = {"eq": False, "repr": False} if self.names else {}
            self.how(cls, slots=False, init=True, **{**self.options, **late})
            for name in self.names:
                setattr(cls, name, _Later(name, self.build_comparison))
            for name, method in _STATE.items():
                if isinstance(vars(cls).get(name), _Later | None):
                    setattr(cls, name, method)
            del cls.__signature__

    def build_comparison(self) -> None:
        """Have attrs make these methods for a class with the same fields, and take them from there."""
        cls = self.cls
        these = {
            each.name: field(eq=each.eq_key or each.eq, hash=each.hash, repr=each.repr)
            for each in attrs.fields(cls)
        }
        twin: Any = type(cls.__name__, (), {"__module__": cls.__module__, "__qualname__": cls.__qualname__})
        with _BUILDING:
            self.how(twin, these=these, init=False, slots=False, **self.options)
            for name in self.names:
                setattr(cls, name, vars(twin)[name])


def _comparing(own: Mapping[str, object], options: Mapping[str, Any]) -> list[str]:
    """Name the methods that attrs makes for comparison and display."""
    if "__eq__" in own or "__hash__" in own:
        return []
    made = ["__eq__", "__ne__", "__hash__"] if options.get("eq", True) else []
    return made if "__repr__" in own or not options.get("repr", True) else [*made, "__repr__"]


def _get_state(self: Any) -> dict[str, Any]:
    """Give the fields alone, without what was computed from them and kept."""
    return {each.name: self.__dict__[each.name] for each in attrs.fields(type(self))}


def _set_state(self: Any, state: dict[str, Any]) -> None:
    self.__dict__.update(state)


_STATE = {"__getstate__": _get_state, "__setstate__": _set_state}

if not TYPE_CHECKING:
    define = partial(_later, attrs.define)
    frozen = partial(_later, attrs.frozen)
