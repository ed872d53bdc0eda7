"""TOML, parsed and proven by the standard library's ``tomllib``; a scan finds the places of values.

The scan gets a text that ``tomllib`` has accepted, so it does not check what is valid. It is linear in
the length of the text, and does not recurse.
"""

from __future__ import annotations

import functools
import itertools
import re
from typing import TYPE_CHECKING, Any

from krow_versions.edits import Span
from krow_versions.errors import FileFormatError, InvalidVersion
from krow_versions.formats.missing import missing
from krow_versions.formats.model import (
    CORRECT,
    MAX_DEPTH,
    MIB,
    Document,
    Format,
    KeyPath,
    Scalar,
    dotted,
    named_keys,
    only_versions,
    top_version,
    value_at,
)
from krow_versions.regexes import regex
from krow_versions.values import define, field, frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from krow_versions.formats.model import Outline


def read_toml(text: str) -> Document:
    """Parse TOML 1.0."""
    import tomllib

    bomb = find_bomb(text)
    if bomb:
        raise FileFormatError(f"a key has more than {MAX_DEPTH} parts", hint=CORRECT).located(
            text, bomb.start()
        )
    try:
        data = tomllib.loads(text, parse_float=str)
    except tomllib.TOMLDecodeError as error:
        raise _syntax_error(text, str(error)) from None
    except ValueError as error:  # A number or a date that is out of Python's range.
        raise FileFormatError(f"invalid TOML: {error}", hint=CORRECT) from None
    scan = functools.cache(functools.partial(scan_toml, text))  # Once for all places of a long lock.
    return Document(data, functools.partial(_locate, text, data, scan))


def quick_reader(
    keys: Callable[[Any], tuple[KeyPath, ...]], *looks: KeyPath
) -> Callable[[Format, str], Outline | None]:
    """Return the quick reader of a format whose reader is :func:`read_toml`.

    Args:
        keys: the ``keys`` of the format.
        looks: the key paths where its traits look.
    """
    return functools.partial(_quick, keys=keys, looks=looks)


def pays(text: str) -> bool:
    """Whether to read *text* quickly: to load what that needs takes as long as to parse some 30 files."""
    return len(text) > MIB // 8 or next(_TEXTS) > _FEW


def find_bomb(text: str) -> re.Match[str] | None:
    """Find a key of too many parts, also in a string or a comment."""
    if text.count(".") < MAX_DEPTH:
        return None
    long = (line for line in text.split("\n") if len(line) >= 2 * MAX_DEPTH)
    return _MANY_PARTS.search(text) if any(line.count(".") >= MAX_DEPTH for line in long) else None


def _quick(
    chosen: Format, text: str, keys: Callable[[Any], tuple[KeyPath, ...]], looks: tuple[KeyPath, ...]
) -> Outline | None:
    named = () if chosen.keys is keys else named_keys(chosen)
    if chosen.read is not read_toml or named is None or not pays(text) or find_bomb(text):
        return None
    from krow_versions.formats.toml_outline import quick_toml

    return quick_toml(text, (*looks, *named))


def _locate(text: str, data: Any, scan: Callable[..., TomlPlaces], key_path: KeyPath) -> Scalar:
    value = value_at(data, key_path)
    if value is None:
        raise missing(data, key_path)
    if not isinstance(value, str):
        raise InvalidVersion(f"{dotted(key_path)} is {value!r:.40}, not a string", hint="put it in quotes")
    deep = any(isinstance(part, int) for part in key_path)
    span = scan(arrays=deep).values[key_path]
    literal = span.of(text)
    # A decimal number is read as text, but has no quotes.
    style = next((quotes for quotes in ('"""', "'''", '"', "'") if literal.startswith(quotes)), "")
    return Scalar(span, value, style)


def _syntax_error(text: str, message: str) -> FileFormatError:
    place = re.search(r" \(at (?:line ([0-9]+), column ([0-9]+)|end of document)\)$", message)
    if not place:
        return FileFormatError(f"invalid TOML: {message}", hint=CORRECT)
    error = FileFormatError(f"invalid TOML: {message[: place.start()]}", hint=CORRECT)
    if not place[1]:
        return error.located(text, len(text))
    line_start = 0
    for _ in range(int(place[1]) - 1):
        line_start = text.index("\n", line_start) + 1
    return error.located(text, min(line_start + int(place[2]) - 1, len(text)))


# A key or header of more than a hundred dotted parts; tomllib needs minutes for one of 100,000.
_PART = r"""(?:[A-Za-z0-9_-]++|"[^"\n]*+"|'[^'\n]*+')"""
_MANY_PARTS = regex(rf"(?<![A-Za-z0-9_-])(?:{_PART}[ \t]*+\.[ \t]*+){{{MAX_DEPTH}}}")
_TEXTS = itertools.count(1)
_FEW = 32


# --- the places of keys and values, which tomllib does not return -----------------------------


TomlPath = tuple[str | int, ...]
"""Keys, and indexes of the elements of arrays: ``("bin", 0, "name")``."""


@frozen
class TomlPlaces:
    """The places of all keys and values in a text, by path.

    Attributes:
        keys: the offset of every key, table header and element of an array.
        values: the span of every value, with its quotes or brackets.
    """

    keys: dict[TomlPath, int] = field(factory=dict)
    values: dict[TomlPath, Span] = field(factory=dict)


