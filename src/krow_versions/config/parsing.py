"""Parse a configuration into the classes of ``model``, strictly, and collect all mistakes.

``cattrs`` structures the classes. By default it coerces (``1`` to ``"1"``, ``"ab"`` to ``("a", "b")``),
so every hook here accepts only its own type.
"""

from __future__ import annotations

import contextlib
import copy
import datetime as dt
import functools
import itertools
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, get_args, get_origin

import attrs

from krow_versions.config.fields import Choice, Kind, Quoted, Size
from krow_versions.config.model import File, FileTable, Patterns
from krow_versions.config.problems import MOST_SHOWN, Mistake, Mistakes
from krow_versions.errors import ConfigError, FileFormatError, InputError, KrowVersionsError
from krow_versions.formats import MIB, value_at
from krow_versions.formats.model import dotted
from krow_versions.formats.toml import read_toml
from krow_versions.text.escaping import quoted
from krow_versions.text.words import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import UnionType

    from cattrs import Converter

    from krow_versions.config.problems import KeyPlace


_T = TypeVar("_T")
# Each mistake takes time, so the number of values is limited.
MOST_VALUES = 20_000


def parsed(text: str) -> dict[str, Any]:
    """Parse TOML, with numbers as numbers.

    Raises:
        FileFormatError: *text* is not TOML; with line and column if the parser knows them.
    """
    import tomllib

    try:
        read_toml(text)  # Refuses texts that take minutes to parse; its errors have lines.
        return tomllib.loads(text)  # Unlike read_toml, with numbers as numbers.
    except RecursionError:
        raise FileFormatError("the file is nested too deeply") from None


def read_data(mistakes: Mistakes) -> dict[str, Any]:
    """Parse the text and return the table of the section.

    Raises:
        ConfigError: the text is too long, is not TOML, or does not have the section.
    """
    if len(mistakes.text) > MIB:
        mistakes.raise_one(f"the configuration is longer than {MIB} characters")
    try:
        data = parsed(mistakes.text)
    except KrowVersionsError as error:
        where: dict[str, Any] = {"line": error.line, "column": error.column, "excerpt": error.excerpt}
        raise ConfigError(error.message, path=mistakes.path, hint=error.hint, **where) from None
    found = value_at(data, mistakes.section)
    if not isinstance(found, dict):
        what = "is not a table" if found is not None else "is missing"
        mistakes.raise_one(f"[{dotted(mistakes.section)}] {what}")
    if _count(found) > MOST_VALUES:
        mistakes.raise_one(f"the configuration has more than {MOST_VALUES} values")
    return found


def read_shape(data: dict[str, Any], mistakes: Mistakes) -> File | None:
    """Structure *data* without invalid values, for which mistakes are added.

    Returns:
        The rest of the file, or None if too much is wrong.
    """
    rest = data
    for attempt in range(_ATTEMPTS):
        found = structured(rest, File, _converter())
        if isinstance(found, File):
            return found
        if attempt == 0:
            rest = copy.deepcopy(data)
            for mistake in found:
                mistakes.add(mistake.place, mistake.message, mistake.hint)
        # A key that is missing now was removed before; its mistake is known already.
        places = sorted({mistake.place for mistake in found}, key=_by_depth, reverse=True)
        mistakes.settle(places)
        for place in places:
            _leave_out(rest, place)
    return None


def structured(data: dict[str, Any], cls: type[_T], converter: Converter) -> _T | list[Mistake]:
    """Make a *cls* of *data*, or return its mistakes: key path, message and hint."""
    from cattrs.errors import BaseValidationError

    try:
        return converter.structure(data, cls)
    except BaseValidationError as error:
        return list(itertools.islice(_mistakes(error), 2 * MOST_SHOWN))


# Removing values can make their parents invalid: an element, its array, its table.
_ATTEMPTS = 5


def _by_depth(place: KeyPlace) -> tuple[int, list[tuple[int, str]]]:
    """Sort key by which removal in reverse order does not move places still to be removed."""
    return len(place), [(part, "") if isinstance(part, int) else (-1, part) for part in place]


