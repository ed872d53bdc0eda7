"""Values are those of attrs in all that can be seen; attrs is loaded where more is asked than they need."""

from __future__ import annotations

import copy
import functools
import importlib
import inspect
import itertools
import operator
import pickle
import pkgutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, ClassVar

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import krow_versions as kv
from krow_versions import values
from support.krow import checkout

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.repositories import Repo


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


class Made(Point):
    """A subclass that is made otherwise."""

    def __init__(self, both: int) -> None:
        self.__dict__["first"] = True
        super().__init__(both, y=both)

    def __attrs_post_init__(self) -> None:
        raise AssertionError("attrs does not ask for that of a class that it did not build")


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


def seen(classes: list[Any], evolve: Any, calls: list[tuple[list[int], dict[str, int]]]) -> list[object]:
    """Give what can be seen of the instances of some classes."""
    made = [tried(cls, *args, **named) for cls in classes for args, named in calls]
    instances = [each for each in made if isinstance(each, tuple(classes))]
    found = [each for each in made if not isinstance(each, tuple(classes))]
    for value in instances:
        shown = repr(value)
        found += ["object" if " object at " in shown else shown.rpartition(".")[2]]
        found += [sorted(vars(value).items()), tried(lambda each: vars(evolve(each, second=2)), value)]
        found += [tried(setattr, value, "first", 2), dict(vars(value))]
    for one, other in itertools.product(instances, repeat=2):
        found += [one == other, tried(operator.lt, one, other)]
        found += [tried(lambda *both: len({*map(hash, both)}), one, other)] if one == other else []
    return found


def tried(ask: Callable[..., object], *args: Any, **named: Any) -> object:
    """Give the answer to a call, or its error."""
    try:
        return ask(*args, **named)
    except (AttributeError, TypeError, ValueError) as error:
        return type(error), str(error)


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
    assert seen([ours], values.evolve, calls) == seen([theirs], attrs.evolve, calls)
    assert [each.name for each in attrs.fields(ours)] == [each.name for each in attrs.fields(theirs)]
    assert str(inspect.signature(ours)) == str(inspect.signature(theirs))


# What a class may say, in the words of both libraries.
BODIES = {
    "by name": "@frozen\nclass V:\n    first: int = field(default=1, kw_only=True)\n    second: int = 0",
    "all by name": "@frozen(kw_only=True)\nclass V:\n    first: int\n    second: int = 0",
    "private": "@frozen\nclass V:\n    _first: int\n    second: int = field(default=5, init=False)",
    "default of a method": "@frozen\nclass V:\n    first: int\n    second: int = field()\n"
    "    @second.default\n    def _second(self): return self.first + 1",
    "default of a value": "@frozen\nclass V:\n    first: int\n"
    "    second: int = Factory(lambda self: self.first + 1, takes_self=True)",
    "new defaults": "@define\nclass V:\n    first: int\n    second: list = field(factory=list)",
    "after it": "@frozen\nclass V:\n    first: int\n"
    "    def __attrs_post_init__(self): object.__setattr__(self, 'second', self.first + 1)",
    "of the class": "@frozen\nclass V:\n    zero: ClassVar[int] = 0\n    first: int = 1",
    "hashed": "@frozen\nclass V:\n    first: int\n    second: list = field(factory=list, hash=False)",
    "ordered": "@frozen(order=True)\nclass V:\n    first: int\n    second: int = field(default=0, eq=abs)",
    "own methods": "@frozen\nclass V:\n    first: int\n    second: int = 0\n"
    "    def __repr__(self): return 'own'\n    def __eq__(self, other): return True\n"
    "    def __hash__(self): return 1",
    "derived": "@frozen(order=True)\nclass V:\n    first: int\n"
    "@frozen(order=True)\nclass W(V):\n    second: int = 0\nclass X(V): pass",
}
CALLS: list[tuple[list[int], dict[str, int]]] = [
    *[([*range(count)], {}) for count in range(4)],
    *[([], {"first": first, "second": second}) for first, second in ((1, 2), (1, -2), (2, 1))],
    *[([1], {name: 2}) for name in ("first", "second", "_first", "other")],
    ([], {"first": 3}),
]


