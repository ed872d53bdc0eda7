"""Values are those of attrs in all that can be seen, and are built when they are first used."""

from __future__ import annotations

import copy
import functools
import inspect
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import attrs
import pytest

import krow_versions as kv
from krow_versions import values

if TYPE_CHECKING:
    from collections.abc import Callable


@values.frozen(order=True)
class Point:
    """A value with a default, a checked field and something that is computed from it."""

    x: int = attrs.field(validator=attrs.validators.instance_of(int))
    y: int = attrs.field(default=0, kw_only=True)

    @functools.cached_property
    def sum(self) -> int:
        return self.x + self.y


@values.frozen
class Named(Point):
    name: str = "origin"


@values.frozen(repr=False)
class Measure:
    """A value of which a part does not count, and a part counts in another form."""

    unit: str = attrs.field(eq=str.casefold)
    source: str = attrs.field(default="", eq=False)


class Plain(Named):
    """A subclass that says nothing to attrs."""


@values.define
class Counter:
    value: int = 0


@values.frozen
class Nothing:
    """A value without fields."""


def fresh(name: str) -> Any:
    """Give the classes of this file anew, of which nothing is built yet."""
    code = inspect.getsource(sys.modules[__name__]).split("def fresh")[0]
    room: dict[str, Any] = {"__name__": __name__}
    exec(compile(code, __file__, "exec", dont_inherit=True), room)
    return room[name]


def is_built(cls: type) -> bool:
    return isinstance(vars(cls)["__attrs_attrs__"], tuple)


USES: dict[str, Callable[[Any], object]] = {
    "an instance": lambda cls: cls(1),
    "fields": attrs.fields,
    "has": attrs.has,
    "signature": inspect.signature,
    "state": lambda cls: object.__new__(cls).__setstate__({"x": 1, "y": 0}),
}


@pytest.mark.parametrize("name", ["Point", "Named", "Plain"])
@pytest.mark.parametrize("use", USES)
def test_a_class_is_built_by_its_first_use_and_once(use: str, name: str) -> None:
    """Each use builds the class and those that it is derived from, and another use changes nothing."""
    cls = fresh(name)
    ours = [each for each in cls.__mro__ if "__attrs_attrs__" in vars(each)]
    assert not any(map(is_built, ours))
    USES[use](cls)
    assert all(map(is_built, ours))
    made = [vars(each)["__init__"] for each in ours]
    for again in USES.values():
        again(cls)
    assert made == [vars(each)["__init__"] for each in ours]


def test_values_behave_as_those_of_attrs() -> None:
    """Comparison, order, hash, words, freezing, checks and copies are those of attrs."""
    assert Point(1) == Point(1, y=0) != Point(2)
    assert Point(1) < Point(1, y=1) < Point(2)
    assert len({Point(1), Point(1), Named(1)}) == 2
    assert repr(Named(1, y=2)) == "Named(x=1, y=2, name='origin')"
    assert str(inspect.signature(Named)) == "(x: 'int', name: 'str' = 'origin', *, y: 'int' = 0) -> None"
    assert attrs.evolve(Named(1), y=3) == Named(1, y=3)
    assert copy.copy(Named(1)) == copy.deepcopy(Named(1)) == Named(1)
    assert Nothing() == Nothing()
    assert Measure("KG") == Measure("kg", "here") != Measure("g")
    assert hash(Measure("KG")) == hash(Measure("kg", "here"))
    assert repr(Measure("kg")).startswith("<")
    wrongs: tuple[Callable[[], None], ...] = (
        lambda: setattr(Point(1), "x", 2),
        lambda: setattr(Point(1), "z", 2),
    )
    for wrong in wrongs:
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            wrong()
    with pytest.raises(TypeError):
        Point("1")  # type: ignore[arg-type]
    counter = Counter()
    counter.value += 1
    assert counter == Counter(1)


def test_what_was_computed_is_kept_but_not_pickled() -> None:
    """A pickled value is as large after it was used as before."""
    point = Named(1, y=2)
    small = pickle.dumps(point)
    assert point.sum == point.__dict__["sum"] == 3
    assert pickle.dumps(point) == small
    assert pickle.loads(small) == point


def test_a_value_that_was_pickled_elsewhere_builds_its_class() -> None:
    """A process that only unpickles values can compare, hash and show them."""
    code = "import pickle, sys; a, b = pickle.load(sys.stdin.buffer); print(a == b, hash(a) == hash(b), a)"

    pair = pickle.dumps((kv.Version(1, 2, 3), kv.Version.parse("1.2.3")))
    ended = subprocess.run([sys.executable, "-c", code], input=pair, capture_output=True, check=True)
    assert ended.stdout == b"True True 1.2.3\n"


def test_threads_may_use_a_class_for_the_first_time_together() -> None:
    """Whatever thread comes first, all get whole values."""
    for _ in range(20):
        cls = fresh("Named")
        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(lambda number, cls=cls: cls(number), range(8)))
        assert found == [cls(number) for number in range(8)]
