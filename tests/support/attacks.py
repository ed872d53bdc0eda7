"""Texts that make a regular expression try again and again, derived from the expression itself.

Where backtracking costs more than the length of the text, some part of the pattern repeats: it is repeated
here, behind what leads to it, and before what does not belong there.
"""

from __future__ import annotations

import itertools
import re
import string
from re import _constants as sre  # type: ignore[attr-defined]  # How `re` names them inside.
from re import _parser  # type: ignore[attr-defined]
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_SAMPLES = "a1 \t\n<>!-_.*~[](){}\\\"'`|:/@#$+=xé\u200d"
_CATEGORIES = {
    sre.CATEGORY_DIGIT: "1",
    sre.CATEGORY_NOT_DIGIT: "a",
    sre.CATEGORY_SPACE: " ",
    sre.CATEGORY_NOT_SPACE: "a",
    sre.CATEGORY_WORD: "a",
    sre.CATEGORY_NOT_WORD: "!",
}
_ENDS = ("\0", "", "a!")
_DEEPEST = 3
_REPEATS = {sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT}


def attacks(pattern: re.Pattern[Any], size: int) -> Iterator[Any]:
    """Yield texts of about *size* characters for the pattern."""
    source = pattern.pattern
    text = source if isinstance(source, str) else source.decode("latin-1")
    flags = pattern.flags & ~re.UNICODE if isinstance(source, bytes) else pattern.flags
    pumps = dict.fromkeys(_pumps(list(_parser.parse(text, flags)), 0))
    for end in _ENDS:
        for before, unit in pumps:
            if unit:
                made = before + unit * (size // len(unit)) + end
                yield made if isinstance(source, str) else made.encode("latin-1", "replace")


def _pumps(items: list[Any], depth: int) -> Iterator[tuple[str, str]]:
    """Yield what leads to a part of a pattern, and the part, which is to be repeated."""
    whole = [_sample(item) for item in items]
    # A word of the pattern is one part.
    starts = [
        at
        for at, (kind, _) in enumerate(items)
        if at == 0 or kind is not sre.LITERAL or items[at - 1][0] is not sre.LITERAL
    ]
    for first, last in itertools.combinations([*starts, len(items)], 2):
        if last - first == len(items) or starts.index(first) + 3 >= len([at for at in starts if at < last]):
            unit = "".join(whole[first:last])
            yield "", unit
            yield "".join(whole[:first]), unit
    for at, item in enumerate(items):
        before = "".join(whole[:at])
        for unit in _units(item):
            yield before, unit
            yield "a", unit
            yield "", before + unit
        for inner in _inside(item) if depth < _DEEPEST else ():
            for lead, unit in _pumps(inner, depth + 1):
                yield before + lead, unit
                yield "", before + lead + unit


def _inside(item: tuple[Any, Any]) -> Iterator[list[Any]]:
    kind, value = item
    if kind in _REPEATS:
        yield list(value[2])
    elif kind is sre.SUBPATTERN:
        yield list(value[3])
    elif kind is sre.ATOMIC_GROUP:
        yield list(value)
    elif kind is sre.BRANCH:
        yield from map(list, value[1])
    elif kind in {sre.ASSERT, sre.ASSERT_NOT}:
        yield list(value[1])


def _units(item: tuple[Any, Any]) -> Iterator[str]:
    """Yield several characters of a class, not only one: the next part may want another of them."""
    kind, value = item
    if kind is sre.IN:
        inverted = value[0][0] is sre.NEGATE
        named = {character for part in value for character in _members(part)}
        yield from (each for each in _SAMPLES if inverted and each not in named)
        yield from itertools.islice((each for each in sorted(named) if not inverted), 12)
    elif kind in {sre.NOT_LITERAL, sre.ANY}:
        yield from _SAMPLES


def _members(part: tuple[Any, Any]) -> Iterator[str]:
    kind, value = part
    if kind is sre.LITERAL:
        yield chr(value)
    elif kind is sre.RANGE:
        yield from {chr(value[0]), chr(value[1])}
    elif kind is sre.CATEGORY:
        match = re.compile(
            {
                sre.CATEGORY_DIGIT: r"\d",
                sre.CATEGORY_NOT_DIGIT: r"\D",
                sre.CATEGORY_SPACE: r"\s",
                sre.CATEGORY_NOT_SPACE: r"\S",
                sre.CATEGORY_WORD: r"\w",
                sre.CATEGORY_NOT_WORD: r"\W",
            }[value]
        )
        yield from filter(match.fullmatch, string.printable)


def _sample(item: tuple[Any, Any]) -> str:
    """Give a text that an item matches."""
    kind, value = item
    if kind is sre.LITERAL:
        return chr(value)
    if kind is sre.NOT_LITERAL:
        return "a" if value != ord("a") else "b"
    if kind is sre.ANY:
        return "a"
    if kind is sre.IN:
        return next(_units(item), "a")
    if kind in _REPEATS:
        return "".join(map(_sample, value[2])) * int(max(value[0], min(value[1], 1)))
    if kind is sre.SUBPATTERN:
        return "".join(map(_sample, value[3]))
    if kind is sre.ATOMIC_GROUP:
        return "".join(map(_sample, value))
    if kind is sre.BRANCH:
        return "".join(map(_sample, value[1][0]))
    return ""
