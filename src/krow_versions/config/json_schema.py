"""The JSON Schema of a configuration, made from the classes that the loader reads it into."""

from __future__ import annotations

import datetime as dt
import inspect
import types
import typing
from typing import Annotated, Any, get_args, get_origin

import attrs

from krow_versions.config.fields import Choice, Kind, Size
from krow_versions.config.schema import File


def schema() -> dict[str, Any]:
    """Give the JSON Schema (draft 2020-12), for editors.

    It says of a file what can be said of each value by itself. What the loader sees beyond it: names,
    slugs and files that are there twice, repositories, products and formats that do not exist, products
    without files that are not KROW's. To JSON Schema ``1.0`` is a whole number, and editors show it a
    date as a text; the loader takes the one for a decimal number, and a date in quotes for a text.
    """
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "krow-versions.toml",
        **_of(File),
    }


def _of(cls: Any) -> dict[str, Any]:
    if attrs.has(cls):
        return _table(cls)
    origin, args = get_origin(cls), get_args(cls)
    if origin is Annotated:
        return _of(args[0]) | _marked(args[1], get_origin(args[0]) or args[0])
    if origin is dict:
        names = {key: value for key, value in _of(args[0]).items() if key != "type"}
        return {"type": "object", "propertyNames": names, "additionalProperties": _of(args[1])}
    if origin is tuple:
        return {"type": "array", "items": _of(args[0])}
    if origin in {typing.Union, types.UnionType}:
        some = [_of(arg) for arg in args if arg is not types.NoneType]  # TOML has no null.
        return some[0] if len(some) == 1 else {"anyOf": some}
    return dict(_PLAIN[cls])


_PLAIN: dict[type[Any], dict[str, str]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    dt.date: {"type": "string", "format": "date"},
}


def _table(cls: type[attrs.AttrsInstance]) -> dict[str, Any]:
    hints = typing.get_type_hints(cls, include_extras=True)
    fields = attrs.fields(cls)
    required = [field.name for field in fields if field.default is attrs.NOTHING]
    return {
        "description": " ".join((inspect.getdoc(cls) or "").split()),
        "type": "object",
        "properties": {
            field.name: {"description": field.metadata["description"]} | _described(_of(hints[field.name]))
            for field in fields
        },
        **({"required": required} if required else {}),
        "additionalProperties": False,
    }


def _described(found: dict[str, Any]) -> dict[str, Any]:
    """Leave out the description of a class where the field has one of its own."""
    return {key: value for key, value in found.items() if key != "description"}


_BOUNDS: dict[type[Any], tuple[str, str]] = {
    int: ("minimum", "maximum"),
    tuple: ("minItems", "maxItems"),
    dict: ("minProperties", "maxProperties"),
}


def _marked(mark: Kind | Choice | Size, base: type[Any]) -> dict[str, Any]:
    if isinstance(mark, Size):
        least, most = _BOUNDS[base]
        return {least: mark.least} | ({} if mark.most is None else {most: mark.most})
    if isinstance(mark, Choice):
        return {"enum": list(mark.known)}
    examples = {"examples": list(mark.examples)} if mark.examples else {}
    return {"pattern": mark.pattern, **examples}
