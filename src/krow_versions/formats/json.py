"""JSON, parsed by the decoder of the standard library, with offsets.

Only the objects on the path to the version are walked; all other values are skipped by ``raw_decode``,
with the decoder's speed and strictness. A long text is scanned by :mod:`krow_versions.formats.json_scan`
instead, which makes no objects of values. Its edit is proven if the new text is JSON, has the new version
at the same keys, and is the same text around them: JSON is read token by token from left to right, so
parsers read the same around them, too.
"""

from __future__ import annotations

import functools
import re
from json import JSONDecodeError, JSONDecoder
from json.decoder import scanstring  # type: ignore[attr-defined]  # Missing from typeshed.
from typing import TYPE_CHECKING, Any, NoReturn

from krow_versions.edits import Span
from krow_versions.errors import (
    AmbiguousVersion,
    FileFormatError,
    FileTooLarge,
    InvalidVersion,
    VersionNotFound,
)
from krow_versions.formats.json_scan import ScanResult, digest_around, scan_json
from krow_versions.formats.missing import missing
from krow_versions.formats.model import (
    CORRECT,
    MIB,
    Document,
    Format,
    KeyPath,
    Scalar,
    at_key_path,
    dotted,
    only_versions,
    parsed_keys,
)
from krow_versions.regexes import regex
from krow_versions.text.escaping import is_bare_key
from krow_versions.values import evolve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_TOP: tuple[KeyPath, ...] = (("version",),)


def read_json(
    text: str,
    paths: tuple[KeyPath, ...] = _TOP,
    once: KeyPath | None = None,
    scanned: bool | None = None,
    numbers: tuple[KeyPath, ...] = (),
) -> Document:
    """Parse strict JSON: no comments, no trailing commas, no NaN.

    A text longer than 1 MiB is only scanned, because its tree may need a hundred times its memory: the
    document's data then has the values at *paths* and a digest of the text around them.

    Args:
        text: the text.
        paths: the key paths that can be located.
        once: another key path that must not occur twice.
        scanned: whether the text is only scanned; None decides by its length.
        numbers: the key paths of builds that are numbers; all other values are strings.
    """
    data: Any
    scanned = len(text) > MIB if scanned is None else scanned
    try:
        if scanned:
            found = scan_json(text, paths, _DECODER.raw_decode)
            data, span_of = _outline(text, found), functools.partial(_found_span, text, found, paths)
        else:
            data = _DECODER.decode(text)
            span_of = functools.partial(_span, text, data)
    except JSONDecodeError as error:
        raise FileFormatError(
            f"invalid JSON: {error.msg.lower().removesuffix(' at')}",
            hint=f"{CORRECT}; JSON has no comments and no trailing commas",
        ).located(text, min(error.pos, len(text))) from None
    if not isinstance(data, dict):
        raise FileFormatError("the file is not a JSON object", hint='it must be like {"version": "0.1.0"}')
    if once:
        span_of(once)
    again = functools.partial(read_json, paths=paths, once=once, scanned=scanned, numbers=numbers)
    return Document(data, functools.partial(_locate, text, data, span_of, numbers), again)


def _locate(
    text: str,
    data: Any,
    span_of: Callable[[KeyPath], Span | None],
    numbers: tuple[KeyPath, ...],
    key_path: KeyPath,
) -> Scalar:
    span = span_of(key_path)
    if span is None:
        raise missing(data, key_path)
    if key_path in numbers:
        return _whole_number(text, span)
    if text[span.start] != '"':
        kind = VersionNotFound if text.startswith("null", span.start) else InvalidVersion
        raise kind(
            f"the version is {text[span.start : span.end]:.40}, not a string", hint="put it in quotes"
        ).located(text, span.start)
    return Scalar(span, scanstring(text, span.start + 1, True)[0], '"')


def _whole_number(text: str, span: Span) -> Scalar:
    value = span.of(text)
    if not re.fullmatch("[0-9]+", value):
        what, hint = "not a whole number", "write it as digits, such as 42"
        if value[0] == '"':
            what, hint = "a string, not a number", "write it without quotes, such as 42"
        raise InvalidVersion(f"the build is {value:.40}, {what}", hint=hint).located(text, span.start)
    return Scalar(span, value)


# --- a text with a tree -----------------------------------------------------------------------


def _span(text: str, data: dict[str, Any], key_path: KeyPath) -> Span | None:
    """Return the span of the value at *key_path*, or None; duplicate keys on the path are refused."""
    if key_path[0] not in data:
        return None
    span = _lone_member(text, str(key_path[0])) or _member(text, _skip(_SPACE, text, 0), key_path[:1])
    for depth in range(1, len(key_path)):
        if span is None or text[span.start] != "{":
            return None
        span = _member(text, span.start, key_path[: depth + 1])
    return span


