"""JSON, by the standard library's own decoder, walked with offsets.

Only the objects on the way to the version are walked here; every other value is skipped by
``raw_decode``, at the decoder's own speed and with its own strictness.
"""

from __future__ import annotations

import functools
import re
from json import JSONDecodeError, JSONDecoder
from json.decoder import scanstring  # type: ignore[attr-defined]  # Missing from typeshed.
from typing import TYPE_CHECKING, Any, NoReturn

from krow_versions.edits import Span
from krow_versions.errors import AmbiguousVersion, FileFormatError, VersionNotFound, VersionNotString
from krow_versions.formats.record import CORRECT, MIB, Document, Format, KeyPath, Scalar, dotted, missing

if TYPE_CHECKING:
    from collections.abc import Iterator


def read_json(text: str) -> Document:
    """Parse strict JSON: no comments, no trailing commas, no NaN."""
    try:
        data = _DECODER.decode(text)
    except JSONDecodeError as error:
        raise FileFormatError(
            f"invalid JSON: {error.msg.lower().removesuffix(' at')}",
            hint=f"{CORRECT}; JSON has no comments and no trailing commas",
        ).located(text, min(error.pos, len(text))) from None
    if not isinstance(data, dict):
        raise FileFormatError("the file is not a JSON object", hint='it must be like {"version": "0.1.0"}')
    return Document(data, functools.partial(_locate, text, data))


def _locate(text: str, data: Any, key_path: KeyPath) -> Scalar:
    start = _skip(_SPACE, text, 0)
    end = start
    for depth in range(len(key_path)):
        if text[start] != "{":
            raise missing(data, key_path)
        span = _member(text, start, key_path[: depth + 1])
        if span is None:
            raise missing(data, key_path)
        start, end = span.start, span.end
    if text[start] != '"':
        kind = VersionNotFound if text.startswith("null", start) else VersionNotString
        raise kind(f"the version is {text[start:end]:.40}, not a string", hint="put it in quotes").located(
            text, start
        )
    return Scalar(Span(start, end), scanstring(text, start + 1, True)[0], '"')


def _member(text: str, position: int, key_path: KeyPath) -> Span | None:
    """Find the value of the last key of *key_path* in the object at *position*; once, or never."""
    spans = [Span(*span) for name, *span in _members(text, position) if name == key_path[-1]]
    if len(spans) > 1:
        raise AmbiguousVersion(
            f"the key {dotted(key_path)} is there {len(spans)} times",
            key=dotted(key_path),
            hint="remove all but one: readers take the last, people see the first",
        ).located(text, spans[-1].start)
    return spans[0] if spans else None


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


_SPACE = re.compile(r"[ \t\n\r]*")
_SEPARATOR = re.compile(r"[ \t\n\r,:]*")
# Numbers stay text: they are only compared, and converting 5,000 digits raises ValueError.
_DECODER = JSONDecoder(parse_int=str, parse_float=str, parse_constant=_refuse_constant)


def _read_lock(text: str) -> Document:
    """Parse a lock file, of whose ``packages`` there must be one, or the other would stay behind."""
    document = read_json(text)
    _member(text, text.index("{"), ("packages",))
    return document


def _lock_keys(data: Any) -> tuple[KeyPath, ...]:
    """Both places of a lock file: the top, and the root package since lockfileVersion 2.

    Source: npm's documentation of package-lock.json, "packages".
    """
    top, root = ("version",), ("packages", "", "version")
    packages = data.get("packages")
    if not isinstance(packages, dict):
        return (top,)
    entry = packages.get("")
    here = [("version" in data), isinstance(entry, dict) and "version" in entry]
    if here == [False, False]:
        raise VersionNotFound("the lock file has no version of its own package", key="version", hint=_RELOCK)
    if not all(here):
        absent = root if here[0] else top
        raise VersionNotFound(f"the key {dotted(absent)} is not there", key=dotted(absent), hint=_RELOCK)
    return (top, root)


_RELOCK = "bring the lock in step with its package.json: npm install --package-lock-only"


def _expo_keys(data: Any) -> tuple[KeyPath, ...]:
    """``expo.version``; a bare React Native app.json keeps it at the top."""
    return (("expo", "version"),) if "expo" in data else (("version",),)


_LARGE = 64 * MIB
JSON_FORMATS = (
    Format("package-json", read_json, lambda _: (("version",),), ("package.json",), _LARGE),
    Format("package-lock", _read_lock, _lock_keys, ("package-lock.json", "npm-shrinkwrap.json"), _LARGE),
    Format("expo", read_json, _expo_keys, ("app.json",), _LARGE),
    Format("json", read_json, lambda _: (("version",),), max_bytes=_LARGE),
)