def _mistakes(error: BaseException, place: KeyPlace = ()) -> Iterator[Mistake]:
    """Yield the leaves of an exception group of ``cattrs``, with their key paths."""
    from cattrs import errors

    if isinstance(error, errors.BaseValidationError):
        for inner in error.exceptions:
            steps = [
                note.index if isinstance(note, errors.IterableValidationNote) else note.name
                for note in getattr(inner, "__notes__", ())
                if isinstance(note, errors.IterableValidationNote | errors.AttributeValidationNote)
            ]
            yield from _mistakes(inner, (*place, *steps[:1]))
    elif isinstance(error, errors.ForbiddenExtraKeysError):
        known = [field.name for field in attrs.fields(error.cl)]
        for name in sorted(error.extra_fields):
            hint = did_you_mean(name, known, "the keys here")
            yield Mistake((*place, name), f"there is no key {quoted(name)}", hint)
    elif isinstance(error, KrowVersionsError):
        yield Mistake(place, error.message, error.hint)
    elif isinstance(error, KeyError):
        yield Mistake(place[:-1], f"the key {quoted(str(error.args[0]))} is missing", "add it")
    else:
        raise error  # A bug of ours.


def strict() -> Converter:
    """Make a converter that structures classes without coercion."""
    import cattrs
    from cattrs.cols import list_structure_factory
    from cattrs.gen import make_dict_structure_fn, make_mapping_structure_fn

    converter = cattrs.Converter(forbid_extra_keys=True, detailed_validation=True)

    def table(cls: Any) -> Callable[[Any, Any], Any]:
        inner: Any = make_dict_structure_fn(cls, converter)
        return lambda value, _: inner(expected(value, dict), cls)

    def mapping(cls: Any) -> Callable[[Any, Any], Any]:
        inner: Any = make_mapping_structure_fn(cls, converter, dict)
        return lambda value, _: inner(expected(value, dict), cls)

    def array(cls: Any) -> Callable[[Any, Any], Any]:
        listed: Any = list[get_args(cls)[0]]  # type: ignore[misc]  # A type that is computed.
        inner: Any = list_structure_factory(listed, converter)
        return lambda value, _: tuple(inner(expected(value, list), listed))

    def bounded(cls: Any) -> Callable[[Any, Any], Any]:
        base, bound = get_args(cls)
        return lambda value, _: converter.structure(_sized(expected(value, _plain(base)), bound), base)

    def place_or_table(value: Any, cls: Any) -> Any:
        if not isinstance(value, str | dict):
            raise InputError(
                f"{_shown(value)} is neither text nor a table", hint='write a path, or { path = "..." }'
            )
        return converter.structure(value, FileTable if isinstance(value, dict) else get_args(cls)[0])

    def one_or_several(value: Any, cls: Any) -> Any:
        if not isinstance(value, str | list):
            raise InputError(f"{_shown(value)} is neither text nor a list", hint="write a pattern, or a list")
        one, several = get_args(cls)[:2]
        return (
            converter.structure(value, several)
            if isinstance(value, list)
            else (converter.structure(value, one),)
        )

    converter.register_structure_hook(str, lambda value, _: expected(value, str))
    converter.register_structure_hook(int, lambda value, _: expected(value, int))
    converter.register_structure_hook(bool, lambda value, _: expected(value, bool))
    converter.register_structure_hook(dt.date, lambda value, _: _day(value))
    converter.register_structure_hook_factory(attrs.has, table)
    converter.register_structure_hook_factory(lambda cls: _plain(cls) is dict, mapping)
    converter.register_structure_hook_factory(lambda cls: _plain(cls) is list, array)
    converter.register_structure_hook_factory(lambda cls: _mark(cls, Kind | Choice) is not None, _text)
    converter.register_structure_hook_factory(lambda cls: _mark(cls, Size) is not None, bounded)
    converter.register_structure_hook_func(
        lambda cls: _mark(cls, Quoted) is not None, lambda value, _: _day_in_quotes(value)
    )
    converter.register_structure_hook_func(lambda cls: FileTable in get_args(cls), place_or_table)
    converter.register_structure_hook_func(lambda cls: cls == Patterns | None, one_or_several)
    return converter


