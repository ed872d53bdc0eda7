"""The statements of a Gradle build script, each with the blocks around it."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, NamedTuple

from krow_versions.errors import FileFormatError
from krow_versions.formats.gradle_tokens import Token
from krow_versions.formats.model import CORRECT, MAX_DEPTH
from krow_versions.regexes import regex
from krow_versions.values import define, field, frozen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from krow_versions.formats.gradle_tokens import Scan


class Group(NamedTuple):
    """Brackets in a statement.

    Attributes:
        kind: the opening bracket.
        start: where they start.
        end: where they end.
        text: the opening bracket, as of a token.
        items: what is in them; of braces, only their last statement.
    """

    kind: str
    start: int
    end: int
    text: str
    items: list[Item]


Item = Token | Group
UNKNOWN = "?"
"""The name of a block whose code is not simply the configuration of one thing."""


@frozen
class Statement:
    """A statement: the names of the blocks around it, and what it consists of."""

    path: tuple[str, ...]
    items: list[Item]


def statements(found: Scan) -> Iterator[Statement]:
    """Yield the statements of a script, inner ones before those around them.

    Raises:
        FileFormatError: brackets do not match, or are nested too deeply.
    """
    frames = [_Frame(_START, ())]
    following = itertools.chain(found.tokens[1:], [_END])
    for token, after in zip(found.tokens, following, strict=False):
        frame = frames[-1]
        if token.kind == "open":
            if len(frames) > MAX_DEPTH:
                raise _wrong(found, token, "the file is nested too deeply")
            frames.append(_Frame(token, _path_of(found.text, frame, token)))
            continue
        if token.kind == "close":
            if frame.opening.text + token.text not in ("()", "[]", "{}"):
                raise _wrong(found, token, "this bracket closes nothing")
            frames.pop()
            frames[-1].add_group(frame, token)
        elif not (frame.is_block and _ends(token, frame.items, after)):
            frame.add(token)
            continue
        if frame.is_block and frame.items:
            yield Statement(frame.path, frame.items)
        frame.restart()
    if len(frames) > 1:
        raise _wrong(found, frames[-1].opening, "this bracket is not closed")
    if frames[0].items:
        yield Statement((), frames[0].items)


def _wrong(found: Scan, token: Token, message: str) -> FileFormatError:
    return FileFormatError(message, hint=CORRECT).located(found.text, token.start)


@define
class _Frame:
    """Open brackets, and the items of the statement in them that is not finished."""

    opening: Token
    path: tuple[str, ...]
    items: list[Item] = field(factory=list)
    name_from: int = 0

    def add(self, token: Token) -> None:
        if self.is_block and token.text == "->":
            self.restart()  # Before it are parameters, or the condition of a branch.
        elif token.kind != "newline":
            self.items.append(token)

    def add_group(self, inner: _Frame, closing: Token) -> None:
        opening = inner.opening
        self.items.append(Group(opening.text, opening.start, closing.end, opening.text, inner.items))
        if opening.text == "{":
            self.name_from = len(self.items)

    def restart(self) -> None:
        self.items = []
        self.name_from = 0

    @property
    def is_block(self) -> bool:
        return self.opening.text in ("", "{")


def _ends(token: Token, items: list[Item], after: Token) -> bool:
    if token.text == ";":
        return True
    if token.kind != "newline" or after.text in _CONTINUES:
        return False
    return not (items and items[-1].kind == "op" and items[-1].text not in ("++", "--"))


def _path_of(text: str, frame: _Frame, opening: Token) -> tuple[str, ...]:
    """Return the path of the statements behind an opening bracket."""
    if opening.text != "{":
        return frame.path
    outside = () if frame.is_block else (UNKNOWN,)
    items = frame.items[frame.name_from :]
    return (*frame.path, *outside, *(_name(text, items) if len(items) < _LONGEST else (UNKNOWN,)))


def _name(text: str, items: list[Item]) -> tuple[str, ...]:
    """Name the block that opens after *items*; empty if it is a branch, or code in place."""
    if not items:
        return (UNKNOWN,)
    if items[0].text in _BRANCHES:
        return ()
    if [item.text for item in items[:4:2]] == ["val", "by"] and items[-1].text in _DELEGATES:
        return (items[1].text,)
    names: list[str] = []
    expected, generic = True, False
    for item in items:
        if generic:
            generic = item.text != ">"
            names[-1] = "android" if _ANDROID.fullmatch(item.text) else names[-1]
        elif item.text in (".", "?."):
            expected = True
        elif expected and item.kind in ("name", "string"):
            names.append(item.text if item.kind == "name" else _unquoted(text, item))
            expected = False
        elif names and item.text == "<":
            generic = True
            names.append(UNKNOWN)
        elif not names or not _argument(text, names, item):
            return (UNKNOWN,)
    return tuple(name for name in names if name not in _SCOPES)


def _argument(text: str, names: list[str], item: Item) -> bool:
    """Put into *names* what an argument of the last says; False if it is no argument."""
    if isinstance(item, Group) and item.kind == "(":
        _with_arguments(text, names, item.items)
    elif item.kind == "string" and names[-1] in _NAMING:
        names[-1] = _unquoted(text, item)
    else:
        return item.text == ","
    return True


def _with_arguments(text: str, names: list[str], arguments: list[Item]) -> None:
    """Put into *names* what the arguments of their last say, as in ``create("staff")``, ``with(android)``."""
    if names[-1] in (*_NAMING, *_SCOPES) and arguments and arguments[0].kind == "string":
        names[-1] = _unquoted(text, arguments[0])
    elif names[-1] in _SCOPES and arguments:
        simple = all(each.kind == "name" or each.text in (".", "?.") for each in arguments)
        names[-1:] = [each.text for each in arguments if each.kind == "name"] if simple else [UNKNOWN]


def _unquoted(text: str, string: Item) -> str:
    return text[string.start + len(string.text) : string.end - len(string.text)]


_START = Token("open", 0, 0, "")
_END = Token("newline", 0, 0, "")
_LONGEST = 100  # Items before a block; the blocks in it repeat their names.
_CONTINUES = frozenset({".", "?.", "?:", "&&", "||", "{"})
_BRANCHES = frozenset(
    {"if", "else", "for", "while", "try", "catch", "finally", "switch", "when", "do", "synchronized"}
)
_DELEGATES = frozenset({"creating", "registering", "getting", "existing"})
_NAMING = frozenset({"create", "register", "getByName", "named", "maybeCreate"})
_SCOPES = frozenset(
    {"with", "apply", "run", "also", "let", "configure", "extensions", "project", "this", "it", "model"}
    | {"afterEvaluate"}
)
_ANDROID = regex(r"(?:Base|App|Application|Library|Common|Test|DynamicFeature)\w*Extension")
