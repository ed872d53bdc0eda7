"""A scan of JSON that keeps nothing but the places of a few keys, whatever the text holds.

A decoder makes an object of every value: 60 MiB of ``[]`` become several gigabytes. Here runs of
members are matched by one regular expression whose repeats never go back, so that nothing is kept of
them; what is nested deeper, and the keys that are looked for, are walked one by one. Strings and
numbers on the way are read by the standard library's decoder, which also says what is wrong with them.
"""

from __future__ import annotations

import re
from json import JSONDecodeError
from json.decoder import scanstring  # type: ignore[attr-defined]  # Missing from typeshed.
from typing import TYPE_CHECKING, Any

import attrs

from krow_versions.edits import Span
from krow_versions.errors import FileFormatError
from krow_versions.formats.model import CORRECT, MIB, KeyPath

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

MAX_LEVELS = 1000
"""About as deep as the decoder of the standard library goes before it gives up."""


@attrs.frozen
class ScanResult:
    """Where the value of a key stands; of several keys of that name, the last, as readers take it."""

    span: Span
    count: int


@attrs.define
class _Level:
    """An object or array that is open.

    Attributes:
        closing: what ends it.
        path: its key path, where keys in it may be looked for.
        run: swallows members of it that nobody looks for.
        key: the path of the value that is being read, where that is looked for.
        start: where that value begins.
    """

    closing: str
    path: KeyPath | None
    run: re.Pattern[str]
    key: KeyPath | None = None
    start: int = 0


def scan_json(
    text: str, paths: Iterable[KeyPath], scan_once: Callable[[str, int], tuple[Any, int]]
) -> dict[KeyPath, ScanResult]:
    """Check that *text* is JSON, and find the values at *paths* and of the keys that lead to them.

    Args:
        text: the whole text.
        paths: the key paths that are looked for.
        scan_once: reads one value that is neither object nor array; gives it and its end.

    Raises:
        JSONDecodeError: it is no JSON.
        FileFormatError: it is nested more than a thousand levels deep.
    """
    wanted = {path[:length] for path in paths for length in range(1, len(path) + 1)}
    # Compiled here, for it takes longer than reading most files; `re` remembers them.
    elements, members = re.compile(_ELEMENTS), re.compile(_MEMBERS)
    others = re.compile(_members_but({path[-1] for path in wanted}))
    found: dict[KeyPath, ScanResult] = {}
    levels: list[_Level] = []
    path: KeyPath | None = ()  # Of the value that begins at `position`, where it is on the way.
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
                path, position = _member(text, position, levels[-1], wanted)
                continue
        while levels:  # A value ends at `position`, or a level that is empty or closes there.
            level = levels[-1]
            if level.key is not None:
                count = found[level.key].count if level.key in found else 0
                found[level.key] = ScanResult(Span(level.start, position), count + 1)
                level.key = None
            position = _space(text, position)
            character = text[position : position + 1]
            if character == ",":
                path, position = _member(text, _space(text, position + 1), level, wanted)
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
    """Give a digest of the text before, between and behind *spans*, which are disjoint and in order."""
    import hashlib  # Only here: it loads a library of its own.

    digest, start = hashlib.blake2b(), 0
    for span in (*spans, Span(len(text), len(text))):
        for position in range(start, span.start, MIB):
            piece = text[position : min(position + MIB, span.start)]
            digest.update(piece.encode("utf-8", "surrogatepass"))
        digest.update(b"\xff")  # In no text, so that it tells one piece from the next.
        start = span.end
    return digest.digest()


def _member(text: str, position: int, level: _Level, wanted: set[KeyPath]) -> tuple[KeyPath | None, int]:
    """Skip members up to the next one to be walked; give the path, if looked for, and start of its value."""
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
    if level.path is None or (*level.path, name) not in wanted:
        return None, position
    level.key, level.start = (*level.path, name), position
    return level.key, position


def _space(text: str, position: int) -> int:
    return _end(_SPACE, text, position)


def _end(pattern: re.Pattern[str], text: str, position: int) -> int:
    """Give the end of a match of *pattern*, which may be empty and so is always there."""
    match = pattern.match(text, position)
    return match.end() if match else position


# The grammar of RFC 8259. No repeat goes back into what it took (``*+``): that takes time in proportion
# to the text, and no memory for each round.
_W = r"[ \t\n\r]*+"
_STRING = r'"(?:[^"\\\x00-\x1f]++|\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4}))*+"'
_LEAF = rf"{_STRING}|-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?+(?:[eE][-+]?[0-9]++)?+|true|false|null"


def _nested(value: str) -> str:
    """Write the grammar of leaves, and of arrays and objects of *value*; a comma before the end is none."""
    array = rf"\[{_W}(?:{value}{_W}(?:,{_W}(?!\])|(?=\])))*+\]"
    object_ = rf"\{{{_W}(?:{_STRING}{_W}:{_W}{value}{_W}(?:,{_W}(?!\}})|(?=\}})))*+\}}"
    return rf"(?:{_LEAF}|{array}|{object_})"


_VALUE = _nested(_nested(f"(?:{_LEAF})"))  # As lock files are; each level doubles the expression.


_ELEMENTS = rf"(?:{_VALUE}{_W},{_W})*+"
_MEMBERS = rf"(?:{_STRING}{_W}:{_W}{_VALUE}{_W},{_W})*+"


def _members_but(names: set[str]) -> str:
    """Write members whose keys are none of *names*; a key with an escape in it might be any."""
    named = "|".join(map(re.escape, sorted(names)))
    return rf'(?:(?!"(?:(?:{named})"|[^"\\]*+\\)){_STRING}{_W}:{_W}{_VALUE}{_W},{_W})*+'


_CLOSING = {"[": "]", "{": "}"}
_SPACE = re.compile(_W)
