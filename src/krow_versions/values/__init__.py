"""Classes of values: those of attrs, which is loaded where more is asked than a short command needs.

To load attrs takes as long as to start Python twice, and it compiles the methods of each class. A command
ends sooner if it does neither. So ``frozen`` and ``define`` here note what a class has. The first instances
are made, compared and shown by the lines below, which do what attrs does, but show a large value in one
short line. attrs itself builds the class

- once it has many instances, so that making the next ones is as fast as can be;
- when somebody asks for its fields or its signature, as ``attrs.fields``, ``attrs.asdict`` and ``inspect``;
- when something is wrong with the arguments, so that the error is that of attrs.

A field of a frozen class that is annotated as a ``Mapping`` gets a :class:`FrozenDict`, whatever mapping
it is given. For a type checker, all names here are those of attrs. Not supported are slots, hashes that are
kept, and arguments of ``field`` other than those that :class:`_Field` knows.
"""

from __future__ import annotations

import operator
from functools import cached_property, partial, wraps
from threading import RLock
from typing import TYPE_CHECKING, Any, TypeVar

from krow_versions import lazy

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import NoReturn

    from attrs import Factory, define, evolve, field, frozen

    from krow_versions.values import showing
else:
    (showing,) = lazy.modules(__name__, "showing")

__all__ = ["Factory", "FrozenDict", "define", "evolve", "field", "frozen"]

_BUILDING = RLock()
_MANY = 1000  # Instances: from here on, the methods of attrs save more than it takes to build them.
_NOTHING: Any = object()
_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


