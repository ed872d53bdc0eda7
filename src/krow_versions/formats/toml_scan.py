"""Where the keys and values of a TOML text stand: ``tomllib`` does not say.

The scan takes a text that ``tomllib`` has accepted, which is why it is short: it never has to
decide what is valid. It is linear in the length of the text, and nesting costs it no stack.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import attrs

from krow_versions.edits import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

TomlPath = tuple[str | int, ...]
"""Keys, and the numbers of the elements of arrays: ``("bin", 0, "name")``."""


@attrs.frozen
class TomlPlaces:
    """Where everything in a text stands, by its path.

    Attributes:
        keys: the offset of every key, table header and element of an array.
        values: the span of every value, its quotes or brackets included.
    """

    keys: dict[TomlPath, int] = attrs.field(factory=dict)
    values: dict[TomlPath, Span] = attrs.field(factory=dict)


def scan_toml(text: str, *, arrays: bool = True) -> TomlPlaces:
    r"""Find every key and every value.

    Args:
        text: the whole text.
        arrays: whether to look into arrays as well, which takes longer.

    >>> found = scan_toml('[a]\nb = [1, {"c d" = "x"}]\n')
    >>> found.keys["a", "b", 1, "c d"], found.values["a", "b", 1, "c d"]
    (13, Span(start=21, end=24))
    """
    scan = _Scan(text, arrays=arrays)
    scan.run()
    return scan.found


# The lexical grammar of TOML 1.0, as far as it tells keys from values. No repeat goes back into what it
# took (``*+``): that takes time in proportion to the text.
_STRING = r"""(?:
    \"{3}(?: \\[\s\S] | \"{1,2}(?!\") | [^"\\]++ )*+\"{3,5}
  | '{3}(?: '{1,2}(?!') | [^']++ )*+'{3,5}
  | "(?: \\. | [^"\\\n]++ )*+" | '[^'\n]*+'
)"""
_TOKEN = re.compile(
    rf"""(?: [ \t\r]++ | \#[^\n]*+ )*+ (?:
        (?P<line> \n ) [ \t\r\n]*+
      | (?P<token> {_STRING} | [\[\]{{}}=,.] | [^\s\#"'\[\]{{}}=,.]++ )
    )""",
    re.VERBOSE,
)
_BRACKET = re.compile(rf"""(?: {_STRING} | \#[^\n]*+ | [^\[\]"'\#]++ )*+ ([\[\]])""", re.VERBOSE)


@attrs.define
class _Open:
    """An array or inline table that is being read, or the document, which nothing closes."""

    closing: str
    path: TomlPath
    start: int
    elements: int = 0


class _Scan:
    """Reads a text token by token; `_text` is the next one, empty at the end."""

    def __init__(self, text: str, *, arrays: bool) -> None:
        self.found = TomlPlaces()
        self._whole, self._arrays = text, arrays
        self._counts: dict[TomlPath, int] = {}  # The last element of each array of tables.
        self._next = 0
        self._step()

    def run(self) -> None:
        levels = [document := _Open("", (), 0)]
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

    def _element(self, array: _Open) -> TomlPath:
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
        """Yield the parts of a dotted key; what ends it is the next token."""
        while self._text not in {"=", "]", ""}:
            if self._text != ".":
                yield _unquoted(self._text), self._start
            self._step()

    def _latest(self, path: TomlPath) -> TomlPath:
        """Give the last table of the array of tables at *path*, where there is one."""
        return (*path, self._counts[path]) if path in self._counts else path

    def _value(self, path: TomlPath) -> _Open | None:
        """Take a value; of an array or inline table only what opens it, which is given."""
        start = self._start
        if self._text == "[" and not self._arrays:
            self._next = _array_end(self._whole, start)
            self.found.values[path] = Span(start, self._next)
            self._step()
            return None
        if self._text in _CLOSING:
            opened = _Open(_CLOSING[self._text], path, start)
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
