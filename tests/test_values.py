"""Values are those of attrs in all that can be seen; attrs is loaded where more is asked than they need."""

from __future__ import annotations

import copy
import functools
import importlib
import inspect
import pickle
import pkgutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import krow_versions as kv
from krow_versions import values

if TYPE_CHECKING:
    from collections.abc import Callable


def check(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if value == 3:
        raise ValueError(attribute.name, attribute.default is None)


@values.frozen(order=True)
class Point:
    """A value with a default, a checked field and something that is computed from it."""

    x: int = values.field(validator=check)
    y: int = values.field(default=0, kw_only=True)

    @functools.cached_property
    def sum(self) -> int:
        return self.x + self.y


@values.frozen
class Named(Point):
    name: str = "origin"


class Plain(Named):
    """A subclass that says nothing to attrs."""


# --- the law: as attrs -------------------------------------------------------------------------

NAMES = ("first", "_second", "third")
FIELDS: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {},
    optional={
        "default": st.sampled_from([None, 0, 3]),
        "converter": st.sampled_from([str, None]),
        "validator": st.sampled_from([check, None]),
        "init": st.booleans(),
        "kw_only": st.booleans(),
        "eq": st.sampled_from([True, False, lambda value: value == 1]),
        "repr": st.sampled_from([True, False, lambda value: f"<{value}>"]),
    },
).filter(lambda each: each.get("init", True) or "default" in each)
OPTIONS: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {},
    optional={name: st.booleans() for name in ("eq", "repr", "kw_only")},
)
ARGUMENTS = st.tuples(
    st.lists(st.integers(0, 3), max_size=3),
    st.dictionaries(st.sampled_from(["first", "second", "third", "other"]), st.integers(0, 3), max_size=3),
)


def made(library: Any, how: str, fields: dict[str, dict[str, Any]], options: dict[str, Any]) -> Any:
    """Make a class with these fields by attrs or by ours, derived from one with the first of them."""
    first, *rest = fields
    name = "Value"
    base = type(name, (), {"__annotations__": {first: "Any"}, first: library.field(**fields[first])})
    build = getattr(library, how)
    extra = {} if library is values else {"slots": False}
    base = build(base, **options, **extra)
    if not rest:
        return base
    described = {each: library.field(**fields[each]) for each in rest}
    return build(
        type(name, (base,), {"__annotations__": dict.fromkeys(rest, "Any"), **described}), **options, **extra
    )


def seen(cls: Any, evolve: Any, calls: list[tuple[list[int], dict[str, int]]]) -> list[object]:
    """Give what can be seen of the instances of a class."""
    found: list[object] = []
    instances = []
    for args, named in calls:
        try:
            instances.append(cls(*args, **named))
        except (TypeError, ValueError) as error:
            found.append((type(error), str(error)))
    for value in instances:
        shown = repr(value)
        found += [
            "object" if " object at " in shown else shown.rpartition(".")[2],
            sorted(vars(value).items()),
        ]
        try:
            found.append(vars(evolve(value, second=2)))
        except (TypeError, ValueError) as error:
            found.append((type(error), str(error)))
        try:
            value.first = 2
            found.append(vars(value))
        except (AttributeError, ValueError) as error:
            found.append((type(error), str(error)))
    for one in instances:
        for other in instances:
            found.append(one == other)
        try:
            found.append([hash(one) == hash(other) for other in instances if one == other])
        except TypeError as error:
            found.append((type(error), "unhashable"))
    return found


@given(
    fields=st.lists(FIELDS, min_size=1, max_size=3),
    how=st.sampled_from(["frozen", "define"]),
    options=OPTIONS,
    calls=st.lists(ARGUMENTS, max_size=4),
    many=st.booleans(),
)
def test_a_value_is_as_one_of_attrs(
    fields: list[dict[str, Any]], how: str, options: dict[str, Any], calls: list[Any], many: bool
) -> None:
    """Made, compared, hashed, shown, changed and refused as by attrs, built by it or not."""
    named = dict(zip(NAMES, fields, strict=False))
    try:
        theirs = made(attrs, how, named, options)
    except ValueError:  # Such as a field without a default after one with a default.
        return
    ours = made(values, how, named, options)
    if many:
        attrs.fields(ours)
    assert ours.__match_args__ == theirs.__match_args__
    assert seen(ours, values.evolve, calls) == seen(theirs, attrs.evolve, calls)
    assert [each.name for each in attrs.fields(ours)] == [each.name for each in attrs.fields(theirs)]
    assert str(inspect.signature(ours)) == str(inspect.signature(theirs))


