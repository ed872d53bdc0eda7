"""The targets of an Xcode project (``project.pbxproj``), and the versions that are written out for them.

Source: the file is an old-style property list (NeXTSTEP), with one dictionary of objects by id; a target
has a list of configurations, and so has the project, whose settings its targets inherit.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import attrs

from krow_versions.formats.literals import Written

if TYPE_CHECKING:
    from collections.abc import Iterator

    from krow_versions.formats.literals import Kind

MARKETING_VERSION = "MARKETING_VERSION"
PROJECT_VERSION = "CURRENT_PROJECT_VERSION"
SETTINGS = ("$(", "${")
"""What is before the name of a setting where its value is meant."""
_KINDS: dict[str, Kind] = {MARKETING_VERSION: "version", PROJECT_VERSION: "build"}
_SHIPPED = ("application", "extension")  # Types of products whose versions Apple compares.
_MAX_DEPTH = 100
_TOKEN = re.compile(
    r"""
    (?P<space> \s++ | //[^\n]* | /\*(?:[^*]|\*(?!/))*+(?:\*/|\Z) )
    | (?P<text> "(?:[^"\\]|\\.)*+" | '(?:[^'\\]|\\.)*+' | <[^>]*> | (?:[^\s{}()=;,"'<>/]|/(?![/*]))++ )
    | (?P<mark> . )
    """,
    re.VERBOSE | re.DOTALL,
)
_LISTS = {"{": "}", "(": ")"}


@attrs.frozen
class _Leaf:
    value: str
    start: int


_Node = dict[str, "_Node"] | list["_Node"] | _Leaf


@attrs.frozen
class Target:
    """The settings of a target of an app in one configuration, such as Release.

    Attributes:
        name: its name; empty if no target has these settings.
        values: the versions and builds that are written out for it, inherited ones included.
        plist: the path of its Info.plist from the project's folder; empty if it has none.
        generates: whether Xcode adds its version and build to the Info.plist.
    """

    name: str
    values: tuple[Written, ...]
    plist: str = ""
    generates: bool = False


@attrs.frozen
class Project:
    """What is known of an Xcode project.

    Attributes:
        targets: those of apps and extensions, one for each configuration.
        plists: the paths of all Info.plist files that a target names, those of tests included.
    """

    targets: tuple[Target, ...]
    plists: frozenset[str] = frozenset()


def read_project(text: str) -> Project:
    """Read the targets of a project; of a text that does not parse, whatever is written out in it."""
    tokens = [match for match in _TOKEN.finditer(text) if match.lastgroup != "space"]
    try:
        root = _parsed(tokens)
        return _project(text, _children(_children(root).get("objects")))
    except _Broken:
        found = (
            _written(text, _unquoted(key[0]), _leaf(value))
            for key, mark, value in zip(tokens, tokens[1:], tokens[2:], strict=False)
            if mark[0] == "=" and value.lastgroup == "text"
        )
        return Project((Target("", tuple(each for each in found if each)),))


class _Broken(Exception):
    """The text is no property list."""


def _project(text: str, objects: dict[str, _Node]) -> Project:
    kinds: dict[str, list[tuple[str, dict[str, _Node]]]] = {}
    for identifier, each in objects.items():
        kinds.setdefault(_text(_children(each).get("isa")), []).append((identifier, _children(each)))
    inherited: dict[str, dict[str, _Node]] = {}
    owned: set[str] = set()
    for _, each in kinds.get("PBXProject", ()):
        for identifier, name, settings in _configurations(objects, each):
            inherited[name] = settings
            owned.add(identifier)
    targets: list[Target] = []
    plists: set[str] = set()
    for isa in ("PBXNativeTarget", "PBXAggregateTarget", "PBXLegacyTarget"):
        for _, each in kinds.get(isa, ()):
            for identifier, name, settings in _configurations(objects, each):
                owned.add(identifier)
                target = _target(text, _text(each.get("name")), {**inherited.get(name, {}), **settings})
                plists |= {target.plist} - {""}
                if isa == "PBXNativeTarget" and _ships(each):
                    targets.append(target)
    for identifier, each in kinds.get("XCBuildConfiguration", ()):
        if identifier not in owned:
            targets.append(_target(text, "", _children(each.get("buildSettings"))))
    return Project(tuple(targets), frozenset(plists))


def _ships(target: dict[str, _Node]) -> bool:
    kind = _text(target.get("productType"))
    return any(each in kind for each in _SHIPPED) if kind else not _text(target.get("name")).endswith("Tests")


def _configurations(
    objects: dict[str, _Node], owner: dict[str, _Node]
) -> Iterator[tuple[str, str, dict[str, _Node]]]:
    """Give the id, the name and the settings of each configuration of a target or project."""
    listed = _children(objects.get(_text(owner.get("buildConfigurationList")))).get("buildConfigurations")
    for node in listed if isinstance(listed, list) else ():
        configuration = _children(objects.get(_text(node)))
        name = _text(configuration.get("name"))
        yield _text(node), name, _children(configuration.get("buildSettings"))


def _target(text: str, name: str, settings: dict[str, _Node]) -> Target:
    values = (_written(text, key, node, name) for key, node in settings.items() if isinstance(node, _Leaf))
    plist = re.sub(r"^\$[({](?:SRCROOT|PROJECT_DIR)[)}]/|^\./", "", _text(settings.get("INFOPLIST_FILE")))
    generates = _text(settings.get("GENERATE_INFOPLIST_FILE")).upper() in {"YES", "1", "TRUE"}
    return Target(name, tuple(each for each in values if each), plist, generates)


def _written(text: str, key: str, leaf: _Leaf, target: str = "") -> Written | None:
    kind = _KINDS.get(key.partition("[")[0])  # A setting may be for one platform: KEY[sdk=iphoneos*].
    if kind is None or not leaf.value or "$" in leaf.value:
        return None
    return Written(key.partition("[")[0], kind, leaf.value, text.count("\n", 0, leaf.start) + 1, target)


def _children(node: _Node | None) -> dict[str, _Node]:
    return node if isinstance(node, dict) else {}


def _text(node: _Node | None) -> str:
    return node.value if isinstance(node, _Leaf) else ""


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1], flags=re.DOTALL) if text[:1] in {'"', "'"} else text


def _leaf(token: re.Match[str]) -> _Leaf:
    return _Leaf(_unquoted(token[0]), token.start())


def _parsed(tokens: list[re.Match[str]]) -> _Node:
    """Parse a property list, without recursion."""
    top: list[_Node] = []
    stack: list[tuple[_Node, str | None]] = [(top, None)]  # Each list or dictionary, and the key in it.
    at = 0
    while at < len(tokens):
        token, word = tokens[at], tokens[at][0]
        at += 1
        node, key = stack[-1]
        if isinstance(node, dict) and key is None and word != "}":
            if token.lastgroup != "text" or at == len(tokens) or tokens[at][0] != "=":
                raise _Broken
            at += 1
            stack[-1] = node, _unquoted(word)
        elif word in _LISTS.values() and token.lastgroup == "mark":
            if len(stack) == 1 or (word == "}") != isinstance(node, dict):
                raise _Broken
            stack.pop()
            at = _ended(tokens, at, stack)
        else:
            child = _begun(token)
            _put(node, key, child)
            if isinstance(child, _Leaf):
                at = _ended(tokens, at, stack)
            elif len(stack) > _MAX_DEPTH:
                raise _Broken
            else:
                stack.append((child, None))
    if len(stack) != 1 or len(top) != 1:
        raise _Broken
    return top[0]


def _put(node: _Node, key: str | None, child: _Node) -> None:
    if isinstance(node, dict):
        node[key or ""] = child
    elif isinstance(node, list):
        node.append(child)


def _begun(token: re.Match[str]) -> _Node:
    if token.lastgroup == "text":
        return _leaf(token)
    if token[0] not in _LISTS:
        raise _Broken
    return {} if token[0] == "{" else []


def _ended(tokens: list[re.Match[str]], at: int, stack: list[tuple[_Node, str | None]]) -> int:
    """Pass the mark that ends a value: a semicolon in a dictionary, a comma in a list."""
    node, _ = stack[-1]
    mark = tokens[at][0] if at < len(tokens) else ""
    if isinstance(node, dict):
        if mark != ";":
            raise _Broken
        stack[-1] = node, None
        return at + 1
    return at + 1 if mark == "," else at
