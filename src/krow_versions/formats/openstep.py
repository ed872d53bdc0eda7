"""Old-style (OpenStep) property lists, read by tokens, as in ``project.pbxproj``.

Source: Apple's parser in CoreFoundation (``CFOldStylePList.c``). The scan is linear in the length of the
text, and does not recurse. Keys are kept as written, without unescaping, and so are values.
"""

from __future__ import annotations

import re
from typing import Any

from krow_versions.edits import Span
from krow_versions.errors import FileFormatError
from krow_versions.formats.model import CORRECT, MAX_DEPTH
from krow_versions.text.escaping import quoted
from krow_versions.values import define, field, frozen


@frozen
class Word:
    """A string or word in the text.

    Attributes:
        span: its place, with quotes.
        value: what is between the quotes, with escapes as written.
        style: the quotes: empty, ``'`` or ``"``.
    """

    span: Span
    value: str
    style: str


@define(eq=False)
class Dictionary:
    """A dictionary in the text.

    Attributes:
        start: where it begins.
        items: the values by key; of a repeated key the last one.
        twice: where the value of each repeated key is.
    """

    start: int
    items: dict[str, Any] = field(factory=dict)
    twice: dict[str, int] = field(factory=dict)

    def word(self, key: str) -> str:
        """Return the text at *key*, or an empty one."""
        value = self.items.get(key)
        return value.value if isinstance(value, Word) else ""

    def dictionary(self, key: str) -> Dictionary:
        """Return the dictionary at *key*, or an empty one."""
        value = self.items.get(key)
        return value if isinstance(value, Dictionary) else Dictionary(self.start)

    def words(self, key: str) -> tuple[str, ...]:
        """Return the texts in the array at *key*."""
        value = self.items.get(key)
        return (
            tuple(each.value for each in value if isinstance(each, Word)) if isinstance(value, list) else ()
        )


def read_openstep(text: str, needed: re.Pattern[str]) -> Dictionary:
    """Parse a property list whose top level is a dictionary.

    Args:
        text: the whole text.
        needed: what is in the text of each object that is of use: of each dictionary in one that is at
            the top. One that has no match, and no dictionary in it, is only checked, and becomes empty.

    Raises:
        FileFormatError: the text is no such list, or is nested more than a hundred levels deep.
    """
    return _Reader(text, needed).run()


@define(eq=False)
class _Level:
    node: Dictionary | list[Any]
    key: str | None = None


class _Reader:
    """Reads a text token by token; `_kind` is the kind of the next one, empty at the end."""

    def __init__(self, text: str, needed: re.Pattern[str]) -> None:
        self._whole, self._needed = text, needed
        # Not when the module is loaded, which every command does: that takes longer than reading a file.
        self._token, self._flat = (re.compile(each, re.ASCII) for each in (_TOKEN, _FLAT))
        self._levels: list[_Level] = []
        self._start = self._end = 0
        self._kind = self._text = ""

    def run(self) -> Dictionary:
        self._step()
        if self._kind != "{":
            raise self._wrong("where a { must begin it")
        root = Dictionary(self._start)
        self._levels.append(_Level(root))
        self._step()
        while self._levels:
            level = self._levels[-1]
            if isinstance(level.node, list):
                self._in_array(level)
            else:
                self._in_dictionary(level)
        if self._kind:
            raise self._wrong("behind the end")
        return root

    def _in_dictionary(self, level: _Level) -> None:
        if self._kind == "}":
            self._close()
            return
        if self._kind != "word":
            raise self._wrong("where a key or } must be")
        level.key = self._word().value
        self._step()
        self._expect("=")
        self._value(level)

    def _in_array(self, level: _Level) -> None:
        if self._kind == ")":
            self._close()
        else:
            self._value(level)

    def _value(self, level: _Level) -> None:
        if self._kind in _CLOSING:
            if len(self._levels) == MAX_DEPTH:
                raise FileFormatError(
                    f"the file is nested more than {MAX_DEPTH} levels deep", hint=CORRECT
                ).located(self._whole, self._start)
            node: Dictionary | list[Any] = Dictionary(self._start) if self._kind == "{" else []
            self._put(level, node)
            flat = (
                self._flat.match(self._whole, self._start)
                if self._kind == "{" and len(self._levels) == _OBJECT
                else None
            )
            if flat and not self._needed.search(self._whole, *flat.span()):
                self._end = flat.end()
                self._step()
                self._separate(level)
                return
            self._levels.append(_Level(node))
            self._step()
            return
        if self._kind not in {"word", "data"}:
            raise self._wrong("where a value must be")
        self._put(level, self._word() if self._kind == "word" else None)
        self._step()
        self._separate(level)

    def _put(self, level: _Level, value: Any) -> None:
        if isinstance(level.node, list):
            level.node.append(value)
            return
        key, level.key = level.key or "", None
        if key in level.node.items:
            level.node.twice.setdefault(key, self._start)
        level.node.items[key] = value

    def _close(self) -> None:
        self._levels.pop()
        self._step()
        if self._levels:
            self._separate(self._levels[-1])

    def _separate(self, level: _Level) -> None:
        if isinstance(level.node, Dictionary):
            self._expect(";")
        elif self._kind == ",":
            self._step()
        elif self._kind != ")":
            raise self._wrong("where , or ) must be")

    def _expect(self, character: str) -> None:
        if self._kind != character:
            raise self._wrong(f"where {character} must be")
        self._step()

    def _step(self) -> None:
        match = self._token.match(self._whole, self._end)
        self._kind = match.lastgroup or "" if match else ""
        if match is None or not self._kind:
            self._start = match.end() if match else self._end
            if self._start < len(self._whole):
                raise self._wrong("which no property list has there")
            return
        self._start, self._end = match.span(self._kind)
        self._text = match[self._kind]
        if self._kind == "mark":
            self._kind = self._text

    def _word(self) -> Word:
        style = self._text[0] if self._text[0] in "\"'" else ""
        return Word(Span(self._start, self._end), self._text[1:-1] if style else self._text, style)

    def _wrong(self, where: str) -> FileFormatError:
        found = self._whole[self._start : self._end if self._end > self._start else self._start + 1]
        what = f"there is {quoted(found)}" if found else "the text ends"
        return FileFormatError(f"invalid property list: {what} {where}", hint=CORRECT).located(
            self._whole, self._start
        )


_OBJECT = 2  # The number of levels around an object.
_CLOSING = {"{": "}", "(": ")"}
# Possessive repeats (``*+``) do not backtrack, so matching is linear in time.
_SPACE = r"(?:[\s\u2028\u2029]++|//[^\n\r\u2028\u2029]*+|/\*(?:[^*]++|\*(?!/))*+\*/)*+"
_WORD = r"""(?:"(?:[^"\\]++|\\[\s\S])*+"|'(?:[^'\\]++|\\[\s\S])*+'|(?!/[*/])[\w$:./-]++)"""
_DATA = r"<[0-9A-Fa-f\s]*+>"
_TOKEN = rf"{_SPACE}(?:(?P<mark>[{{}}()=;,])|(?P<word>{_WORD})|(?P<data>{_DATA}))?"
# A dictionary of words, data and lists of words.
_LIST = rf"\({_SPACE}(?:{_WORD}{_SPACE},{_SPACE})*+(?:{_WORD}{_SPACE})?+\)"
_PAIR = rf"{_WORD}{_SPACE}={_SPACE}(?:{_WORD}|{_DATA}|{_LIST}){_SPACE};{_SPACE}"
_FLAT = rf"\{{{_SPACE}(?:{_PAIR})*+\}}"