_converter = functools.cache(strict)


def _text(cls: Any) -> Callable[[Any, Any], str]:
    kind = _mark(cls, Kind | Choice)

    def structure(value: Any, _: Any) -> str:
        text: str = expected(value, str)
        problem = kind.problem(text)
        if problem:
            hint = kind.hint_for(text) if isinstance(kind, Choice) else kind.hint
            raise InputError(f"{quoted(text)} {problem}", hint=hint)
        return text

    return structure


def _day(value: Any) -> Any:
    if isinstance(value, str) and _is_day(value):
        raise InputError(f"{quoted(value)} is a date in quotes", hint=f"leave out the quotes: {value}")
    return expected(value, dt.date)


def _day_in_quotes(value: Any) -> Any:
    if not isinstance(value, str):
        return _day(value)
    if not _is_day(value):
        raise InputError(f"{quoted(value)} is no date", hint="write year, month and day, such as 2026-03-01")
    return dt.date.fromisoformat(value)


def _is_day(text: str) -> bool:
    """Whether *text* is a date in TOML's form; Python accepts others."""
    try:
        return dt.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _mark(cls: Any, mark: type[Any] | UnionType) -> Any:
    """Return the mark of an annotated type, or None."""
    if get_origin(cls) is not Annotated:
        return None
    return next((found for found in get_args(cls)[1:] if isinstance(found, mark)), None)


def expected(value: Any, kind: type[Any]) -> Any:
    """Return *value* if its type is exactly *kind*, because ``True`` is an ``int``."""
    if type(value) is not kind:
        raise InputError(
            f"{_shown(value)} is {_CALLED[type(value)]}, not {_CALLED[kind]}", hint=_WRITE_IT[kind]
        )
    return value


def _plain(cls: Any) -> type[Any]:
    """Return the type that ``tomllib`` has for such a value."""
    kind: type[Any] = {tuple: list, dict: dict}.get(get_origin(cls), cls)
    return kind


def _sized(value: Any, size: Size) -> Any:
    if isinstance(value, int):
        if value < size.minimum:
            raise InputError(f"{_shown(value)} is below {size.minimum}", hint="write a greater number")
        if size.maximum is not None and value > size.maximum:
            raise InputError(f"{_shown(value)} is above {size.maximum}", hint="write a smaller number")
        return value
    number = len(value)
    if number < size.minimum:
        raise InputError("this is empty", hint="leave it out, or fill it")
    if size.maximum is not None and number > size.maximum:
        raise InputError(f"this has {number} entries, and {size.maximum} is the most", hint="leave some out")
    return value


_WRITE_IT = {
    str: "put it in quotes",
    int: "write a whole number, without quotes",
    bool: "write true or false, without quotes",
    list: 'write it in brackets, such as ["..."]',
    dict: "write a table",
    dt.date: "write a day, without quotes, such as 2026-12-31",
    dt.datetime: "write it without quotes, such as 2026-03-05T14:02:00+00:00",
}
_LONGEST = 256  # Bits of a number in a message.
_CALLED = {
    str: "text",
    bool: "true or false",
    int: "a whole number",
    float: "a decimal number",
    list: "an array",
    dict: "a table",
    dt.date: "a date",
    dt.datetime: "a date with a time",
    dt.time: "a time",
}


def _count(data: Any) -> int:
    """Count the values in nested tables and arrays, up to the limit."""
    seen = [data]
    for value in seen:
        if len(seen) > MOST_VALUES:
            break
        if isinstance(value, dict | list):
            seen.extend(value.values() if isinstance(value, dict) else value)
    return len(seen)


def _shown(value: Any) -> str:
    # Python parses long hexadecimal numbers, but refuses to format them as decimals.
    if isinstance(value, dict | list) or (isinstance(value, int) and value.bit_length() > _LONGEST):
        return "this"
    return quoted(str(value).lower() if isinstance(value, bool) else str(value))


def _leave_out(data: Any, place: KeyPlace) -> None:
    """Remove the value at *place*, if it is still there."""
    for part in place[:-1]:
        data = data[part]
    with contextlib.suppress(KeyError):
        del data[place[-1]]