def scan_toml(text: str, *, arrays: bool = True) -> TomlPlaces:
    r"""Find every key and every value.

    Args:
        text: the whole text.
        arrays: whether to scan inside arrays, which takes longer.

    >>> found = scan_toml('[a]\nb = [1, {"c d" = "x"}]\n')
    >>> found.keys["a", "b", 1, "c d"], found.values["a", "b", 1, "c d"]
    (13, Span(start=21, end=24))
    """
    scan = _Scan(text, arrays=arrays)
    scan.run()
    return scan.found


# The part of the lexical grammar of TOML 1.0 that distinguishes keys from values. Possessive repeats
# (``*+``) do not backtrack, so matching is linear in time.
_STRING = r"""(?:
    \"{3}(?: \\[\s\S] | \"{1,2}(?!\") | [^"\\]++ )*+\"{3,5}
  | '{3}(?: '{1,2}(?!') | [^']++ )*+'{3,5}
  | "(?: \\. | [^"\\\n]++ )*+" | '[^'\n]*+'
)"""
_TOKEN = regex(
    rf"""(?: [ \t\r]++ | \#[^\n]*+ )*+ (?:
        (?P<line> \n ) [ \t\r\n]*+
      | (?P<token> {_STRING} | [\[\]{{}}=,.] | [^\s\#"'\[\]{{}}=,.]++ )
    )""",
    re.VERBOSE,
)
_BRACKET = regex(rf"""(?: {_STRING} | \#[^\n]*+ | [^\[\]"'\#]++ )*+ ([\[\]])""", re.VERBOSE)


@define
class _Level:
    """An array or inline table being read, or the document, which has no closing character."""

    closing: str
    path: TomlPath
    start: int
    elements: int = 0


class _Scan:
    """Reads a text token by token; `_text` is the next token, empty at the end."""

    def __init__(self, text: str, *, arrays: bool) -> None:
        self.found = TomlPlaces()
        self._whole, self._arrays = text, arrays
        self._counts: dict[TomlPath, int] = {}  # The last element of each array of tables.
        self._next = 0
        self._step()

    def run(self) -> None:
        levels = [document := _Level("", (), 0)]
        while self._text:
            level = levels[-1]
            if self._text == level.closing:
                self.found.values[level.path] = Span(level.start, self._end)
                levels.pop()
                self._step()
            elif self._text in {",", "\n"}:
                self._step()
            elif self._text == "[" and level is document:
                document.path = self._header()
            else:
                path = self._element(level) if level.closing == "]" else self._pair(level.path)
                if opened := self._value(path):
                    levels.append(opened)

    def _step(self) -> None:
        match = _TOKEN.match(self._whole, self._next)
        if match is None:
            self._text = ""
        else:
            group = match.lastgroup or ""
            self._text, self._next = match[group], match.end()
            self._start, self._end = match.span(group)

    def _header(self) -> TomlPath:
        start = self._start
        self._step()
        repeated = self._text == "["
        if repeated:
            self._step()
        path: TomlPath = ()
        for key, _ in self._names():
            path = (*self._latest(path), key)
            self.found.keys.setdefault(path, start)
        while self._text not in {"\n", ""}:
            self._step()
        if repeated:
            self._counts[path] = self._counts.get(path, -1) + 1
        path = self._latest(path)
        self.found.keys.setdefault(path, start)
        return path

    def _element(self, array: _Level) -> TomlPath:
        path = (*array.path, array.elements)
        array.elements += 1
        self.found.keys[path] = self._start
        return path

    def _pair(self, path: TomlPath) -> TomlPath:
        for key, start in self._names():
            path = (*self._latest(path), key)
            self.found.keys.setdefault(path, start)
        self._step()  # The equals sign.
        return path

    def _names(self) -> Iterator[tuple[str, int]]:
        """Yield the parts of a dotted key, and stop at the token after it."""
        while self._text not in {"=", "]", ""}:
            if self._text != ".":
                yield _unquoted(self._text), self._start
            self._step()

    def _latest(self, path: TomlPath) -> TomlPath:
        """Return the path of the last table in the array of tables at *path*, or else *path*."""
        return (*path, self._counts[path]) if path in self._counts else path

    def _value(self, path: TomlPath) -> _Level | None:
        """Read a value; of an array or inline table only its opening bracket, and return its level."""
        start = self._start
        if self._text == "[" and not self._arrays:
            self._next = _array_end(self._whole, start)
            self.found.values[path] = Span(start, self._next)
            self._step()
            return None
        if self._text in _CLOSING:
            opened = _Level(_CLOSING[self._text], path, start)
            self._step()
            return opened
        while self._text not in {",", "]", "}", "\n", ""}:
            self.found.values[path] = Span(start, self._end)
            self._step()
        return None


_CLOSING = {"[": "]", "{": "}"}


def _array_end(text: str, start: int) -> int:
    """Find the end of the array that begins at *start*."""
    depth, brackets = 0, _BRACKET.finditer(text, start)
    while True:
        bracket = next(brackets)
        depth += 1 if bracket[1] == "[" else -1
        if not depth:
            return bracket.end()


def _unquoted(token: str) -> str:
    if token[0] not in "\"'" or "\\" not in token or token[0] == "'":
        return token[1:-1] if token[0] in "\"'" else token
    import tomllib

    value: str = tomllib.loads(f"key = {token}")["key"]
    return value


TOML = Format(
    "toml",
    read_toml,
    kind=only_versions,
    delimited=True,
    quick=quick_reader(top_version, ("version",)),
)
