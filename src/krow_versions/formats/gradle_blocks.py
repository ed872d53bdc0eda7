"""The statements of a Gradle build script, each with the blocks around it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import attrs

from krow_versions.errors import FileFormatError
from krow_versions.formats.gradle_tokens import Token
from krow_versions.formats.model import CORRECT, MAX_DEPTH

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


@attrs.frozen
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
    tokens = found.tokens
    for index, token in enumerate(tokens):
        frame = frames[-1]
        if token.kind == "open":
            if len(frames) > MAX_DEPTH:
                raise FileFormatError("the file is nested too deeply", hint=CORRECT).located(
                    found.text, token.start
                )
            path = frame.path
            if token.text == "{":
                outside = () if frame.is_block else (UNKNOWN,)
                path = (*path, *outside, *_name(found.text, frame.items[frame.name_from :]))
            frames.append(_Frame(token, path))
        elif token.kind == "close":
            if frame.opening.text + token.text not in ("()", "[]", "{}"):
                raise FileFormatError("this bracket closes nothing", hint=CORRECT).located(
                    found.text, token.start
                )
            frames.pop()
            if frame.is_block and frame.items:
                yield Statement(frame.path, frame.items)
            opening = frame.opening
            outer = frames[-1]
            outer.items.append(Group(opening.text, opening.start, token.end, opening.text, frame.items))
            if opening.text == "{":
                outer.name_from = len(outer.items)
        elif frame.is_block and _ends(token, frame.items, tokens[index + 1] if index + 1 < len(tokens) else None):
            if frame.items:
                yield Statement(frame.path, frame.items)
            frame.restart()
        elif frame.is_block and token.text == "->":
            frame.restart()  # Before it are parameters, or the condition of a branch.
        elif token.kind != "newline":
            frame.items.append(token)
    if len(frames) > 1:
        raise FileFormatError("this bracket is not closed", hint=CORRECT).located(
            found.text, frames[-1].opening.start
        )
    if frames[0].items:
        yield Statement((), frames[0].items)


@attrs.define
class _Frame:
    """Open brackets, and the items of the statement in them that is not finished."""

    opening: Token
    path: tuple[str, ...]
    items: list[Item] = attrs.field(factory=list)
    name_from: int = 0

    def restart(self) -> None:
        self.items = []
        self.name_from = 0

    @property
    def is_block(self) -> bool:
        return self.opening.text in ("", "{")


def _ends(token: Token, items: list[Item], following: Token | None) -> bool:
    if token.text == ";":
        return True
    if token.kind != "newline":
        return False
    if following is not None and following.text in _CONTINUES:
        return False
    return not (items and items[-1].kind == "op" and items[-1].text not in ("++", "--"))


def _name(text: str, items: list[Item]) -> tuple[str, ...]:
    """Name the block that opens after *items*; empty if it is a branch, or code in place."""
    if not items:
        return (UNKNOWN,)
    if items[0].text in _BRANCHES:
        return ()
    words = [item.text for item in items]
    if words[0] == "val" and len(words) > _BY and words[2] == "by" and words[3] in _DELEGATES:
        return (words[1],)
    names: list[str] = []
    expected = True
    generic = False
    for item in items:
        if generic:
            generic = item.text != ">"
            if _ANDROID.fullmatch(item.text):
                names[-1:] = ["android"]
        elif item.kind in ("name", "string") and expected:
            names.append(item.text if item.kind == "name" else _unquoted(text, item))
            expected = False
        elif item.text in (".", "?."):
            expected = True
        elif item.text == "<" and names:
            generic = True
        elif item.text == "," and names:
            continue
        elif item.kind == "string" and names and names[-1] in _NAMING:
            names[-1] = _unquoted(text, item)
        elif isinstance(item, Group) and item.kind == "(" and names:
            _with_arguments(text, names, item.items)
        else:
            return (UNKNOWN,)
    return tuple(name for name in names if name not in _SCOPES)


def _with_arguments(text: str, names: list[str], arguments: list[Item]) -> None:
    """Put into *names* what the arguments of their last say, as in ``create("staff")``, ``with(android)``."""
    if names[-1] in _NAMING and arguments and arguments[0].kind == "string":
        names[-1] = _unquoted(text, arguments[0])
    elif names[-1] in _SCOPES and arguments and all(each.kind in ("name", "op") for each in arguments):
        names[-1:] = [each.text for each in arguments if each.kind == "name"]


def _unquoted(text: str, string: Item) -> str:
    return text[string.start + len(string.text) : string.end - len(string.text)]


_START = Token("open", 0, 0, "")
_CONTINUES = frozenset({".", "?.", "?:", "&&", "||", "{"})
_BRANCHES = frozenset("if else for while try catch finally switch when do synchronized".split())
_BY = 3
_DELEGATES = frozenset({"creating", "registering", "getting", "existing"})
_NAMING = frozenset({"create", "register", "getByName", "named", "maybeCreate"})
_SCOPES = frozenset(
    "with apply run also let configure extensions project this it getting model afterEvaluate".split()
)
_ANDROID = re.compile(r"(?:Base|App|Application|Library|Common|Test|DynamicFeature|BaseApp\w*)\w*Extension")
