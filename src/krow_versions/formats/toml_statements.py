r"""Recognise plain TOML by one regular expression, many times faster than ``tomllib`` parses it.

Only plain spellings are known: strings, numbers, booleans, arrays, inline tables of a few keys. What is rare
or not surely valid is left to the parser, such as a date or an escape like ``\u0041``.
"""

from __future__ import annotations

import functools
import itertools
import re
from typing import TYPE_CHECKING

from krow_versions.regexes import regex

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def read_statements(text: str) -> Statements | None:
    r"""Return the statements of *text*, whose lines end in ``\n``, or None if it may be no TOML.

    >>> found = read_statements('[package]\nname = "app" # ours\n[[bin]]\nname = "a"\n')
    >>> found.values, found.written("package.name")
    ({'package.name': 1, 'bin[0].name': 3}, '"app"')
    """
    statements = Statements(text)
    return statements if statements.arrange() else None


def path_of(parts: Iterable[str | int]) -> str:
    """Write a path as :class:`Statements` does.

    >>> path_of(["bin", 0, "a b"])
    'bin[0]."a b"'
    """
    return "".join(f"[{part}]" if isinstance(part, int) else f".{_key(part)}" for part in parts)[1:]


class Statements:
    """The statements of a text.

    A path has dots between its parts, the index of an element of an array of tables in brackets, and double
    quotes around a part that is no bare key: ``bin[0].name``, ``target."cfg(unix)".dependencies``.

    Attributes:
        values: the position, among all statements, of each key with a value, by path.
        tables: the paths of all tables with headers, and of those around them and around arrays of tables.
        dotted: the paths of all tables that are only parts of dotted keys.
        arrays: the index of the last element of each array of tables, by path.
    """

    def __init__(self, text: str) -> None:
        self.values: dict[str, int] = {}
        self.tables: set[str] = set()
        self.dotted: set[str] = set()
        self.arrays: dict[str, int] = {}
        self._opened: set[str] = set()
        self._text = text
        gap = re.match(_GAP, text)
        self._start = gap.end() if gap else 0
        self._found: list[tuple[str, ...]] = compiled().findall(text, self._start)

    def written(self, path: str) -> str:
        """Return the value at *path*, as it is written."""
        return self._found[self.values[path]][_VALUE]

    def mentions(self, word: str) -> Iterator[str]:
        """Yield every value, as it is written, that contains *word*."""
        return (found[_VALUE] for found in self._found if word in found[_VALUE])

    def start(self, path: str) -> int:
        """Return the offset of the value at *path*."""
        matches = compiled().finditer(self._text, self._start)
        return next(itertools.islice(matches, self.values[path], None)).start(_VALUE + 1)

    def arrange(self) -> bool:
        """Find the paths of all statements; return False if the text may be no TOML.

        No path may be that of two things, but a table that dotted keys made may have further tables in it.
        """
        prefix, headers, values = "", 0, self.values
        for index, found in enumerate(self._found):
            if key := found[_KEY]:
                values[prefix + key] = index
            elif header := found[_HEADER]:
                headers += 1
                prefix = self._table(header)
                if not prefix:
                    return False
            elif key := found[_ODD_KEY]:
                key = _canonical(key)
                self.dotted.update(prefix + key[: dot.start()] for dot in _DOT.finditer(key))
                values[prefix + key] = index
            else:
                return False  # The pattern takes the whole rest of the text where it knows no statement.
        return (
            len(values) + headers == len(self._found)
            and values.keys().isdisjoint(self.tables)
            and values.keys().isdisjoint(self.dotted)
            and values.keys().isdisjoint(self.arrays.keys())
            and self.dotted.isdisjoint(self._opened)
            and self.arrays.keys().isdisjoint(self.tables)
            and self.arrays.keys().isdisjoint(self.dotted)
        )

    def _table(self, header: str) -> str:
        """Open a table; return what the paths of its keys begin with, or nothing if it was there before."""
        repeated = header.startswith("[[")
        path = _canonical(header[2:-2] if repeated else header[1:-1])
        dot = path.find(".")
        while dot >= 0:
            above = path[:dot]
            if above in self.arrays:  # The table is in the last element.
                above = f"{above}[{self.arrays[above]}]"
                path, dot = above + path[dot:], len(above)
            self.tables.add(above)
            dot = path.find(".", dot + 1)
        if repeated:
            self.arrays[path] = self.arrays.get(path, -1) + 1
            return f"{path}[{self.arrays[path]}]."
        if path in self._opened:
            return ""
        self._opened.add(path)
        self.tables.add(path)
        return f"{path}."


