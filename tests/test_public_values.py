"""What the library gives is a value: immutable, hashable, comparable, picklable, shown in one short line."""

from __future__ import annotations

import copy
import datetime as dt
import enum
import functools
import pickle
import re
import types
from concurrent.futures import ProcessPoolExecutor
from typing import TYPE_CHECKING, Any

import attrs
import pytest

import krow_versions as kv
from krow_versions.values import FrozenDict
from support.public_values import busy_world, error_samples, plain_samples, samples

if TYPE_CHECKING:
    from collections.abc import Iterator

PLAIN = (str, bytes, int, float, type(None), dt.date, dt.timedelta, dt.tzinfo, enum.Enum, re.Pattern, type)
FUNCTIONS = (types.FunctionType, types.BuiltinFunctionType, types.MethodType, functools.partial)


@pytest.fixture(scope="module")
def values(tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    """Instances of every public class, errors aside, and of what a workspace gives besides."""
    return [*samples(busy_world(tmp_path_factory.mktemp("public") / "world")), *plain_samples()]


def within(value: Any, where: str) -> Iterator[tuple[str, Any]]:
    """Everything that a value holds and is compared by, itself first, each with its place."""
    yield where, value
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from within(inner, f"{where}[{key!r}]")
    elif isinstance(value, tuple | frozenset):
        for inner in value:
            yield from within(inner, f"{where}[]")
    elif isinstance(value, kv.KrowVersionsError):
        yield from within(tuple(vars(value).items()), where)
    elif attrs.has(type(value)):
        for each in filter(lambda field: field.eq, attrs.fields(type(value))):
            yield from within(getattr(value, each.name), f"{where}.{each.name}")


def again(value: Any) -> Any:
    """Give back what a process got."""
    return value


def failed(error: kv.KrowVersionsError) -> None:
    """Fail with an error."""
    raise error


def test_every_public_class_has_an_instance_here(values: list[Any]) -> None:
    """A class that becomes public is tested by what follows."""
    classes = [each for name in kv.__all__ if isinstance(each := getattr(kv, name), type)]
    found = [*values, *error_samples()]
    assert [each.__name__ for each in classes if not any(isinstance(one, each) for one in found)] == []


def test_nothing_in_a_value_can_be_changed(values: list[Any]) -> None:
    """Attributes cannot be set, and whatever a value holds is as immutable, however deep."""
    for value in values:
        name = type(value).__name__
        for each in attrs.fields(type(value)):
            with pytest.raises(attrs.exceptions.FrozenInstanceError):
                setattr(value, each.name, None)
        for where, inner in within(value, name):
            kinds = (*PLAIN, *FUNCTIONS, tuple, frozenset, FrozenDict, kv.KrowVersionsError)
            if not isinstance(inner, kinds):
                assert attrs.has(type(inner)), (where, inner)
                with pytest.raises(attrs.exceptions.FrozenInstanceError):
                    inner.anything = None


def test_a_frozen_mapping_is_a_dict_that_refuses_changes() -> None:
    """It reads and compares as a dict, also in JSON, and is hashed by its contents."""
    made = FrozenDict({"a": 1, "b": 2})
    assert made == {"b": 2, "a": 1}
    assert hash(made) == hash(FrozenDict({"b": 2, "a": 1}))
    changes = ["clear", "pop", "popitem", "setdefault", "update", "__setitem__", "__delitem__", "__ior__"]
    for change in changes:
        with pytest.raises(TypeError, match="cannot be changed"):
            getattr(made, change)("a", 3)
    assert made == {"a": 1, "b": 2}


def test_values_are_hashed_copied_and_pickled(values: list[Any]) -> None:
    """Whatever is done with a value gives an equal one, with the same hash; another thing is never equal."""
    for value in (*values, *error_samples()):
        copies = [copy.copy(value), copy.deepcopy(value)]
        copies += [pickle.loads(pickle.dumps(value, each)) for each in range(pickle.HIGHEST_PROTOCOL + 1)]
        for each in copies:
            assert (each, type(each), hash(each)) == (value, type(value), hash(value))
        assert value.__eq__(object()) is NotImplemented
        assert value != object()


def test_values_go_through_a_pool_of_processes(values: list[Any]) -> None:
    """What another process gives back or raises is equal, with all facts; the pool is not broken by it."""
    errors = [*error_samples()]
    with ProcessPoolExecutor(1) as pool:
        assert pool.submit(again, values).result() == values
        for error in errors:
            raised = pool.submit(failed, error).exception()
            assert raised == error
            assert isinstance(raised, kv.KrowVersionsError)
            assert str(raised) == str(error)
        conflicts: list[Exception] = []
        try:
            pool.submit(failed, errors[-1]).result()
        except* kv.Conflict as found:
            conflicts = [*found.exceptions]
        except* kv.KrowVersionsError:
            pass
        assert {each.__class__ for each in conflicts} == {kv.Conflict}


def test_errors_are_equal_by_their_facts() -> None:
    """Two errors of one kind, words and facts are equal; one that differs in a fact is not."""
    for one, same in zip(error_samples(), error_samples(), strict=True):
        assert (one, hash(one)) == (same, hash(same))
        assert one != same.advise("something else")


def test_a_value_is_shown_in_one_short_line(values: list[Any]) -> None:
    """However much a value holds, ``repr`` is one line of at most 200 characters."""
    for value in (*values, *error_samples()):
        for each in (value, *swollen(value)):
            shown = repr(each)
            assert len(shown) <= 200, shown
            assert "\n" not in shown


def swollen(value: Any) -> Iterator[Any]:
    """The same value with much more in it, as far as its class takes that."""
    for each in attrs.fields(type(value)) if attrs.has(type(value)) else ():
        held = getattr(value, each.name)
        big = held * 5000 if isinstance(held, str) else held * 300 if isinstance(held, tuple) else None
        if big and each.init:
            try:
                yield attrs.evolve(value, **{each.name.lstrip("_"): big})
            except (kv.KrowVersionsError, ValueError, TypeError):
                continue


def test_a_small_value_shows_all_that_it_holds() -> None:
    """What fits is shown as attrs would; what does not is counted or cut."""
    assert repr(kv.Edit(kv.Span(0, 1), "x")) == "Edit(span=Span(start=0, end=1), text='x')"
    product = kv.Product("web", "krow-web", tuple(kv.VersionFile(f"apps/{n}/package.json") for n in range(9)))
    assert repr(product).startswith("Product(name='web', slug='krow-web', files=<9>, title='', ")
