"""Where each key of a TOML text stands: ``tomllib`` gives no positions, so they are scanned for.

The scan takes a text that ``tomllib`` has accepted, which is why it is short: it never has to
decide what is valid. It is linear in the length of the text.
"""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING

from krow_versions.text.escaping import is_bare_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

KeyPlace = tuple[str | int, ...]


def places(text: str) -> Mapping[KeyPlace, int]:
    r"""Give the offset of every key, table header and array element, by its path.

    >>> places('[a]\nb = [1, {"c d" = 2}]\n')["a", "b", 1, "c d"]
    13
    """
    scan = _Scan(text)
    with contextlib.suppress(RecursionError):  # What was found is right; the rest is told without a line.
        scan.run()
    return scan.found


def nearest(found: Mapping[KeyPlace, int], path: KeyPlace) -> int | None:
    """Give the offset of *path*, or of the longest beginning of it that has one."""
    for length in range(len(path), 0, -1):
        if path[:length] in found:
            return found[path[:length]]
    return None


def written(path: KeyPlace) -> str:
    """Write a path as one reads it: ``products.web.files[0]``.

    >>> written(("hotfix", "contacts", "Product Owner"))
    'hotfix.contacts."Product Owner"'
    """
    parts = []
    for part in path:
        if isinstance(part, int):
            parts.append(f"[{part}]")
        else:
            parts.append(f".{part}" if is_bare_key(part) else f'."{part}"')
    return "".join(parts).removeprefix(".")


# The lexical grammar of TOML 1.0, as far as it tells keys from values.
_TOKEN = re.compile(
    r"""
    (?P<skip>  [ \t\r]++ | \#[^\n]*+ )
  | (?P<text>  \"{3}(?: \\[\s\S] | \"{1,2}(?!\") | [^"\\] )*+\"{3,5}
             | '{3}(?: '{1,2}(?!') | [^'] )*+'{3,5}
             | "(?: \\. | [^"\\\n] )*+" | '[^'\n]*+' )
  | (?P<mark>  [\[\]{}=,.\n] )
  | (?P<bare>  [^\s\#"'\[\]{}=,.]++ )
    """,
    re.VERBOSE,
)


class _Scan:
    def __init__(self, text: str) -> None:
        self.found: dict[KeyPlace, int] = {}
        self._counts: dict[KeyPlace, int] = {}
        self._tokens = self._read(text)
        self._text, self._offset = "\n", 0
        self._step()

    def run(self) -> None:
        table: KeyPlace = ()
        while self._text:
            if self._text == "\n":
                self._step()
            elif self._text == "[":
                table = self._header()
            else:
                self._pair(table)

    @staticmethod
    def _read(text: str) -> Iterator[tuple[str, int]]:
        for match in _TOKEN.finditer(text):
            if match.lastgroup != "skip":
                yield match[0], match.start()

    def _step(self) -> None:
        self._text, self._offset = next(self._tokens, ("", 0))

    def _header(self) -> KeyPlace:
        start = self._offset
        self._step()
        repeated = self._text == "["
        if repeated:
            self._step()
        keys = [key for key, _ in self._keys()]
        while self._text not in {"\n", ""}:
            self._step()
        path: KeyPlace = ()
        for key in keys:
            path = self._below(path, key)
            self.found.setdefault(path, start)
        if repeated:
            self._counts[path] = self._counts.get(path, -1) + 1
        path = self._latest(path)
        self.found.setdefault(path, start)
        return path

    def _pair(self, table: KeyPlace) -> None:
        path = table
        for key, offset in self._keys():
            path = self._below(path, key)
            self.found.setdefault(path, offset)
        self._step()  # The equals sign.
        self._value(path)

    def _keys(self) -> Iterator[tuple[str, int]]:
        while self._text not in {"=", "]", ""}:
            if self._text != ".":
                yield _unquoted(self._text), self._offset
            self._step()

    def _value(self, path: KeyPlace) -> None:
        if self._text == "[":
            self._array(path)
        elif self._text == "{":
            self._step()
            while self._text not in {"}", ""}:
                if self._text in {",", "\n"}:
                    self._step()
                else:
                    self._pair(path)
            self._step()
        else:
            while self._text not in {",", "]", "}", "\n", ""}:
                self._step()

    def _array(self, path: KeyPlace) -> None:
        self._step()
        index = 0
        while self._text not in {"]", ""}:
            if self._text in {",", "\n"}:
                self._step()
            else:
                self.found[*path, index] = self._offset
                self._value((*path, index))
                index += 1
        self._step()

    def _below(self, path: KeyPlace, key: str) -> KeyPlace:
        return (*self._latest(path), key)

    def _latest(self, path: KeyPlace) -> KeyPlace:
        return (*path, self._counts[path]) if path in self._counts else path


def _unquoted(token: str) -> str:
    if token[0] not in "\"'" or "\\" not in token or token[0] == "'":
        return token[1:-1] if token[0] in "\"'" else token
    import tomllib

    value: str = tomllib.loads(f"key = {token}")["key"]
    return value
