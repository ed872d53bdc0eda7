"""Scan JSON for the places of a few keys, in little memory.

A decoder makes an object of every value: 60 MiB of ``[]`` become several gigabytes. Here one regular
expression with possessive repeats matches runs of members without storing them. Deeper values and the
requested keys are walked one by one, with the standard library's decoder for strings and numbers and
for their errors.
"""

from __future__ import annotations

import re
from json import JSONDecodeError
from json.decoder import scanstring  # type: ignore[attr-defined]  # Missing from typeshed.
from typing import TYPE_CHECKING, Any

from krow_versions.edits import Span
from krow_versions.errors import FileFormatError
from krow_versions.formats.model import CORRECT, MIB, KeyPath
from krow_versions.regexes import regex
from krow_versions.values import define, frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

MAX_LEVELS = 1000
"""About the limit of the decoder of the standard library."""


@frozen
class ScanResult:
    """The place of the value of a key, and the number of such keys; readers use the last one."""

    span: Span
    count: int


@define
class _Level:
    """An object or array being read.

    Attributes:
        closing: the character that ends it.
        path: its key path, or None if no requested key can be in it.
        run: matches members that are not requested.
        key: the key path of the value being read, if requested.
        start: offset of that value.
    """

    closing: str
    path: KeyPath | None
    run: re.Pattern[str]
    key: KeyPath | None = None
    start: int = 0


def scan_json(
    text: str, paths: Iterable[KeyPath], scan_once: Callable[[str, int], tuple[Any, int]]
) -> dict[KeyPath, ScanResult]:
    """Check that *text* is JSON, and find the values of *paths* and of their parents.

    Args:
        text: the whole text.
        paths: the requested key paths.
        scan_once: reads a value that is not an object or array; returns it and its end.

    Raises:
        JSONDecodeError: *text* is not JSON.
        FileFormatError: it is nested more than a thousand levels deep.
    """
    requested = {path[:length] for path in paths for length in range(1, len(path) + 1)}
    # Compiled on demand, because that takes longer than reading most files; `re` caches them.
    elements, members = re.compile(_ELEMENTS), re.compile(_MEMBERS)
    others = re.compile(_members_but({str(path[-1]) for path in requested}))
    found: dict[KeyPath, ScanResult] = {}
    levels: list[_Level] = []
    path: KeyPath | None = ()  # Of the value at `position`; None if no requested key is in it.
    position = _space(text, 0)
    while True:
        closing = _CLOSING.get(text[position : position + 1])
        if closing is None:
            _, position = scan_once(text, position)
        else:
            if len(levels) == MAX_LEVELS:
                raise FileFormatError(
                    f"the file is nested more than {MAX_LEVELS} levels deep", hint=CORRECT
                ).located(text, position)
            run = elements if closing == "]" else members if path is None else others
            levels.append(_Level(closing, path, run))
            position = _space(text, position + 1)
            if text[position : position + 1] != closing:
                path, position = _member(text, position, levels[-1], requested)
                continue
        while levels:  # A value ends at `position`, or an empty level closes there.
            level = levels[-1]
            if level.key is not None:
                count = found[level.key].count if level.key in found else 0
                found[level.key] = ScanResult(Span(level.start, position), count + 1)
                level.key = None
            position = _space(text, position)
            character = text[position : position + 1]
            if character == ",":
                path, position = _member(text, _space(text, position + 1), level, requested)
                break
            if character != level.closing:
                raise JSONDecodeError("Expecting ',' delimiter", text, position)
            levels.pop()
            position += 1
        else:
            break
    position = _space(text, position)
    if position != len(text):
        raise JSONDecodeError("Extra data", text, position)
    return found


def digest_around(text: str, spans: Iterable[Span]) -> bytes:
    """Return a digest of the text around *spans*, which are disjoint and sorted."""
    import hashlib  # Only here: it loads a library of its own.

    digest, start = hashlib.blake2b(), 0
    for span in (*spans, Span(len(text), len(text))):
        for position in range(start, span.start, MIB):
            piece = text[position : min(position + MIB, span.start)]
            digest.update(piece.encode("utf-8", "surrogatepass"))
        digest.update(b"\xff")  # A separator that is in no text.
        start = span.end
    return digest.digest()


def _member(text: str, position: int, level: _Level, requested: set[KeyPath]) -> tuple[KeyPath | None, int]:
    """Skip members that are not requested; return the path, or None, and value's start of the next one."""
    position = _end(level.run, text, position)
    if level.closing == "]":
        return None, position
    if text[position : position + 1] != '"':
        raise JSONDecodeError("Expecting property name enclosed in double quotes", text, position)
    name, position = scanstring(text, position + 1, True)
    position = _space(text, position)
    if text[position : position + 1] != ":":
        raise JSONDecodeError("Expecting ':' delimiter", text, position)
    position = _space(text, position + 1)
    if level.path is None or (*level.path, name) not in requested:
        return None, position
    level.key, level.start = (*level.path, name), position
    return level.key, position


def _space(text: str, position: int) -> int:
    return _end(_SPACE, text, position)


def _end(pattern: re.Pattern[str], text: str, position: int) -> int:
    """Return the end of the match of *pattern*, which always matches because it may be empty."""
    match = pattern.match(text, position)
    return match.end() if match else position


# The grammar of RFC 8259. Possessive repeats (``*+``) do not backtrack, so matching is linear in time and
# needs no memory per repeat.
_W = r"[ \t\n\r]*+"
_STRING = r'"(?:[^"\\\x00-\x1f]++|\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4}))*+"'
_LEAF = rf"{_STRING}|-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?+(?:[eE][-+]?[0-9]++)?+|true|false|null"


def _nested(value: str) -> str:
    """Write the grammar of leaves, and of arrays and objects of *value*, without trailing commas."""
    array = rf"\[{_W}(?:{value}{_W}(?:,{_W}(?!\])|(?=\])))*+\]"
    object_ = rf"\{{{_W}(?:{_STRING}{_W}:{_W}{value}{_W}(?:,{_W}(?!\}})|(?=\}})))*+\}}"
    return rf"(?:{_LEAF}|{array}|{object_})"


_VALUE = _nested(_nested(f"(?:{_LEAF})"))  # As lock files are; each level doubles the expression.


_ELEMENTS = rf"(?:{_VALUE}{_W},{_W})*+"
_MEMBERS = rf"(?:{_STRING}{_W}:{_W}{_VALUE}{_W},{_W})*+"


def _members_but(names: set[str]) -> str:
    """Write members whose keys are not in *names*; a key with an escape might be any, so it is excluded."""
    named = "|".join(map(re.escape, sorted(names)))
    return rf'(?:(?!"(?:(?:{named})"|[^"\\]*+\\)){_STRING}{_W}:{_W}{_VALUE}{_W},{_W})*+'


_CLOSING = {"[": "]", "{": "}"}
_SPACE = regex(_W)
