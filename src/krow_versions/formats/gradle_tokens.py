"""The tokens of a Gradle build script, as Groovy or as Kotlin reads it.

The name of a file may be lost before its text is read, so the language is not given. A text is read as
Groovy; if it has something that Kotlin reads differently, it is read as Kotlin, too, and the caller compares.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import attrs

from krow_versions.errors import FileFormatError
from krow_versions.formats.model import CORRECT, MAX_DEPTH


class Token(NamedTuple):
    """A piece of a script.

    Attributes:
        kind: ``name``, ``number``, ``string``, ``escaped`` (a string with escapes), ``template`` (a string with
            values in it), ``other`` (a regular expression), ``open``, ``close``, ``newline`` or ``op``.
        start: where it starts.
        end: where it ends.
        text: its text; of a string, only the opening quotes.
    """

    kind: str
    start: int
    end: int
    text: str


@attrs.define
class Scan:
    """The tokens of a text, without blanks and comments; a run of line ends is one token.

    Attributes:
        text: the text.
        kotlin: whether it is read as Kotlin.
        tokens: the tokens.
        peculiar: whether the other language may read it differently.
        no_regex_before: up to where no string between slashes ends.
    """

    text: str
    kotlin: bool
    tokens: list[Token] = attrs.field(factory=list)
    peculiar: bool = False
    no_regex_before: int = 0


def scan(text: str, *, kotlin: bool) -> Scan:
    """Split *text* into tokens, in time that grows with its length.

    Raises:
        FileFormatError: a string or a comment does not end, or is nested too deeply.
    """
    found = Scan(text, kotlin)
    _code(found, 0, found.tokens, 0)
    return found


def _code(found: Scan, position: int, into: list[Token], depth: int) -> int:
    """Read code into *into* up to the end of the text, or up to the brace that ends an interpolation."""
    text, start, braces, before = found.text, position, 0, _START
    if depth > MAX_DEPTH:
        raise FileFormatError("the file is nested too deeply", hint=CORRECT).located(text, position)
    while position < len(text):
        match = _TOKEN.match(text, position)
        assert match is not None and match.lastgroup is not None  # One alternative is any character.
        kind, end = match.lastgroup, match.end()
        if kind in ("space", "line"):
            position = end
            continue
        if kind == "block":
            position = _comment(found, position)
            continue
        if kind in _QUOTED:
            kind, end = _string(found, match, depth)
        elif kind == "tick":
            found.peculiar = True
        elif kind in ("slash", "dollar"):
            kind, end = _regex(found, match, before)
        token = Token(kind, position, end, match.group())
        if kind == "close" and depth and token.text == "}":
            if not braces:
                return end
            braces -= 1
        elif kind == "open" and token.text == "{":
            braces += 1
        if not (kind == "newline" and before.kind == "newline"):
            into.append(token)
        before, position = token, end
    if depth:
        raise FileFormatError("the string with this ${ does not end", hint=CORRECT).located(text, start - 1)
    return position


def _comment(found: Scan, start: int) -> int:
    """Return the end of a block comment; in Kotlin, they nest."""
    nested = 0
    for mark in _COMMENT.finditer(found.text, start):
        if mark.group() == "/*":
            nested += 1
            found.peculiar |= nested > 1
            continue
        nested -= 1
        if not nested or not found.kotlin:
            return mark.end()
    raise FileFormatError("this comment does not end", hint=CORRECT).located(found.text, start)


def _string(found: Scan, opening: re.Match[str], depth: int) -> tuple[str, int]:
    """Return kind and end of a string."""
    text, start, quote = found.text, opening.start(), opening.group().lstrip("$")
    dollars = len(opening.group()) - len(quote)
    found.peculiar |= dollars > 0
    if found.kotlin and quote.startswith("'"):
        match = _CHARACTER.match(text, start)
        if not match:
            raise FileFormatError("this is no character of Kotlin", hint=CORRECT).located(text, start)
        return "string" if match.end() - start == _PLAIN_CHARACTER else "escaped", match.end()
    raw = len(quote) > 1
    kind, position = "string", opening.end()
    while special := _SPECIAL[quote].search(text, position):
        position = special.end()
        if special.group() == quote:
            if raw and text[position : position + 1] == quote[0]:
                found.peculiar = True
                while found.kotlin and text[position : position + 1] == quote[0]:
                    position += 1
                    kind = "escaped"
            return kind, position
        if special.group() == "\n":
            break
        if special.group() == "\\":
            found.peculiar |= raw
            if not (found.kotlin and raw):
                position += 1
                kind = "escaped" if kind == "string" else kind
        elif quote[0] == '"' and (not dollars or special.end() - special.start() >= dollars):
            if text[position : position + 1] == "{":
                kind, position = "template", _code(found, position + 1, [], depth + 1)
            elif _LETTER.match(text, position):
                kind = "template"
    raise FileFormatError("this string does not end", hint=CORRECT).located(text, start)


def _regex(found: Scan, opening: re.Match[str], before: Token) -> tuple[str, int]:
    """Return kind and end of what starts with a slash: a string of Groovy between slashes, or an operator."""
    text, start, after = found.text, opening.start(), opening.end()
    blank = text[start - 1 : start] in _BLANKS and text[after : after + 1] not in _BLANKS
    named = before.kind == "name" and (before.text in _BEFORE_VALUE or blank)
    if not (named or before.kind in ("newline", "op", "open")):
        return "op", after
    if opening.lastgroup == "dollar":
        if found.kotlin:
            return "op", after
        found.peculiar = True
        for mark in _DOLLAR_SLASHY.finditer(text, after):
            if mark.group() == "/$":
                return "other", mark.end()
        raise FileFormatError("this string does not end", hint=CORRECT).located(text, start)
    if start < found.no_regex_before:
        return "op", after
    end = next((mark for mark in _SLASHY.finditer(text, after) if mark.group() != "\\/"), None)
    if end is not None and end.group() == "/":
        found.peculiar = True
        return ("op", after) if found.kotlin else ("other", end.end())
    # Such a string over several lines is read as operators.
    found.no_regex_before = len(text) if end is None else end.end()
    return "op", after


_START = Token("newline", 0, 0, "")
_BLANKS = (" ", "\t")
_QUOTED = frozenset({"triple", "quote"})
_BEFORE_VALUE = frozenset({"return", "in", "case", "assert", "else", "throw"})
_PLAIN_CHARACTER = 3
_TOKEN = re.compile(
    r'''
    (?P<space>(?:[ \t\r\f]|\\\r?\n)+)
    |(?P<newline>\n)
    |(?P<line>//[^\n]*|\A\#![^\n]*)
    |(?P<block>/\*)
    |(?P<triple>\$*"{3}|'{3})
    |(?P<quote>\$*"|')
    |(?P<dollar>\$/)
    |(?P<name>[^\W\d][\w$]*)
    |(?P<tick>`[^`\n]*`)
    |(?P<number>[0-9]\w*(?:\.[0-9]\w*)*)
    |(?P<open>[(\[{])
    |(?P<close>[)\]}])
    |(?P<slash>/(?!=))
    |(?P<op>->|\$+|\?[.:]|&&|\|\||[=!<>+*%/&|^?-]=+|.)
    ''',
    re.VERBOSE | re.DOTALL,
)
_COMMENT = re.compile(r"/\*|\*/")
_CHARACTER = re.compile(r"'(?:\\u[0-9A-Fa-f]{4}|\\[^\n]|[^'\\\n])'")
_SPECIAL = {
    '"': re.compile(r'["\\\n]|\$+'),
    "'": re.compile(r"['\\\n]"),
    '"""': re.compile(r'"""|\\|\$+'),
    "'''": re.compile(r"'''|\\"),
}
_LETTER = re.compile(r"[^\W\d]|`")
_SLASHY = re.compile(r"\\/|[/\n]")
_DOLLAR_SLASHY = re.compile(r"\$\$|\$/|/\$")