def _key(part: str) -> str:
    return part if _BARE.fullmatch(part) else f'"{part}"'


def _canonical(path: str) -> str:
    """Write a dotted key as :func:`path_of` does.

    A dot in a quoted part looks like one between parts; what that makes is the path of nothing else.
    """
    if '"' not in path and "'" not in path:
        return path
    return path_of(part[1:-1] if part[0] in "\"'" else part for part in re.findall(_PART, path))


# --- the grammar, a part of that of TOML 1.0 --------------------------------------------------

# Possessive repeats (``*+``) do not backtrack, so matching is linear in time.
_HEADER, _KEY, _ODD_KEY, _VALUE = range(4)
_MOST_KEYS = 6  # Of an inline table: locks of uv have four, and few manifests have more.
_CONTROL = r"\x00-\x08\x0a-\x1f\x7f"
_SPACE = r"[ \t]*+"
_COMMENT = rf"\#[^{_CONTROL}]*+"
_GAP = rf"(?:[ \t\n]++|{_COMMENT}(?=\n|\Z))*+"
_END = rf"{_SPACE}(?:{_COMMENT})?+(?:\n{_GAP}|\Z)"
_EQUALS = rf"{_SPACE}={_SPACE}"
_BARE_KEY = r"[A-Za-z0-9_-]++"
_QUOTED_KEY = rf"""(?:"[^"\\{_CONTROL}]*+"|'[^'{_CONTROL}]*+')"""
_PART = rf"(?:{_BARE_KEY}|{_QUOTED_KEY})"
_PATH = rf"{_PART}(?:\.{_PART}){{0,20}}+"
_STRING = rf"""(?:"(?:[^"\\{_CONTROL}]++|\\["\\bfnrt])*+"|'[^'{_CONTROL}]*+')"""
_NUMBER = r"[+-]?(?:0|[1-9][0-9]{0,17}+)(?:\.[0-9]{1,40}+)?+"
_LEAF = rf"{_STRING}|true|false|{_NUMBER}"
_IN_LONG = _CONTROL.replace(r"\x0a-", r"\x0b-")
_LONG_STRING = (
    rf""""{{3}}(?:[^"\\{_IN_LONG}]++|"(?!"")|\\["\\bfnrt])*+"{{3}}"""
    rf"""|'{{3}}(?:[^'{_IN_LONG}]++|'(?!''))*+'{{3}}"""
)


def _array(element: str) -> str:
    return rf"\[{_GAP}(?:(?:{element}){_GAP}(?:,{_GAP}|(?=\])))*+\]"


def _inline(first_group: int) -> str:
    """Write an inline table; each key is a group, so that the same key is not accepted again."""
    pairs = ""
    for number in reversed(range(_MOST_KEYS)):
        new = "".join(rf"(?!\{first_group + known}[ \t=])" for known in range(number))
        comma = f",{_SPACE}" if number else ""
        pairs = rf"(?:{comma}{new}({_BARE_KEY}){_EQUALS}{_INNER}{_SPACE}{pairs})?+"
    return rf"\{{{_SPACE}{pairs}\}}"


_ONE_PAIR = rf"\{{{_SPACE}{_BARE_KEY}{_EQUALS}(?:{_LEAF}){_SPACE}\}}"
_ONE_QUOTED_PAIR = rf"\{{{_SPACE}{_QUOTED_KEY}{_EQUALS}(?:{_LEAF}|{_array(_LEAF)}){_SPACE}\}}"
_INNER = rf"(?:{_LEAF}|{_array(_LEAF)}|{_ONE_PAIR})"


@functools.cache
def compiled() -> re.Pattern[str]:
    """Return the pattern of a statement and the gap behind it; at anything else, it matches all the rest."""
    element = f"{_LEAF}|{_inline(5)}|{_array(_LEAF)}"
    value = f"{_LONG_STRING}|{_LEAF}|{_array(element)}|{_inline(5 + _MOST_KEYS)}|{_ONE_QUOTED_PAIR}"
    header = rf"\[{_PATH}\]|\[\[{_PATH}\]\]"
    return re.compile(
        rf"(?:({header}){_END}|(?:({_BARE_KEY}(?={_SPACE}=))|({_PATH})){_EQUALS}({value}){_END}|(?s:.+))"
    )


_BARE = regex(_BARE_KEY)
_DOT = regex(r"\.")