class FrozenDict(dict[_Key, _Value]):
    """A mapping that cannot be changed, so that a value that holds it can be hashed.

    Two are equal as dicts are, and it equals such a dict. One of a library would be one more module to load
    for every command.
    """

    def __hash__(self) -> int:  # type: ignore[override]  # A dict has none.
        return hash(frozenset(self.items()))

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle it as a whole, not by setting one key after the other."""
        return type(self), (dict(self),)

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:
        raise TypeError("this mapping cannot be changed; make another, such as {**mapping, key: value}")

    if not TYPE_CHECKING:
        __setitem__ = __delitem__ = __ior__ = clear = pop = popitem = setdefault = update = _refuse


class _Factory:
    """As ``attrs.Factory``: gives the default of a field, from the value itself if it takes it."""

    def __init__(self, factory: Callable[..., Any], takes_self: bool = False) -> None:
        self.factory, self.takes_self = factory, takes_self


class _Field:
    """As ``attrs.Attribute``: a field, as its class describes it."""

    def __init__(
        self,
        *,
        default: Any = _NOTHING,
        factory: Callable[[], Any] | None = None,
        converter: Callable[[Any], Any] | None = None,
        validator: Callable[[Any, Any, Any], None] | None = None,
        init: bool = True,
        kw_only: bool | None = None,
        eq: bool | Callable[[Any], Any] = True,
        hash: bool | None = None,  # noqa: A002 - As attrs has it.
        repr: bool | Callable[[Any], str] = True,  # noqa: A002 - As attrs has it.
        metadata: Mapping[str, Any] | None = None,
    ) -> None:
        self.name = self.argument = ""
        self.given = default if factory is None else _Factory(factory)
        self.converter, self.validator = converter, validator
        self.init, self.kw_only = init, kw_only
        self.eq, self.hash, self.repr, self.metadata = eq, hash, repr, metadata

    def default(self, method: Callable[[Any], Any]) -> Callable[[Any], Any]:
        """Have a method of the class give the default, as a decorator of it."""
        self.given = _Factory(method, takes_self=True)
        return method

    def named(self, name: str, *, kw_only: bool) -> _Field:
        """Take the name from the class, and from its options whether it is given by name."""
        self.name, self.argument = name, name.lstrip("_")
        self.kw_only = kw_only if self.kw_only is None else self.kw_only
        self.default = self.given  # type: ignore[method-assign, assignment]  # As ``attrs.Attribute`` has it.
        return self

    def default_of(self, value: Any) -> Any:
        """Give the default for a value that is being made, or _NOTHING."""
        if isinstance(self.given, _Factory):
            return self.given.factory(*[value] * self.given.takes_self)
        return self.given

    def of_attrs(self) -> Any:
        """Describe it to attrs."""
        import attrs

        default = self.given
        if isinstance(default, _Factory):
            takes_self: Any = default.takes_self  # The stubs of attrs want a literal.
            default = attrs.Factory(default.factory, takes_self=takes_self)
        return attrs.field(
            default=attrs.NOTHING if default is _NOTHING else default,
            converter=self.converter, validator=self.validator, init=self.init, kw_only=self.kw_only,
            eq=self.eq, hash=self.hash, repr=self.repr, metadata=self.metadata,
        )  # fmt: skip


class _Later:
    """Stands in a class for what only attrs can give, until it is asked for."""

    def __init__(self, name: str, shape: _Shape) -> None:
        self.name, self.shape = name, shape

    def __get__(self, instance: object, owner: type) -> Any:
        self.shape.build()
        return getattr(owner if instance is None else instance, self.name, None)


class _Positions:
    """Stands in a class for ``__match_args__``: the names that a pattern may take by position.

    It stays when attrs builds the class, which gives none where it finds one.
    """

    def __get__(self, instance: object, owner: Any) -> tuple[str, ...]:
        return tuple(each.name for each in owner.__shape__.fields if each.init and not each.kw_only)


class _Shape:
    """The fields of a class, and what makes, compares and shows its instances."""

    def __init__(self, cls: Any, how: str, options: Mapping[str, Any]) -> None:
        self.cls, self.how, self.options = cls, how, options
        self.left = _MANY
        self.names = [name for name, kind in cls.__annotations__.items() if not _is_of_class(kind)]
        self.given = {name: vars(cls)[name] for name in self.names if name in vars(cls)}
        for name in self.given:
            delattr(cls, name)  # As attrs does: a class has no value of a field.

    @cached_property
    def fields(self) -> tuple[_Field, ...]:
        """The fields, those of the classes that it is derived from first, as ``attrs.fields`` has them."""
        bases = (vars(base).get("__shape__") for base in self.cls.__mro__[1:])
        inherited = next((base.fields for base in bases if base), ())
        found = (*(each for each in inherited if each.name not in self.own), *self.own.values())
        if self.how == "define" and any(each.converter or each.validator for each in found):
            self.left = 0  # attrs runs them when a field is set, too.
        return found

    @cached_property
    def own(self) -> dict[str, _Field]:
        """The fields that the class adds or changes."""
        kw_only = self.options.get("kw_only", False)
        kinds, found = self.cls.__annotations__, {}
        for name in self.names:
            given = self.given.get(name, _NOTHING)
            described = given if isinstance(given, _Field) else _Field(default=given)
            if self.how == "frozen" and str(kinds[name]).startswith("Mapping["):
                described.converter = described.converter or _frozen_dict
            found[name] = described.named(name, kw_only=kw_only)
        return found

    @cached_property
    def key(self) -> Callable[[Any], Any]:
        """Gives what counts when two values are compared."""
        return _getter([each for each in self.fields if each.eq])

    @cached_property
    def hashed(self) -> Callable[[Any], Any]:
        """Gives what the hash of a value is of."""
        return _getter([each for each in self.fields if (each.eq if each.hash is None else each.hash)])

    def fill(self, value: Any, args: tuple[Any, ...], given: dict[str, Any]) -> None:
        """Set the fields of a new instance, or have attrs do it."""
        if self.fields:  # Those of ``define`` may leave none.
            self.left -= 1
        if self.left < 0 or not self._filled(value, args, dict(given)):
            self.build()
            self.cls.__init__(value, *args, **given)

    def _filled(self, value: Any, args: tuple[Any, ...], given: dict[str, Any]) -> bool:
        """Set the fields; False if they do not fit the arguments."""
        state, rest = value.__dict__, iter(args)
        for each in self.fields:
            found: Any = _NOTHING
            if each.init:
                found = _NOTHING if each.kw_only else next(rest, _NOTHING)
                found = given.pop(each.argument, _NOTHING) if found is _NOTHING else found
            if found is _NOTHING:
                found = each.default_of(value)
            if found is _NOTHING:
                return False
            state[each.name] = found if each.converter is None else each.converter(found)
        if given or next(rest, _NOTHING) is not _NOTHING:
            return False
        for each in self.fields:
            if each.validator is not None:
                each.validator(value, each, state[each.name])
        if hasattr(self.cls, "__attrs_post_init__"):
            value.__attrs_post_init__()
        return True

    def build(self) -> None:
        """Have attrs build the class, once; what compares and shows it stays."""
        with _BUILDING:
            if "__signature__" not in vars(self.cls):
                return
            import attrs

            these = {name: each.of_attrs() for name, each in self.own.items()}
            for name in _FREEZING.keys() & vars(self.cls).keys():
                delattr(self.cls, name)  # attrs has its own.
            options = {**self.options, "eq": False, "order": False, "repr": False, "slots": False}
            getattr(attrs, self.how)(self.cls, these=these, init=True, **options)
            # What inspect asks for comes last to be taken away: while it is there, the class is not whole.
            del self.cls.__signature__


def _frozen_dict(mapping: Any) -> Any:
    return mapping if isinstance(mapping, FrozenDict) else FrozenDict(mapping)


def _is_of_class(kind: object) -> bool:
    return str(kind).startswith(("ClassVar", "typing.ClassVar"))


def _getter(fields: list[_Field]) -> Callable[[Any], Any]:
    if all(each.eq is True for each in fields):
        return operator.attrgetter(*(each.name for each in fields)) if fields else lambda _: ()
    keys = [(each.name, each.eq) for each in fields]
    return lambda value: tuple(
        key(found) if callable(key) else found for name, key in keys for found in (value.__dict__[name],)
    )


def _class(how: str, cls: Any = None, **options: Any) -> Any:
    if cls is None:
        return partial(_class, how, **options)
    own = vars(cls)
    shape = _Shape(cls, how, options)

    def init(self: Any, *args: Any, **given: Any) -> None:
        shape.fill(self, args, given)

    methods = {"__init__": init, "__shape__": shape, "__match_args__": _Positions(), **_STATE}
    methods |= {name: _Later(name, shape) for name in ("__attrs_attrs__", "__signature__")}
    if how == "frozen":
        methods |= _FREEZING
    if options.get("eq", True) and "__eq__" not in own and "__hash__" not in own:
        methods |= {"__eq__": _equal, "__hash__": _hash if how == "frozen" else None}
    if options.get("order", False):
        methods |= _ORDERING
    if "__repr__" in own:
        methods["__repr__"] = _short(own["__repr__"])
    elif options.get("repr", True):
        methods["__repr__"] = _show
    for name, method in methods.items():
        if name not in own or name in {"__init__", "__repr__"}:
            setattr(cls, name, method)
    return cls


def _evolve(value: Any, /, **changes: Any) -> Any:
    shape = getattr(value, "__shape__", None)
    if shape is None or shape.cls is not type(value):  # A subclass may have further fields by attrs.
        import attrs

        return attrs.evolve(value, **changes)
    kept = {each.argument: value.__dict__[each.name] for each in shape.fields if each.init}
    return type(value)(**{**kept, **changes})


def _equal(self: Any, other: Any) -> Any:
    key = self.__shape__.key
    return key(self) == key(other) if other.__class__ is self.__class__ else NotImplemented


def _hash(self: Any) -> int:
    return hash(self.__shape__.hashed(self))


def _short(describe: Callable[[Any], str]) -> Callable[[Any], str]:
    @wraps(describe)
    def method(self: Any) -> str:
        return showing.shortened(describe(self))

    return method


def _show(self: Any) -> str:
    return showing.shown(self)


def _compared(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], Any]:
    def method(self: Any, other: Any) -> Any:
        key = self.__shape__.key
        return compare(key(self), key(other)) if other.__class__ is self.__class__ else NotImplemented

    return method


def _refuse(*_: Any) -> NoReturn:
    from attrs.exceptions import FrozenInstanceError

    raise FrozenInstanceError


def _get_state(self: Any) -> dict[str, Any]:
    """Give the fields, and what a subclass of others adds, without what was computed and kept."""
    if type(self) is self.__shape__.cls:
        return {each.name: self.__dict__[each.name] for each in self.__shape__.fields}
    kind = type(self)
    kept = self.__dict__.items()
    return {name: each for name, each in kept if not isinstance(getattr(kind, name, None), cached_property)}


def _set_state(self: Any, state: dict[str, Any]) -> None:
    self.__dict__.update(state)


_FREEZING = {"__setattr__": _refuse, "__delattr__": _refuse}
_ORDERING = {f"__{name}__": _compared(getattr(operator, name)) for name in ("lt", "le", "gt", "ge")}
_STATE = {"__getstate__": _get_state, "__setstate__": _set_state, "__replace__": _evolve}

if not TYPE_CHECKING:
    Factory, evolve, field = _Factory, _evolve, _Field
    define = partial(_class, "define")
    frozen = partial(_class, "frozen")