def _lone_member(text: str, name: str) -> Span | None:
    """Return the span of the value of a key at the top, if nothing else in *text* is written like the key."""
    key = f'"{name}"'
    if not is_bare_key(name) or "\\u" in text or text.count(key) != 1:
        return None  # An escape might spell the key, too.
    start = _skip(_SEPARATOR, text, text.index(key) + len(key))
    return Span(start, _DECODER.raw_decode(text, start)[1])


def _member(text: str, position: int, key_path: KeyPath) -> Span | None:
    """Return the span of the last key's value in the object at *position*, or None."""
    spans = [Span(*span) for name, *span in _members(text, position) if name == key_path[-1]]
    if len(spans) > 1:
        raise _several(key_path, len(spans)).located(text, spans[-1].start)
    return spans[0] if spans else None


def _several(key_path: KeyPath, count: int) -> AmbiguousVersion:
    return AmbiguousVersion(
        f"the key {dotted(key_path)} is there {count} times",
        key=dotted(key_path),
        hint="remove all but one: readers take the last, people see the first",
    )


def _members(text: str, position: int) -> Iterator[tuple[str, int, int]]:
    """Yield name, start and end of the value of each member of the object at *position*."""
    position = _skip(_SEPARATOR, text, position + 1)
    while text[position] != "}":
        name, position = scanstring(text, position + 1, True)
        start = _skip(_SEPARATOR, text, position)
        _, end = _DECODER.raw_decode(text, start)
        yield name, start, end
        position = _skip(_SEPARATOR, text, end)


def _skip(pattern: re.Pattern[str], text: str, position: int) -> int:
    match = pattern.match(text, position)
    return match.end() if match else position


def _refuse_constant(name: str) -> NoReturn:
    raise FileFormatError(f"invalid JSON: {name} is not a JSON value", hint=CORRECT)


_SPACE = regex(r"[ \t\n\r]*")
_SEPARATOR = regex(r"[ \t\n\r,:]*")
# Numbers are kept as text: they are only compared, and converting 5,000 digits raises ValueError.
_DECODER = JSONDecoder(parse_int=str, parse_float=str, parse_constant=_refuse_constant)


# --- a text that is only scanned --------------------------------------------------------------


def _found_span(
    text: str, found: dict[KeyPath, ScanResult], paths: tuple[KeyPath, ...], key_path: KeyPath
) -> Span | None:
    if not any(path[: len(key_path)] == key_path for path in paths):
        raise FileTooLarge(
            f"the key {dotted(key_path)} is not looked for in a text longer than {MIB} characters",
            hint="the package that brings this format must give read_json the key's path",
        )
    for length in range(1, len(key_path) + 1):
        place = found.get(key_path[:length])
        if place is None:
            return None
        if place.count > 1:
            raise _several(key_path[:length], place.count).located(text, place.span.start)
    return found[key_path].span


def _outline(text: str, found: dict[KeyPath, ScanResult]) -> Any:
    """Return the found values as nested data, with a digest of the text around them."""
    if text[_skip(_SPACE, text, 0)] != "{":
        return None
    data: dict[Any, Any] = {}
    cuts = []
    for path, place in sorted(found.items(), key=lambda item: len(item[0])):
        value: Any = {"{": {}, "[": []}.get(text[place.span.start])
        if value is None:
            value = _DECODER.raw_decode(text, place.span.start)[0]
            cuts.append(place.span)
        parent: Any = data
        for part in path[:-1]:
            parent = parent.get(part) if isinstance(parent, dict) else None
        around = found.get(path[:-1])
        # Readers ignore the first of two objects with the same name.
        if isinstance(parent, dict) and (around is None or around.span.start < place.span.start):
            parent[path[-1]] = value
    return {**data, _REST: digest_around(text, sorted(cuts))}


_REST = ("the rest",)  # Differs from every key of JSON, because they are strings.


# --- formats ----------------------------------------------------------------------------------


def json_format(
    name: str,
    paths: tuple[KeyPath, ...] = _TOP,
    once: KeyPath | None = None,
    numbers: tuple[KeyPath, ...] = (),
    **traits: Any,
) -> Format:
    """Make a format of JSON files.

    Args:
        name: the format's name.
        paths: as for :func:`read_json`.
        once: as for :func:`read_json`.
        numbers: as for :func:`read_json`.
        traits: other attributes of the :class:`Format`.
    """
    read = functools.partial(read_json, paths=paths, once=once, numbers=numbers)
    return Format(name, read, max_bytes=64 * MIB, delimited=True, **{"at": json_at, **traits})


def json_at(chosen: Format, key: str) -> Format:
    """Return *chosen* for the version at *key*, also in large files."""
    return reaching(at_key_path(chosen, key), *parsed_keys(key))


def reaching(chosen: Format, *paths: KeyPath) -> Format:
    """Return *chosen*, able to locate the values at *paths*, also in large files."""
    if not isinstance(chosen.read, functools.partial):
        return chosen  # A format of another package, with its own reader.
    known = (*chosen.read.keywords["paths"], *paths)
    return evolve(chosen, read=functools.partial(chosen.read, paths=known))


JSON = json_format("json", kind=only_versions)
