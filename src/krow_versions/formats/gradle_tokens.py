"""The tokens of a Gradle build script, as Groovy or as Kotlin reads it.

The name of a file may be lost before its text is read, so the language is not given. A text is read as
Groovy; if it has something that Kotlin reads differently, it is read as Kotlin, too, and the caller compares.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from krow_versions.errors import FileFormatError
from krow_versions.formats.model import CORRECT, MAX_DEPTH
from krow_versions.regexes import regex
from krow_versions.values import define, field


class Token(NamedTuple):
    """A piece of a script.

    Attributes:
        kind: ``name``, ``number``, ``string``, ``escaped`` (a string with escapes), ``template`` (one with
            values in it), ``other`` (a regular expression), ``tick`` (a quoted name), ``open``, ``close``,
            ``newline``, ``op``, or ``blank``, which is not in the list.
        start: where it starts.
        end: where it ends.
        text: its text; of a string, only the opening quotes.
    """

    kind: str
    start: int
    end: int
    text: str


@define
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
    tokens: list[Token] = field(factory=list)
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


def _code(found: Scan, start: int, into: list[Token], depth: int) -> int:
    """Read code into *into* up to the end of the text, or up to the brace that ends an interpolation."""
    if depth > MAX_DEPTH:
        raise FileFormatError("the file is nested too deeply", hint=CORRECT).located(found.text, start)
    position, braces, before = start, 0, _START
    while position < len(found.text):
        token = _next(found, position, before, depth)
        position = token.end
        if token.kind == "blank":
            continue
        braces += _BRACES.get(token.text, 0)
        if depth and braces < 0:
            return position
        if not (token.kind == "newline" and before.kind == "newline"):
            into.append(token)
        before = token
    if depth:
        raise FileFormatError("the string with this ${ does not end", hint=CORRECT).located(
            found.text, start - 1
        )
    return position


def _next(found: Scan, position: int, before: Token, depth: int) -> Token:
    """Return the token at *position*; a comment is a blank."""
    match = _TOKEN.match(found.text, position)
    kind, end, text = (match.lastgroup or "", match.end(), match.group()) if match else ("", position, "")
    if match is None or kind == "blank":
        return Token("blank", position, end, "")
    if kind == "block":
        return Token("blank", position, _comment(found, position), "")
    if kind == "quote":
        kind, end = _string(found, match, depth)
    elif kind in ("slash", "dollar"):
        kind, end = _regex(found, match, before)
    elif kind == "tick":
        found.peculiar = True
    return Token(kind, position, end, text)


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
    quote = opening.group().lstrip("$")
    if found.kotlin and quote[0] == "'":
        return _character(found.text, opening.start())
    dollars = len(opening.group()) - len(quote)
    raw = len(quote) > 1
    found.peculiar |= dollars > 0
    kind, position = "string", opening.end()
    while special := _SPECIAL[quote].search(found.text, position):
        mark, position = special.group(), special.end()
        if mark == quote:
            return _closed(found, kind, quote, position)
        if mark in ("\r", "\n"):
            break
        if mark == "\\":
            found.peculiar |= raw
            if not (found.kotlin and raw):
                position += 1
                kind = "escaped" if kind == "string" else kind
        elif not dollars or len(mark) >= dollars:
            if found.text[position : position + 1] == "{":
                kind, position = "template", _code(found, position + 1, [], depth + 1)
            elif _LETTER.match(found.text, position):
                kind = "template"
    raise FileFormatError("this string does not end", hint=CORRECT).located(found.text, opening.start())


def _closed(found: Scan, kind: str, quote: str, end: int) -> tuple[str, int]:
    """Return kind and end of a string; more than three quotes belong to it in Kotlin."""
    if len(quote) > 1 and found.text[end : end + 1] == quote[0]:
        found.peculiar = True
        while found.kotlin and found.text[end : end + 1] == quote[0]:
            kind, end = "escaped", end + 1
    return kind, end


def _character(text: str, start: int) -> tuple[str, int]:
    match = _CHARACTER.match(text, start)
    if not match:
        raise FileFormatError("this is no character of Kotlin", hint=CORRECT).located(text, start)
    return "escaped", match.end()


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
_BRACES = {"{": 1, "}": -1}
_BEFORE_VALUE = frozenset({"return", "in", "case", "assert", "else", "throw"})
_TOKEN = regex(
    r"""
    (?P<blank>(?:[ \t\f]|\\(?:\r\n|[\r\n])|//[^\r\n]*|\A\#![^\r\n]*)+)
    |(?P<newline>[\r\n]+)
    |(?P<block>/\*)
    |(?P<quote>\$*"{3}|'{3}|\$*"|')
    |(?P<dollar>\$/)
    |(?P<name>[^\W\d][\w$]*)
    |(?P<tick>`[^`\r\n]*`)
    |(?P<number>[0-9]\w*(?:\.[0-9]\w*)*)
    |(?P<open>[(\[{])
    |(?P<close>[)\]}])
    |(?P<slash>/(?!=))
    |(?P<op>->|\$+|\?[.:]|&&|\|\||[=!<>+*%/&|^?-]=+|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_COMMENT = regex(r"/\*|\*/")
_CHARACTER = regex(r"'(?:\\u[0-9A-Fa-f]{4}|\\[^\r\n]|[^'\\\r\n])'")
_SPECIAL = {
    '"': regex(r'["\\\r\n]|\$+'),
    "'": regex(r"['\\\r\n]"),
    '"""': regex(r'"""|\\|\$+'),
    "'''": regex(r"'''|\\"),
}
_LETTER = regex(r"[^\W\d]|`")
_SLASHY = regex(r"\\/|[/\r\n]")
_DOLLAR_SLASHY = regex(r"\$\$|\$/|/\$")