def made_by(cls: Any, call: tuple[list[int], dict[str, int]]) -> bool:
    """Whether a class takes these arguments."""
    return isinstance(tried(cls, *call[0], **call[1]), cls)


@pytest.mark.parametrize("built", [False, True])
@pytest.mark.parametrize("name", BODIES)
def test_each_thing_that_a_class_may_say_is_as_of_attrs(name: str, built: bool) -> None:
    """The law above, for what is rarely drawn; classes that are derived are compared with each other, too."""
    plain = {each: functools.partial(getattr(attrs, each), slots=False) for each in ("frozen", "define")}
    outcomes: list[object] = []
    calls = CALLS
    for library in ({**vars(attrs), **plain}, vars(values)):
        room: dict[str, Any] = {"__name__": "room", "ClassVar": ClassVar}
        room |= {each: library[each] for each in values.__all__ if each in library}
        exec(compile(BODIES[name], name, "exec", flags=annotations.compiler_flag), room)
        classes = [room[each] for each in "VWX" if each in room]
        if built:
            assert all(map(attrs.has, classes))
        # After a wrong call, a class is built: the right ones come first.
        calls = calls if outcomes else sorted(calls, key=lambda each: not made_by(classes[0], each))
        outcomes.append((seen(classes, library["evolve"], calls), *map(inspect.signature, classes)))
    assert outcomes[0] == outcomes[1]


def test_values_of_attrs_itself_are_changed_by_it() -> None:
    """An importer's own class, which attrs has made, is no reason for another ``evolve``."""
    assert values.evolve(attrs.make_class("Other", ["x"])(1), x=2).x == 2


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


class Noted(Named):
    """A subclass of somebody else, with a value of its own in each instance."""

    def __init__(self, *args: Any, note: str = "", **given: Any) -> None:
        super().__init__(*args, **given)
        self.__dict__["note"] = note


@attrs.frozen(slots=False)
class Labelled(Named):
    """A subclass that attrs makes, not we."""

    label: str = "none"


@attrs.frozen
class Slotted(Named):
    """The same, with a slot for what it adds."""

    label: str = "none"


SUBCLASSES = [each(1, y=2, label="mine") for each in (Labelled, Slotted)]


@pytest.mark.parametrize("value", [Noted(1, y=2, note="mine"), Plain(1, y=2), *SUBCLASSES])
def test_a_subclass_keeps_what_it_adds(value: Named) -> None:
    """Pickled and copied, it has its own values, but not what was computed; changed by either evolve, too."""
    before = dict(vars(value))
    assert value.sum == 3
    for again in (pickle.loads(pickle.dumps(value)), copy.copy(value), copy.deepcopy(value)):
        assert type(again) is type(value)
        assert (vars(again), again) == (before, value)
    changed = values.evolve(value, name="there")
    assert vars(changed) == vars(attrs.evolve(value, name="there"))
    assert changed.name == "there"


def test_a_subclass_may_be_made_otherwise() -> None:
    """Its own way to be made is kept for any number of instances, and what it did before is, too."""
    cls = fresh("Made")
    for number in range(4, 1200):
        assert vars(cls(number)) == {"first": True, "x": number, "y": number}


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


def test_what_a_workspace_gives_is_a_value(repo: Repo) -> None:
    """Plans, snapshots, reports and what is in them: the same after a way through pickle, also as a key."""
    checkout(repo)
    workspace = kv.Workspace.open(repo.path)
    plan = workspace.plan_bump("web")
    report, history = workspace.audit(), workspace.history("web")
    (of_many,) = kv.audit_many([repo.path])
    for value in (
        *(plan, plan.products[0], plan.products[0].files[0]),
        *(report, report.snapshot, workspace.catalog, workspace.catalog.products[0], report.to_table()),
        *(history, history.releases[0], of_many, of_many.products[0]),
    ):
        again = pickle.loads(pickle.dumps(value))
        assert {value, again, copy.copy(value), copy.deepcopy(value)} == {value}