# --- when attrs is loaded, and when it builds -------------------------------------------------


def fresh(name: str) -> Any:
    """Give the classes of this file anew, of which nothing is built yet."""
    code = inspect.getsource(sys.modules[__name__]).split("# --- the law")[0]
    room: dict[str, Any] = {"__name__": __name__}
    exec(compile(code, __file__, "exec", dont_inherit=True), room)
    return room[name]


def refused(cls: Any) -> None:
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'x'"):
        cls()


def is_built(cls: type) -> bool:
    return isinstance(vars(cls)["__attrs_attrs__"], tuple)


USES: dict[str, Callable[[Any], object]] = {
    "many instances": lambda cls: [cls(number) for number in range(4, 1200)],
    "fields": attrs.fields,
    "has": attrs.has,
    "signature": inspect.signature,
    "wrong arguments": refused,
}


@pytest.mark.parametrize("name", ["Point", "Named", "Plain"])
@pytest.mark.parametrize("use", USES)
def test_attrs_builds_a_class_once_and_for_these_uses_alone(use: str, name: str) -> None:
    """A few instances build nothing; each use builds the class and its bases, and another changes nothing."""
    cls = fresh(name)
    ours = [each for each in cls.__mro__ if "__attrs_attrs__" in vars(each)]
    few = [cls(1, y=2), cls(1, y=2), cls(2)]
    state = (repr(few), few[0] == few[1] != few[2], hash(few[0]) == hash(few[1]), sorted(few) == few)
    assert not any(map(is_built, ours))
    USES[use](cls)
    assert all(map(is_built, ours))
    made = [vars(each)["__init__"] for each in ours]
    for again in USES.values():
        again(cls)
    assert made == [vars(each)["__init__"] for each in ours]
    assert len({*few, cls(1, y=2)}) == 2
    assert state == (repr(few), few[0] == few[1] != few[2], hash(few[0]) == hash(few[1]), sorted(few) == few)


@pytest.mark.parametrize("name", ["Named", "Plain"])
def test_a_value_matches_a_pattern_by_position(name: str) -> None:
    """Positional patterns take the fields in their order, without those given by name, built or not."""
    cls = fresh(name)
    for use in (repr, attrs.fields):
        match cls(1, name="here", y=2):
            case cls(x, label):
                assert (x, label) == (1, "here")
            case _:
                pytest.fail("the pattern does not match")
        use(cls)


def test_a_value_of_a_subclass_by_attrs_is_changed_with_all_its_fields() -> None:
    """An importer may add fields by attrs itself: what the base class makes anew keeps them."""

    @attrs.frozen(order=False)
    class Labelled(kv.Version):
        label: str = "none"

    labelled = Labelled(1, 2, 3, label="ours")
    assert labelled.next_patch() == Labelled(1, 2, 4, label="ours")


def test_attrs_can_build_every_class() -> None:
    """The options of each class of ours are such that attrs can build it at any time."""
    for module in pkgutil.walk_packages(kv.__path__, "krow_versions."):
        if not module.name.endswith("__main__"):
            for cls in vars(importlib.import_module(module.name)).values():
                if "__shape__" in getattr(cls, "__dict__", ()):
                    fields = attrs.fields(cls)
                    assert cls.__match_args__ == tuple(
                        each.name for each in fields if each.init and not each.kw_only
                    )


def test_what_was_computed_is_kept_but_not_pickled() -> None:
    """A pickled value is as large after it was used as before."""
    point = Named(1, y=2)
    small = pickle.dumps(point)
    assert point.sum == point.__dict__["sum"] == 3
    assert pickle.dumps(point) == small
    assert pickle.loads(small) == copy.copy(point) == copy.deepcopy(point) == point


def test_a_value_that_was_pickled_elsewhere_needs_no_attrs() -> None:
    """A process that only unpickles values can compare, hash and show them."""
    code = "import pickle, sys; a, b = pickle.load(sys.stdin.buffer); "
    code += "print(a == b, hash(a) == hash(b), a, 'attr' in sys.modules)"
    pair = pickle.dumps((kv.Version(1, 2, 3), kv.Version.parse("1.2.3")))
    ended = subprocess.run([sys.executable, "-c", code], input=pair, capture_output=True, check=True)
    assert ended.stdout == b"True True 1.2.3 False\n"


def test_threads_may_use_a_class_for_the_first_time_together() -> None:
    """Whatever thread comes first, all get whole values."""
    for _ in range(10):
        cls = fresh("Named")
        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(lambda number, cls=cls: cls(number), range(4, 1200)))
        assert found == [cls(number) for number in range(4, 1200)]
